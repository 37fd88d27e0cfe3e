"""매출: the figures of a month, and that they add up to the ledger whatever happened."""

import io
import random
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.db.models import Sum
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from billing import adjustments, changes, ledger, reports, subscriptions
from billing.enums import EntryKind, PayMethod
from billing.models import Account, AdjustmentKind, Invoice, LedgerEntry
from billing.queries.money_chart import money_chart
from shopmsg.accounts.enums import Role
from shopmsg.accounts.models import Shop
from shopmsg.core.clock import add_months
from tests.accounts.logged_in import staff_client
from tests.factories.accounts import ShopFactory, StaffFactory
from tests.factories.billing import PACK, billed, noon, subscribed
from tests.markup import sound, text_of

pytestmark = pytest.mark.django_db
MONTH = date(2026, 11, 1)
TODAY = date(2026, 12, 28)


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(noon(TODAY), tick=False) as moment:
        yield moment


def since(day: date, **contract: Any) -> Shop:
    shop: Shop = ShopFactory()
    with time_machine.travel(noon(day), tick=False):
        subscribed(shop, day, **contract)
    return shop


def change(shop: Shop, day: date, step: subscriptions.Step) -> None:
    with time_machine.travel(noon(day), tick=False):
        subscriptions.change(shop, step, by=None, address=None, now=noon(day))


def pay(shop: Shop, won: int, method: PayMethod, day: date) -> None:
    ledger.pay(
        Account.objects.get(shop=shop), won, key=f"p:{shop.pk}:{day}:{won}:{method}", method=method, paid_on=day,
        label="납부", sentence="", by=None, now=noon(day),
    )  # fmt: skip


def test_a_month_says_what_was_charged_for_what_and_what_recurs() -> None:
    plain, bound, packed = (
        since(date(2026, 9, 1), **contract) for contract in ({}, {"term_months": 36}, PACK)
    )
    free = since(date(2026, 11, 10))
    resting = since(date(2026, 9, 1))
    change(resting, date(2026, 11, 1), lambda contract, on: changes.pause(contract, on, date(2026, 12, 5)))
    for shop in (plain, bound, packed, free, resting):
        billed(shop, MONTH)

    month = reports.report(MONTH, TODAY).newest
    assert month.charged["이용료"].total_krw == 19_800 + 13_200 + 14_300
    assert month.total.supply_krw + month.total.vat_krw == month.total.total_krw
    assert month.recurring_krw == 19_800 + 13_200 + 14_300
    assert (month.running, month.paused, month.begun, month.ended) == (5, 1, 1, 0)
    assert month.per_shop_krw == month.total.total_krw // 3
    found = [(part.label, part.shops, part.won) for part in reports.report(MONTH, TODAY).parts]
    assert found == [
        ("소상공인형 · 약정 없음", 1, 19_800),
        ("소상공인형 · 사장님성공팩", 1, 14_300),
        ("소상공인형 · 36개월 약정", 1, 13_200),
    ]


def test_who_stayed_after_the_free_month_and_who_left_are_counted_in_their_month() -> None:
    since(date(2026, 10, 10))
    gone = since(date(2026, 10, 10))
    change(gone, date(2026, 10, 20), lambda contract, on: changes.cancel(contract, date(2026, 11, 9), on))
    subscriptions.end_due(noon(TODAY))
    month = reports.report(MONTH, TODAY).newest
    assert (month.freed, month.stayed, month.stayed_percent, month.ended) == (2, 1, 50, 1)
    assert reports.report(date(2026, 8, 1), TODAY).newest.stayed_percent is None


def test_money_counts_in_the_korean_month_it_was_entered_in_by_its_way() -> None:
    shop = since(date(2026, 9, 1))
    billed(shop, date(2026, 10, 1))
    account = Account.objects.get(shop=shop)
    late = noon(date(2026, 11, 30)) + timedelta(hours=11, minutes=59)
    for number, at in enumerate((late, late + timedelta(minutes=1))):
        ledger.pay(
            account, 1_000 + number, key=f"k{number}", method=PayMethod.CARD, paid_on=date(2026, 11, 30), label="",
            sentence="", by=None, now=at,
        )  # fmt: skip
    ledger.pay_back(
        account, 400, key="b", method=PayMethod.CARD, paid_on=date(2026, 12, 2), label="", sentence="", by=None,
        now=noon(date(2026, 12, 2)),
    )  # fmt: skip
    november, december = reports.report(date(2026, 12, 1), TODAY).months[-2:]
    assert (november.received["card"], november.paid_back_krw) == (1_000, 0)
    assert (december.received["card"], december.paid_back_krw) == (1_001, 400)


