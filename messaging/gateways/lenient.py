"""Reading what vendors send: types drift between versions, so every value is taken for what it can be read as.

What comes out fits PostgreSQL: no NUL, no lone surrogates, no NaN.
"""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from math import isfinite
from typing import Any

from shopmsg.core.clock import KST

# A Korean or +82 number with or without separators, a representative number, or the same without its leading zero;
# ids and moments stay, because letters, digits or a colon stand beside their digits.
_NUMBER = re.compile(
    r"(?<![0-9A-Za-z:.])(?:\+?82[-. ]?\(?0?\)?|\(?0)\d{1,3}\)?[-. ]?\d{3,4}[-. ]?\d{4}(?![0-9A-Za-z:])"
    r"|(?<![0-9A-Za-z:.-])1[568]\d\d[-. ]?\d{4}(?![0-9A-Za-z:-])"
    r"|(?<![0-9A-Za-z:.-])\+?\d{8,13}(?![0-9A-Za-z:-])"
)
_NUMBER_KEYS = frozenset({"to", "from", "text", "subject"})
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def decode(body: bytes) -> Any:
    """The JSON value of a body; NaN and infinities become None. Raises ValueError."""
    try:
        return json.loads(body, parse_constant=lambda _name: None)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def word(value: object, longest: int = 40) -> str:
    """A short string: text as it is, a whole number in digits, anything else empty."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return _UNSTORABLE.sub("", str(value)[:longest]).strip()


def table(value: object) -> dict[str, Any]:
    """The value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def rows(value: object) -> Iterator[dict[str, Any]]:
    """The objects of a list, or of a map by id: vendors send either."""
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return (item for item in items if isinstance(item, dict))


def ref(record: Mapping[str, Any]) -> str:
    """Our own reference, `customFields.ref`; empty when there is none."""
    return word(table(record.get("customFields")).get("ref"), 100)


def moment(value: object) -> datetime | None:
    """An instant from ISO 8601 (without an offset: Korean time) or epoch milliseconds; None when it is neither, or no
    instant of these years."""
    try:
        if isinstance(value, str):
            found = datetime.fromisoformat(value.strip())
            found = (found if found.tzinfo else found.replace(tzinfo=KST)).astimezone(UTC)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            found = datetime.fromtimestamp(value / 1000, UTC)
        else:
            return None
    except (ValueError, OverflowError, OSError):
        return None
    return found if abs(datetime.now(UTC) - found) < timedelta(days=366) else None


def scrub(value: object, depth: int = 8) -> Any:
    """A copy to keep, without phone numbers and message texts, and without what PostgreSQL cannot store."""
    if isinstance(value, Mapping):
        if depth == 0:
            return None
        return {
            _clean_name(str(key)): scrub(item, depth - 1)
            for key, item in value.items()
            if str(key).casefold() not in _NUMBER_KEYS
        }
    if isinstance(value, list):
        return None if depth == 0 else [scrub(item, depth - 1) for item in value]
    if isinstance(value, str):
        return _clean(value)
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return value if abs(value) < 10**7 else None
    return value if isinstance(value, float) and isfinite(value) else None


@lru_cache(maxsize=1_000)
def _clean_name(name: str) -> str:
    """The names in a vendor's objects are the same few in every one of thousands."""
    return _clean(name)


def _clean(text: str) -> str:
    return _NUMBER.sub("", _UNSTORABLE.sub("", text))
