"""공휴일: Korea's public holidays with their substitutes (대체공휴일), as the `holidays` package knows them."""

from datetime import date, timedelta
from functools import lru_cache
from typing import Final

#: 설날 and 추석, the days around them and their substitutes carry one of these words.
_FEASTS: Final = ("설날", "추석")
_SATURDAY: Final = 5
#: Since when 근로자의날 and 제헌절 are public holidays with substitutes.
_MORE_SUBSTITUTES: Final = 2026
#: The law's names where people say another.
_SAID: Final = {"기독탄신일": "성탄절", "신정연휴": "새해 첫날", "; ": "·"}


@lru_cache(maxsize=16)
def _of_year(year: int) -> dict[date, str]:
    # A quarter of the start-up time of a web process, for something a day's first visitor needs.
    from holidays import country_holidays

    return dict(country_holidays("KR", years=year, language="ko"))


def holiday_name(day: date) -> str:
    """ "성탄절", or "" for a day that is no public holiday; two on one day are joined with "·"."""
    name = _of_year(day.year).get(day, "")
    for law, said in _SAID.items():
        name = name.replace(law, said)
    return name


def is_feast(day: date) -> bool:
    """설·추석 연휴: the days of the two great feasts, for which even shops that never rest often close."""
    return any(word in holiday_name(day) for word in _FEASTS)


def next_business_day(day: date) -> date:
    """영업일: that day, or the next on which banks and tax offices are open. The first of May and its substitute count as
    closed, and so does the substitute of 제헌절: public holidays again from 2026 on, which the package does not know yet."""
    while day.weekday() >= _SATURDAY or holiday_name(day) or day in _closed_besides(day.year):
        day += timedelta(days=1)
    return day


@lru_cache(maxsize=16)
def _closed_besides(year: int) -> frozenset[date]:
    labour_day, constitution_day = date(year, 5, 1), date(year, 7, 17)
    closed = {labour_day}
    if year >= _MORE_SUBSTITUTES:
        for day in (labour_day, constitution_day):
            if day.weekday() >= _SATURDAY:
                closed.add(_first_weekday_after(day, closed))
    return frozenset(closed)


def _first_weekday_after(day: date, closed: set[date]) -> date:
    while day.weekday() >= _SATURDAY or holiday_name(day) or day in closed:
        day += timedelta(days=1)
    return day
