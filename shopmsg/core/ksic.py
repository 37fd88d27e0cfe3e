"""The industries that may join (광고성 정보 수신동의 예외 업종), as versioned data.

The 58 codes of rules.md §1, from the 10th revision of the Korean Standard Industrial Classification (KSIC,
한국표준산업분류). A later revision renumbers codes, so the revision belongs to every stored code.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

REVISION: Final = "10차"

_TABLE: Final = Path(__file__).parent / "data" / "ksic10_eligible_58.csv"


@dataclass(frozen=True, slots=True)
class Industry:
    """One eligible industry (업종): `section` is the KSIC letter, `code` five digits."""

    section: str
    section_name: str
    code: str
    name: str


class UnknownIndustry(KeyError):
    """The code is not one of the eligible industries of this revision."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code

    def __str__(self) -> str:
        return f"업종 코드 {self.code!r}는 가입할 수 있는 58개 업종({REVISION} 개정)에 없습니다."


def _read_table() -> Mapping[str, Industry]:
    with _TABLE.open(encoding="utf-8", newline="") as table:
        rows = [Industry(**row) for row in csv.DictReader(table)]
    return MappingProxyType({row.code: row for row in rows})


INDUSTRIES: Final[Mapping[str, Industry]] = _read_table()


def is_eligible_code(code: str) -> bool:
    """Whether a merchant of this industry may join, revenue aside (rules.md §1)."""
    return code in INDUSTRIES


def industry(code: str) -> Industry:
    """The industry with this five-digit code; raises `UnknownIndustry`."""
    try:
        return INDUSTRIES[code]
    except KeyError:
        raise UnknownIndustry(code) from None
