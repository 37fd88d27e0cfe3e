"""공휴일: Korea's public holidays with their substitutes (대체공휴일), as the `holidays` package knows them."""

from datetime import date
from functools import lru_cache
from typing import Final

#: 설날 and 추석, the days around them and their substitutes carry one of these words.
_FEASTS: Final = ("설날", "추석")
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
