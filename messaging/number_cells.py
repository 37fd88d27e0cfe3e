"""Mobile numbers in cells of lists people upload, with what spreadsheets do to numbers undone."""

import re
import unicodedata
from typing import Final

from shopmsg.core import phone
from shopmsg.core.errors import ShopmsgError

_SCIENTIFIC: Final = re.compile(r"[+-]?\d+(\.\d+)?[eE][+-]?\d+")
_DASHES: Final = re.compile("[\u2010-\u2015\u2212\u30fc\uff0d~]")
_LOST_ZERO: Final = re.compile(r"1[016789]\d{7,8}")


class CellRefused(ShopmsgError):
    """A cell that is not what its column holds. Codes: "missing", "scientific", "not_mobile"."""


def mobile_in(text: str) -> str:
    """National digits of the mobile number in a cell, with what spreadsheets do to numbers undone: a lost leading zero,
    "82" without plus, full-width digits, ="010…". Raises CellRefused."""
    cleaned = _DASHES.sub("-", unicodedata.normalize("NFKC", text)).strip().strip("='\"").strip()
    if not cleaned:
        raise CellRefused("missing", "번호가 비어 있어요.")
    if _SCIENTIFIC.fullmatch(cleaned):
        raise CellRefused(
            "scientific",
            "엑셀이 번호를 줄여서 뒷자리가 사라졌어요. 칸의 서식을 ‘텍스트’로 바꾸고 번호를 다시 적어 주세요.",
        )
    cleaned = cleaned.removesuffix(".0")
    bare = re.sub(r"[\s\-().]", "", cleaned)
    if _LOST_ZERO.fullmatch(bare):
        cleaned = "0" + bare
    elif bare.startswith("82") and _LOST_ZERO.fullmatch(bare[2:].removeprefix("0")):
        cleaned = "+" + bare
    try:
        return phone.mobile(cleaned)
    except phone.PhoneError:
        raise CellRefused("not_mobile", "휴대폰 번호가 아니에요. 010부터 모두 적어 주세요.") from None
