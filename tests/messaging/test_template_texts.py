"""Every template can go out as it is: bytes, characters, words and endings (rules.md §5, §6)."""

import itertools
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from datetime import date

import pytest

from messaging.compose import SAMPLE_TOKEN, Composed, Content, Sender, compose
from messaging.links import message_link
from messaging.pictures.trades import TradeGroup, trade_group
from messaging.template_kinds import TemplateKind, details_of
from messaging.template_texts import (
    PromoTemplate,
    coming_holidays,
    default_promo,
    greeting_template,
    month_greeting,
    next_holiday,
    suggestions,
    template,
)
from messaging.texts.tables import trade_name
from shopmsg.accounts.enums import Product
from shopmsg.core.ksic import INDUSTRIES, UnknownIndustry
from shopmsg.core.text import unsendable

NAMES = [
    "꽃",
    "햇살치킨",
    "할머니손맛 원조 바지락칼국수 보쌈전문점 수원영통본점 별관",
    "Blue Bottle & Brothers Seoul",
]
ADDRESS = "서울특별시 동작구 보라매로5길 23, 3층 302호(신대방동, 보라매타워)"
TODAY = date(2026, 11, 22)
#: What a promo nobody has read may not claim, and what the law forbids to say of a trade.
CLAIMS = re.compile(
    r"최고|최저|최초|100%|무료|공짜|1등|1위|일등|완치|치료|효능|당일|배달|국내산|국산|원조|특가|보장|직접|수상|인증|유기농"
    r"|전문|유일|반드시|무조건|술|맥주|소주|이벤트|서비스"
)
DISCOUNT = re.compile(r"할인|%|\d+원|덤으로")
POLITE = re.compile(r"요[.?]$")


def of(code: str, kind: TemplateKind, name: str = "햇살치킨", today: date = TODAY) -> PromoTemplate:
    return template(
        code, kind, shop_name=name, address=ADDRESS, owner_name="홍길동", line="021230001", today=today
    )


def message_of(promo: PromoTemplate, name: str, today: date = TODAY) -> Composed:
    starts_on, ends_on = promo.period(today)
    hours = "월~금 11:00~22:00(쉬는 시간 15:00~17:00), 일 쉬어요"
    content = Content(
        promo.headline,
        promo.body,
        starts_on,
        ends_on,
        details=details_of(promo.kind, promo.details),
        shows_hours=True,
    )
    sender = Sender(name, Product.SOHO, "021230001", "0801234567", "12345678", hours)
    return compose(content, sender, message_link(SAMPLE_TOKEN))


def every_greeting(today: date, code: str, name: str) -> Iterator[PromoTemplate]:
    for greeting in (*map(month_greeting, range(1, 13)), *coming_holidays(today)):
        yield greeting_template(greeting, code, shop_name=name, address=ADDRESS)


def every_template() -> Iterator[PromoTemplate]:
    for code, kind in itertools.product(INDUSTRIES, TemplateKind):
        yield of(code, kind)
    yield from every_greeting(TODAY, "56193", "햇살치킨")


@pytest.mark.parametrize("name", NAMES)
def test_every_template_of_every_trade_month_and_holiday_is_a_message_phones_take(name: str) -> None:
    for code in INDUSTRIES:
        texts = [of(code, kind, name) for kind in TemplateKind]
        texts += [of(code, TemplateKind.COMMON, name, date(2026, month, 1)) for month in range(1, 13)]
        for promo in (*texts, *every_greeting(TODAY, code, name)):
            composed = message_of(promo, name)
            assert composed.sendable, (code, promo)
            assert len((promo.headline + promo.body).encode("euc_kr")) <= 400
            assert 0 < len(promo.headline) <= 30
            assert all(0 < len(line) <= 40 for line in promo.body.split("\n")), promo.body


def test_no_two_templates_share_a_headline() -> None:
    headlines = Counter(promo.headline for promo in every_template())
    assert [headline for headline, times in headlines.items() if times > 1] == []
    assert len(headlines) == 58 * 4 + 12 + len(coming_holidays(TODAY))


