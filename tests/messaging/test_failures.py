"""Every way a message can fail has a sentence for the owner and something to do."""

import re

import pytest

from messaging.enums import Outcome
from messaging.failures import Failure, explain, failure_of
from messaging.gateways import solapi_codes
from messaging.gateways.failure import Trouble

DOCUMENTED = re.findall(
    r"\d{4}",
    """
    1010 1011 1013 1014 1023 1025 1026 1027 1028 1029 1030 1031 1034 1041 1042 1043 1044 1045 1046 1047
    1048 1049 1050 1051 1052 1053 1058 1060 1061 1062 1064 2060 2061 2062 2063 2064 2230 2254 3010 3013
    3031 3032 3040 3041 3042 3043 3044 3045 3046 3047 3050 3051 3053 3054 3055 3056 3057 3058 3059 3101
    3102 3103 3104 3105 3106 3107 3108
    """,
)


@pytest.mark.parametrize("code", [*DOCUMENTED, *Trouble, "9999", "", "2000", "한글"])
def test_every_code_has_a_polite_sentence_and_an_action(code: str) -> None:
    said = explain(code)
    for words in (said.sentence, said.action):
        # No Latin letters and no digits but those of a person's number.
        assert re.fullmatch(r"(?:[가-힣 ,.]|1877-3592)+요\.", words), words
    if code in DOCUMENTED:
        assert failure_of(code) not in (Failure.UNKNOWN, Failure.NONE)


def test_a_phone_that_was_off_reads_as_such() -> None:
    assert explain("3043").sentence == "받는 분의 전화기가 꺼져 있었어요."
    assert explain("3043").action.startswith("하실 일은 없어요.")


def test_only_a_number_in_trouble_stops_its_shop_and_only_an_account_in_trouble_stops_all() -> None:
    codes = [*DOCUMENTED, *Trouble]
    assert {c for c in codes if failure_of(c).stops_shop} == {"1062", "2062", "3059", "1064", "2064"}
    assert {c for c in codes if failure_of(c).stops_account} == {"2063", Trouble.NO_ACCESS}
    assert {c for c in codes if failure_of(c).is_optout} == {"1061", "2061"}


def test_what_was_refused_at_reception_never_reads_as_taken() -> None:
    for code in DOCUMENTED:
        expected = {Outcome.REJECTED, Outcome.RETRY_LATER} if code[0] == "1" else {Outcome.FAILED}
        assert solapi_codes.outcome_of(code) in expected
        assert solapi_codes.outcome_at_send(code, refused=True) in (Outcome.REJECTED, Outcome.RETRY_LATER)
    assert solapi_codes.outcome_at_send("9999", refused=True) is Outcome.UNCERTAIN