def test_what_is_owed_lies_on_the_newest_bills_and_is_parted_by_age() -> None:
    shop = since(date(2026, 8, 1))
    for month in (8, 9, 10, 11):
        billed(shop, date(2026, month, 1))
    pay(shop, 25_000, PayMethod.TRANSFER, TODAY)
    found = reports.report(MONTH, TODAY)
    # September's 19,800 is paid, of October's 14,600 are left since 20 November, November's since 21 December.
    assert [(age.label, age.won) for age in found.ages if age.won] == [
        ("1~30일", 19_800),
        ("31~60일", 14_600),
    ]
    assert found.owed_krw == 34_400


def test_random_months_add_up_to_the_ledger() -> None:
    draw = random.Random(20261122)
    admin = StaffFactory(role=Role.ADMIN)
    for number in range(8):
        shop = since(
            date(2026, draw.randint(6, 9), draw.randint(1, 28)), term_months=draw.choice([0, 12, 24, 36])
        )
        last = MONTH
        if number % 3 == 0:
            leaves, last = date(2026, 10, draw.randint(1, 31)), date(2026, 10, 1)
            change(shop, leaves, lambda contract, on: changes.cancel(contract, on, on))
        billed(shop, last)
        for _ in range(draw.randint(0, 3)):
            day = date(2026, 12, draw.randint(3, 27))
            pay(shop, draw.randint(1, 40_000), draw.choice([PayMethod.CARD, PayMethod.TRANSFER]), day)
        if number % 2:
            adjustments.request(
                shop, kind=AdjustmentKind.CREDIT, amount_krw=-draw.randint(1, 9_000), reason="사과", by=admin,
                address=None, now=noon(TODAY),
            )  # fmt: skip
    found = reports.report(date(2026, 12, 1), TODAY)
    entries = LedgerEntry.objects
    charged = entries.filter(invoice__isnull=False).aggregate(won=Sum("amount_krw"), supply=Sum("supply_krw"))
    assert sum(month.total.total_krw for month in found.months) == charged["won"]
    assert sum(month.total.supply_krw for month in found.months) == charged["supply"]
    assert charged["won"] == Invoice.objects.aggregate(won=Sum("total_krw"))["won"]
    paid = entries.filter(kind__in=[EntryKind.PAYMENT]).aggregate(won=Sum("amount_krw"))["won"]
    assert sum(month.received_krw for month in found.months) == -paid
    assert found.owed_krw - found.credit_krw == entries.aggregate(won=Sum("amount_krw"))["won"]
    assert sum(age.won for age in found.ages) == found.owed_krw
    assert found.credit_krw > 0


def test_the_page_takes_as_many_statements_for_three_shops_as_for_one() -> None:
    admin = staff_client(StaffFactory(role=Role.ADMIN))

    def statements() -> int:
        with CaptureQueriesContext(connection) as asked:
            reports.report(MONTH, TODAY)
        return len(asked)

    billed(since(date(2026, 9, 1)), MONTH)
    one = statements()
    for _ in range(2):
        billed(since(date(2026, 9, 1)), MONTH)
    assert (one, statements()) == (7, 7)
    shown = " ".join(text_of(sound(admin.get("/billing/reports/?month=2026-11"))).split())
    for said in ("월 정기 매출 59,400원", "소상공인형 · 약정 없음 3곳 59,400원", "미수", "유료 전환"):
        assert said in shown


def test_the_page_is_for_admins_has_an_empty_state_and_can_be_had_as_a_workbook() -> None:
    agent, admin = (staff_client(StaffFactory(role=role)) for role in (Role.AGENT, Role.ADMIN))
    assert agent.get("/billing/reports/").status_code == 404
    assert "열두 달 동안 청구 없음" in text_of(sound(admin.get("/billing/reports/")))
    assert admin.get("/billing/reports/?month=nonsense").status_code == 404
    billed(since(date(2026, 9, 1)), MONTH)
    rows = list(
        load_workbook(io.BytesIO(admin.get("/billing/reports/2026-11.xlsx").content)).worksheets[0].values
    )
    assert rows[next(n for n, row in enumerate(rows) if row[:3] == ("2026-11", "청구", "이용료"))][:6] == (
        "2026-11",
        "청구",
        "이용료",
        18_000,
        1_800,
        19_800,
    )


def test_a_month_that_is_not_billed_whole_says_how_many_shops_are_missing() -> None:
    shops = [since(date(2026, 9, 1)) for _ in range(2)]
    billed(shops[0], MONTH)
    admin = staff_client(StaffFactory(role=Role.ADMIN))
    assert "청구서를 기다리는 가게 1곳은 빠져 있음" in text_of(sound(admin.get("/billing/reports/")))

    billed(shops[1], MONTH)
    assert "빠져 있음" not in text_of(sound(admin.get("/billing/reports/")))


def test_bars_are_as_long_as_their_amounts_and_something_is_never_nothing() -> None:
    chart = money_chart([(MONTH, 1_000_000, 500_000), (add_months(MONTH, 1), 0, 1), (MONTH, -5, 0)])
    assert [(each.charged, each.received) for each in chart.bars] == [
        ((0, 100), (50, 50)),
        ((100, 0), (99, 1)),
        ((100, 0), (100, 0)),
    ]
