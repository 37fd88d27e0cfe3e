"""내는 방법 as an owner looks at it: what is owed now, how it is paid, the card on file, what was paid lately."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.conf import settings

from billing import card_keys, charge_rounds, charges, methods
from billing.card_keys import OPEN
from billing.cards.toss import LEAST_AMOUNT
from billing.enums import EntryKind, PayMethod
from billing.models import Account, Card, CardCharge, CardState, ChargeState, LedgerEntry
from shopmsg.accounts.models import Shop
from shopmsg.core import phone
from shopmsg.core.clock import kst_day

#: Payments shown; the bills have all of them.
PAYMENTS: Final = 6


@dataclass(frozen=True, slots=True)
class Came:
    """Money that came in, or with `back` went back; `receipt_url` is the payment company's or ""."""

    day: date
    how: str
    won: int
    back: bool
    receipt_url: str


@dataclass(frozen=True, slots=True)
class PayState:
    """`owed_krw` is owed now, `credit_krw` is to the shop's credit; `due_on` the due day of the oldest open bill, `late` when it
    has passed. `charge` is the newest one: `moving` while its outcome is not known, `declined` when it was not paid and something
    is still owed. `planned_on` is when the card is charged next. `account_number` ("은행 계좌번호 예금주") is "" where none is set."""

    account: Account
    owed_krw: int
    credit_krw: int
    due_on: date | None
    late: bool
    card: Card | None
    charge: CardCharge | None
    moving: bool
    declined: bool
    ours: bool
    planned_on: date | None
    lines: tuple[tuple[str, str], ...]
    payments: tuple[Came, ...]
    account_number: str

    @property
    def card_works(self) -> bool:
        return self.card is not None and self.card.state == CardState.ACTIVE

    @property
    def can_pay(self) -> bool:
        """Whether the card can be charged at a press."""
        return self.card_works and self.owed_krw >= LEAST_AMOUNT and not self.moving

    @property
    def doubtful(self) -> bool:
        """확인 필요: the payment company said something of the card that no charge has proven."""
        return self.card_works and self.card is not None and bool(self.card.broken_for)

    @property
    def account_words(self) -> tuple[str, ...]:
        """The bank, the number and the holder, each to be kept on one line."""
        return tuple(self.account_number.split())

    @property
    def account_digits(self) -> str:
        """What is to be typed into a bank's app."""
        return next((word for word in self.account_words if word[:1].isdigit()), self.account_number)

    @property
    def deposit_code(self) -> str:
        return self.account.deposit_code


def pay_state(shop: Shop, now: datetime) -> PayState | None:
    """None for a shop that never had a contract."""
    account = Account.objects.filter(shop=shop).first()
    if account is None:
        return None
    today = kst_day(now)
    charge = next(iter(charges.newest(shop, 1)), None)
    owed = max(0, account.balance_krw)
    by_card = account.method == PayMethod.CARD and card_keys.active(shop.pk) is not None and owed > 0
    return PayState(
        account=account,
        owed_krw=owed,
        credit_krw=max(0, -account.balance_krw),
        due_on=account.unpaid_since,
        late=account.unpaid_since is not None and account.unpaid_since < today,
        card=card_keys.on_file(account),
        charge=charge,
        moving=charge is not None and charge.state in OPEN,
        declined=charge is not None and charge.state == ChargeState.DECLINED and owed > 0,
        ours=charge is not None and charge.state == ChargeState.PREPARED and bool(charge.code),
        planned_on=charge_rounds.planned_day(account, now) if by_card else None,
        lines=tuple((number, phone.hyphenate(number)) for number in methods.lines_of(shop)),
        payments=_payments(shop),
        account_number=settings.SUPPLIER["bank_account"],
    )


def _payments(shop: Shop) -> tuple[Came, ...]:
    kinds = [EntryKind.PAYMENT, EntryKind.PAYMENT_BACK]
    rows = LedgerEntry.objects.filter(shop=shop, kind__in=kinds).select_related("charge")
    return tuple(_came(entry) for entry in rows.order_by("-posted_at", "-pk")[:PAYMENTS])


def _came(entry: LedgerEntry) -> Came:
    charge = getattr(entry, "charge", None)
    return Came(
        day=entry.first,
        how=entry.label,
        won=abs(entry.amount_krw),
        back=entry.kind == EntryKind.PAYMENT_BACK,
        receipt_url=charge.receipt_url if charge is not None else "",
    )
