"""A promo as the phone gets it: the law's lines, the bytes, and nothing lost on the way."""

import unicodedata
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging import content
from messaging.compose import SAMPLE_TOKEN, Content, Sender, compose, compose_notice, period_line
from messaging.enums import Channel
from messaging.links import TOKEN_LENGTH, message_link, new_token
from shopmsg.accounts.enums import Product
from shopmsg.core.text import clean, replaced

LINK = "https://shop.example.kr/m/0123456789"
SHOP = Sender("행복한꽃집", Product.SOHO, "021234567", "08012345678")
FIRST = "(광고)[행복한꽃집]"
LAST = "무료수신거부 080-1234-5678"
PROMO = Content("오늘의 꽃다발", "전화 주셔서 감사합니다.\n10% 할인해 드려요.")

owners_words = st.lists(
    st.one_of(
        st.sampled_from(
            [FIRST, LAST, "(광고)[다른 가게]", "( 광고 )", "무료수신거부 없음", "무료수신거부 080-0000-0000", LINK, "\n",
             "\r\n", "\x00", "\u2028", "\u202e", "{first}", "%s", "뷁", "👍🏽", "₩", " "]
        ),
        st.text(max_size=12),
    ),
    max_size=8,
).map("".join)  # fmt: skip


def shown(written: str) -> str:
    return clean(written)


def test_a_promo_is_these_lines_in_this_order() -> None:
    made = compose(replace(PROMO, starts_on=date(2026, 11, 1), ends_on=date(2026, 11, 30)), SHOP, LINK)
    assert made.text.split("\n") == [
        FIRST,
        "오늘의 꽃다발",
        "전화 주셔서 감사합니다.",
        "10% 할인해 드려요.",
        "기간 11월 1일 ~ 11월 30일",
        "문의 02-123-4567",
        LINK,
        LAST,
    ]
    assert (made.channel, made.subject, made.first, made.last) == (Channel.MMS, "행복한꽃집", FIRST, LAST)
    assert made.sendable
    assert made.byte_length == len(made.text.encode("euc_kr"))


@given(owners_words, owners_words, owners_words)
def test_the_first_and_the_last_line_are_the_laws_whatever_the_owner_types(
    name: str, headline: str, body: str
) -> None:
    made = compose(Content(headline, body), replace(SHOP, name=name), LINK)
    rows = made.text.split("\n")
    assert rows[0] == made.first == f"(광고)[{clean(name).replace(chr(10), ' ')}]"
    assert rows[-1] == LAST
    assert rows[-2] == LINK


@given(owners_words, owners_words)
def test_nothing_the_owner_typed_is_lost_or_changed(headline: str, body: str) -> None:
    made = compose(Content(headline, body), SHOP, LINK)
    middle = "\n".join(row for row in (shown(headline), shown(body)) if row)
    expected = [FIRST, *([middle] if middle else []), "문의 02-123-4567", LINK, LAST]
    assert made.text == "\n".join(expected)


@given(owners_words, owners_words)
def test_problems_point_at_the_characters_of_the_text_that_is_shown(headline: str, body: str) -> None:
    made = compose(Content(headline, body), SHOP, LINK)
    for problem in made.problems:
        assert made.text[problem.index] == problem.char
    left = list(made.text)
    for problem in reversed(made.problems):
        del left[problem.index]
    "".join(left).encode("euc_kr")
    assert made.sendable is (not made.problems and made.byte_length <= 2_000)


@given(owners_words)
def test_taking_every_offer_makes_a_promo_sendable(body: str) -> None:
    made = compose(Content("제목", replaced(body)), SHOP, LINK)
    assert made.problems == ()


@pytest.mark.parametrize("char", ["뷁", "👍", "₩", "é", "\x00", "\u00a0", "\u202e"])
def test_a_character_no_phone_shows_keeps_the_promo_from_going_out(char: str) -> None:
    made = compose(Content("제목", f"가{char}나"), SHOP, LINK)
    assert not made.sendable
    (problem,) = made.problems
    assert (problem.char, made.text[problem.index]) == (char, char)


def test_hangul_typed_on_a_mac_is_sent_as_whole_syllables() -> None:
    typed = unicodedata.normalize("NFD", PROMO.body)
    assert compose(replace(PROMO, body=typed), SHOP, LINK) == compose(PROMO, SHOP, LINK)


