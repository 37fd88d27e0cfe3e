"""Instants as whole milliseconds since 1970, and their ISO 8601 forms."""

import re
import time
from datetime import UTC, datetime, timedelta, timezone

KST = timezone(timedelta(hours=9))


_ahead_ms = 0


def now_ms() -> int:
    """The gateway's own clock, which may be told to run ahead of or behind the machine's."""
    return time.time_ns() // 1_000_000 + _ahead_ms


def set_clock(ms: int | None) -> None:
    """Let the gateway's clock stand at `ms` now and run on from there; None = the machine's time again."""
    global _ahead_ms
    _ahead_ms = 0 if ms is None else ms - time.time_ns() // 1_000_000


def iso(ms: int | None) -> str | None:
    """``2026-11-22T03:00:00.000Z``, the form the gateway answers with."""
    if ms is None:
        return None
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{ms % 1000:03d}Z"


def parse(text: str) -> int:
    """Milliseconds of an ISO 8601 text; without an offset it is Korean time. Raises ValueError.

    A space where "+" was meant (an unescaped query string) is read as "+".
    """
    moment = datetime.fromisoformat(re.sub(r"(?<=T)(\S+) (\d\d:?\d\d)$", r"\1+\2", text.strip()))
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=KST)
    return round(moment.timestamp() * 1000)


def stamp(ms: int) -> str:
    """``yyyyMMddHHmmss`` in Korean time, the middle of every id."""
    return datetime.fromtimestamp(ms / 1000, KST).strftime("%Y%m%d%H%M%S")


def korean(ms: int) -> str:
    """``11월 22일(일) 오후 3:05`` for people."""
    moment = datetime.fromtimestamp(ms / 1000, KST)
    half = "오전" if moment.hour < 12 else "오후"
    day = "월화수목금토일"[moment.weekday()]
    return f"{moment.month}월 {moment.day}일({day}) {half} {moment.hour % 12 or 12}:{moment.minute:02d}"
