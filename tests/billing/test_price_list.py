"""요금표: what may be announced, and why not."""

from dataclasses import replace
from datetime import UTC, date, datetime
from types import MappingProxyType

import pytest
from django import forms

from billing import price_list
from billing.catalogue import BASE, TERMS, Bands
from billing.enums import Bundle, EventPlan, UsageKind
from billing.models import CatalogueRow
from billing.price_forms import read_bands
from billing.price_list import AnnouncementRefused, Row
from billing.queries.prices import band_words
from shopmsg.accounts.enums import Product, Role
from shopmsg.accounts.models import AuditEntry
from tests.factories.accounts import StaffFactory

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
BEGINS = date(2027, 1, 1)
SOHO = replace(BASE.price_of(Product.SOHO, BEGINS), effective_from=BEGINS)
BANDS = replace(BASE.bands[0], effective_from=BEGINS)
PRO = replace(BASE.plan_of(EventPlan.PRO, BEGINS), effective_from=BEGINS)
TV = replace(BASE.usage_of(UsageKind.TOWN_TV, BEGINS), effective_from=BEGINS)
ALIMTALK = replace(BASE.usage_of(UsageKind.ALIMTALK, BEGINS), effective_from=BEGINS)


def rates(**changed: tuple[tuple[int, int], ...]) -> Bands:
    found = {int(term.removeprefix("of_")): parts for term, parts in changed.items()}
    return replace(BANDS, rates=MappingProxyType({**BANDS.rates, **found}))


def announce(row: Row, source: str = "KT 공문 12호", now: datetime = NOW) -> CatalogueRow:
    by = StaffFactory(role=Role.ADMIN)
    return price_list.announce(row, source=source, by=by, address=None, now=now)


def refusal(row: Row, source: str = "KT 공문 12호") -> str:
    with pytest.raises(AnnouncementRefused) as refused:
        announce(row, source)
    return refused.value.code


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("row", "code"),
    [
        (replace(SOHO, list_krw=0), "amount"),
        (replace(SOHO, list_krw=-1), "amount"),
        (replace(SOHO, list_krw=10_000_001), "amount"),
        (replace(SOHO, commitments=MappingProxyType({12: 19_800})), "discount"),
        (replace(SOHO, commitments=MappingProxyType({12: -1})), "discount"),
        (replace(SOHO, commitments=MappingProxyType({48: 100})), "amount"),
        (replace(SOHO, list_krw=20_900, bundles=MappingProxyType({Bundle.SUCCESS_PACK: 5_500})), "bundles"),
        (SOHO, "same"),
        (replace(SOHO, list_krw=20_900, effective_from=date(2026, 11, 22)), "past"),
        (replace(SOHO, list_krw=20_900, effective_from=date(2202, 1, 1)), "far"),
        (replace(PRO, monthly_krw=-1), "amount"),
        (replace(PRO, events=0), "amount"),
        (replace(TV, won=None), "amount"),
        (replace(TV, won=9_000, percent=9), "amount"),
        (replace(ALIMTALK, won=8), "amount"),
        (rates(of_12=((10, 100),)), "bands"),
        (rates(of_24=((12, 80), (4, 95), (24, 0))), "bands"),
        (rates(of_36=((37, 0),)), "bands"),
        (replace(BANDS, rates=MappingProxyType({12: ((12, 0),), 24: ((24, 0),)})), "bands"),
    ],
)
def test_what_is_no_price_is_not_announced(row: Row, code: str) -> None:
    assert refusal(row) == code
    assert not CatalogueRow.objects.exists()


