"""Real workers, killed in the middle of their work, and a broker that forgets everything."""

from collections import Counter
from datetime import timedelta

import pytest
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from messaging import decide
from messaging.models import CallEnd, Message, QuotaDay, ShopNumbers
from tests.pipeline import Network, mobile, shop_with_promo
from tests.stack import Stack, eventually, running

pytestmark = pytest.mark.django_db(transaction=True)

SHOPS, CALLERS = 4, 300


@pytest.fixture
def networks(sandbox):
    sandbox.reports(delay_seconds=0.2)
    return [Network(shop_with_promo(daily_cap=5000)) for _ in range(SHOPS)]


def tell_all(networks):
    for number, network in enumerate(networks):
        for caller in range(CALLERS):
            network.ended(mobile(number * 10_000 + caller))


def unfinished():
    return Message.objects.filter(Q(state="queued") | Q(state="submitting")).count()


def let_time_pass():
    """What a dead worker was submitting is found after ninety seconds; here they have passed already. Rows a worker is at are
    left for the next time."""
    with transaction.atomic():
        waiting = Message.objects.filter(state="submitting").select_for_update(skip_locked=True)
        rows = list(waiting.values_list("pk", flat=True))
        Message.objects.filter(pk__in=rows).update(submitted_at=timezone.now() - timedelta(minutes=3))


def check_promises(networks, sandbox):
    calls = CallEnd.objects.filter(shop__in=[network.shop for network in networks])
    assert calls.count() == SHOPS * CALLERS
    assert Counter(calls.values_list("state", "verdict")) == {("decided", "send"): SHOPS * CALLERS}
    messages = Message.objects.filter(shop__in=[network.shop for network in networks])
    assert messages.count() == messages.values("call_id").distinct().count() == SHOPS * CALLERS
    eventually(lambda: sandbox.stats()["handset_deliveries"] == sandbox.stats()["messages_accepted"], 10)
    stats = sandbox.stats()
    assert stats["deliveries_per_number_max"] == 1
    assert stats["deliveries_per_ref_max"] == 1
    told = {"accepted", "delivered", "uncertain"}
    assert set(messages.values_list("state", flat=True)) <= told
    taken = messages.filter(state__in=["accepted", "delivered"]).count()
    assert taken <= stats["messages_accepted"] <= SHOPS * CALLERS
    for network in networks:
        assert sum(QuotaDay.objects.filter(shop_id=network.shop.pk).values_list("used", flat=True)) == CALLERS
        assert (
            sum(ShopNumbers.objects.filter(shop_id=network.shop.pk).values_list("calls", flat=True))
            == CALLERS
        )
    assert sum(ShopNumbers.objects.values_list("sent", flat=True)) == taken


def kill_in_the_middle(stack: Stack, *, rounds: int) -> int:
    """Kill the worker while a batch is on its way, start another, several times; how often it hit a batch."""
    hits = 0
    for _ in range(rounds):
        hits += eventually(lambda: Message.objects.filter(state="submitting").exists(), 10)
        stack.processes[-1].kill()
        let_time_pass()
        stack.start_worker()
    return hits


def test_workers_killed_in_the_middle_of_batches_leave_one_verdict_a_call_and_one_message_a_phone(
    networks, sandbox, broker
):
    sandbox.arm(on="send", kind="slow", seconds=0.7, count=None)
    with running() as stack:
        tell_all(networks)
        assert kill_in_the_middle(stack, rounds=3) >= 1, stack.log()
        sandbox.disarm()
        assert eventually(lambda: not CallEnd.objects.filter(state="waiting").exists()), stack.log()
        assert eventually(lambda: unfinished() == 0 or let_time_pass() or False, 40), stack.log()
        # What a killed worker had handed over is found at the gateway; what it had not stays uncertain, never resent.
        eventually(lambda: not Message.objects.filter(state="uncertain").exists(), 12)
    check_promises(networks, sandbox)


def test_a_broker_that_forgets_everything_loses_nothing(networks, sandbox, broker):
    with running() as stack:
        for number, network in enumerate(networks):
            for caller in range(CALLERS):
                network.ended(mobile(number * 10_000 + caller))
                if caller % 50 == 0:
                    broker.flushdb()
            broker.flushdb()
        delivered = SHOPS * CALLERS
        assert eventually(
            lambda: Message.objects.filter(state__in=["accepted", "delivered"]).count() == delivered
        ), stack.log()
    check_promises(networks, sandbox)
    assert decide.decide_batch(timezone.now()) == 0
