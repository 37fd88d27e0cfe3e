"""Where people land after logging in, and a shop's first page."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from messaging.models import QuotaDay, ShopNumbers
from messaging.template_texts import default_promo
from shopmsg.accounts.enums import NoticeState, Role, ShopStatus
from shopmsg.core.clock import kst_day
from tests.accounts.logged_in import staff_client
from tests.factories.accounts import MembershipFactory, ShopFactory, StaffFactory, UserFactory
from tests.factories.messaging import promo_version, sent_call
from tests.markup import sound
from tests.messaging.owner_page import browser, stage

pytestmark = pytest.mark.django_db


def test_an_owner_of_one_shop_lands_in_it_and_of_several_chooses() -> None:
    user = UserFactory()
    shop = ShopFactory(owner=user)
    client = browser(user)
    assert client.get("/start/")["Location"] == f"/shops/{shop.slug}/promo/", "nothing goes out yet"
    promo_version(shop, live=True)
    assert client.get("/start/")["Location"] == f"/shops/{shop.slug}/"
    second = ShopFactory(name="둘째 가게")
    MembershipFactory(shop=second, user=user)
    page = client.get("/start/").content.decode()
    assert "둘째 가게" in page
    assert shop.name in page


def test_somebody_without_a_shop_is_told_whom_to_call() -> None:
    assert "1877-3592" in browser(UserFactory()).get("/start/").content.decode()


@pytest.mark.parametrize(
    ("role", "place"),
    [
        (Role.AGENT, "/desk/"),
        (Role.PRODUCER, "/production/"),
        (Role.DEALER, "/dealer/"),
        (Role.ADMIN, "/funnel/"),
    ],
)
def test_staff_land_where_they_work(role: Role, place: str) -> None:
    client = staff_client(StaffFactory(role=role))
    assert client.get("/start/")["Location"] == place
    answer = client.get(place)
    sound(answer)
    assert re.search(rf'href="{place}"\s+aria-current="page"', answer.content.decode()), "their tab is marked"


def test_nobody_lands_before_the_login() -> None:
    assert Client().get("/start/").status_code == 302


def test_today_shows_the_days_numbers_and_what_is_left() -> None:
    at = stage()
    day = kst_day(timezone.now())
    ShopNumbers.objects.create(
        shop_id=at.shop.pk,
        day=day,
        calls=1_288,
        sent=462,
        held=3,
        not_sent=820,
        delivered=450,
        visited=31,
        redeemed=4,
    )
    ShopNumbers.objects.create(shop_id=at.shop.pk, day=day - timedelta(days=7), calls=77_777)
    QuotaDay.objects.create(shop_id=at.shop.pk, day=day, used=112, cap=500)
    answer = at.owner.get(at.url())
    page = answer.content.decode()
    assert [(stage.label, stage.value, stage.unit) for stage in answer.context["funnel"]] == [
        ("전화", "1,288", "건"),
        ("보냄", "462", "건"),
        ("도착", "450", "건"),
        ("링크 열어 봄", "31", "명"),
        ("쿠폰 씀", "4", "명"),
    ]
    assert [heap["label"] for heap in answer.context["heaps"]] == ["기다림 6건", "안 보냄 820건"]
    assert "전화 1,288건, 보냄 462건, 링크 31명" in page, "and the day's column of the week says so too"
    assert "오늘 500건 중 388건 남았어요" in page
    assert "77,777" not in page


@pytest.mark.parametrize("calls", [1, 3])
def test_the_first_page_costs_the_same_whatever_happened(
    calls: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    at = stage()
    promo_version(at.shop, live=True, standing=True)
    for _ in range(calls):
        sent_call(at.shop)
    at.owner.get(at.url())
    with django_assert_num_queries(10):
        at.owner.get(at.url())


def test_what_stops_sending_is_said_with_one_button() -> None:
    at = stage()
    promo_version(at.shop, live=True)
    assert not at.owner.get(at.url()).context["warnings"]

    def said() -> list[str]:
        return [warning["title"] for warning in at.owner.get(at.url()).context["warnings"]]

    at.shop.promos.update(live=False)
    assert said() == ["보낼 홍보문자가 없어요"]
    at.shop.promos.update(live=True)
    at.shop.lines.update(notice_state=NoticeState.REQUESTED)
    assert said() == ["통화연결음 안내가 아직 켜지지 않았어요"]
    at.shop.lines.update(sender_accepted_at=None)
    assert said() == ["발신번호 등록이 아직 끝나지 않았어요"]
    type(at.shop).objects.filter(pk=at.shop.pk).update(sending_on=False)
    assert said() == ["발송이 꺼져 있어요"]
    type(at.shop).objects.filter(pk=at.shop.pk).update(status=ShopStatus.SUSPENDED)
    assert said() == ["이용이 멈춰 있어요"]


@pytest.mark.parametrize(
    ("used", "said"), [(449, []), (450, ["오늘 500건에 가까워요"]), (500, ["오늘 500건을 모두 보냈어요"])]
)
def test_the_daily_cap_is_told_before_it_is_reached(used: int, said: list[str]) -> None:
    at = stage()
    promo_version(at.shop, live=True)
    QuotaDay.objects.create(shop_id=at.shop.pk, day=kst_day(timezone.now()), used=used, cap=500)
    assert [warning["title"] for warning in at.owner.get(at.url()).context["warnings"]] == said


@time_machine.travel(datetime(2026, 12, 1, 3, 0, tzinfo=UTC), tick=False)
def test_a_greeting_of_another_month_is_noticed_with_a_button_to_this_months() -> None:
    at = stage()
    words = default_promo("56193", at.shop.name, 11)
    live = promo_version(at.shop, live=True, headline=words.headline, body=words.body)
    (warning,) = at.owner.get(at.url()).context["warnings"]
    assert warning["title"] == "11월 인사말이 아직 나가고 있어요"
    assert warning["url"] == f"/shops/{at.shop.slug}/promo/gallery/"

    live.delete()
    words = default_promo("56193", at.shop.name, 12)
    promo_version(at.shop, live=True, headline=words.headline, body=words.body)
    assert at.owner.get(at.url()).context["warnings"] == []


def test_a_promo_that_ends_soon_is_told_and_after_its_end_the_common_one_is_shown() -> None:
    at = stage()
    today = kst_day(timezone.now())
    promo_version(at.shop, standing=True, headline="언제나 나가는 글")
    promo_version(at.shop, live=True, kind="coupon", headline="쿠폰 글", ends_on=today + timedelta(days=2))
    page = at.owner.get(at.url())
    assert [warning["title"] for warning in page.context["warnings"]] == ["홍보 기간이 2일 뒤에 끝나요"]
    assert "쿠폰 글" in page.context["phone"].text
    at.shop.promos.filter(live=True).delete()
    promo_version(at.shop, live=True, kind="coupon", ends_on=today - timedelta(days=1))
    assert "언제나 나가는 글" in at.owner.get(at.url()).context["phone"].text
