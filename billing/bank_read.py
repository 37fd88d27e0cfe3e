"""통장 거래내역: a bank's statement, read as deposits. Pure but for the file.

Banks call their columns each in their own words and put lines about the account on top: the header is the row, among the first
fifteen, that names most of what is asked for. Withdrawals and sums are passed over; a row that cannot be read is named by its
number and field, and the others are kept. Formats are described in docs/billing.md.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import IO, Final

from shopmsg.core import cells
from shopmsg.core.cells import MomentRefused
from shopmsg.core.clock import KST
from shopmsg.core.errors import ShopmsgError
from shopmsg.core.spreadsheets import LARGE, Row, Sheet, SpreadsheetRefused, rows, with_header

#: Won of one deposit.
MOST_WON: Final = 1_000_000_000
SENDER_LENGTH: Final = 60
MEMO_LENGTH: Final = 100
_VALUE_LENGTH: Final = 40
_NAMES: Final = {
    "at": (
        "거래일시", "거래일자", "거래일", "거래날짜", "이체일시", "입금일시", "처리일시", "입금일자", "입금일", "이체일자",
        "일시", "일자", "날짜",
    ),
    "time": ("거래시간", "거래시각", "입금시간", "처리시간", "시간", "시각"),
    "deposit": ("입금액", "입금금액", "맡기신금액", "맡기신", "입금", "받은금액", "받으신금액"),
    "withdrawal": ("출금액", "출금금액", "찾으신금액", "찾으신", "지급금액", "지급액", "출금", "지급"),
    "amount": ("거래금액", "금액"),
    "balance": ("거래후잔액", "거래후잔고", "잔액", "잔고", "남은금액"),
    "sender": (
        "보낸분받는분", "보낸분", "보낸사람", "의뢰인수취인", "의뢰인", "입금자명", "입금자", "송금인", "거래기록사항", "기재내용",
        "상대계좌예금주명", "예금주명", "예금주", "내용", "거래내용", "적요",
    ),
    "memo": ("메모", "송금메모", "이체메모", "거래메모", "비고", "적요", "내용", "거래내용"),
    "kind": ("구분", "입출금구분", "입출구분", "거래구분", "거래유형"),
}  # fmt: skip
_FIELDS: Final = {"at": "거래일시", "time": "거래시간", "deposit": "입금액", "amount": "거래금액"}
_SUMS: Final = re.compile(r"(합계|총계|소계|누계|총\d*건|총입금|총출금|입금합계|출금합계|조회)")
_WORDS: Final = {
    "empty": "빈 파일. 거래내역이 있는 파일인지 확인",
    "too_big": f"{LARGE.shown} 초과. 기간을 나누어 다시 올리기",
    "too_many_rows": f"{LARGE.rows:,}줄 초과. 기간을 나누어 다시 올리기",
    "locked": "암호가 걸렸거나 옛 엑셀(.xls) 파일. 암호를 풀고 xlsx로 저장해 다시 올리기",
    "encoding": "글자를 알아볼 수 없는 파일. 엑셀에서 ‘CSV UTF-8’이나 xlsx로 저장해 다시 올리기",
    "broken": "깨진 파일. 은행에서 다시 받거나 엑셀에서 다시 저장해 올리기",
    "type": "읽을 수 없는 종류의 파일. xlsx나 csv로 저장해 다시 올리기",
}


class FileRefused(ShopmsgError):
    """A file nothing is taken from, in staff's words. Codes: those of SpreadsheetRefused and "no_column"."""


