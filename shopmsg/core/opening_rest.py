"""Days on which a shop does not open although its weekday does."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from shopmsg.core.opening_day import OpeningRefused, plain_day
from shopmsg.core.opening_line import monthly_text
from shopmsg.core.text import clean, unsendable

LONGEST_CLOSURE: Final = timedelta(days=366)
NOTE_LENGTH: Final = 40


class Holidays(StrEnum):
    """What a public holiday that falls on an open day is."""

    USUAL = "usual"
    FEASTS = "feasts"
    CLOSED = "closed"
    OWN = "own"


@dataclass(frozen=True, slots=True)
class Monthly:
    """정기 휴무: some of a month's Sundays, say. `weekday` 0 is Monday; `nths` are 1–5. Raises OpeningRefused."""

    weekday: int
    nths: tuple[int, ...]

    def __post_init__(self) -> None:
        known = 0 <= self.weekday <= 6 and self.nths == tuple(sorted({*self.nths} & {1, 2, 3, 4, 5}))
        if not known or not self.nths:
            raise OpeningRefused("monthly", "매월 몇째 무슨 요일에 쉬는지 골라 주세요.")

    def falls_on(self, day: date) -> bool:
        return day.weekday() == self.weekday and (day.day + 6) // 7 in self.nths

    @property
    def text(self) -> str:
        """ "매월 2·4째 일요일 쉬어요"."""
        return f"{monthly_text(self.weekday, self.nths)} 쉬어요"


@dataclass(frozen=True, slots=True)
class Closure:
    """임시 휴무: closed from `first` through `last`. Raises OpeningRefused."""

    first: date
    last: date
    reason: str = ""

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise OpeningRefused("closure", "쉬는 마지막 날이 첫날보다 빨라요. 날짜를 다시 골라 주세요.")
        if self.last - self.first > LONGEST_CLOSURE:
            raise OpeningRefused("closure", "쉬는 기간은 1년 안으로 골라 주세요.")
        check_words(self.reason, "쉬는 까닭은")

    @property
    def text(self) -> str:
        """ "11월 22일~24일", "11월 22일"."""
        if self.first == self.last:
            return plain_day(self.first)
        same = (self.first.year, self.first.month) == (self.last.year, self.last.month)
        return f"{plain_day(self.first)}~{f'{self.last.day}일' if same else plain_day(self.last)}"


def check_words(words: str, what: str) -> None:
    """One short line a phone can show. `what` is its topic, "한 줄 안내는". Raises OpeningRefused."""
    if len(words) > NOTE_LENGTH:
        raise OpeningRefused("note", f"{what} {NOTE_LENGTH}자 안으로 적어 주세요.")
    if words != clean(words).replace("\n", " "):
        raise OpeningRefused("note", f"{what} 한 줄로 적어 주세요.")
    problems = unsendable(words)
    if problems:
        raise OpeningRefused(
            "note_unsendable", f"글자 ‘{problems[0].char}’는 문자에 쓸 수 없어요. 다른 글자로 바꿔 주세요."
        )
