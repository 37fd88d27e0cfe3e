"""청구: a month's invoices, made once whatever happens. Numbers and keys are derived from shop, contract and month; the
accounts' rows are locked while their invoices are made; a month in which a shop is invoiced already is passed over.

A shop whose earlier months were never invoiced gets those first. An invoice made so late that its due day is over is due on
the first 20th that is still to come.
"""

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from billing import dates, ledger, price_list
from billing.catalogue import Catalogue
from billing.drafting import CannotDraft, Draft, ShopFacts, draft, drafts, without_a_fee
from billing.enums import InvoiceKind
from billing.invoice_facts import facts_of
from billing.models import Account, Invoice, LedgerEntry
from billing.proration import month_end
from shopmsg.core.clock import kst_day

__all__ = ["Made", "Problem", "Reckoned", "draft", "make", "reckon"]

log = logging.getLogger(__name__)

#: The account follows its new invoices: what is owed, and since which due day (as billing.ledger.moved).
_MOVE = """
UPDATE billing_account AS account
SET balance_krw = account.balance_krw + made.total,
    billed_through = made.month,
    unpaid_since = (
        SELECT min(open.due_on)
        FROM (
            SELECT due_on, sum(total_krw) OVER (ORDER BY due_on DESC, id DESC) - total_krw AS newer
            FROM billing_invoice
            WHERE shop_id = account.shop_id AND total_krw > 0
        ) AS open
        WHERE open.newer < account.balance_krw + made.total
    )
FROM unnest(%s::bigint[], %s::bigint[], %s::date[]) AS made (shop_id, total, month)
WHERE account.shop_id = made.shop_id
"""
_CHARGE = """
UPDATE billing_usage AS used
SET entry_id = charged.entry_id
FROM unnest(%s::bigint[], %s::bigint[]) AS charged (usage_id, entry_id)
WHERE used.id = charged.usage_id AND used.entry_id IS NULL
"""


#: Of the accounts with their shops and merchants, what invoices say and depend on: the rest is wide.
_READ: Final = (
    *("balance_krw", "billed_through", "deposit_code", "tax_name", "tax_representative", "tax_address"),
    *("tax_business_type", "tax_business_item", "tax_email"),
    *("shop__name", "shop__address", "shop__merchant__name", "shop__merchant__business_number"),
)


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a shop could not be invoiced, or not for everything: one sentence for the admin."""

    shop_id: int
    sentence: str


@dataclass(slots=True)
class Reckoned:
    """What is to be invoiced, shop by shop, in order."""

    drafts: list[Draft] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


@dataclass(slots=True)
class Made(Reckoned):
    """What was invoiced: `invoices` in the order of `drafts`."""

    invoices: list[Invoice] = field(default_factory=list)


def make(shop_ids: Collection[int], month: date, now: datetime) -> Made:
    """The invoices of these shops up to the month that starts on `month`, in one transaction: rows, entries, what was used
    marked, accounts moved. Shops that have that month's already are passed over. Raises ValueError for a month that is not
    over."""
    if kst_day(now) <= month_end(month):
        raise ValueError(f"{month:%Y-%m} is not over")
    with transaction.atomic():
        accounts = list(_of_shops(shop_ids, month).select_for_update(no_key=True, of=("self",)))
        found = _reckon(facts_of(accounts, month), month, price_list.catalogue())
        made = Made(found.drafts, found.problems)
        if found.drafts:
            made.invoices = _store(found.drafts, now)
    return made


def reckon(shop_ids: Collection[int], month: date) -> Reckoned:
    """What `make` would make, nothing locked and nothing written."""
    accounts = list(_of_shops(shop_ids, month))
    return _reckon(facts_of(accounts, month), month, price_list.catalogue())


def due_on(month: date, issued_on: date) -> date:
    """납부 기한 of an invoice made on that day: never a day that is over by then."""
    due = dates.due_on(month)
    while due < issued_on:
        month = dates.following(month)
        due = dates.due_on(month)
    return due


def _of_shops(shop_ids: Collection[int], month: date) -> QuerySet[Account]:
    return (
        Account.objects.filter(
            Q(billed_through__isnull=True) | Q(billed_through__lt=month), shop__in=shop_ids
        )
        .select_related("shop__merchant")
        .only(*_READ)
        .order_by("pk")
    )


def _reckon(facts: Sequence[ShopFacts], month: date, catalogue: Catalogue) -> Reckoned:
    found = Reckoned()
    for each in facts:
        try:
            found.drafts += drafts(each, month, catalogue)
            kinds = without_a_fee(each, month, catalogue) if each.usage else ()
        except CannotDraft as refused:
            log.exception("no invoice could be reckoned", extra={"shop": each.shop_id})
            found.problems.append(Problem(each.shop_id, refused.message))
            continue
        if kinds:
            names = ", ".join(kind.label for kind in kinds)
            found.problems.append(
                Problem(
                    each.shop_id,
                    f"{names} 단가를 정하지 않아서 그 사용료는 빼고 청구합니다. 단가를 정하면 다음 달에 청구됩니다.",
                )
            )
    return found


def _store(found: Sequence[Draft], now: datetime) -> list[Invoice]:
    invoices = Invoice.objects.bulk_create([_invoice(each, now) for each in found])
    entries: list[LedgerEntry] = []
    used: list[tuple[int, int]] = []  # (index in entries, id of the usage it charges for)
    for each, invoice in zip(found, invoices, strict=True):
        used += [(len(entries) + index, row) for index, rows in each.usage for row in rows]
        entries += ledger.entries_of(each.postings, invoice, now)
    LedgerEntry.objects.bulk_create(entries)
    _move(found)
    if used:
        with connection.cursor() as cursor:
            cursor.execute(_CHARGE, [[row for _, row in used], [entries[index].pk for index, _ in used]])
            if cursor.rowcount != len(used):
                raise RuntimeError("usage was charged for by somebody who did not lock the account")
    return invoices


def _invoice(found: Draft, now: datetime) -> Invoice:
    today, parts = kst_day(now), found.parts
    return Invoice(
        shop_id=found.shop_id,
        kind=InvoiceKind.INVOICE,
        number=found.number,
        month=found.month,
        issued_on=today,
        due_on=due_on(found.month, today),
        tax_due_on=dates.tax_due_on(found.month),
        total_krw=parts.total_krw,
        supply_krw=parts.supply_krw,
        vat_krw=parts.vat_krw,
        carried_krw=found.carried_krw,
        party=found.party,
        created_at=now,
    )


def _move(found: Sequence[Draft]) -> None:
    totals: dict[int, int] = {}
    months: dict[int, date] = {}
    for each in found:
        totals[each.shop_id] = totals.get(each.shop_id, 0) + each.parts.total_krw
        months[each.shop_id] = each.month
    with connection.cursor() as cursor:
        cursor.execute(_MOVE, [list(totals), list(totals.values()), list(months.values())])
