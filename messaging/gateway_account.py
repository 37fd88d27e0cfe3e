"""The gateway account all processes share: the driver, its circuit breaker and its client-side rate limit.

The row decides, not memory: each function is one guarded statement, so two workers never both get a slot or both probe
a gateway that is down. Call them outside transactions or last in a short one: whoever holds the row's lock holds up every
sender.
"""

import os
import secrets
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.core.signals import setting_changed
from django.db import connection
from django.utils import timezone

from messaging.gateways.base import Gateway
from messaging.gateways.solapi import Solapi

OPENS_AFTER = 5
FIRST_DELAY = 2.0
LONGEST_DELAY = 60.0
LONGEST_RETRY_AFTER = 600.0
# A probe that neither succeeded nor failed by then died with its process.
PROBE_LEASE = timedelta(seconds=60)
# A slot further ahead than any honest one was written under a clock that jumped, and binds nobody.
_CLOCK_JUMP = timedelta(seconds=10)
_SOON = timedelta(milliseconds=200)
# Whoever waits for slots beside others gets one within this many, or leaves the field to them.
_SLOTS_WAITED_FOR = 10
_LONG_WAIT = timedelta(seconds=1)
_CHANCE = secrets.SystemRandom()


@dataclass(frozen=True, slots=True)
class Admission:
    """Whether a request may go out now, and if not, when to ask again; None: when a person has resumed."""

    allowed: bool
    retry_at: datetime | None


def gateway() -> Gateway:
    """This process's driver. One a process: a forked worker must not share its parent's connections."""
    return _gateway(os.getpid())


def account_name() -> str:
    """The name of the account in use, the key of its row and of its pictures."""
    return str(settings.GATEWAY["account"])


@lru_cache(maxsize=1)
def _gateway(_pid: int) -> Gateway:
    chosen = settings.GATEWAY
    return Solapi(chosen["base_url"], chosen["api_key"], chosen["api_secret"], chosen["report_secret"])


def _forget_gateway(*, setting: str, **_: Any) -> None:
    if setting == "GATEWAY":
        _gateway.cache_clear()


setting_changed.connect(_forget_gateway)

# The first statement makes the row when it is missing. PostgreSQL takes the row lock before it looks at WHERE again, so
# of two callers the second sees what the first wrote. A refused caller is told what the row said before this statement;
# behind a slot or a probe that was taken at the same time it comes back soon.
_ADMIT = """
WITH admitted AS (
    INSERT INTO messaging_gatewayaccount AS a
        (name, breaker, failures, stop_reason, next_request_at, next_release_at)
    VALUES (%(name)s, 'closed', 0, '', %(next)s, %(now)s)
    ON CONFLICT (name) DO UPDATE SET
        next_request_at = %(next)s,
        breaker = CASE WHEN a.breaker = 'closed' THEN 'closed' ELSE 'half_open' END,
        retry_at = CASE WHEN a.breaker = 'closed' THEN NULL ELSE %(lease)s END
    WHERE a.stop_reason = ''
      AND (a.next_request_at <= %(now)s OR a.next_request_at > %(jump)s)
      AND (a.breaker = 'closed' OR a.retry_at IS NULL OR a.retry_at <= %(now)s)
    RETURNING true
)
SELECT true, NULL::timestamptz FROM admitted
UNION ALL
SELECT false, CASE
    WHEN a.stop_reason <> '' THEN NULL
    WHEN a.breaker = 'open' AND a.retry_at > %(now)s THEN a.retry_at
    WHEN a.breaker = 'closed' AND a.next_request_at > %(now)s THEN a.next_request_at
    ELSE %(soon)s END
FROM messaging_gatewayaccount a WHERE a.name = %(name)s AND NOT EXISTS (SELECT FROM admitted)
"""

_SUCCEEDED = """
UPDATE messaging_gatewayaccount SET
    breaker = 'closed', failures = 0, retry_at = NULL,
    stop_reason = CASE WHEN stop_reason = '' THEN %(stop)s ELSE stop_reason END
WHERE name = %(name)s
  AND (breaker <> 'closed' OR failures > 0 OR (%(stop)s <> '' AND stop_reason = ''))
"""

# Failures that come in while the breaker is open belong to requests from before: they neither count nor prolong, unless
# the vendor itself asks for more time.
_FAILED = """
UPDATE messaging_gatewayaccount SET
    failures = CASE WHEN breaker = 'open' THEN failures ELSE failures + 1 END,
    breaker = CASE
        WHEN breaker <> 'closed' OR failures + 1 >= %(opens)s OR %(asked)s IS NOT NULL THEN 'open'
        ELSE 'closed' END,
    retry_at = CASE
        WHEN breaker = 'open' THEN greatest(retry_at, %(asked)s)
        WHEN breaker = 'half_open' OR failures + 1 >= %(opens)s THEN greatest(%(asked)s, %(now)s + least(
            %(longest)s, %(first)s * power(2, least(20, greatest(0, failures + 1 - %(opens)s))) * %(jitter)s
        ) * interval '1 second')
        ELSE %(asked)s END,
    stop_reason = CASE WHEN stop_reason = '' THEN %(stop)s ELSE stop_reason END
WHERE name = %(name)s
"""

