"""What is sold at which price (rules.md §3)."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.catalogue import BASE, PACK_INTERNET, PACK_PARTS, TERMS, NotSold, Price, pack_problem
from billing.enums import Bundle
from shopmsg.accounts.enums import Product

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("product", "term", "bundle", "listed", "monthly", "free"),
    [
        ("soho", 0, "none", 19_800, 19_800, True),
        ("soho", 12, "none", 19_800, 17_600, True),
        ("soho", 24, "none", 19_800, 15_400, True),
        ("soho", 36, "none", 19_800, 13_200, True),
        ("soho", 0, "success_pack", 19_800, 14_300, True),
        ("soho", 0, "assistant_pack", 19_800, 19_800, True),
        ("basic", 0, "none", 16_500, 16_500, False),
        ("premium", 0, "none", 25_300, 25_300, False),
    ],
)
def test_every_price_of_the_table(
    product: str, term: int, bundle: str, listed: int, monthly: int, free: bool
) -> None:
    found = BASE.quote(product, term, bundle, TODAY)
    assert (found.list_krw, found.monthly_krw, found.first_month_free) == (listed, monthly, free)
    assert found.discount_krw == listed - monthly


@pytest.mark.parametrize(
    ("product", "term", "bundle", "code"),
    [
        ("gold", 13, "both", "unknown_product"),
        ("", 0, "none", "unknown_product"),
        ("basic", 13, "both", "unknown_term"),
        ("soho", -12, "none", "unknown_term"),
        ("basic", 12, "both", "unknown_bundle"),
        ("soho", 0, "", "unknown_bundle"),
        ("basic", 12, "none", "commitment_not_offered"),
        ("premium", 36, "success_pack", "commitment_not_offered"),
        ("premium", 0, "success_pack", "bundle_not_offered"),
        ("basic", 0, "assistant_pack", "bundle_not_offered"),
        ("soho", 12, "success_pack", "bundle_requires_no_commitment"),
        ("soho", 36, "assistant_pack", "bundle_requires_no_commitment"),
    ],
)
def test_what_cannot_be_sold_is_refused_for_the_first_reason(
    product: str, term: int, bundle: str, code: str
) -> None:
    with pytest.raises(NotSold) as refusal:
        BASE.quote(product, term, bundle, TODAY)
    assert refusal.value.code == code
    assert refusal.value.message.endswith("요.")


@given(
    st.sampled_from([*Product.values, "other"]),
    st.sampled_from([*TERMS, 1, 48]),
    st.sampled_from([*Bundle.values, "other"]),
    st.dates(date(2020, 1, 1), date(2040, 1, 1)),
)
def test_whatever_is_asked_is_either_sold_at_list_less_discount_or_refused(
    product: str, term: int, bundle: str, on: date
) -> None:
    try:
        found = BASE.quote(product, term, bundle, on)
    except NotSold:
        return
    assert found.monthly_krw == found.list_krw - found.discount_krw > 0
    assert not (found.term_months and found.bundle != Bundle.NONE), "never two benefits at once"


def test_the_success_pack_was_not_sold_before_its_day() -> None:
    with pytest.raises(NotSold) as refusal:
        BASE.quote("soho", 0, "success_pack", date(2021, 8, 31))
    assert refusal.value.code == "bundle_not_offered"
    assert BASE.quote("soho", 0, "success_pack", date(2021, 9, 1)).monthly_krw == 14_300
    with pytest.raises(NotSold):
        BASE.quote("soho", 0, "none", date(2021, 5, 31))


def test_a_new_price_leaves_the_past_as_it_was() -> None:
    dearer = Price(
        Product.SOHO, date(2027, 1, 1), 22_000, MappingProxyType({12: 2_000}), MappingProxyType({}), False
    )
    announced = replace(BASE, prices=(dearer, *BASE.prices))
    assert announced.quote("soho", 36, "none", date(2026, 12, 31)).monthly_krw == 13_200
    assert announced.quote("soho", 12, "none", date(2027, 1, 1)).monthly_krw == 20_000
    with pytest.raises(NotSold, match="약정이 없어요"):
        announced.quote("soho", 36, "none", date(2027, 1, 1))


def test_one_internet_and_one_part_make_a_pack() -> None:
    for internet in PACK_INTERNET:
        for part in PACK_PARTS:
            assert pack_problem(internet, [part]) == ""


@pytest.mark.parametrize(
    ("internet", "parts", "named"),
    [
        ("", [], "인터넷이나 오피스IP넷 하나와"),
        ("", ["tv"], "인터넷이나 오피스IP넷 가운데 하나"),
        ("internet", [], "하나 이상이 있어야"),
        ("wifi", ["tv"], "필수 상품은"),
        ("internet", ["tv", "fridge"], "기본 상품은"),
    ],
)
def test_what_a_pack_lacks_is_said(internet: str, parts: Collection[str], named: str) -> None:
    assert named in pack_problem(internet, parts)
