"""Business numbers (rules.md §1; vectors of reference/payments.md §2.4)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopmsg.core.business_number import BusinessNumberError, hyphenate, parse, with_check_digit


@pytest.mark.parametrize(
    "number",
    [
        "124-81-00998",
        "220-81-62517",
        "120-88-00767",
        "214-86-39239",
        "411-86-01799",
        "111-11-11119",
        "123-45-67891",
    ],
)
def test_real_numbers_are_read_and_written_back(number: str) -> None:
    assert parse(number) == number.replace("-", "")
    assert hyphenate(parse(number)) == number


@pytest.mark.parametrize(
    "typed", [" 124 81 00998 ", "１２４－８１－００９９８", "124–81–00998", "1248100998\n"]
)
def test_what_keyboards_and_papers_put_between_does_not_count(typed: str) -> None:
    assert parse(typed) == "1248100998"


@pytest.mark.parametrize(
    ("typed", "code", "named"),
    [
        ("123-45-67890", "check_digit", "맞지 않아요"),
        ("106-86-51715", "check_digit", "맞지 않아요"),
        ("000-00-00000", "malformed", "없는 사업자등록번호"),
        ("124-81-0099", "malformed", "9자리"),
        ("124-81-009988", "malformed", "11자리"),
        ("110111-1234567", "malformed", "법인등록번호가 아닌"),
        ("", "malformed", "열 자리를 적어"),
        ("백이십사", "malformed", "숫자로만"),
        ("124-81-0099x", "malformed", "숫자로만"),
        ("①②④⑧①⓪⓪⑨⑨⑧", "malformed", "숫자로만"),
        ("١٢٤٨١٠٠٩٩٨", "malformed", "숫자로만"),
    ],
)
def test_what_is_no_number_is_refused_with_the_mistake_named(typed: str, code: str, named: str) -> None:
    with pytest.raises(BusinessNumberError, match=named) as refusal:
        parse(typed)
    assert refusal.value.code == code


@given(st.from_regex(r"[0-9]{9}", fullmatch=True).filter(lambda nine: set(nine) != {"0"}), st.integers(1, 9))
def test_one_check_digit_fits_nine_digits_and_no_other(nine: str, off: int) -> None:
    number = with_check_digit(nine)
    assert parse(number) == number
    with pytest.raises(BusinessNumberError):
        parse(f"{nine}{(int(number[-1]) + off) % 10}")
