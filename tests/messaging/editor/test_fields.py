"""What a draft's fields take, and what becomes of them."""

from datetime import date

import pytest
from django.utils import timezone

from messaging import promos
from messaging.editor import fields as draft_fields
from messaging.editor.fields import DraftFields, FieldRefused
from messaging.template_kinds import TemplateKind
from shopmsg.accounts.enums import Product
from shopmsg.core.ksic import INDUSTRIES
from tests.factories.accounts import ShopFactory
from tests.factories.messaging import promo_version

WRITTEN = DraftFields(
    kind=TemplateKind.COUPON,
    headline="쿠폰 왔어요",
    body="첫 줄\n둘째 줄",
    details={"benefit": "음료수 한 병"},
    starts_on=date(2026, 11, 1),
    ends_on=date(2026, 11, 30),
    shows_hours=True,
    picture="drawn:2",
)


def test_fields_survive_being_kept() -> None:
    assert DraftFields.from_json(WRITTEN.to_json()) == WRITTEN


@pytest.mark.parametrize(
    "stranger",
    [{}, {"kind": "leaflet", "details": ["benefit"], "picture": "../x", "starts_on": 7, "later": 1}],
)
def test_what_another_version_of_the_code_kept_is_read_as_far_as_it_is_known(stranger: dict) -> None:
    assert DraftFields.from_json(stranger) == DraftFields()


@pytest.mark.parametrize("name", draft_fields.FIELDS)
def test_every_field_can_be_read_and_written_by_its_name(name: str) -> None:
    before, wanted = DraftFields().to_json(), WRITTEN.to_json()
    value = draft_fields.value_of(wanted, name)
    after = draft_fields.with_value(before, name, value)
    assert draft_fields.value_of(after, name) == value
    assert draft_fields.with_value(after, name, draft_fields.value_of(before, name)) == before


@pytest.mark.parametrize(
    ("name", "raw", "value"),
    [
        ("headline", "치킨  ", "치킨  "),
        ("headline", "두\n줄", "두 줄"),
        ("body", "a\r\nb", "a\nb"),
        ("body", "😀 \u200b뷁\u202e", "😀 \u200b뷁\u202e"),
        ("body", "가" * 10_000, "가" * 10_000),
        ("body", "", ""),
        ("starts_on", "2026-11-22", "2026-11-22"),
        ("ends_on", "", None),
        ("shows_hours", "on", True),
        ("shows_hours", "", False),
        ("picture", "stored:17", "stored:17"),
        ("kind", "event", "event"),
        ("details.email", "", ""),
    ],
)
def test_a_draft_keeps_what_was_typed(name: str, raw: str, value: object) -> None:
    assert draft_fields.parse(name, raw) == value


@pytest.mark.parametrize(
    ("name", "raw", "code"),
    [
        ("headline", "가" * 61, "too_long"),
        ("body", "가" * 10_001, "too_long"),
        ("details.title", "가" * 21, "too_long"),
        ("details.secret", "x", "unknown_field"),
        ("live", "1", "unknown_field"),
        ("body", "a\x00b", "unreadable"),
        ("body", "a\ud800b", "unreadable"),
        ("starts_on", "어제", "bad_day"),
        ("starts_on", "0001-01-01", "bad_day"),
        ("kind", "공통형", "bad_kind"),
        ("picture", "stored:-1", "bad_picture"),
        ("shows_hours", "maybe", "bad_switch"),
    ],
)
def test_what_no_field_can_hold_is_refused_with_its_reason(name: str, raw: str, code: str) -> None:
    with pytest.raises(FieldRefused) as refused:
        draft_fields.parse(name, raw)
    assert refused.value.code == code
    assert refused.value.message.endswith("요.")


def test_decomposed_hangul_is_kept_composed() -> None:
    assert draft_fields.parse("headline", "치킨") == "치킨"


def test_the_common_promo_has_no_period_whatever_was_typed_for_another_kind() -> None:
    common = DraftFields(kind=TemplateKind.COMMON, ends_on=date(2026, 11, 30))
    assert common.content().ends_on is None
    assert WRITTEN.content().ends_on == date(2026, 11, 30)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("product", "ksic"),
    [*((Product.SOHO, code) for code in INDUSTRIES), (Product.BASIC, "84111"), (Product.PREMIUM, "84111")],
)
def test_the_first_promo_of_every_kind_of_shop_can_be_sent_as_it_is(product: Product, ksic: str) -> None:
    shop = ShopFactory(ksic=ksic, product=product, hours="매일 11:00–22:00", name="가나다라마")
    first = draft_fields.first_fields(shop, timezone.now())
    content = first.content()
    assert first.headline
    assert first.body
    assert promos.check(content, promos.preview(content, promos.sender_of(shop))).clear


@pytest.mark.django_db
def test_the_first_promo_says_the_hours_when_a_phone_can_show_them() -> None:
    now = timezone.now()
    assert draft_fields.first_fields(ShopFactory(hours="매일 11:00~22:00"), now).shows_hours
    assert not draft_fields.first_fields(ShopFactory(hours="매일 11:00–22:00"), now).shows_hours
    assert not draft_fields.first_fields(ShopFactory(hours=""), now).shows_hours


@pytest.mark.django_db
def test_a_version_becomes_a_draft_that_says_the_same() -> None:
    version = promo_version(
        ShopFactory(),
        kind="coupon",
        details={"benefit": "음료수 한 병"},
        starts_on=date(2026, 11, 1),
        shows_hours=True,
    )
    fields = draft_fields.of_version(version)
    assert (fields.headline, fields.body, fields.details) == (version.headline, version.body, version.details)
    assert (fields.starts_on, fields.shows_hours, fields.picture) == (version.starts_on, True, "none")
