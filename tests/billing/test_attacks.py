"""What somebody who wants to break the bills would try: odd moments, odd orders, two at once."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, transaction

from billing import (
    adjustments,
    changes,
    charge_rounds,
    charges,
    dunning,
    history,
    ledger,
    phone_bill,
    plan_change,
    refunds,
    subscriptions,
    tax,
    usage,
)
from billing.changes import ContractRefused
from billing.enums import ChangeKind, PayMethod, UsageKind
from billing.models import (
    Account,
    AdjustmentKind,
    AgreedFee,
    CardCharge,
    Invoice,
    LedgerEntry,
    Subscription,
    TaxInvoice,
    TaxReason,
)
from billing.plan_change import Wanted
from billing.shop_state import PAUSED, UNPAID
from billing.tax import TaxRefused
from billing.usage import Reported
from shopmsg.accounts.enums import Product, Role, ShopStatus
from shopmsg.accounts.models import Shop
from tests.billing.paying import CARD_DAY, OWED, owing, with_card
from tests.factories.accounts import ShopFactory, StaffFactory, UserFactory
from tests.factories.billing import billed, noon, subscribed
from tests.services import Sandbox

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
SEP, OCT, NOV = date(2026, 9, 1), date(2026, 10, 1), date(2026, 11, 1)


@pytest.fixture
def shop() -> Shop:
    made: Shop = ShopFactory(owner=UserFactory())
    return made


def change(shop: Shop, step: Any, now: datetime) -> None:
    subscriptions.change(shop, step, by=None, address=None, now=now)


def close(shop: Shop, now: datetime) -> Subscription | None:
    return subscriptions.end(shop, reason="가게를 정리하심", by=None, address=None, now=now)


def take_back(shop: Shop, now: datetime) -> Subscription:
    return subscriptions.take_back_end(shop, by=None, address=None, now=now)


def account(shop: Shop) -> Account:
    return Account.objects.get(shop=shop)


def pay(shop: Shop, won: int, now: datetime) -> None:
    with transaction.atomic():
        locked = ledger.locked(shop.pk)
        ledger.pay(
            locked,
            won,
            key=f"test:{shop.pk}:{now}",
            method=PayMethod.TRANSFER,
            paid_on=now.date(),
            label="납부",
            sentence="납부하셨어요.",
            by=None,
            now=now,
        )
        dunning.after_payment(locked, now)


def test_an_end_taken_back_leaves_the_cancellation_that_its_owner_had_booked(shop: Shop) -> None:
    begun = subscribed(shop, SEP, term_months=36)
    change(shop, lambda held, on: changes.cancel(held, date(2026, 11, 30), on), noon(date(2026, 11, 3)))

    close(shop, noon(date(2026, 11, 10)))
    back = take_back(shop, noon(date(2026, 11, 10)))

    assert (back.last_day, history.contract_of(begun).last_day) == (date(2026, 11, 30),) * 2
    assert subscriptions.end_due(noon(date(2026, 12, 1))) == 1
    assert billed(shop, NOV).entries.filter(kind="refund").exists()


def test_an_end_on_the_very_day_its_owner_had_booked_is_booked_again_when_taken_back(shop: Shop) -> None:
    subscribed(shop, SEP)
    change(shop, lambda held, on: changes.cancel(held, date(2026, 11, 10), on), noon(date(2026, 11, 3)))

    close(shop, noon(date(2026, 11, 10)))

    assert take_back(shop, noon(date(2026, 11, 10))).last_day == date(2026, 11, 10)


def test_who_paid_while_closed_sends_again_when_the_end_is_taken_back(shop: Shop) -> None:
    subscribed(shop, SEP)
    billed(shop, OCT)
    late = noon(date(2026, 12, 20))
    dunning.take_due(late)
    shop.refresh_from_db()
    assert (shop.status, shop.status_reason) == (ShopStatus.SUSPENDED, UNPAID)

    close(shop, late)
    pay(shop, account(shop).balance_krw, late)
    take_back(shop, late)

    assert (shop.status, shop.status_reason) == (ShopStatus.ACTIVE, "")


def test_what_the_gateway_stopped_is_still_stopped_when_the_end_is_taken_back(shop: Shop) -> None:
    subscribed(shop, SEP)
    Shop.objects.filter(pk=shop.pk).update(status=ShopStatus.SUSPENDED, status_reason="발신번호 문제")
    shop.refresh_from_db()

    close(shop, noon(NOV))
    take_back(shop, noon(NOV))

    assert (shop.status, shop.status_reason) == (ShopStatus.SUSPENDED, "발신번호 문제")


def test_a_shop_closed_after_its_booked_last_day_left_on_that_day(shop: Shop) -> None:
    begun = subscribed(shop, SEP)
    change(shop, lambda held, on: changes.cancel(held, date(2026, 11, 30), on), noon(date(2026, 11, 3)))

    close(shop, datetime(2026, 11, 30, 15, 0, 5, tzinfo=UTC))  # five seconds into December in Korea

    begun.refresh_from_db()
    assert (begun.state, begun.ended_on) == ("ended", date(2026, 11, 30))
    assert shop.status == ShopStatus.CLOSED
    with pytest.raises(ContractRefused):
        take_back(shop, datetime(2026, 11, 30, 15, 0, 6, tzinfo=UTC))


def test_a_contract_begun_after_a_booked_end_that_nobody_wrote_down_yet_is_a_new_one(shop: Shop) -> None:
    before = subscribed(shop, SEP)
    change(shop, lambda held, on: changes.cancel(held, date(2026, 11, 30), on), noon(date(2026, 11, 3)))

    again = subscribed(shop, date(2026, 12, 1))

    before.refresh_from_db()
    assert again != before
    assert (before.state, before.ended_on, again.state) == ("ended", date(2026, 11, 30), "running")
    assert subscriptions.end_due(noon(date(2026, 12, 2))) == 0
    shop.refresh_from_db()
    assert shop.status == ShopStatus.ACTIVE


def test_a_pause_that_was_over_while_nothing_ran_for_a_week_is_over_at_once(shop: Shop) -> None:
    subscribed(shop, SEP)
    change(shop, lambda held, on: changes.pause(held, on, date(2026, 11, 12)), noon(date(2026, 11, 3)))
    shop.refresh_from_db()
    assert (shop.status, shop.status_reason) == (ShopStatus.SUSPENDED, PAUSED)
    assert subscriptions.refresh_states(noon(date(2026, 11, 12))) == 0

    assert subscriptions.refresh_states(noon(date(2026, 11, 20))) == 1

    shop.refresh_from_db()
    assert shop.status == ShopStatus.ACTIVE


def test_looking_after_pauses_costs_the_same_however_many_pause(django_assert_num_queries: Any) -> None:
    for _ in range(3):
        paused = ShopFactory()
        subscribed(paused, SEP)
        change(paused, lambda held, on: changes.pause(held, on, date(2026, 11, 12)), noon(date(2026, 11, 3)))

    with django_assert_num_queries(3):
        assert subscriptions.refresh_states(noon(date(2026, 11, 4))) == 0


def test_a_credit_of_all_of_a_bill_takes_back_its_supply_value_and_its_vat_to_the_won(shop: Shop) -> None:
    admin = StaffFactory(role=Role.ADMIN)
    subscribed(shop, OCT, product=Product.BASIC)
    for kind in (UsageKind.ALIMTALK, UsageKind.BRAND_TEXT, UsageKind.BRAND_IMAGE):
        AgreedFee.objects.create(
            merchant=shop.merchant, kind=kind, effective_from=OCT, won=5, created_at=noon(OCT)
        )
        usage.report([Reported(shop.pk, f"{kind}:1", kind, OCT, 1)], noon(OCT))
    bill = billed(shop, OCT)
    now = noon(date(2026, 11, 10))
    part: dict[str, Any] = {"kind": AdjustmentKind.CREDIT, "original": bill, "by": admin}
    part |= {"address": None, "now": now}

    adjustments.request(shop, amount_krw=-1_000, reason="하루 멈췄음", **part)
    adjustments.request(shop, amount_krw=1_000 - bill.total_krw, reason="모두 돌려드림", **part)

    notes = Invoice.objects.filter(original=bill)
    assert sum(note.supply_krw for note in notes) == -bill.supply_krw
    assert sum(note.vat_krw for note in notes) == -bill.vat_krw
    entries = LedgerEntry.objects.filter(invoice__in=notes)
    assert sum(entry.vat_krw for entry in entries) == -bill.vat_krw


def test_a_correction_does_not_put_off_the_card_day_of_the_bill_before_it(shop: Shop) -> None:
    admin = StaffFactory(role=Role.ADMIN)
    subscribed(shop, SEP)
    billed(shop, OCT)
    Account.objects.filter(shop=shop).update(method=PayMethod.CARD)
    adjustments.request(
        shop,
        kind=AdjustmentKind.CORRECTION,
        amount_krw=500,
        reason="덜 청구했음",
        by=admin,
        address=None,
        now=noon(date(2026, 11, 3)),
    )

    assert charge_rounds.planned_day(account(shop), noon(date(2026, 11, 3))) == date(2026, 11, 5)


def test_what_a_person_gave_back_to_a_card_is_not_taken_from_it_again_by_itself(sandbox: Sandbox) -> None:
    paid = owing()
    with_card(paid, sandbox)
    charge = charges.prepare(paid, None, CARD_DAY, by=None)
    charges.submit(charge.pk, CARD_DAY)
    later = noon(date(2026, 11, 25))
    admin = StaffFactory(role=Role.ADMIN)
    refunds.refund(charge.pk, OWED - 100, "착오로 결제됨", by=admin, address=None, now=later)
    refunds.go_on_due(later)
    assert account(paid).balance_krw == OWED - 100

    for days in (1, 2, 3):
        assert charge_rounds.charge_due(later + days * DAY) == 0
    billed(paid, NOV)
    refunds.refund(charge.pk, 100, "나머지", by=admin, address=None, now=noon(date(2026, 12, 3)))
    refunds.go_on_due(noon(date(2026, 12, 3)))
    assert charge_rounds.planned_day(account(paid), noon(date(2026, 12, 3))) == date(2026, 12, 5)
    assert charge_rounds.charge_due(noon(date(2026, 12, 5))) == 1, "with the next bill, on its day"


def test_a_balance_that_no_card_can_be_asked_for_keeps_no_other_shop_from_being_charged(
    sandbox: Sandbox,
) -> None:
    absurd, other = owing(), owing()
    for each in (absurd, other):
        with_card(each, sandbox)
    Account.objects.filter(shop=absurd).update(balance_krw=3_000_000_000)

    assert charge_rounds.charge_due(CARD_DAY) == 1

    assert CardCharge.objects.get().shop == other


def test_nobody_is_dunned_for_what_the_carrier_is_collecting(shop: Shop) -> None:
    admin = StaffFactory(role=Role.ADMIN)
    subscribed(shop, SEP)
    billed(shop, OCT)
    Account.objects.filter(shop=shop).update(method=PayMethod.PHONE_BILL, phone_bill_line="0255501234")
    phone_bill.make(OCT, by=admin, address=None, now=noon(date(2026, 11, 6)))

    assert dunning.take_due(noon(date(2026, 12, 4))) == 0
    assert dunning.take_due(noon(date(2026, 12, 28))) == 0

    shop.refresh_from_db()
    assert shop.status == ShopStatus.ACTIVE
    assert dunning.take_due(noon(date(2027, 1, 10))) == 1, "two months without an answer are no payment"


@pytest.mark.django_db(transaction=True)
def test_an_owner_and_an_agent_who_confirm_at_once_change_it_once() -> None:
    shop = ShopFactory(owner=UserFactory())
    begun = subscribed(shop, SEP, term_months=12)
    now = noon(date(2026, 11, 10))
    wanted = Wanted(ChangeKind.COMMITTED, term_months=36)
    seal = plan_change.preview(shop, wanted, now).seal
    together = Barrier(2)

    def work(_: int) -> str:
        try:
            together.wait(10)
            plan_change.confirm(
                Shop.objects.get(pk=shop.pk), wanted, seal=seal, by=None, address=None, now=now
            )
            return "done"
        except ContractRefused as refused:
            return refused.code
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(work, range(2))) == ["done", "same"]
    assert begun.changes.count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_admins_who_list_the_same_tax_corrections_at_once_make_one_list() -> None:
    shop, admin = ShopFactory(), StaffFactory(role=Role.ADMIN)
    subscribed(shop, SEP)
    bill, now = billed(shop, OCT), noon(date(2026, 11, 12))
    said = {"invoice": bill, "written_on": date(2026, 10, 31), "supply_krw": 18_000, "vat_krw": 1_800}
    original = TaxInvoice.objects.create(
        **said, exported_at=now, file="2026-10-001", approval_number="1" * 24
    )
    waiting = TaxInvoice.objects.create(**said, reason=TaxReason.TWICE, corrects=original)

    def work(_: int) -> str:
        try:
            return tax.export_corrections(by=admin, address=None, now=now)
        except TaxRefused as refused:
            return refused.code
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        with transaction.atomic():
            TaxInvoice.objects.select_for_update().get(pk=waiting.pk)
            both = [pool.submit(work, each) for each in range(2)]
            time.sleep(1.5)  # both have read what waits, or wait for their turn
        made = sorted(each.result() for each in both)

    assert made == ["fix-2026-11-12-01", "no_number"]
