"""The application form: every bad input of the trade gets its sentence, and nothing typed stops the rest."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eligibility import form
from eligibility.enums import ApplicantKind
from eligibility.form import LABELS
from shopmsg.accounts.enums import Product

COMPLETE = {
    "shop_name": "망원 바삭치킨",
    "ksic": "56193",
    "business_number": "222-22-22227",
    "owner_name": "김바삭",
    "owner_mobile": "010-0123-4567",
    "annual_revenue": "3억 5천만",
    "line_number": "02-312-3456",
}


def test_a_form_with_what_is_needed_is_complete_and_every_value_is_normal():
    reading = form.read(COMPLETE)

    assert reading.complete
    assert reading.values.business_number == "2222222227"
    assert reading.values.owner_mobile == "01001234567"
    assert reading.values.annual_revenue == 350_000_000
    assert reading.values.line_number == "023123456"
    assert reading.values.product == Product.SOHO


@pytest.mark.parametrize("name", sorted(COMPLETE))
def test_each_needed_field_left_empty_is_named(name):
    reading = form.read(COMPLETE | {name: "  "})

    assert reading.missing == (name,)
    assert not reading.complete


def test_a_wrong_check_digit_is_told_at_once_and_the_rest_is_read():
    reading = form.read(COMPLETE | {"business_number": "123-45-67890"})

    assert list(reading.problems) == ["business_number"]
    assert reading.values.business_number == ""
    assert reading.values.shop_name == "망원 바삭치킨"


@pytest.mark.parametrize(
    ("typed", "won"),
    [
        ("1000000000", 1_000_000_000),
        ("1,000,000,001", 1_000_000_001),
        ("3억", 300_000_000),
        ("9억 9천만 원", 990_000_000),
        ("0", 0),
    ],
)
def test_revenue_is_read_as_people_say_it(typed, won):
    assert form.read(COMPLETE | {"annual_revenue": typed}).values.annual_revenue == won


@pytest.mark.parametrize(
    ("typed", "word"),
    [("-1", "0원보다"), ("1.5", "원 단위"), ("많이", "3억 5천만"), ("9" * 30, "너무 커요")],
)
def test_revenue_that_is_none_says_why(typed, word):
    reading = form.read(COMPLETE | {"annual_revenue": typed})

    assert word in reading.problems["annual_revenue"]
    assert reading.values.annual_revenue is None


@pytest.mark.parametrize("number", ["021231234", "15661234", "030123412345", "070-1234-5678", "02-1234-5678"])
def test_sender_numbers_of_the_rules_are_accepted(number):
    assert "line_number" not in form.read(COMPLETE | {"line_number": number}).problems


@pytest.mark.parametrize(
    ("number", "word"),
    [
        ("1231234", "지역번호부터"),
        ("0215661234", "대표번호"),
        ("1566123400", "대표번호"),
        ("0301234", "열두 자리"),
        ("0301234124356", "열두 자리"),
        ("010-1234-5678", "휴대폰은"),
        ("1335", "특수번호는"),
        ("전화", "지역번호부터"),
    ],
)
def test_numbers_the_rules_refuse_are_refused_with_what_is_wrong(number, word):
    assert word in form.read(COMPLETE | {"line_number": number}).problems["line_number"]


def test_a_special_number_is_a_public_bodys():
    public = COMPLETE | {"kind": "public_body", "line_number": "1335", "ksic": "", "annual_revenue": ""}

    reading = form.read(public)

    assert reading.complete
    assert reading.values.kind == ApplicantKind.PUBLIC_BODY
    assert reading.values.product == Product.PREMIUM


def test_what_was_typed_before_it_turned_out_to_be_a_public_body_stands_in_no_ones_way():
    reading = form.read(COMPLETE | {"kind": "public_body", "ksic": "치킨", "annual_revenue": "3억쯤"})
    assert reading.complete

    assert form.read(COMPLETE | {"kind": "public_body"}).values.ksic == ""


def test_a_public_body_takes_no_term_and_no_pack():
    values = form.read(
        {"kind": "public_body", "product": "basic", "term_months": "36", "bundle": "success_pack"}
    ).values

    assert (values.product, values.term_months, values.bundle) == (Product.BASIC, 0, "none")


def test_a_pack_with_a_commitment_is_refused():
    reading = form.read(
        COMPLETE | {"term_months": "12", "bundle": "success_pack", "pack_internet": "", "pack_parts": ""}
    )

    assert "무약정" in reading.problems["bundle"]
    assert set(reading.missing) == {"pack_internet", "pack_parts"}


def test_somebody_elses_line_needs_their_name():
    assert form.read(COMPLETE | {"line_owner": "other"}).missing == ("line_owner_name",)


@pytest.mark.parametrize("field", ["shop_name", "address", "hours", "specials"])
def test_a_character_no_phone_shows_is_pointed_at_in_whatever_goes_into_the_promo(field):
    problem = form.read(COMPLETE | {field: "바삭치킨🍗"}).problems[field]

    assert "🍗" in problem


@given(st.dictionaries(st.sampled_from(sorted(LABELS)), st.text(max_size=30), max_size=6))
def test_no_typed_text_breaks_the_reading(typed):
    reading = form.read(typed)

    assert set(reading.problems) <= set(LABELS)
    assert set(reading.missing) <= set(LABELS)
    assert not set(reading.problems) & set(reading.missing)


@given(st.text(min_size=1, max_size=40))
def test_what_is_read_as_a_line_is_digits(typed):
    number = form.read(COMPLETE | {"line_number": typed}).values.line_number

    assert number == "" or number.isdecimal()
