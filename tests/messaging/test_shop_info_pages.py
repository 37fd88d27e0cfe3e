"""The owner's shop page and the small pages below it."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from messaging.models import Announcement, Homepage, MenuItem, Picture, ShopPhoto
from shopmsg.accounts.enums import MemberRole
from shopmsg.accounts.models import AuditEntry, Membership, Shop
from shopmsg.core.clock import kst_day
from shopmsg.core.opening import MOST_CLOSURES, Week
from shopmsg.core.opening_day import Day
from shopmsg.core.opening_rest import Closure, Holidays, Monthly
from tests.factories.messaging import promo_version
from tests.messaging.owner_page import Stage, stage

pytestmark = pytest.mark.django_db

LUNCH = Day.of(660, 1_320, (900, 1_020))
WEEK = Week((LUNCH,) * 6 + (None,))


def with_week(week: Week = WEEK, **fields: Any) -> Stage:
    return stage(week=week.to_json(), hours=week.summary(), **fields)


def week_of(at: Stage) -> Week:
    at.shop.refresh_from_db()
    assert at.shop.hours == Week.from_json(at.shop.week).summary()
    return Week.from_json(at.shop.week)


def picture(shop: Shop, letter: str = "a") -> Picture:
    return Picture.objects.create(
        shop=shop, sha256=letter * 64, file=f"pictures/{letter * 64}.jpg", width=1000, height=750
    )


def typed(page: Any) -> dict[str, Any]:
    """What the page's form would send if nothing were touched."""
    form = page.context["form"]
    data: dict[str, Any] = {}
    for each in [form.weekdays, *(day for _, _, day in form.groups)]:
        for bound in each:
            value = bound.value()
            if value not in (False, None, ""):
                data[bound.html_name] = "on" if value is True else value
    return data


def test_everything_is_on_one_page_and_a_viewer_gets_no_buttons() -> None:
    at = with_week(Week((LUNCH,) * 7))
    Homepage.objects.create(shop=at.shop, intro="20년 된 집이에요", way="2번 출구 앞")
    MenuItem.objects.create(shop=at.shop, name="양념치킨", price=19_000)
    Announcement.objects.create(shop=at.shop, text="단체 예약 받아요", starts_on=date(2026, 1, 1))
    ShopPhoto.objects.create(shop=at.shop, picture=picture(at.shop), caption="앞모습")
    owners = at.owner.get(at.url("shop/")).content.decode()
    viewers = at.colleague.get(at.url("shop/")).content.decode()
    for shown in (
        "매일 11:00~22:00",
        "20년 된 집이에요",
        "2번 출구 앞",
        "양념치킨",
        "19,000원",
        "단체 예약",
        "앞모습",
    ):
        assert shown in owners
        assert shown in viewers
    assert f'href="/s/{at.shop.slug}"' in viewers
    assert "고치기" in owners
    assert "오늘만 쉬어요" in owners
    for button in ("고치기", "오늘만 쉬어요", "바꾸기"):
        assert button not in viewers


def test_a_shop_nobody_has_described_yet_shows_what_will_be_there() -> None:
    at = stage(hours="", address="")
    page = at.owner.get(at.url("shop/")).content.decode()
    for empty in (
        "영업시간이 아직",
        "주소가 아직",
        "소개가 아직",
        "메뉴가 아직",
        "사진이 아직",
        "공지가 없어요",
    ):
        assert empty in page
    for path in ("menu/", "photos/", "announcements/"):
        assert 'class="empty"' in at.owner.get(at.url(f"shop/{path}")).content.decode()
        assert "사장님이 올리면" in at.colleague.get(at.url(f"shop/{path}")).content.decode()


