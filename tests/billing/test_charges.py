"""Charging cards: whatever happens on the way, the money moves once and the ledger knows of it (issue 5)."""

import threading
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection

from billing import card_keys, charge_desk, charge_rounds, charges, ledger
from billing.card_keys import OPEN
from billing.cards import NotFound
from billing.cards.connect import gateway
from billing.charge_desk import StillUnknown
from billing.charges import ChargeRefused
from billing.enums import EntryKind, PayMethod
from billing.models import Account, CardCharge, CardState, ChargeState, Invoice, LedgerEntry
from shopmsg.accounts.enums import ShopStatus
from shopmsg.accounts.models import Notice, Shop
from tests.billing.paying import (
    CARD_DAY,
    LATER,
    NOW,
    OWED,
    as_it_is,
    balance,
    moved,
    owing,
    owner_of,
    with_card,
)
from tests.factories.billing import billed, noon
from tests.services import Sandbox

pytestmark = pytest.mark.django_db


def prepared(shop: Shop, **more: Any) -> CardCharge:
    return charges.prepare(shop, None, NOW, by=more.pop("by", None), **more)


def by_transfer(shop: Shop, won: int) -> None:
    account = ledger.locked(shop.pk)
    ledger.pay(
        account, won, key=f"bank:{shop.pk}", method=PayMethod.TRANSFER, paid_on=NOW.date(), label="계좌 이체",
        sentence="", by=None, now=NOW,
    )  # fmt: skip


def failures() -> list[str]:
    return [notice.fields["reason"] for notice in Notice.objects.filter(kind="payment_failed")]


def now() -> Any:
    return NOW


def never() -> bool:
    return False


def test_a_charge_takes_all_that_is_owed_and_becomes_a_payment(sandbox: Sandbox) -> None:
    shop = owing()
    with_card(shop, sandbox)
    charge = prepared(shop)
    assert charges.submit(charge.pk, NOW)
    assert as_it_is(charge).state == ChargeState.PAID
    entry = LedgerEntry.objects.get(kind=EntryKind.PAYMENT)
    assert (charge.entry, entry.amount_krw, entry.method) == (entry, -OWED, PayMethod.CARD)
    assert (entry.key, balance(shop), moved(sandbox)) == (f"card:{charge.order_id}", 0, [OWED])
    assert charge.receipt_url.startswith(sandbox.url)
    assert not charges.submit(charge.pk, NOW)


def test_a_stopped_shop_sends_again_at_once_when_its_card_paid(sandbox: Sandbox) -> None:
    from billing import dunning

    shop = owing()
    with_card(shop, sandbox)
    late = noon(date(2026, 12, 20))
    dunning.take_due(late)
    shop.refresh_from_db()
    assert shop.status == ShopStatus.SUSPENDED
    charge = charges.prepare(shop, None, late, by=None)
    charges.submit(charge.pk, late)
    shop.refresh_from_db()
    assert shop.status == ShopStatus.ACTIVE


def test_a_card_without_money_is_declined_told_and_tried_another_day(sandbox: Sandbox) -> None:
    shop = owing()
    with_card(shop, sandbox, "limit")
    charge = prepared(shop)
    charges.submit(charge.pk, NOW)
    assert as_it_is(charge).state == ChargeState.DECLINED
    assert failures() == [charge.why]
    assert "한도" in charge.why
    assert card_keys.active(shop.pk) is not None
    assert (balance(shop), moved(sandbox)) == (OWED, [])


@pytest.mark.parametrize(("card", "word"), [("expired", "유효기간"), ("stopped", "정지")])
def test_a_dead_card_is_broken_and_a_new_one_is_asked_for(sandbox: Sandbox, card: str, word: str) -> None:
    shop = owing()
    dead = with_card(shop, sandbox, card)
    charges.submit(prepared(shop).pk, NOW)
    dead.refresh_from_db()
    assert (dead.state, word in dead.broken_for, word in failures()[0]) == (CardState.BROKEN, True, True)
    with pytest.raises(ChargeRefused) as raised:
        prepared(shop)
    assert raised.value.code == "no_card"
    with_card(shop, sandbox)
    charges.submit(prepared(shop).pk, NOW)
    assert balance(shop) == 0


def test_who_pressed_it_and_sees_the_answer_gets_no_text_besides(sandbox: Sandbox) -> None:
    shop = owing()
    with_card(shop, sandbox, "limit")
    charges.submit(prepared(shop, by=owner_of(shop)).pk, NOW)
    assert failures() == []


