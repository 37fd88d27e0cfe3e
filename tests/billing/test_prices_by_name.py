"""Every price of rules.md §3, by its name, as the engine bills it."""

from datetime import date

import pytest

from billing import changes, leaving
from billing.catalogue import BASE
from billing.contract import ONE_DAY, Contract
from billing.enums import EventPlan, UsageKind
from billing.leaving import Refund
from billing.proration import lines_of_month
from shopmsg.core.clock import add_months

DAY = date(2026, 1, 1)
#: A whole month after the free one.
LATER = date(2026, 3, 1)


def begun(product: str, term: int = 0, bundle: str = "none", plan: str = "none", on: date = DAY) -> Contract:
    return changes.start(
        BASE,
        on,
        product=product,
        term_months=term,
        bundle=bundle,
        pack_internet="internet",
        pack_parts=["tv"],
        plan=plan,
    )


def billed(contract: Contract, month: date = LATER) -> int:
    return sum(line.amount_krw for line in lines_of_month(contract, BASE, month))


def left_after(term: int, months: int) -> Refund:
    """The refund of a commitment activated on the 1st and left after so many whole months."""
    contract = begun("soho", term)
    last = add_months(DAY, months) - ONE_DAY
    (found,) = leaving.refunds(changes.cancel(contract, last, last), BASE)
    return found


def test_soho_without_commitment_is_19_800() -> None:
    assert billed(begun("soho")) == 19_800


def test_soho_for_12_months_is_17_600() -> None:
    assert billed(begun("soho", 12)) == 17_600


def test_soho_for_24_months_is_15_400() -> None:
    assert billed(begun("soho", 24)) == 15_400


def test_soho_for_36_months_is_13_200() -> None:
    assert billed(begun("soho", 36)) == 13_200


def test_soho_with_the_success_pack_is_14_300() -> None:
    assert billed(begun("soho", bundle="success_pack")) == 14_300


def test_soho_with_the_assistant_pack_is_the_list_price_until_its_amount_is_known() -> None:
    assert billed(begun("soho", bundle="assistant_pack")) == 19_800


def test_basic_is_16_500() -> None:
    assert billed(begun("basic")) == 16_500


def test_premium_is_25_300() -> None:
    assert billed(begun("premium")) == 25_300


def test_basic_and_premium_have_no_commitment_and_no_pack() -> None:
    for product in ("basic", "premium"):
        assert BASE.terms_of(product, DAY) == (0,)
        for bundle in ("success_pack", "assistant_pack"):
            with pytest.raises(changes.ContractRefused):
                begun(product, bundle=bundle)


def test_the_pack_takes_5_500_off_so_that_36_months_are_cheaper_and_24_are_not() -> None:
    pack, three, two = (
        billed(begun("soho", term, bundle))
        for term, bundle in ((0, "success_pack"), (36, "none"), (24, "none"))
    )
    assert 19_800 - pack == 5_500
    assert three < pack < two