@pytest.mark.parametrize("many", [1, 30])
@pytest.mark.parametrize(("path", "queries"), [("shop/", 8), ("shop/menu/", 5), ("shop/photos/", 5), ("shop/announcements/", 5)])  # fmt: skip
def test_pages_cost_the_same_whatever_their_length(
    path: str, queries: int, many: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    at = with_week()
    for number in range(many):
        MenuItem.objects.create(shop=at.shop, name=f"메뉴 {number}", price=1_000, position=number)
        Announcement.objects.create(shop=at.shop, text=f"공지 {number}", starts_on=date(2026, 1, 1))
        ShopPhoto.objects.create(shop=at.shop, picture=_numbered(at.shop, number))
    at.owner.get(at.url(path))
    with django_assert_num_queries(queries):
        assert at.owner.get(at.url(path)).status_code == 200


def _numbered(shop: Shop, number: int) -> Picture:
    name = f"{number:064x}"
    return Picture.objects.create(shop=shop, sha256=name, file=f"pictures/{name}.jpg", width=1000, height=750)


def test_nobody_reaches_a_row_of_another_shop_through_the_own() -> None:
    mine, other = with_week(), with_week()
    item = MenuItem.objects.create(shop=other.shop, name="양념치킨")
    notice = Announcement.objects.create(shop=other.shop, text="공지", starts_on=date(2026, 1, 1))
    photo = ShopPhoto.objects.create(shop=other.shop, picture=picture(other.shop))
    for path in (f"menu/{item.pk}/", f"announcements/{notice.pk}/", f"photos/{photo.pk}/"):
        assert mine.owner.get(mine.url(f"shop/{path}")).status_code == 404
        for deed in ("do/", "remove/"):
            assert mine.owner.post(mine.url(f"shop/{path}{deed}"), {"action": "remove"}).status_code == 404
    mine.owner.post(mine.url("shop/photos/add/"), {"picture": f"stored:{photo.picture_id}"})
    assert not ShopPhoto.objects.filter(shop=mine.shop).exists()
    assert MenuItem.objects.filter(pk=item.pk).exists()


def test_a_colleague_with_the_right_to_edit_edits() -> None:
    at = stage()
    Membership.objects.filter(shop=at.shop).exclude(user=at.user).update(role=MemberRole.EDITOR)
    at.colleague.post(at.url("shop/menu/add/"), {"name": "감자튀김", "price": "삼천원", "note": ""})
    assert MenuItem.objects.get(shop=at.shop).price == 3_000


# --- hours ----------------------------------------------------------------------------------------------------------


def test_hours_from_signup_are_the_beginning_and_are_saved_untouched_in_one_tap() -> None:
    at = stage(hours="매일 오후 4:00~새벽 1:00")
    page = at.owner.get(at.url("shop/hours/"))
    assert page.context["preset"] == "same"
    assert at.owner.post(at.url("shop/hours/?how=same"), typed(page)).status_code == 302
    assert week_of(at).days == (Day.of(960, 60),) * 7
    assert "다음 문자와 홈페이지" in at.owner.get(at.url("shop/")).content.decode()


@pytest.mark.parametrize(
    "week",
    [
        WEEK,
        Week((LUNCH,) * 5 + (Day.of(720, 1_200),) * 2, note="마지막 주문 21:30"),
        Week((*(Day.of(600 + 10 * at, 1_200 + 10 * at) for at in range(6)), None)),
        Week((Day(0, 1_440),) * 7),
        Week((Day.of(0, 300, (60, 120)), Day.of(1_020, 1_440), None, None, LUNCH, Day.of(1_080, 119), None)),
    ],
)
def test_saving_what_is_there_changes_nothing(week: Week) -> None:
    kept = Week(
        week.days,
        Monthly(6, (2,)),
        Holidays.FEASTS,
        None,
        (Closure(date(2099, 1, 1), date(2099, 1, 3)),),
        week.note,
    )
    at = with_week(kept)
    page = at.owner.get(at.url("shop/hours/"))
    preset = page.context["preset"]
    assert at.owner.post(at.url(f"shop/hours/?how={preset}"), typed(page)).status_code == 302
    assert week_of(at) == kept
    assert not AuditEntry.objects.exists()


def test_weekdays_and_weekend_have_their_own_hours_and_times_may_be_typed() -> None:
    at = stage(hours="")
    page = at.owner.get(at.url("shop/hours/?how=weekend"))
    data = typed(page) | {
        "d0-opens": "typed", "d0-opens_typed": "11시 40분", "d0-closes": "22:00",
        "d0-rest": "on", "d0-rest_from": "15:00", "d0-rest_to": "17:00",
        "d1-opens": "12:00", "d1-closes": "01:00", "closed": ["6"], "note": "",
    }  # fmt: skip
    at.owner.post(at.url("shop/hours/?how=weekend"), data)
    assert week_of(at).days == (Day.of(700, 1_320, (900, 1_020)),) * 5 + (Day.of(720, 60), None)


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"d0-opens": "typed", "d0-opens_typed": "점심때"}, "시각을 11:00이나"),
        ({"d0-closes": "11:00"}, "여는 시각과 닫는 시각이 같아요"),
        ({"d0-rest": "on", "d0-rest_from": "09:00", "d0-rest_to": "10:00"}, "쉬는 시간은 여는 시각과"),
        ({"closed": list("0123456")}, "여는 날이 하루도 없어요"),
        ({"d0-opens": "99:99"}, "시각을 다시 골라"),
        ({"note": "쉬는 날 😀"}, "문자에 쓸 수 없어요"),
        ({"note": "가" * 41}, "40자 안으로"),
    ],
)
def test_hours_that_cannot_be_are_refused_where_they_were_typed_and_nothing_is_lost(
    changed: dict[str, Any], sentence: str
) -> None:
    at = with_week()
    data = typed(at.owner.get(at.url("shop/hours/?how=same"))) | changed
    answer = at.owner.post(at.url("shop/hours/?how=same"), data)
    page = answer.content.decode()
    assert sentence in page
    for name, value in changed.items():
        assert name == "closed" or name.endswith(("opens", "closes", "rest", "from", "to")) or value in page
    assert week_of(at) == WEEK