def test_a_text_nobody_has_read_claims_nothing_and_promises_no_money() -> None:
    for promo in every_template():
        said = "\n".join([promo.headline, promo.body, *promo.details.values()])
        assert not CLAIMS.search(said), said
        assert "〔" not in said
        assert not DISCOUNT.search(promo.headline + promo.body), said


def test_every_line_speaks_to_the_caller_politely_and_every_headline_stands_by_itself() -> None:
    for promo in every_template():
        for line in promo.body.split("\n"):
            assert POLITE.search(line), line
        assert not re.search(r"[.!~^♥★]", promo.headline), promo.headline


def test_each_trade_speaks_of_its_own_goods() -> None:
    for code, word in (("56193", "치킨"), ("96112", "머리"), ("47851", "꽃"), ("47632", "자전거|두 바퀴")):
        for kind in TemplateKind:
            promo = of(code, kind, name="봄날")
            assert re.search(word, promo.headline + promo.body), promo
    # A body that two trades share would be one that was written for neither.
    bodies = Counter(of(code, TemplateKind.COMMON, name="").body for code in INDUSTRIES)
    assert max(bodies.values()) == 1


def test_the_common_text_thanks_by_name_and_place_and_greets_the_month() -> None:
    lines = of("96112", TemplateKind.COMMON, "미르헤어", date(2026, 12, 3)).body.split("\n")
    assert lines[0] == "동작구 미르헤어에 전화 주셔서 고마워요."
    assert lines[1] == month_greeting(12).line
    assert default_promo("96112", "미르헤어", 12).body.split("\n")[0] == "미르헤어에 전화 주셔서 고마워요."


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("서울특별시 동작구 보라매로 12", "동작구 "),
        ("대구광역시 중구 동성로 1", "대구 중구 "),
        ("경기 수원시 영통구 영통로 2", "영통구 "),
        ("강원 춘천시 중앙로 3", "춘천시 "),
        ("부산 기장군 기장읍 4", "기장군 "),
        ("세종특별자치시 한누리대로 5", ""),
        ("보라매로 6", ""),
        ("", ""),
    ],
)
def test_the_place_is_called_as_people_call_it(address: str, place: str) -> None:
    body = template("56221", TemplateKind.COMMON, shop_name="봄날", address=address, today=TODAY).body
    assert body.startswith(f"{place}봄날에 전화 주셔서 고마워요.")


def test_a_coupon_says_what_where_how_and_until_when() -> None:
    coupon = of("56193", TemplateKind.COUPON)
    assert coupon.details["benefit"] == suggestions("56193")[0]
    assert coupon.details["where"] == ADDRESS
    assert "문자를 보여 주세요" in coupon.details["how"]
    assert coupon.period(TODAY) == (TODAY, date(2026, 12, 21))
    said = message_of(coupon, "햇살치킨").text
    assert "\n혜택 포장 주문 10% 할인\n" in said
    assert "\n기간 11월 22일 ~ 12월 21일\n" in said


def test_an_event_has_a_benefit_and_a_period_and_a_card_never_ends() -> None:
    event = of("56221", TemplateKind.EVENT)
    assert set(event.details) == {"benefit"}
    assert event.period(TODAY) == (TODAY, date(2026, 12, 5))
    assert of("56221", TemplateKind.CARD).period(TODAY) == (None, None)


def test_a_card_holds_what_signup_knows_and_nothing_to_fill_in() -> None:
    assert of("47611", TemplateKind.CARD, "봄날책방").details == {
        "company": "봄날책방",
        "name": "홍길동",
        "address": ADDRESS,
        "tel": "02-123-0001",
    }
    bare = template("47611", TemplateKind.CARD, shop_name="봄날책방", today=TODAY)
    assert bare.details == {"company": "봄날책방"}


