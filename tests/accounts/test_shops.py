"""What owners change of their own shop, and the addresses it had before."""

import threading

import pytest
from django.db import connection
from django.utils import timezone

from shopmsg.accounts import audit, shops, slugs
from shopmsg.accounts.models import AuditEntry, OldSlug, Shop, User
from shopmsg.core.clock import kst_day
from shopmsg.core.opening import Week
from shopmsg.core.opening_day import Day
from shopmsg.core.opening_rest import Closure
from tests.factories.accounts import ShopFactory, UserFactory
from tests.messaging.owner_page import stage

pytestmark = pytest.mark.django_db

WEEK = Week((Day.of(660, 1_320),) * 6 + (None,))


def slug_to(shop: Shop, slug: str, by: User | None = None) -> bool:
    return shops.change_slug(shop, slug, by=by or UserFactory(), address=None)


def test_hours_and_their_line_change_together_and_are_written_down() -> None:
    shop, by, now = ShopFactory(hours="전화로 물어보세요"), UserFactory(), timezone.now()
    today = kst_day(now)
    over = Closure(today.replace(year=today.year - 1), today.replace(year=today.year - 1))
    week = Week(WEEK.days, closures=(over, Closure(today, today)))
    assert shops.change_hours(shop, week, by=by, now=now, address="203.0.113.7")
    kept = Shop.objects.get(pk=shop.pk)
    assert kept.hours == "월~토 11:00~22:00, 일 쉬어요"
    assert Week.from_json(kept.week).closures == (Closure(today, today),)
    entry = AuditEntry.objects.get(action="shop.hours_changed")
    assert entry.detail["before"] == {"week": {}, "hours": "전화로 물어보세요"}
    assert (entry.detail["after"]["hours"], entry.actor, entry.address) == (kept.hours, by, "203.0.113.7")
    assert audit.verify() is None
    assert not shops.change_hours(shop, week, by=by, now=now, address=None)
    assert AuditEntry.objects.count() == 1


def test_a_place_is_one_line_that_a_phone_can_show() -> None:
    shop, by = ShopFactory(), UserFactory()
    assert shops.change_details(shop, place=" 서울 마포구\n망원로  11 ", by=by, address=None)
    assert shop.address == "서울 마포구 망원로 11"
    for wrong in ("가" * 121, "망원로 🏠"):
        with pytest.raises(shops.ShopRefused):
            shops.change_details(shop, place=wrong, by=by, address=None)
    assert Shop.objects.get(pk=shop.pk).address == "서울 마포구 망원로 11"


def test_an_old_address_leads_to_the_shop_and_is_nobody_elses() -> None:
    shop, other = ShopFactory(slug="first"), ShopFactory(slug="other")
    assert slug_to(shop, " Second-2 ")
    assert shop.slug == "second-2"
    assert shops.now_at("first") == shop
    with pytest.raises(shops.ShopRefused) as refused:
        slug_to(other, "first")
    assert refused.value.code == "slug_taken"
    assert slug_to(shop, "first")
    assert shops.now_at("second-2") == shop
    assert shops.now_at("first") is None
    assert not slug_to(shop, "first")


def test_a_taken_address_comes_with_two_that_are_free() -> None:
    ShopFactory(slug="chicken")
    gone = ShopFactory(slug="chicken-mapo", address="")
    slug_to(gone, "elsewhere")
    shop = ShopFactory(name="행복치킨", address="서울 마포구 망원동 10")
    with pytest.raises(shops.ShopRefused) as refused:
        slug_to(shop, "chicken")
    assert refused.value.offers == ["chicken-mangwon", "chicken-2"]
    for offer in refused.value.offers:
        assert slug_to(shop, offer)


@pytest.mark.parametrize(
    ("slug", "code"),
    [
        ("ab", "slug_shape"), ("a" * 41, "slug_shape"), ("행복치킨", "slug_shape"), ("a--b", "slug_shape"),
        ("-abc", "slug_shape"), ("a_b", "slug_shape"), ("01012345678", "slug_shape"), ("", "slug_shape"),
        ("admin", "slug_refused"), ("ssibal-chicken", "slug_refused"), ("myssibalshop", "slug_refused"),
        ("best-sex-shop", "slug_refused"),
    ],
)  # fmt: skip
def test_what_is_no_address_for_a_shop_is_refused_with_what_would_be(slug: str, code: str) -> None:
    shop = ShopFactory(name="봄날 꽃집")
    with pytest.raises(shops.ShopRefused) as refused:
        slug_to(shop, slug)
    assert refused.value.code == code
    assert len(refused.value.offers) == 2
    for offer in refused.value.offers:
        assert slug_to(shop, offer)


@pytest.mark.parametrize("slug", ["essex-flower", "analog-film", "shop-mapo", "sexta", "helpful-hands"])
def test_harmless_words_are_not_mistaken_for_rude_ones(slug: str) -> None:
    assert not slugs.is_refused(slug)


def test_addresses_are_not_collected() -> None:
    shop, by = ShopFactory(), UserFactory()
    for number in range(shops.MOST_OLD_SLUGS):
        assert slug_to(shop, f"try-number-{number}", by)
    with pytest.raises(shops.ShopRefused) as refused:
        slug_to(shop, "one-more", by)
    assert refused.value.code == "slug_often"
    assert slug_to(shop, "try-number-3", by)


@pytest.mark.django_db(transaction=True)
def test_two_shops_wanting_an_address_at_once_do_not_both_get_it() -> None:
    wanting = [ShopFactory(), ShopFactory()]
    by, start = UserFactory(), threading.Barrier(2)
    got: list[bool | None] = []

    def take(shop: Shop) -> None:
        start.wait(5)
        try:
            got.append(slug_to(shop, "wanted", by))
        except shops.ShopRefused as refused:
            got.append(None if refused.code == "slug_taken" else False)
        finally:
            connection.close()

    threads = [threading.Thread(target=take, args=[shop]) for shop in wanting]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert sorted(got, key=str) == [None, True]
    assert Shop.objects.filter(slug="wanted").count() == 1


def test_pages_under_an_old_address_go_on_and_strangers_learn_nothing() -> None:
    at = stage(slug="before")
    slug_to(at.shop, "after", at.user)
    moved = at.owner.get("/shops/before/calls/?show=not_sent")
    assert (moved.status_code, moved["Location"]) == (302, "/shops/after/calls/?show=not_sent")
    repeated = at.owner.post("/shops/before/sending/", {"to": "off"})
    assert (repeated.status_code, repeated["Location"]) == (307, "/shops/after/sending/")
    assert at.stranger.get("/shops/before/calls/").status_code == 404
    assert at.owner.get("/shops/never/calls/").status_code == 404
    assert OldSlug.objects.count() == 1