@pytest.mark.django_db
def test_a_price_holds_from_its_day_on_and_not_a_day_before() -> None:
    made = announce(replace(SOHO, list_krw=20_900))
    held = price_list.catalogue()
    assert held.price_of(Product.SOHO, date(2026, 12, 31)).list_krw == 19_800
    assert held.price_of(Product.SOHO, BEGINS).list_krw == 20_900
    assert AuditEntry.objects.get(action="catalogue.announced").subject == f"catalogue:{made.pk}"
    assert refusal(replace(SOHO, list_krw=21_900)) == "overlap"
    assert refusal(replace(SOHO, list_krw=21_900, effective_from=date(2027, 2, 1)), " ") == "source"


@pytest.mark.django_db
def test_a_bundle_may_not_be_sold_when_a_later_row_leaves_it_out() -> None:
    public = replace(BASE.price_of(Product.BASIC, BEGINS), list_krw=17_600)
    announce(replace(public, effective_from=date(2027, 3, 1)))
    packed = MappingProxyType({Bundle.SUCCESS_PACK: 1_100})
    assert refusal(replace(public, effective_from=BEGINS, bundles=packed)) == "later_bundles"
    assert price_list.catalogue().price_of(Product.BASIC, date(2027, 3, 1)).bundles == {}


@pytest.mark.django_db
def test_what_was_withdrawn_leaves_its_day_free_and_what_has_begun_stays() -> None:
    made = announce(replace(SOHO, list_krw=20_900))
    by = StaffFactory(role=Role.ADMIN)
    price_list.withdraw(made.pk, by=by, address=None, now=NOW)
    again = announce(replace(SOHO, list_krw=21_900))
    for row, now, code in (
        (made, NOW, "withdrawn"),
        (again, datetime(2026, 12, 31, 15, tzinfo=UTC), "begun"),
    ):
        with pytest.raises(AnnouncementRefused) as refused:
            price_list.withdraw(row.pk, by=by, address=None, now=now)
        assert refused.value.code == code
    assert price_list.catalogue().price_of(Product.SOHO, BEGINS).list_krw == 21_900


@pytest.mark.django_db
def test_every_kind_of_row_is_stored_and_read_back_as_it_was() -> None:
    for row in (
        replace(SOHO, list_krw=20_900, first_month_free=False),
        replace(PRO, events=9),
        replace(TV, won=12_000),
        rates(of_12=((11, 90), (12, 0))),
    ):
        kept = announce(row, BANDS.source)
        kept.refresh_from_db()
        assert price_list.row_of(kept.kind, kept.code, kept.effective_from, kept.source, kept.data) == row


@pytest.mark.parametrize("term", TERMS[1:])
def test_the_bands_of_the_rules_are_read_as_they_are_shown(term: int) -> None:
    assert read_bands(term, "\n".join(band_words(BASE.bands[0].rates[term]))) == BASE.bands[0].rates[term]


def test_bands_are_read_however_people_write_them() -> None:
    text = "1–9개월:85%\n\n 10 - 11  50 \n１２개월 － 5 %".replace("－", "-")
    assert read_bands(12, text) == ((9, 85), (11, 50), (12, -5))
    assert read_bands(12, "1개월~11개월 90%\r\n12 -170") == ((11, 90), (12, -170))
    assert read_bands(12, "1~11개월90%\n12개월0%") == ((11, 90), (12, 0))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1~9개월 85%\n11~12개월 0%", "10개월째가 빠졌습니다"),
        ("1~9개월 85%\n9~12개월 0%", "겹칩니다"),
        ("2~12개월 85%", "1개월째가 빠졌습니다"),
        ("1~13개월 85%", "약정 12개월을 넘습니다"),
        ("9~1개월 85%", "거꾸로"),
        ("1~11개월 85%", "1개월째부터 12개월째까지"),
        ("1~12개월 85.5%", "읽을 수 없습니다"),
        ("1~12개월 9999%", "너무 큽니다"),
        ("거의 다", "읽을 수 없습니다"),
    ],
)
def test_bands_that_are_no_table_say_which_line_is_wrong(text: str, said: str) -> None:
    with pytest.raises(forms.ValidationError) as refused:
        read_bands(12, text)
    assert said in refused.value.messages[0]
