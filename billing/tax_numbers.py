"""승인번호: the number Hometax gives a tax invoice, typed or pasted by a person. Pure.

Twenty-four signs: the day it was issued, eight digits of who issued it, eight digits or letters.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

_NUMBER: Final = re.compile(r"\d{8}-?\d{8}-?[0-9a-z]{8}")
_SPLIT: Final = re.compile(r"[\t,;|]+|\s+")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A tax invoice that waits for its number: what may stand beside it in a pasted list. `business` is ten digits."""

    id: int
    number: str
    business: str
    written_on: date


@dataclass(frozen=True, slots=True)
class Read:
    """{id: number} of what could be read, and a sentence for each line that could not."""

    numbers: dict[int, str]
    problems: list[str]


def parse(typed: str, today: date) -> str:
    """The number without hyphens. Raises ValueError with a sentence for what is none."""
    plain = unicodedata.normalize("NFKC", typed).strip().lower()
    if not _NUMBER.fullmatch(plain):
        raise ValueError("승인번호는 24자리")
    plain = plain.replace("-", "")
    try:
        issued = date(int(plain[:4]), int(plain[4:6]), int(plain[6:8]))
    except ValueError:
        raise ValueError("승인번호 앞 8자리는 발급한 날짜여야 함") from None
    if issued > today or issued.year < 2010:
        raise ValueError("승인번호 앞 8자리의 날짜가 맞지 않음")
    return plain


def pretty(number: str) -> str:
    """ "20261203-41000000-12345678"."""
    return f"{number[:8]}-{number[8:16]}-{number[16:]}" if len(number) == 24 else number


def pasted(text: str, wanted: Sequence[Wanted], today: date) -> Read:
    """The numbers of a pasted list: a line for each, beside it the bill's number or the business number; or numbers alone, as
    many as the file has lines and in their order."""
    rows = [line for line in unicodedata.normalize("NFKC", text).splitlines() if line.strip()]
    alone = [len([word for word in _SPLIT.split(row.strip()) if word]) == 1 for row in rows]
    found, problems = dict[int, str](), list[str]()
    if rows and all(alone):
        if len(rows) != len(wanted):
            return Read(
                {}, [f"승인번호만 붙여넣을 때는 파일의 줄 수와 같아야 함: 파일 {len(wanted)}줄, 붙여넣은 것 {len(rows)}줄"]
            )  # fmt: skip
        pairs = list(zip(rows, wanted, strict=True))
    else:
        pairs = []
        for place, row in enumerate(rows, 1):
            owner = _owner(row, wanted)
            if isinstance(owner, str):
                problems.append(f"{place}번째 줄: {owner}")
            elif owner is not None:
                pairs.append((next(w for w in _SPLIT.split(row) if _NUMBER.fullmatch(w.lower())), owner))
    for typed, one in pairs:
        try:
            number = parse(typed, today)
        except ValueError as error:
            problems.append(f"{one.number}: {error}")
            continue
        if number in found.values() or one.id in found:
            problems.append(f"{one.number}: 같은 승인번호나 같은 청구서가 두 번 있음")
            continue
        found[one.id] = number
    return Read(found, problems)


def _owner(row: str, wanted: Sequence[Wanted]) -> Wanted | str | None:
    """Whose line it is; a sentence when nobody can say; None for a line without a number, as heads are."""
    words = [word for word in _SPLIT.split(row) if word]
    if not any(_NUMBER.fullmatch(word.lower()) for word in words):
        return None
    numbers = {one.number.casefold(): one for one in wanted}
    for word in words:
        if word.casefold() in numbers:
            return numbers[word.casefold()]
    digits = {word.replace("-", "") for word in words}
    same = [one for one in wanted if one.business in digits]
    if len(same) > 1:
        return f"이 사업자등록번호가 파일에 {len(same)}줄 있음: 비고의 청구서 번호도 함께 붙여넣기"
    return same[0] if same else "이 파일에 없는 청구서나 사업자등록번호"
