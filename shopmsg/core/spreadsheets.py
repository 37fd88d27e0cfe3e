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

from shopmsg.core.errors import ShopmsgError

MOST_COLUMNS: Final = 30
_MOST_PARTS: Final = 500
_LONGEST_CELL: Final = 500

_ZIP: Final = b"PK\x03\x04"
_OLE: Final = b"\xd0\xcf\x11\xe0"
_CONTROL: Final = re.compile(r"[\x00-\x08\x0e-\x1f]")


class SpreadsheetRefused(ShopmsgError):
    """A file nothing can be read of. Codes: "empty", "too_big", "too_many_rows", "locked", "type", "broken",
    "encoding", "no_column"."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a list is read. Empty rows count among `scanned`, so that a sheet of a million of them ends too;
    `unzipped` and `tags` are what an xlsx of that many rows may come to (zipfile reads no more of a part than its entry
    declares); the header stands within the first `header_within` rows."""

    bytes: int
    rows: int
    scanned: int
    unzipped: int
    tags: int
    header_within: int

    @property
    def shown(self) -> str:
        """ "2MB"."""
        return f"{self.bytes // (1024 * 1024)}MB"


#: A list somebody keeps by hand; its header perhaps below a title.
SMALL: Final = Limits(2 * 1024 * 1024, 5_000, 20_000, 12 * 1024 * 1024, 500_000, 5)
#: A file another system wrote: a bank's has lines about the account on top.
LARGE: Final = Limits(5 * 1024 * 1024, 20_000, 40_000, 60 * 1024 * 1024, 3_000_000, 15)


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


def rows(file: IO[bytes], size: int, limits: Limits = SMALL) -> tuple[Row, ...]:
    """The rows of the first visible sheet that has any; `size` is the upload's in bytes. Raises SpreadsheetRefused."""
    data = file.read(limits.bytes + 1) if size <= limits.bytes else b""
    if size > limits.bytes or len(data) > limits.bytes:
        raise SpreadsheetRefused(
            "too_big", f"파일이 {limits.shown}보다 커요. 필요한 줄만 남겨서 다시 올려 주세요."
        )
    if data.startswith(_OLE):
        raise SpreadsheetRefused(
            "locked",
            "암호가 걸렸거나 옛 엑셀(.xls) 파일이에요. 암호를 풀고 ‘Excel 통합 문서(.xlsx)’로 저장해서 올려 주세요.",
        )
    read = _of_xlsx(data, limits) if data.startswith(_ZIP) else _of_text(data)
    found = tuple(_filled(read, limits))
    if not found:
        raise SpreadsheetRefused("empty", "파일에 적힌 것이 없어요. 맞는 파일인지 확인해 주세요.")
    return found


def with_header(found: Sequence[Row], names: Mapping[str, Sequence[str]], limits: Limits = SMALL) -> Sheet:
    """The rows below the header that names the columns asked for: {key: names people give it, likeliest first}; case,
    spaces signs and remarks in brackets do not matter. Without a header `columns` is empty and all rows are there."""
    candidates = [_columns(row, names) for row in found[: limits.header_within]]
    best = max(candidates, key=len, default={})
    if not best:
        return Sheet(False, {}, tuple(found))
    return Sheet(True, best, tuple(found[candidates.index(best) + 1 :]))


def column_name(position: int) -> str:
    """ "A", "B", … "AA": how a spreadsheet program calls the column at this position, from 0."""
    head, last = divmod(position, 26)
    return (column_name(head - 1) if head else "") + chr(ord("A") + last)


def _filled(cells: Iterable[Sequence[str]], limits: Limits) -> Iterator[Row]:
    """Rows that hold anything, numbered as they stand. Raises SpreadsheetRefused("too_many_rows")."""
    kept = 0
    for number, row in enumerate(cells, start=1):
        if number > limits.scanned:
            break
        if not any(row):
            continue
        kept += 1
        # One more for a header.
        if kept > limits.rows + 1:
            raise SpreadsheetRefused(
                "too_many_rows", f"{limits.rows:,}줄까지 올릴 수 있어요. 파일을 나누어 올려 주세요."
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


def _of_xlsx(data: bytes, limits: Limits) -> list[list[str]]:
    try:
        _refuse_bombs(data, limits)
        return _first_filled_sheet(data, limits)
    except SpreadsheetRefused:
        raise
    except Exception:  # noqa: BLE001 - zipfile and openpyxl let through whatever their parsers raise
        raise SpreadsheetRefused(
            "broken", "엑셀 파일이 깨졌거나 다른 종류의 파일이에요. 엑셀에서 다시 저장해서 올려 주세요."
        ) from None


def _first_filled_sheet(data: bytes, limits: Limits) -> list[list[str]]:
    # Half a second of modules that only uploads need.
    from openpyxl import load_workbook

    with closing(load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)) as book:
        for sheet in book.worksheets:
            if sheet.sheet_state != "visible":
                continue
            # What a file says of its own size is often wrong.
            sheet.reset_dimensions()
            scanned = sheet.iter_rows(max_row=limits.scanned, max_col=MOST_COLUMNS, values_only=True)
            read = [[_text_of(value) for value in values] for values in scanned]
            if any(any(row) for row in read):
                return read
    return []


def _refuse_bombs(data: bytes, limits: Limits) -> None:
    """Neither more bytes nor more elements than a list of that many rows has: a parser's time goes by the elements."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = archive.infolist()
        if not any(part.filename == "[Content_Types].xml" for part in parts):
            raise SpreadsheetRefused("type", "엑셀 파일이 아니에요. 엑셀(xlsx), csv, txt 파일을 올려 주세요.")
        small = len(parts) <= _MOST_PARTS and sum(part.file_size for part in parts) <= limits.unzipped
        if not small or sum(archive.read(part).count(b"<") for part in parts) > limits.tags:
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
