"""What leaving a commitment early costs (rules.md §3)."""

from dataclasses import replace
from datetime import date
from types import MappingProxyType

import pytest

from billing.catalogue import BASE, Bands
from billing.leaving import Leaving, refund_after, schedule

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("term", "months", "won"),
    [
        (36, 12, 60_720),  # 6,600 × (8 × 85 % + 3 × 80 %): the first month was free
        (36, 24, 77_550),
        (36, 35, 45_870),
        (24, 4, 12_540),
        (24, 16, 52_140),
        (24, 23, 50_160),
        (12, 10, 19_800),
        (12, 11, 19_690),
    ],
)
def test_leaving_pays_back_the_discounts_by_their_bands(term: int, months: int, won: int) -> None:
    assert refund_after(BASE, term, months, TODAY) == won


@pytest.mark.parametrize("term", [12, 24, 36])
def test_the_free_first_month_and_the_end_of_the_commitment_cost_nothing(term: int) -> None:
    assert [refund_after(BASE, term, months, TODAY) for months in (0, 1, term, term + 1)] == [0, 0, 0, 0]


def test_who_has_no_commitment_leaves_for_nothing() -> None:
    assert refund_after(BASE, 0, 7, TODAY) == 0
    assert schedule(BASE, 0, TODAY) == ()


@pytest.mark.parametrize("term", [12, 24, 36])
def test_the_schedule_has_every_month(term: int) -> None:
    months = schedule(BASE, term, TODAY)
    assert [step.month for step in months] == list(range(1, term + 1))
    assert months == tuple(
        Leaving(month, refund_after(BASE, term, month, TODAY)) for month in range(1, term + 1)
    )


@pytest.mark.parametrize(
    ("term", "edges"),
    [
        (
            36,
            [
                (1, 85),
                (9, 85),
                (10, 80),
                (13, 30),
                (19, 25),
                (22, 0),
                (25, -10),
                (29, -25),
                (33, -85),
                (36, -170),
            ],
        ),
        (24, [(1, 95), (5, 85), (9, 80), (13, 70), (15, 50), (17, 0), (21, -10), (23, -25), (24, -25)]),
        (12, [(1, 100), (10, 100), (11, -5), (12, -5)]),
    ],
)
def test_every_band_begins_and_ends_at_its_month(term: int, edges: list[tuple[int, int]]) -> None:
    assert [BASE.bands_on(TODAY).rate(term, month) for month, _ in edges] == [percent for _, percent in edges]
    for month in (0, term + 1):
        with pytest.raises(ValueError, match="no month"):
            BASE.bands_on(TODAY).rate(term, month)


def test_new_bands_leave_old_commitments_alone() -> None:
    harder = Bands(date(2027, 1, 1), "KT", MappingProxyType({36: ((36, 100),)}))
    announced = replace(BASE, bands=(*BASE.bands, harder))
    assert refund_after(announced, 36, 12, date(2026, 12, 31)) == 60_720
    assert refund_after(announced, 36, 12, date(2027, 1, 1)) == 11 * 6_600


def test_every_table_of_bands_names_its_source_and_covers_its_commitments() -> None:
    for bands in BASE.bands:
        assert bands.source
        assert {term: rows[-1][0] for term, rows in bands.rates.items()} == {12: 12, 24: 24, 36: 36}


@pytest.mark.parametrize(("term", "months"), [(13, 1), (12, -1)])
def test_a_commitment_nobody_has_is_an_error(term: int, months: int) -> None:
    with pytest.raises(ValueError):
        refund_after(BASE, term, months, TODAY)
