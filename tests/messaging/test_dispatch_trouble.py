"""Dispatch when something stands in the way: pictures, keys, a closed breaker, poison rows, a full queue."""

import base64
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from messaging import gateway_account, notices, optouts, pictures_store, reports, tasks
from messaging.enums import OptOutSource, Outcome
from messaging.gateways.base import Report
from messaging.models import Message, OptOut, QuotaDay, RecipientGuard, ShopNumbers
from messaging.pictures.sanitize import sanitize_upload
from shopmsg.accounts.enums import NoticeKind, NoticeState
from shopmsg.accounts.models import Line, Notice
from shopmsg.accounts.notices import ask
from tests.factories.accounts import ShopFactory
from tests.factories.messaging import block
from tests.pipeline import (
    Network,
    decide_all,
    dispatch_all,
    dispatch_once,
    fold_all,
    look_up,
    message_of,
    mobile,
    photograph,
    received,
    shop_with_promo,
    with_promo,
)

pytestmark = pytest.mark.django_db


def at_kst(hour, minute=0, second=0, day=23):
    return datetime(2026, 11, day, hour, minute, second, tzinfo=UTC) - timedelta(hours=9)


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(at_kst(12), tick=True) as traveller:
        yield traveller


@pytest.fixture
def network(sandbox):
    sandbox.reports(mode="off", delay_seconds=0)
    return Network(shop_with_promo())


@pytest.fixture
def pictured(sandbox):
    """A shop whose promo has a picture the gateway does not know yet."""
    sandbox.reports(mode="off", delay_seconds=0)
    shop = ShopFactory()
    made = sanitize_upload(photograph())
    picture = pictures_store.store(shop, made.jpeg, made.width, made.height, made.sha256)
    with_promo(shop, picture=picture)
    return Network(shop)


def key(seed):
    return base64.b64encode(seed.encode().ljust(32, b".")[:32]).decode()


def numbers_of(shop):
    total: Counter[str] = Counter()
    for row in ShopNumbers.objects.filter(shop_id=shop.pk):
        for name in ("calls", "sent", "held", "not_sent"):
            total[name] += getattr(row, name)
    return total["calls"], total["sent"], total["held"], total["not_sent"]


def states(network):
    return Counter(Message.objects.filter(shop=network.shop).values_list("state", flat=True))


# --- pictures ---------------------------------------------------------------------------------------------------------


def test_messages_whose_picture_cannot_be_uploaded_do_not_stand_in_front_of_others(
    network, pictured, sandbox, monkeypatch
):
    monkeypatch.setattr("messaging.dispatch.BATCH", 3)
    for caller in range(5):
        pictured.ended(mobile(caller))
    decide_all()
    call_id = network.ended(mobile(99))
    decide_all()
    sandbox.arm(on="upload", kind="status", status=500, count=None)
    dispatch_all()
    assert message_of(call_id).state == "accepted"
    assert states(pictured) == {"queued": 5}


def test_a_picture_the_gateway_refuses_leaves_numbers_that_add_up_for_held_messages(pictured, sandbox, noon):
    noon.move_to(at_kst(22))
    for caller in range(3):
        pictured.ended(mobile(caller))
    decide_all()
    assert numbers_of(pictured.shop) == (3, 0, 3, 0)
    noon.move_to(at_kst(8, day=24))
    sandbox.arm(on="upload", kind="status", status=400, count=None)
    dispatch_all()
    assert states(pictured) == {"rejected": 3}
    assert numbers_of(pictured.shop) == (3, 0, 0, 3)
    assert QuotaDay.objects.get(shop_id=pictured.shop.pk, day="2026-11-24").used == 0
    assert not RecipientGuard.objects.filter(shop_id=pictured.shop.pk).exists()


# --- a gateway that may not be asked ----------------------------------------------------------------------------------


def test_what_has_expired_ends_also_while_the_gateway_may_not_be_asked(network, sandbox, noon):
    old = network.ended(mobile(1))
    decide_all()
    noon.shift(timedelta(hours=1))
    young = network.ended(mobile(2))
    decide_all()
    gateway_account.admit(gateway_account.account_name(), timezone.now())
    gateway_account.settle(gateway_account.account_name(), True, timezone.now(), stop="멈춤")
    noon.shift(timedelta(hours=1, seconds=1))
    dispatch_once()
    assert message_of(old).state == "expired"
    assert message_of(young).state == "queued"
    assert numbers_of(network.shop) == (2, 0, 0, 1)


