"""다음 청구: what the month under way will come to, and what it came to so far."""

from datetime import date

import pytest

from billing import changes, forecast, subscriptions, usage
from billing.models import Invoice
from billing.usage import Reported
from shopmsg.accounts.models import Shop
from tests.factories.accounts import ShopFactory
from tests.factories.billing import billed, noon, subscribed

pytestmark = pytest.mark.django_db
SEP, OCT, NOV = date(2026, 9, 1), date(2026, 10, 1), date(2026, 11, 1)
TODAY = noon(date(2026, 11, 22))


@pytest.fixture
def shop() -> Shop:
    made: Shop = ShopFactory()
    subscribed(made, SEP, term_months=36)
    return made


def test_the_next_bill_is_the_invoice_that_will_be_made(shop: Shop) -> None:
    billed(shop, OCT)
    usage.report([Reported(shop.pk, "tv", "town_tv", date(2026, 11, 2), 2)], TODAY)

    found = forecast.next_bill(shop, TODAY)
    invoice = billed(shop, NOV)

    assert (found.month, found.due_on) == (NOV, invoice.due_on)
    assert [line.sentence for line in found.lines] == [
        entry.sentence for entry in invoice.entries.order_by("position")
    ]
    assert (
        (found.total_krw, found.carried_krw) == (invoice.total_krw, invoice.carried_krw) == (33_200, 13_200)
    )
    assert found.to_pay_krw == 46_400


def test_asking_writes_nothing_and_a_month_that_is_not_invoiced_yet_is_named(shop: Shop) -> None:
    found = forecast.next_bill(shop, TODAY)

    assert [(one.month, one.parts.total_krw) for one in found.waiting] == [(SEP, 0), (OCT, 13_200)]
    assert (found.balance_krw, found.carried_krw, found.total_krw) == (0, 13_200, 13_200)
    assert Invoice.objects.count() == 0


def test_so_far_only_the_days_that_were_used_count(shop: Shop) -> None:
    billed(shop, OCT)

    (line,) = forecast.month_so_far(shop, TODAY).lines
    assert (line.last, line.parts.total_krw) == (date(2026, 11, 22), 13_200 * 22 // 30)


def test_a_booked_leaving_is_on_the_next_bill_with_its_price_but_not_on_what_was_used_so_far(
    shop: Shop,
) -> None:
    billed(shop, OCT)
    subscriptions.change(
        shop,
        lambda contract, on: changes.cancel(contract, date(2026, 11, 30), on),
        by=None,
        address=None,
        now=TODAY,
    )

    assert [line.kind for line in forecast.next_bill(shop, TODAY).lines] == ["service", "refund"]
    assert [line.kind for line in forecast.month_so_far(shop, TODAY).lines] == ["service"]
    # 2 months were paid at a discount by then: 6,600 × 2 × 85 %.
    assert forecast.next_bill(shop, TODAY).lines[1].parts.total_krw == 11_220


def test_who_never_had_a_contract_has_no_next_bill() -> None:
    found = forecast.next_bill(ShopFactory(), TODAY)

    assert (found.lines, found.to_pay_krw) == ((), 0)