@pytest.mark.parametrize(
    "kind", ["timeout_after_accept", "reset_after_accept", "status_after_accept", "non_json_after_accept", "truncated"]
)  # fmt: skip
def test_money_that_moved_without_an_answer_is_found_and_moves_once(sandbox: Sandbox, kind: str) -> None:
    shop = owing()
    with_card(shop, sandbox)
    sandbox.arm(on="card_charge", kind=kind, seconds=0.2)
    charge = prepared(shop)
    charges.submit(charge.pk, NOW)
    assert as_it_is(charge).state == ChargeState.UNCERTAIN
    with pytest.raises(ChargeRefused) as raised:
        prepared(shop)
    assert raised.value.code == "under_way"
    assert charges.look_up(charge.pk, NOW + LATER)
    assert as_it_is(charge).state == ChargeState.PAID
    assert (moved(sandbox), balance(shop), failures()) == ([OWED], 0, [])


@pytest.mark.parametrize("kind", ["timeout", "reset_before", "status", "non_json"])
def test_a_charge_that_never_arrived_is_asked_for_again_under_the_same_order(
    sandbox: Sandbox, kind: str
) -> None:
    shop = owing()
    with_card(shop, sandbox)
    sandbox.arm(on="card_charge", kind=kind, seconds=0.2)
    charge = prepared(shop)
    charges.submit(charge.pk, NOW)
    before = as_it_is(charge).idempotency_key
    charges.look_up(charge.pk, NOW + LATER)
    assert (as_it_is(charge).state, charge.idempotency_key) == (ChargeState.PAID, before)
    assert (moved(sandbox), LedgerEntry.objects.filter(kind=EntryKind.PAYMENT).count()) == ([OWED], 1)


def test_a_decline_that_got_lost_is_found_and_then_told(sandbox: Sandbox) -> None:
    shop = owing()
    with_card(shop, sandbox, "limit")
    sandbox.arm(on="card_charge", kind="reset_after_accept")
    charge = prepared(shop, by=owner_of(shop))
    charges.submit(charge.pk, NOW)
    charges.look_up(charge.pk, NOW + LATER)
    assert as_it_is(charge).state == ChargeState.DECLINED
    assert len(failures()) == 1


def test_a_trouble_of_the_card_company_that_would_be_repeated_to_us_gets_a_new_key_not_a_new_order(
    sandbox: Sandbox,
) -> None:
    shop = owing()
    card = with_card(shop, sandbox)
    sandbox.cards(customer_key=card.customer_key, does="PROVIDER_ERROR", keeps_declined=False)
    charge = prepared(shop)
    charges.submit(charge.pk, NOW)
    assert as_it_is(charge).state == ChargeState.UNCERTAIN
    sandbox.cards(customer_key=card.customer_key, does=None)
    charges.look_up(charge.pk, NOW + LATER)
    assert as_it_is(charge).state == ChargeState.PAID
    assert (moved(sandbox), CardCharge.objects.count()) == ([OWED], 1)


def test_the_company_away_for_an_hour_is_asked_ever_more_seldom(sandbox: Sandbox) -> None:
    shop = owing()
    with_card(shop, sandbox)
    sandbox.arm(on="card_charge", kind="status", count=None)
    sandbox.arm(on="card_lookup", kind="status", count=None)
    charge = prepared(shop)
    charges.submit(charge.pk, NOW)
    waits, moment = [], NOW
    for _ in range(8):
        next_at = as_it_is(charge).next_at
        assert next_at is not None
        waits.append(next_at - moment)
        moment = next_at
        charges.look_up(charge.pk, moment)
    assert waits[0] == charges.SOONEST
    assert waits == sorted(waits)
    assert list(charge_rounds.for_a_person(NOW + 2 * charge_rounds.LOOKED_AT_AFTER)) == [charge]
    sandbox.disarm()
    charges.look_up(charge.pk, moment + timedelta(hours=2))
    assert (as_it_is(charge).state, moved(sandbox)) == (ChargeState.PAID, [OWED])