def test_each_trade_suggests_three_short_benefits_of_its_own() -> None:
    for code in INDUSTRIES:
        offered = suggestions(code)
        assert len(set(offered)) == 3
        for benefit in offered:
            assert len(benefit) <= 24
            assert not unsendable(benefit)
            assert not CLAIMS.search(benefit), benefit
    assert len({suggestions(code) for code in INDUSTRIES}) >= 50


def test_a_name_or_address_of_absurd_length_never_breaks_a_template() -> None:
    for kind in TemplateKind:
        promo = template(
            "56193", kind, shop_name="가" * 300, address="나" * 300, owner_name="다" * 90, today=TODAY
        )
        assert len((promo.headline + promo.body).encode("euc_kr")) <= 400
        assert message_of(promo, "햇살치킨").sendable


def test_a_long_address_is_cut_between_words() -> None:
    long = "서울특별시 동작구 보라매로5길 23 보라매타워 지하상가 나동 2층 가운데 복도 오른쪽 끝에서 세 번째 칸 302호"
    where = template("56193", TemplateKind.COUPON, shop_name="봄날", address=long, today=TODAY).details[
        "where"
    ]
    assert len(where) <= 60
    assert long.startswith(f"{where} ")


def test_what_signup_typed_comes_out_sendable() -> None:
    name = unicodedata.normalize("NFD", "봄날☕ 카페")
    promo = template("56221", TemplateKind.CARD, shop_name=name, address="서울 동작구 – 3층", today=TODAY)
    assert promo.details["company"] == "봄날 카페"
    assert promo.details["address"] == "서울 동작구 - 3층"


@pytest.mark.parametrize(
    ("day", "key"),
    [
        (date(2026, 2, 10), "seollal"),  # 17 February 2026
        (date(2027, 1, 24), "seollal"),  # 7 February 2027
        (date(2026, 9, 26), "chuseok"),  # the day after 25 September 2026
        (date(2028, 10, 1), "chuseok"),  # 3 October 2028, which is 개천절 too
        (date(2026, 11, 19), "exam"),
        (date(2025, 11, 13), "exam"),
        (date(2026, 5, 6), "parents"),
        (date(2026, 12, 24), "christmas"),
        (date(2026, 12, 26), "year_end"),
        (date(2027, 1, 1), "new_year"),
    ],
)
def test_the_calendar_knows_what_is_greeted(day: date, key: str) -> None:
    assert next_holiday(day).key == key


def test_the_next_holiday_is_never_over_and_its_greeting_ends_with_it() -> None:
    for offset in range(0, 800, 3):
        today = date.fromordinal(TODAY.toordinal() + offset)
        greeting = next_holiday(today)
        assert greeting.ends is not None
        assert greeting.ends >= today
        promo = greeting_template(greeting, "56193", shop_name="봄날")
        assert promo.kind == TemplateKind.EVENT
        assert promo.period(today) == (today, greeting.ends)
        assert len({found.key for found in coming_holidays(today)}) == len(coming_holidays(today)) == 12


def test_twelve_months_have_twelve_greetings_and_a_thirteenth_is_refused() -> None:
    assert len({month_greeting(month).line for month in range(1, 13)}) == 12
    for month in (0, 13, -1):
        with pytest.raises(ValueError, match="1 to 12"):
            default_promo("56193", "봄날", month)


def test_an_industry_outside_the_58_has_no_template_but_may_greet() -> None:
    for kind in TemplateKind:
        with pytest.raises(UnknownIndustry):
            of("99999", kind)
    with pytest.raises(UnknownIndustry):
        suggestions("99999")
    with pytest.raises(UnknownIndustry):
        trade_group("99999")
    assert greeting_template(month_greeting(3), "84111", shop_name="주민센터").body


def test_every_industry_has_a_name_people_use_and_a_group_of_trades() -> None:
    assert {trade_group(code) for code in INDUSTRIES} == set(TradeGroup)
    assert len({trade_name(code) for code in INDUSTRIES}) == 58
