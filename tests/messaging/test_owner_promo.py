"""Promo versions, and the owner's form that makes them."""

import hashlib
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from PIL import Image

from messaging import promos
from messaging.content import content_of
from messaging.models import Picture, PromoVersion
from messaging.promos import PromoRefused
from messaging.template_kinds import TemplateKind
from shopmsg.accounts.models import Shop
from shopmsg.core.clock import kst_day
from tests.factories.accounts import ShopFactory
from tests.messaging.owner_page import Stage, stage

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


def _typed(**fields: str) -> dict[str, str]:
    return {
        "kind": "common",
        "headline": "새 제목",
        "body": "새 내용",
        "picture": "none",
        "action": "publish",
    } | fields


def _photo(size: tuple[int, int] = (800, 600), kind: str = "PNG") -> SimpleUploadedFile:
    out = BytesIO()
    Image.new("RGB", size, "orange").save(out, kind)
    return SimpleUploadedFile("사진.png", out.getvalue(), "image/png")


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
        ({"body": "혜택: 〔어떤 혜택인지〕"}, "unfilled"),
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


def test_a_new_shop_finds_a_finished_promo_and_publishes_it_without_typing() -> None:
    at = stage()
    page = at.owner.get(at.url("promo/"))
    form = page.context["form"]
    first = {name: form[name].value() or "" for name in form.fields}
    answer = at.owner.post(at.url("promo/"), {**first, "action": "publish"})
    assert answer.status_code == 302, answer.context["form"].errors
    live = promos.live(at.shop)
    assert live is not None
    assert live.picture is not None
    jpeg = (Path(settings.MEDIA_ROOT) / live.picture.file.name).read_bytes()
    assert hashlib.sha256(jpeg).hexdigest() == live.picture.sha256


def test_a_drawn_picture_follows_the_words_when_they_are_changed() -> None:
    at = stage()
    at.owner.post(at.url("promo/"), _typed(picture="drawn:2"))
    before = promos.live(at.shop)
    form = at.owner.get(at.url("promo/")).context["form"]
    assert form["picture"].value() == "drawn:2"
    at.owner.post(at.url("promo/"), _typed(headline="더 새로운 제목", picture="drawn:2"))
    after = promos.live(at.shop)
    assert before is not None
    assert after is not None
    assert before.picture_id != after.picture_id


@pytest.mark.parametrize(
    "wrong",
    [
        {"body": "반가워요 😀"},
        {"headline": ""},
        {"kind": "coupon", "ends_on": "2020-01-01"},
        {"starts_on": "어제"},
        {"body": "가" * 1_500},
        {"kind": "nonsense"},
    ],
)
def test_nothing_typed_and_no_upload_is_lost_on_an_error(wrong: dict[str, str]) -> None:
    at = stage()
    typed = _typed(**wrong)
    answer = at.owner.post(at.url("promo/"), {**typed, "upload": _photo()})
    assert answer.status_code == 200
    form = answer.context["form"]
    for name in ("headline", "body", "kind", "starts_on", "ends_on"):
        assert (form[name].value() or "") == typed.get(name, ""), name
    picture = Picture.objects.get(shop=at.shop)
    assert form["picture"].value() == f"stored:{picture.pk}"
    assert promos.live(at.shop) is None


def test_unsendable_characters_are_shown_and_replaced_only_when_asked() -> None:
    at = stage()
    shown = at.owner.post(at.url("promo/preview/"), _typed(body="어서 오세요 😀 20,000₩"))
    assert [problem.char for problem in shown.context["draft"].finding.unsendable] == ["😀", "₩"]
    assert "한 번에 바꾸기" in shown.content.decode()
    replaced = at.owner.post(at.url("promo/"), _typed(body="어서 오세요 😀 20,000₩", action="replace"))
    assert replaced.context["form"]["body"].value() == "어서 오세요 ^^ 20,000원"
    assert promos.live(at.shop) is None


