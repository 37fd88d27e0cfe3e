"""Days, times and amounts as other systems write them into cells."""

from datetime import datetime

import pytest

from shopmsg.core.cells import MomentRefused, moment, won
from shopmsg.core.clock import KST

AT = datetime(2026, 11, 22, 15, 5, 7, tzinfo=KST)


@pytest.mark.parametrize(
    ("day", "clock"),
    [
        ("2026-11-22 15:05:07", ""),
        ("2026.11.22 15:05:07", ""),
        ("2026/11/22", "15:05:07"),
        ("20261122", "150507"),
        ("20261122150507", ""),
        ("26.11.22", "15:05:07"),
        ("2026-11-22T15:05:07", ""),
        ("2026-11-22T00:00:00", "15:05:07"),
        ("2026년 11월 22일 오후 3:05:07", ""),
        ("2026. 11. 22. 오후 3:05:07", ""),
        ("2026-11-22(일) 15:05:07", ""),
        ("２０２６-11-22", "03:05:07 PM"),
        ("46348.6285532407", ""),
        ("46348", "15시 5분 7초"),
    ],
)
def test_every_usual_shape_is_the_same_moment(day: str, clock: str) -> None:
    assert moment(day, clock) == AT


def test_a_day_alone_is_its_first_moment_in_korea() -> None:
    assert moment("2026-11-22") == datetime(2026, 11, 22, tzinfo=KST)


@pytest.mark.parametrize(
    ("day", "clock", "code"),
    [
        ("", "", "missing"),
        ("11/22/2026", "", "day"),
        ("2026-02-30", "", "day"),
        ("1999-01-01", "", "day"),
        ("2026-11-22 강남점", "", "day"),
        ("15,400", "", "day"),
        ("2026-11-22", "25:00", "time"),
        ("2026-11-22", "강남점", "time"),
    ],
)
def test_what_is_no_moment_is_refused(day: str, clock: str, code: str) -> None:
    with pytest.raises(MomentRefused) as refused:
        moment(day, clock)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("text", "amount"),
    [("₩15,400", 15_400), ("\\15,400", 15_400), ("15400.00", 15_400), ("-15,400원", -15_400), ("", 0), ("-", 0),
     ("15400.5", None), ("1,54,00", None), ("만오천", None), ("9" * 30, None)],
)  # fmt: skip
def test_won_are_whole_and_what_is_no_amount_is_not_guessed_at(text: str, amount: int | None) -> None:
    assert won(text) == amount
