"""The homepage, the coupon and the counter, as browsers get them."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.utils import timezone

from messaging.homepage import counter, coupons
from messaging.models import Announcement, CouponCode, Homepage, MenuItem, Picture, ShopPhoto
from messaging.pictures.palettes import PALETTES, contrast
from shopmsg.accounts.enums import ShopStatus
from shopmsg.accounts.models import OldSlug, Shop
from shopmsg.core.clock import kst_day
from tests.factories.accounts import MembershipFactory, ShopFactory, UserFactory
from tests.factories.messaging import message_of, promo_version, sent_call
from tests.markup import PUBLIC_PAGE, named, sound, text_of, weight, with_class
from tests.messaging.owner_page import stage

pytestmark = pytest.mark.django_db

WEEK: dict[str, Any] = {"days": [["00:00", "24:00"]] * 7}
NASTY = "</script><script>alert(1)</script>&amp;\u2028<!--"


@pytest.fixture
def shop() -> Shop:
    made: Shop = ShopFactory(name="행복치킨", slug="haengbok", address="서울 마포구 망원로 10", week=WEEK)
    today = kst_day(timezone.now())
    picture = Picture.objects.create(sha256="a" * 64, shop=made, width=1000, height=750)
    promo_version(
        made, kind="coupon", live=True, headline="가을 쿠폰", body="바삭하게 튀겨 드려요", picture=picture,
        details={"benefit": "콜라 한 병", "how": "계산할 때 보여 주세요"}, ends_on=today + timedelta(days=8),
    )  # fmt: skip
    Homepage.objects.create(shop=made, intro="2대째 하는 집이에요", way="2번 출구 앞")
    MenuItem.objects.create(shop=made, name="후라이드", price=19_000)
    MenuItem.objects.create(shop=made, name="양념", price=20_000, sold_out=True)
    ShopPhoto.objects.create(shop=made, picture=picture, caption="우리 가게")
    Announcement.objects.create(shop=made, text="새 메뉴가 나왔어요", starts_on=today)
    return made


def test_everybody_sees_the_shop_on_a_sound_and_light_page(client: Client, shop: Shop) -> None:
    answer = client.get("/s/haengbok")
    tree = sound(answer)
    text = text_of(tree)
    for said in (
        "행복치킨", "치킨 전문점", "영업 중", "새 메뉴가 나왔어요", "가을 쿠폰", "콜라 한 병", "후라이드", "19,000원",
        "품절", "우리 가게", "월요일", "망원로 10", "2번 출구 앞", "2대째 하는 집이에요",
    ):  # fmt: skip
        assert said in text
    assert "20,000원" not in text, "nobody can buy it"
    line = shop.lines.get().number
    links = [link.get("href", "") for link in named(tree, "a")]
    assert f"tel:{line}" in links
    assert sum("%EB%A7%9D%EC%9B%90%EB%A1%9C" in link for link in links) == 3
    assert weight(answer) <= PUBLIC_PAGE
    (photo,) = [image for image in named(tree, "img") if image.get("alt") == "행복치킨 사진"]
    assert (photo.get("loading"), photo.get("width"), photo.get("height")) == ("lazy", "640", "480")


def test_the_page_is_the_same_for_all_and_says_when_it_changed(client: Client, shop: Shop) -> None:
    at = stage()
    first = client.get("/s/haengbok")
    assert at.owner.get("/s/haengbok").content == first.content
    assert "public" in first["Cache-Control"]
    assert not first.cookies
    assert "Cookie" not in first.get("Vary", "")
    again = client.get("/s/haengbok", headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304
    MenuItem.objects.create(shop=shop, name="간장", price=20_000)
    assert client.get("/s/haengbok", headers={"If-None-Match": first["ETag"]}).status_code == 200


def test_nobody_keeps_the_page_of_a_day_that_is_over(client: Client, shop: Shop) -> None:
    Shop.objects.filter(pk=shop.pk).update(week={})
    for second, seconds in ((0, 60), (50, 10)):
        with time_machine.travel(datetime(2026, 11, 22, 14, 59, second, tzinfo=UTC), tick=False):
            assert client.get("/s/haengbok")["Cache-Control"] == f"public, max-age={seconds}"


def test_who_gets_the_address_sent_sees_the_shop_in_the_preview(client: Client, shop: Shop) -> None:
    tree = sound(client.get("/s/haengbok"))
    said = {meta.get("property"): meta.get("content") for meta in named(tree, "meta")}
    assert said["og:title"] == "행복치킨"
    assert (said["og:description"] or "").startswith("가을 쿠폰")
    assert said["og:url"] == f"{settings.BASE_URL}/s/haengbok"
    assert said["og:image"] == f"{settings.BASE_URL}/media/pictures/{'a' * 64}.jpg"
    (canonical,) = [link for link in named(tree, "link") if link.get("rel") == "canonical"]
    assert canonical.get("href") == f"{settings.BASE_URL}/s/haengbok"


def test_search_engines_read_the_shops_facts(client: Client, shop: Shop) -> None:
    (block,) = [each for each in named(sound(client.get("/s/haengbok")), "script") if not each.get("src")]
    facts = json.loads(text_of(block))
    assert facts["@type"] == "LocalBusiness"
    assert facts["name"] == "행복치킨"
    assert facts["address"]["streetAddress"] == "서울 마포구 망원로 10"
    assert len(facts["openingHoursSpecification"][0]["dayOfWeek"]) == 7


def test_what_an_owner_writes_is_text_wherever_it_stands(client: Client, shop: Shop) -> None:
    Shop.objects.filter(pk=shop.pk).update(name=NASTY[:40], address=NASTY, hours=NASTY)
    Homepage.objects.filter(pk=shop.pk).update(intro=NASTY, way=NASTY)
    MenuItem.objects.filter(shop=shop).update(name=NASTY[:40], note=NASTY)
    Announcement.objects.filter(shop=shop).update(text=NASTY)
    answer = client.get("/s/haengbok")
    tree = sound(answer)
    assert len(named(tree, "script")) == 2
    facts = next(each for each in named(tree, "script") if not each.get("src"))
    assert json.loads(text_of(facts))["address"]["streetAddress"] == NASTY
    assert b"<script>alert" not in answer.content


def test_an_address_the_shop_had_before_leads_to_the_new_one(client: Client, shop: Shop) -> None:
    OldSlug.objects.create(slug="old-name", shop=shop)
    answer = client.get("/s/old-name")
    assert (answer.status_code, answer["Location"]) == (301, "/s/haengbok")
    assert client.get("/s/Haengbok")["Location"] == "/s/haengbok", "phones begin a line with a capital"
    assert client.get("/s/nobody").status_code == 404


def test_a_shop_that_left_says_so_and_others_keep_their_page(client: Client, shop: Shop) -> None:
    for status, expected in [
        (ShopStatus.SUSPENDED, 200), (ShopStatus.PENDING, 404), (ShopStatus.CLOSED, 410),
    ]:  # fmt: skip
        Shop.objects.filter(pk=shop.pk).update(status=status)
        assert client.get("/s/haengbok").status_code == expected
    page = text_of(sound(client.get("/s/haengbok")))
    assert "이 가게는 이제 문자를 보내지 않아요" in page
    assert "콜라" not in page
    client.post("/s/haengbok/coupon")
    assert not CouponCode.objects.exists()


def test_before_activation_only_the_shops_own_people_look_ahead(client: Client, shop: Shop) -> None:
    Shop.objects.filter(pk=shop.pk).update(status=ShopStatus.PENDING)
    owner, stranger = MembershipFactory(shop=shop).user, UserFactory()
    assert client.post("/s/haengbok/coupon").status_code == 404
    client.force_login(stranger)
    assert client.get("/s/haengbok").status_code == 404
    client.force_login(owner)
    answer = client.get("/s/haengbok")
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"], "and nobody keeps it for others"


def test_a_bare_shop_has_a_whole_page(client: Client) -> None:
    ShopFactory(slug="bare", ksic="84111", address="", hours="", line=None)
    page = text_of(sound(client.get("/s/bare")))
    assert "전화로 물어봐 주세요" in page
    assert "메뉴" not in page
    assert "쿠폰" not in page


def test_the_trades_colours_are_those_of_its_pictures_and_pass_in_light_and_dark() -> None:
    css = (settings.BASE_DIR / "static/css/trade_tokens.css").read_text("utf-8")
    for group, palette in PALETTES.items():
        (rule,) = [
            line for line in css.splitlines() if f'[data-trade="{group.value}"]' in line and "--light" in line
        ]
        assert re.findall("#[0-9a-f]{6}", rule) == [palette.tint, palette.deep]
        assert contrast(palette.tint, palette.deep) >= 7


# --- the coupon on a phone ---------------------------------------------------------------------------------------------


def _code_on(client: Client, path: str) -> str:
    (code,) = with_class(sound(client.get(path)), "code")
    return text_of(code).replace(" ", "")


def test_a_coupon_is_taken_by_asking_and_is_there_again_on_the_same_phone(shop: Shop) -> None:
    client = Client(enforce_csrf_checks=True)
    client.get("/s/haengbok")
    client.get("/s/haengbok/coupon")
    assert not CouponCode.objects.exists(), "looking takes nothing"
    answer = client.post("/s/haengbok/coupon")
    cookie = answer.cookies[f"coupon_{shop.pk}"]
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Lax", 365 * 24 * 3600)
    page = client.get(answer["Location"])
    assert "no-store" in page["Cache-Control"]
    assert "계산할 때 보여 주세요" in text_of(sound(page))
    code = _code_on(client, "/s/haengbok/coupon")
    client.post("/s/haengbok/coupon")
    assert _code_on(client, "/s/haengbok/coupon") == code == CouponCode.objects.get().code


def test_a_phone_that_keeps_no_cookie_is_told_so(shop: Shop) -> None:
    answer = Client().post("/s/haengbok/coupon")
    page = text_of(sound(Client().get(answer["Location"])))
    assert "기억하지 못해요" in page
    assert "쿠폰 받기" in page


def test_a_cookie_somebody_made_up_is_nobodys(shop: Shop) -> None:
    client = Client()
    client.cookies[f"coupon_{shop.pk}"] = "70" * 16
    assert not with_class(sound(client.get("/s/haengbok/coupon")), "code")


def test_who_came_by_a_message_has_one_coupon_on_every_way_in(shop: Shop) -> None:
    sent = message_of(sent_call(shop))
    client = Client()
    assert "쿠폰 받기" in text_of(sound(client.get(f"/m/{sent.token}")))
    answer = client.post(f"/m/{sent.token}/coupon")
    assert answer["Referrer-Policy"] == "no-referrer"
    code = _code_on(client, f"/m/{sent.token}/coupon")
    assert _code_on(Client(), f"/m/{sent.token}/coupon") == code, "the message is the proof, not the browser"
    client.post("/s/haengbok/coupon")
    assert _code_on(client, "/s/haengbok/coupon") == code
    assert CouponCode.objects.get().message_id == sent.pk
    assert bytes(CouponCode.objects.get().holder) != bytes(sent.recipient_index)

    found_first = Client()
    found_first.post("/s/haengbok/coupon")
    other = message_of(sent_call(shop, caller="01099998888"))
    found_first.post(f"/m/{other.token}/coupon")
    assert CouponCode.objects.count() == 2, "the homepage first, then the message: still one"


def test_a_used_coupon_shows_that_it_is_used(shop: Shop) -> None:
    at = stage()
    client = Client()
    client.post("/s/haengbok/coupon")
    counter.redeem(shop, CouponCode.objects.get().code, by=at.user, now=timezone.now())
    page = text_of(sound(client.get("/s/haengbok/coupon")))
    assert "이미 쓴 쿠폰이에요" in page
    assert "쿠폰 받기" not in page


# --- the counter ---------------------------------------------------------------------------------------------------------


def test_whoever_stands_at_the_counter_takes_a_coupon_and_takes_it_back() -> None:
    at = stage()
    promo_version(at.shop, kind="coupon", live=True, details={"benefit": "콜라 한 병"})
    code = coupons.issue(at.shop, b"p" * 16, now=timezone.now()).code
    page = at.colleague.get(at.url("coupons/"), {"code": f"{code[:3]} {code[3:]}"})
    assert "쓸 수 있는 쿠폰이에요" in text_of(sound(page))
    done = at.colleague.post(at.url("coupons/use/"), {"code": code, "action": "use"}, follow=True)
    text = text_of(sound(done))
    assert "쿠폰을 썼어요. 콜라 한 병" in text
    assert "되돌리기" in text
    assert at.user.name not in text
    back = at.colleague.post(at.url("coupons/use/"), {"code": code, "action": "undo"}, follow=True)
    assert "되돌렸어요" in text_of(sound(back))
    assert CouponCode.objects.get().redeemed_at is None


def test_a_stranger_neither_sees_nor_uses_a_coupon_of_the_shop() -> None:
    at = stage()
    promo_version(at.shop, kind="coupon", live=True)
    code = coupons.issue(at.shop, b"p" * 16, now=timezone.now()).code
    assert at.stranger.get(at.url("coupons/"), {"code": code}).status_code == 404
    assert at.stranger.post(at.url("coupons/use/"), {"code": code}).status_code == 404
    assert CouponCode.objects.get().redeemed_at is None


def test_a_wrong_number_is_said_at_the_field_and_stays_there_to_be_put_right() -> None:
    at = stage()
    tree = sound(at.owner.get(at.url("coupons/"), {"code": "12345"}))
    assert "숫자 여섯 자리예요" in text_of(tree)
    (field,) = [each for each in named(tree, "input") if each.get("name") == "code"]
    assert (field.get("value"), field.get("aria-invalid"), field.get("inputmode")) == (
        "12345",
        "true",
        "numeric",
    )


def test_used_coupons_are_listed_page_by_page_and_an_empty_list_says_what_will_be_there() -> None:
    at = stage()
    assert "아직 쓴 쿠폰이 없어요" in text_of(sound(at.owner.get(at.url("coupons/"))))
    promo_version(at.shop, kind="coupon", live=True)
    now = timezone.now()
    codes = [coupons.issue(at.shop, bytes([n]) * 16, now=now).code for n in range(31)]
    for minutes, code in enumerate(codes):
        counter.redeem(at.shop, code, by=at.user, now=now - timedelta(minutes=minutes))
    first = sound(at.owner.get(at.url("coupons/")))
    shown = [text_of(link) for link in named(first, "a") if "code=" in link.get("href", "")]
    assert shown == codes[:30]
    (older,) = [link.get("href", "") for link in named(first, "a") if link.get("rel") == "next"]
    second = sound(at.owner.get(at.url("coupons/") + older))
    assert [text_of(link) for link in named(second, "a") if "code=" in link.get("href", "")] == codes[30:]


def test_the_first_page_leads_to_the_counter_while_a_coupon_is_out() -> None:
    at = stage()
    way = f'href="{at.url("coupons/")}"'
    promo_version(at.shop, live=True)
    assert way not in at.owner.get(at.url()).content.decode()
    at.shop.promos.update(live=False)
    promo_version(at.shop, kind="coupon", live=True)
    assert way in at.owner.get(at.url()).content.decode()
    assert way in at.colleague.get(at.url()).content.decode()
