"""Hangul in Latin letters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopmsg.core.romanise import romanised


@pytest.mark.parametrize(
    ("name", "latin"),
    [("행복치킨 2호점", "haengbokchikin-2hojeom"), ("봄날 꽃집", "bomnal-kkotjip"), ("Café 모카&", "cafe-moka"),
     ("김밥천국", "gimbapcheonguk"), ("★", "")],
)  # fmt: skip
def test_a_name_becomes_an_address(name: str, latin: str) -> None:
    assert romanised(name) == latin


@given(st.text(max_size=30))
def test_whatever_comes_in_only_letters_digits_and_single_hyphens_come_out(text: str) -> None:
    latin = romanised(text)
    assert set(latin) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert "--" not in latin
    assert latin == latin.strip("-")
