"""사업자등록번호: the ten digits of a business, one spelling inside ("1248100998"), hyphens for people (rules.md §1)."""

import re
from typing import Final

from shopmsg.core.errors import ShopmsgError

LENGTH: Final = 10
_WEIGHTS: Final = (1, 3, 7, 1, 3, 7, 1, 3, 5)
# What Korean keyboards and papers put between the parts; full-width digits are digits.
_SEPARATORS: Final = re.compile(r"[\s\-‐‑‒–—−－]")
_FULL_WIDTH: Final = {ord("０") + digit: str(digit) for digit in range(10)}


class BusinessNumberError(ShopmsgError):
    """What is no business number. Codes: "malformed", "check_digit"."""


def parse(raw: str) -> str:
    """Ten digits of a business number as people write it: "124-81-00998", "１２４８１００９９８", "124 81 00998".

    Raises BusinessNumberError: "malformed" for anything that is not ten digits and for 000-00-00000, which adds up
    but is nobody's; "check_digit" when the last digit does not follow from the others.
    """
    text = _SEPARATORS.sub("", raw.translate(_FULL_WIDTH))
    if not text:
        raise BusinessNumberError("malformed", "사업자등록번호 열 자리를 적어 주세요.")
    if not (text.isascii() and text.isdigit()):
        raise BusinessNumberError("malformed", "사업자등록번호는 숫자로만 적어 주세요. 예: 124-81-00998")
    if len(text) != LENGTH:
        known_as = "주민등록번호나 법인등록번호가 아닌 " if len(text) == 13 else ""
        raise BusinessNumberError(
            "malformed",
            f"{known_as}사업자등록번호 열 자리를 적어 주세요. 지금은 {min(len(text), 99)}자리예요.",
        )
    if text == "0" * LENGTH:
        raise BusinessNumberError("malformed", "000-00-00000은 없는 사업자등록번호예요. 다시 확인해 주세요.")
    if text != with_check_digit(text[:-1]):
        raise BusinessNumberError(
            "check_digit", "사업자등록번호의 숫자가 맞지 않아요. 잘못 적은 자리가 있는지 확인해 주세요."
        )
    return text


def with_check_digit(first_nine: str) -> str:
    """Nine digits and the official check digit. Raises ValueError when they are not nine ASCII digits."""
    if not (len(first_nine) == LENGTH - 1 and first_nine.isascii() and first_nine.isdigit()):
        raise ValueError("nine digits are needed")
    digits = [int(digit) for digit in first_nine]
    total = sum(digit * weight for digit, weight in zip(digits, _WEIGHTS, strict=True)) + digits[8] * 5 // 10
    return f"{first_nine}{-total % 10}"


def hyphenate(number: str) -> str:
    """ "124-81-00998": ten digits as people write them; anything else stays as it is."""
    return (
        f"{number[:3]}-{number[3:5]}-{number[5:]}" if len(number) == LENGTH and number.isdigit() else number
    )
