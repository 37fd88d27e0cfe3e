"""Toss Payments' words in ours: one dict for its error codes (reference payments.md §1.9), one each for the rest."""

from typing import Final

from billing.cards import CardType, ChargeOutcome, Method, OwnerType, Reason

_SOFT, _DEAD = ChargeOutcome.DECLINED_SOFT, ChargeOutcome.DECLINED_DEAD
_CONFIG, _FATAL = ChargeOutcome.CONFIG, ChargeOutcome.FATAL
_UNCERTAIN, _LATER = ChargeOutcome.UNCERTAIN, ChargeOutcome.RETRY_LATER

#: A code that is not here is uncertain: fail closed.
ERRORS: Final[dict[str, tuple[ChargeOutcome, Reason]]] = {
    # What we sent makes no sense.
    "INVALID_REQUEST": (_FATAL, Reason.OURS),
    "INVALID_REQUIRED_PARAM": (_FATAL, Reason.OURS),
    "INVALID_ORDER_ID": (_FATAL, Reason.OURS),
    "INVALID_IDEMPOTENCY_KEY": (_FATAL, Reason.OURS),
    "BELOW_MINIMUM_AMOUNT": (_FATAL, Reason.OURS),
    # Our key or our contract.
    "INVALID_API_KEY": (_CONFIG, Reason.OURS),
    "UNAUTHORIZED_KEY": (_CONFIG, Reason.OURS),
    "INCORRECT_BASIC_AUTH_FORMAT": (_CONFIG, Reason.OURS),
    "FORBIDDEN_REQUEST": (_CONFIG, Reason.OURS),
    "NOT_SUPPORTED_WIDGET_KEY": (_CONFIG, Reason.OURS),
    # The billing key is of no use any more.
    "INVALID_BILL_KEY_REQUEST": (_DEAD, Reason.KEY_GONE),
    "ALREADY_REMOVED_BILLING_KEY": (_DEAD, Reason.KEY_GONE),
    "BILLING_KEY_NOT_FOUND": (_DEAD, Reason.KEY_GONE),
    "NOT_FOUND_BILLING": (_DEAD, Reason.KEY_GONE),
    "NOT_MATCHES_CUSTOMER_KEY": (_DEAD, Reason.KEY_GONE),
    # The card is.
    "INVALID_STOPPED_CARD": (_DEAD, Reason.STOPPED),
    "INVALID_CARD_EXPIRATION": (_DEAD, Reason.EXPIRED),
    "INVALID_CARD_NUMBER": (_DEAD, Reason.WRONG_CARD),
    "INVALID_CARD_LOST_OR_STOLEN": (_DEAD, Reason.LOST),
    "NOT_SUPPORTED_CARD_TYPE": (_DEAD, Reason.UNSUPPORTED),
    "NOT_REGISTERED_CARD_COMPANY": (_DEAD, Reason.UNSUPPORTED),
    # Not today.
    "INVALID_REJECT_CARD": (_SOFT, Reason.REFUSED),
    "REJECT_CARD_COMPANY": (_SOFT, Reason.REFUSED),
    "REJECT_CARD_PAYMENT": (_SOFT, Reason.NO_FUNDS),
    "REJECT_ACCOUNT_PAYMENT": (_SOFT, Reason.NO_FUNDS),
    "EXCEED_MAX_AUTH_COUNT": (_SOFT, Reason.LIMIT),
    "EXCEED_MAX_PAYMENT_AMOUNT": (_SOFT, Reason.LIMIT),
    "EXCEED_MAX_AMOUNT": (_SOFT, Reason.LIMIT),
    "EXCEED_MAX_ONE_DAY_WITHDRAW_AMOUNT": (_SOFT, Reason.LIMIT),
    "EXCEED_MAX_ONE_TIME_WITHDRAW_AMOUNT": (_SOFT, Reason.LIMIT),
    "EXCEED_MAX_CARD_INSTALLMENT_PLAN": (_SOFT, Reason.LIMIT),
    # Perhaps paid already, or nobody knows.
    "DUPLICATED_ORDER_ID": (_UNCERTAIN, Reason.CHECKING),
    "ALREADY_PROCESSED_PAYMENT": (_UNCERTAIN, Reason.CHECKING),
    "PROVIDER_ERROR": (_UNCERTAIN, Reason.CHECKING),
    "CARD_PROCESSING_ERROR": (_UNCERTAIN, Reason.CHECKING),
    "FAILED_INTERNAL_SYSTEM_PROCESSING": (_UNCERTAIN, Reason.CHECKING),
    "FAILED_DB_PROCESSING": (_UNCERTAIN, Reason.CHECKING),
    "FAILED_CARD_COMPANY_RESPONSE": (_UNCERTAIN, Reason.CHECKING),
    "IDEMPOTENT_REQUEST_PROCESSING": (_LATER, Reason.LATER),
}

#: The vendor's definite no to a cancellation; the payment is read back before anything is concluded.
CANCEL_REFUSALS: Final = frozenset(
    {
        "ALREADY_CANCELED_PAYMENT", "NOT_MATCHES_REFUNDABLE_AMOUNT", "REFUND_REJECTED", "NOT_CANCELABLE_AMOUNT",
        "NOT_CANCELABLE_PAYMENT", "EXCEED_MAX_REFUND_DUE", "NOT_ALLOWED_PARTIAL_REFUND", "NOT_AVAILABLE_BANK",
        "FORBIDDEN_CONSECUTIVE_REQUEST", "NOT_FOUND_PAYMENT",
    }
)  # fmt: skip

#: A billing key that answers so to its removal is gone.
GONE: Final = frozenset(
    {"INVALID_BILL_KEY_REQUEST", "BILLING_KEY_NOT_FOUND", "NOT_FOUND_BILLING", "ALREADY_REMOVED_BILLING_KEY"}
)

METHODS: Final = {
    "카드": Method.CARD,
    "CARD": Method.CARD,
    "계좌이체": Method.TRANSFER,
    "TRANSFER": Method.TRANSFER,
}
CARD_TYPES: Final = {"신용": CardType.CREDIT, "체크": CardType.CHECK, "기프트": CardType.GIFT}
OWNER_TYPES: Final = {"개인": OwnerType.PERSONAL, "법인": OwnerType.CORPORATE}
#: Card companies by the vendor's code; the owner recognises the card by it.
ISSUERS: Final = {
    "3K": "기업비씨", "46": "광주은행", "71": "롯데카드", "30": "산업은행", "31": "BC카드", "51": "삼성카드",
    "38": "새마을금고", "41": "신한카드", "62": "신협", "36": "씨티카드", "33": "우리BC카드", "W1": "우리카드",
    "37": "우체국", "39": "저축은행", "35": "전북은행", "42": "제주은행", "15": "카카오뱅크", "3A": "케이뱅크",
    "24": "토스뱅크", "21": "하나카드", "61": "현대카드", "11": "국민카드", "91": "농협카드", "34": "수협은행",
}  # fmt: skip

# What the card page says when it sends the owner back without a card; the code comes out of the browser's address.
_GIVEN_UP: Final = frozenset({"PAY_PROCESS_CANCELED", "USER_CANCEL"})


def registration_failed(code: str) -> Reason:
    """Why the card page came back to `failUrl` with `code`."""
    if code in _GIVEN_UP:
        return Reason.GIVEN_UP
    known = ERRORS.get(code, (_UNCERTAIN, Reason.NOT_REGISTERED))
    return (
        known[1] if known[0] in (_SOFT, _DEAD) and known[1] is not Reason.KEY_GONE else Reason.NOT_REGISTERED
    )
