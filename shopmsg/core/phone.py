"""Korean phone numbers: one spelling inside (national digits, "01012345678"), masks and hyphens for people."""

import re

from shopmsg.core.errors import ShopmsgError

_SEPARATORS = re.compile(r"[\s\-().]")
_MOBILE = re.compile(r"010\d{8}|01[16789]\d{7,8}")
# Area codes, internet phones and the personal, virtual and free ranges. A representative number (15YY, 16YY,
# 18YY) behind an area code is no number at all.
_AREA = r"0(?:2|3[1-3]|4[1-4]|5[1-5]|6[1-4])"
_REPRESENTATIVE = r"1[568]\d{6}"
_LANDLINE = re.compile(rf"{_AREA}(?!{_REPRESENTATIVE}$)\d{{7,8}}|070\d{{8}}|080\d{{7,8}}")
_SENDER = re.compile(
    rf"{_AREA}(?!{_REPRESENTATIVE}$)\d{{7,8}}|{_REPRESENTATIVE}|010\d{{8}}|01[16789]\d{{7,8}}"
    rf"|070\d{{8}}|080\d{{7,8}}|0[35]0\d{{9}}"
)


class PhoneError(ShopmsgError):
    """A text that is no phone number, or not one that fits the purpose."""


def digits(raw: str) -> str:
    """National digits of a number as people and networks write it: "+82 10-1234-5678" → "01012345678".

    Raises PhoneError("malformed") when what is left is not 7–15 ASCII digits. A foreign number keeps its "+".
    """
    text = _SEPARATORS.sub("", raw)
    if text.startswith("+82"):
        text = text[3:]
        text = text if text.startswith("0") else "0" + text
    elif text.startswith("+"):
        if not (text[1:].isascii() and text[1:].isdigit() and 7 <= len(text) <= 16):
            raise PhoneError("malformed", "전화번호가 아니에요.")
        return text
    if not (text.isascii() and text.isdigit() and 7 <= len(text) <= 15):
        raise PhoneError("malformed", "전화번호가 아니에요.")
    return text


def is_mobile(number: str) -> bool:
    """A Korean mobile number: 010, 011, 016–019 (rules.md §4 check 4). `number` is national digits."""
    return _MOBILE.fullmatch(number) is not None


def mobile(raw: str) -> str:
    """National digits of a Korean mobile number. Raises PhoneError."""
    number = digits(raw)
    if not is_mobile(number):
        raise PhoneError("not_mobile", "휴대폰 번호를 010부터 모두 적어 주세요.")
    return number


def line(raw: str) -> str:
    """National digits of a number a shop can be called on: land line, internet phone, representative, mobile."""
    number = digits(raw)
    if not (_LANDLINE.fullmatch(number) or is_mobile(number) or re.fullmatch(_REPRESENTATIVE, number)):
        raise PhoneError("not_a_line", "지역번호부터 모두 적어 주세요. 예: 02-1234-5678")
    return number


def sender(raw: str) -> str:
    """National digits of a number that may be registered as a sender number, 발신번호 (rules.md §8).

    Raises PhoneError naming what is wrong.
    """
    number = digits(raw)
    if not _SENDER.fullmatch(number):
        raise PhoneError(
            "not_a_sender",
            "발신번호로 등록할 수 없는 번호예요. 일반 전화는 지역번호부터, 대표번호는 8자리로 적어 주세요.",
        )
    return number


def mask(number: str) -> str:
    """ "010-****-1234": what people see of somebody else's number; a shorter one shows its last four digits only."""
    if len(number) < 8:
        return "****"
    return f"{number[:3]}-****-{number[-4:]}" if len(number) >= 10 else f"****-{number[-4:]}"


def hyphenate(number: str) -> str:
    """ "02-1234-5678": a number as Koreans write it; a foreign one or a fragment stays as it is."""
    if not number.isdigit():
        return number
    if len(number) == 8 and number.startswith("1"):
        return f"{number[:4]}-{number[4:]}"
    if len(number) < 9 or not number.startswith("0"):
        return number
    head = 2 if number.startswith("02") else 4 if len(number) == 12 else 3
    return f"{number[:head]}-{number[head:-4]}-{number[-4:]}"
