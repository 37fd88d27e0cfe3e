"""Why a message did not arrive, in words that belong to no vendor.

`Failure` is what vendors' status codes become; `Trouble` is what a driver writes as the code of an answer when the
vendor gave none. What people read about either is in messaging/failures.py.
"""

from enum import StrEnum


class Failure(StrEnum):
    """전달 실패 사유: a closed vocabulary; a code no table knows is UNKNOWN."""

    NONE = "none"
    UNKNOWN = "unknown"

    # Refused before sending, because of the message or the shop
    BAD_REQUEST = "bad_request"
    BAD_CHARACTERS = "bad_characters"
    TOO_LONG = "too_long"
    PICTURE_LOST = "picture_lost"
    NO_BALANCE = "no_balance"
    NO_ROUTE = "no_route"
    SENDER_UNREGISTERED = "sender_unregistered"
    SENDER_FORMAT = "sender_format"
    SENDER_SPOOFED = "sender_spoofed"
    KISA_BLOCKED = "kisa_blocked"
    ACCOUNT_BLOCKED = "account_blocked"
    SPAM_FILTERED = "spam_filtered"
    KAKAO_SETUP = "kakao_setup"

    # The person or the phone
    OPTED_OUT = "opted_out"
    RECIPIENT_BLOCKED = "recipient_blocked"
    SPAM_LISTED = "spam_listed"
    BAD_NUMBER = "bad_number"
    NO_SUBSCRIBER = "no_subscriber"
    UNSUPPORTED_PHONE = "unsupported_phone"
    PHONE_BUSY = "phone_busy"
    OUT_OF_COVERAGE = "out_of_coverage"
    PHONE_OFF = "phone_off"
    PHONE_FULL = "phone_full"
    PHONE_SUSPENDED = "phone_suspended"
    PHONE_FAULT = "phone_fault"
    RECIPIENT_REFUSES = "recipient_refuses"
    NOT_A_FRIEND = "not_a_friend"
    NOT_ON_KAKAO = "not_on_kakao"

    # On the way
    TIMED_OUT = "timed_out"
    CARRIER_BUSY = "carrier_busy"
    KAKAO_HOURS = "kakao_hours"
    GATEWAY_DOWN = "gateway_down"
    GATEWAY_ACCESS = "gateway_access"
    NO_ANSWER = "no_answer"

    @property
    def stops_shop(self) -> bool:
        """Whether the shop must send nothing more until a person looked: its number is the problem."""
        return self in _STOPS_SHOP

    @property
    def stops_account(self) -> bool:
        """Whether nobody can send through this gateway account until a person looked."""
        return self in _STOPS_ACCOUNT

    @property
    def is_optout(self) -> bool:
        """Whether this is a person's 수신거부, to be written to the opt-outs (rules.md §5)."""
        return self is Failure.OPTED_OUT


_STOPS_SHOP = frozenset({Failure.SENDER_UNREGISTERED, Failure.SENDER_SPOOFED, Failure.KISA_BLOCKED})
_STOPS_ACCOUNT = frozenset({Failure.ACCOUNT_BLOCKED, Failure.GATEWAY_ACCESS})


class Trouble(StrEnum):
    """The code of an answer that no vendor gave."""

    NOT_SENT = "not_sent"  # no connection: nothing was taken
    BUSY = "busy"  # 429: nothing was taken
    NO_ACCESS = "no_access"  # key, signature, address or clock refused: nothing was taken
    REFUSED_REQUEST = "refused_request"  # the request as a whole was refused: nothing was taken
    NO_ANSWER = "no_answer"  # timed out, reset or cut short
    SERVER_ERROR = "server_error"  # 5xx or a status that says nothing
    UNREADABLE = "unreadable"  # an answer that makes no sense
    UNREADABLE_RECIPIENT = "unreadable_recipient"  # ours: the number cannot be opened, nothing was sent
    REFUSED_PICTURE = "refused_picture"  # ours: its picture was refused, nothing was sent
    UNNAMED = "unnamed"  # a whole answer that does not say how this message fared