def test_a_queue_the_gateway_may_not_take_is_held_when_the_hours_close(network, sandbox, noon):
    noon.move_to(at_kst(20, 30))
    call_id = network.ended(mobile(1))
    decide_all()
    ask(
        NoticeKind.SENDING_STOPPED,
        to=mobile(9),
        key="notice",
        fields={"shop": "가게", "reason": "이유"},
        expires_at=timezone.now() + timedelta(days=1),
    )
    notices.take(timezone.now())
    gateway_account.admit(gateway_account.account_name(), timezone.now())
    gateway_account.settle(gateway_account.account_name(), True, timezone.now(), stop="멈춤")
    noon.move_to(at_kst(21, 0, 1))
    dispatch_once()
    assert message_of(call_id).state == "held"
    assert numbers_of(network.shop) == (1, 0, 1, 0)


def test_held_messages_go_although_live_ones_keep_taking_the_gateways_slots(network, sandbox, noon, broker):
    noon.move_to(at_kst(22))
    for caller in range(5):
        network.ended(mobile(caller))
    decide_all()
    noon.move_to(at_kst(8, day=24))
    sandbox.clock(timezone.now())
    for caller in range(4):
        network.ended(mobile(100 + caller))
        decide_all()
        tasks.dispatch_messages()
        noon.shift(timedelta(seconds=1))
    assert states(network) == {"accepted": 9}


def test_a_gateway_that_refuses_whole_requests_for_its_own_reasons_is_not_asked_again_message_by_message(
    network, sandbox
):
    for caller in range(40):
        network.ended(mobile(caller))
    decide_all()
    sandbox.arm(on="send", kind="status", status=402, count=None)
    dispatch_once()
    assert states(network) == {"queued": 40}
    assert sandbox.stats()["requests"]["POST /messages/v4/send-many/detail"] == 1


def test_messages_no_worker_took_for_days_end_and_give_back_what_they_held(network, sandbox, noon):
    noon.move_to(at_kst(20, 59))
    queued = network.ended(mobile(1))
    decide_all()
    noon.move_to(at_kst(22))
    held = network.ended(mobile(2))
    decide_all()
    noon.shift(timedelta(days=4))
    dispatch_all()
    tasks.hourly()
    assert [message_of(call_id).state for call_id in (queued, held)] == ["expired", "expired"]
    assert numbers_of(network.shop) == (2, 0, 0, 2)
    assert set(QuotaDay.objects.values_list("used", flat=True)) == {0}
    assert not RecipientGuard.objects.exists()


# --- what changed between decision and submission ---------------------------------------------------------------------


def test_an_opt_out_under_the_new_index_key_holds_back_a_message_decided_under_the_old(
    network, sandbox, settings
):
    call_id = network.ended(mobile(1))
    decide_all()
    settings.INDEX_KEYS = [f"2:{key('index-2')}", *settings.INDEX_KEYS]
    optouts.opt_out([network.shop.pk], mobile(1), OptOutSource.CALL_080, timezone.now(), timezone.now())
    dispatch_all()
    assert (message_of(call_id).state, message_of(call_id).reason) == ("skipped", "opted_out")
    assert sandbox.inbox(mobile(1)) == []


def test_a_block_under_the_new_index_key_holds_back_a_message_decided_under_the_old(
    network, sandbox, settings
):
    call_id = network.ended(mobile(1))
    decide_all()
    settings.INDEX_KEYS = [f"2:{key('index-2')}", *settings.INDEX_KEYS]
    block(network.shop, mobile(1))
    dispatch_all()
    assert (message_of(call_id).state, message_of(call_id).reason) == ("skipped", "blocked")


def test_a_person_sees_their_opt_out_whatever_index_key_it_is_under(network, sandbox, settings):
    call_id = network.ended(mobile(1))
    decide_all()
    message = message_of(call_id)
    settings.INDEX_KEYS = [f"2:{key('index-2')}", *settings.INDEX_KEYS]
    optouts.opt_out([network.shop.pk], mobile(1), OptOutSource.LINK, timezone.now(), timezone.now())
    assert optouts.has_refused(message)


def test_a_line_that_lost_its_ringback_notice_sends_no_promo_it_had_queued(network, sandbox):
    call_id = network.ended(mobile(1))
    decide_all()
    Line.objects.filter(shop=network.shop).update(notice_state=NoticeState.FAILED)
    dispatch_all()
    assert (message_of(call_id).state, message_of(call_id).reason) == ("skipped", "notice_inactive")


# --- poison -----------------------------------------------------------------------------------------------------------


