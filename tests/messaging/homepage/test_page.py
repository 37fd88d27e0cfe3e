"""What a customer is shown of a shop, and when."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from messaging.homepage.page import page_of
from messaging.models import Announcement, Homepage, MenuItem, Picture, ShopPhoto
from shopmsg.accounts.enums import Product, ShopStatus
from shopmsg.accounts.models import Shop
from tests.factories.accounts import ShopFactory
from tests.factories.messaging import promo_version

pytestmark = pytest.mark.django_db

#: Sunday, 15:00 KST.
NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
TODAY = date(2026, 11, 22)
WEEK: dict[str, Any] = {
    "days": [["11:00", "22:00", "15:00", "17:00"]] * 5 + [["12:00", "20:00"], None],
    "closures": [{"from": "2026-11-24", "to": "2026-11-24", "reason": "김장"}],
}


def _coupon(shop: Shop, **fields: Any) -> None:
    values = {"kind": "coupon", "live": True, "details": {"benefit": "콜라 한 병", "how": "보여 주세요"}}
    promo_version(shop, **{**values, **fields})


def _filled(items: int) -> Shop:
    shop = ShopFactory(week=WEEK)
    Homepage.objects.create(shop=shop, intro="2대째 하는 집이에요", way="2번 출구 앞")
    _coupon(shop, picture=_picture(0))
    for number in range(items):
        MenuItem.objects.create(shop=shop, name=f"치킨 {number}", price=19_000, position=number)
        ShopPhoto.objects.create(shop=shop, picture=_picture(number + 1), position=number)
        Announcement.objects.create(shop=shop, text=f"공지 {number}", starts_on=TODAY)
    return shop


def _picture(number: int) -> Picture:
    return Picture.objects.get_or_create(
        sha256=f"{number:064x}", shop=None, defaults={"width": 1000, "height": 750}
    )[0]


@pytest.mark.parametrize("items", [1, 30])
def test_a_page_costs_six_queries_however_much_a_shop_shows(items: int) -> None:
    shop = Shop.objects.get(pk=_filled(items).pk)
    with CaptureQueriesContext(connection) as seen:
        page = page_of(shop, NOW)
    assert len(seen) == 6
    assert len(page.menu) == len(page.photos) == len(page.announcements) == items


def test_hours_say_open_or_not_and_how_this_week_differs() -> None:
    hours = page_of(_filled(1), NOW).hours
    assert hours.status is not None
    assert not hours.status.open
    assert hours.status.text == "오늘 쉬어요 · 내일 오전 11:00에 열어요"
    tuesday = hours.rows[1]
    assert (tuesday.text, tuesday.rest) == ("11:00~22:00", "15:00~17:00")
    assert tuesday.but == "11월 24일은 쉬어요 - 김장"


def test_a_shop_that_gave_one_line_shows_that_line() -> None:
    hours = page_of(ShopFactory(hours="매일 오후 4시부터"), NOW).hours
    assert (hours.line, hours.status, hours.rows) == ("매일 오후 4시부터", None, ())


def test_hours_nobody_can_read_do_not_take_the_page_down() -> None:
    assert page_of(ShopFactory(week={"days": "매일"}), NOW).hours.status is None


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "shown"),
    [
        (None, None, True),
        (date(2026, 11, 1), date(2026, 11, 22), True),
        (date(2026, 11, 22), None, True),
        (date(2026, 11, 1), date(2026, 11, 21), False),
        (date(2026, 11, 23), date(2026, 11, 30), False),
    ],
)
def test_a_coupon_is_there_in_its_period_only(
    starts_on: date | None, ends_on: date | None, shown: bool
) -> None:
    shop = ShopFactory()
    promo_version(shop, headline="평소 인사", standing=True)
    _coupon(shop, starts_on=starts_on, ends_on=ends_on)
    page = page_of(shop, NOW)
    assert (page.coupon is not None) is shown
    assert page.promo is not None
    assert page.promo.headline == ("제목 2" if shown else "평소 인사"), "never silence"


def test_an_event_over_with_nothing_to_take_over_leaves_the_page_without_words() -> None:
    shop = ShopFactory()
    promo_version(shop, kind="event", live=True, ends_on=date(2026, 11, 21))
    assert page_of(shop, NOW).promo is None


def test_announcements_are_there_in_their_time_newest_first() -> None:
    shop = ShopFactory()
    for text, starts_on, ends_on in [
        ("지난 공지", date(2026, 11, 1), date(2026, 11, 21)),
        ("오늘까지", date(2026, 11, 2), TODAY),
        ("계속", TODAY, None),
        ("내일부터", date(2026, 11, 23), None),
    ]:
        Announcement.objects.create(shop=shop, text=text, starts_on=starts_on, ends_on=ends_on)
    assert page_of(shop, NOW).announcements == ("계속", "오늘까지")


def test_a_public_body_without_a_trade_address_or_number_has_a_page_too() -> None:
    shop = ShopFactory(ksic="84111", product=Product.PREMIUM, address="", hours="", line=None)
    page = page_of(shop, NOW)
    assert (page.trade, page.group, page.line, page.maps) == ("", "", "", ())


@pytest.mark.parametrize("status", ShopStatus)
def test_only_a_shop_that_left_is_closed(status: ShopStatus) -> None:
    assert page_of(ShopFactory(status=status), NOW).closed is (status == ShopStatus.CLOSED)
