"""Korean time, on whatever host."""

import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopmsg.core import clock

moments = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@pytest.fixture(params=["UTC", "Asia/Seoul", "America/New_York"])
def host(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


def test_a_korean_day_begins_at_midnight_in_korea_whatever_the_host_thinks(host: str) -> None:
    last = datetime(2026, 11, 22, 14, 59, 59, 999_999, tzinfo=UTC)
    first = last + timedelta(microseconds=1)
    assert (clock.kst_day(last), clock.kst_day(first)) == (date(2026, 11, 22), date(2026, 11, 23))
    assert clock.day_start(date(2026, 11, 23)) == first
    assert (clock.minute_of_day(last), clock.minute_of_day(first)) == (1_439, 0)
    assert clock.format_moment(first) == "11월 23일(월) 오전 12:00"


@given(moments, st.integers(-12 * 60, 14 * 60))
def test_the_zone_a_moment_is_written_in_makes_no_difference(moment: datetime, offset: int) -> None:
    elsewhere = moment.astimezone(timezone(timedelta(minutes=offset)))
    assert clock.kst_day(elsewhere) == clock.kst_day(moment)
    assert clock.minute_of_day(elsewhere) == clock.minute_of_day(moment)
    start = clock.day_start(clock.kst_day(moment))
    assert start <= moment < start + timedelta(days=1)


@pytest.mark.parametrize(
    ("anchor", "months", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2026, 1, 31), 2, date(2026, 3, 31)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
        (date(2026, 1, 15), -1, date(2025, 12, 15)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2026, 5, 10), 0, date(2026, 5, 10)),
    ],
)
def test_a_day_the_month_lacks_becomes_its_last_day(anchor: date, months: int, expected: date) -> None:
    assert clock.add_months(anchor, months) == expected


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)), st.integers(-60, 60))
def test_months_are_counted_from_the_anchor(anchor: date, months: int) -> None:
    later = clock.add_months(anchor, months)
    assert (later.year - anchor.year) * 12 + later.month - anchor.month == months
    assert later.day == anchor.day or (later.day < anchor.day and (later + timedelta(days=1)).day == 1)


@pytest.mark.parametrize(
    ("hour", "minute", "written"),
    [(0, 0, "오전 12:00"), (0, 5, "오전 12:05"), (8, 0, "오전 8:00"), (11, 59, "오전 11:59"), (12, 0, "오후 12:00"),
     (13, 7, "오후 1:07"), (21, 0, "오후 9:00"), (23, 59, "오후 11:59")],
)  # fmt: skip
def test_times_are_said_as_koreans_say_them(hour: int, minute: int, written: str) -> None:
    assert clock.format_time(datetime(2026, 11, 22, hour, minute, tzinfo=clock.KST)) == written


def test_weekdays_and_months() -> None:
    assert [clock.format_day(date(2026, 11, day)) for day in (22, 23, 28)] == [
        "11월 22일(일)",
        "11월 23일(월)",
        "11월 28일(토)",
    ]
    assert clock.month_start(date(2026, 11, 30)) == date(2026, 11, 1)
