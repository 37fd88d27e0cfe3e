"""청구: a month's invoices, made once whatever happens (rules.md §3)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing import accounts, changes, invoicing, ledger, price_list, subscriptions, usage
from billing.catalogue import BASE
from billing.contract import Contract
from billing.enums import Bundle, ChangeKind, EventPlan, PayMethod, UsageKind
from billing.models import Account, AgreedFee, CatalogueRow, Invoice, LedgerEntry, Subscription, Usage
from billing.usage import Reported
from shopmsg.accounts.enums import Product, Role
from shopmsg.accounts.models import Shop
from shopmsg.core.clock import add_months
from tests.factories.accounts import ShopFactory, StaffFactory
from tests.factories.billing import PACK, billed, noon, subscribed

pytestmark = pytest.mark.django_db
OCT, NOV, DEC = date(2026, 10, 1), date(2026, 11, 1), date(2026, 12, 1)
DAY = timedelta(days=1)


@pytest.fixture
def shop() -> Shop:
    return ShopFactory()


def change(shop: Shop, step: Any, on: date) -> None:
    subscriptions.change(shop, step, by=None, address=None, now=noon(on))


def lines(invoice: Invoice) -> list[tuple[str, date, date, int]]:
    return [
        (entry.kind, entry.first, entry.last, entry.amount_krw)
        for entry in invoice.entries.order_by("position")
    ]


def account(shop: Shop) -> Account:
    return Account.objects.get(shop=shop)


def pay(shop: Shop, won: int, now: datetime) -> None:
    ledger.pay(
        ledger.locked(shop.pk),
        won,
        key=f"test:{shop.pk}:{now}",
        method=PayMethod.TRANSFER,
        paid_on=now.date(),
        label="납부",
        sentence="납부하셨어요.",
        by=None,
        now=now,
    )


def everything() -> list[tuple[object, ...]]:
    """The whole ledger as far as it does not depend on when it was written."""
    entries = LedgerEntry.objects.order_by("key").values_list(
        "key", "kind", "amount_krw", "supply_krw", "vat_krw", "invoice__number", "position", "sentence"
    )
    bills = Invoice.objects.order_by("number").values_list("number", "total_krw", "carried_krw", "due_on")
    accounts = Account.objects.order_by("shop").values_list(
        "shop", "balance_krw", "billed_through", "unpaid_since"
    )
    return [*entries, *bills, *accounts]


def test_the_free_month_is_a_line_of_nothing_and_the_days_after_it_are_charged_by_days(shop: Shop) -> None:
    subscribed(shop, date(2026, 9, 12), term_months=36)

    invoice = billed(shop, OCT)

    assert lines(invoice) == [
        ("service", date(2026, 10, 1), date(2026, 10, 11), 0),
        ("service", date(2026, 10, 12), date(2026, 10, 31), 13_200 * 20 // 31),
    ]
    assert (invoice.total_krw, invoice.supply_krw + invoice.vat_krw) == (8_516, 8_516)
    assert (invoice.number, invoice.due_on) == (f"202610-{shop.pk:06d}", date(2026, 11, 20))
    assert "20일치예요" in invoice.entries.get(amount_krw=8_516).sentence
    assert invoice.party["buyer"]["name"] == shop.merchant.name


def test_thirty_six_months_left_after_exactly_twelve_cost_60720_won_of_what_the_ledger_gave(
    shop: Shop,
) -> None:
    subscribed(shop, date(2025, 11, 1), term_months=36)
    for month in range(11):
        billed(shop, add_months(date(2025, 11, 1), month))
    change(shop, lambda contract, on: changes.cancel(contract, date(2026, 10, 31), on), date(2026, 10, 30))

    invoice = billed(shop, OCT)

    refund = invoice.entries.get(kind="refund")
    assert (refund.amount_krw, invoice.total_krw) == (60_720, 13_200 + 60_720)
    assert "2~9개월째 52,800원의 85%, 10~12개월째 19,800원의 80%" in refund.sentence
    assert Invoice.objects.get(month=date(2025, 11, 1)).total_krw == 0, "the free month is explained, too"


def test_a_month_made_again_by_two_at_once_is_made_once(
    transactional_db: None, django_db_blocker: Any
) -> None:
    shops = [ShopFactory() for _ in range(6)]
    for number, each in enumerate(shops):
        subscribed(each, date(2026, 9, 1 + number), term_months=12)
    ids, together = [each.pk for each in shops], Barrier(2)

    def run(order: list[int]) -> int:
        try:
            together.wait(10)
            return len(invoicing.make(order, OCT, noon(date(2026, 11, 2))).invoices)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        made = list(pool.map(run, (ids, ids[::-1])))
    once = everything()
    invoicing.make(ids, OCT, noon(date(2026, 11, 3)))

    assert sorted(made) == [0, 12], "September, which was missing, and October"
    assert everything() == once


def test_earlier_months_that_are_missing_are_made_first_and_never_due_in_the_past(shop: Shop) -> None:
    subscribed(shop, date(2026, 8, 20))

    invoicing.make([shop.pk], OCT, noon(date(2026, 11, 25)))

    made = Invoice.objects.filter(shop=shop).order_by("month")
    assert [(row.month.month, row.total_krw, row.carried_krw) for row in made] == [
        (8, 0, 0),
        (9, 19_800 * 11 // 30, 0),
        (10, 19_800, 7_260),
    ]
    assert {row.due_on for row in made} == {date(2026, 12, 21)}, "20 December is a Sunday"
    assert (account(shop).balance_krw, account(shop).billed_through) == (27_060, OCT)


def test_who_left_and_came_back_within_a_month_gets_one_invoice(shop: Shop) -> None:
    subscribed(shop, date(2026, 6, 1))
    billed(shop, date(2026, 9, 1))
    subscriptions.end(shop, reason="쉼", by=None, address=None, now=noon(date(2026, 10, 5)))
    subscribed(shop, date(2026, 10, 20))

    assert lines(billed(shop, OCT)) == [
        ("service", date(2026, 10, 1), date(2026, 10, 5), 19_800 * 5 // 31),
        ("service", date(2026, 10, 20), date(2026, 10, 31), 0),
    ]


def test_a_change_in_the_month_splits_the_line_and_an_event_plan_has_its_own(shop: Shop) -> None:
    subscribed(shop, date(2026, 8, 1), **PACK)
    billed(shop, OCT)
    catalogue = price_list.catalogue()
    change(shop, changes.leave_bundle, date(2026, 11, 11))
    change(
        shop,
        lambda contract, on: changes.change_plan(contract, catalogue, EventPlan.PRO, on),
        date(2026, 11, 12),
    )

    assert lines(billed(shop, NOV)) == [
        ("service", date(2026, 11, 1), date(2026, 11, 10), 14_300 * 10 // 30),
        ("service", date(2026, 11, 11), date(2026, 11, 30), 19_800 * 20 // 30),
        ("plan", date(2026, 11, 12), date(2026, 11, 30), 31_033),
    ]


def test_a_shop_that_has_left_gets_no_more_invoices(shop: Shop) -> None:
    subscribed(shop, date(2026, 6, 1))
    subscriptions.end(shop, reason="폐업", by=None, address=None, now=noon(date(2026, 9, 5)))
    billed(shop, date(2026, 9, 1))

    assert not invoicing.make([shop.pk], OCT, noon(date(2026, 11, 2))).invoices


def test_a_last_second_of_the_month_in_korea_belongs_to_it_though_the_host_counts_otherwise(
    shop: Shop,
) -> None:
    start = datetime(2026, 10, 31, 14, 59, 59, tzinfo=UTC)  # 23:59:59 on the 31st in Korea
    subscriptions.start(
        shop, product=Product.BASIC, term_months=0, bundle=Bundle.NONE, by=None, address=None, now=start
    )

    assert lines(billed(shop, OCT)) == [("service", date(2026, 10, 31), date(2026, 10, 31), 16_500 // 31)]
    with pytest.raises(ValueError):
        invoicing.make([shop.pk], NOV, datetime(2026, 11, 30, 14, 59, 59, tzinfo=UTC))
    assert len(invoicing.make([shop.pk], NOV, datetime(2026, 11, 30, 15, 0, tzinfo=UTC)).invoices) == 1


def test_what_was_used_late_is_on_the_next_invoice_and_says_so(shop: Shop) -> None:
    subscribed(shop, date(2026, 8, 1), product=Product.BASIC)
    billed(shop, date(2026, 9, 1))
    usage.report(
        [
            Reported(shop.pk, "tv-1", UsageKind.TOWN_TV, date(2026, 9, 30), 2),
            Reported(shop.pk, "tv-2", UsageKind.TOWN_TV, date(2026, 10, 3), 1),
            Reported(shop.pk, "tv-3", UsageKind.TOWN_TV, date(2026, 10, 4), 1),
            Reported(shop.pk, "tv-4", UsageKind.TOWN_TV, date(2026, 11, 1), 5),
        ],
        noon(date(2026, 11, 1)),
    )

    invoice = billed(shop, OCT)

    assert lines(invoice)[1:] == [
        ("usage", date(2026, 9, 1), date(2026, 9, 30), 20_000),
        ("usage", date(2026, 10, 1), date(2026, 10, 31), 20_000),
    ]
    late, now = invoice.entries.filter(kind="usage").order_by("position")
    assert "9월에 쓰신 것이 늦게 도착해서 이번에 청구해요." in late.sentence
    assert "늦게" not in now.sentence
    assert {row.key: row.entry for row in Usage.objects.all()} == {
        "tv-1": late, "tv-2": now, "tv-3": now, "tv-4": None,
    }  # fmt: skip


def test_use_after_the_last_invoice_of_who_left_is_charged_on_the_invoice_made_now(shop: Shop) -> None:
    subscribed(shop, date(2026, 5, 1), product=Product.BASIC)
    subscriptions.end(shop, reason="폐업", by=None, address=None, now=noon(date(2026, 7, 31)))
    billed(shop, date(2026, 7, 1))
    usage.report(
        [Reported(shop.pk, "late", UsageKind.GENIE_TV, date(2026, 7, 20), 1)], noon(date(2026, 10, 9))
    )

    assert [bill.month for bill in invoicing.make([shop.pk], OCT, noon(date(2026, 11, 2))).invoices] == [OCT]


def test_a_message_without_an_agreed_fee_waits_and_is_named_and_the_rest_is_invoiced(shop: Shop) -> None:
    subscribed(shop, date(2026, 8, 1), product=Product.BASIC)
    now = noon(date(2026, 11, 2))
    usage.report([Reported(shop.pk, "k", UsageKind.ALIMTALK, date(2026, 10, 3), 1_000)], now)

    made = invoicing.make([shop.pk], OCT, now)

    assert [(one.shop_id, "알림톡" in one.sentence) for one in made.problems] == [(shop.pk, True)]
    assert made.invoices[-1].total_krw == 16_500
    AgreedFee.objects.create(
        merchant=shop.merchant,
        kind=UsageKind.ALIMTALK,
        effective_from=OCT,
        won=9,
        created_at=now,
    )
    entry = billed(shop, NOV).entries.get(kind="usage")
    assert (entry.supply_krw, entry.vat_krw, entry.amount_krw) == (9_000, 900, 9_900)


def test_a_shop_that_cannot_be_reckoned_is_named_and_keeps_no_other_from_its_invoice(shop: Shop) -> None:
    # A contract of a day on which nothing was sold yet.
    broken = ShopFactory()
    held = Subscription.objects.create(
        shop=broken, product=Product.SOHO, starts_on=date(2019, 1, 1), created_at=noon(NOV)
    )
    held.changes.create(number=1, kind=ChangeKind.STARTED, on=date(2019, 1, 1), created_at=noon(NOV))
    accounts.open_for(broken, noon(NOV))
    subscribed(shop, date(2026, 10, 1))

    made = invoicing.make([broken.pk, shop.pk], OCT, noon(date(2026, 11, 2)))

    assert [one.shop_id for one in made.problems] == [broken.pk]
    assert {bill.shop_id for bill in made.invoices} == {shop.pk}


def test_what_is_owed_and_since_when_follows_bills_notes_and_payments_alike(shop: Shop) -> None:
    subscribed(shop, date(2026, 6, 1), product=Product.BASIC)
    billed(shop, date(2026, 6, 1))
    billed(shop, date(2026, 7, 1))
    assert (account(shop).balance_krw, account(shop).unpaid_since) == (33_000, date(2026, 7, 20))

    pay(shop, 16_500, noon(date(2026, 8, 3)))
    assert account(shop).unpaid_since == date(2026, 8, 20)
    pay(shop, 40_000, noon(date(2026, 8, 4)))
    assert (account(shop).balance_krw, account(shop).unpaid_since) == (-23_500, None)

    # The credit settles August and a part of September.
    billed(shop, date(2026, 8, 1))
    assert account(shop).unpaid_since is None
    invoice = billed(shop, date(2026, 9, 1))
    found = account(shop)
    assert (found.balance_krw, found.unpaid_since, invoice.carried_krw) == (9_500, date(2026, 10, 20), -7_000)
    ledger.moved(found, 0)
    assert account(shop).unpaid_since == date(2026, 10, 20), "both ways of reckoning it agree"


def test_a_price_announced_for_the_middle_of_a_month_splits_the_line_and_leaves_the_past(shop: Shop) -> None:
    subscribed(shop, date(2026, 8, 1))
    billed(shop, date(2026, 9, 1))
    admin = StaffFactory(role=Role.ADMIN)
    price = BASE.price_of(Product.SOHO, OCT)
    raised = type(price)(
        Product.SOHO, date(2026, 10, 16), 22_000, price.commitments, price.bundles, price.first_month_free
    )
    price_list.announce(raised, source="공지", by=admin, address=None, now=noon(date(2026, 9, 10)))
    assert CatalogueRow.objects.count() == 1

    assert lines(billed(shop, OCT)) == [
        ("service", date(2026, 10, 1), date(2026, 10, 15), 19_800 * 15 // 31),
        ("service", date(2026, 10, 16), date(2026, 10, 31), 22_000 * 16 // 31),
    ]


@pytest.mark.parametrize("count", [1, 3])
def test_a_batch_costs_the_same_queries_whatever_its_size(count: int) -> None:
    shops = [ShopFactory() for _ in range(count)]
    for each in shops:
        subscribed(each, date(2026, 10, 1), term_months=36)
        usage.report(
            [Reported(each.pk, f"u{each.pk}", UsageKind.TOWN_TV, date(2026, 10, 3), 1)],
            noon(date(2026, 10, 3)),
        )

    with CaptureQueriesContext(
        connection,
    ) as queries:
        invoicing.make([each.pk for each in shops], OCT, noon(date(2026, 11, 2)))

    statements = [row["sql"] for row in queries if not row["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    assert len(statements) == 10, "\n".join(statements)


def test_a_contract_is_read_as_the_simulator_reads_it(shop: Shop) -> None:
    """Every line of a bill is one that billing.replay prints."""
    from billing import history, replay

    subscribed(shop, date(2026, 1, 31), term_months=12)
    catalogue = price_list.catalogue()
    steps: list[tuple[date, Any]] = [
        (date(2026, 3, 9), lambda contract, on: changes.commit(contract, catalogue, 24, on)),
        (date(2026, 5, 2), lambda contract, on: changes.pause(contract, on, date(2026, 6, 10))),
        (date(2026, 6, 20), lambda contract, on: changes.change_plan(contract, catalogue, "basic", on)),
        (date(2026, 8, 31), changes.leave_commitment),
    ]
    for on, step in steps:
        change(shop, step, on)
        billed(shop, add_months(on.replace(day=1), -1), noon(on))
    billed(shop, OCT)

    contract: Contract = history.contract_of(shop.subscriptions.get())
    for month in replay.months(contract, catalogue, date(2026, 10, 31)):
        invoice = Invoice.objects.get(shop=shop, month=month.first)
        assert lines(invoice) == [(row.kind, row.first, row.last, row.amount_krw) for row in month.rows]
        assert [entry.sentence for entry in invoice.entries.order_by("position")] == [
            row.sentence for row in month.rows
        ]
