"""What owners hear before it happens, once each: the free month ends, the commitment ends, a price changes."""

from dataclasses import replace
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing import changes, price_list, reminders, subscriptions
from billing.catalogue import BASE, Catalogue, PlanPrice, Price
from billing.enums import EventPlan
from billing.models import CatalogueRow, SubscriptionState
from messaging.notices import render
from shopmsg.accounts.enums import NoticeKind, Product, Role, ShopStatus
from shopmsg.accounts.models import Notice, Shop
from tests.factories.accounts import ShopFactory, StaffFactory, UserFactory
from tests.factories.billing import noon, subscribed

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
BEGUN = date(2026, 9, 10)


def shop_since(on: date, **contract: Any) -> Shop:
    shop: Shop = ShopFactory(owner=UserFactory())
    with time_machine.travel(noon(on), tick=False):
        subscribed(shop, on, **contract)
    return shop


def told(kind: NoticeKind) -> list[str]:
    return [render(kind, row.fields) for row in Notice.objects.filter(kind=kind).order_by("pk")]


def days_told(kind: NoticeKind, first: date, last: date) -> list[date]:
    """The days on which a text was asked for, the reminders run at noon of each day twice."""
    found = []
    day = first
    while day <= last:
        before = len(told(kind))
        reminders.remind(noon(day))
        reminders.remind(noon(day))
        found += [day] * (len(told(kind)) - before)
        day += DAY
    return found


def announce(row: Price | PlanPrice, on: date) -> None:
    admin = StaffFactory(role=Role.ADMIN)
    price_list.announce(row, source="KT 공지", by=admin, address=None, now=noon(on))


def soho_from(on: date, list_krw: int) -> Price:
    return replace(BASE.price_of(Product.SOHO, on), effective_from=on, list_krw=list_krw)


def test_the_end_of_the_free_month_is_told_a_week_before_with_the_price_that_follows() -> None:
    shop_since(BEGUN, term_months=36)
    assert days_told(NoticeKind.FREE_MONTH_ENDING, date(2026, 9, 29), date(2026, 10, 11)) == [
        date(2026, 10, 2)
    ]
    (text,) = told(NoticeKind.FREE_MONTH_ENDING)
    assert "무료 기간이 10월 9일(금) 끝나요. 다음 날부터 한 달 13,200원이에요." in text


def test_a_week_in_which_nobody_ran_the_reminders_is_made_up_for() -> None:
    shop_since(BEGUN)
    reminders.remind(noon(date(2026, 10, 8)))
    assert len(told(NoticeKind.FREE_MONTH_ENDING)) == 1


def test_who_will_have_left_by_then_hears_nothing() -> None:
    shop = shop_since(BEGUN)
    last = date(2026, 10, 9)
    subscriptions.change(
        shop, lambda c, on: changes.cancel(c, last, on), by=None, address=None, now=noon(date(2026, 9, 20))
    )
    assert reminders.remind(noon(date(2026, 10, 3))) == 0


def test_the_end_of_a_commitment_is_told_thirty_and_seven_days_before_with_the_list_price() -> None:
    shop_since(BEGUN, term_months=12)
    kind = NoticeKind.COMMITMENT_ENDING
    assert days_told(kind, date(2027, 8, 8), date(2027, 8, 14)) == [date(2027, 8, 10)]
    assert days_told(kind, date(2027, 8, 31), date(2027, 9, 11)) == [date(2027, 9, 2)]
    assert "약정이 9월 9일(목) 끝나요. 다음 날부터 한 달 19,800원" in told(NoticeKind.COMMITMENT_ENDING)[0]


def test_a_pause_moves_the_end_of_the_commitment_and_the_day_it_is_told() -> None:
    shop = shop_since(BEGUN, term_months=12)
    for on, step in (
        (date(2026, 12, 1), lambda c, on: changes.pause(c, on, date(2026, 12, 10))),
        (date(2027, 1, 1), lambda c, on: changes.commit(c, BASE, 24, on)),
    ):
        subscriptions.change(shop, step, by=None, address=None, now=noon(on))
    assert days_told(NoticeKind.COMMITMENT_ENDING, date(2027, 9, 8), date(2027, 9, 21)) == []
    reminders.remind(noon(date(2028, 8, 20)))
    assert "약정이 9월 19일(화) 끝나요" in told(NoticeKind.COMMITMENT_ENDING)[0]


