"""Promo versions: made once, never changed, one of them live."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from messaging import promos
from messaging.content import content_of
from messaging.models import Picture, PromoVersion
from messaging.promos import PromoRefused
from messaging.template_kinds import TemplateKind
from shopmsg.accounts.models import Shop
from shopmsg.core.clock import kst_day
from tests.factories.accounts import ShopFactory

pytestmark = pytest.mark.django_db


def _version(shop: Shop, **fields: Any) -> PromoVersion:
    values: dict[str, Any] = {
        "kind": TemplateKind.COMMON,
        "headline": "바삭한 치킨",
        "body": "오늘도 깨끗한 기름",
        "starts_on": None,
        "ends_on": None,
        "picture": None,
        "by": None,
        "now": timezone.now(),
    }
    return promos.create_version(shop, **{**values, **fields})


def _publish(shop: Shop, **fields: Any) -> PromoVersion:
    return promos.publish(_version(shop, **fields), by=None, now=timezone.now())


def test_publishing_leaves_one_live_version_and_the_common_one_standing() -> None:
    shop = ShopFactory()
    common = _publish(shop)
    coupon = _publish(shop, kind=TemplateKind.COUPON, ends_on=kst_day(timezone.now()))
    common.refresh_from_db()
    assert (common.live, common.standing, coupon.live, coupon.standing) == (False, True, True, False)
    assert promos.live(shop) == coupon


def test_the_common_promo_goes_out_once_the_live_ones_period_is_over() -> None:
    shop = ShopFactory()
    common = _publish(shop)
    today = kst_day(timezone.now())
    coupon = _publish(shop, kind=TemplateKind.COUPON, ends_on=today)
    assert promos.current(shop, today) == coupon
    assert promos.current(shop, today + timedelta(days=1)) == common


def test_a_version_never_changes() -> None:
    version = _publish(ShopFactory())
    version.body = "몰래 바꾼 내용"
    with pytest.raises(DatabaseError, match="immutable"), transaction.atomic():
        version.save()


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"headline": " "}, "no_headline"),
        ({"body": "\n"}, "no_body"),
        ({"body": "반가워요 😀"}, "unsendable"),
        ({"body": "뷁"}, "unsendable"),
        ({"body": "가" * 1_000}, "too_long"),
        ({"ends_on": date(2999, 1, 1)}, "standing_ends"),
        (
            {"kind": TemplateKind.EVENT, "starts_on": date(2999, 1, 2), "ends_on": date(2999, 1, 1)},
            "period_backwards",
        ),
    ],
)
def test_what_could_never_be_sent_is_refused_with_its_reason(fields: dict[str, Any], code: str) -> None:
    shop = ShopFactory()
    with pytest.raises(PromoRefused) as refused:
        _version(shop, **fields)
    assert refused.value.code == code
    assert not PromoVersion.objects.filter(shop=shop).exists()


def test_decomposed_hangul_is_sent_composed() -> None:
    assert _version(ShopFactory(), body="치킨").body == "치킨"


def test_the_last_byte_fits_and_one_more_does_not() -> None:
    shop = ShopFactory()
    empty = promos.preview(content_of(_version(shop, body="a")), promos.sender_of(shop))
    room = empty.byte_limit - empty.byte_length + 1
    assert _version(shop, body="a" * room).pk
    with pytest.raises(PromoRefused, match="한글로 1자"):
        _version(shop, body="a" * (room + 1))


def test_a_version_whose_period_is_over_cannot_come_back() -> None:
    shop = ShopFactory()
    yesterday = kst_day(timezone.now()) - timedelta(days=1)
    old = _version(shop, kind=TemplateKind.COUPON, ends_on=yesterday)
    with pytest.raises(PromoRefused) as refused:
        promos.publish(old, by=None, now=timezone.now())
    assert refused.value.code == "period_over"


def test_another_shops_picture_is_refused() -> None:
    other = ShopFactory()
    picture = Picture.objects.create(shop=other, sha256="0" * 64, file="pictures/x.jpg", width=1, height=1)
    with pytest.raises(PromoRefused) as refused:
        _version(ShopFactory(), picture=picture)
    assert refused.value.code == "foreign_picture"


@pytest.mark.django_db(transaction=True)
def test_two_people_publishing_at_once_leave_one_live_version() -> None:
    shop = ShopFactory()
    start = threading.Barrier(4)

    def publish(number: int) -> None:
        try:
            start.wait(timeout=10)
            _publish(shop, headline=f"제목 {number}")
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(publish, range(4)))
    versions = PromoVersion.objects.filter(shop=shop)
    assert sorted(versions.values_list("number", flat=True)) == [1, 2, 3, 4]
    assert versions.filter(live=True).count() == versions.filter(standing=True).count() == 1