_RELEASE = """
INSERT INTO messaging_gatewayaccount AS a (name, breaker, failures, stop_reason, next_request_at, next_release_at)
VALUES (%(name)s, 'closed', 0, '', %(now)s, %(next)s)
ON CONFLICT (name) DO UPDATE SET next_release_at = %(next)s
WHERE a.next_release_at <= %(now)s OR a.next_release_at > %(jump)s
RETURNING true
"""

_RESUME = """
UPDATE messaging_gatewayaccount SET breaker = 'closed', failures = 0, retry_at = NULL, stop_reason = '',
    next_request_at = least(next_request_at, %(now)s)
WHERE name = %(name)s AND (stop_reason <> '' OR breaker <> 'closed')
"""

_BALANCE = """
INSERT INTO messaging_gatewayaccount AS a
    (name, breaker, failures, stop_reason, next_request_at, next_release_at, balance, balance_at)
VALUES (%(name)s, 'closed', 0, '', %(now)s, %(now)s, %(won)s, %(now)s)
ON CONFLICT (name) DO UPDATE SET balance = %(won)s, balance_at = %(now)s
WHERE a.balance_at IS NULL OR a.balance_at <= %(now)s
"""


def admit(name: str, now: datetime) -> Admission:
    """Take the right to make one request to the gateway (design.md §3 habit 4).

    Closed breaker: one slot of `requests_per_second`, evenly spaced. Open: refused until its time, then one caller
    probes while all others wait. Stopped: refused until `resume`.
    """
    step = timedelta(seconds=1 / max(1, settings.GATEWAY["requests_per_second"]))
    found = _run(
        _ADMIT,
        name=name,
        now=now,
        next=now + step,
        soon=now + max(step, _SOON),
        jump=now + _CLOCK_JUMP,
        lease=now + PROBE_LEASE,
    )
    allowed, retry_at = found or (
        False,
        now + _SOON,
    )  # no row: another caller's first INSERT is not visible yet
    return Admission(allowed, retry_at)


def admit_soon(name: str) -> Admission:
    """The same for who is in the middle of something: the rate limit's next slots are waited for, a few at most; an open
    breaker is not."""
    admission = admit(name, timezone.now())
    for _ in range(_SLOTS_WAITED_FOR):
        now = timezone.now()
        if admission.allowed or admission.retry_at is None or admission.retry_at > now + _LONG_WAIT:
            break
        time.sleep(max(0.0, (admission.retry_at - now).total_seconds()))
        admission = admit(name, timezone.now())
    return admission


def settle(
    name: str,
    healthy: bool,
    now: datetime,
    retry_after: float | None = None,
    stop: str = "",
    jitter: float | None = None,
) -> None:
    """Tell the breaker how an admitted request went; every `admit` that allowed one is followed by this.

    The fifth failure in a row opens it for 2 s, each failed probe doubles that up to 60 s; success closes it. A
    vendor's `retry_after` (seconds) opens it at once, for ten minutes at most. `stop` stops the account until a person
    resumes it. `jitter` is the factor on the delay, by default 1 to 1.25 at random.
    """
    stop = stop[:120]
    if healthy:
        _run(_SUCCEEDED, name=name, stop=stop)
        return
    asked = None
    if retry_after is not None:
        asked = now + timedelta(seconds=min(max(retry_after, 1.0), LONGEST_RETRY_AFTER))
    factor = _CHANCE.uniform(1.0, 1.25) if jitter is None else jitter
    _run(
        _FAILED,
        name=name,
        now=now,
        asked=asked,
        stop=stop,
        jitter=factor,
        opens=OPENS_AFTER,
        first=FIRST_DELAY,
        longest=LONGEST_DELAY,
    )


def take_release_slot(name: str, now: datetime, every: timedelta) -> bool:
    """Whether the caller may release the next lot of held messages; true once per `every` over all processes."""
    return _run(_RELEASE, name=name, now=now, next=now + every, jump=now + every + _CLOCK_JUMP) is not None


def resume(name: str, now: datetime) -> bool:
    """A person looked: send again. False when nothing was stopped. The caller writes the audit entry."""
    with connection.cursor() as cursor:
        cursor.execute(_RESUME, {"name": name, "now": now})
        return bool(cursor.rowcount > 0)


def remember_balance(name: str, won: int, now: datetime) -> None:
    """Keep the balance as read at `now`, unless a later reading is known."""
    _run(_BALANCE, name=name, won=won, now=now)


def _run(sql: str, **values: Any) -> Any:
    """Run one statement; its first row, if it returns rows."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchone() if cursor.description else None
