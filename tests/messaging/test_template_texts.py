"""Default promo texts: every industry, kind and month can be sent as it is or says what to fill (rules.md §6)."""

import itertools
import unicodedata

import pytest

from messaging.pictures.trades import TradeGroup, trade_group
from messaging.template_kinds import TemplateKind
from messaging.template_texts import PromoText, default_promo, monthly_greeting, unfilled_fields
from shopmsg.core.ksic import INDUSTRIES, UnknownIndustry

HOURS = "매일 오전 11시~오후 10시, 매주 월요일 쉼"


def euc_kr_bytes(text: str) -> int:
    widths = [len(char.encode("euc_kr")) for char in text]
    assert set(widths) <= {1, 2}, f"outside KS X 1001: {text!r}"
    return sum(widths)


def every_default(shop_name: str) -> list[PromoText]:
    return [
        default_promo(code, shop_name, month, HOURS, kind)
        for code, kind, month in itertools.product(INDUSTRIES, TemplateKind, range(1, 13))
    ]


@pytest.mark.parametrize(
    "shop_name", ["꽃", "최고의 치킨 보라매점", "할머니손맛 원조 바지락칼국수 수원영통본점"]
)
def test_every_default_is_sendable_on_every_phone_and_short(shop_name: str) -> None:
    for text in every_default(shop_name):
        assert euc_kr_bytes(text.headline) + euc_kr_bytes(text.body) <= 400
        assert 0 < len(text.headline) <= 20
        assert all(0 < len(line) <= 40 for line in text.body.split("\n"))


def test_common_texts_can_go_out_unread_and_the_other_kinds_name_what_to_fill() -> None:
    for code in INDUSTRIES:
        assert unfilled_fields(default_promo(code, "봄날", 3, HOURS).body) == ()
    coupon = default_promo("56193", "봄날", 3, HOURS, TemplateKind.COUPON).body
    assert [line.split(":")[0] for line in coupon.split("\n") if "〔" in line] == [
        "혜택",
        "기간",
        "위치",
        "사용",
    ]
    event = default_promo("56193", "봄날", 3, HOURS, TemplateKind.EVENT).body
    assert [line.split(":")[0] for line in event.split("\n") if "〔" in line] == ["행사", "기간", "문의"]
    card = default_promo("56193", "봄날", 3, HOURS, TemplateKind.CARD).body
    assert len(unfilled_fields(card)) == 7
    assert "회사: 봄날" in card


def test_nothing_is_claimed_that_a_shop_may_not_keep() -> None:
    claims = (
        "할인",
        "무료",
        "최고",
        "1위",
        "국내산",
        "수상",
        "당일",
        "직접",
        "배달",
        "%",
        "원조",
        "특가",
        "보장",
        "최저",
    )
    for text in every_default("봄날"):
        said = f"{text.headline}\n{text.body}"
        assert not [claim for claim in claims if claim in said], said
        assert not any(char.isdigit() for char in text.headline)


def test_each_trade_speaks_of_its_own_goods() -> None:
    commons = [default_promo(code, "봄날", 1, None) for code in INDUSTRIES]
    assert len({text.headline for text in commons}) == 58
    assert "치킨" in default_promo("56193", "봄날", 1, None).headline
    events = {default_promo(code, "봄날", 1, None, TemplateKind.EVENT).body for code in INDUSTRIES}
    assert len(events) == len(TradeGroup)


def test_the_common_text_thanks_greets_and_tells_the_hours() -> None:
    lines = default_promo("96112", "미르헤어", 12, "10:00~20:00").body.split("\n")
    assert lines[0] == "미르헤어에 전화 주셔서 고마워요."
    assert lines[1] == monthly_greeting(12)
    assert lines[-1] == "영업시간 10:00~20:00"
    assert "영업시간" not in default_promo("96112", "미르헤어", 12, None).body


def test_twelve_months_have_twelve_greetings_and_a_thirteenth_is_refused() -> None:
    assert len({monthly_greeting(month) for month in range(1, 13)}) == 12
    for month in (0, 13, -1):
        with pytest.raises(ValueError, match="1 to 12"):
            default_promo("56193", "봄날", month, None)


def test_a_name_or_hours_of_absurd_length_never_break_the_limit() -> None:
    for kind in TemplateKind:
        text = default_promo("56193", "가" * 300, 1, "나" * 300, kind)
        assert euc_kr_bytes(text.headline) + euc_kr_bytes(text.body) <= 400
        assert text.body


def test_a_name_typed_on_a_mac_comes_out_composed() -> None:
    assert "봄날에 전화" in default_promo("56221", unicodedata.normalize("NFD", "봄날"), 4, None).body


def test_an_industry_outside_the_58_has_no_default() -> None:
    with pytest.raises(UnknownIndustry):
        default_promo("99999", "봄날", 1, None)
    with pytest.raises(UnknownIndustry):
        trade_group("99999")


def test_every_industry_belongs_to_a_group_and_every_group_has_an_industry() -> None:
    assert {trade_group(code) for code in INDUSTRIES} == set(TradeGroup)


def test_kinds_have_the_names_people_know() -> None:
    assert [kind.label for kind in TemplateKind] == ["공통형", "쿠폰형", "이벤트형", "명함형"]
