"""The workbook Hometax takes for issuing in bulk (일괄발급): sheet 엑셀업로드양식, heads in row 6, lines from row 7, at most 100.

Fifty-nine columns, A–BG, or fifty-one without the eight of the seller (C–J). Ours is made with the heads alone; the form
somebody downloads from Hometax today is filled as it is, its first six rows untouched. Codes, days and business numbers are
text, amounts are numbers. Corrections cannot go this way: they are a plain list to be typed in.
"""

import io
import re
import unicodedata
import zipfile
from collections.abc import Sequence
from datetime import date
from typing import IO, Any, Final

from billing.models import TaxInvoice, TaxReason
from billing.tax_line import MOST_ITEMS, Line, Party, read
from billing.tax_numbers import pretty
from shopmsg.core import business_number
from shopmsg.core.errors import ShopmsgError
from shopmsg.core.spreadsheet_files import cell_text, write_xlsx
from shopmsg.core.spreadsheets import column_name

SHEET: Final = "엑셀업로드양식"
HEAD_ROW: Final = 6
FIRST_ROW: Final = 7
#: An empty form has some ten thousand bytes; whatever is larger is none.
LARGEST_FORM: Final = 2 * 1024 * 1024
_UNZIPPED: Final = 20 * 1024 * 1024
_PARTY: Final = (
    "등록번호", "종사업장번호", "상호", "성명", "사업장주소", "업태", "종목",
)  # fmt: skip
_ITEM: Final = ("일자", "품목", "규격", "수량", "단가", "공급가액", "세액", "품목비고")
HEADS: Final = (
    "전자(세금)계산서 종류",
    "작성일자",
    *(f"공급자 {name}" for name in _PARTY),
    "공급자 이메일",
    *(f"공급받는자 {name}" for name in _PARTY),
    "공급받는자 이메일1",
    "공급받는자 이메일2",
    "공급가액 합계",
    "세액 합계",
    "비고",
    *(f"{name}{item}" for item in range(1, MOST_ITEMS + 1) for name in _ITEM),
    "현금",
    "수표",
    "어음",
    "외상미수금",
    "영수(01), 청구(02)",
)
#: C–J, which the shorter form does not have.
_SELLER: Final = slice(2, 10)
#: Other words for the same head.
_ALSO: Final = {"공급가액합계": "공급가액", "세액합계": "세액"}
_CORRECTION_COLUMNS: Final = (
    ("수정 사유", 26),
    ("당초 승인번호", 28),
    ("당초 작성일자", 14),
    ("작성일자", 14),
    ("공급받는자 등록번호", 18),
    ("상호", 26),
    ("성명", 12),
    ("사업장주소", 40),
    ("이메일", 26),
    ("품목", 20),
    ("공급가액", 14),
    ("세액", 12),
    ("합계", 14),
    ("비고", 24),
)


class FormRefused(ShopmsgError):
    """A workbook that is not the form. Codes: "too_big", "broken", "no_sheet", "columns", "filled"."""


def write(rows: Sequence[TaxInvoice], to: IO[bytes]) -> None:
    """A workbook of our own with these tax invoices."""
    from openpyxl import Workbook
    from openpyxl.styles import Font

    book = Workbook()
    sheet: Any = book.active
    sheet.title = SHEET
    sheet["A1"] = "홈택스 전자세금계산서 일괄발급 양식과 같은 열. 7째 줄부터 한 줄에 한 장, 100줄까지"
    for column, head in enumerate(HEADS, 1):
        sheet.cell(HEAD_ROW, column, head).font = Font(bold=True)
    sheet.freeze_panes = f"A{FIRST_ROW}"
    _fill(sheet, rows, range(len(HEADS)))
    book.save(to)


def fill(form: IO[bytes], size: int, rows: Sequence[TaxInvoice], to: IO[bytes]) -> None:
    """The form as Hometax gave it, with these tax invoices in it. Raises FormRefused."""
    book = _opened(form, size)
    if SHEET not in book.sheetnames:
        found = ", ".join(name[:20] for name in book.sheetnames[:5])
        raise FormRefused("no_sheet", f"‘{SHEET}’ 시트가 없음. 있는 시트: {found}")
    sheet = book[SHEET]
    places = _layout(sheet)
    if any(
        cell.value not in (None, "") for row in sheet.iter_rows(min_row=FIRST_ROW, max_row=FIRST_ROW + 99) for cell in row
    ):  # fmt: skip
        raise FormRefused("filled", "7째 줄부터 이미 적힌 것이 있음: 홈택스에서 새로 받은 양식을 올리기")
    _fill(sheet, rows, places)
    book.save(to)


