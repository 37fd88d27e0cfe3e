"""원장: only ever added to, and always adding up; invoices of random contracts are the oracle's to the won."""

import json
from datetime import date
from random import Random
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing import accounts, adjustments, history, invoicing, ledger, usage
from billing.catalogue import BASE, Bands, PlanPrice, Price, UsagePrice
from billing.enums import EntryKind, PayMethod
from billing.models import (
    Account,
    AdjustmentKind,
    AgreedFee,
    CatalogueKind,
    CatalogueRow,
    Invoice,
    LedgerEntry,
    Subscription,
)
from billing.price_list import data_of
from billing.proration import month_end
from billing.replay import History
from billing.replay_file import read
from billing.usage import Reported
from shopmsg.accounts.enums import Role
from shopmsg.accounts.models import Shop
from shopmsg.core.clock import add_months, month_start
from tests.billing import histories, oracle
from tests.factories.accounts import ShopFactory, StaffFactory
from tests.factories.billing import billed, noon, subscribed

pytestmark = pytest.mark.django_db
OCT = date(2026, 10, 1)


@pytest.mark.parametrize("table", ["billing_ledgerentry", "billing_invoice", "billing_subscriptionchange"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_postgresql_refuses_to_change_what_was_written(table: str, statement: str) -> None:
    billed(subscribed(ShopFactory(), OCT).shop, OCT)
    name = table.removeprefix("billing_")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        # The suite itself empties tables this way and has switched that part off.
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER {name}_no_truncate")
        with pytest.raises(DatabaseError, match=r"never|kept five years"), transaction.atomic():
            cursor.execute(statement.format(table))
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {name}_no_truncate")


def test_a_key_is_posted_once_and_money_moves_in_won_above_zero() -> None:
    shop = subscribed(ShopFactory(), OCT).shop
    account = ledger.locked(shop.pk)
    money: dict[str, Any] = {
        "key": "bank:1", "method": PayMethod.TRANSFER, "paid_on": OCT, "label": "납부", "sentence": "납부",
        "by": None, "now": noon(OCT),
    }  # fmt: skip

    assert ledger.pay(account, 10_000, **money) is not None
    assert ledger.pay(account, 10_000, **money) is None
    assert Account.objects.get(shop=shop).balance_krw == -10_000
    for won in (0, -5):
        with pytest.raises(ValueError):
            ledger.pay(account, won, **{**money, "key": "other"})


def _stored(story: History, shop: Shop) -> Subscription:
    """The history as billing would have kept it, written down at once."""
    theirs = story.catalogue
    for price in theirs.prices[len(BASE.prices) :]:
        _announced(CatalogueKind.PRICE, price.product, price)
    for plan in theirs.plans[len(BASE.plans) :]:
        _announced(CatalogueKind.PLAN, plan.plan, plan)
    for piece in theirs.usage[len(BASE.usage) :]:
        _announced(CatalogueKind.USAGE, piece.kind, piece)
    for bands in theirs.bands[len(BASE.bands) :]:
        _announced(CatalogueKind.BANDS, "", bands)
    for fee in story.fees:
        AgreedFee.objects.create(
            merchant=shop.merchant,
            kind=fee.kind,
            effective_from=fee.effective_from,
            won=fee.won,
            created_at=noon(OCT),
        )
    contract = story.contract
    first, last = contract.changes[0], contract.last_day
    made = Subscription.objects.create(
        shop=shop,
        product=first.product,
        starts_on=first.on,
        free_until=contract.free_until,
        last_day=last,
        created_at=noon(first.on),
    )
    history.keep(made, contract, 0, by=None, reason="", pack=("", ()), now=noon(first.on))
    accounts.open_for(shop, noon(first.on))
    return made


def _announced(kind: CatalogueKind, code: str, row: Price | PlanPrice | UsagePrice | Bands) -> None:
    CatalogueRow.objects.create(
        kind=kind,
        code=code,
        effective_from=row.effective_from,
        data=data_of(row),
        source="표",
        created_at=noon(OCT),
    )


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(numbers=st.integers(0, 10**9))
def test_invoices_of_random_contracts_are_the_oracles_and_the_books_balance(numbers: int) -> None:
    told, until = histories.tell(Random(numbers), 14)
    expected = oracle.live(told, until)
    if expected.why_not:
        return
    steps = [step for index, step in enumerate(told["changes"]) if index not in expected.refused]
    story = read(json.dumps({**told, "changes": steps}).encode())
    with transaction.atomic():
        shop, admin = ShopFactory(), StaffFactory(role=Role.ADMIN)
        _stored(story, shop)
        month = month_start(story.contract.starts_on)
        random = Random(numbers)
        while month <= until:
            _use(story, shop, month)
            now = noon(add_months(month, 1))
            invoicing.make([shop.pk], month, now)
            _same(shop, month, expected.months.get((month.year, month.month), oracle.MonthBill()))
            _pay_something(shop, random, now)
            if random.random() < 0.2:
                adjustments.request(
                    shop,
                    kind=AdjustmentKind.CORRECTION,
                    amount_krw=random.randint(-9_000, 9_000) or 1,
                    reason="바로잡음",
                    by=admin,
                    address=None,
                    now=now,
                )
            month = add_months(month, 1)
        _balanced(shop)
        transaction.set_rollback(True)


def _use(story: History, shop: Shop, month: date) -> None:
    """What arrives in that month. Use of days to come is heard of when they have come."""
    end = month_end(month)
    heard = [row for row in story.usage if month <= max(row.used_on, row.arrived_on) <= end]
    taken = usage.report(
        [Reported(shop.pk, f"{shop.pk}:{row.key}", row.kind, row.used_on, row.quantity) for row in heard],
        noon(end),
    )
    assert (taken.added, taken.refused) == (len(heard), [])


def _same(shop: Shop, month: date, expected: oracle.MonthBill) -> None:
    entries = list(
        LedgerEntry.objects.filter(invoice__shop=shop, invoice__month=month, invoice__kind="invoice")
    )

    def rows(kind: EntryKind) -> list[tuple[date, date, int]]:
        found = [(row.first, row.last, row.amount_krw) for row in entries if row.kind == kind]
        return sorted(found)

    assert rows(EntryKind.SERVICE) == sorted(expected.service)
    assert rows(EntryKind.PLAN) == sorted(expected.plan)
    assert sorted(won for *_, won in rows(EntryKind.REFUND)) == sorted(expected.refunds)
    assert sorted((row.supply_krw, row.vat_krw) for row in entries) == sorted(expected.parts())


def _pay_something(shop: Shop, random: Random, now: Any) -> None:
    account = ledger.locked(shop.pk)
    won = random.choice((0, account.balance_krw, 10_000, random.randint(1, 30_000)))
    if won > 0:
        ledger.pay(
            account,
            won,
            key=f"pay:{shop.pk}:{now}",
            method=PayMethod.TRANSFER,
            paid_on=now.date(),
            label="납부",
            sentence="납부",
            by=None,
            now=now,
        )


def _balanced(shop: Shop) -> None:
    """Ledger sums are invoice sums are payments plus balance, to the won."""
    account = Account.objects.get(shop=shop)
    charged, paid = ledger.sums(shop)
    bills = Invoice.objects.filter(shop=shop).aggregate(won=Sum("total_krw"))["won"] or 0
    assert charged == bills == paid + account.balance_krw
    for invoice in Invoice.objects.filter(shop=shop):
        found = invoice.entries.aggregate(a=Sum("amount_krw"), s=Sum("supply_krw"), v=Sum("vat_krw"))
        assert (found["a"], found["s"], found["v"]) == (
            invoice.total_krw,
            invoice.supply_krw,
            invoice.vat_krw,
        )
    left = ledger.open_invoices(account)
    assert sum(one.left_krw for one in left) == max(0, account.balance_krw)
    assert account.unpaid_since == (left[0].invoice.due_on if left else None)
