"""조정: notes instead of changes, and a second person above the limit."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from billing import adjustments
from billing.adjustments import AdjustmentRefused
from billing.models import Account, Adjustment, AdjustmentKind, Invoice
from shopmsg.accounts.enums import Product, Role
from shopmsg.accounts.models import AuditEntry, Shop, User
from tests.factories.accounts import ShopFactory, StaffFactory
from tests.factories.billing import billed, subscribed

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
OCT = date(2026, 10, 1)
CREDIT, CORRECTION = AdjustmentKind.CREDIT, AdjustmentKind.CORRECTION
pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Shop:
    made: Shop = ShopFactory()
    subscribed(made, OCT, product=Product.BASIC)
    return made


@pytest.fixture
def bill(shop: Shop) -> Invoice:
    return billed(shop, OCT)


@pytest.fixture
def admin() -> User:
    return StaffFactory(role=Role.ADMIN)


def ask(shop: Shop, by: User, amount: int, **more: Any) -> Adjustment:
    fields = {"kind": CREDIT, "reason": "발송이 하루 멈췄음", **more}
    return adjustments.request(shop, amount_krw=amount, by=by, address=None, now=NOW, **fields)


def refusal(verb: Any, *arguments: Any, **fields: Any) -> str:
    with pytest.raises(AdjustmentRefused) as refused:
        verb(*arguments, **fields)
    return refused.value.code


def balance(shop: Shop) -> int:
    return Account.objects.get(shop=shop).balance_krw


def test_a_small_credit_is_a_note_at_once_and_the_bill_stays_as_it_was(
    shop: Shop, bill: Invoice, admin: User
) -> None:
    made = ask(shop, admin, -3_000, original=bill)

    assert made.note is not None
    note = Invoice.objects.get(pk=made.note.pk)
    assert (note.kind, note.number, note.original) == ("note", f"N202611-{made.pk:06d}", bill)
    assert (note.total_krw, note.supply_krw, note.vat_krw) == (-3_000, -2_727, -273)
    entry = note.entries.get()
    assert entry.sentence == (
        f"2026년 10월 청구서({bill.number})를 바로잡아 3,000원을 돌려드려요. 발송이 하루 멈췄음"
    )
    assert (balance(shop), bill.entries.get().amount_krw) == (13_500, 16_500)
    assert AuditEntry.objects.filter(subject=f"adjustment:{made.pk}").count() == 2


def test_above_the_limit_another_admin_has_to_agree(shop: Shop, admin: User) -> None:
    made = ask(shop, admin, -50_001)
    agent, second = StaffFactory(), StaffFactory(role=Role.ADMIN)
    done: dict[str, Any] = {"address": None, "now": NOW}

    assert (made.state, balance(shop)) == ("requested", 0)
    assert refusal(adjustments.approve, made.pk, by=admin, **done) == "same_person"
    assert refusal(adjustments.approve, made.pk, by=agent, **done) == "not_admin"
    assert adjustments.approve(made.pk, by=second, **done).note is not None
    assert balance(shop) == -50_001
    assert refusal(adjustments.approve, made.pk, by=second, **done) == "decided"
    assert refusal(adjustments.reject, made.pk, "아님", by=second, **done) == "decided"


def test_a_rejected_one_moves_no_money_and_says_why(shop: Shop, admin: User) -> None:
    made = ask(shop, admin, 60_000, kind=CORRECTION)
    second = StaffFactory(role=Role.ADMIN)
    done: dict[str, Any] = {"by": second, "address": None, "now": NOW}

    assert refusal(adjustments.reject, made.pk, "  ", **done) == "reason"
    rejected = adjustments.reject(made.pk, "근거가 없음", **done)
    assert (rejected.state, rejected.decision_reason, balance(shop)) == ("rejected", "근거가 없음", 0)


def test_no_more_is_given_back_than_the_bill_was_for_whatever_is_still_asked_for(
    shop: Shop, bill: Invoice, admin: User
) -> None:
    ask(shop, admin, -10_000, original=bill)

    assert refusal(ask, shop, admin, -6_501, original=bill) == "too_much"
    ask(shop, admin, -6_500, original=bill)
    assert adjustments.left_to_credit(bill) == 0
    assert refusal(ask, shop, admin, -1, original=bill) == "too_much"


def test_nonsense_is_refused_with_its_reason(shop: Shop, bill: Invoice, admin: User) -> None:
    other = ShopFactory()
    subscribed(other, OCT)

    assert refusal(ask, shop, admin, 0) == "amount"
    assert refusal(ask, shop, admin, -10_000_001) == "amount"
    assert refusal(ask, shop, admin, -1.5) == "amount"
    assert refusal(ask, shop, admin, 1_000) == "direction"
    assert refusal(ask, shop, admin, -1_000, reason=" ") == "reason"
    assert refusal(ask, other, admin, -1_000, original=bill) == "other_shop"
    assert refusal(ask, ShopFactory(), admin, -1_000) == "no_account"
    assert Adjustment.objects.count() == 0


def test_two_admins_who_agree_at_once_post_it_once(transactional_db: None) -> None:
    shop = ShopFactory()
    subscribed(shop, OCT)
    made = ask(shop, StaffFactory(role=Role.ADMIN), -70_000)
    admins, together = [StaffFactory(role=Role.ADMIN) for _ in range(2)], Barrier(2)

    def approve(by: User) -> str:
        try:
            together.wait(10)
            adjustments.approve(made.pk, by=by, address=None, now=NOW)
        except AdjustmentRefused as refused:
            return refused.code
        finally:
            connection.close()
        return ""

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(approve, admins)) == ["", "decided"]
    assert balance(shop) == -70_000