def test_hours_that_would_make_the_live_promo_too_long_are_refused() -> None:
    at = stage(week=WEEK.to_json(), hours=WEEK.summary())
    promo_version(at.shop, body="가" * 930, live=True, shows_hours=True)
    data = typed(at.owner.get(at.url("shop/hours/"))) | {
        "note": "마지막 주문은 문 닫기 30분 전까지 받아요 꼭 와 주세요"
    }
    page = at.owner.post(at.url("shop/hours/?how=same"), data).content.decode()
    assert "지금 나가는 문자가" in page
    assert week_of(at) == WEEK


def test_one_tap_closes_today_and_one_opens_it_again() -> None:
    at = with_week(Week((Day(0, 1_440),) * 7))
    today = kst_day(timezone.now())
    page = at.owner.post(at.url("shop/closures/do/"), {"action": "today", "back": "info"}, follow=True)
    assert "오늘 쉬어요" in page.content.decode()
    assert week_of(at).closures == (Closure(today, today),)
    page = at.owner.post(at.url("shop/closures/do/"), {"action": "open", "back": "info"}, follow=True)
    assert "영업 중" in page.content.decode()
    assert week_of(at).closures == ()


def test_a_holiday_is_put_up_and_past_or_backward_days_are_refused() -> None:
    at = with_week()
    today = kst_day(timezone.now())
    days = {name: (today + timedelta(days=ahead)).isoformat() for name, ahead in
            {"yesterday": -1, "tomorrow": 1, "later": 5}.items()}  # fmt: skip
    refused = [
        ({"first": days["yesterday"]}, "이미 지난 날"),
        ({"first": days["later"], "last": days["tomorrow"]}, "첫날보다 빨라요"),
        ({"first": ""}, "날짜를 골라"),
        ({"first": days["tomorrow"], "reason": "🏖"}, "쓸 수 없어요"),
        ({"first": days["tomorrow"], "last": "9999-12-31"}, "1년 안으로"),
    ]
    for wrong, sentence in refused:
        assert sentence in at.owner.post(at.url("shop/closures/"), wrong).content.decode()
    assert week_of(at) == WEEK
    at.owner.post(
        at.url("shop/closures/"), {"first": days["tomorrow"], "last": days["later"], "reason": " 여름 휴가 "}
    )
    assert week_of(at).closures[0].reason == "여름 휴가"
    page = at.colleague.get(at.url("shop/closures/")).content.decode()
    assert "여름 휴가" in page
    assert "다시 열기" not in page
    for forged in ({"first": "x"}, {"action": "open", "first": days["later"]}):
        at.owner.post(at.url("shop/closures/do/"), forged)
    assert len(week_of(at).closures) == 1


def test_closures_that_are_over_leave_room_for_new_ones() -> None:
    today = kst_day(timezone.now())
    past = [today - timedelta(days=ahead) for ahead in range(1, MOST_CLOSURES + 1)]
    at = with_week(Week((LUNCH,) * 7, closures=tuple(Closure(day, day) for day in past)))
    at.owner.post(at.url("shop/closures/"), {"first": today.isoformat()})
    at.owner.post(at.url("shop/closures/do/"), {"first": (today + timedelta(days=1)).isoformat()})
    assert [each.first for each in week_of(at).closures] == [today, today + timedelta(days=1)]


