"""Lists as Korean offices save them, and files that are none."""

import csv
import io
import time
import zipfile
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from shopmsg.core.spreadsheets import (
    LARGE,
    SMALL,
    Row,
    SpreadsheetRefused,
    column_name,
    rows,
    with_header,
)

NAMES = {"number": ("휴대폰", "번호"), "label": ("메모", "이름")}


def read(data):
    return rows(io.BytesIO(data), len(data))


def cells(data):
    return [row.cells for row in read(data)]


def xlsx(*tables, hidden=()):
    book = Workbook()
    book.remove(book.worksheets[0])
    for place, table in enumerate(tables):
        sheet = book.create_sheet(f"표{place}")
        for row in table:
            sheet.append(row)
        if place in hidden:
            sheet.sheet_state = "hidden"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


LIST = "휴대폰{0}메모\r\n010-1234-5678{0}대성주류\r\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949", "utf-16"])
@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_text_of_every_office_reads_the_same(encoding, sign):
    assert cells(LIST.format(sign).encode(encoding)) == [("휴대폰", "메모"), ("010-1234-5678", "대성주류")]


def test_hangul_taken_apart_by_a_mac_is_put_together():
    assert cells("메모\n대성".encode())[1] == ("대성",)


def test_excel_cells_read_as_their_owner_would_read_them_out():
    table = [
        ["번호", "메모"],
        [1012345678, "정수"],
        [1012345678.0, "실수"],
        ["010-1234-5678", None],
        [1.5, True],
    ]
    assert cells(xlsx(table))[1:] == [
        ("1012345678", "정수"),
        ("1012345678", "실수"),
        ("010-1234-5678",),
        ("1.5", "True"),
    ]


def test_hidden_and_empty_sheets_are_passed_over():
    book = xlsx([["비밀"]], [], [["보임"]], hidden=(0,))
    assert cells(book) == [("보임",)]


def test_rows_keep_the_numbers_the_spreadsheet_shows():
    assert [row.number for row in read(b'a\n\n\nb\n"c\nd"\ne\n')] == [1, 4, 5, 6]
    assert [row.number for row in read(xlsx([["a"], [None], ["b"]]))] == [1, 3]


def test_the_header_is_found_below_a_title_and_however_it_is_written():
    assert not with_header(read("김,01012345678\n".encode()), NAMES).header
    found = read("메모\n이 름, 휴대폰_(필수)\n김,01012345678\n".encode())
    sheet = with_header(found, NAMES)
    assert (sheet.columns, [row.number for row in sheet.rows]) == ({"number": 1, "label": 0}, [3])


def test_a_large_list_may_have_its_header_lower_and_more_rows():
    text = "계좌번호,1\n" * 14 + "휴대폰,메모\n" + "010-1234-5678,대성\n" * 6_000
    found = rows(io.BytesIO(text.encode()), len(text.encode()), LARGE)
    assert len(with_header(found, NAMES, LARGE).rows) == 6_000
    with pytest.raises(SpreadsheetRefused):
        read(text.encode())


def _bomb():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "x")
        archive.writestr("xl/worksheets/sheet1.xml", b" " * 200_000_000)
    return out.getvalue()


def _zip_of(**parts):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"\n ,,\n", "empty"),
        (b"1" * (SMALL.bytes + 1), "too_big"),
        (b"\xd0\xcf\x11\xe0" + b"\x00" * 100, "locked"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF\x00", "encoding"),
        (b"%PDF-1.4\n\x00\x01\x02", "type"),
        (b"PK\x03\x04 no zip at all", "broken"),
        (_zip_of(mimetype="application/hwp+zip"), "type"),
        (_zip_of(**{"[Content_Types].xml": "<broken"}), "broken"),
        (xlsx([["번호"]])[:-40], "broken"),
        (b"0\n" * (SMALL.rows + 2), "too_many_rows"),
    ],
    ids=[
        "nothing",
        "blank",
        "big",
        "old excel",
        "jpeg",
        "pdf",
        "no zip",
        "hwpx",
        "torn xml",
        "cut off",
        "rows",
    ],
)
def test_every_file_that_cannot_be_read_is_refused_by_name(data, code):
    with pytest.raises(SpreadsheetRefused) as refused:
        read(data)
    assert refused.value.code == code
    assert refused.value.message.endswith("요.")


def test_a_bomb_is_refused_before_it_is_unpacked():
    bomb = _bomb()
    assert len(bomb) < SMALL.bytes
    with pytest.raises(SpreadsheetRefused) as refused:
        read(bomb)
    assert refused.value.code == "too_big"


def test_a_small_file_of_a_million_cells_is_refused_before_it_is_parsed():
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(xlsx([["번호"]]))) as good,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bad,
    ):
        for part in good.namelist():
            sheet = b"<worksheet><sheetData><row>" + b"<c/>" * 1_000_000 + b"</row></sheetData></worksheet>"
            bad.writestr(part, sheet if part.endswith("sheet1.xml") else good.read(part))
    started = time.process_time()
    with pytest.raises(SpreadsheetRefused) as refused:
        read(out.getvalue())
    assert refused.value.code == "too_big"
    assert time.process_time() - started < 1


def test_a_row_at_the_far_end_of_a_sheet_costs_nothing():
    book = Workbook()
    for row, column, text in ((1_048_576, 1, "끝"), (1, 16_384, "옆"), (2, 1, "번호")):
        book.worksheets[0].cell(row=row, column=column).value = text
    out = io.BytesIO()
    book.save(out)
    assert [row.cells[0] for row in read(out.getvalue())] == ["번호"]


@given(st.binary(max_size=400))
def test_no_bytes_at_all_bring_another_error_than_ours(data):
    for made in (data, b"PK\x03\x04" + data):
        with suppress(SpreadsheetRefused):
            read(made)


plain = st.text('가각힣뷁김A9 ,;"-', min_size=1, max_size=8).filter(str.strip)


@given(st.lists(st.lists(plain, min_size=2, max_size=4), min_size=1, max_size=8))
def test_what_a_spreadsheet_writes_as_csv_comes_back(table):
    out = io.StringIO()
    csv.writer(out).writerows(table)
    found = cells(out.getvalue().encode("utf-8-sig"))
    assert found == [tuple(cell.strip() for cell in row) for row in table]


def test_columns_are_called_as_the_spreadsheet_calls_them():
    assert [column_name(place) for place in (0, 25, 26, 51, 52)] == ["A", "Z", "AA", "AZ", "BA"]
    assert Row(1, ("a",)).cell(5) == ""
