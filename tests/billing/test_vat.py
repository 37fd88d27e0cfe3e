"""공급가액 and 세액: rounding stated once, so that the parts always add up."""

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.vat import Parts, added, split

WON = st.integers(-10_000_000_000, 10_000_000_000)


@pytest.mark.parametrize(
    ("total", "supply", "vat"),
    [
        (19_800, 18_000, 1_800),
        (13_200, 12_000, 1_200),
        (14_300, 13_000, 1_300),
        (60_720, 55_200, 5_520),
        (29_000, 26_364, 2_636),
        (5, 5, 0),
        (6, 5, 1),
        (0, 0, 0),
        (-19_800, -18_000, -1_800),
    ],
)
def test_an_amount_with_vat_inside_is_parted_at_its_eleventh(total: int, supply: int, vat: int) -> None:
    assert split(total) == Parts(supply, vat)


@pytest.mark.parametrize(
    ("supply", "vat"), [(9, 1), (4, 0), (5, 1), (15, 2), (1_000, 100), (-5, -1), (-4, 0)]
)
def test_vat_outside_is_a_tenth_on_top_halves_up(supply: int, vat: int) -> None:
    assert added(supply) == Parts(supply, vat)
    assert added(supply).total_krw == supply + vat


@given(WON)
def test_the_parts_always_add_up_and_are_the_nearest_won(total: int) -> None:
    parts = split(total)
    assert parts.total_krw == total
    # Decimal's ROUND_HALF_UP takes halves away from zero, as a credit note must.
    assert parts.vat_krw == (Decimal(total) / 11).quantize(Decimal(1), ROUND_HALF_UP)
    assert added(total).vat_krw == (Decimal(total) / 10).quantize(Decimal(1), ROUND_HALF_UP)


@given(WON)
def test_a_credit_note_takes_back_exactly_what_was_charged(total: int) -> None:
    for parted in (split, added):
        there, back = parted(total), parted(-total)
        assert (there.supply_krw + back.supply_krw, there.vat_krw + back.vat_krw) == (0, 0)


@given(WON)
def test_a_tenth_of_the_supply_value_is_its_vat_but_for_a_won(total: int) -> None:
    assert abs(added(split(total).supply_krw).vat_krw - split(total).vat_krw) <= 1
