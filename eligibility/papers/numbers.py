"""Numbers in the text of a paper: of businesses and of lines. Text comes as a PDF gives it, spaces anywhere."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from shopmsg.core import business_number, phone
from shopmsg.core.business_number import BusinessNumberError
from shopmsg.core.phone import PhoneError

_DASHES: Final = re.compile(r"[‐‑‒–—−－]")
#: As papers print it, 3-2-5 digits; or ten in a row where the paper says that they are one.
_BUSINESS: Final = re.compile(
    r"(?<![\d-])(\d{3} ?- ?\d{2} ?- ?\d{5})(?![\d-])|등록\s*번호[\s:()\[\]]{0,6}(\d{10})(?!\d)"
)
_LINE: Final = re.compile(
    r"(?<![\d-])(?:"
    r"\(?0\d{1,3}\)? ?[-.)]? ?\d{3,4} ?[-. ] ?\d{4}"  # 02-1234-5678, (02) 1234-5678, 02)1234-5678
    r"|0\d{8,11}"
    r"|1[568]\d{2} ?[-. ] ?\d{4}"  # 1566-1234
    r")(?![\d-])"
)
_BETWEEN: Final = re.compile(r"[\s\-.()·]")
#: Of any more a paper is a list, not a proof.
_MOST: Final = 50


def business_numbers(text: str) -> tuple[str, ...]:
    """The business numbers (ten digits, check digit right) that a paper names, each once, in their order."""
    return _each_once(_businesses(_plain(text)))


def line_numbers(text: str) -> tuple[str, ...]:
    """The numbers of lines, in national digits, each once, in their order. Mobiles are people's, not a shop's line."""
    return _each_once(_lines(_plain(text)))


def names(text: str, number: str) -> bool:
    """Whether the digits of `number` stand in the text, however they are set apart."""
    squeezed = _BETWEEN.sub("", _plain(text))
    return bool(number) and number in squeezed


def _plain(text: str) -> str:
    return _DASHES.sub("-", unicodedata.normalize("NFKC", text))


def _businesses(text: str) -> Iterator[str]:
    for found in _BUSINESS.finditer(text):
        try:
            yield business_number.parse(found[1] or found[2])
        except BusinessNumberError:
            continue


def _lines(text: str) -> Iterator[str]:
    for found in _LINE.finditer(text):
        try:
            number = phone.sender(found[0])
        except PhoneError:
            continue
        if not phone.is_mobile(number):
            yield number


def _each_once(numbers: Iterator[str]) -> tuple[str, ...]:
    kept: dict[str, None] = {}
    for number in numbers:
        kept[number] = None
        if len(kept) == _MOST:
            break
    return tuple(kept)
