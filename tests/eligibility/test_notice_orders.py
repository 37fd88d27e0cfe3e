"""The ringback notice of a line, from the order to the day it plays: ordered once, whatever breaks (rules.md §2)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from eligibility import notice_orders
from eligibility.errors import ApplicationRefused
from eligibility.models import NoticeOrder
from shopmsg.accounts.enums import NoticeState
from shopmsg.accounts.models import AuditEntry, Line
from tests.factories.accounts import LineFactory, ShopFactory, StaffFactory
from tests.messaging.conftest import Wire
from tests.services import Sandbox

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
pytestmark = pytest.mark.django_db


@pytest.fixture
def line() -> Line:
    shop = ShopFactory(line=None)
    return LineFactory(shop=shop, notice_state=NoticeState.NONE, notice_active_since=None)


@pytest.fixture
def carrier(sandbox: Sandbox) -> Sandbox:
    """The sandbox, at whose clock it is NOW, activating at once."""
    sandbox.clock(NOW)
    sandbox.ringback(delay=0)
    return sandbox


def state_of(line: Line) -> str:
    line.refresh_from_db()
    return line.notice_state


def order_of(line: Line) -> NoticeOrder:
    return NoticeOrder.objects.filter(line=line).latest("pk")


def test_a_notice_is_requested_then_plays_from_the_carriers_moment(line: Line, carrier: Sandbox) -> None:
    carrier.ringback(delay=1)
    notice_orders.request(line.pk, NOW)
    assert state_of(line) == NoticeState.REQUESTED
    assert notice_orders.follow(NOW) == []
    assert state_of(line) == NoticeState.REQUESTED

    carrier.clock(NOW + 3 * SECOND)
    assert notice_orders.follow(NOW + 3 * SECOND) == [line.pk]
    assert state_of(line) == NoticeState.ACTIVE
    assert line.notice_active_since is not None
    assert abs(line.notice_active_since - (NOW + SECOND)) < SECOND


def test_asking_twice_is_one_order(line: Line, carrier: Sandbox) -> None:
    first, second = notice_orders.request(line.pk, NOW), notice_orders.request(line.pk, NOW)
    assert first == second
    notice_orders.follow(NOW)
    assert notice_orders.request(line.pk, NOW + SECOND) == first
    assert carrier.ringback_orders() == {line.number: 1}


def test_a_notice_that_plays_without_an_order_of_ours_is_left_alone(carrier: Sandbox) -> None:
    assert notice_orders.request(LineFactory().pk, NOW) is None
    assert NoticeOrder.objects.count() == 0


@pytest.mark.parametrize("kind", ["timeout_after_accept", "reset_after_accept", "truncated", "reset_before"])
def test_an_order_whose_answer_got_lost_is_asked_about_and_made_once(
    line: Line, carrier: Sandbox, kind: str
) -> None:
    notice_orders.request(line.pk, NOW)
    carrier.arm(on="ringback", kind=kind, seconds=8)
    assert notice_orders.follow(NOW) == []
    assert order_of(line).problem.endswith("물어볼게요.")
    assert state_of(line) == NoticeState.REQUESTED

    assert notice_orders.follow(NOW + notice_orders.SILENCE_PAUSE) == [line.pk]
    assert (state_of(line), order_of(line).problem) == (NoticeState.ACTIVE, "")
    assert carrier.ringback_orders() == {line.number: 1}


def test_who_dies_before_the_call_leaves_an_order_that_is_made_by_the_next(
    line: Line, carrier: Sandbox
) -> None:
    notice_orders.request(line.pk, NOW)
    # What a process leaves that was killed after taking the order up and before its call.
    NoticeOrder.objects.update(sent_at=NOW, looks=1, next_look_at=NOW + 30 * SECOND)
    assert notice_orders.follow(NOW + 29 * SECOND) == []
    assert notice_orders.follow(NOW + 30 * SECOND) == [line.pk]
    assert carrier.ringback_orders() == {line.number: 1}


def test_a_failed_order_says_why_and_may_be_made_anew(line: Line, carrier: Sandbox) -> None:
    carrier.ringback(fail=[line.number])
    notice_orders.request(line.pk, NOW)
    assert notice_orders.follow(NOW) == [line.pk]
    failed = order_of(line)
    assert (state_of(line), failed.state, failed.ended_at) == (NoticeState.FAILED, NoticeState.FAILED, NOW)
    assert "회선을 찾지 못했어요" in failed.problem

    carrier.ringback(fail=[])
    assert notice_orders.request(line.pk, NOW + SECOND) != failed
    assert notice_orders.follow(NOW + SECOND) == [line.pk]
    assert state_of(line) == NoticeState.ACTIVE


def test_a_carrier_that_is_silent_is_asked_once_a_run_for_all_lines(carrier: Sandbox) -> None:
    lines = [LineFactory(notice_state=NoticeState.NONE, notice_active_since=None) for _ in range(3)]
    for line in lines:
        notice_orders.request(line.pk, NOW)
    carrier.arm(on="ringback", kind="status", count=None)
    notice_orders.follow(NOW)
    notice_orders.follow(NOW + 5 * SECOND)
    assert carrier.stats()["requests"] == {"POST /ringback/v1/subscriptions": 1}

    carrier.disarm()
    later = NOW + notice_orders.SILENCE_PAUSE
    assert sorted(notice_orders.follow(later)) == sorted(line.pk for line in lines)
    assert {state_of(line) for line in lines} == {NoticeState.ACTIVE}


def test_a_carrier_that_takes_its_time_is_asked_less_and_less_often(line: Line, carrier: Sandbox) -> None:
    carrier.ringback(delay=80_000)
    notice_orders.request(line.pk, NOW)
    for minute in range(120):
        notice_orders.follow(NOW + minute * timedelta(minutes=1))
    assert order_of(line).looks < 70
    carrier.clock(NOW + DAY)
    assert notice_orders.follow(NOW + DAY) == [line.pk]


def test_a_notice_the_carrier_ended_ends_the_promos_of_its_line(line: Line, carrier: Sandbox) -> None:
    notice_orders.request(line.pk, NOW)
    notice_orders.follow(NOW)
    assert notice_orders.follow(NOW + DAY - SECOND) == []
    carrier.call("POST", "/sandbox/reset")  # the carrier knows nothing of it any more
    assert notice_orders.follow(NOW + DAY) == [line.pk]
    assert (state_of(line), line.notice_active_since) == (NoticeState.FAILED, None)
    assert carrier.ringback_orders() == {}


def test_ending_a_notice_stops_the_line_at_once_and_is_said_until_it_is_heard(
    line: Line, carrier: Sandbox
) -> None:
    notice_orders.request(line.pk, NOW)
    notice_orders.follow(NOW)
    notice_orders.end(line.pk, NOW)
    assert state_of(line) == NoticeState.NONE
    carrier.arm(on="ringback", kind="status")
    assert notice_orders.follow(NOW) == []
    with pytest.raises(ApplicationRefused, match="해지하고 있습니다"):
        notice_orders.request(line.pk, NOW)
    assert notice_orders.follow(NOW + notice_orders.SILENCE_PAUSE) == [line.pk]
    assert order_of(line).ended_at is not None
    subscriptions = carrier.call("GET", "/sandbox/ringback")["subscriptions"]
    assert [one["state"] for one in subscriptions] == ["cancelled"]


def test_staff_say_what_came_of_an_order_where_the_carrier_has_no_interface(
    line: Line, carrier: Sandbox, settings: Any
) -> None:
    settings.PROVISIONING = {"driver": "manual", "base_url": "", "key": ""}
    agent = StaffFactory()
    say: Callable[..., NoticeOrder] = lambda **what: notice_orders.record(  # noqa: E731
        line.pk, by=agent, address="192.0.2.1", now=NOW, **what
    )
    with pytest.raises(ApplicationRefused, match="신청 중인"):
        say(plays=True)
    notice_orders.request(line.pk, NOW)
    assert notice_orders.follow(NOW) == []
    with pytest.raises(ApplicationRefused, match="왜 걸리지 않았는지"):
        say(plays=False, problem=" ")
    say(plays=True)
    assert (state_of(line), line.notice_active_since) == (NoticeState.ACTIVE, NOW)
    assert notice_orders.follow(NOW + DAY) == []
    assert state_of(line) == NoticeState.ACTIVE
    entry = AuditEntry.objects.get(action="notice.recorded")
    assert (entry.actor, entry.shop, entry.detail) == (agent, line.shop, {"state": "active"})


@pytest.mark.django_db(transaction=True)
def test_workers_at_once_make_one_order(carrier: Sandbox) -> None:
    line = LineFactory(notice_state=NoticeState.NONE, notice_active_since=None)

    def work(_: int) -> None:
        try:
            notice_orders.request(line.pk, NOW)
            notice_orders.follow(NOW)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(work, range(6)))
    notice_orders.follow(NOW + 31 * SECOND)
    assert NoticeOrder.objects.count() == 1
    assert carrier.stats()["requests"] == {"POST /ringback/v1/subscriptions": 1}
    assert state_of(line) == NoticeState.ACTIVE


@pytest.mark.django_db(transaction=True)
def test_a_person_who_is_quicker_than_the_carrier_is_not_overruled(wire: Wire, settings: Any) -> None:
    line = LineFactory(notice_state=NoticeState.NONE, notice_active_since=None)
    settings.PROVISIONING = {"driver": "http", "base_url": wire.url, "key": "key"}
    notice_orders.request(line.pk, NOW)

    def end_meanwhile(_seen: object) -> tuple[int, dict[str, str], bytes]:
        """While the carrier thinks, an admin closes the shop, on a connection of their own."""
        with transaction.atomic():
            notice_orders.end(line.pk, NOW)
        connection.close()
        return 200, {}, b'{"state": "active", "active_since": "2026-11-23T03:00:00Z"}'

    wire.answer = end_meanwhile
    assert notice_orders.follow(NOW) == []
    assert state_of(line) == NoticeState.NONE
    wire.says({"state": "cancelled"})
    assert notice_orders.follow(NOW + 31 * SECOND) == [line.pk]
    assert {seen.method for seen in wire.seen[1:]} == {"DELETE"}
    assert (state_of(line), order_of(line).ended_at is not None) == (NoticeState.NONE, True)