def test_one_notice_that_cannot_be_made_stops_neither_the_others_nor_the_promos(network, sandbox, broker):
    Notice.objects.create(
        key="poison", kind="login_code", to_sealed=b"junk", expires_at=timezone.now() + timedelta(minutes=3)
    )
    ask(
        NoticeKind.LOGIN_CODE,
        to=mobile(8),
        key="good",
        fields={"code": "123456"},
        expires_at=timezone.now() + timedelta(minutes=3),
    )
    call_id = network.ended(mobile(1))
    decide_all()
    sandbox.clock(timezone.now())
    tasks.dispatch_messages()
    assert message_of(call_id).state == "accepted"
    assert len(received(mobile(8))) == 1
    assert not Notice.objects.filter(taken_at=None).exists()


def test_login_codes_are_taken_before_a_flood_of_other_notices(sandbox, monkeypatch):
    monkeypatch.setattr("messaging.notices.BATCH", 2)
    until = timezone.now() + timedelta(minutes=3)
    for number in range(5):
        ask(NoticeKind.NUMBER_CHANGED, to=mobile(number), key=f"n{number}", fields={}, expires_at=until)
    ask(NoticeKind.LOGIN_CODE, to=mobile(9), key="code", fields={"code": "1"}, expires_at=until)
    notices.take(timezone.now())
    assert Message.objects.filter(notice_kind="login_code").count() == 1


def test_a_login_code_that_was_never_sent_leaves_no_code_behind(sandbox, noon):
    ask(
        NoticeKind.LOGIN_CODE,
        to=mobile(8),
        key="late",
        fields={"code": "482913"},
        expires_at=timezone.now() + timedelta(minutes=3),
    )
    notices.take(timezone.now())
    noon.shift(timedelta(minutes=4))
    dispatch_once()
    message = Message.objects.get(notice_kind="login_code")
    assert (message.state, message.text) == ("expired", "")


def test_a_number_that_cannot_be_opened_does_not_keep_others_from_being_looked_up(network, sandbox, noon):
    sandbox.arm(on="send", kind="reset_after_accept", count=2)
    for caller in (1, 2):
        network.ended(mobile(caller))
    decide_all()
    dispatch_all()
    first, second = Message.objects.filter(shop=network.shop).order_by("pk")
    Message.objects.filter(pk=first.pk).update(recipient_sealed=b"\x09junk")
    noon.shift(timedelta(seconds=30))
    look_up()
    second.refresh_from_db()
    assert second.state in {"accepted", "delivered"}


def test_an_opt_out_reported_for_a_number_that_cannot_be_opened_counts_and_stops_no_other_report(
    network, sandbox
):
    for caller in (1, 2):
        network.ended(mobile(caller))
    decide_all()
    dispatch_all()
    first, second = Message.objects.filter(shop=network.shop).order_by("pk")
    Message.objects.filter(pk=first.pk).update(recipient_sealed=b"\x09junk")
    now = timezone.now()
    reports.store(
        [
            Report(f"{first.pk}-{first.token}", "", Outcome.FAILED, "2061", now),
            Report(f"{second.pk}-{second.token}", "", Outcome.DELIVERED, "4000", now),
        ],
        "solapi",
        now,
    )
    fold_all()
    second.refresh_from_db()
    assert second.state == "delivered"
    assert OptOut.objects.filter(shop=network.shop, recipient_index=bytes(first.recipient_index)).exists()


# --- numbers ----------------------------------------------------------------------------------------------------------


def test_an_unknown_message_that_turns_out_rejected_is_counted_once(network, sandbox, noon):
    sandbox.arm(on="send", kind="reset_before", count=1)
    call_id = network.ended(mobile(1))
    decide_all()
    dispatch_all()
    noon.shift(timedelta(hours=73))
    look_up()
    message = message_of(call_id)
    assert message.state == "unknown"
    report = Report(f"{message.pk}-{message.token}", "", Outcome.REJECTED, "1062", timezone.now())
    reports.store([report], "solapi", timezone.now())
    fold_all()
    assert message_of(call_id).state == "rejected"
    assert numbers_of(network.shop) == (1, 0, 0, 1)


def test_a_look_up_stops_asking_a_gateway_that_does_not_answer(network, sandbox, noon):
    sandbox.arm(on="send", kind="reset_after_accept", count=3)
    for caller in range(3):
        network.ended(mobile(caller))
        decide_all()
        dispatch_all()
        noon.shift(timedelta(minutes=12))
    assert states(network) == {"uncertain": 3}
    sandbox.arm(on="list", kind="status", status=500, count=None)
    look_up()
    asked = sum(n for path, n in sandbox.stats()["requests"].items() if "list" in path)
    assert asked == 1


def test_a_report_too_large_to_be_one_is_not_read(client):
    sent = client.post(
        "/hooks/solapi/reports", data=b"x" * (2 * 1024 * 1024 + 1), content_type="application/json"
    )
    assert sent.status_code == 413
