"""Greetings by the calendar: twelve months, and the holidays that shops greet (월별 인사, 명절 인사)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache
from typing import Any, Final

from messaging.texts.tables import greetings


@dataclass(frozen=True, slots=True)
class Greeting:
    """A greeting as a text of its own. A holiday's stands from `starts` to `ends`, both included, around its `day`; a
    month's has none of the three, and `line` is its short form."""

    key: str
    name: str
    headline: str
    lines: tuple[str, ...]
    line: str = ""
    day: date | None = None
    starts: date | None = None
    ends: date | None = None


def month_greeting(month: int) -> Greeting:
    """이달의 인사; `month` is 1 to 12, ValueError otherwise."""
    if not 1 <= month <= 12:
        raise ValueError(f"month must be 1 to 12, got {month}")
    row = greetings()["months"][month - 1]
    return Greeting(f"month-{month}", f"{month}월 인사", row["headline"], tuple(row["body"]), row["line"])


def past_month(words: str, today: date) -> int | None:
    """The month whose greeting these words hold, when it is not this month's: a promo that greets November in
    December."""
    for month in range(1, 13):
        greeting = month_greeting(month)
        if month != today.month and (greeting.line in words or greeting.headline in words):
            return month
    return None


def next_holiday(today: date) -> Greeting:
    """The holiday that is being greeted, or comes next. Where two are, the one whose day is nearer."""
    return min(
        (found for found in coming_holidays(today) if found.day),
        key=lambda found: (found.starts is None or found.starts > today, _days(found, today)),
    )


def coming_holidays(today: date) -> tuple[Greeting, ...]:
    """Each holiday once, the soonest first: this year's, or next year's once it is over."""
    soonest: dict[str, Greeting] = {}
    for year in (today.year, today.year + 1):
        for greeting in _of_year(year):
            if greeting.ends is not None and greeting.ends >= today:
                soonest.setdefault(greeting.key, greeting)
    return tuple(sorted(soonest.values(), key=lambda found: _days(found, today)))


def _days(greeting: Greeting, today: date) -> int:
    return abs((greeting.day - today).days) if greeting.day else 0


@lru_cache(maxsize=8)
def _of_year(year: int) -> tuple[Greeting, ...]:
    return tuple(_dated(row, _DAYS[row["key"]](year)) for row in greetings()["holidays"])


def _dated(row: Mapping[str, Any], day: date) -> Greeting:
    return Greeting(
        row["key"],
        row["name"],
        row["headline"],
        tuple(row["body"]),
        day=day,
        starts=day - timedelta(days=row["before"]),
        ends=day + timedelta(days=row["after"]),
    )


@cache
def _lunar_days(year: int) -> tuple[date, date]:
    """(설날, 추석) of a year, by the calendar of public holidays."""
    # A quarter of the start-up time of a web process, for something its first visitor needs.
    from holidays import country_holidays

    calendar = country_holidays("KR", years=year, language="ko")
    # A day may carry two names, as 3 October 2028 does: "개천절; 추석".
    found = {name: day for day, names in calendar.items() for name in names.split("; ")}
    return found["설날"], found["추석"]


def _seollal(year: int) -> date:
    return _lunar_days(year)[0]


def _exam(year: int) -> date:
    """수능: a Thursday in mid-November that the ministry names; from 2021 on always the first from the 13th."""
    first = date(year, 11, 13)
    return first + timedelta(days=(3 - first.weekday()) % 7)


def _fixed(month: int, day: int) -> Callable[[int], date]:
    return lambda year: date(year, month, day)


_DAYS: Final[Mapping[str, Callable[[int], date]]] = {
    "new_year": _fixed(1, 1),
    "seollal": _seollal,
    "daeboreum": lambda year: _seollal(year) + timedelta(days=14),  # the fifteenth of the first lunar month
    "new_term": _fixed(3, 2),
    "children": _fixed(5, 5),
    "parents": _fixed(5, 8),
    "teachers": _fixed(5, 15),
    "summer": _fixed(7, 31),
    "chuseok": lambda year: _lunar_days(year)[1],
    "exam": _exam,
    "christmas": _fixed(12, 25),
    "year_end": _fixed(12, 31),
}
