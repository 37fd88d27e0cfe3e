"""Won as people write and read them. Amounts are integers, VAT included."""

import re
import unicodedata
from typing import Final

from shopmsg.core.errors import ShopmsgError

_DIGITS: Final = {char: value for value, char in enumerate("영일이삼사오육칠팔구")} | {"공": 0, "둘": 2}
_SMALL: Final = {"십": 10, "백": 100, "천": 1_000}
_GROUPED: Final = re.compile(r"\d{1,3}(,\d{3})+|\d+")
_GROUPS: Final = re.compile(r"(?<![\d,])\d{1,3}(,\d{3})+(?![\d,])")
_NUMBER: Final = re.compile(r"\d+(?:\.\d+)?")


class MoneyRefused(ShopmsgError):
    """What is no amount. Codes: "unreadable", "negative", "fraction", "too_much"."""


def parse_won(text: str, most: int) -> int:
    """Whole won of "15,000원", "15000", "₩15,000", "1만 5천원", "만오천 원", "1.5만", "3억 5천만원". Raises MoneyRefused,
    also above `most`."""
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", text))
    plain = plain.removeprefix("₩").removesuffix("원").removesuffix("₩")
    if plain[:1] in ("-", "−", "–"):
        raise MoneyRefused("negative", "값은 0원보다 작을 수 없어요.")
    if _GROUPED.fullmatch(plain):
        return _within(plain.replace(",", ""), most)
    if re.fullmatch(r"[\d,]+\.\d+", plain):
        raise MoneyRefused("fraction", "값은 원 단위로 적어 주세요.")
    value = _korean(_GROUPS.sub(lambda group: group[0].replace(",", ""), plain)) if len(plain) <= 30 else None
    if value is None:
        raise MoneyRefused("unreadable", "값을 15,000이나 만오천원처럼 적어 주세요.")
    return _within(str(value), most)


def format_won(amount: int) -> str:
    """ "19,800원"."""
    return f"{amount:,}원"


def _within(digits: str, most: int) -> int:
    # Judged by its length first: Python reads no number of thousands of digits.
    digits = digits.lstrip("0") or "0"
    if len(digits) > len(str(most)) or int(digits) > most:
        raise MoneyRefused("too_much", f"값은 {format_won(most)}까지 적을 수 있어요.")
    return int(digits)


def _korean(text: str) -> int | None:
    """Numbers in Hangul, in digits, or mixed: 만오천, 1만5천, 3천5백, 1.5만, 3억5천만. None for anything else."""
    if not text or text.count("만") > 1 or text.count("억") > 1:
        return None
    total, rest = 0.0, text
    for unit, worth in (("억", 100_000_000), ("만", 10_000)):
        head, found, tail = rest.rpartition(unit)
        if found:
            part = _below_ten_thousand(head, empty=1)
            if part is None:
                return None
            total, rest = total + part * worth, tail
    low = _below_ten_thousand(rest, empty=0 if rest != text else None)
    if low is None:
        return None
    total += low
    return int(total) if total == int(total) else None


def _below_ten_thousand(text: str, *, empty: float | None) -> float | None:
    """ "오천", "5천", "3천5백", "5000", "1.5"."""
    if not text:
        return empty
    if _NUMBER.fullmatch(text):
        return float(text) if len(text) <= 8 else None
    total, pending, last = 0.0, None, 10_000
    position = 0
    while position < len(text):
        number = _NUMBER.match(text, position)
        char = text[position]
        if number and pending is None:
            pending, position = float(number[0]), number.end()
            continue
        if char in _DIGITS and pending is None:
            pending = float(_DIGITS[char])
        elif char in _SMALL and _SMALL[char] < last:
            last = _SMALL[char]
            total += (1 if pending is None else pending) * last
            pending = None
        else:
            return None
        position += 1
    return total + (pending or 0)
