"""원장: the one door through which a shop's money moves. Entries are only ever added (PostgreSQL refuses the rest), each under
a key of its own, and the account's balance follows in the same transaction.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Sum

from billing import dates, vat
from billing.enums import EntryKind, InvoiceKind, PayMethod
from billing.models import Account, Invoice, LedgerEntry, Subscription
from billing.vat import Parts
from shopmsg.accounts.models import Shop, User
from shopmsg.core.clock import kst_day


@dataclass(frozen=True, slots=True)
class Posting:
    """An entry about to be made: see LedgerEntry."""

    kind: EntryKind
    key: str
    parts: Parts
    first: date
    last: date
    label: str
    sentence: str
    discount_krw: int = 0
    anchor: date | None = None
    detail: dict[str, Any] = field(default_factory=dict)
    subscription: Subscription | None = None


@dataclass(frozen=True, slots=True)
class Open:
    """An invoice that is not settled, and how much of it is left."""

    invoice: Invoice
    left_krw: int


def locked(shop_id: int) -> Account:
    """The shop's account with its row locked until the transaction ends: whoever moves its money begins here. Raises
    Account.DoesNotExist for a shop that never had a subscription."""
    return Account.objects.select_for_update(no_key=True).get(shop_id=shop_id)


def entries_of(postings: Iterable[Posting], invoice: Invoice, now: datetime) -> list[LedgerEntry]:
    """The rows of an invoice's postings, in order; to be stored together with it."""
    return [
        LedgerEntry(
            shop_id=invoice.shop_id,
            kind=posting.kind,
            key=posting.key,
            amount_krw=posting.parts.total_krw,
            supply_krw=posting.parts.supply_krw,
            vat_krw=posting.parts.vat_krw,
            discount_krw=posting.discount_krw,
            anchor=posting.anchor,
            first=posting.first,
            last=posting.last,
            label=posting.label[:80],
            sentence=posting.sentence[:500],
            detail=posting.detail,
            invoice=invoice,
            position=position,
            subscription=posting.subscription,
            posted_at=now,
        )
        for position, posting in enumerate(postings, 1)
    ]


def post_note(
    account: Account,
    posting: Posting,
    *,
    number: str,
    original: Invoice | None,
    party: dict[str, Any],
    by: User | None,
    now: datetime,
) -> Invoice:
    """정정 청구서: one entry on a note of its own, made at once. `account` is locked. Raises IntegrityError when `number` or the
    posting's key has been used."""
    today = kst_day(now)
    note = Invoice.objects.create(
        shop_id=account.shop_id,
        kind=InvoiceKind.NOTE,
        number=number,
        month=today.replace(day=1),
        issued_on=today,
        due_on=dates.due_on(today),
        tax_due_on=dates.tax_due_on(today),
        total_krw=posting.parts.total_krw,
        supply_krw=posting.parts.supply_krw,
        vat_krw=posting.parts.vat_krw,
        carried_krw=account.balance_krw,
        original=original,
        party=party,
        created_at=now,
    )
    (entry,) = entries_of([posting], note, now)
    entry.by = by
    entry.save(force_insert=True)
    moved(account, posting.parts.total_krw)
    return note


def pay(
    account: Account,
    amount_krw: int,
    *,
    key: str,
    method: PayMethod,
    paid_on: date,
    label: str,
    sentence: str,
    by: User | None,
    now: datetime,
    detail: dict[str, Any] | None = None,
) -> LedgerEntry | None:
    """납부: money that came in, won above 0. `account` is locked. None when that key was posted before: the same money is
    counted once. More than is owed stays to the shop's credit."""
    return _move(
        account, EntryKind.PAYMENT, -amount_krw, key, method, paid_on, label, sentence, by, now, detail
    )


def pay_back(
    account: Account,
    amount_krw: int,
    *,
    key: str,
    method: PayMethod,
    paid_on: date,
    label: str,
    sentence: str,
    by: User | None,
    now: datetime,
    detail: dict[str, Any] | None = None,
) -> LedgerEntry | None:
    """환불: money that went back, won above 0. As `pay`."""
    return _move(
        account, EntryKind.PAYMENT_BACK, amount_krw, key, method, paid_on, label, sentence, by, now, detail
    )


def open_invoices(account: Account) -> list[Open]:
    """What is not settled, oldest first: payments and notes in the shop's favour settle the oldest, so that what is left of
    the balance lies on the newest."""
    left = account.balance_krw
    found: list[Open] = []
    if left <= 0:
        return found
    charged = Invoice.objects.filter(shop_id=account.shop_id, total_krw__gt=0).order_by("-due_on", "-pk")
    for invoice in charged.iterator(chunk_size=12):
        part = min(left, invoice.total_krw)
        found.append(Open(invoice, part))
        left -= part
        if not left:
            break
    return found[::-1]


def moved(account: Account, amount_krw: int) -> None:
    """The balance follows an entry just posted; `account` is locked."""
    account.balance_krw += amount_krw
    oldest = open_invoices(account)
    account.unpaid_since = oldest[0].invoice.due_on if oldest else None
    account.save(update_fields=["balance_krw", "unpaid_since"])


def sums(shop: Shop) -> tuple[int, int]:
    """(Σ of invoices, Σ of payments less refunds) of a shop, from the ledger itself."""
    rows: Sequence[tuple[bool, int]] = [
        (invoice is not None, total)
        for invoice, total in LedgerEntry.objects.filter(shop=shop)
        .values_list("invoice")
        .annotate(total=Sum("amount_krw"))
    ]
    charged = sum(total for on_invoice, total in rows if on_invoice)
    return charged, -sum(total for on_invoice, total in rows if not on_invoice)


def _move(
    account: Account,
    kind: EntryKind,
    amount_krw: int,
    key: str,
    method: PayMethod,
    paid_on: date,
    label: str,
    sentence: str,
    by: User | None,
    now: datetime,
    detail: dict[str, Any] | None,
) -> LedgerEntry | None:
    if not amount_krw or (amount_krw < 0) != (kind == EntryKind.PAYMENT):
        raise ValueError("money moves in won above 0")
    with transaction.atomic():
        if LedgerEntry.objects.filter(key=key).exists():
            return None
        parts = vat.split(amount_krw)
        entry = LedgerEntry.objects.create(
            shop_id=account.shop_id,
            kind=kind,
            key=key,
            amount_krw=amount_krw,
            supply_krw=parts.supply_krw,
            vat_krw=parts.vat_krw,
            first=paid_on,
            last=paid_on,
            label=label[:80],
            sentence=sentence[:500],
            detail=detail or {},
            method=method,
            by=by,
            posted_at=now,
        )
        moved(account, amount_krw)
    return entry