def test_public_holidays_and_monthly_days_off_are_chosen() -> None:
    at = with_week()
    at.owner.post(at.url("shop/rest/"), {"holidays": "closed", "nths": ["4", "2"], "weekday": "2"})
    assert week_of(at) == Week(WEEK.days, Monthly(2, (2, 4)), Holidays.CLOSED)
    own = {"own-opens": "12:00", "own-closes": "18:00"}
    at.owner.post(at.url("shop/rest/"), {"holidays": "own", "weekday": "0", **own})
    assert week_of(at) == Week(WEEK.days, None, Holidays.OWN, Day.of(720, 1_080))
    assert "골라 주세요" in at.owner.post(at.url("shop/rest/"), {"weekday": "0"}).content.decode()
    at.owner.post(at.url("shop/rest/"), {"holidays": "usual", "weekday": "0"})
    assert week_of(at) == WEEK


def test_days_off_ask_for_hours_first() -> None:
    at = stage(hours="")
    for path in ("rest/", "closures/"):
        assert at.owner.get(at.url(f"shop/{path}"))["Location"] == at.url("shop/hours/")
    assert at.colleague.get(at.url("shop/closures/"))["Location"] == at.url("shop/")
    assert at.owner.post(at.url("shop/closures/do/"), {"action": "today"})["Location"] == at.url(
        "shop/hours/"
    )


# --- words ----------------------------------------------------------------------------------------------------------


def test_place_way_and_intro_are_changed_and_too_long_ones_are_kept_on_screen() -> None:
    at = stage()
    at.owner.post(at.url("shop/place/"), {"place": "서울 마포구 새길 3", "way": "2번 출구 앞"})
    at.owner.post(at.url("shop/intro/"), {"intro": "국물이 진해요\r\n\r\n\r\n\r\n20년 됐어요 😀"})
    at.shop.refresh_from_db()
    homepage = Homepage.objects.get(shop=at.shop)
    assert (at.shop.address, homepage.way) == ("서울 마포구 새길 3", "2번 출구 앞")
    assert homepage.intro == "국물이 진해요\n\n20년 됐어요 😀"
    for path, field, longest in (("place/", "place", 120), ("place/", "way", 120), ("intro/", "intro", 300)):
        answer = at.owner.post(
            at.url(f"shop/{path}"), {"place": "새길 4", "way": "", field: "가" * (longest + 1)}
        )
        assert f"{longest}자 안으로" in answer.content.decode()
        assert "가" * (longest + 1) in answer.content.decode()
    at.shop.refresh_from_db()
    assert at.shop.address == "서울 마포구 새길 3"


def test_what_an_owner_writes_is_text() -> None:
    at = stage()
    at.owner.post(at.url("shop/intro/"), {"intro": "<script>alert(1)</script>"})
    at.owner.post(at.url("shop/menu/add/"), {"name": "<b>치킨</b>", "price": "", "note": ""})
    page = at.owner.get(at.url("shop/")).content.decode()
    assert "<script>alert" not in page
    assert "&lt;b&gt;치킨" in page


def test_the_address_of_the_homepage_is_changed_offers_included() -> None:
    at = stage(slug="old-name", name="봄날 꽃집")
    stage(slug="taken")
    page = at.owner.get(at.url("shop/address/")).content.decode()
    assert 'value="bomnal-kkotjip"' in page
    refused = at.owner.post(at.url("shop/address/"), {"slug": "taken"}).content.decode()
    assert "다른 가게가 쓰고 있는" in refused
    assert len(re.findall(r'name="slug"\s+value="taken-', refused)) == 2
    moved = at.owner.post(at.url("shop/address/"), {"slug": "bomnal-kkotjip"})
    assert moved["Location"] == "/shops/bomnal-kkotjip/shop/"
    assert at.owner.get("/shops/old-name/shop/")["Location"] == "/shops/bomnal-kkotjip/shop/"
    assert Client().get("/s/old-name")["Location"].endswith("/s/bomnal-kkotjip")


# --- lists ----------------------------------------------------------------------------------------------------------


def names(at: Stage) -> list[str]:
    return list(MenuItem.objects.filter(shop=at.shop).values_list("name", flat=True))