def test_a_worker_killed_between_its_commit_and_its_call_is_made_up_for(sandbox: Sandbox) -> None:
    shop = owing()
    with_card(shop, sandbox)
    charge = prepared(shop)
    CardCharge.objects.update(
        state=ChargeState.SUBMITTING, submitted_at=NOW, next_at=NOW + charges.LEASE, tries=1
    )
    assert not charges.look_up(charge.pk, NOW + LATER / 10)
    assert charge_rounds.look_up_due(lambda: NOW + LATER, never) == 1
    assert (as_it_is(charge).state, moved(sandbox)) == (ChargeState.PAID, [OWED])


def test_an_answer_that_comes_twice_is_counted_once(sandbox: Sandbox) -> None:
    shop = owing()
    with_card(shop, sandbox)
    charge = prepared(shop)
    charges.submit(charge.pk, NOW)
    found = gateway().lookup(charge.order_id, OWED)
    assert not isinstance(found, NotFound)
    for _ in range(3):
        charges.settle(charge.pk, found, NOW)
    assert LedgerEntry.objects.filter(kind=EntryKind.PAYMENT).count() == 1


def test_what_was_paid_by_transfer_before_the_call_is_not_charged(sandbox: Sandbox) -> None:
    shop = owing()
    with_card(shop, sandbox)
    charge = prepared(shop)
    by_transfer(shop, OWED)
    assert not charges.submit(charge.pk, NOW)
    assert (as_it_is(charge).state, charge.why) == (ChargeState.ABANDONED, charges.PAID_OTHERWISE)
    assert moved(sandbox) == []


def test_the_amount_is_what_is_owed_at_the_moment_of_asking(sandbox: Sandbox) -> None:
    shop = owing()
    with_card(shop, sandbox)
    charge = prepared(shop)
    by_transfer(shop, 5_000)
    charges.submit(charge.pk, NOW)
    assert (as_it_is(charge).amount_krw, moved(sandbox), balance(shop)) == (OWED - 5_000, [OWED - 5_000], 0)


def test_an_owner_is_never_charged_more_than_they_were_shown(sandbox: Sandbox) -> None:
    shop = owing()
    with_card(shop, sandbox)
    with pytest.raises(ChargeRefused) as raised:
        prepared(shop, by=owner_of(shop), agreed_krw=OWED - 1)
    assert raised.value.code == "moved"
    charge = prepared(shop, by=owner_of(shop), agreed_krw=OWED)
    billed(shop, date(2026, 11, 1))
    charges.submit(charge.pk, NOW)
    assert moved(sandbox) == [OWED]


def test_money_that_came_twice_stays_to_the_shops_credit(sandbox: Sandbox) -> None:
    shop = owing()
    with_card(shop, sandbox)
    sandbox.arm(on="card_charge", kind="reset_after_accept")
    charge = prepared(shop)
    charges.submit(charge.pk, NOW)
    by_transfer(shop, OWED)
    charges.look_up(charge.pk, NOW + LATER)
    assert (as_it_is(charge).state, balance(shop)) == (ChargeState.PAID, -OWED)


def test_an_unknown_charge_is_not_asked_for_again_once_the_shop_paid_otherwise(sandbox: Sandbox) -> None:
    shop = owing()
    with_card(shop, sandbox)
    sandbox.arm(on="card_charge", kind="reset_before")
    charge = prepared(shop)
    charges.submit(charge.pk, NOW)
    by_transfer(shop, OWED)
    charges.look_up(charge.pk, NOW + LATER)
    assert as_it_is(charge).state == ChargeState.UNCERTAIN
    charges.look_up(charge.pk, NOW + charges.SURELY_NOT)
    assert (as_it_is(charge).state, moved(sandbox), balance(shop)) == (ChargeState.ABANDONED, [], 0)


def test_our_own_refused_key_stops_everything_blames_no_card_and_goes_on_by_itself(
    sandbox: Sandbox, settings: Any
) -> None:
    shops = [owing() for _ in range(3)]
    for shop in shops:
        with_card(shop, sandbox)
        prepared(shop)
    right = dict(settings.CARDS)
    settings.CARDS = {**right, "secret_key": "test_sk_wrong"}
    assert charge_rounds.submit_due(now, never) == 1
    assert charge_rounds.stopped() is not None
    assert charge_rounds.submit_due(now, never) == 0
    assert CardCharge.objects.filter(state=ChargeState.PREPARED).count() == 3
    assert (failures(), [card_keys.active(shop.pk) is not None for shop in shops]) == ([], [True] * 3)
    soon = NOW + charges.OURS_AGAIN
    assert charge_rounds.submit_due(lambda: soon, never) == 1
    settings.CARDS = right
    soon += charges.OURS_AGAIN
    assert charge_rounds.submit_due(lambda: soon, never) == 3
    assert (charge_rounds.stopped(), moved(sandbox)) == (None, [OWED] * 3)