@pytest.mark.parametrize(
    ("activated", "last_free", "first_paid_month", "won"),
    [
        (date(2026, 1, 1), date(2026, 1, 31), date(2026, 2, 1), 19_800),
        (date(2026, 1, 15), date(2026, 2, 14), date(2026, 2, 1), 19_800 * 14 // 28),
        (date(2026, 1, 31), date(2026, 2, 27), date(2026, 2, 1), 19_800 * 1 // 28),
        (date(2028, 1, 30), date(2028, 2, 28), date(2028, 2, 1), 19_800 * 1 // 29),
        (date(2026, 12, 31), date(2027, 1, 30), date(2027, 1, 1), 19_800 * 1 // 31),
    ],
)
def test_the_first_month_of_soho_is_free_to_the_day_before_the_same_day_of_the_next(
    activated: date, last_free: date, first_paid_month: date, won: int
) -> None:
    contract = begun("soho", on=activated)
    assert contract.free_until == last_free
    assert billed(contract, activated.replace(day=1)) == 0
    assert billed(contract, first_paid_month) == won


def test_the_first_month_of_basic_and_premium_is_paid() -> None:
    assert (billed(begun("basic"), DAY), billed(begun("premium"), DAY)) == (16_500, 25_300)


def test_the_free_month_is_of_the_service_and_not_of_the_event_plan() -> None:
    assert billed(begun("soho", plan="pro"), DAY) == 49_000


def test_event_basic_is_29_000_for_five_events_a_month() -> None:
    assert billed(begun("soho", plan="basic")) - 19_800 == 29_000
    assert BASE.plan_of("basic", DAY).events == 5


def test_event_pro_is_49_000_without_limit_and_with_analysis() -> None:
    assert billed(begun("soho", plan="pro")) - 19_800 == 49_000
    pro = BASE.plan_of("pro", DAY)
    assert (pro.events, pro.analysis, pro.shops) == (None, True, False)


def test_event_enterprise_is_99_000_for_several_shops() -> None:
    assert billed(begun("soho", plan="enterprise")) - 19_800 == 99_000
    assert BASE.plan_of("enterprise", DAY).shops


def test_without_an_event_plan_nothing_is_charged_for_events() -> None:
    assert len(lines_of_month(begun("soho", plan=EventPlan.NONE), BASE, LATER)) == 1


def test_a_run_on_town_tv_is_10_000_and_on_genie_tv_20_000() -> None:
    assert [BASE.usage_of(kind, DAY).won for kind in (UsageKind.TOWN_TV, UsageKind.GENIE_TV)] == [
        10_000,
        20_000,
    ]


def test_the_commission_on_prizes_is_10_percent_of_points_and_15_of_partners() -> None:
    kinds = (UsageKind.POINT_PRIZE, UsageKind.PARTNER_PRIZE)
    assert [BASE.usage_of(kind, DAY).percent for kind in kinds] == [10, 15]


def test_kakao_messages_have_no_list_price_and_vat_on_top() -> None:
    for kind in (UsageKind.ALIMTALK, UsageKind.BRAND_TEXT, UsageKind.BRAND_IMAGE):
        price = BASE.usage_of(kind, DAY)
        assert (price.won, price.percent, price.vat_outside) == (None, None, True)


@pytest.mark.parametrize(
    ("term", "percents"),
    [
        (
            36,
            [85] * 9
            + [80] * 3
            + [30] * 6
            + [25] * 3
            + [0] * 3
            + [-10] * 4
            + [-25] * 4
            + [-85] * 2
            + [-170] * 2,
        ),
        (24, [95] * 4 + [85] * 4 + [80] * 4 + [70] * 2 + [50] * 2 + [0] * 4 + [-10] * 2 + [-25] * 2),
        (12, [100] * 10 + [-5] * 2),
    ],
)
def test_every_month_of_a_commitment_has_its_band(term: int, percents: list[int]) -> None:
    """Left after each whole month: the difference to the month before is that month's discount by its band."""
    monthly = {36: 6_600, 24: 4_400, 12: 2_200}[term]
    expected = 0
    assert left_after(term, 1).won == 0, "the free first month gave none"
    for month in range(2, term):
        expected += monthly * percents[month - 1]
        assert left_after(term, month).won == max(0, expected // 100), f"month {month}"
    contract = begun("soho", term)
    last = add_months(DAY, term) - ONE_DAY
    assert leaving.refunds(changes.cancel(contract, last, last), BASE) == (), "served to its end"


def test_36_months_left_after_exactly_12_cost_60_720_and_say_why() -> None:
    found = left_after(36, 12)
    assert found.won == 60_720
    assert found.given == 11 * 6_600
    assert found.sentence == (
        "3년 약정 12개월째까지 쓰고 그만두셔서, 할인받은 72,600원 가운데 60,720원을 돌려주시게 돼요"
        "(2~9개월째 52,800원의 85%, 10~12개월째 19,800원의 80%)."
    )
    contract = begun("soho", 36)
    shown = leaving.if_left(contract, BASE, date(2026, 12, 31))
    assert shown == found, "the price of leaving is the same before and after"
    line = leaving.refund_lines(
        changes.cancel(contract, date(2026, 12, 31), date(2026, 12, 1)), BASE, date(2026, 12, 1)
    )
    assert [row.amount_krw for row in line] == [60_720]


def test_the_discount_is_placed_by_days_in_the_months_of_the_commitment() -> None:
    # Activated on the 16th: month 10 is 16 October to 15 November. Each calendar month's discount is 6,600.
    contract = begun("soho", 36, on=date(2026, 1, 16))
    found = leaving.if_left(contract, BASE, date(2026, 10, 31))
    assert found is not None
    # 16-28 February, eight whole months, and October by 15 of 31 days in month 9 and 16 in month 10.
    february = 19_800 * 13 // 28 - 13_200 * 13 // 28
    hundredths = 31 * 85 * (february + 7 * 6_600) + 6_600 * (15 * 85 + 16 * 80)
    assert found.won == hundredths // 3_100


def test_the_refund_of_a_raised_commitment_counts_all_months_by_the_bands_of_the_new_term() -> None:
    contract = changes.commit(begun("soho", 12), BASE, 36, date(2026, 7, 1))
    found = leaving.if_left(contract, BASE, date(2026, 12, 31))
    assert found is not None
    # Months 2–6 gave 2,200 each, 7–12 gave 6,600: months 1–9 at 85 %, 10–12 at 80 %.
    assert found.won == (85 * (5 * 2_200 + 3 * 6_600) + 80 * 3 * 6_600) // 100
