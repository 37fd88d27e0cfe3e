"""What a paper says, held against the application it is added to; and under which name it is shown."""

import unicodedata
from pathlib import PurePosixPath
from typing import Final

from eligibility.enums import DocumentKind
from eligibility.models import Application
from eligibility.papers import numbers, reading
from eligibility.papers.errors import DocumentRefused
from eligibility.papers.reading import Paper
from shopmsg.core import business_number, phone

_LONGEST_NAME: Final = 120
#: What is shorter is a public body's special number, which papers do not spell in any one way.
_SHORTEST_LINE: Final = 8


def number_named(application: Application, kind: DocumentKind, text: str) -> str:
    """The business number (ten digits) that the paper is kept under: the application's when the paper names it, otherwise
    the first it names, "" for none.

    Raises DocumentRefused: "other_business" for a 사업자등록증 or 매출 증빙 that names only others, "other_line" for an 이용증명원
    that names only other lines. A scan has no text: a person looks at it.
    """
    own = application.business_number
    named = own if numbers.names(text, own) else next(iter(numbers.business_numbers(text)), "")
    if kind in (DocumentKind.REGISTRATION, DocumentKind.REVENUE) and own and named not in ("", own):
        raise DocumentRefused(
            "other_business",
            f"다른 사업자의 서류입니다. 서류는 {business_number.hyphenate(named)}, "
            f"신청서는 {business_number.hyphenate(own)}입니다.",
        )
    if kind == DocumentKind.LINE:
        _judge_lines(application.line_number, text)
    return named


def shown_name(given: str | None, paper: Paper) -> str:
    """The uploader's name of the file, with the ending of what it is now; it is shown and downloaded under it."""
    stem = PurePosixPath(unicodedata.normalize("NFC", given or "").replace("\\", "/")).stem
    plain = "".join(char for char in stem if char.isprintable() and char not in '"<>:|?*').strip(" .")
    ending = f".{reading.ENDINGS[paper.content_type]}"
    return (plain or "서류")[: _LONGEST_NAME - len(ending)] + ending


def _judge_lines(own: str, text: str) -> None:
    if len(own) < _SHORTEST_LINE or numbers.names(text, own):
        return
    found = numbers.line_numbers(text)
    if found:
        more = f" 외 {len(found) - 1}개" if len(found) > 1 else ""
        raise DocumentRefused(
            "other_line",
            f"{phone.hyphenate(own)}의 증명원이 아닙니다. 서류의 전화번호는 {phone.hyphenate(found[0])}{more}입니다.",
        )
