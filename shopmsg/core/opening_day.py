"""One day's opening hours, and times as owners type and read them."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from shopmsg.core.errors import ShopmsgError

DAY: Final = 1_440
WEEKDAYS: Final = "월화수목금토일"
_TIME: Final = re.compile(
    r"(?P<half>오전|오후|아침|새벽|낮|저녁|밤)?(?P<hour>\d{1,2})"
    r"(?:(?::|시)?(?P<minute>\d{2})분?|시(?P<part>반)?|시(?P<short>\d)분)?"
)
_AFTERNOON: Final = frozenset({"오후", "저녁"})


class OpeningRefused(ShopmsgError):
    """Opening hours that cannot be. Codes: "time", "same", "break", "overlap", "never_open", "monthly", "closure",
    "closures", "note", "note_unsendable", "shape"."""


@dataclass(frozen=True, slots=True)
class Day:
    """A business day, 영업일: minutes since its midnight. `closes` is past 1440 when the shop closes the next morning;
    `rest` is the break (쉬는 시간) within, if any. Raises OpeningRefused."""

    opens: int
    closes: int
    rest: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        whole = (self.opens, self.closes) == (0, DAY)
        if not whole and not (0 <= self.opens < DAY and self.opens < self.closes < self.opens + DAY):
            raise OpeningRefused("same", "여는 시각과 닫는 시각을 다시 골라 주세요.")
        if self.rest is not None and not self.opens < self.rest[0] < self.rest[1] < self.closes:
            raise OpeningRefused("break", "쉬는 시간은 여는 시각과 닫는 시각 사이로 골라 주세요.")

    @classmethod
    def of(cls, opens: int, closes: int, rest: tuple[int, int] | None = None) -> "Day":
        """A day of clock times, each 0–1440: what is before the opening is after midnight."""
        if opens % DAY == closes % DAY and (opens, closes) != (0, DAY):
            raise OpeningRefused(
                "same", "여는 시각과 닫는 시각이 같아요. 하루 종일 열면 0:00부터 24:00까지로 골라 주세요."
            )
        opens %= DAY
        closes = closes if closes > opens else closes + DAY
        if rest is not None:
            start, end = (moment if moment >= opens else moment + DAY for moment in rest)
            rest = (start, end)
        return cls(opens, closes, rest)

    @classmethod
    def from_json(cls, value: Any) -> "Day":
        """["11:00", "22:00"] or ["11:00", "22:00", "15:00", "17:00"]."""
        if not isinstance(value, list) or len(value) not in (2, 4):
            raise OpeningRefused("shape", "영업시간을 읽을 수 없어요.")
        times = [parse_time(str(part)) for part in value]
        return cls.of(times[0], times[1], (times[2], times[3]) if len(times) == 4 else None)

    def to_json(self) -> list[str]:
        return [digits(minute) for minute in (self.opens, self.closes, *(self.rest or ()))]

    @property
    def spans(self) -> tuple[tuple[int, int], ...]:
        """When the door is open: (from, to) in minutes since this day's midnight, one or two."""
        if self.rest is None:
            return ((self.opens, self.closes),)
        return ((self.opens, self.rest[0]), (self.rest[1], self.closes))

    @property
    def all_day(self) -> bool:
        return self.closes - self.opens == DAY and self.rest is None

    @property
    def text(self) -> str:
        """ "11:00~22:00(쉬는 시간 15:00~17:00)", "24시간"."""
        hours = "24시간" if self.all_day else f"{digits(self.opens)}~{digits(self.closes)}"
        return f"{hours}(쉬는 시간 {self.rest_text})" if self.rest else hours

    @property
    def rest_text(self) -> str:
        """ "15:00~17:00", "" without a break."""
        return f"{digits(self.rest[0])}~{digits(self.rest[1])}" if self.rest else ""


def parse_time(text: str) -> int:
    """Minutes since midnight, 0–1440, of "11:00", "1130", "11시 반", "오후 3:05", "밤 12시", "24:00".

    Raises OpeningRefused.
    """
    plain = re.sub(r"[\s.]", "", unicodedata.normalize("NFKC", text))
    found = _TIME.fullmatch(plain)
    if found is None:
        raise OpeningRefused("time", "시각을 11:00이나 오후 3:30처럼 적어 주세요.")
    hour = int(found["hour"])
    minute = 30 if found["part"] else int(found["minute"] or found["short"] or 0)
    half = found["half"]
    if half and not 1 <= hour <= 12:
        raise OpeningRefused("time", f"{half} 뒤에는 1시부터 12시까지만 적어 주세요.")
    if half in _AFTERNOON or (half == "낮" and hour < 6) or (half == "밤" and 6 <= hour < 12):
        hour = hour % 12 + 12
    elif half == "밤" and hour == 12:
        hour = 24
    elif half in {"오전", "새벽"}:
        hour %= 12
    total = hour * 60 + minute
    if minute > 59 or total > DAY:
        raise OpeningRefused("time", "하루는 0:00부터 24:00까지예요. 시각을 다시 적어 주세요.")
    return total


def digits(minute: int) -> str:
    """ "11:00"; midnight at the end of a day is "24:00", after it "01:00"."""
    minute = minute if minute <= DAY else minute - DAY
    return f"{minute // 60:02d}:{minute % 60:02d}"


def spoken(minute: int) -> str:
    """ "오전 11:00", "낮 12:00", "오후 3:30", "자정", "새벽 1:00": a time as it is said."""
    hour, rest = divmod(minute % DAY, 60)
    if hour == 0 and rest == 0:
        return "자정"
    half = "새벽" if hour < 6 else "오전" if hour < 12 else "낮" if hour == 12 and rest == 0 else "오후"
    shown = 12 if hour == 0 else (hour - 1) % 12 + 1
    return f"{half} {shown}:{rest:02d}"


def plain_day(day: date) -> str:
    """ "11월 22일"."""
    return f"{day.month}월 {day.day}일"


def weekday_runs(days: list[int]) -> str:
    """[0, 1, 2, 5] → "월~수·토"; all seven → "매일". Two in a row are named, three and more are a run."""
    if len(days) == 7:
        return "매일"
    parts: list[str] = []
    at = 0
    while at < len(days):
        end = at
        while end + 1 < len(days) and days[end + 1] == days[end] + 1:
            end += 1
        if end - at >= 2:
            parts.append(f"{WEEKDAYS[days[at]]}~{WEEKDAYS[days[end]]}")
        else:
            parts.extend(WEEKDAYS[day] for day in days[at : end + 1])
        at = end + 1
    return "·".join(parts)
