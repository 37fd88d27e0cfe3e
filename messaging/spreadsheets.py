"""Lists people upload: xlsx, csv or text in whatever shape Korean offices save them, read as rows of cells.

What a file is, is told by its bytes, not by its name. Text may be UTF-8 with or without BOM, UTF-16 ("유니코드
텍스트") or CP949; cells may be parted by tabs, semicolons or commas. Hidden sheets are passed over.
"""

import csv
import io
import re
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from typing import IO, Final

from shopmsg.core import phone
from shopmsg.core.errors import ShopmsgError

MOST_BYTES: Final = 2 * 1024 * 1024
MOST_ROWS: Final = 5_000
MOST_COLUMNS: Final = 30
#: Empty rows count here, so that a sheet of a million of them ends too.
_MOST_SCANNED: Final = 20_000
#: What an xlsx of that many rows may come to unzipped; zipfile reads no more of a part than its entry declares.
_MOST_UNZIPPED: Final = 12 * 1024 * 1024
_MOST_PARTS: Final = 500
_MOST_TAGS: Final = 500_000
_LONGEST_CELL: Final = 500
#: A header stands among the first rows, below a title perhaps.
_HEADER_WITHIN: Final = 5

_ZIP: Final = b"PK\x03\x04"
_OLE: Final = b"\xd0\xcf\x11\xe0"
_CONTROL: Final = re.compile(r"[\x00-\x08\x0e-\x1f]")
_SCIENTIFIC: Final = re.compile(r"[+-]?\d+(\.\d+)?[eE][+-]?\d+")
_DASHES: Final = re.compile("[\u2010-\u2015\u2212\u30fc\uff0d~]")
_LOST_ZERO: Final = re.compile(r"1[016789]\d{7,8}")


class SpreadsheetRefused(ShopmsgError):
    """A file nothing can be read of. Codes: "empty", "too_big", "too_many_rows", "locked", "type", "broken",
    "encoding", "no_column"."""


class CellRefused(ShopmsgError):
    """A cell that is not what its column holds. Codes: "missing", "scientific", "not_mobile"."""


@dataclass(frozen=True, slots=True)
class Row:
    """`number` is the row's as a spreadsheet program shows it, from 1; `cells` are trimmed, in NFC, up
    to the last that holds anything."""

    number: int
    cells: tuple[str, ...]

    def cell(self, column: int | None) -> str:
        """One cell, "" where the row ends before it or there is no such column."""
        return self.cells[column] if column is not None and column < len(self.cells) else ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows that hold anything. `columns` are {key: position} of the header's that were asked for; `header` tells
    whether there was one."""

    header: bool
    columns: Mapping[str, int]
    rows: tuple[Row, ...]


def rows(file: IO[bytes], size: int) -> tuple[Row, ...]:
    """The rows of the first visible sheet that has any; `size` is the upload's in bytes. Raises SpreadsheetRefused."""
    if size > MOST_BYTES:
        raise SpreadsheetRefused("too_big", "파일이 2MB보다 커요. 필요한 줄만 남겨서 다시 올려 주세요.")
    data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise SpreadsheetRefused("too_big", "파일이 2MB보다 커요. 필요한 줄만 남겨서 다시 올려 주세요.")
    if data.startswith(_OLE):
        raise SpreadsheetRefused(
            "locked",
            "암호가 걸렸거나 옛 엑셀(.xls) 파일이에요. 암호를 풀고 ‘Excel 통합 문서(.xlsx)’로 저장해서 올려 주세요.",
        )
    found = tuple(_filled(_of_xlsx(data) if data.startswith(_ZIP) else _of_text(data)))
    if not found:
        raise SpreadsheetRefused("empty", "파일에 적힌 것이 없어요. 번호가 있는 파일인지 확인해 주세요.")
    return found


def with_header(found: Sequence[Row], names: Mapping[str, Sequence[str]]) -> Sheet:
    """The rows below the header that names the columns asked for: {key: names people give it, likeliest first}; case,
    spaces signs and remarks in brackets do not matter. Without a header `columns` is empty and all rows are there."""
    candidates = [_columns(row, names) for row in found[:_HEADER_WITHIN]]
    best = max(candidates, key=len, default={})
    if not best:
        return Sheet(False, {}, tuple(found))
    return Sheet(True, best, tuple(found[candidates.index(best) + 1 :]))


def column_name(position: int) -> str:
    """ "A", "B", … "AA": how a spreadsheet program calls the column at this position, from 0."""
    head, last = divmod(position, 26)
    return (column_name(head - 1) if head else "") + chr(ord("A") + last)


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


