"""청구서: what a bill says, one structure for the page, the PDF and the receipt. Nothing here asks the database.

What the bill charges is the invoice's and never changes; what came in for it since (`payments`, `left_krw`, `notes`) is read
off the ledger when somebody looks. Amounts are won; whatever is in the shop's favour is negative.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from billing import dates
from billing.enums import EntryKind, InvoiceKind, PayMethod
from billing.models import Invoice, LedgerEntry
from billing.proration import span
from shopmsg.core import business_number, phone
from shopmsg.core.clock import format_day
from shopmsg.core.money import format_won

#: How money came, in a word.
_CAME_BY: Final = {
    PayMethod.CARD: "카드",
    PayMethod.TRANSFER: "계좌 이체",
    PayMethod.PHONE_BILL: "KT 전화요금",
}


@dataclass(frozen=True, slots=True)
class Party:
    """Who sends a bill, or gets it, as it stood on the day of the bill (billing.party). `number` has its hyphens, `shop` is
    the shop's name where it is another than the merchant's."""

    name: str
    shop: str
    number: str
    representative: str
    address: str


@dataclass(frozen=True, slots=True)
class BillLine:
    """One charge. `days` says which days it is for, `why` how the amount came about, without repeating the days."""

    label: str
    days: str
    amount_krw: int
    why: str
    is_usage: bool


@dataclass(frozen=True, slots=True)
class Paid:
    """What settled the bill, or a part of it: money that came in, or a note in the shop's favour (`note`: its number).
    `receipt_url` is the payment company's, https, or ""."""

    day: date
    how: str
    amount_krw: int
    receipt_url: str = ""
    note: str = ""

    @property
    def said(self) -> str:
        """ "11월 20일(금) 카드 15,400원"."""
        return f"{format_day(self.day)} {self.how} {format_won(self.amount_krw)}"


@dataclass(frozen=True, slots=True)
class Reference:
    """Another bill that this one speaks of."""

    number: str
    title: str
    issued_on: date
    total_krw: int


@dataclass(frozen=True, slots=True)
class HowToPay:
    """How the shop pays now. `card` is the masked number with its company, "" without a card."""

    method: PayMethod = PayMethod.NONE
    deposit_code: str = ""
    card: str = ""
    phone_bill_line: str = ""


@dataclass(frozen=True, slots=True)
class Bill:
    """One bill. `carried_krw` is what was owed before it (negative: what stood to the shop's credit), `to_pay_krw` what was to
    be paid on the day it was made, `left_krw` what of its own total is left now, `earlier_left_krw` what is left of the
    bills that are settled before it. `how_to_pay` is empty once nothing is left of it."""

    number: str
    kind: InvoiceKind
    month: date
    issued_on: date
    due_on: date
    seller: Party
    buyer: Party
    lines: tuple[BillLine, ...]
    supply_krw: int
    vat_krw: int
    total_krw: int
    carried_krw: int
    left_krw: int
    earlier_left_krw: int
    payments: tuple[Paid, ...]
    original: Reference | None
    notes: tuple[Reference, ...]
    how_to_pay: tuple[str, ...]

    @property
    def title(self) -> str:
        """ "2026년 11월 청구서"."""
        return titled(self.kind, self.month)

    @property
    def to_pay_krw(self) -> int:
        """내실 금액 of the day it was made; 0 when what stood to the shop's credit was enough."""
        return max(0, self.total_krw + self.carried_krw)

    @property
    def headline(self) -> tuple[str, int]:
        """What it comes to as it stands now, and what that is called: whoever pays it settles what is older first."""
        if self.total_krw < 0:
            return "돌려드리는 금액", self.total_krw
        if self.left_krw:
            return "내실 금액", self.left_krw + self.earlier_left_krw
        return "이번 청구 금액", self.total_krw

    @property
    def over_krw(self) -> int:
        """What stays to the shop's credit after this bill, for the next."""
        return max(0, -self.total_krw - self.carried_krw)

    @property
    def paid_krw(self) -> int:
        """What settled it so far."""
        return sum(each.amount_krw for each in self.payments)

    @property
    def state(self) -> str:
        """How it stands, in a few words: what is left is this bill's own, not what came over from before."""
        words = state_words(self.total_krw, self.left_krw)
        return f"이번 청구에서 {words}" if self.left_krw and self.earlier_left_krw else words

    def tone(self, today: date) -> str:
        """The tone of its chip: see `tone_of`."""
        return tone_of(self.left_krw, self.due_on, today)

    def chip(self, today: date) -> str:
        """Its state, and whether the day to pay is over."""
        return chip_words(self.total_krw, self.left_krw, self.due_on, today)


def titled(kind: InvoiceKind, month: date) -> str:
    """ "2026년 11월 청구서", "2026년 11월 정정 청구서"."""
    return f"{month.year}년 {month.month}월 {kind.label}"


