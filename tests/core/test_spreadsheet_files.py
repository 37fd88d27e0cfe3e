"""Lists people download: text stays text."""

import io

import pytest
from openpyxl import load_workbook

from shopmsg.core import spreadsheet_files
from shopmsg.core.spreadsheets import rows


@pytest.mark.parametrize("text", ["=1+1", "+82", "-5", "@SUM(A1)", '=HYPERLINK("x")'])
def test_text_that_looks_like_a_formula_stays_text(text: str) -> None:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append([spreadsheet_files.cell(sheet, text)])
    file = io.BytesIO()
    book.save(file)
    (cell,) = next(load_workbook(file).active.iter_rows())  # type: ignore[union-attr]
    assert (cell.value, cell.data_type) == (text, "s")


def test_what_is_written_as_csv_is_read_back_and_no_formula() -> None:
    data = spreadsheet_files.csv_bytes(["가게", "금액"], [["=1+1", 15_400], ['행복"치킨, 2호', -5]])

    assert data.startswith(b"\xef\xbb\xbf")
    assert [row.cells for row in rows(io.BytesIO(data), len(data))] == [
        ("가게", "금액"),
        ("'=1+1", "15400"),
        ('행복"치킨, 2호', "-5"),
    ]


def test_numbers_stay_numbers_and_leading_zeros_stay() -> None:
    file = io.BytesIO()
    spreadsheet_files.write_xlsx("합산", [("전화번호", 14), ("금액", 10)], [["0212345678", 15_400]], file)

    assert [cell.value for cell in list(load_workbook(file).active.iter_rows())[1]] == ["0212345678", 15_400]  # type: ignore[union-attr]
