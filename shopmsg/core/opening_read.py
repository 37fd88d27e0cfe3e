"""Opening hours out of a line of text, as signup and owners write it: a beginning for the form, never a truth."""

import re
from typing import Final

from shopmsg.core.opening import Week
from shopmsg.core.opening_day import DAY, WEEKDAYS, Day, OpeningRefused, parse_time
from shopmsg.core.opening_rest import Holidays

_DAYS: Final = r"(?:매일|평일|주말|[월화수목금토일]요?일?(?:\s*[~·,/-]\s*[월화수목금토일](?:요일)?)*)"
_PART: Final = re.compile(rf"(?P<days>{_DAYS})?\s*(?P<said>.+)")
_TIME: Final = r"(?:오전|오후|아침|새벽|낮|저녁|밤)?\s*\d{1,2}(?::\d{2}|시(?:\s*\d{1,2}분|\s*반)?)?"
_HOURS: Final = re.compile(rf"({_TIME})\s*[~-]\s*(?:다음\s*날\s*)?({_TIME})")
_BREAK: Final = re.compile(rf"\(?(?:쉬는 시간|휴식|브레이크타임?)\s*({_TIME})\s*[~-]\s*({_TIME})\)?")
_SPLIT: Final = re.compile(r",\s+|;\s*|\n+|\s/\s")
_CLOSED: Final = re.compile(r"쉬어요|쉽니다|휴무|휴일")


def read_line(line: str) -> Week | None:
    """The week a line like "월~금 11:00~22:00, 토 12:00~20:00, 일 쉬어요" tells of; None when it does not."""
    days: dict[int, Day | None] = {}
    holidays = Holidays.USUAL
    try:
        for part in _SPLIT.split(line.strip()):
            if part.startswith("공휴일"):
                holidays = Holidays.CLOSED if _CLOSED.search(part.removeprefix("공휴일")) else holidays
                continue
            found = _PART.fullmatch(part.strip())
            said = _said(found["said"]) if found else None
            if found is None or said is None:
                continue
            for weekday in _weekdays(found["days"] or "매일"):
                days.setdefault(weekday, said[0])
        return Week(tuple(days.get(weekday) for weekday in range(7)), holidays=holidays) if days else None
    except OpeningRefused:
        return None


def _said(text: str) -> tuple[Day | None] | None:
    """The hours in a part, (None,) for closed, None for something else."""
    rest = _BREAK.search(text)
    hours = _HOURS.search(_BREAK.sub("", text))
    if hours is None:
        if "24시간" in text:
            return (Day(0, DAY),)
        return (None,) if _CLOSED.search(text) else None
    if _CLOSED.search(text):
        # Hours and a day off in one breath could mean either.
        raise OpeningRefused("shape", "영업시간을 읽을 수 없어요.")
    opens, closes = (parse_time(time) for time in _with_units(hours[1], hours[2]))
    pause = (parse_time(rest[1]), parse_time(rest[2])) if rest else None
    return (Day.of(opens, closes, pause),)


def _with_units(opens: str, closes: str) -> tuple[str, str]:
    """ "오후 4:00~11:00" closes in the evening as well."""
    half = re.match("오후|저녁|밤", opens)
    if half and re.fullmatch(r"\d{1,2}(:\d{2}|시)?", closes) and int(re.split("[:시]", closes)[0]) < 12:
        closes = f"오후 {closes}"
    return opens, closes


def _weekdays(text: str) -> list[int]:
    if text in ("매일", "평일", "주말"):
        return {"매일": [*range(7)], "평일": [*range(5)], "주말": [5, 6]}[text]
    named: list[int] = []
    for run in re.split(r"[·,/]", re.sub(r"\s|요일", "", text)):
        first, _, last = run.replace("-", "~").partition("~")
        start, end = WEEKDAYS.index(first[0]), WEEKDAYS.index((last or first)[0])
        named += [*range(start, end + 1)] if start <= end else [*range(start, 7), *range(end + 1)]
    return named