def filled(total: int, sender: Sender, limit_body: str = "") -> Content:
    """A promo whose whole message has exactly `total` bytes."""
    empty = compose(Content("", "x"), sender, LINK).byte_length - 1
    room = total - empty
    return Content("", "가" * (room // 2) + "x" * (room % 2))


def test_two_thousand_bytes_go_and_one_more_does_not() -> None:
    whole = compose(filled(2_000, SHOP), SHOP, LINK)
    assert (whole.byte_length, whole.byte_limit, whole.sendable) == (2_000, 2_000, True)
    over = compose(filled(2_001, SHOP), SHOP, LINK)
    assert (over.byte_length, over.sendable, over.problems) == (2_001, False, ())
    assert over.text.endswith(LAST)


def test_basic_is_a_short_message_of_ninety_bytes_without_any_ad_mark() -> None:
    office = Sender("마포구청", Product.BASIC, "0212345678", "08012345678")
    fits = compose(filled(90, office), office, LINK)
    assert (fits.channel, fits.subject, fits.byte_length, fits.sendable) == (Channel.SMS, "", 90, True)
    assert not compose(filled(91, office), office, LINK).sendable


@pytest.mark.parametrize("product", [Product.BASIC, Product.PREMIUM])
def test_notices_of_public_bodies_carry_no_ad_mark_and_no_opt_out_line(product: Product) -> None:
    made = compose(PROMO, replace(SHOP, product=product), LINK)
    assert (made.first, made.last) == ("[행복한꽃집]", "")
    assert "광고" not in made.text
    assert "수신거부" not in made.text
    assert made.text.split("\n")[-1] == LINK


def test_on_a_shared_080_the_shops_code_stands_before_the_last_line() -> None:
    made = compose(PROMO, replace(SHOP, optout_code="4321"), LINK)
    assert made.text.split("\n")[-3:] == [LINK, "가게번호 4321", LAST]


@given(st.text(max_size=60))
def test_a_subject_never_has_more_than_forty_bytes(name: str) -> None:
    subject = compose(PROMO, replace(SHOP, name=name), LINK).subject
    assert sum(1 if ord(char) < 128 else 2 for char in subject) <= 40
    assert "\n" not in subject


@given(owners_words)
def test_every_message_carries_its_own_link_and_only_there(body: str) -> None:
    sample = message_link(SAMPLE_TOKEN)
    written = body + sample  # an owner who pastes the sample keeps it
    made = content.composed(Content("제목", written), SHOP)
    token = new_token()
    sent = content.with_link(made.text, token)
    rows = made.text.split("\n")
    assert sent.split("\n") == [*rows[:-2], message_link(token), rows[-1]]
    assert sent == compose(Content("제목", written), SHOP, message_link(token)).text
    assert len(sent) == len(made.text)


def test_tokens_are_ten_characters_that_nobody_misreads_and_nobody_guesses() -> None:
    tokens = {new_token() for _ in range(2_000)}
    assert len(tokens) == 2_000
    assert {len(token) for token in tokens} == {TOKEN_LENGTH} == {len(SAMPLE_TOKEN)}
    assert not set("".join(tokens)) & set("0O1lI")


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "line"),
    [
        (None, None, ""),
        (date(2026, 11, 1), date(2026, 11, 30), "기간 11월 1일 ~ 11월 30일"),
        (date(2026, 11, 1), None, "기간 11월 1일 ~"),
        (None, date(2026, 12, 31), "기간 ~ 12월 31일"),
    ],
)
def test_the_period_is_said_where_there_is_one(
    starts_on: date | None, ends_on: date | None, line: str
) -> None:
    assert period_line(starts_on, ends_on) == line


def test_informational_texts_carry_no_ad_mark_and_choose_their_channel_by_length() -> None:
    short, long = compose_notice("가" * 45), compose_notice("가" * 45 + ".")
    assert (short.channel, short.subject, short.byte_length, short.sendable) == (Channel.SMS, "", 90, True)
    assert (long.channel, long.subject, long.sendable) == (Channel.LMS, "안내", True)
    assert (short.first, short.last, short.text) == ("", "", "가" * 45)
    assert not compose_notice("가" * 1_000 + ".").sendable
