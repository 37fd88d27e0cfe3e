"""Mobile numbers as spreadsheets leave them."""

import pytest

from messaging.number_cells import CellRefused, mobile_in


@pytest.mark.parametrize(
    "text",
    ["010-1234-5678", "1012345678", "+82 10-1234-5678", "821012345678", "０１０１２３４５６７８", '="01012345678"',
     "'01012345678", "010–1234–5678", "1012345678.0", " 010.1234.5678 "],
)  # fmt: skip
def test_what_a_spreadsheet_did_to_a_number_is_undone(text):
    assert mobile_in(text) == "01012345678"


@pytest.mark.parametrize(
    ("text", "code"),
    [("1.01E+09", "scientific"), ("1E+10", "scientific"), ("", "missing"), ("02-123-4567", "not_mobile"),
     ("15881588", "not_mobile"), ("#REF!", "not_mobile"), ("01012345678 / 01098765432", "not_mobile")],
)  # fmt: skip
def test_what_cannot_be_undone_is_named(text, code):
    with pytest.raises(CellRefused) as refused:
        mobile_in(text)
    assert refused.value.code == code
