"""The breaker and the rate limit all workers share, on real PostgreSQL and several connections at once."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import override_settings

from messaging import gateway_account
from messaging.enums import BreakerState
from messaging.gateway_account import admit, remember_balance, resume, settle, take_release_slot
from messaging.models import GatewayAccount

NAME = "solapi"
NOON = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def at_once(act: Callable[[], Any], callers: int = 8) -> list[Any]:
    """What `act` returns to several threads that start together, each with a connection of its own."""
    ready, results = threading.Barrier(callers), []

    def run() -> None:
        try:
            connection.ensure_connection()
            ready.wait(5)
            results.append(act())
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(callers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(results) == callers
    return results


def fail(times: int, now: datetime = NOON) -> None:
    for _ in range(times):
        settle(NAME, False, now, jitter=1.0)


def row() -> GatewayAccount:
    return GatewayAccount.objects.get(name=NAME)


@pytest.mark.django_db(transaction=True)
def test_the_first_slot_ever_goes_to_one_of_many() -> None:
    assert sum(admission.allowed for admission in at_once(lambda: admit(NAME, NOON))) == 1


@pytest.mark.django_db(transaction=True)
def test_many_workers_together_keep_the_rate() -> None:
    """Eight workers that ask all the time for two seconds get ten slots a second between them."""
    admit(NAME, NOON - SECOND)

    def work() -> int:
        moments = (NOON + timedelta(milliseconds=20 * step) for step in range(100))
        return sum(admit(NAME, moment).allowed for moment in moments)

    with override_settings(GATEWAY={**settings.GATEWAY, "requests_per_second": 10}):
        assert sum(at_once(work, 4)) <= 21


@pytest.mark.django_db
def test_a_refused_caller_is_told_when_the_next_slot_is() -> None:
    with override_settings(GATEWAY={**settings.GATEWAY, "requests_per_second": 4}):
        assert admit(NAME, NOON).allowed
        refused = admit(NAME, NOON + SECOND / 10)
        assert (refused.allowed, refused.retry_at) == (False, NOON + SECOND / 4)
        assert admit(NAME, NOON + SECOND / 4).allowed


@pytest.mark.django_db
def test_admission_costs_one_statement(django_assert_num_queries: Any) -> None:
    for moment in (NOON, NOON, NOON + SECOND):
        with django_assert_num_queries(1):
            admit(NAME, moment)


@pytest.mark.django_db
def test_five_failures_in_a_row_open_the_breaker_and_a_success_in_between_starts_anew() -> None:
    admit(NAME, NOON - SECOND)
    fail(4)
    settle(NAME, True, NOON)
    fail(4)
    assert admit(NAME, NOON).allowed
    fail(1)
    refused = admit(NAME, NOON + SECOND)
    assert (refused.allowed, refused.retry_at) == (False, NOON + 2 * SECOND)


@pytest.mark.django_db(transaction=True)
def test_an_open_breaker_lets_exactly_one_probe_through_and_its_success_closes_it() -> None:
    admit(NAME, NOON - SECOND)
    fail(5)
    later = NOON + 3 * SECOND
    assert sum(admission.allowed for admission in at_once(lambda: admit(NAME, later))) == 1
    refused = admit(NAME, later + SECOND)
    assert not refused.allowed
    assert refused.retry_at is not None
    assert refused.retry_at < later + 3 * SECOND
    settle(NAME, True, later)
    assert admit(NAME, later + 2 * SECOND).allowed
    assert (row().breaker, row().failures, row().retry_at) == (BreakerState.CLOSED, 0, None)


@pytest.mark.django_db
def test_each_failed_probe_doubles_the_wait_up_to_a_minute() -> None:
    now = NOON
    admit(NAME, now)
    fail(5, now)
    waits = []
    for _ in range(7):
        retry_at = row().retry_at
        assert retry_at is not None
        waits.append((retry_at - now).total_seconds())
        now = retry_at
        assert admit(NAME, now).allowed
        settle(NAME, False, now, jitter=1.0)
    assert waits == [2, 4, 8, 16, 32, 60, 60]


@pytest.mark.django_db
def test_failures_of_requests_from_before_do_not_prolong_an_open_breaker() -> None:
    admit(NAME, NOON - SECOND)
    fail(5)
    fail(20, NOON + SECOND)
    assert (row().failures, row().retry_at) == (5, NOON + 2 * SECOND)


@pytest.mark.django_db
def test_a_probe_whose_process_died_does_not_block_the_gateway_for_ever() -> None:
    admit(NAME, NOON - SECOND)
    fail(5)
    assert admit(NAME, NOON + 2 * SECOND).allowed
    assert not admit(NAME, NOON + 60 * SECOND).allowed
    assert admit(NAME, NOON + 63 * SECOND).allowed


@pytest.mark.django_db
def test_a_wait_the_vendor_asks_for_counts_from_the_first_failure_and_has_a_limit() -> None:
    admit(NAME, NOON)
    settle(NAME, False, NOON, retry_after=30)
    assert admit(NAME, NOON + 29 * SECOND) == gateway_account.Admission(False, NOON + 30 * SECOND)
    settle(NAME, False, NOON, retry_after=86_400)
    assert row().retry_at == NOON + 600 * SECOND


@pytest.mark.django_db
def test_a_stopped_account_waits_for_a_person() -> None:
    admit(NAME, NOON)
    settle(NAME, True, NOON, stop="API 비밀키가 맞지 않아요." + "!" * 200)
    settle(NAME, True, NOON)
    settle(NAME, False, NOON, stop="다른 까닭")
    assert admit(NAME, NOON + timedelta(days=3)) == gateway_account.Admission(False, None)
    assert row().stop_reason.startswith("API 비밀키가 맞지 않아요.")
    assert [resume(NAME, NOON), resume(NAME, NOON)] == [True, False]
    assert admit(NAME, NOON + SECOND).allowed


@pytest.mark.django_db
def test_success_of_a_healthy_gateway_writes_nothing() -> None:
    admit(NAME, NOON)
    with connection.cursor() as cursor:
        cursor.execute("SELECT xmin FROM messaging_gatewayaccount")
        before = cursor.fetchone()
        settle(NAME, True, NOON)
        cursor.execute("SELECT xmin, ctid FROM messaging_gatewayaccount")
        assert cursor.fetchone()[0] == before[0]


@pytest.mark.django_db
def test_a_clock_that_jumped_ahead_and_back_does_not_close_the_gateway() -> None:
    admit(NAME, NOON + timedelta(hours=5))
    take_release_slot(NAME, NOON + timedelta(hours=5), SECOND)
    assert admit(NAME, NOON).allowed
    assert take_release_slot(NAME, NOON, SECOND)


@pytest.mark.django_db(transaction=True)
def test_held_messages_are_released_by_one_worker_at_a_time() -> None:
    every = timedelta(seconds=5)
    assert sum(at_once(lambda: take_release_slot(NAME, NOON, every))) == 1
    assert sum(at_once(lambda: take_release_slot(NAME, NOON + 4 * SECOND, every))) == 0
    assert sum(at_once(lambda: take_release_slot(NAME, NOON + 5 * SECOND, every))) == 1
    assert admit(NAME, NOON + 5 * SECOND).allowed


@pytest.mark.django_db
def test_an_older_balance_does_not_overwrite_a_newer_one() -> None:
    remember_balance(NAME, 5000, NOON)
    remember_balance(NAME, 9000, NOON - SECOND)
    assert (row().balance, row().balance_at) == (5000, NOON)
    remember_balance(NAME, -20, NOON + SECOND)
    assert row().balance == -20


def test_the_driver_is_made_once_and_anew_when_its_settings_change() -> None:
    first = gateway_account.gateway()
    assert gateway_account.gateway() is first
    with override_settings(GATEWAY={**settings.GATEWAY, "account": "other"}):
        assert gateway_account.gateway() is not first
        assert gateway_account.account_name() == "other"