def test_cards_are_charged_on_their_day_once_however_often_it_is_looked_at(sandbox: Sandbox) -> None:
    shop = owing()
    with_card(shop, sandbox, "limit", now=noon(date(2026, 11, 3)))
    assert charge_rounds.charge_due(noon(date(2026, 11, 4))) == 0
    tried = []
    for day in range(3, 31):
        at = noon(date(2026, 11, day))
        made = charge_rounds.charge_due(at)
        assert charge_rounds.charge_due(at) == 0
        if made:
            tried.append(day)
            charge_rounds.submit_due(lambda at=at: at, never)  # type: ignore[misc]
    assert tried == [5, 21, 23, 27]
    assert len(failures()) == 4


def test_a_card_day_that_was_missed_is_made_up_for_and_other_ways_of_paying_are_left_alone(
    sandbox: Sandbox,
) -> None:
    shop, other = owing(), owing()
    with_card(shop, sandbox)
    with_card(other, sandbox)
    Account.objects.filter(shop=other).update(method=PayMethod.TRANSFER)
    assert charge_rounds.charge_due(CARD_DAY + timedelta(days=4)) == 1
    assert CardCharge.objects.get().shop == shop
    assert Invoice.objects.get(charges__shop=shop).month == date(2026, 10, 1)


def test_amounts_too_small_for_a_card_wait_for_the_next_bill(sandbox: Sandbox) -> None:
    shop = owing()
    with_card(shop, sandbox)
    by_transfer(shop, OWED - 99)
    with pytest.raises(ChargeRefused) as raised:
        prepared(shop)
    assert raised.value.code == "too_little"
    assert charge_rounds.charge_due(NOW) == 0


def test_money_given_back_before_we_knew_of_it_stands_in_the_ledger_both_ways(sandbox: Sandbox) -> None:
    from billing import card_hints

    shop = owing()
    with_card(shop, sandbox)
    sandbox.arm(on="card_charge", kind="reset_after_accept")
    charge = prepared(shop)
    charges.submit(charge.pk, NOW)
    paid = sandbox.card_payments()[0]["payment_key"]
    gateway().cancel(paid, 3_200, "상점관리자에서 취소", "by-hand")
    charges.look_up(charge.pk, NOW + LATER)
    assert as_it_is(charge).state == ChargeState.PAID
    assert card_hints.follow(NOW + LATER) == 1
    assert balance(shop) == 3_200


def test_a_person_closes_an_unknown_charge_only_when_the_company_knows_nothing_of_it(
    sandbox: Sandbox,
) -> None:
    shop = owing()
    owner = owner_of(shop)
    card = with_card(shop, sandbox)
    sandbox.cards(customer_key=card.customer_key, does="DUPLICATED_ORDER_ID", keeps_declined=False)
    charge = prepared(shop)
    charges.submit(charge.pk, NOW)
    with pytest.raises(StillUnknown) as raised:
        charge_desk.close_unpaid(charge.pk, reason="없음", by=owner, address=None, now=NOW + LATER)
    assert raised.value.code == "too_soon"
    later = NOW + charge_rounds.LOOKED_AT_AFTER
    charge_desk.close_unpaid(charge.pk, reason="상점관리자에 없음", by=owner, address=None, now=later)
    assert as_it_is(charge).state == ChargeState.ABANDONED
    sandbox.cards(customer_key=card.customer_key, does=None)
    charges.submit(prepared(shop).pk, NOW)
    assert moved(sandbox) == [OWED]


@pytest.mark.django_db(transaction=True)
def test_workers_at_the_same_time_share_the_work_and_each_shop_pays_once(sandbox: Sandbox) -> None:
    shops = [owing() for _ in range(6)]
    for shop in shops:
        with_card(shop, sandbox)
    go = threading.Barrier(3)
    done: list[int] = []

    def work() -> None:
        go.wait()
        charge_rounds.charge_due(NOW)
        done.append(charge_rounds.submit_due(now, never))
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
    assert (sum(done), moved(sandbox)) == (6, [OWED] * 6)
    assert [balance(shop) for shop in shops] == [0] * 6
    assert not CardCharge.objects.filter(state__in=OPEN).exists()
