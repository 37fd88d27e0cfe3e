"""Lists people download: xlsx written row by row, or csv as Korean spreadsheet programs open it. Text stays text: what
begins like a formula is never one, whoever wrote it.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import IO, Any, Final

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV: Final = "text/csv; charset=utf-8"
# What may not stand in the XML of a file.
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_FORMULA: Final = ("=", "+", "-", "@")


def write_xlsx(
    title: str,
    columns: Sequence[tuple[str, int]],
    rows: Iterable[Sequence[str | int]],
    to: IO[bytes],
) -> None:
    """One sheet with a head; `columns` are (head, width in characters). Whole numbers stay numbers."""
    # Half a second and ten megabytes that no other page needs.
    from openpyxl import Workbook
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    book.properties.title = cell_text(title)
    book.properties.creator = "우리가게 문자"
    # The library's types leave out half of what a write-only sheet has.
    sheet: Any = book.create_sheet(cell_text(title)[:31])
    for place, (_, width) in enumerate(columns, 1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    sheet.freeze_panes = "A2"
    sheet.append([bold(sheet, head) for head, _ in columns])
    for row in rows:
        sheet.append([value if isinstance(value, int) else cell(sheet, value) for value in row])
    book.save(to)


def csv_bytes(heads: Sequence[str], rows: Iterable[Sequence[str | int]]) -> bytes:
    """UTF-8 with a byte order mark, without which Excel takes it for CP949. Text that begins like a formula gets an
    apostrophe in front."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(heads)
    writer.writerows([value if isinstance(value, int) else _guarded(value) for value in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def cell_text(value: str) -> str:
    """Text as a cell can hold it."""
    return _CONTROL.sub("", value)


def cell(sheet: Any, value: str) -> Any:
    """Text for a row of a write-only sheet."""
    value = cell_text(value)
    return _string(sheet, value) if value[:1] in _FORMULA else value


def bold(sheet: Any, value: str) -> Any:
    """A head for a row of a write-only sheet."""
    from openpyxl.styles import Font

    made = _string(sheet, value)
    made.font = Font(bold=True)
    return made


def _string(sheet: Any, value: str) -> Any:
    from openpyxl.cell import WriteOnlyCell

    made = WriteOnlyCell(sheet, value)
    made.data_type = "s"
    made.quotePrefix = True
    return made


def _guarded(value: str) -> str:
    value = cell_text(value)
    return f"'{value}" if value[:1] in _FORMULA else value