def test_a_new_price_is_told_thirty_days_before_to_those_it_is_for() -> None:
    changed, kept = shop_since(BEGUN), shop_since(BEGUN, term_months=36)
    public = shop_since(BEGUN, product=Product.BASIC)
    begins = date(2027, 3, 1)
    announce(soho_from(begins, 20_900), date(2027, 1, 2))
    assert days_told(NoticeKind.PRICE_CHANGING, date(2027, 1, 27), date(2027, 2, 3)) == [date(2027, 1, 30)]
    (text,) = told(NoticeKind.PRICE_CHANGING)
    assert "요금이 3월 1일(월)부터 한 달 19,800원에서 20,900원으로 바뀌어요." in text
    assert Notice.objects.get(kind=NoticeKind.PRICE_CHANGING).shop_id == changed.pk
    assert {kept.pk, public.pk}.isdisjoint(Notice.objects.values_list("shop_id", flat=True))


def test_a_price_announced_late_is_told_at_once_and_one_that_was_taken_back_never() -> None:
    shop_since(BEGUN)
    today = date(2027, 2, 20)
    announce(soho_from(date(2027, 3, 1), 20_900), today)
    row = CatalogueRow.objects.get()
    price_list.withdraw(row.pk, by=StaffFactory(role=Role.ADMIN), address=None, now=noon(today))
    assert reminders.remind(noon(today)) == 0
    announce(soho_from(date(2027, 3, 1), 21_900), today)
    assert reminders.remind(noon(today)) == 1


def test_an_event_plans_price_is_told_with_the_whole_month() -> None:
    shop = shop_since(BEGUN)
    catalogue: Catalogue = price_list.catalogue()
    subscriptions.change(
        shop,
        lambda c, on: changes.change_plan(c, catalogue, EventPlan.PRO, on),
        by=None,
        address=None,
        now=noon(date(2026, 11, 1)),
    )
    begins = date(2027, 3, 1)
    announce(
        replace(BASE.plan_of(EventPlan.PRO, begins), effective_from=begins, monthly_krw=55_000),
        date(2027, 2, 10),
    )
    reminders.remind(noon(date(2027, 2, 10)))
    assert "한 달 68,800원에서 74,800원으로" in told(NoticeKind.PRICE_CHANGING)[0]


def test_a_price_that_stays_the_same_for_a_shop_is_no_news() -> None:
    shop_since(BEGUN)
    begins = date(2027, 3, 1)
    dearer = replace(soho_from(begins, 19_800), commitments=MappingProxyType({12: 1_000}))
    announce(dearer, date(2027, 2, 10))
    assert reminders.remind(noon(date(2027, 2, 10))) == 0


@pytest.mark.parametrize("shops", [1, 3])
def test_a_day_on_which_everybody_has_been_told_costs_the_same_for_one_and_for_many(shops: int) -> None:
    for _ in range(shops):
        shop_since(BEGUN, term_months=12)
    now = noon(date(2027, 8, 10))
    reminders.remind(now)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert reminders.remind(now) == 0
    assert len(asked) == 10


def test_a_booked_end_comes_right_after_midnight_in_korea() -> None:
    shop = shop_since(BEGUN)
    last = date(2026, 10, 31)
    subscriptions.change(
        shop, lambda c, on: changes.cancel(c, last, on), by=None, address=None, now=noon(date(2026, 10, 1))
    )
    midnight = noon(last) + timedelta(hours=12)
    assert subscriptions.end_due(midnight - timedelta(seconds=1)) == 0
    assert subscriptions.end_due(midnight) == 1
    shop.refresh_from_db()
    assert (shop.status, shop.subscriptions.get().state) == (ShopStatus.CLOSED, SubscriptionState.ENDED)
