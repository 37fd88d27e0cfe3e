"""An unpaid bill: reminded of on days 3, 7 and 14, sending stopped on day 30, and on again with the payment (issue 5)."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.db import connection, transaction
from django.test import Client

from billing import changes, dunning, history, ledger, subscriptions, vat
from billing.dunning import DunningRefused
from billing.enums import EntryKind, PayMethod
from billing.ledger import Posting
from billing.models import Account, Card, CardCharge, ChargeState, DunningStep
from billing.shop_state import PAUSED, UNPAID
from messaging import notices, stopping
from shopmsg.accounts.enums import NoticeKind, Role, ShopStatus
from shopmsg.accounts.models import AuditEntry, Notice, Shop, User
from tests.factories.accounts import ShopFactory, StaffFactory, UserFactory
from tests.factories.billing import billed, noon, subscribed
from tests.factories.messaging import message_of, sent_call
from tests.pipeline import Network, decide_all, mobile, verdicts, with_promo

pytestmark = pytest.mark.django_db
#: October's bill of 19,800 won is due on this day.
DUE = date(2026, 11, 20)
DAY = timedelta(days=1)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(noon(date(2026, 9, 1)), tick=False) as moment:
        yield moment


@pytest.fixture
def shop(clock: time_machine.Traveller) -> Shop:
    """Its free month was September; October is billed and due on 20 November."""
    made = owing_shop()
    clock.move_to(noon(DUE))
    return made


def owing_shop() -> Shop:
    made: Shop = ShopFactory(owner=UserFactory())
    subscribed(made, date(2026, 9, 1))
    assert billed(made, date(2026, 10, 1)).due_on == DUE
    return made


def late_by(days: int) -> datetime:
    return noon(DUE + days * DAY)


def pay(shop: Shop, won: int, now: datetime) -> None:
    with transaction.atomic():
        account = ledger.locked(shop.pk)
        ledger.pay(
            account,
            won,
            key=f"test:{shop.pk}:{now.isoformat()}",
            method=PayMethod.TRANSFER,
            paid_on=now.date(),
            label="이체",
            sentence="이체해 주셨어요.",
            by=None,
            now=now,
        )
        dunning.after_payment(account, now)


def told(shop: Shop) -> list[str]:
    """What the owner was sent by dunning, in order."""
    rows = Notice.objects.filter(
        shop_id=shop.pk,
        kind__in=[NoticeKind.UNPAID, NoticeKind.STOPPED_UNPAID, NoticeKind.RESUMED_PAID],
    )
    return [notices.render(NoticeKind(row.kind), row.fields) for row in rows.order_by("pk")]


def state(shop: Shop) -> tuple[str, str]:
    shop.refresh_from_db()
    return shop.status, shop.status_reason


def account(shop: Shop) -> Account:
    return Account.objects.get(shop=shop)


def test_forty_days_of_one_shop_and_its_payment(
    clock: time_machine.Traveller, shop: Shop, client: Client
) -> None:
    with_promo(shop)
    link = message_of(sent_call(shop)).token
    heard: dict[int, str] = {}
    stopped_on = None
    for day in range(41):
        clock.move_to(late_by(day))
        before = len(told(shop))
        dunning.take_due(late_by(day))
        assert len(told(shop)) - before <= 1
        if len(told(shop)) > before:
            heard[day] = told(shop)[-1]
        if stopped_on is None and state(shop)[0] != ShopStatus.ACTIVE:
            stopped_on = day

    assert list(heard) == [3, 7, 14, 30]
    assert "요금 19,800원이 3일 밀렸어요. 12월 19일(토)까지 내지 않으시면 문자 발송이 멈춰요." in heard[3]
    assert "문자 발송을 멈췄어요" in heard[30]
    assert f"/shops/{shop.slug}/pay/" in heard[30]
    assert stopped_on == 30
    assert state(shop) == (ShopStatus.SUSPENDED, UNPAID)
    assert [row.step for row in DunningStep.objects.order_by("pk")] == [3, 7, 14, 30]
    assert AuditEntry.objects.filter(action="account.stopped", shop=shop).count() == 1

    network = Network(shop)
    network.ended(mobile(1))
    decide_all()
    assert verdicts(network) != ["send"]
    for path in (f"/s/{shop.slug}", f"/m/{link}", f"/m/{link}/stop"):
        assert client.get(path).status_code == 200, path

    pay(shop, 19_800, late_by(40))
    assert state(shop) == (ShopStatus.ACTIVE, "")
    assert "문자가 다시 나가요" in told(shop)[-1]
    network.ended(mobile(2))
    decide_all()
    assert verdicts(network)[-1] == "send"
    assert (account(shop).dunning_step, account(shop).stopped_at) == (0, None)


@pytest.mark.parametrize(("day", "step", "words"), [(6, 3, "6일"), (20, 14, "20일"), (35, 30, "멈췄어요")])
def test_who_fell_behind_several_steps_hears_of_the_last_alone(
    shop: Shop, day: int, step: int, words: str
) -> None:
    assert dunning.take_due(late_by(day)) == 1
    assert dunning.take_due(late_by(day)) == 0
    assert [row.step for row in DunningStep.objects.all()] == [step]
    assert [words in text for text in told(shop)] == [True]


def test_nothing_is_late_on_the_due_day_itself_and_the_clock_is_koreas(shop: Shop) -> None:
    minute = timedelta(minutes=1)
    third_day = noon(DUE + 3 * DAY) - timedelta(hours=12)
    assert dunning.take_due(third_day - minute) == 0
    assert dunning.take_due(third_day) == 1


def test_a_shop_without_anything_overdue_is_left_alone(shop: Shop) -> None:
    pay(shop, 19_800, noon(DUE))
    assert dunning.take_due(late_by(30)) == 0
    assert told(shop) == []


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_take_a_step_once(clock: time_machine.Traveller) -> None:
    shop = owing_shop()

    def take(_: int) -> int:
        try:
            return dunning.take_due(late_by(30))
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(take, range(2))) == 1
    assert len(told(shop)) == 1
    assert AuditEntry.objects.filter(action="account.stopped").count() == 1


def test_a_part_paid_leaves_the_stop_and_the_steps_count_from_the_next_bill(
    clock: time_machine.Traveller, shop: Shop
) -> None:
    billed(shop, date(2026, 11, 1))
    dunning.take_due(late_by(31))
    pay(shop, 19_800, late_by(31))
    late = account(shop)
    assert (late.unpaid_since, late.dunning_step) == (date(2026, 12, 21), 0)
    assert late.stopped_at is None, "what is left is not late before its own due day"

    dunning.take_due(noon(date(2027, 1, 20)))
    assert state(shop) == (ShopStatus.SUSPENDED, UNPAID)
    billed(shop, date(2026, 12, 1))
    now = noon(date(2027, 1, 26))
    pay(shop, 19_800, now)
    late = account(shop)
    assert (late.unpaid_since, late.dunning_step) == (date(2027, 1, 20), 0)
    assert late.stopped_at is not None
    assert state(shop) == (ShopStatus.SUSPENDED, UNPAID)
    dunning.take_due(now)
    assert (account(shop).dunning_step, "멈췄어요" in told(shop)[-1]) == (3, True)
    pay(shop, 19_800, now + timedelta(minutes=1))
    assert state(shop) == (ShopStatus.ACTIVE, "")


def test_a_note_that_settles_everything_lets_the_shop_send_again(shop: Shop) -> None:
    dunning.take_due(late_by(30))
    with transaction.atomic():
        posting = Posting(EntryKind.CREDIT, "c", vat.split(-19_800), DUE, DUE, "돌려드림", "돌려드렸어요.")
        ledger.post_note(
            ledger.locked(shop.pk), posting, number="N1", original=None, party={}, by=None, now=late_by(31)
        )
    dunning.take_due(late_by(31))
    assert state(shop) == (ShopStatus.ACTIVE, "")


def test_a_payment_never_lets_send_what_the_gateway_stopped(shop: Shop) -> None:
    stopping.stop_by_gateway(shop.pk, "1014", late_by(10))
    reason = state(shop)[1]
    dunning.take_due(late_by(30))
    assert state(shop) == (ShopStatus.SUSPENDED, reason)
    pay(shop, 19_800, late_by(31))
    assert state(shop) == (ShopStatus.SUSPENDED, reason)
    assert not any("다시 나가요" in text for text in told(shop)[1:])


def test_who_owes_is_not_let_send_by_the_door_of_the_gateway(shop: Shop, admin: User) -> None:
    dunning.take_due(late_by(30))
    assert not stopping.resume(shop.pk, by=admin, reason="약속하심", address=None, now=late_by(30))
    assert state(shop) == (ShopStatus.SUSPENDED, UNPAID)


def test_what_the_gateway_stopped_stays_stopped_for_its_bills_when_an_admin_resumes_it(
    shop: Shop, admin: User
) -> None:
    stopping.stop_by_gateway(shop.pk, "1014", late_by(10))
    dunning.take_due(late_by(30))
    stopping.resume(shop.pk, by=admin, reason="발신번호를 다시 등록함", address=None, now=late_by(30))
    assert state(shop) == (ShopStatus.SUSPENDED, UNPAID)


def test_an_agreed_pause_outlasts_a_payment_and_a_stop_outlasts_the_pause(
    clock: time_machine.Traveller, shop: Shop
) -> None:
    def pause(now: datetime, days: int) -> None:
        clock.move_to(now)
        until = now.date() + days * DAY
        subscriptions.change(shop, lambda c, on: changes.pause(c, on, until), by=None, address=None, now=now)

    pause(late_by(25), 10)
    dunning.take_due(late_by(30))
    assert state(shop) == (ShopStatus.SUSPENDED, PAUSED)
    subscriptions.refresh_states(late_by(36))
    assert state(shop) == (ShopStatus.SUSPENDED, UNPAID)

    pause(late_by(36), 10)
    pay(shop, 19_800, late_by(37))
    assert state(shop) == (ShopStatus.SUSPENDED, PAUSED)
    assert not any("다시 나가요. 고맙습니다" in text for text in told(shop))
    subscriptions.refresh_states(late_by(47))
    assert state(shop) == (ShopStatus.ACTIVE, "")


def test_the_stop_stops_neither_the_charge_nor_the_commitments_clock(clock: time_machine.Traveller) -> None:
    shop: Shop = ShopFactory(owner=UserFactory())
    running = subscribed(shop, date(2026, 9, 1), term_months=12)
    billed(shop, date(2026, 10, 1))
    dunning.take_due(late_by(30))
    assert state(shop) == (ShopStatus.SUSPENDED, UNPAID)
    assert billed(shop, date(2026, 12, 1)).total_krw == 17_600
    contract = history.contract_of(running)
    held = contract.terms_on(date(2027, 1, 1)).commitment
    assert held is not None
    assert contract.commitment_over_on(held) == date(2027, 9, 1)


def charge(shop: Shop, charge_state: ChargeState, next_at: datetime | None = None) -> CardCharge:
    card = Card.objects.create(
        shop=shop,
        customer_key="c",
        billing_key_sealed=b"k",
        number="5365****",
        fingerprint=b"f" * 32,
        created_at=noon(DUE),
    )
    return CardCharge.objects.create(
        shop=shop,
        card=card,
        state=charge_state,
        amount_krw=19_800,
        order_id=f"o{shop.pk}",
        idempotency_key=f"i{shop.pk}",
        created_at=noon(DUE),
        next_at=next_at,
    )


def test_no_shop_is_stopped_while_its_card_is_being_charged(shop: Shop) -> None:
    moving = charge(shop, ChargeState.UNCERTAIN, late_by(30))
    dunning.take_due(late_by(30))
    assert state(shop)[0] == ShopStatus.ACTIVE
    moving.state = ChargeState.DECLINED
    moving.save()
    dunning.take_due(late_by(31))
    assert state(shop) == (ShopStatus.SUSPENDED, UNPAID)


def test_a_charge_planned_for_another_day_spares_nobody(shop: Shop) -> None:
    charge(shop, ChargeState.PREPARED, late_by(33))
    dunning.take_due(late_by(30))
    assert state(shop) == (ShopStatus.SUSPENDED, UNPAID)


def test_a_shop_that_left_is_reminded_in_other_words_and_not_stopped(shop: Shop) -> None:
    subscriptions.end(shop, reason="정리", by=None, address=None, now=late_by(1))
    for day in (3, 7, 14, 30, 35):
        dunning.take_due(late_by(day))
    assert state(shop)[0] == ShopStatus.CLOSED
    assert account(shop).stopped_at is None
    texts = told(shop)
    assert len(texts) == 4
    assert all("해지하시기 전에 쓰신 요금이에요." in text and "멈" not in text for text in texts)


@pytest.fixture
def admin() -> User:
    return StaffFactory(role=Role.ADMIN)


def test_a_stop_put_off_comes_the_day_after_and_says_so(shop: Shop, admin: User) -> None:
    until = DUE + 34 * DAY
    dunning.hold(shop, until, reason="월말에 내기로", by=admin, address=None, now=late_by(29))
    dunning.take_due(late_by(30))
    dunning.take_due(late_by(34))
    assert state(shop)[0] == ShopStatus.ACTIVE
    dunning.take_due(late_by(35))
    assert state(shop) == (ShopStatus.SUSPENDED, UNPAID)
    held = AuditEntry.objects.get(action="account.held")
    assert (held.actor, held.reason, held.detail["until"]) == (admin, "월말에 내기로", until.isoformat())


def test_a_shop_that_was_stopped_sends_until_the_day_it_promised(shop: Shop, admin: User) -> None:
    dunning.take_due(late_by(30))
    dunning.hold(shop, DUE + 33 * DAY, reason="내일 내기로", by=admin, address=None, now=late_by(31))
    assert state(shop) == (ShopStatus.ACTIVE, "")
    dunning.take_due(late_by(33))
    assert state(shop) == (ShopStatus.ACTIVE, "")
    dunning.take_due(late_by(34))
    assert state(shop) == (ShopStatus.SUSPENDED, UNPAID)
    assert len([text for text in told(shop) if "멈췄어요" in text]) == 2


@pytest.mark.parametrize(
    ("until", "reason", "code"),
    [(30, "", "reason"), (9, "약속", "past"), (41, "약속", "too_long")],
)
def test_putting_off_without_a_reason_or_too_long_is_refused(
    shop: Shop, admin: User, until: int, reason: str, code: str
) -> None:
    with pytest.raises(DunningRefused) as refused:
        dunning.hold(shop, DUE + until * DAY, reason=reason, by=admin, address=None, now=late_by(10))
    assert refused.value.code == code
    assert account(shop).hold_until is None


def test_telling_again_is_once_a_day_and_of_something_owed(shop: Shop, admin: User) -> None:
    assert dunning.remind_now(shop, by=admin, address=None, now=late_by(5)) == 1
    with pytest.raises(DunningRefused) as twice:
        dunning.remind_now(shop, by=admin, address=None, now=late_by(5))
    assert twice.value.code == "told_today"
    assert dunning.remind_now(shop, by=admin, address=None, now=late_by(6)) == 1
    pay(shop, 19_800, late_by(7))
    with pytest.raises(DunningRefused) as paid:
        dunning.remind_now(shop, by=admin, address=None, now=late_by(7))
    assert paid.value.code == "nothing_owed"