def _filled(cells: Iterable[Sequence[str]]) -> Iterator[Row]:
    """Rows that hold anything, numbered as they stand. Raises SpreadsheetRefused("too_many_rows")."""
    kept = 0
    for number, row in enumerate(cells, start=1):
        if number > _MOST_SCANNED:
            break
        if not any(row):
            continue
        kept += 1
        # One more for a header.
        if kept > MOST_ROWS + 1:
            raise SpreadsheetRefused(
                "too_many_rows", f"{MOST_ROWS:,}줄까지 올릴 수 있어요. 파일을 나누어 올려 주세요."
            )
        width = max(place for place, cell in enumerate(row, start=1) if cell)
        yield Row(number, tuple(row[:width]))


def _columns(row: Row, names: Mapping[str, Sequence[str]]) -> dict[str, int]:
    plain = [re.sub(r"\(.*?\)|[\W_]", "", cell.casefold()) for cell in row.cells]
    columns: dict[str, int] = {}
    for key, known in names.items():
        for name in known:
            if name in plain and plain.index(name) not in columns.values():
                columns[key] = plain.index(name)
                break
    return columns


def _of_text(data: bytes) -> Iterator[list[str]]:
    text = _decoded(data)
    if _CONTROL.search(text):
        raise SpreadsheetRefused("type", "읽을 수 없는 파일이에요. 엑셀(xlsx), csv, txt 파일을 올려 주세요.")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    try:
        for record in reader:
            yield [_plain(cell) for cell in record[:MOST_COLUMNS]]
    except csv.Error:
        raise SpreadsheetRefused(
            "broken", f"{reader.line_num}째 줄을 읽지 못했어요. 엑셀에서 다시 저장해서 올려 주세요."
        ) from None


def _decoded(data: bytes) -> str:
    encodings = ["utf-16"] if data.startswith((b"\xff\xfe", b"\xfe\xff")) else ["utf-8-sig", "cp949"]
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise SpreadsheetRefused(
        "encoding", "글자를 알아볼 수 없는 파일이에요. 엑셀에서 ‘CSV UTF-8’이나 xlsx로 저장해서 올려 주세요."
    )


def _delimiter(text: str) -> str:
    """Of tab, semicolon and comma the one that parts most of the first lines."""
    lines = text.splitlines()[:50]
    return max("\t;,", key=lambda sign: (sum(sign in line for line in lines), sign == ","))


def _of_xlsx(data: bytes) -> list[list[str]]:
    try:
        _refuse_bombs(data)
        return _first_filled_sheet(data)
    except SpreadsheetRefused:
        raise
    except Exception:  # noqa: BLE001 - zipfile and openpyxl let through whatever their parsers raise
        raise SpreadsheetRefused(
            "broken", "엑셀 파일이 깨졌거나 다른 종류의 파일이에요. 엑셀에서 다시 저장해서 올려 주세요."
        ) from None


def _first_filled_sheet(data: bytes) -> list[list[str]]:
    # Half a second of modules that only uploads need.
    from openpyxl import load_workbook

    with closing(load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)) as book:
        for sheet in book.worksheets:
            if sheet.sheet_state != "visible":
                continue
            # What a file says of its own size is often wrong.
            sheet.reset_dimensions()
            scanned = sheet.iter_rows(max_row=_MOST_SCANNED, max_col=MOST_COLUMNS, values_only=True)
            read = [[_text_of(value) for value in values] for values in scanned]
            if any(any(row) for row in read):
                return read
    return []


def _refuse_bombs(data: bytes) -> None:
    """Neither more bytes nor more elements than a list of that many rows has: a parser's time goes by the elements."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = archive.infolist()
        if not any(part.filename == "[Content_Types].xml" for part in parts):
            raise SpreadsheetRefused("type", "엑셀 파일이 아니에요. 엑셀(xlsx), csv, txt 파일을 올려 주세요.")
        small = len(parts) <= _MOST_PARTS and sum(part.file_size for part in parts) <= _MOST_UNZIPPED
        if not small or sum(archive.read(part).count(b"<") for part in parts) > _MOST_TAGS:
            raise SpreadsheetRefused(
                "too_big", "풀어 보니 너무 큰 파일이에요. 필요한 줄만 새 파일에 옮겨서 올려 주세요."
            )


def _text_of(value: object) -> str:
    """A cell's value as its owner would read it out; whole numbers without decimals."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    return _plain(str(value))


def _plain(text: str) -> str:
    return (
        unicodedata.normalize("NFC", text[:_LONGEST_CELL]).replace("\u200b", "").replace("\ufeff", "").strip()
    )
