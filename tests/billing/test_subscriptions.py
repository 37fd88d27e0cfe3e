"""Subscriptions: begun once, in force to the day, taken back as if nothing had been (rules.md §3)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection

from billing import subscriptions
from billing.changes import ContractRefused
from billing.enums import Bundle
from billing.models import Subscription, SubscriptionState
from shopmsg.accounts.enums import Product, Role, ShopStatus
from shopmsg.accounts.models import AuditEntry, Shop
from tests.factories.accounts import ShopFactory, StaffFactory

#: 01:00 on 23 November in Korea, still the 22nd in UTC.
NOW = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)
DAY = timedelta(days=1)
pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Shop:
    return ShopFactory(status=ShopStatus.PENDING, daily_cap=1)


def start(shop: Shop, now: datetime = NOW, **more: Any) -> Subscription:
    contract: dict[str, Any] = {"product": Product.SOHO, "term_months": 36, "bundle": Bundle.NONE, **more}
    return subscriptions.start(shop, by=None, address=None, now=now, **contract)


def end(shop: Shop, now: datetime = NOW) -> Subscription | None:
    return subscriptions.end(shop, reason="가게를 정리하심", by=None, address=None, now=now)


def refusal(shop: Shop, **more: Any) -> str:
    with pytest.raises(ContractRefused) as refused:
        start(shop, **more)
    return refused.value.code


def test_it_begins_on_the_korean_day_with_a_free_month_and_the_shop_may_send(shop: Shop) -> None:
    made = start(shop)

    assert (made.starts_on, made.free_until) == (date(2026, 11, 23), date(2026, 12, 22))
    assert (shop.status, shop.daily_cap) == (ShopStatus.ACTIVE, 500)


@pytest.mark.parametrize(
    ("began", "free_until"),
    [
        (date(2027, 1, 30), date(2027, 2, 27)),
        (date(2027, 1, 31), date(2027, 2, 27)),
        (date(2028, 1, 31), date(2028, 2, 28)),
        (date(2027, 2, 28), date(2027, 3, 27)),
        (date(2027, 8, 31), date(2027, 9, 29)),
    ],
)
def test_the_free_month_ends_the_day_before_the_same_day_of_the_next(
    shop: Shop, began: date, free_until: date
) -> None:
    assert start(shop, datetime.combine(began, datetime.min.time(), UTC)).free_until == free_until


@pytest.mark.parametrize("product", [Product.BASIC, Product.PREMIUM])
def test_a_public_bodys_product_has_no_free_month_and_fifty_a_day(shop: Shop, product: Product) -> None:
    made = start(shop, product=product, term_months=0)

    assert made.free_until is None
    assert (shop.product, shop.daily_cap) == (product, 50)


def test_the_same_contract_begun_again_is_the_one_that_runs_and_another_is_refused(shop: Shop) -> None:
    assert start(shop) == start(shop, NOW + DAY)
    assert refusal(shop, term_months=12) == "other_contract"
    assert Subscription.objects.count() == 1
    assert AuditEntry.objects.filter(action="subscription.started").count() == 1


def test_what_is_not_sold_does_not_begin(shop: Shop) -> None:
    assert refusal(shop, product=Product.BASIC, term_months=12) == "commitment_not_offered"
    assert refusal(shop, term_months=12, bundle=Bundle.SUCCESS_PACK) == "bundle_requires_no_commitment"
    pack: dict[str, Any] = {"term_months": 0, "bundle": Bundle.SUCCESS_PACK}
    assert refusal(shop, **pack) == "pack_incomplete"
    assert refusal(shop, **pack, pack_internet="internet") == "pack_incomplete"
    shop.refresh_from_db()
    assert shop.status == ShopStatus.PENDING

    made = start(shop, **pack, pack_internet="internet", pack_parts=["tv"])
    assert (made.pack_internet, made.pack_parts) == ("internet", ["tv"])


def test_an_end_closes_the_shop_says_why_and_is_taken_back_on_the_same_day(shop: Shop) -> None:
    admin = StaffFactory(role=Role.ADMIN)
    begun = start(shop)
    subscriptions.end(shop, reason="가게를 정리하심", by=admin, address="203.0.113.7", now=NOW + DAY)

    assert (shop.status, shop.status_reason) == (ShopStatus.CLOSED, "가게를 정리하심")
    assert subscriptions.current(shop) is None
    entry = AuditEntry.objects.get(action="subscription.ended")
    assert (entry.actor, entry.reason, entry.address) == (admin, "가게를 정리하심", "203.0.113.7")

    back = subscriptions.take_back_end(shop, by=admin, address=None, now=NOW + DAY)
    assert (back, back.starts_on, back.ended_on) == (begun, date(2026, 11, 23), None)
    assert shop.status == ShopStatus.ACTIVE


def test_an_end_of_yesterday_is_final_and_one_that_never_was_cannot_be_taken_back(shop: Shop) -> None:
    for now in (NOW, NOW + DAY):
        with pytest.raises(ContractRefused) as refused:
            subscriptions.take_back_end(shop, by=None, address=None, now=now)
        assert refused.value.code == "not_ended"
        start(shop)
        end(shop)
    assert end(shop) is None, "closed twice is closed once"


def test_who_comes_back_begins_anew(shop: Shop) -> None:
    start(shop)
    end(shop)

    again = start(shop, NOW + 90 * DAY, term_months=12)

    assert (again.starts_on, again.term_months) == (date(2027, 2, 21), 12)
    assert set(Subscription.objects.values_list("state", flat=True)) == set(SubscriptionState)


@pytest.mark.django_db(transaction=True)
def test_begun_by_two_at_once_it_begins_once(shop: Shop) -> None:
    def work(_: int) -> int:
        try:
            return start(Shop.objects.get(pk=shop.pk)).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        made = set(pool.map(work, range(8)))

    assert len(made) == 1 == Subscription.objects.count()


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": "paused"},
        {"state": "ended"},
        {"ended_on": date(2026, 11, 24)},
        {"term_months": 18},
        {"bundle": "success_pack"},
    ],
)
def test_postgresql_keeps_no_contract_that_cannot_be(shop: Shop, wrong: dict[str, Any]) -> None:
    made = start(shop)
    with pytest.raises(IntegrityError):
        Subscription.objects.filter(pk=made.pk).update(**wrong)