def test_the_menu_is_written_moved_sold_out_removed_and_put_back() -> None:
    at = stage()
    for name, price in (("후라이드", "18,000원"), ("양념", "만구천원"), ("무", "")):
        at.owner.post(at.url("shop/menu/add/"), {"name": name, "price": price, "note": "", "then": "more"})
    first, second, third = MenuItem.objects.filter(shop=at.shop)
    assert [first.price, second.price, third.price] == [18_000, 19_000, None]

    def do(item: MenuItem, action: str) -> None:
        at.owner.post(at.url(f"shop/menu/{item.pk}/do/"), {"action": action})

    do(third, "up")
    do(first, "up")
    do(second, "down")
    assert names(at) == ["후라이드", "무", "양념"]
    do(second, "sold_out")
    assert "품절" in at.colleague.get(at.url("shop/menu/")).content.decode()
    do(second, "in_stock")
    assert not MenuItem.objects.filter(sold_out=True).exists()
    at.owner.post(at.url(f"shop/menu/{first.pk}/"), {"name": "후라이드", "price": "17000", "note": "국내산"})
    do(first, "remove")
    assert names(at) == ["무", "양념"]
    undo = at.owner.get(at.url("shop/menu/")).context["undo"]
    at.owner.post(at.url("shop/menu/undo/"), {"undo": undo["token"]})
    assert names(at) == ["후라이드", "무", "양념"]
    assert MenuItem.objects.get(name="후라이드").note == "국내산"
    assert at.owner.get(at.url("shop/menu/")).context["undo"] is None


@pytest.mark.parametrize(
    ("price", "sentence"),
    [("-5000", "0원보다 작을 수"), ("시가", "15,000이나 만오천원처럼"), ("100000000", "99,999,999원까지"), ("1,5000", "15,000이나")],
)  # fmt: skip
def test_a_price_that_is_none_is_refused_beside_its_field(price: str, sentence: str) -> None:
    at = stage()
    page = at.owner.post(at.url("shop/menu/add/"), {"name": "양념", "price": price, "note": ""})
    assert sentence in page.content.decode()
    assert list(page.context["form"].errors) == ["price"]
    assert f'value="{price}"' in page.content.decode()


def test_photos_go_up_once_are_described_moved_and_put_back() -> None:
    at = stage()
    one, two = picture(at.shop, "a"), picture(at.shop, "b")
    offered = at.owner.get(at.url(f"shop/photos/?picture=stored:{one.pk}")).content.decode()
    assert "이 사진을 홈페이지에 보일까요?" in offered
    for each in (one, two, one):
        at.owner.post(at.url("shop/photos/add/"), {"picture": f"stored:{each.pk}"})
    first, second = ShopPhoto.objects.filter(shop=at.shop)
    at.owner.post(at.url(f"shop/photos/{second.pk}/"), {"caption": "가게 앞"})
    at.owner.post(at.url(f"shop/photos/{second.pk}/do/"), {"action": "up"})
    assert list(ShopPhoto.objects.filter(shop=at.shop)) == [second, first]
    at.owner.post(at.url(f"shop/photos/{second.pk}/do/"), {"action": "remove"})
    undo = at.owner.get(at.url("shop/photos/")).context["undo"]
    at.owner.post(at.url("shop/photos/undo/"), {"undo": undo["token"]})
    assert [photo.caption for photo in ShopPhoto.objects.filter(shop=at.shop)] == ["가게 앞", ""]


def test_notices_have_their_days_and_past_ones_are_set_apart() -> None:
    at = stage()
    today = kst_day(timezone.now())
    tomorrow = (today + timedelta(days=1)).isoformat()
    at.owner.post(
        at.url("shop/announcements/add/"), {"text": "내일 일찍 닫아요", "starts_on": "", "ends_on": tomorrow}
    )
    row = Announcement.objects.get(shop=at.shop)
    assert row.starts_on == today
    yesterday = (today - timedelta(days=1)).isoformat()
    for wrong, sentence in (
        ({"text": ""}, "공지가 비어"),
        ({"text": "가" * 201}, "200자 안으로"),
        ({"text": "x", "starts_on": yesterday, "ends_on": yesterday}, "이미 지났어요"),
        ({"text": "x", "starts_on": tomorrow, "ends_on": today.isoformat()}, "시작하는 날보다"),
        ({"text": "x", "starts_on": "어제"}, "달력에서"),
        ({"text": "x", "starts_on": "0001-01-01"}, "너무 멀어요"),
    ):
        assert sentence in at.owner.post(at.url("shop/announcements/add/"), wrong).content.decode()
    with time_machine.travel(timezone.now() + timedelta(days=3), tick=True):
        client = Client()
        client.force_login(at.user)
        page = client.get(at.url("shop/announcements/"))
        assert page.context["over"] == [row]
        client.post(at.url(f"shop/announcements/{row.pk}/remove/"))
        undo = client.get(at.url("shop/announcements/")).context["undo"]
        client.post(at.url("shop/announcements/undo/"), {"undo": undo["token"]})
    assert Announcement.objects.get(shop=at.shop).text == "내일 일찍 닫아요"
