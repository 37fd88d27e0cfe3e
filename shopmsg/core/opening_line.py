"""Opening hours in one line: what stands in a message, so at most 80 characters and nothing a phone cannot show."""

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Final

from shopmsg.core.opening_day import DAY, WEEKDAYS, Day, digits, weekday_runs

if TYPE_CHECKING:
    from shopmsg.core.opening import Week

LIMIT: Final = 80
#: Ends a line that does not say everything; the homepage, whose link follows in every message, does.
ELSEWHERE: Final = "자세한 시간은 홈페이지에서 보세요"
NTHS: Final = ("첫째", "둘째", "셋째", "넷째", "다섯째")


def line_of(week: "Week") -> str:
    """The fullest of several ways to say it that fits into 80 characters."""
    return next(line for line in _ways(week) if len(line) <= LIMIT)


def monthly_text(weekday: int, nths: Iterable[int]) -> str:
    """ "매월 2·4째 일요일", "매월 첫째 월요일"."""
    numbers = list(nths)
    which = NTHS[numbers[0] - 1] if len(numbers) == 1 else "·".join(map(str, numbers)) + "째"
    return f"매월 {which} {WEEKDAYS[weekday]}요일"


def _ways(week: "Week") -> Iterator[str]:
    extras = [week.monthly.text] if week.monthly else []
    if week.holidays_text:
        extras.append(week.holidays_text)
    full = [*_days(week, _full), *extras]
    yield ", ".join([*full, week.note] if week.note else full)
    yield ", ".join(full)
    short = [*_days(week, _short), *extras]
    yield ", ".join(short)
    yield ", ".join([*_days(week, _hours_only), *extras, ELSEWHERE])
    yield ", ".join([*_days(week, _hours_only), ELSEWHERE])
    closed = [weekday for weekday in range(7) if week.days[weekday] is None]
    rest = [f"{weekday_runs(closed)} 쉬어요"] if closed else []
    yield ", ".join(["요일마다 달라요", *rest, ELSEWHERE])


def _days(week: "Week", say: Callable[[Day], str]) -> list[str]:
    """ "월~금 11:00~22:00" for each set of hours in the order of the week; closed days come last."""
    groups: dict[Day, list[int]] = {}
    closed: list[int] = []
    for weekday, day in enumerate(week.days):
        if day is None:
            closed.append(weekday)
        else:
            groups.setdefault(day, []).append(weekday)
    said = [f"{weekday_runs(weekdays)} {say(day)}" for day, weekdays in groups.items()]
    return [*said, f"{weekday_runs(closed)} 쉬어요"] if closed else said


def _full(day: Day) -> str:
    return day.text


def _short(day: Day) -> str:
    """ "11~22시(휴식 15~17시)": full hours without their minutes."""
    hours = "24시간" if day.all_day else _brief(day.opens, day.closes)
    return f"{hours}(휴식 {_brief(*day.rest)})" if day.rest else hours


def _hours_only(day: Day) -> str:
    return "24시간" if day.all_day else _brief(day.opens, day.closes)


def _brief(start: int, end: int) -> str:
    if start % 60 or end % 60 or end > DAY:
        return f"{digits(start)}~{digits(end)}"
    return f"{start // 60}~{end // 60}시"
