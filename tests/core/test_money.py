"""Won as owners type them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopmsg.core.money import MoneyRefused, format_won, parse_won

MOST = 99_999_999


@pytest.mark.parametrize(
    ("typed", "won"),
    [("15000", 15_000), ("15,000원", 15_000), (" 15 000 원", 15_000), ("₩15,000", 15_000), ("１５，０００", 15_000),
     ("만오천원", 15_000), ("1만5천원", 15_000), ("1만 5천", 15_000), ("1.5만", 15_000), ("삼천오백", 3_500), ("9천9백원", 9_900),
     ("이만 삼천사백오십원", 23_450), ("천원", 1_000), ("만원", 10_000), ("십이만", 120_000), ("1만5000", 15_000), ("1만5,000", 15_000), ("0", 0),
     ("99,999,999", MOST), ("0" * 5_000 + "7", 7)],
)  # fmt: skip
def test_amounts_are_read_however_they_are_written(typed: str, won: int) -> None:
    assert parse_won(typed, MOST) == won


@pytest.mark.parametrize(
    ("typed", "code"),
    [("-5000", "negative"), ("−5,000원", "negative"), ("100,000,000", "too_much"), ("9" * 5_000, "too_much"),
     ("일억", "too_much"), ("억억", "unreadable"), ("15000.5", "fraction"), ("시가", "unreadable"), ("", "unreadable"), ("15,00", "unreadable"),
     ("만만", "unreadable"), ("천만천만", "unreadable"), ("오십천", "unreadable"), ("1e9", "unreadable"), ("12~15천원", "unreadable"),
     ("가" * 10_000, "unreadable"), ("0.00001만", "unreadable")],
)  # fmt: skip
def test_what_is_no_amount_is_refused_precisely(typed: str, code: str) -> None:
    with pytest.raises(MoneyRefused) as refused:
        parse_won(typed, MOST)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("typed", "won"),
    [("3억", 300_000_000), ("3억 5천만원", 350_000_000), ("삼억", 300_000_000), ("1.2억", 120_000_000), ("9억9999만", 999_990_000)],
)  # fmt: skip
def test_hundreds_of_millions_are_read_as_people_say_them(typed: str, won: int) -> None:
    assert parse_won(typed, 10**12) == won


@given(st.integers(0, MOST))
def test_what_we_write_we_read(won: int) -> None:
    assert parse_won(format_won(won), MOST) == won


@given(st.text(max_size=40))
def test_nothing_typed_breaks_the_reader(text: str) -> None:
    try:
        won = parse_won(text, MOST)
    except MoneyRefused:
        return
    assert 0 <= won <= MOST
