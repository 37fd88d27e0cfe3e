"""Standard Webhooks signatures, against PyPI's own implementation."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from shopmsg.core.signatures import secret_bytes, signing_source
from tests.services import HOOK_SOURCES, KT_NEW, KT_OLD, PBX
from tests.telephone import signed_headers

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
BODY = '{"calls": ["한글"]}'.encode()


def source_of(headers: dict[str, str], body: bytes = BODY, now: datetime = NOW) -> str | None:
    return signing_source(HOOK_SOURCES, headers, body, now)


@given(st.text(max_size=200), st.sampled_from([KT_NEW, KT_OLD, PBX]))
def test_what_the_reference_library_signs_is_accepted_for_the_source_that_signed(
    text: str, secret: str
) -> None:
    body = text.encode("utf-8", "surrogatepass")
    assert source_of(signed_headers(body, secret, NOW), body) == ("pbx" if secret == PBX else "kt")


def test_our_own_reading_of_a_secret_is_the_librarys() -> None:
    now = datetime.now(UTC)
    headers = signed_headers(BODY, KT_NEW, now)
    assert source_of(headers, now=now) == "kt"
    Webhook(KT_NEW).verify(BODY, headers)


@pytest.mark.parametrize(
    ("away", "fits"), [(300, True), (301, False), (-300, True), (-301, False), (86_400, False)]
)
def test_a_signature_is_good_for_five_minutes_either_way(away: int, fits: bool) -> None:
    headers = signed_headers(BODY, KT_NEW, NOW - timedelta(seconds=away))
    assert (source_of(headers) is not None) is fits


@given(st.integers(0, len(BODY) - 1), st.integers(0, 7))
def test_one_changed_bit_of_the_body_is_enough(place: int, bit: int) -> None:
    headers = signed_headers(BODY, KT_NEW, NOW)
    changed = BODY[:place] + bytes([BODY[place] ^ 1 << bit]) + BODY[place + 1 :]
    assert source_of(headers, changed) is None


def test_id_and_time_are_signed_too() -> None:
    headers = signed_headers(BODY, KT_NEW, NOW)
    assert source_of(headers | {"webhook-id": "msg_other"}) is None
    assert source_of(headers | {"webhook-timestamp": str(int(NOW.timestamp()) + 1)}) is None


def test_among_many_signatures_one_good_one_is_enough() -> None:
    headers = signed_headers(BODY, PBX, NOW)
    good = headers["webhook-signature"]
    junk = [signed_headers(BODY, "whsec_" + "eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4", NOW)["webhook-signature"]] * 5
    mixed = " ".join(["v1a,abc", "v2,abc", "v1", ",", "v1,", *junk, good])
    assert source_of(headers | {"webhook-signature": mixed}) == "pbx"
    assert source_of(headers | {"webhook-signature": " ".join([*junk * 20, good])}) is None


def test_a_signature_of_another_version_is_not_taken_for_ours() -> None:
    headers = signed_headers(BODY, KT_NEW, NOW)
    for version in ("v1a", "v2", "V1", ""):
        other = headers["webhook-signature"].replace("v1,", f"{version},")
        assert source_of(headers | {"webhook-signature": other}) is None


@given(
    st.dictionaries(
        st.sampled_from(["webhook-id", "webhook-timestamp", "webhook-signature"]),
        st.one_of(
            st.text(max_size=40),
            st.sampled_from(
                ["v1,", "v1,é", "v1,한글", "1", "-1", "1e9", "0x10", "9" * 400, "١٢٣", "nan", "\x00", "\xff"]
            ),
        ),
    )
)
def test_no_header_junk_is_accepted_or_breaks_the_door(headers: dict[str, str]) -> None:
    assert source_of(headers) is None
    whole = signed_headers(BODY, KT_NEW, NOW)
    for name, value in headers.items():
        if value.split() != whole[name].split():
            assert source_of(whole | {name: value}) is None


@pytest.mark.parametrize(
    "secret", ["", "whsec_", "whsec_c2hvcnQ=", "whsec_한글", KT_NEW.removeprefix("whsec_"), KT_NEW + "*"]
)
def test_an_unfit_secret_is_refused_without_being_quoted(secret: str) -> None:
    with pytest.raises(ValueError) as refused:
        secret_bytes(secret)
    part = secret.removeprefix("whsec_")
    assert not part or part not in str(refused.value)
