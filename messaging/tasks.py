"""Tasks: each drains what PostgreSQL says is waiting. A task lost is found again by the next tick of beat."""

import logging
import socket
import time
from collections.abc import Callable
from datetime import datetime

from celery import shared_task
from django.core.management import call_command
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from messaging import (
    blocks,
    decide,
    dispatch,
    gateway_account,
    lookups,
    notices,
    partitions,
    reports,
    sending,
    upkeep,
)
from messaging.editor import edit_log, publications
from messaging.homepage import coupons
from messaging.wakeups import wake, woken
from shopmsg.accounts import audit, login, login_links, throttle

log = logging.getLogger(__name__)

#: A drain gives its place back after this long; what is left wakes it again.
_DRAIN_SECONDS = 20.0
#: Calls that end at the same moment are decided together: a batch costs the same whether it holds one call or fifty.
_GATHER_SECONDS = 0.05
#: The gateway's rate limit is waited for; what takes longer is left to the next tick of beat.
_LONGEST_PAUSE = 0.5


@shared_task(name="messaging.decide_calls")
def decide_calls() -> None:
    """Give waiting calls their verdict until none is left."""
    woken(decide_calls.name)
    time.sleep(_GATHER_SECONDS)
    until = time.monotonic() + _DRAIN_SECONDS
    while time.monotonic() < until:
        try:
            decided = decide.decide_batch(timezone.now())
        except (OperationalError, InterfaceError):
            # The database is away: no call is to blame, and the next tick looks again.
            raise
        except Exception:
            # One call that cannot be decided must not stop the others: go one by one until it is found.
            log.exception("batch could not be decided")
            while decide.decide_oldest(timezone.now()) and time.monotonic() < until:
                pass
            wake(dispatch_messages)
            continue
        if decided:
            wake(dispatch_messages)
        if decided < decide.BATCH:
            return
    wake(decide_calls)


@shared_task(name="messaging.dispatch_messages")
def dispatch_messages() -> None:
    """Submit what may go now: informational texts first, then promos, then a share of what was held."""
    woken(dispatch_messages.name)
    gateway, account = gateway_account.gateway(), gateway_account.account_name()
    until = time.monotonic() + _DRAIN_SECONDS
    side_work_at = 0.0
    while time.monotonic() < until:
        released = dispatch.Round(0)
        # Once a second is often enough for these, and they would cost every batch its statements.
        if time.monotonic() >= side_work_at:
            side_work_at = time.monotonic() + 1.0
            notices.take(timezone.now())
            # Before the live ones: after them the gateway's rate limit would have no slot left, second after second.
            released = dispatch.dispatch_batch(gateway, account, timezone.now(), held=True)
            if released.retry_at:
                side_work_at = 0.0
        live = dispatch.dispatch_batch(gateway, account, timezone.now())
        if live.dealt or released.dealt:
            continue
        refused = [moment for moment in (live.retry_at, released.retry_at) if moment]
        pause = (min(refused) - timezone.now()).total_seconds() if refused else _LONGEST_PAUSE
        if pause >= _LONGEST_PAUSE:
            return
        time.sleep(max(pause, 0.0))
    wake(dispatch_messages)


@shared_task(name="messaging.fold_reports")
def fold_reports() -> None:
    """Fold stored delivery reports into their messages until none is left."""
    woken(fold_reports.name)
    until = time.monotonic() + _DRAIN_SECONDS
    while time.monotonic() < until:
        if reports.fold_batch(timezone.now()) < reports.BATCH:
            return
    wake(fold_reports)


@shared_task(name="messaging.look_up")
def look_up() -> None:
    """Ask the gateway about messages whose fate is open."""
    now = timezone.now()
    lookups.find_abandoned(now)
    lookups.look_up(gateway_account.gateway(), gateway_account.account_name(), now)


@shared_task(name="messaging.publish_due")
def publish_due() -> None:
    """Let go live what owners have sent out."""
    publications.publish_due(timezone.now())


@shared_task(name="messaging.heartbeat")
def heartbeat() -> None:
    """Say that beat, broker, worker and database all work."""
    upkeep.seen(socket.gethostname(), timezone.now())


@shared_task(name="messaging.read_balance")
def read_balance() -> None:
    upkeep.read_balance(gateway_account.gateway(), gateway_account.account_name(), timezone.now())


@shared_task(name="messaging.minutely")
def minutely() -> None:
    """Write down which shops' rest is over; they send from that moment on without it."""
    sending.end_rests(timezone.now())


@shared_task(name="messaging.hourly")
def hourly() -> None:
    """Partitions ahead of time, and owners warned of promos that end."""
    _each(partitions.ensure, dispatch.end_forgotten, upkeep.warn_of_ending_promos)


@shared_task(name="messaging.daily")
def daily() -> None:
    """Retention (rules.md §5)."""
    _each(
        upkeep.destroy_old_numbers,
        edit_log.prune,
        coupons.purge,
        blocks.renew,
        login.purge,
        login_links.purge,
        throttle.purge,
        audit.purge,
        _clear_sessions,
    )


def _clear_sessions(_now: datetime) -> None:
    call_command("clearsessions")


def _each(*steps: Callable[[datetime], object]) -> None:
    """Run every step; the trouble of one is not the others'."""
    for step in steps:
        try:
            step(timezone.now())
        except Exception:
            log.exception("upkeep step failed", extra={"step": step.__name__})
