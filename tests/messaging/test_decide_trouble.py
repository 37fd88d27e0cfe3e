"""Deciding late, deciding what cannot be decided, and deciding on a shop that has just changed."""

import threading
import time
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.db import connection, connections, transaction

from messaging import facts, tasks
from messaging.models import CallEnd, Message, ShopNumbers
from shopmsg.accounts.enums import Product
from shopmsg.accounts.models import Line
from tests.factories.accounts import LineFactory
from tests.pipeline import Network, call_of, decide_all, message_of, mobile, shop_with_promo, with_promo

pytestmark = pytest.mark.django_db


def at_kst(hour, minute=0, second=0, day=23):
    return datetime(2026, 11, day, hour, minute, second, tzinfo=UTC) - timedelta(hours=9)


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(at_kst(12), tick=False) as traveller:
        yield traveller


@pytest.fixture
def network(sandbox):
    return Network(shop_with_promo())


def numbers_of(shop):
    row = ShopNumbers.objects.get(shop_id=shop.pk)
    return row.calls, row.sent, row.held, row.not_sent


def test_a_line_added_after_its_call_came_in_gets_a_whole_verdict(network):
    call_id = network.ended(mobile(1), line="0299990000")
    LineFactory(shop=network.shop, number="0299990000")
    decide_all()
    call = call_of(call_id)
    assert (call.verdict, call.reason) == ("skip", "unknown_line")
    assert not Message.objects.exists()


def test_a_line_that_moved_to_another_shop_after_the_call_sends_nobodys_promo(network):
    other = shop_with_promo()
    call_id = network.ended(mobile(1))
    Line.objects.filter(shop=network.shop).update(shop=other)
    decide_all()
    assert (call_of(call_id).verdict, call_of(call_id).reason) == ("skip", "unknown_line")
    assert not Message.objects.exists()
    assert numbers_of(network.shop) == (1, 0, 0, 1)


def test_a_held_message_carries_what_is_valid_on_the_day_it_is_sent(network, noon):
    network.shop.promos.update(live=False)
    with_promo(network.shop, kind="event", headline="오늘까지", standing=False, ends_on=date(2026, 11, 23))
    today = network.ended(mobile(1))
    decide_all()
    assert "오늘까지" in message_of(today).text
    noon.move_to(at_kst(22))
    tonight = network.ended(mobile(2))
    decide_all()
    assert message_of(tonight).state == "held"
    assert "오늘까지" not in message_of(tonight).text


def test_a_public_bodys_notice_of_the_last_day_still_goes_that_night(sandbox, noon):
    network = Network(shop_with_promo(product=Product.PREMIUM))
    network.shop.promos.update(live=False)
    with_promo(network.shop, kind="event", headline="오늘까지", standing=False, ends_on=date(2026, 11, 23))
    noon.move_to(at_kst(22))
    tonight = network.ended(mobile(2))
    decide_all()
    assert "오늘까지" in message_of(tonight).text


def test_a_call_that_waited_two_hours_for_its_verdict_brings_no_message(network, noon):
    call_id = network.ended(mobile(1))
    noon.shift(timedelta(hours=2, seconds=1))
    fresh = network.ended(mobile(2))
    decide_all()
    assert (call_of(call_id).verdict, call_of(call_id).reason) == ("skip", "expired")
    assert call_of(fresh).verdict == "send"


def test_a_night_call_decided_in_the_morning_has_two_hours_from_the_opening(network, noon):
    noon.move_to(at_kst(22))
    early = network.ended(mobile(1))
    noon.move_to(at_kst(9, 59, day=24))
    decide_all()
    assert call_of(early).verdict == "send"
    noon.move_to(at_kst(22, day=24))
    late = network.ended(mobile(2))
    noon.move_to(at_kst(10, 0, 1, day=25))
    decide_all()
    assert call_of(late).reason == "expired"


def break_deciding(monkeypatch, poisoned):
    """A call with this id can be read but not decided: a stand-in for a defect of ours nobody has thought of."""
    real = facts.of_call

    def of_call(call, *args):
        if call.id == poisoned.pk:
            raise ZeroDivisionError
        return real(call, *args)

    monkeypatch.setattr("messaging.facts.of_call", of_call)


def test_a_call_that_cannot_be_decided_costs_only_itself_and_is_counted(network, broker, monkeypatch):
    calls = [network.ended(mobile(n)) for n in range(3)]
    break_deciding(monkeypatch, call_of(calls[1]))
    tasks.decide_calls()
    assert [call_of(call_id).reason or call_of(call_id).verdict for call_id in calls] == [
        "send",
        "fault",
        "send",
    ]
    assert numbers_of(network.shop) == (3, 0, 0, 1)


@pytest.mark.django_db(transaction=True)
def test_a_call_that_cannot_be_decided_is_not_mistaken_for_another_while_a_second_worker_tries_it(
    network, broker, monkeypatch
):
    calls = [network.ended(mobile(n)) for n in range(6)]
    poisoned = call_of(calls[0])
    real = facts.of_call
    seen = []
    others = []

    def try_it_too():
        """Another worker takes the call the moment this one lets go of it, and has it for a while."""
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM messaging_call WHERE id = %s FOR UPDATE", [poisoned.pk])
            time.sleep(1)
        connections.close_all()

    def of_call(call, *args):
        if call.id != poisoned.pk:
            return real(call, *args)
        seen.append(call.id)
        if len(seen) == 2:
            others.append(threading.Thread(target=try_it_too))
            others[0].start()
            time.sleep(0.5)
        raise ZeroDivisionError

    monkeypatch.setattr("messaging.facts.of_call", of_call)
    tasks.decide_calls()
    others[0].join(10)
    tasks.decide_calls()
    assert not CallEnd.objects.filter(state="waiting").exists()
    assert [call_of(call_id).reason for call_id in calls] == ["fault", "", "", "", "", ""]
