"""SOLAPI's status codes in our words (reference: SOLAPI v4 message status codes; design.md §3 habit 7).

1xxx was refused at reception, 2xxx failed inside the platform, 3xxx at the carrier or at Kakao.
"""

from messaging.enums import Outcome
from messaging.gateways.failure import Failure

_REJECTED: dict[Failure, str] = {
    Failure.BAD_REQUEST: "1010 1011 1025 1026 1032",
    Failure.BAD_CHARACTERS: "1027 1028 1029",
    Failure.TOO_LONG: "1013 1014 1031",
    Failure.KAKAO_SETUP: "1041 1042 1043 1044 1045 1046 1047 1048 1049 1050 1051 1052 1053",
    Failure.RECIPIENT_BLOCKED: "1060",
    Failure.OPTED_OUT: "1061",
    Failure.SENDER_UNREGISTERED: "1062",
    Failure.KISA_BLOCKED: "1064",
}
# Refused at reception for a reason that passes: nothing was taken, and the same message may succeed later.
_RETRY_LATER: dict[Failure, str] = {
    Failure.PICTURE_LOST: "1023 1034",
    Failure.NO_BALANCE: "1030",
    Failure.NO_ROUTE: "1058",
}
_FAILED: dict[Failure, str] = {
    Failure.RECIPIENT_BLOCKED: "2060",
    Failure.OPTED_OUT: "2061",
    Failure.SENDER_UNREGISTERED: "2062",
    Failure.ACCOUNT_BLOCKED: "2063",
    Failure.KISA_BLOCKED: "2064",
    Failure.NO_BALANCE: "2230",
    Failure.SPAM_FILTERED: "2254 3054",
    Failure.BAD_NUMBER: "3010",
    Failure.SENDER_FORMAT: "3013",
    Failure.NO_SUBSCRIBER: "3031 3032",
    Failure.UNSUPPORTED_PHONE: "3050 3051",
    Failure.TIMED_OUT: "3040",
    Failure.PHONE_BUSY: "3041",
    Failure.OUT_OF_COVERAGE: "3042",
    Failure.PHONE_OFF: "3043",
    Failure.PHONE_FULL: "3044",
    Failure.PHONE_SUSPENDED: "3045",
    Failure.PHONE_FAULT: "3046",
    Failure.RECIPIENT_REFUSES: "3047",
    Failure.CARRIER_BUSY: "3053 3056 3057",
    Failure.SPAM_LISTED: "3055",
    Failure.NO_ROUTE: "3058",
    Failure.SENDER_SPOOFED: "3059",
    Failure.KAKAO_SETUP: "3101 3103 3105 3106",
    Failure.NOT_A_FRIEND: "3102",
    Failure.NOT_ON_KAKAO: "3104 3107",
    Failure.KAKAO_HOURS: "3108",
}

CODES: dict[str, tuple[Outcome, Failure]] = {
    "2000": (Outcome.ACCEPTED, Failure.NONE),
    "3000": (Outcome.HANDED_OVER, Failure.NONE),
    "4000": (Outcome.DELIVERED, Failure.NONE),
    **{code: (Outcome.REJECTED, failure) for failure, codes in _REJECTED.items() for code in codes.split()},
    **{
        code: (Outcome.RETRY_LATER, failure)
        for failure, codes in _RETRY_LATER.items()
        for code in codes.split()
    },
    **{code: (Outcome.FAILED, failure) for failure, codes in _FAILED.items() for code in codes.split()},
}
_NOT_KNOWN = (Outcome.UNKNOWN, Failure.UNKNOWN)


def outcome_of(code: str) -> Outcome:
    """What a stored or reported code says of its message; UNKNOWN for a word the table lacks."""
    return CODES.get(code, _NOT_KNOWN)[0]


def failure_of(code: str) -> Failure:
    """Why; NONE for the codes of success."""
    return CODES.get(code, _NOT_KNOWN)[1]


def outcome_at_send(code: str, *, refused: bool) -> Outcome:
    """The same in the answer to a send request: ACCEPTED, REJECTED, RETRY_LATER or UNCERTAIN.

    `refused` says which of the answer's two lists named the message. A success among the refused, or a word nobody
    knows, says nothing for sure.
    """
    outcome, failure = CODES.get(code, _NOT_KNOWN)
    if outcome in (Outcome.REJECTED, Outcome.RETRY_LATER):
        return outcome
    if outcome is Outcome.FAILED:
        passing = failure.stops_account or failure is Failure.NO_BALANCE
        return Outcome.RETRY_LATER if refused and passing else Outcome.REJECTED
    if outcome is Outcome.UNKNOWN or refused:
        return Outcome.UNCERTAIN
    return Outcome.ACCEPTED
