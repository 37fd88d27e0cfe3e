"""카드 자동결제: charging a registered card every month. The contract that every payment company's driver keeps.

Drivers see no models, and no settings beyond their constructor; `connect` builds one from the settings. A card number
never reaches us: the owner types it on the payment company's page, and we hold a billing key (빌링키) for it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from billing.cards.reasons import Reason, sentence
from shopmsg.core.errors import ShopmsgError

__all__ = [
    "CancelOutcome", "CancelResult", "Cancellation", "CardError", "CardGateway", "CardType", "ChargeOutcome",
    "ChargeRequest", "ChargeResult", "Hint", "HintKind", "IssuedKey", "Method", "NotFound", "OwnerType", "Payment",
    "Reason", "WebhookMalformed", "sentence",
]  # fmt: skip


class ChargeOutcome(StrEnum):
    """What became of one charge, and what may be done next."""

    PAID = "paid"
    #: No money, a limit, or the issuer's no: the same card may work another day (new order id, new idempotency key).
    DECLINED_SOFT = "declined_soft"
    #: The card or its billing key is of no use any more: a new card is needed.
    DECLINED_DEAD = "declined_dead"
    #: Money may have moved. Never repeated blindly: look the order up.
    UNCERTAIN = "uncertain"
    #: Nothing was tried, or it is still running: ask again with the same idempotency key.
    RETRY_LATER = "retry_later"
    #: Our key or contract is refused: stop the run; the card is not to blame.
    CONFIG = "config"
    #: We asked for something that makes no sense: a bug of ours. Nothing was charged.
    FATAL = "fatal"


class CancelOutcome(StrEnum):
    """What became of one cancellation (결제 취소, whole or in part)."""

    DONE = "done"
    #: Not done; `balance` says what is left where it could be read. Look at the payment before asking with a new key.
    REFUSED = "refused"
    #: Perhaps done: read the payment, its `cancels` say so. The same idempotency key may be sent again.
    UNCERTAIN = "uncertain"
    RETRY_LATER = "retry_later"
    CONFIG = "config"
    FATAL = "fatal"


class Method(StrEnum):
    """What a billing key charges."""

    CARD = "card"
    TRANSFER = "transfer"
    UNKNOWN = "unknown"


class CardType(StrEnum):
    """신용 · 체크 · 기프트."""

    CREDIT = "credit"
    CHECK = "check"
    GIFT = "gift"
    UNKNOWN = "unknown"


class OwnerType(StrEnum):
    """개인 · 법인."""

    PERSONAL = "personal"
    CORPORATE = "corporate"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A billing key, to be stored at once: nothing reads it back later. `number_masked` is the card's number as people
    may see it; `issuer_code` the payment company's code of the card company and `issuer_name` its name ("" unknown)."""

    billing_key: str = field(repr=False)
    customer_key: str = field(repr=False)
    method: Method
    number_masked: str
    issuer_code: str
    card_type: CardType
    owner_type: OwnerType
    issuer_name: str = ""


@dataclass(frozen=True, slots=True)
class ChargeRequest:
    """One charge. `amount` in won, VAT inside; `order_id` 6–64 of `A-Za-z0-9_-`, unique for ever; `order_name` 1–100
    characters, on the owner's card statement; `idempotency_key` one per attempt: the same again charges nothing anew."""

    billing_key: str = field(repr=False)
    customer_key: str = field(repr=False)
    order_id: str
    order_name: str
    amount: int
    idempotency_key: str


@dataclass(frozen=True, slots=True)
class ChargeResult:
    """`code` is the vendor's word (upper case) or ours (lower case, e.g. "timeout"), `message` one Korean sentence for
    the owner, `raw` what the vendor said, without keys. `amount` and `balance` are what was charged and what of it
    has not been given back, in won, where the vendor said so."""

    outcome: ChargeOutcome
    payment_key: str = ""
    approved_at: datetime | None = None
    receipt_url: str = ""
    code: str = ""
    message: str = ""
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False)
    reason: Reason = Reason.NONE
    amount: int | None = None
    balance: int | None = None


@dataclass(frozen=True, slots=True)
class NotFound:
    """The vendor knows no such payment. Soon after a time-out that is no proof that none was made."""


@dataclass(frozen=True, slots=True)
class Cancellation:
    """One entry of a payment's `cancels`; `amount` in won."""

    transaction_key: str
    amount: int
    reason: str
    cancelled_at: datetime | None


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment as it stands. `status` is the vendor's word. It is fully refunded when `balance` is 0, whatever the status."""

    payment_key: str
    order_id: str
    status: str
    amount: int
    balance: int
    approved_at: datetime | None
    receipt_url: str
    cancels: tuple[Cancellation, ...]
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class CancelResult:
    """`amount` is what this cancellation gave back in won (0 unless DONE), `balance` what is left of the payment, None
    when it could not be read."""

    outcome: CancelOutcome
    amount: int = 0
    balance: int | None = None
    transaction_key: str = ""
    code: str = ""
    message: str = ""
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def fully_refunded(self) -> bool:
        return self.balance == 0


class HintKind(StrEnum):
    """What a webhook is about. Whatever it says is looked up before it is believed: it carries no signature."""

    PAYMENT = "payment"
    BILLING_DELETED = "billing_deleted"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Hint:
    """What to look up. `event_type` and `status` are the vendor's words; fields that were not given are ""."""

    kind: HintKind
    event_type: str = ""
    order_id: str = ""
    payment_key: str = ""
    billing_key: str = field(default="", repr=False)
    status: str = ""


class CardError(ShopmsgError):
    """A question that brought no usable answer. `outcome` is never PAID; `reason` chose the sentence."""

    def __init__(self, outcome: ChargeOutcome, code: str, reason: Reason) -> None:
        super().__init__(code, sentence(reason))
        self.outcome = outcome
        self.reason = reason


class WebhookMalformed(ShopmsgError):
    """A webhook that cannot be one: `code` says what is wrong with it."""


class CardGateway(Protocol):
    """A payment company. No method raises for what the company answers, unless said so."""

    def issue(self, auth_key: str, customer_key: str) -> IssuedKey:
        """Trade the one-time `auth_key` of the card page for a billing key.

        Asking again with the same two is safe and gives the same key. Raises CardError: UNCERTAIN and RETRY_LATER mean
        "ask again", DECLINED_… that the owner starts anew on the card page.
        """
        ...

    def charge(self, request: ChargeRequest) -> ChargeResult: ...

    def lookup(self, order_id: str, amount: int) -> ChargeResult | NotFound:
        """What became of a charge of `amount` won under `order_id`: PAID, DECLINED_… or still UNCERTAIN, nothing else.

        UNCERTAIN is also the answer when nothing was learned, e.g. because the vendor is down.
        """
        ...

    def payment(self, payment_key: str) -> Payment | NotFound:
        """The payment as it stands. Raises CardError when nothing was learned."""
        ...

    def cancel(self, payment_key: str, amount: int, reason: str, idempotency_key: str) -> CancelResult:
        """Give back `amount` won of a payment; `reason` 1–200 characters, kept by the vendor."""
        ...

    def remove(self, billing_key: str) -> None:
        """Forget a card at the vendor; one that is gone already is fine. Raises CardError when it may still be there."""
        ...

    def read_webhook(self, body: bytes) -> Hint:
        """Raises WebhookMalformed."""
        ...
