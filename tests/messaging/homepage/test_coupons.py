"""Coupons: once a phone, used once, and each "no" says why."""

import threading
import time
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, connections, transaction

from messaging import daily_numbers
from messaging.enums import MessageKind
from messaging.homepage import counter, coupons
from messaging.homepage.coupons import CouponRefused, Ticket
from messaging.models import CouponCode, ShopNumbers
from shopmsg.accounts import audit
from shopmsg.accounts.models import AuditEntry, Shop, User
from tests.factories.accounts import MembershipFactory, ShopFactory, UserFactory
from tests.factories.messaging import message_of, promo_version, sent_call

pytestmark = pytest.mark.django_db

#: Sunday, 15:05 KST.
NOW = datetime(2026, 11, 22, 6, 5, tzinfo=UTC)
TODAY = date(2026, 11, 22)
PHONE = b"p" * 16
OTHER_PHONE = b"q" * 16


def with_coupon(shop: Shop | None = None, **fields: Any) -> Shop:
    shop = shop or ShopFactory()
    shop.promos.filter(live=True).update(live=False)
    values = {
        "kind": "coupon",
        "live": True,
        "details": {"benefit": "콜라 한 병"},
        "ends_on": date(2026, 11, 30),
    }
    promo_version(shop, **{**values, **fields})
    return shop


def taken(shop: Shop, holder: bytes = PHONE, now: datetime = NOW, **more: Any) -> Ticket:
    return coupons.issue(shop, holder, now=now, **more)


def refused(shop: Shop, code: str, by: User, now: datetime = NOW) -> CouponRefused:
    with pytest.raises(CouponRefused) as refusal:
        counter.redeem(shop, code, by=by, now=now)
    return refusal.value


def used_today(shop: Shop) -> int:
    return ShopNumbers.objects.get(shop_id=shop.pk, day=TODAY).redeemed


def test_a_phone_gets_one_code_and_another_phone_another() -> None:
    shop = with_coupon()
    first = taken(shop)
    assert taken(shop) == first
    assert taken(shop, OTHER_PHONE).code != first.code
    assert len(first.code) == 6


def test_a_coupon_stays_the_same_over_edits_of_anything_but_benefit_and_period() -> None:
    shop = with_coupon(headline="가을 쿠폰", details={"benefit": "콜라 한 병"})
    first = taken(shop)
    with_coupon(shop, headline="늦가을 쿠폰", details={"benefit": "콜라  한 병 ", "how": "보여 주세요"})
    assert taken(shop).code == first.code
    with_coupon(shop, details={"benefit": "사이다 한 병"})
    assert taken(shop).code != first.code
    with_coupon(shop, details={"benefit": "콜라 한 병"}, ends_on=date(2026, 12, 31))
    assert taken(shop).code != first.code


def test_what_was_promised_holds_when_the_promo_changes() -> None:
    shop = with_coupon()
    ticket = taken(shop)
    promo_version(shop, standing=True)
    shop.promos.filter(live=True).update(live=False)
    assert coupons.current_coupon(shop, TODAY) is None
    assert [held.code for held in coupons.tickets(shop, [PHONE], TODAY)] == [ticket.code]
    assert counter.redeem(shop, ticket.code, by=UserFactory(), now=NOW).used_at == NOW


def test_a_phone_known_by_two_names_is_one_phone() -> None:
    shop = with_coupon()
    by_cookie = taken(shop, PHONE)
    assert taken(shop, OTHER_PHONE, known_as=[PHONE]).code == by_cookie.code


def test_without_a_coupon_today_nothing_is_given() -> None:
    shop = with_coupon(ends_on=date(2026, 11, 21))
    with pytest.raises(CouponRefused) as refusal:
        taken(shop)
    assert refusal.value.code == "no_coupon"


def test_one_address_does_not_take_them_all_but_a_message_is_a_phone_of_its_own() -> None:
    shop = with_coupon()
    for number in range(60):
        taken(shop, bytes([number]) * 16, address="203.0.113.7")
    with pytest.raises(CouponRefused) as refusal:
        taken(shop, PHONE, address="203.0.113.7")
    assert refusal.value.code == "too_many"
    message = message_of(sent_call(shop))
    assert taken(shop, PHONE, address="203.0.113.7", message=message).message_id == message.pk


def test_codes_are_easy_to_read_out() -> None:
    shop = with_coupon()
    codes = [taken(shop, bytes([number]) * 16).code for number in range(50)]
    assert all(code.isdecimal() and code[0] != "0" for code in codes)
    assert not [code for code in codes for digit in "0123456789" if digit * 3 in code]


def test_the_counter_takes_a_coupon_once_and_says_when_it_was() -> None:
    shop, staff = with_coupon(), UserFactory()
    ticket = taken(shop)
    assert counter.redeem(shop, f" {ticket.spaced} ", by=staff, now=NOW).used_at == NOW
    assert used_today(shop) == 1
    refusal = refused(shop, ticket.code, staff, NOW + timedelta(minutes=1))
    assert (refusal.code, refusal.message) == ("used", "이미 쓴 쿠폰이에요. 오늘 오후 3:05에 썼어요.")
    tomorrow = refused(shop, ticket.code, staff, NOW + timedelta(days=1))
    assert "11월 22일(일) 오후 3:05" in tomorrow.message
    assert used_today(shop) == 1


