"""Days, times and won in cells of lists other systems write: "2026.11.22 15:05:00", "20261122", "2026년 11월 22일 오후 3:05",
"₩15,400".

Times are Korean. A spreadsheet's own serial day (46348.62) is one too.
"""

import re
import unicodedata
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from shopmsg.core.clock import KST
from shopmsg.core.errors import ShopmsgError

_DAY: Final = re.compile(
    r"(?P<year>\d{4}|\d{2})\s*[-./년]\s*(?P<month>\d{1,2})\s*[-./월]\s*(?P<day>\d{1,2})\s*[일.]?"
    r"|(?P<run>\d{8})"
)
_WEEKDAY: Final = re.compile(r"^\s*\(?[월화수목금토일](요일)?\)?\s*(?=$|\d|오)")
_TIME: Final = re.compile(
    r"(?P<half>오전|오후|AM|PM)?\s*(?:(?P<hour>\d{1,2})\s*[:시]\s*(?P<minute>\d{1,2})(?:\s*[:분]\s*(?P<second>\d{1,2})(?:\.\d+)?)?"
    r"\s*[분초]?|(?P<run>\d{6}|\d{4}))\s*(?P<late>AM|PM)?",
    re.IGNORECASE,
)
_SERIAL: Final = re.compile(r"(?P<day>[34567]\d{4})(?:\.(?P<rest>\d+))?")
#: What day 0 of a spreadsheet is.
_SERIAL_START: Final = datetime(1899, 12, 30, tzinfo=KST)
_EARLIEST: Final = 2000
_AMOUNT: Final = re.compile(r"\d{1,3}(,\d{3})+|\d+")
_LONGEST_AMOUNT: Final = 20


class MomentRefused(ShopmsgError):
    """What is no day or no time, in staff's words. Codes: "missing", "day", "time"."""


def moment(day: str, clock: str = "") -> datetime:
    """The moment in one cell, or in two; 00:00 KST where only the day is said. Raises MomentRefused."""
    text = unicodedata.normalize("NFKC", day).strip().strip("'\"")
    if not text:
        raise MomentRefused("missing", "날짜가 비어 있음")
    if serial := _SERIAL.fullmatch(text):
        at = _SERIAL_START + timedelta(days=int(serial["day"]))
        seconds = round(float(f"0.{serial['rest'] or 0}") * 86_400)
        return _with(at.date(), clock) if clock.strip() else at + timedelta(seconds=seconds)
    found = _DAY.match(text)
    if found is None:
        raise MomentRefused("day", "날짜가 아님. 2026-11-22처럼 적힌 칸이어야 함")
    rest = _WEEKDAY.sub("", text[found.end() :].lstrip("T ")).strip()
    if rest and not _TIME.fullmatch(rest):
        raise MomentRefused("day", "날짜 뒤에 알 수 없는 글자가 있음")
    # A day cell of a spreadsheet says midnight; then the cell beside it knows better.
    said_beside = clock.strip() and not re.search(r"[1-9]", rest)
    return _with(_day_of(found), clock if said_beside else rest)


def won(text: str) -> int | None:
    """Whole won; 0 for an empty cell, None for what is no amount. A backslash is how CP949 writes the won sign."""
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", text))
    negative = plain[:1] in ("-", "−", "△", "▲")
    plain = plain[1:] if negative else plain
    plain = plain.strip("₩\\").removeprefix("+").removesuffix("원").removesuffix("KRW")
    plain = re.sub(r"\.0{1,2}$", "", plain)
    if plain in ("", "-"):
        return 0
    if not _AMOUNT.fullmatch(plain) or len(plain) > _LONGEST_AMOUNT:
        return None
    amount = int(plain.replace(",", ""))
    return -amount if negative else amount


def _day_of(found: re.Match[str]) -> date:
    run = found["run"]
    year, month, day = (run[:4], run[4:6], run[6:]) if run else (found["year"], found["month"], found["day"])
    try:
        made = date(int(year) + (_EARLIEST if len(year) == 2 else 0), int(month), int(day))
    except ValueError:
        raise MomentRefused("day", "달력에 없는 날") from None
    if made.year < _EARLIEST:
        raise MomentRefused("day", "너무 오래된 날")
    return made


def _with(day: date, clock: str) -> datetime:
    text = unicodedata.normalize("NFKC", clock).strip().strip("'\"")
    if not text:
        return datetime.combine(day, time(), KST).astimezone(UTC)
    found = _TIME.fullmatch(text)
    if found is None:
        raise MomentRefused("time", "시각이 아님. 15:05:00처럼 적힌 칸이어야 함")
    run = found["run"]
    hour, minute, second = (
        (run[:2], run[2:4], run[4:] or "0")
        if run
        else (found["hour"], found["minute"], found["second"] or "0")
    )
    half = (found["half"] or found["late"] or "").upper()
    at = int(hour)
    if half in ("오후", "PM") and at < 12:
        at += 12
    elif half in ("오전", "AM") and at == 12:
        at = 0
    try:
        return datetime.combine(day, time(at, int(minute), int(second)), KST).astimezone(UTC)
    except ValueError:
        raise MomentRefused("time", "시계에 없는 시각") from None
