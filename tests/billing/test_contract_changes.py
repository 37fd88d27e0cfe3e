"""What may be changed in a contract, from which day it holds, and the sentence of every refusal (rules.md §3)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from types import MappingProxyType

import pytest

from billing import changes, leaving
from billing.catalogue import BASE, Price
from billing.changes import ContractRefused
from billing.contract import ONE_DAY, Contract
from billing.enums import Bundle
from billing.proration import lines_of_month
from shopmsg.accounts.enums import Product

START = date(2026, 1, 1)
MARCH = date(2026, 3, 1)


def soho(term: int = 0, bundle: str = "none", on: date = START) -> Contract:
    return changes.start(
        BASE,
        on,
        product="soho",
        term_months=term,
        bundle=bundle,
        pack_internet="internet",
        pack_parts=["tv"],
    )


def packed(contract: Contract, on: date) -> Contract:
    return changes.join_bundle(
        contract, BASE, "success_pack", on, pack_internet="internet", pack_parts=["phone"]
    )


def won(contract: Contract, month: date) -> list[int]:
    return [line.amount_krw for line in lines_of_month(contract, BASE, month)]


def cancelled() -> Contract:
    return changes.cancel(soho(36), date(2026, 3, 31), MARCH)


def paused() -> Contract:
    return changes.pause(soho(12), MARCH, date(2026, 3, 31))


REFUSALS: list[tuple[str, Callable[[], object], str]] = [
    ("lower", lambda: changes.commit(soho(24), BASE, 12, MARCH), "lower_commitment"),
    ("to none by raising", lambda: changes.commit(soho(24), BASE, 0, MARCH), "lower_commitment"),
    ("the same again", lambda: changes.commit(soho(24), BASE, 24, MARCH), "same"),
    ("13 months", lambda: changes.commit(soho(), BASE, 13, MARCH), "unknown_term"),
    (
        "a product without one",
        lambda: changes.commit(changes.start(BASE, START, product="basic"), BASE, 12, MARCH),
        "commitment_not_offered",
    ),
    ("pack with commitment", lambda: packed(soho(12), MARCH), "bundle_requires_no_commitment"),
    (
        "commitment with pack",
        lambda: changes.commit(soho(0, "success_pack"), BASE, 36, MARCH),
        "bundle_first",
    ),
    (
        "both packs",
        lambda: changes.join_bundle(soho(0, "success_pack"), BASE, "assistant_pack", MARCH),
        "bundle_first",
    ),
    (
        "pack without internet",
        lambda: changes.join_bundle(soho(), BASE, "success_pack", MARCH, pack_parts=["tv"]),
        "pack_incomplete",
    ),
    (
        "pack without a part",
        lambda: changes.join_bundle(soho(), BASE, "success_pack", MARCH, pack_internet="office_ip"),
        "pack_incomplete",
    ),
    (
        "start with a bare pack",
        lambda: changes.start(BASE, START, product="soho", bundle="success_pack"),
        "pack_incomplete",
    ),
    ("cancel twice", lambda: changes.cancel(cancelled(), date(2026, 4, 30), MARCH), "cancelled"),
    (
        "cancel then raise",
        lambda: changes.commit(changes.cancel(soho(12), MARCH, MARCH), BASE, 24, MARCH),
        "cancelled",
    ),
    ("cancel for yesterday", lambda: changes.cancel(soho(), MARCH - ONE_DAY, MARCH), "past"),
    ("take back what stands", lambda: changes.take_back_cancel(soho(), MARCH), "not_cancelled"),
    ("take back too late", lambda: changes.take_back_cancel(cancelled(), date(2026, 4, 1)), "over"),
    ("take back before it was booked", lambda: changes.take_back_cancel(cancelled(), START), "past"),
    ("change before the last change", lambda: changes.pause(paused(), START, MARCH), "past"),
    ("change while paused", lambda: changes.commit(paused(), BASE, 24, date(2026, 3, 31)), "paused"),
    ("91 days of pause", lambda: changes.pause(soho(), MARCH, date(2026, 5, 30)), "pause_length"),
    ("resume what runs", lambda: changes.resume(soho(), MARCH), "not_paused"),
    ("leave no commitment", lambda: changes.leave_commitment(soho(), MARCH), "no_commitment"),
    ("leave no bundle", lambda: changes.leave_bundle(soho(), MARCH), "none"),
    ("the same plan", lambda: changes.change_plan(soho(), BASE, "none", MARCH), "same"),
    ("an unknown plan", lambda: changes.change_plan(soho(), BASE, "gold", MARCH), "unknown_plan"),
    ("the same product", lambda: changes.change_product(soho(), BASE, "soho", MARCH), "same"),
]


@pytest.mark.parametrize(("asked", "code"), [row[1:] for row in REFUSALS], ids=[row[0] for row in REFUSALS])
def test_what_may_not_be_is_refused_with_a_sentence(asked: Callable[[], object], code: str) -> None:
    with pytest.raises(ContractRefused) as refusal:
        asked()
    assert refusal.value.code == code
    assert refusal.value.message.endswith("요.")


def test_raising_keeps_the_day_the_commitment_began() -> None:
    raised = changes.commit(changes.commit(soho(12), BASE, 24, date(2026, 6, 15)), BASE, 36, date(2027, 3, 1))
    held = raised.terms_on(date(2027, 3, 1)).commitment
    assert held is not None
    assert (held.anchor, held.term_months) == (START, 36)
    assert raised.commitment_over_on(held) == date(2029, 1, 1)
    assert won(raised, date(2026, 6, 1)) == [17_600 * 14 // 30, 15_400 * 16 // 30], (
        "the line is split on its day"
    )


def test_a_commitment_that_is_over_costs_nothing_to_leave_and_the_list_price_from_the_next_day() -> None:
    contract = soho(12, on=date(2026, 1, 15))
    assert won(contract, date(2027, 1, 1)) == [17_600 * 14 // 31, 19_800 * 17 // 31]
    assert leaving.refunds(changes.cancel(contract, date(2027, 1, 14), date(2027, 1, 1)), BASE) == ()
    (early,) = leaving.refunds(changes.cancel(contract, date(2027, 1, 13), date(2027, 1, 1)), BASE)
    assert early.won > 0


def test_a_pause_that_begins_when_the_commitment_is_over_does_not_bring_it_back() -> None:
    over = date(2027, 1, 1)
    resting = changes.pause(soho(12), over, date(2027, 1, 31))
    assert leaving.if_left(resting, BASE, date(2027, 1, 15)) is None
    assert leaving.refunds(changes.cancel(resting, date(2027, 1, 15), date(2027, 1, 15)), BASE) == ()
    sooner = changes.pause(soho(12), over - ONE_DAY, date(2027, 1, 31))
    (owed,) = leaving.refunds(changes.cancel(sooner, date(2027, 1, 15), date(2027, 1, 15)), BASE)
    assert owed.months == 12, "a day of it is still to be served"


def test_who_leaves_a_commitment_may_join_the_pack_the_same_day() -> None:
    contract = packed(changes.leave_commitment(soho(36), MARCH), MARCH)
    assert won(contract, MARCH) == [14_300]
    assert [refund.won for refund in leaving.refunds(contract, BASE)] == [6_600 * 85 // 100]


def test_who_commits_and_thinks_better_of_it_the_same_day_owes_no_refund_line() -> None:
    contract = changes.leave_commitment(changes.commit(soho(), BASE, 36, MARCH), MARCH)
    assert won(contract, MARCH) == [19_800]
    assert leaving.refund_lines(contract, BASE, MARCH) == ()


def test_a_commitment_whose_term_is_no_longer_sold_is_not_why_a_pack_is_refused() -> None:
    bundles = MappingProxyType({Bundle.SUCCESS_PACK: 5_500})
    fewer = Price(Product.SOHO, date(2026, 2, 1), 19_800, MappingProxyType({}), bundles, True)
    with pytest.raises(ContractRefused) as refusal:
        changes.join_bundle(
            soho(12),
            replace(BASE, prices=(*BASE.prices, fewer)),
            "success_pack",
            MARCH,
            pack_internet="internet",
            pack_parts=["tv"],
        )
    assert refusal.value.code == "bundle_requires_no_commitment"


def test_an_agreed_pause_stops_the_charge_and_the_clock_and_a_resumption_ends_it() -> None:
    contract = changes.resume(
        changes.pause(soho(12), date(2026, 3, 11), date(2026, 5, 31)), date(2026, 4, 11)
    )
    assert won(contract, MARCH) == [17_600 * 10 // 31, 0]
    assert won(contract, date(2026, 4, 1)) == [0, 17_600 * 20 // 30]
    held = contract.terms_on(MARCH).commitment
    assert held is not None
    assert contract.commitment_over_on(held) == date(2027, 2, 1), "31 days later"


def test_ninety_days_of_pause_in_one_go_are_allowed() -> None:
    assert changes.pause(soho(), MARCH, date(2026, 5, 29)).is_paused(date(2026, 5, 29))


def test_the_free_month_is_not_moved_by_a_pause_and_stays_whatever_is_changed() -> None:
    contract = changes.pause(soho(on=date(2026, 1, 31)), date(2026, 2, 3), date(2026, 2, 10))
    assert contract.free_until == date(2026, 2, 27), (
        "the day before the same day of the next month, which February lacks"
    )
    moved = changes.change_product(soho(36), BASE, "premium", date(2026, 1, 10))
    assert won(moved, START) == [0, 0]
    assert won(moved, date(2026, 2, 1)) == [25_300]


def test_a_cancellation_that_is_taken_back_leaves_no_trace_on_the_bill() -> None:
    back = changes.take_back_cancel(cancelled(), date(2026, 3, 31))
    assert back.last_day is None
    assert won(back, date(2026, 4, 1)) == [13_200]
    assert leaving.refunds(back, BASE) == ()
    assert changes.cancel(back, date(2026, 4, 1), date(2026, 4, 1)).last_day == date(2026, 4, 1)


def test_a_change_of_product_inside_a_commitment_follows_the_bands() -> None:
    contract = changes.change_product(soho(36), BASE, "basic", date(2027, 1, 1))
    (line,) = leaving.refund_lines(contract, BASE, date(2027, 1, 1))
    assert line.amount_krw == 60_720


def test_an_announced_price_begins_on_its_day_for_who_has_no_commitment_only() -> None:
    dearer = Price(
        Product.SOHO, date(2026, 3, 11), 22_000, MappingProxyType({36: 6_600}), MappingProxyType({}), False
    )
    catalogue = replace(BASE, prices=(*BASE.prices, dearer))
    free, bound = soho(), soho(36)
    assert [line.amount_krw for line in lines_of_month(free, catalogue, MARCH)] == [
        19_800 * 10 // 31,
        22_000 * 21 // 31,
    ]
    assert [line.amount_krw for line in lines_of_month(bound, catalogue, MARCH)] == [13_200]


def test_a_price_row_that_only_changes_what_newcomers_get_splits_no_line() -> None:
    was = BASE.price_of("soho", MARCH)
    catalogue = replace(
        BASE, prices=(*BASE.prices, replace(was, effective_from=date(2026, 3, 11), first_month_free=False))
    )
    assert [line.amount_krw for line in lines_of_month(soho(), catalogue, MARCH)] == [19_800]


def test_the_price_of_a_product_that_was_held_in_between_counts_too() -> None:
    contract = changes.change_product(soho(), BASE, "basic", date(2026, 3, 5))
    contract = changes.change_product(contract, BASE, "premium", date(2026, 3, 25))
    dearer = replace(BASE.price_of("basic", MARCH), effective_from=date(2026, 3, 15), list_krw=31_000)
    catalogue = replace(BASE, prices=(*BASE.prices, dearer))
    assert [line.amount_krw for line in lines_of_month(contract, catalogue, MARCH)] == [
        19_800 * 4 // 31,
        16_500 * 10 // 31,
        31_000 * 10 // 31,
        25_300 * 7 // 31,
    ]