def test_the_preview_is_byte_for_byte_what_a_message_would_say() -> None:
    at = stage()
    phone = at.owner.post(at.url("promo/preview/"), _typed(body="첫 줄\r\n둘째 줄  ")).context["draft"].phone
    at.owner.post(at.url("promo/"), _typed(body="첫 줄\r\n둘째 줄  "))
    live = promos.live(at.shop)
    assert live is not None
    sent = promos.preview(content_of(live), promos.sender_of(at.shop))
    assert "".join(part.text for part in phone.parts) == sent.text


@pytest.mark.parametrize("content", [b"MZ\x90\x00 not a picture", b"", b"GIF89a" + b"\x00" * 40])
def test_an_upload_that_is_no_picture_says_so_and_keeps_the_rest(content: bytes) -> None:
    at = stage()
    upload = SimpleUploadedFile("사진.jpg", content, "image/jpeg")
    answer = at.owner.post(at.url("promo/"), {**_typed(), "upload": upload})
    assert answer.context["form"].errors["picture"]
    assert answer.context["form"]["headline"].value() == "새 제목"
    assert not Picture.objects.exists()


def test_the_same_upload_is_kept_once_a_shop_and_as_one_file() -> None:
    one, two = stage(), stage()
    for at in (one, one, two):
        at.owner.post(at.url("promo/"), {**_typed(), "upload": _photo((321, 123))})
    pictures = Picture.objects.filter(shop__in=[one.shop, two.shop])
    assert pictures.count() == 2
    assert len(set(pictures.values_list("file", flat=True))) == 1


def test_a_picture_is_served_for_good_and_nothing_beside_it() -> None:
    at = stage()
    at.owner.post(at.url("promo/"), {**_typed(), "upload": _photo((200, 200))})
    picture = Picture.objects.get(shop=at.shop)
    for suffix, kind in (("jpg", "image/jpeg"), ("webp", "image/webp")):
        answer = at.stranger.get(f"/media/pictures/{picture.sha256}.{suffix}")
        assert (answer.status_code, answer["Content-Type"]) == (200, kind)
        assert "immutable" in answer["Cache-Control"]
    for wrong in ("", "pictures/", "pictures/../pictures/x.jpg", f"pictures/{'f' * 64}.jpg"):
        assert at.stranger.get(f"/media/{wrong}").status_code == 404


def test_another_shops_picture_cannot_be_chosen_by_its_number() -> None:
    mine, other = stage(), stage()
    other.owner.post(other.url("promo/"), {**_typed(), "upload": _photo()})
    foreign = Picture.objects.get(shop=other.shop)
    mine.owner.post(mine.url("promo/"), _typed(picture=f"stored:{foreign.pk}"))
    live = promos.live(mine.shop)
    assert live is not None
    assert live.picture is None


def _restore(at: Stage, number: int) -> Any:
    return at.owner.post(at.url(f"promo/versions/{number}/"))


def test_an_earlier_version_goes_out_again_with_one_tap() -> None:
    at = stage()
    first, _second = _publish(at.shop, headline="첫 제목"), _publish(at.shop, headline="둘째 제목")
    assert _restore(at, first.number).status_code == 302
    assert promos.live(at.shop) == first
    assert PromoVersion.objects.filter(shop=at.shop).count() == 2


def test_an_earlier_version_that_ended_is_opened_for_editing_instead() -> None:
    at = stage()
    old = _version(
        at.shop,
        kind=TemplateKind.COUPON,
        headline="지난 쿠폰",
        ends_on=kst_day(timezone.now()) - timedelta(days=1),
    )
    page = at.owner.post(at.url(f"promo/versions/{old.number}/"), follow=True)
    assert "기간이 이미 지난" in page.content.decode()
    assert page.context["form"]["headline"].value() == "지난 쿠폰"


def test_drawn_designs_are_for_members_and_only_the_sizes_we_show() -> None:
    at = stage()
    query = {"kind": "coupon", "layout": "1", "width": "240", "headline": "<b>할인</b> 😀"}
    answer = at.owner.get(at.url("promo/design.webp"), query)
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/webp")
    assert at.stranger.get(at.url("promo/design.webp"), query).status_code == 404
    for wrong in ({"layout": "9"}, {"width": "99999"}, {"layout": "x"}):
        assert at.owner.get(at.url("promo/design.webp"), query | wrong).status_code == 404