def test_full_width_digits_and_hyphens_are_the_same_code() -> None:
    shop = with_coupon()
    code = taken(shop).code
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in code)
    assert counter.find(shop, f"{wide[:3]}-{wide[3:]}", by=UserFactory()).code == code


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "12345a", "٤٨٢٩١٧", "' OR 1", "0" * 500])
def test_what_is_no_code_is_said_to_be_none(typed: str) -> None:
    assert refused(with_coupon(), typed, UserFactory()).code == "malformed"


def test_a_code_nobody_has_is_unknown() -> None:
    assert refused(with_coupon(), "100000", UserFactory()).code == "unknown"


def test_a_coupon_whose_period_is_over_is_refused_with_its_last_day() -> None:
    shop = with_coupon()
    ticket = taken(shop)
    refusal = refused(shop, ticket.code, UserFactory(), datetime(2026, 11, 30, 15, 0, tzinfo=UTC))
    assert (refusal.code, refusal.message) == (
        "over",
        "기간이 끝난 쿠폰이에요. 11월 30일(월)까지 쓸 수 있었어요.",
    )
    late = datetime(2026, 11, 30, 14, 59, tzinfo=UTC)
    assert counter.redeem(shop, ticket.code, by=UserFactory(), now=late).used_at == late


def test_another_shops_code_is_named_only_to_who_belongs_there_too() -> None:
    here, there = with_coupon(), with_coupon(ShopFactory(name="행복치킨 망원점"))
    code = taken(there).code
    both, stranger = UserFactory(), UserFactory()
    for shop in (here, there):
        MembershipFactory(shop=shop, user=both)
    MembershipFactory(shop=here, user=stranger)
    assert refused(here, code, both).message.startswith("행복치킨 망원점에서 준 쿠폰이에요")
    assert refused(here, code, stranger).code == "unknown"


def test_a_use_can_be_taken_back_for_ten_minutes_and_is_written_down() -> None:
    shop, staff = with_coupon(), UserFactory()
    code = taken(shop).code
    counter.redeem(shop, code, by=staff, now=NOW)
    undone = counter.undo(shop, code, by=staff, now=NOW + timedelta(minutes=10), address=None)
    assert undone.used_at is None
    assert used_today(shop) == 0
    assert AuditEntry.objects.get(action="coupon.undone").subject == f"coupon:{undone.id}"

    counter.redeem(shop, code, by=staff, now=NOW)
    with pytest.raises(CouponRefused):
        counter.undo(shop, code, by=staff, now=NOW + timedelta(minutes=10, seconds=1), address=None)
    assert used_today(shop) == 1


def test_the_shops_own_people_trying_it_out_are_not_counted() -> None:
    shop, owner = with_coupon(), UserFactory()
    test = message_of(sent_call(shop, kind=MessageKind.TEST))
    code = taken(shop, message=test).code
    counter.redeem(shop, code, by=owner, now=NOW)
    counter.undo(shop, code, by=owner, now=NOW, address=None)
    assert not ShopNumbers.objects.filter(shop_id=shop.pk).exclude(redeemed=0).exists()


def test_codes_are_forgotten_after_six_months_and_promise_no_longer() -> None:
    shop = with_coupon(ends_on=None)
    ticket = taken(shop)
    assert ticket.until == date(2027, 5, 21)
    last_evening = datetime(2027, 5, 21, 14, 59, tzinfo=UTC)
    assert coupons.purge(last_evening) == 0
    assert counter.redeem(shop, ticket.code, by=UserFactory(), now=last_evening).used_at == last_evening
    assert coupons.purge(datetime(2027, 5, 22, 15, 0, tzinfo=UTC)) == 1


@pytest.mark.django_db(transaction=True)
def test_two_counters_at_once_use_a_coupon_once() -> None:
    shop, staff = with_coupon(), UserFactory()
    code = taken(shop).code
    outcomes = _at_once(8, lambda: counter.redeem(shop, code, by=staff, now=NOW))
    assert sorted(outcomes) == ["done", *["used"] * 7]
    assert used_today(shop) == 1


@pytest.mark.django_db(transaction=True)
def test_a_phone_that_taps_twice_gets_one_code() -> None:
    shop = with_coupon()
    assert _at_once(8, lambda: taken(shop)) == ["done"] * 8
    assert CouponCode.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_taking_a_use_back_and_the_pipeline_never_wait_for_each_other() -> None:
    """What settles messages writes the audit log first and the day's numbers last; so must everybody."""
    shop, staff = with_coupon(), UserFactory()
    code = taken(shop).code
    counter.redeem(shop, code, by=staff, now=NOW)
    outcomes: list[str] = []
    back = threading.Thread(
        target=lambda: outcomes.extend(
            _at_once(1, lambda: counter.undo(shop, code, by=staff, now=NOW, address=None))
        )
    )
    with transaction.atomic():
        audit.record("shop.stopped_by_gateway", actor=None, shop=shop)
        back.start()
        _until_somebody_waits()
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '500ms'")
        daily_numbers.bump(shop.pk, TODAY, visited=1)
    back.join(20)
    assert outcomes == ["done"]
    assert used_today(shop) == 0


def _until_somebody_waits() -> None:
    until = time.monotonic() + 10
    while time.monotonic() < until:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_locks WHERE NOT granted AND locktype = 'advisory'")
            if cursor.fetchone():
                return
        time.sleep(0.02)
    raise AssertionError("nobody waits for the audit log")


def _at_once(people: int, act: Any) -> list[str]:
    outcomes: list[str] = []
    together = threading.Barrier(people)

    def work() -> None:
        try:
            together.wait(20)
            act()
            outcomes.append("done")
        except CouponRefused as refusal:
            outcomes.append(refusal.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(people)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return outcomes
