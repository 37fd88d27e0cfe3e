"""A shop's bills as people look at them: how each stands, found again by month or number."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from billing import bill, settling
from billing.bill import Bill, HowToPay, Paid
from billing.enums import EntryKind, InvoiceKind, PayMethod
from billing.models import Account, Card, CardState, Invoice, LedgerEntry
from billing.settling import Back, Credit
from shopmsg.accounts.models import Shop

#: Bills a page of the list; a year of them.
PAGE: Final = 12

_YEAR: Final = re.compile(r"(20\d\d)\s*년?")
_MONTH: Final = re.compile(r"(?:(20\d\d)\s*[년.\-/]?\s*)?(0?[1-9]|1[0-2])\s*월?")


@dataclass(frozen=True, slots=True)
class Row:
    """A bill in the list; of its total `left_krw` is not settled."""

    number: str
    title: str
    issued_on: date
    due_on: date
    total_krw: int
    left_krw: int
    chip: str
    tone: str


@dataclass(frozen=True, slots=True)
class Listed:
    """One page of the list, newest first; `newer` and `older` are numbers of pages beside it, 0 where there is none, and
    `first`–`last` of `found` are shown."""

    rows: tuple[Row, ...]
    found: int
    first: int
    last: int
    newer: int
    older: int


def listed(shop: Shop, words: str, page: int, today: date) -> Listed:
    """The bills whose month or number `words` names ("" for all): "2026년 11월", "2026-11", "11월", "2026", "202611-000123". A
    page that is not there gives the nearest."""
    invoices = _invoices(shop)
    settled = _settled(invoices, _payments(shop))
    wanted = [invoice for invoice in reversed(invoices) if _matches(invoice, words.strip())]
    pages = max(1, -(-len(wanted) // PAGE))
    page = min(max(page, 1), pages)
    first = (page - 1) * PAGE
    shown = wanted[first : first + PAGE]
    rows = tuple(_row(invoice, settled.get(invoice.pk, ()), today) for invoice in shown)
    return Listed(
        rows=rows,
        found=len(wanted),
        first=first + 1 if rows else 0,
        last=first + len(rows),
        newer=page - 1,
        older=page + 1 if page < pages else 0,
    )


def bill_for(shop: Shop, number: str) -> Bill:
    """The shop's bill of that number. Raises Invoice.DoesNotExist when it has none."""
    found = shop.invoices.select_related("original").get(number=number)
    return _bill(found)


def bill_by_number(number: str) -> tuple[Shop, Bill]:
    """Any shop's bill, for staff. Raises Invoice.DoesNotExist."""
    found = Invoice.objects.select_related("original", "shop").get(number=number)
    return found.shop, _bill(found)


def balance_of(shop: Shop) -> int:
    """What the shop owes now, won; negative is to its credit, 0 for one that never had a contract."""
    return Account.objects.filter(shop=shop).values_list("balance_krw", flat=True).first() or 0


def _bill(invoice: Invoice) -> Bill:
    shop = invoice.shop
    invoices = _invoices(shop)
    payments = _payments(shop)
    moved = {str(entry.pk): entry for entry in payments}
    notes = {_note_key(note.pk): note for note in invoices if note.total_krw < 0}
    settled = _settled(invoices, payments)
    parts = settled.get(invoice.pk, ())
    earlier = invoices[: [each.pk for each in invoices].index(invoice.pk)]
    return bill.bill_of(
        invoice,
        list(invoice.entries.order_by("position", "pk")),
        payments=[_paid(part, moved, notes) for part in parts],
        earlier_left_krw=sum(_left(each, settled.get(each.pk, ())) for each in earlier),
        notes=[each for each in invoices if each.original_id == invoice.pk],
        paying=_paying(shop),
    )


def _paid(part: Credit, moved: Mapping[str, LedgerEntry], notes: Mapping[str, Invoice]) -> Paid:
    if part.key in notes:
        return bill.note_as_payment(notes[part.key], part.won)
    entry = moved[part.key]
    charge = getattr(entry, "charge", None)
    return bill.payment_of(entry, part.won, charge.receipt_url if charge is not None else "")


def _invoices(shop: Shop) -> list[Invoice]:
    """All of a shop, in the order they are to be settled: a few a month at most."""
    return list(shop.invoices.order_by("due_on", "pk"))


def _payments(shop: Shop) -> list[LedgerEntry]:
    kinds = [EntryKind.PAYMENT, EntryKind.PAYMENT_BACK]
    rows = LedgerEntry.objects.filter(shop=shop, kind__in=kinds).select_related("charge", "cancel__charge")
    return list(rows.order_by("posted_at", "pk"))


def _settled(invoices: Sequence[Invoice], moved: Sequence[LedgerEntry]) -> Mapping[int, tuple[Credit, ...]]:
    """What settled each invoice that charges something, by its primary key."""
    told = [
        *((entry.posted_at, entry.pk, _move(entry)) for entry in moved),
        *(
            (note.created_at, note.pk, Credit(_note_key(note.pk), -note.total_krw))
            for note in invoices
            if note.total_krw < 0
        ),
    ]
    told.sort(key=lambda each: each[:2])
    bills = [(invoice.pk, invoice.total_krw) for invoice in invoices if invoice.total_krw > 0]
    return settling.settle(bills, settling.kept(move for _at, _pk, move in told))


def _move(entry: LedgerEntry) -> Credit | Back:
    if entry.kind == EntryKind.PAYMENT:
        return Credit(str(entry.pk), -entry.amount_krw)
    cancel = getattr(entry, "cancel", None)
    # A card's cancellation knows its charge, a transfer taken for another shop's the payment it undoes.
    of = cancel.charge.entry_id if cancel is not None else entry.detail.get("of")
    return Back(entry.amount_krw, str(of) if of else "")


def _note_key(pk: int) -> str:
    return f"note:{pk}"


def _row(invoice: Invoice, settled: Sequence[Credit], today: date) -> Row:
    left_krw = _left(invoice, settled)
    return Row(
        number=invoice.number,
        title=bill.titled(InvoiceKind(invoice.kind), invoice.month),
        issued_on=invoice.issued_on,
        due_on=invoice.due_on,
        total_krw=invoice.total_krw,
        left_krw=left_krw,
        chip=bill.chip_words(invoice.total_krw, left_krw, invoice.due_on, today),
        tone=bill.tone_of(left_krw, invoice.due_on, today),
    )


def _left(invoice: Invoice, settled: Sequence[Credit]) -> int:
    return max(0, invoice.total_krw) - sum(part.won for part in settled)


def _matches(invoice: Invoice, words: str) -> bool:
    if year := _YEAR.fullmatch(words):
        return invoice.month.year == int(year[1])
    if month := _MONTH.fullmatch(words):
        same_year = month[1] is None or invoice.month.year == int(month[1])
        return same_year and invoice.month.month == int(month[2])
    return words.casefold() in invoice.number.casefold()


def _paying(shop: Shop) -> HowToPay:
    account = Account.objects.filter(shop=shop).first()
    if account is None:
        return HowToPay()
    card = Card.objects.filter(shop=shop, state=CardState.ACTIVE).first()
    return HowToPay(
        method=PayMethod(account.method),
        deposit_code=account.deposit_code,
        card=f"{card.issuer} {card.number}".strip() if card else "",
        phone_bill_line=account.phone_bill_line,
    )
