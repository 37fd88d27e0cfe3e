"""Claim → submit → settle against the sandbox gateway over HTTP."""

import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connections
from django.utils import timezone

from messaging import dispatch, gateway_account, lookups, optouts, pictures_store
from messaging.enums import OptOutSource
from messaging.models import GatewayAccount, Message, OptOut, QuotaDay, RecipientGuard, ShopNumbers
from messaging.pictures.sanitize import sanitize_upload
from shopmsg.accounts.enums import NightPolicy, Product
from shopmsg.accounts.models import Notice, Shop
from tests.pipeline import (
    Network,
    call_of,
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
from tests.stack import eventually

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


def state_of(call_id):
    message = message_of(call_id)
    return message.state, message.reason


def numbers_of(shop):
    row = ShopNumbers.objects.get(shop_id=shop.pk)
    return {name: getattr(row, name) for name in ("calls", "sent", "held", "not_sent")}


def test_what_the_phone_gets_is_byte_for_byte_what_is_stored(network, sandbox):
    call_id = network.ended(mobile(1))
    decide_all()
    dispatch_all()
    message = message_of(call_id)
    assert message.state == "accepted"
    assert message.gateway_id
    assert [sent["text"] for sent in received(mobile(1))] == [message.text]
    assert numbers_of(network.shop) == {"calls": 1, "sent": 1, "held": 0, "not_sent": 0}


def test_a_picture_is_uploaded_once_for_many_messages(network, sandbox):
    made = sanitize_upload(photograph())
    picture = pictures_store.store(network.shop, made.jpeg, made.width, made.height, made.sha256)
    network.shop.promos.filter(live=True).delete()
    with_promo(network.shop, picture=picture)
    for caller in range(3):
        network.ended(mobile(caller))
    decide_all()
    dispatch_all()
    assert {message.state for message in Message.objects.filter(shop=network.shop)} == {"accepted"}
    assert sandbox.stats()["requests"]["POST /storage/v1/files"] == 1
    assert received(mobile(0))[0]["image_url"]


def test_a_picture_the_gateway_forgot_is_brought_again(network, sandbox, noon):
    made = sanitize_upload(photograph())
    picture = pictures_store.store(network.shop, made.jpeg, made.width, made.height, made.sha256)
    network.shop.promos.filter(live=True).delete()
    with_promo(network.shop, picture=picture)
    picture.uploads.create(account=gateway_account.account_name(), file_id="ST01FORGOTTEN")
    call_id = network.ended(mobile(1))
    decide_all()
    dispatch_all()
    assert state_of(call_id) == ("queued", "")
    noon.shift(timedelta(minutes=1))
    dispatch_all()
    assert state_of(call_id) == ("accepted", "")


def test_an_opt_out_between_decision_and_submission_holds_the_message_back(network, sandbox):
    call_id = network.ended(mobile(1))
    decide_all()
    optouts.opt_out([network.shop.pk], mobile(1), OptOutSource.CALL_080, timezone.now(), timezone.now())
    dispatch_all()
    assert state_of(call_id) == ("skipped", "opted_out")
    assert sandbox.stats()["messages_accepted"] == 0
    assert QuotaDay.objects.get(shop_id=network.shop.pk).used == 0
    assert not RecipientGuard.objects.filter(shop_id=network.shop.pk).exists()
    assert numbers_of(network.shop) == {"calls": 1, "sent": 0, "held": 0, "not_sent": 1}


@pytest.mark.parametrize(
    ("change", "reason"), [({"sending_on": False}, "sending_off"), ({"status": "suspended"}, "shop_inactive")]
)
def test_a_shop_stopped_after_the_decision_sends_nothing(network, sandbox, change, reason):
    call_id = network.ended(mobile(1))
    decide_all()
    Shop.objects.filter(pk=network.shop.pk).update(**change)
    dispatch_all()
    assert state_of(call_id) == ("skipped", reason)


def test_hours_that_close_between_decision_and_submission_hold_the_message(network, sandbox, noon):
    noon.move_to(at_kst(20, 59, 59))
    call_id = network.ended(mobile(1))
    decide_all()
    noon.move_to(at_kst(21, 0, 0))
    dispatch_all()
    assert state_of(call_id) == ("held", "")
    assert message_of(call_id).release_at == at_kst(8, day=24)
    assert numbers_of(network.shop)["held"] == 1
    noon.move_to(at_kst(7, 59, 59, day=24))
    dispatch_all()
    assert sandbox.stats()["messages_accepted"] == 0
    noon.move_to(at_kst(8, 0, 0, day=24))
    dispatch_all()
    assert state_of(call_id) == ("accepted", "")
    assert len(received(mobile(1))) == 1
    assert numbers_of(network.shop) == {"calls": 1, "sent": 1, "held": 0, "not_sent": 0}


def test_hours_that_close_skip_the_message_of_a_shop_that_chose_so(network, sandbox, noon):
    Shop.objects.filter(pk=network.shop.pk).update(night_policy=NightPolicy.SKIP)
    noon.move_to(at_kst(20, 59, 59))
    call_id = network.ended(mobile(1))
    decide_all()
    noon.move_to(at_kst(21))
    dispatch_all()
    assert state_of(call_id) == ("skipped", "night")


def test_the_cap_moves_to_the_day_of_sending_and_a_full_day_skips(network, sandbox, noon):
    Shop.objects.filter(pk=network.shop.pk).update(daily_cap=1)
    noon.move_to(at_kst(20, 59, 59))
    call_id = network.ended(mobile(1))
    decide_all()
    assert QuotaDay.objects.get(shop_id=network.shop.pk, day="2026-11-23").used == 1
    noon.move_to(at_kst(21))
    dispatch_all()
    noon.move_to(at_kst(8, day=24))
    other = network.ended(mobile(2))
    decide_all()
    dispatch_once()
    dispatch_all()
    assert state_of(other) == ("accepted", "")
    assert state_of(call_id) == ("skipped", "daily_cap")
    assert QuotaDay.objects.get(shop_id=network.shop.pk, day="2026-11-24").used == 1
    assert QuotaDay.objects.get(shop_id=network.shop.pk, day="2026-11-23").used == 0


def test_the_168_hours_run_from_the_sending_not_from_the_decision(network, sandbox, noon):
    noon.move_to(at_kst(22))
    network.ended(mobile(1))
    decide_all()
    noon.move_to(at_kst(8, day=24))
    dispatch_all()
    noon.move_to(at_kst(8, day=24) + timedelta(days=7) - timedelta(minutes=1))
    too_early = network.ended(mobile(1))
    decide_all()
    assert call_of(too_early).reason == "recent"


def test_a_message_unsent_for_two_hours_expires_and_gives_back_what_it_held(network, sandbox, noon):
    call_id = network.ended(mobile(1))
    decide_all()
    noon.shift(timedelta(hours=2, seconds=1))
    dispatch_all()
    assert state_of(call_id) == ("expired", "expired")
    again = network.ended(mobile(1))
    decide_all()
    assert call_of(again).verdict == "send"


def test_a_rejected_message_gives_back_its_place_and_the_earlier_guard(network, sandbox, noon):
    network.ended(mobile(1))
    decide_all()
    dispatch_all()
    first = RecipientGuard.objects.get(shop_id=network.shop.pk).last_sent_at
    noon.shift(timedelta(days=8))
    sandbox.arm(on="send", kind="partial", code="3010", share=1.0)
    call_id = network.ended(mobile(1))
    decide_all()
    dispatch_all()
    assert state_of(call_id)[0] == "rejected"
    guard = RecipientGuard.objects.get(shop_id=network.shop.pk)
    assert (guard.last_sent_at, guard.previous_sent_at) == (first, None)
    assert QuotaDay.objects.get(shop_id=network.shop.pk, day="2026-12-01").used == 0


@pytest.mark.parametrize(
    "kind", ["timeout_after_accept", "reset_after_accept", "status_after_accept", "non_json_after_accept"]
)
def test_an_answer_that_never_came_is_looked_up_and_never_sent_again(network, sandbox, noon, driver, kind):
    sandbox.arm(on="send", kind=kind, count=1, seconds=20)
    call_id = network.ended(mobile(1))
    decide_all()
    dispatch_once(gateway=driver)
    assert state_of(call_id) == ("uncertain", "")
    for _ in range(3):
        dispatch_all()
    noon.shift(timedelta(seconds=30))
    look_up()
    assert state_of(call_id)[0] in {"accepted", "delivered"}
    assert len(received(mobile(1))) == 1
    assert numbers_of(network.shop)["sent"] == 1


def test_a_look_up_that_finds_nothing_never_sends_and_ends_as_unknown_after_72_hours(network, sandbox, noon):
    sandbox.arm(on="send", kind="reset_before", count=1)
    call_id = network.ended(mobile(1))
    decide_all()
    dispatch_all()
    if state_of(call_id)[0] == "queued":
        pytest.fail("a connection reset after the request left must be uncertain")
    for hours in (0.01, 1, 10, 40, 71.9):
        noon.move_to(at_kst(12) + timedelta(hours=hours))
        look_up()
        dispatch_all()
        assert state_of(call_id)[0] == "uncertain"
    noon.move_to(at_kst(12) + timedelta(hours=72, seconds=10))
    look_up()
    assert state_of(call_id)[0] == "unknown"
    assert sandbox.stats()["messages_accepted"] == 0


def test_a_busy_gateway_is_asked_again_later(network, sandbox, noon):
    sandbox.arm(on="send", kind="status", status=429, retry_after=2, count=1)
    call_id = network.ended(mobile(1))
    decide_all()
    dispatch_all()
    assert state_of(call_id) == ("queued", "")
    noon.shift(timedelta(minutes=1))
    dispatch_all()
    assert state_of(call_id) == ("accepted", "")
    assert len(received(mobile(1))) == 1


def test_a_worker_that_died_while_submitting_leaves_an_uncertain_message(network, sandbox, noon):
    call_id = network.ended(mobile(1))
    decide_all()
    dispatch_all()
    message = message_of(call_id)
    Message.objects.filter(pk=message.pk).update(state="submitting", gateway_id="")
    assert lookups.find_abandoned(timezone.now()) == 0
    noon.shift(timedelta(minutes=2))
    assert lookups.find_abandoned(timezone.now()) == 1
    look_up()
    assert state_of(call_id)[0] in {"accepted", "delivered"}
    assert len(received(mobile(1))) == 1


def test_an_unregistered_sender_stops_the_shop_and_tells_the_owner(network, sandbox):
    from tests.factories.accounts import MembershipFactory

    MembershipFactory(shop=network.shop, role="owner")
    sandbox.arm(on="send", kind="partial", code="1062", share=1.0)
    network.ended(mobile(1))
    decide_all()
    dispatch_all()
    network.shop.refresh_from_db()
    assert network.shop.status == "suspended"
    assert Notice.objects.filter(shop=network.shop, kind="sending_stopped").count() == 1


def test_an_opt_out_the_gateway_knows_becomes_ours(network, sandbox):
    sandbox.ends_with(mobile(1), "1061")
    network.ended(mobile(1))
    decide_all()
    dispatch_all()
    assert OptOut.objects.get(shop=network.shop).source == "gateway"
    assert optouts.is_opted_out(network.shop.pk, message_of(network.told[0]).recipient_index)


def test_a_public_bodys_notice_goes_at_night_without_an_ad_mark(sandbox, noon):
    noon.move_to(at_kst(23))
    network = Network(shop_with_promo(product=Product.PREMIUM))
    call_id = network.ended(mobile(1))
    decide_all()
    dispatch_all()
    assert state_of(call_id)[0] == "accepted"
    assert "(광고)" not in received(mobile(1))[0]["text"]


def test_held_messages_go_in_order_and_no_faster_than_the_release_rate(network, sandbox, noon, monkeypatch):
    monkeypatch.setattr("messaging.dispatch.RELEASE_PER_SECOND", 2)
    noon.move_to(at_kst(22))
    for caller in range(5):
        network.ended(mobile(caller))
    decide_all()
    noon.move_to(at_kst(8, day=24), tick=False)
    released = []
    for _ in range(4):
        dispatch_once(held=True)
        dispatch_once(held=True)
        released.append(Message.objects.filter(shop=network.shop, state="accepted").count())
        noon.shift(timedelta(seconds=1))
    assert released == [2, 4, 5, 5]
    order = (
        Message.objects.filter(shop=network.shop).order_by("submitted_at", "id").values_list("id", flat=True)
    )
    assert list(order) == sorted(order)


def test_login_codes_overtake_promos_and_leave_no_code_behind(network, sandbox):
    from messaging import notices as messaging_notices
    from shopmsg.accounts.enums import NoticeKind
    from shopmsg.accounts.notices import ask

    for caller in range(3):
        network.ended(mobile(caller))
    decide_all()
    ask(
        NoticeKind.LOGIN_CODE,
        to=mobile(9),
        key="code-1",
        fields={"code": "482913"},
        expires_at=timezone.now() + timedelta(minutes=3),
    )
    messaging_notices.take(timezone.now())
    dispatch_all()
    info = Message.objects.get(kind="info", notice_kind="login_code")
    [text] = [sent["text"] for sent in received(mobile(9))]
    assert "482913" in text
    assert "(광고)" not in text
    assert info.text == ""
    assert Notice.objects.get(key="code-1").fields == {}


def test_a_notice_past_its_time_is_not_sent(sandbox, noon):
    from messaging import notices as messaging_notices
    from shopmsg.accounts.enums import NoticeKind
    from shopmsg.accounts.notices import ask

    expires_at = timezone.now() + timedelta(minutes=3)
    ask(NoticeKind.LOGIN_CODE, to=mobile(8), key="late", fields={"code": "1"}, expires_at=expires_at)
    noon.shift(timedelta(minutes=4))
    messaging_notices.take(timezone.now())
    dispatch_all()
    assert sandbox.stats()["messages_accepted"] == 0


def test_the_breaker_opens_on_a_gateway_in_trouble_and_nothing_is_lost(network, sandbox, noon):
    sandbox.arm(on="send", kind="status", status=429, count=None)
    for caller in range(8):
        network.ended(mobile(caller))
        decide_all()
        dispatch_once()
        noon.shift(timedelta(seconds=1))
    sandbox.disarm()
    noon.shift(timedelta(minutes=20))
    for _ in range(5):
        dispatch_all()
        noon.shift(timedelta(minutes=2))
    assert set(Message.objects.filter(shop=network.shop).values_list("state", flat=True)) == {"accepted"}
    assert GatewayAccount.objects.get().breaker == "closed"
    assert all(len(received(mobile(caller))) == 1 for caller in range(8))
    assert sandbox.stats()["deliveries_per_ref_max"] == 1


@pytest.mark.django_db(transaction=True)
def test_eight_dispatchers_at_once_submit_every_message_once(sandbox):
    sandbox.reports(mode="off", delay_seconds=0)
    network = Network(shop_with_promo())
    for caller in range(60):
        network.ended(mobile(caller))
    decide_all()
    sandbox.clock(timezone.now())
    errors = []

    def work():
        try:
            deadline = time.monotonic() + 30
            while Message.objects.filter(state="queued").exists() and time.monotonic() < deadline:
                dispatch.dispatch_batch(
                    gateway_account.gateway(), gateway_account.account_name(), timezone.now()
                )
        except Exception as error:  # noqa: BLE001
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []
    assert set(Message.objects.filter(shop=network.shop).values_list("state", flat=True)) == {"accepted"}
    assert sandbox.stats()["messages_accepted"] == 60
    assert eventually(lambda: sandbox.stats()["handset_deliveries"] == 60, 10)
    assert sandbox.stats()["deliveries_per_ref_max"] == 1
    assert fold_all() == 0


def test_a_request_the_gateway_refuses_as_a_whole_is_sent_in_halves(network, sandbox):
    for caller in range(5):
        network.ended(mobile(caller))
    decide_all()
    sandbox.arm(on="send", kind="status", status=400, count=1)
    dispatch_all()
    assert {message.state for message in Message.objects.filter(shop=network.shop)} == {"accepted"}
    assert sandbox.stats()["deliveries_per_number_max"] <= 1
    assert sandbox.stats()["messages_accepted"] == 5
