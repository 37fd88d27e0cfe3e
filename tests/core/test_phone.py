"""Phone numbers: one spelling inside, and what people may see of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopmsg.core import phone

mobiles = st.from_regex(
    r"(010\d{8}|01[16789]\d{7,8})", fullmatch=True, alphabet=st.sampled_from("0123456789")
)


@pytest.mark.parametrize("number", ["021231234", "15661234", "030123412345"])
def test_sender_numbers_of_the_rule_are_accepted(number: str) -> None:
    assert phone.sender(number) == number


@pytest.mark.parametrize("number", ["1231234", "0215661234", "1566123400", "0301234", "0301234124356"])
def test_sender_numbers_the_rule_names_as_wrong_are_refused(number: str) -> None:
    with pytest.raises(phone.PhoneError) as refused:
        phone.sender(number)
    assert refused.value.message.endswith("요.")
    assert number not in refused.value.message


@pytest.mark.parametrize(
    "number", ["0212341234", "0311231234", "18773592", "07012345678", "08012345678", "050123456789"]
)
def test_every_kind_of_sender_number_is_known(number: str) -> None:
    assert phone.sender(phone.hyphenate(number)) == number


@pytest.mark.parametrize(
    "number", ["112", "1335", "0991231234", "00212341234", "+12025550123", "1234567890123456"]
)
def test_special_foreign_and_unassigned_numbers_are_no_sender(number: str) -> None:
    with pytest.raises(phone.PhoneError):
        phone.sender(number)


@pytest.mark.parametrize(
    "raw",
    [
        "01012345678",
        "010-1234-5678",
        "010 1234 5678",
        "010.1234.5678",
        "(010) 1234-5678",
        "+821012345678",
        "+82 10-1234-5678",
        "+82-010-1234-5678",
        "+82 (0)10 1234 5678",
        " 010-1234-5678\n",
        "010\u00a01234\u20095678",
    ],
)
def test_a_mobile_number_is_read_however_it_is_written(raw: str) -> None:
    assert phone.mobile(raw) == "01012345678"


@pytest.mark.parametrize(
    "raw",
    ["０１０１２３４５６７８", "٠١٠١٢٣٤٥٦٧٨", "010-1234-567x", "010/1234/5678", "", "anonymous", "+", "+82", "+82+821012345678",
     "010\x0012345678", "123456", "1" * 16, "+1" + "2" * 15, "²³¹²³¹²³"],
)  # fmt: skip
def test_what_is_not_written_in_ascii_digits_is_no_number(raw: str) -> None:
    with pytest.raises(phone.PhoneError) as refused:
        phone.digits(raw)
    assert refused.value.code == "malformed"


@pytest.mark.parametrize(
    ("number", "is_mobile"),
    [
        ("01012345678", True),
        ("0101234567", False),
        ("010123456789", False),
        ("0111234567", True),
        ("01112345678", True),
        ("0161234567", True),
        ("0191234567", True),
        ("0121234567", False),
        ("0151234567", False),
        ("0212345678", False),
        ("07012345678", False),
        ("15661234", False),
        ("+8613912345678", False),
        ("+821012345678", False),
        ("01012345678\n", False),
        ("０１０12345678", False),
    ],
)
def test_only_010_011_and_016_to_019_are_mobile(number: str, is_mobile: bool) -> None:
    assert phone.is_mobile(number) is is_mobile


def test_a_foreign_number_keeps_its_plus_and_is_never_taken_for_a_korean_one() -> None:
    assert phone.digits("+1 (010) 1234-5678") == "+101012345678"
    assert not phone.is_mobile(phone.digits("+1 010-1234-5678"))


@pytest.mark.parametrize(
    "raw", ["02-1234-5678", "031-123-1234", "1566-1234", "070-1234-5678", "010-1234-5678"]
)
def test_a_shop_may_be_called_on_any_kind_of_line(raw: str) -> None:
    assert phone.line(raw) == raw.replace("-", "")


@pytest.mark.parametrize("raw", ["1234-5678", "02-1566-1234", "123-4567", "+1 202 555 0123", "112-1234"])
def test_a_line_needs_its_area_code(raw: str) -> None:
    with pytest.raises(phone.PhoneError):
        phone.line(raw)


@given(mobiles)
def test_a_number_written_for_people_is_read_back_as_the_same(number: str) -> None:
    assert phone.digits(phone.hyphenate(number)) == number
    assert phone.mobile("+82 " + phone.hyphenate(number)[1:]) == number


@pytest.mark.parametrize(
    ("number", "written"),
    [
        ("01012345678", "010-1234-5678"),
        ("0111234567", "011-123-4567"),
        ("0212345678", "02-1234-5678"),
        ("021231234", "02-123-1234"),
        ("0311231234", "031-123-1234"),
        ("15661234", "1566-1234"),
        ("18773592", "1877-3592"),
        ("08012345678", "080-1234-5678"),
        ("030123412345", "0301-2341-2345"),
        ("+12025550123", "+12025550123"),
        ("112", "112"),
        ("", ""),
    ],
)
def test_numbers_are_shown_as_koreans_write_them(number: str, written: str) -> None:
    assert phone.hyphenate(number) == written


@given(st.text(st.sampled_from("0123456789"), max_size=15))
def test_a_mask_shows_at_most_both_ends_and_hides_four_digits(number: str) -> None:
    shown = phone.mask(number)
    digits = [char for char in shown if char.isdigit()]
    assert "****" in shown
    assert len(digits) <= max(0, len(number) - 3)
    assert len(digits) <= 7
    head, _, tail = shown.partition("-****-")
    if tail:
        assert (head, tail) == (number[:3], number[-4:])


def test_masks_as_people_see_them() -> None:
    assert phone.mask("01012341234") == "010-****-1234"
    assert phone.mask("021231234") == "****-1234"
    assert phone.mask("112") == "****"
    assert phone.mask("") == "****"
