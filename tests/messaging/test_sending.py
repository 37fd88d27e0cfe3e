"""Resting until a moment: the pipeline obeys the moment itself, and the pages say it."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from messaging import sending
from messaging.models import Message
from shopmsg.accounts import audit
from shopmsg.accounts.models import AuditEntry, Shop
from tests.factories.accounts import ShopFactory, UserFactory
from tests.messaging.owner_page import stage
from tests.pipeline import (
    Network,
    decide_all,
    dispatch_all,
    message_of,
    mobile,
    received,
    shop_with_promo,
    verdicts,
)

pytestmark = pytest.mark.django_db
TICK = timedelta(microseconds=1)


def at_kst(hour, minute=0, day=23):
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC) - timedelta(hours=9)


@pytest.fixture(autouse=True)
def evening():
    with time_machine.travel(at_kst(19), tick=False) as traveller:
        yield traveller


def _rest(shop, until):
    sending.turn_off(shop, until=until, by=UserFactory(), address=None, now=timezone.now())


def test_a_shop_sends_again_from_the_very_moment_its_rest_ends_without_any_task(evening):
    shop = shop_with_promo()
    network = Network(shop)
    _rest(shop, at_kst(20))
    evening.move_to(at_kst(20) - TICK)
    network.ended(mobile(1))
    decide_all()
    evening.move_to(at_kst(20))
    network.ended(mobile(2))
    decide_all()
    assert verdicts(network) == ["sending_off", "send"]
    assert not Shop.objects.get(pk=shop.pk).sending_on


def test_what_is_held_goes_when_the_rest_is_over_before_the_morning_and_not_otherwise(evening, sandbox):
    sandbox.reports(mode="off", delay_seconds=0)
    evening.move_to(at_kst(22))
    slept, away = (Network(shop_with_promo()) for _ in range(2))
    slept.ended(mobile(1))
    away.ended(mobile(2))
    decide_all()
    _rest(slept.shop, sending.midnight_after(timezone.now()))
    _rest(away.shop, sending.midnight_after(timezone.now(), 1))
    evening.move_to(at_kst(8, day=24))
    dispatch_all()
    assert message_of(slept.told[0]).state == "accepted"
    assert (message_of(away.told[0]).state, message_of(away.told[0]).reason) == ("skipped", "sending_off")
    assert len(received(mobile(1))) == 1


def test_what_was_queued_when_the_rest_began_is_not_sent(sandbox):
    network = Network(shop_with_promo())
    network.ended(mobile(1))
    decide_all()
    _rest(network.shop, at_kst(23))
    dispatch_all()
    assert Message.objects.get().reason == "sending_off"


def test_the_end_of_a_rest_is_written_down_once_and_as_nobodys_act(evening):
    over, resting, off = ShopFactory(), ShopFactory(), ShopFactory()
    _rest(over, at_kst(20))
    _rest(resting, at_kst(21))
    _rest(off, None)
    assert sending.end_rests(timezone.now()) == 0
    evening.move_to(at_kst(20))
    assert [sending.end_rests(timezone.now()) for _ in range(2)] == [1, 0]
    states = [(shop.sending_on, shop.off_until) for shop in Shop.objects.order_by("pk")]
    assert states == [(True, None), (False, at_kst(21)), (False, None)]
    entry = AuditEntry.objects.get(action="shop.sending_on")
    assert (entry.actor, entry.shop) == (None, over)
    assert audit.verify() is None


def test_a_new_rest_begins_even_when_the_last_is_over_but_not_written_down(evening):
    shop = ShopFactory()
    _rest(shop, at_kst(20))
    evening.move_to(at_kst(20, 1))
    _rest(shop, at_kst(22))
    assert sending.end_rests(timezone.now()) == 0
    assert not sending.is_on(shop, timezone.now())


@pytest.mark.parametrize(
    ("until", "code"), [(at_kst(19), "until_past"), (at_kst(19) + timedelta(days=90, seconds=1), "until_far")]
)
def test_a_rest_ends_later_than_now_and_within_90_days(until, code):
    shop = ShopFactory()
    with pytest.raises(sending.SendingRefused) as refused:
        _rest(shop, until)
    assert refused.value.code == code
    assert Shop.objects.get(pk=shop.pk).sending_on


@pytest.mark.parametrize(
    ("chosen", "until", "words"),
    [
        ({"until": "today"}, at_kst(0, day=24), "오늘 밤 12시까지"),
        ({"until": "tomorrow"}, at_kst(0, day=25), "내일 밤 12시까지"),
        (
            {"until": "pick", "day": "2026-11-26", "hour": "11"},
            at_kst(11, day=26),
            "11월 26일(목) 오전 11:00까지",
        ),
        ({"until": "none"}, None, "다시 켤 때까지"),
    ],
)
def test_the_owner_chooses_until_when_and_the_page_says_it_with_the_way_back(chosen, until, words):
    at = stage()
    at.owner.post(at.url("sending/"), {"to": "off", **chosen})
    assert Shop.objects.get(pk=at.shop.pk).off_until == until
    page = at.owner.get(at.url("settings/")).content.decode()
    assert words in page
    assert "지금 다시 켜기" in page
    at.owner.post(at.url("sending/"), {"to": "on"})
    shop = Shop.objects.get(pk=at.shop.pk)
    assert (shop.sending_on, shop.off_until) == (True, None)


@pytest.mark.parametrize("wrong", [{"day": "2026-11-23", "hour": "19"}, {"day": "어제", "hour": "9"}, {}])
def test_a_moment_that_cannot_be_is_refused_where_it_was_chosen(wrong):
    at = stage()
    page = at.owner.post(at.url("sending/"), {"to": "off", "until": "pick", **wrong})
    assert 'class="errors"' in page.content.decode()
    assert Shop.objects.get(pk=at.shop.pk).sending_on


def test_a_page_opened_after_the_rest_shows_a_shop_that_sends(evening):
    at = stage()
    at.owner.post(at.url("sending/"), {"to": "off", "until": "pick", "day": "2026-11-23", "hour": "20"})
    evening.move_to(at_kst(20))
    assert "보내는 중" in at.owner.get(at.url("settings/")).content.decode()


def test_a_nights_calls_leave_at_the_shops_own_hour_and_count_on_that_day(evening, sandbox):
    sandbox.reports(mode="off", delay_seconds=0)
    evening.move_to(at_kst(22))
    network = Network(shop_with_promo(release_hour=11))
    network.ended(mobile(1))
    decide_all()
    assert message_of(network.told[0]).release_at == at_kst(11, day=24)
    evening.move_to(at_kst(10, 59, day=24))
    network.ended(mobile(2))
    decide_all()
    dispatch_all()
    assert [message_of(call).state for call in network.told] == ["held", "accepted"]
    evening.move_to(at_kst(11, day=24))
    dispatch_all()
    assert message_of(network.told[0]).state == "accepted"


def test_a_message_the_evening_overtook_waits_for_the_shops_own_hour(evening, sandbox):
    evening.move_to(at_kst(20, 59))
    network = Network(shop_with_promo(release_hour=12))
    network.ended(mobile(1))
    decide_all()
    evening.move_to(at_kst(21))
    dispatch_all()
    held = message_of(network.told[0])
    assert (held.state, held.release_at) == ("held", at_kst(12, day=24))


def test_an_owner_of_several_shops_sees_how_each_is_doing_and_goes_from_one_to_the_other():
    at = stage(name="망원 치킨")
    other = ShopFactory(owner=at.user, name="합정 분식")
    _rest(other, at_kst(0, day=24))
    lists = at.owner.get("/start/").content.decode()
    assert "보내는 중" in lists
    assert "오늘 밤 12시까지 쉼" in lists
    page = at.owner.get(at.url("settings/")).content.decode()
    assert f'href="/shops/{other.slug}/"' in page
    assert "모든 가게 보기" not in at.colleague.get(at.url("settings/")).content.decode()
