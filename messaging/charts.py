"""Charts as shapes and words: what templates/components/chart_week.html and chart_funnel.html draw.

Nothing is said by a bar alone: every figure is there as text too, for who cannot see it or would rather read.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from messaging.models import ShopNumbers
from messaging.queries.numbers import Stages, Week
from shopmsg.core.clock import format_day

#: Length of the tallest bar in the drawing's own units.
FULL: Final = 100
# Something is never drawn as nothing.
_LEAST: Final = 2
_WEEKDAYS: Final = "월화수목금토일"


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a day. `tone` is "calls", "sent" or "visited"; `length` 0 to FULL."""

    tone: str
    length: int

    @property
    def top(self) -> int:
        """Where an upright bar begins."""
        return FULL - self.length


@dataclass(frozen=True, slots=True)
class DayColumn:
    """A day: `calls` stands over its bars (without a comma: a seventh of a phone is narrow), `said` is all of it in
    words."""

    day: date
    calls: str
    bars: tuple[Bar, ...]
    said: str
    today: bool
    ahead: bool

    @property
    def weekday(self) -> str:
        return _WEEKDAYS[self.day.weekday()]

    @property
    def name(self) -> str:
        """ "11월 16일(월)"."""
        return format_day(self.day)


@dataclass(frozen=True, slots=True)
class WeekChart:
    """Seven days, Monday first."""

    columns: tuple[DayColumn, ...]


@dataclass(frozen=True, slots=True)
class Stage:
    """One bar of a funnel. `url` leads to what is behind it, "" when nothing is."""

    label: str
    value: str
    unit: str
    length: int
    note: str = ""
    url: str = ""


def week_chart(week: Week) -> WeekChart:
    """The week's calls, messages and opened links, all on one scale."""
    tallest = max(max(day.calls, day.sent, day.visited) for day in week.days)
    columns = tuple(
        DayColumn(
            day=day.day,
            calls="" if day.day > week.today else str(day.calls),
            bars=tuple(
                Bar(tone, _length(value, tallest))
                for tone, value in (("calls", day.calls), ("sent", day.sent), ("visited", day.visited))
            ),
            said="아직 오지 않은 날" if day.day > week.today else in_words(day),
            today=day.day == week.today,
            ahead=day.day > week.today,
        )
        for day in week.days
    )
    return WeekChart(columns)


def in_words(day: ShopNumbers) -> str:
    """ "전화 42건, 보냄 31건, 링크 12명"."""
    return f"전화 {day.calls:,}건, 보냄 {day.sent:,}건, 링크 {day.visited:,}명"


def funnel(
    stages: Stages, *, notes: dict[str, str] | None = None, urls: dict[str, str] | None = None
) -> tuple[Stage, ...]:
    """The five stages with bars to one scale; `notes` and `urls` by the fields of Stages."""
    rows = (
        ("calls", "전화", stages.calls, "건"),
        ("sent", "보냄", stages.sent, "건"),
        ("delivered", "도착", stages.delivered, "건"),
        ("visited", "링크 열어 봄", stages.visited, "명"),
        ("redeemed", "쿠폰 씀", stages.redeemed, "명"),
    )
    longest = max(value for _, _, value, _ in rows)
    return tuple(
        Stage(
            label,
            f"{value:,}",
            unit,
            _length(value, longest),
            (notes or {}).get(name, ""),
            (urls or {}).get(name, ""),
        )
        for name, label, value, unit in rows
    )


def reading_of(stages: Stages) -> str:
    """What a week's figures come to, in a sentence; "" while there is nothing to say."""
    if not stages.delivered or stages.visited > stages.delivered:
        return ""
    if not stages.visited:
        return f"도착한 문자 {stages.delivered:,}건의 링크는 아직 아무도 열어 보지 않았어요."
    used = f" 쿠폰은 {stages.redeemed:,}명이 썼어요." if stages.redeemed else ""
    return (
        f"도착한 문자 {stages.delivered:,}건 가운데 {stages.visited:,}건의 링크를 손님이 열어 봤어요.{used}"
    )


def _length(value: int, longest: int) -> int:
    if value <= 0 or longest <= 0:
        return 0
    return max(_LEAST, round(value * FULL / longest))