@dataclass(frozen=True, slots=True)
class Deposit:
    """입금 한 줄. `row` is where it stood, `at` 00:00 KST where the bank says only the day; `balance_krw` is what the account held
    after it, None when the file does not say."""

    row: int
    at: datetime
    amount_krw: int
    sender: str
    memo: str
    balance_krw: int | None

    @property
    def same(self) -> tuple[datetime, int, str]:
        """What every file says of this deposit alike. The memo is not in it: banks let people change it afterwards."""
        return self.at, self.amount_krw, self.sender

    def key(self, serial: int) -> str:
        """The line's key: what the bank says of it, with `serial` where there is no balance to tell like lines apart."""
        last = f"#{serial}" if self.balance_krw is None else str(self.balance_krw)
        said = "\n".join([self.at.astimezone(KST).isoformat(), str(self.amount_krw), self.sender, last])
        return hashlib.sha256(said.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Problem:
    """A cell that cannot be read: the row as the spreadsheet shows it, the field, what stands there and why not."""

    row: int
    field: str
    value: str
    why: str


@dataclass(frozen=True, slots=True)
class Statement:
    """What was read of a file. `rows` are those below the header, sums and repeated headers left out."""

    deposits: tuple[Deposit, ...]
    withdrawals: int
    problems: tuple[Problem, ...]
    rows: int


def file_rows(file: IO[bytes], size: int) -> tuple[Row, ...]:
    """A file's rows, refusals in staff's words. Raises FileRefused."""
    try:
        return rows(file, size, LARGE)
    except SpreadsheetRefused as refused:
        raise FileRefused(refused.code, _WORDS.get(refused.code, refused.message)) from None


def read(found: Sequence[Row], now: datetime) -> Statement:
    """The deposits of a statement's rows. Raises FileRefused("no_column") for what is no statement."""
    sheet = with_header(found, _NAMES, LARGE)
    amounts = {"deposit", "amount"} & set(sheet.columns)
    if "at" not in sheet.columns or not amounts:
        if any("<" in cell and ">" in cell for row in found[:3] for cell in row.cells):
            raise FileRefused(
                "type", "엑셀이 아니라 웹 문서로 된 파일. 엑셀에서 열어 xlsx로 저장해 다시 올리기"
            )
        raise FileRefused(
            "no_column",
            "통장 거래내역이 아닌 파일. ‘거래일시’와 ‘입금액’ 칸이 있는 줄을 찾지 못함",
        )
    return _Reading(sheet, now).all()


class _Reading:
    def __init__(self, sheet: Sheet, now: datetime) -> None:
        self.columns = sheet.columns
        self.rows = [row for row in sheet.rows if not self._is_no_line(row)]
        self.latest = now + timedelta(days=1)
        # One signed column: without a minus anywhere and without a word for it, nobody knows which way money went.
        self.signed = any(self._text(row, "amount")[:1] in ("-", "−", "△") for row in self.rows)

    def all(self) -> Statement:
        deposits: list[Deposit] = []
        problems: list[Problem] = []
        withdrawals = 0
        for row in self.rows:
            try:
                deposit = self._deposit(row)
            except _Refused as refused:
                problems.append(
                    Problem(row.number, _FIELDS[refused.field], refused.value[:_VALUE_LENGTH], refused.why)
                )
                continue
            if deposit is None:
                withdrawals += 1
            else:
                deposits.append(deposit)
        return Statement(tuple(deposits), withdrawals, tuple(problems), len(self.rows))

    def _deposit(self, row: Row) -> Deposit | None:
        """None for a withdrawal."""
        amount = self._in_one_column(row) if "deposit" not in self.columns else self._in_two_columns(row)
        if amount is None:
            return None
        sender, memo = self._text(row, "sender"), self._text(row, "memo")
        return Deposit(
            row=row.number,
            at=self._moment(row),
            amount_krw=amount,
            sender=" ".join(sender.split())[:SENDER_LENGTH],
            memo=" ".join(memo.split())[:MEMO_LENGTH],
            balance_krw=self._balance(row),
        )

    def _in_two_columns(self, row: Row) -> int | None:
        text, out = self._text(row, "deposit"), self._text(row, "withdrawal")
        won = cells.won(text)
        if not won and cells.won(out):
            return None
        return self._taken("deposit", text, won)

    def _in_one_column(self, row: Row) -> int | None:
        text, kind = self._text(row, "amount"), self._text(row, "kind")
        won = cells.won(text)
        if "출금" in kind or "지급" in kind or (won is not None and won < 0):
            return None
        if "입금" not in kind and not self.signed:
            raise _Refused("amount", text, "입금인지 출금인지 알 수 없음")
        return self._taken("amount", text, won)

    def _taken(self, field: str, text: str, won: int | None) -> int:
        if won is None:
            raise _Refused(field, text, "금액이 아님")
        if won == 0:
            raise _Refused(field, text, "금액이 비어 있음")
        if won < 0:
            raise _Refused(field, text, "0보다 작은 입금. 입금 취소인지 은행에서 확인")
        if won > MOST_WON:
            raise _Refused(field, text, f"{MOST_WON:,}원 초과. 은행에서 확인")
        return won

    def _moment(self, row: Row) -> datetime:
        day, time = self._text(row, "at"), self._text(row, "time")
        try:
            at = cells.moment(day, time)
        except MomentRefused as refused:
            field = "time" if refused.code == "time" and time else "at"
            raise _Refused(field, time if field == "time" else day, refused.message) from None
        if at > self.latest:
            raise _Refused("at", day, "아직 오지 않은 날")
        return at

    def _balance(self, row: Row) -> int | None:
        # A balance that cannot be read is as good as none: it only tells like lines apart.
        text = self._text(row, "balance")
        return cells.won(text) if text else None

    def _text(self, row: Row, key: str) -> str:
        return row.cell(self.columns.get(key))

    def _is_no_line(self, row: Row) -> bool:
        """A sum below the lines, a note, or the header again on the next printed page."""
        first = next(cell for cell in row.cells if cell)
        again = with_header([row], _NAMES)
        return len(again.columns) >= len(self.columns) - 1 or bool(_SUMS.match(re.sub(r"\s", "", first)))


class _Refused(Exception):
    def __init__(self, field: str, value: str, why: str) -> None:
        super().__init__(why)
        self.field, self.value, self.why = field, value, why
