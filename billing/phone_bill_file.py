"""KT 전화요금 합산 파일: what we hand the carrier, and what comes back (docs/billing.md has both formats). Pure but for the file.

The carrier publishes no format: this one is ours. Columns are found by their heads, in any order.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Final

from billing.bank_read import FileRefused, Problem, file_rows
from shopmsg.core import business_number, cells, phone
from shopmsg.core.spreadsheet_files import csv_bytes, write_xlsx
from shopmsg.core.spreadsheets import LARGE, Row, with_header

#: (head, width in characters) of what we hand over.
COLUMNS: Final = (
    ("청구번호", 26),
    ("전화번호", 16),
    ("사업자등록번호", 16),
    ("가게 이름", 28),
    ("청구 금액", 12),
)
REASON_LENGTH: Final = 60
_VALUE_LENGTH: Final = 40
_NAMES: Final = {
    "number": ("청구번호", "청구서번호"),
    "amount": ("청구금액", "금액", "수납금액", "납부금액"),
    "result": ("결과", "처리결과", "수납결과", "수납여부", "상태"),
    "reason": ("사유", "까닭", "실패사유", "미수납사유", "비고"),
}
_HEADS: Final = {"number": "청구번호", "amount": "청구 금액", "result": "결과"}
_PAID: Final = frozenset({"성공", "수납", "수납완료", "완납", "정상", "완료", "받음", "y", "ok"})
_FAILED: Final = frozenset({"실패", "미수납", "미납", "불가", "거절", "오류", "못받음", "n"})


@dataclass(frozen=True, slots=True)
class Charge:
    """One line of what we hand over. `line` and `business` are digits."""

    number: str
    line: str
    business: str
    name: str
    amount_krw: int


@dataclass(frozen=True, slots=True)
class Answer:
    """One line of what came back. `row` is where it stood; `reason` is the carrier's, "" when it gave none."""

    row: int
    number: str
    amount_krw: int
    paid: bool
    reason: str


def as_xlsx(title: str, charges: Iterable[Charge], to: IO[bytes]) -> None:
    """The file as xlsx."""
    write_xlsx(title, COLUMNS, map(_cells, charges), to)


def as_csv(charges: Iterable[Charge]) -> bytes:
    """The file as csv."""
    return csv_bytes([head for head, _ in COLUMNS], map(_cells, charges))


def read(file: IO[bytes], size: int) -> tuple[list[Answer], list[Problem]]:
    """What came back: lines that can be read, and what is wrong with the others. Raises FileRefused."""
    sheet = with_header(file_rows(file, size), _NAMES, LARGE)
    missing = [_HEADS[key] for key in _HEADS if key not in sheet.columns]
    if missing:
        raise FileRefused("no_column", f"결과 파일이 아님. {'·'.join(missing)} 칸을 찾지 못함")
    answers: list[Answer] = []
    problems: list[Problem] = []
    seen: set[str] = set()
    for row in sheet.rows:
        read_row = _answer(row, sheet.columns, seen)
        if isinstance(read_row, Problem):
            problems.append(read_row)
        else:
            answers.append(read_row)
            seen.add(read_row.number)
    return answers, problems


def problem(row: int, key: str, value: str, why: str) -> Problem:
    """What is wrong in a column: "number", "amount" or "result"."""
    return Problem(row, _HEADS[key], value[:_VALUE_LENGTH], why)


def _answer(row: Row, columns: Mapping[str, int], seen: set[str]) -> Answer | Problem:
    number = row.cell(columns["number"]).strip().upper()
    result = "".join(row.cell(columns["result"]).casefold().split())
    amount_text = row.cell(columns["amount"])
    amount = cells.won(amount_text)
    if not number:
        return problem(row.number, "number", "", "비어 있음")
    if number in seen:
        return problem(row.number, "number", number, "같은 번호가 위에 또 있음")
    if not amount or amount < 0:
        return problem(row.number, "amount", amount_text, "금액이 아님")
    if result not in _PAID | _FAILED:
        return problem(row.number, "result", row.cell(columns["result"]), "‘성공’이나 ‘실패’가 아님")
    reason = " ".join(row.cell(columns.get("reason")).split())[:REASON_LENGTH]
    return Answer(row.number, number, amount, result in _PAID, reason)


def _cells(charge: Charge) -> Sequence[str | int]:
    return (
        charge.number,
        phone.hyphenate(charge.line),
        business_number.hyphenate(charge.business),
        charge.name,
        charge.amount_krw,
    )