def write_corrections(rows: Sequence[TaxInvoice], to: IO[bytes]) -> None:
    """The list of corrections to be typed in at Hometax, one a line, with `corrects` read."""
    write_xlsx("수정세금계산서", _CORRECTION_COLUMNS, map(_correction, rows), to)


def _fill(sheet: Any, rows: Sequence[TaxInvoice], places: Sequence[int]) -> None:
    """`places`: for each column of the sheet its place among HEADS."""
    for number, row in enumerate(rows, FIRST_ROW):
        values = _cells(read(row.said), row.written_on)
        for column, place in enumerate(places, 1):
            value = values[place]
            if value == "":
                continue
            cell = sheet.cell(number, column)
            if isinstance(value, int):
                cell.value = value
                continue
            cell.value = cell_text(value)
            # Text stays text: leading zeros, and what begins like a formula.
            cell.data_type, cell.number_format = "s", "@"


def _cells(line: Line, written_on: date) -> list[str | int]:
    items: list[str | int] = []
    for item in line.items:
        items += [f"{written_on:%d}", item.name, "", "", "", item.supply_krw, item.vat_krw, ""]
    items += [""] * (len(_ITEM) * (MOST_ITEMS - len(line.items)))
    return [
        "01",
        f"{written_on:%Y%m%d}",
        *_party(line.seller),
        line.seller.email,
        *_party(line.buyer),
        line.buyer.email,
        "",
        line.supply_krw,
        line.vat_krw,
        line.number,
        *items,
        "",
        "",
        "",
        "",
        "01" if line.paid else "02",
    ]


def _party(said: Party) -> list[str | int]:
    return [
        said.number, "", said.name, said.representative, said.address, said.business_type, said.business_item,
    ]  # fmt: skip


def _correction(row: TaxInvoice) -> list[str | int]:
    line, reason = read(row.said), TaxReason(row.reason)
    original = row.corrects
    part = {1: " (당초분 취소)", 2: " (바른 내용)"}[row.part] if reason == TaxReason.ERROR else ""
    return [
        f"{reason.value} {reason.label}{part}",
        pretty(original.approval_number) if original else "",
        f"{original.written_on:%Y-%m-%d}" if original else "",
        f"{row.written_on:%Y-%m-%d}",
        business_number.hyphenate(line.buyer.number),
        line.buyer.name,
        line.buyer.representative,
        line.buyer.address,
        line.buyer.email,
        ", ".join(item.name for item in line.items),
        row.supply_krw,
        row.vat_krw,
        row.supply_krw + row.vat_krw,
        line.number,
    ]


def _opened(form: IO[bytes], size: int) -> Any:
    from openpyxl import load_workbook

    data = form.read(LARGEST_FORM + 1) if size <= LARGEST_FORM else b""
    if size > LARGEST_FORM or len(data) > LARGEST_FORM:
        raise FormRefused("too_big", "양식이 2MB보다 큼: 홈택스에서 새로 받은 빈 양식을 올리기")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(part.file_size for part in archive.infolist()) > _UNZIPPED:
                raise FormRefused("too_big", "풀어 보니 너무 큰 파일: 홈택스에서 새로 받은 빈 양식을 올리기")
        return load_workbook(io.BytesIO(data), keep_links=False)
    except FormRefused:
        raise
    except Exception:  # noqa: BLE001 - zipfile and openpyxl let through whatever their parsers raise
        raise FormRefused(
            "broken", "엑셀(xlsx) 파일이 아니거나 깨졌음: 홈택스에서 새로 받은 양식을 올리기"
        ) from None


def _layout(sheet: Any) -> list[int]:
    """For each column its place among HEADS. Raises FormRefused("columns") with the first that is another than ours."""
    found = [str(cell.value or "") for cell in sheet[HEAD_ROW]]
    while found and not found[-1].strip():
        found.pop()
    whole = list(range(len(HEADS)))
    short = whole[: _SELLER.start] + whole[_SELLER.stop :]
    places = {len(whole): whole, len(short): short}.get(len(found))
    if places is None:
        raise FormRefused("columns", f"6째 줄의 칸이 {len(found)}개임: 59칸이나 51칸이어야 함")
    for column, (head, place) in enumerate(zip(found, places, strict=True)):
        if _plain(head) != _plain(HEADS[place]):
            raise FormRefused(
                "columns", f"{column_name(column)}열이 ‘{head.strip()[:20]}’임: ‘{HEADS[place]}’ 칸이어야 함"
            )
    return places


def _plain(head: str) -> str:
    plain = re.sub(r"\(.*?\)|[\W_]", "", unicodedata.normalize("NFKC", head))
    # The first head says which kinds there are, in ever other words.
    return "종류" if plain.endswith("종류") else _ALSO.get(plain, plain)