def state_words(total_krw: int, left_krw: int) -> str:
    """How a bill stands, whatever day it is."""
    if total_krw < 0:
        return "돌려드렸어요"
    if not total_krw:
        return "내실 돈이 없어요"
    return f"{format_won(left_krw)} 남음" if left_krw else "다 냈어요"


def chip_words(total_krw: int, left_krw: int, due_on: date, today: date) -> str:
    """How a bill stands today: who is late is told so."""
    words = state_words(total_krw, left_krw)
    return f"{words} · 기한 지남" if left_krw and due_on < today else words


def tone_of(left_krw: int, due_on: date, today: date) -> str:
    """ "sent" when settled, "waiting" when there is time, "failed" when late."""
    if not left_krw:
        return "sent"
    return "failed" if due_on < today else "waiting"


def bill_of(
    invoice: Invoice,
    entries: Sequence[LedgerEntry],
    *,
    payments: Sequence[Paid],
    earlier_left_krw: int,
    notes: Sequence[Invoice],
    paying: HowToPay,
) -> Bill:
    """The bill of an invoice (with `original` read), its entries in order, what settled it oldest first, what is left of
    older bills, the notes that correct it, and how its shop pays."""
    left = max(0, invoice.total_krw) - sum(each.amount_krw for each in payments)
    seller = invoice.party.get("seller", {})
    return Bill(
        number=invoice.number,
        kind=InvoiceKind(invoice.kind),
        month=invoice.month,
        issued_on=invoice.issued_on,
        due_on=invoice.due_on,
        seller=_party(seller),
        buyer=_party(invoice.party.get("buyer", {})),
        lines=tuple(_line(entry) for entry in entries),
        supply_krw=invoice.supply_krw,
        vat_krw=invoice.vat_krw,
        total_krw=invoice.total_krw,
        carried_krw=invoice.carried_krw,
        left_krw=left,
        earlier_left_krw=earlier_left_krw,
        payments=tuple(payments),
        original=_reference(invoice.original) if invoice.original else None,
        notes=tuple(_reference(note) for note in notes),
        how_to_pay=_how_to_pay(invoice, paying, str(seller.get("bank_account", ""))) if left else (),
    )


def payment_of(entry: LedgerEntry, amount_krw: int, receipt_url: str) -> Paid:
    """A payment, or the part of it that settled a bill. An address that is not https is left out."""
    how = _CAME_BY.get(PayMethod(entry.method), "납부") if entry.method else "납부"
    return Paid(entry.first, how, amount_krw, receipt_url if receipt_url.startswith("https://") else "")


def note_as_payment(note: Invoice, amount_krw: int) -> Paid:
    """A note in the shop's favour, or the part of it that settled a bill."""
    return Paid(note.issued_on, "정정 청구서로 빼 드림", amount_krw, note=note.number)


def _line(entry: LedgerEntry) -> BillLine:
    days = span(entry.first, entry.last)
    # Sentences of billing.proration begin with the days, which have a place of their own here.
    why = entry.sentence.removeprefix(days).strip()
    return BillLine(entry.label, days, entry.amount_krw, why, entry.kind == EntryKind.USAGE)


def _party(said: Mapping[str, Any]) -> Party:
    name, shop = str(said.get("name", "")), str(said.get("shop", ""))
    return Party(
        name=name,
        shop=shop if shop != name else "",
        number=business_number.hyphenate(str(said.get("number", ""))),
        representative=str(said.get("representative", "")),
        address=str(said.get("address", "")),
    )


def _reference(invoice: Invoice) -> Reference:
    return Reference(
        invoice.number,
        titled(InvoiceKind(invoice.kind), invoice.month),
        invoice.issued_on,
        invoice.total_krw,
    )


def _how_to_pay(invoice: Invoice, paying: HowToPay, bank_account: str) -> tuple[str, ...]:
    if paying.method == PayMethod.PHONE_BILL:
        line = f"({phone.hyphenate(paying.phone_bill_line)})" if paying.phone_bill_line else ""
        return (f"KT 전화요금{line}에 합산돼요. 따로 보내실 돈은 없어요.",)
    if paying.method == PayMethod.CARD and paying.card:
        day = dates.charged_on(invoice.month).day
        return (f"매달 {day}일에 등록하신 카드 {paying.card}에서 빠져요. 따로 보내실 돈은 없어요.",)
    if not bank_account:
        return ("카드를 등록하시면 자동으로 결제돼요.",)
    found = [f"보내실 계좌: {bank_account}"]
    if paying.deposit_code:
        found.append(f"보내는 분 이름 뒤에 숫자 {paying.deposit_code}도 적어 주시면 바로 확인돼요.")
    return tuple(found)
