"""Decide: every waiting call gets its one verdict (rules.md §4, design.md §4).

One transaction a batch: claim calls, lock their shops' quota rows, read all facts in one query, ask the rulebook call
by call, then write messages, guards, verdicts and counts. The quota row is the shop's lock, so what the rulebook read
of guards and counts is still true when it writes; SQL constraints are the last line behind that.

Lock order everywhere in messaging: messages, quota rows, guards, numbers; each sorted by its key.
"""

import json
import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import TypeVar

from django.conf import settings
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.utils import InterfaceError, OperationalError

from messaging import content, facts, quota
from messaging.arrays import arrays
from messaging.compose import RULES_VERSION
from messaging.deadlocks import is_deadlock
from messaging.enums import MessageKind, Priority
from messaging.links import new_token
from messaging.rulebook import UNSENT_FOR, Decision, SkipReason, Window, decide
from shopmsg.accounts.sealing import keyring
from shopmsg.core.clock import kst_day

log = logging.getLogger(__name__)

BATCH = 1_000
_ATTEMPTS = 5

# Messages, the guards they take and the verdicts, in one statement. A guard that somebody else holds for less than
# 168 hours is not returned: the caller counts and rolls back.
_WRITE = """
WITH message AS (
    INSERT INTO messaging_message (created_at, shop_id, call_id, kind, priority, channel, state, day, quota_day,
        sender, recipient_sealed, recipient_index, subject, text, picture_id, promo_id, token, permit, release_at,
        expires_at)
    SELECT %(now)s, t.shop_id, t.call_id, t.kind, %(priority)s, t.channel, t.state, %(day)s, t.quota_day,
        t.sender, t.sealed, t.index, t.subject, t.text, t.picture_id, t.promo_id, t.token, t.permit::jsonb,
        t.release_at, t.expires_at
    FROM unnest(%(shop_id)s::bigint[], %(call_id)s::bigint[], %(kind)s::text[], %(channel)s::text[],
        %(state)s::text[], %(quota_day)s::date[], %(sender)s::text[], %(sealed)s::bytea[], %(index)s::bytea[],
        %(subject)s::text[], %(text)s::text[], %(picture_id)s::bigint[], %(promo_id)s::bigint[],
        %(token)s::text[], %(permit)s::text[], %(release_at)s::timestamptz[], %(expires_at)s::timestamptz[])
    AS t(shop_id, call_id, kind, channel, state, quota_day, sender, sealed, index, subject, text, picture_id,
        promo_id, token, permit, release_at, expires_at)
    RETURNING id, call_id, shop_id, recipient_index, kind
), guard AS (
    INSERT INTO messaging_recipientguard AS g (shop_id, recipient_index, last_sent_at, message_id)
    SELECT shop_id, recipient_index, %(now)s, id FROM message WHERE kind = 'promo'
    ORDER BY shop_id, recipient_index
    ON CONFLICT (shop_id, recipient_index) DO UPDATE
    SET previous_sent_at = g.last_sent_at, last_sent_at = excluded.last_sent_at, message_id = excluded.message_id
    WHERE g.last_sent_at <= excluded.last_sent_at - interval '168 hours'
    RETURNING 1
), verdict AS (
    UPDATE messaging_call c SET state = 'decided', verdict = v.verdict, reason = v.reason, reason_at = v.reason_at,
        decided_at = %(now)s, message_id = message.id
    FROM unnest(%(verdict_id)s::bigint[], %(received_at)s::timestamptz[], %(verdict)s::text[], %(reason)s::text[],
        %(reason_at)s::timestamptz[]) AS v(id, received_at, verdict, reason, reason_at)
    LEFT JOIN message ON message.call_id = v.id
    WHERE c.id = v.id AND c.received_at = v.received_at
    RETURNING 1
)
SELECT (SELECT count(*) FROM guard), (SELECT count(*) FROM verdict)
"""


_MESSAGE_COLUMNS = (
    "shop_id",
    "call_id",
    "kind",
    "channel",
    "state",
    "quota_day",
    "sender",
    "sealed",
    "index",
    "subject",
    "text",
    "picture_id",
    "promo_id",
    "token",
    "permit",
    "release_at",
    "expires_at",
)
_VERDICT_COLUMNS = ("verdict_id", "received_at", "verdict", "reason", "reason_at")


class _LostRace(Exception):
    """Somebody took a guard between reading and writing; the batch is decided again on what is true now."""


@dataclass(slots=True)
class _Writing:
    """The rows of _WRITE, in the order of their columns, and the counts behind it."""

    messages: list[tuple[object, ...]] = field(default_factory=list)
    verdicts: list[tuple[object, ...]] = field(default_factory=list)
    promos: int = 0
    taken: Counter[tuple[int, date]] = field(default_factory=Counter)
    numbers: Counter[tuple[int, date, str]] = field(default_factory=Counter)


def ad_window() -> Window:
    """The advertising hours of this installation (rules.md §4 check 9)."""
    return Window(*settings.AD_HOURS)


def decide_batch(now: datetime, limit: int = BATCH) -> int:
    """Give up to `limit` waiting calls their verdict; returns how many. Safe to run in many processes at once."""
    return _tried(lambda cursor: _decide(cursor, facts.claim(cursor, limit), now), nothing=0)


def decide_oldest(now: datetime) -> bool | None:
    """Decide the oldest waiting call by itself; one that cannot be decided at all is skipped as our fault, so that it
    does not stop the others. Returns whether it could be decided, None when no call waits."""
    return _tried(lambda cursor: _decide_or_give_up(cursor, now), nothing=None)


T = TypeVar("T")


def _tried(deciding: Callable[[CursorWrapper], T], nothing: T) -> T:
    """One transaction, tried again when another took what it counted on."""
    for _ in range(_ATTEMPTS):
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                return deciding(cursor)
        except _LostRace:
            log.info("batch decided again")
        except OperationalError as error:
            if not is_deadlock(error):
                raise
            log.warning("deadlock while deciding; trying again")
    return nothing


def _decide_or_give_up(cursor: CursorWrapper, now: datetime) -> bool | None:
    oldest = facts.claim_oldest(cursor)
    if oldest is None:
        return None
    try:
        with transaction.atomic():
            _decide(cursor, facts.open_one(cursor, oldest), now)
    except (OperationalError, InterfaceError, _LostRace):
        raise
    except Exception:
        # The call is still locked here: no other worker's call can be mistaken for it.
        log.exception("call could not be decided", extra={"call": oldest.id})
        _give_up(cursor, oldest, now)
        return False
    return True


def _give_up(cursor: CursorWrapper, call: facts.CallName, now: datetime) -> None:
    cursor.execute(
        "UPDATE messaging_call SET state = 'decided', verdict = 'skip', reason = %s, decided_at = %s "
        "WHERE id = %s AND received_at = %s",
        [SkipReason.FAULT, now, call.id, call.received_at],
    )
    if call.shop_id:
        key = (call.shop_id, kst_day(now))
        quota.add_numbers(cursor, Counter({(*key, "calls"): 1, (*key, "not_sent"): 1}))


def _decide(cursor: CursorWrapper, calls: list[facts.Call], now: datetime) -> int:
    if not calls:
        return 0
    window = ad_window()
    days = quota.lock(cursor, {call.shop_id for call in calls if call.shop_id}, window, now)
    known_facts = facts.read(cursor, calls, now, kst_day(window.next_open(now)))
    writing = _Writing()
    sent_in_batch: dict[tuple[int, str], datetime] = {}
    for call in calls:
        known = known_facts.get(call.id)
        day = days.get(call.shop_id or 0)
        used = day.used + writing.taken[(day.shop_id, day.day)] if day else 0
        decision = decide(facts.of_call(call, known, used, sent_in_batch, now), window)
        _note(writing, call, known, decision, day.day if day else None, now)
        if decision.sends and not decision.test and call.shop_id and call.number:
            sent_in_batch[(call.shop_id, call.number)] = now
    _write(cursor, writing, now)
    quota.take(cursor, writing.taken, days)
    quota.add_numbers(cursor, writing.numbers)
    return len(calls)


def _note(
    writing: _Writing,
    call: facts.Call,
    known: facts.Facts | None,
    decision: Decision,
    quota_day: date | None,
    now: datetime,
) -> None:
    """Put one verdict, and its message where there is one, into the arrays."""
    verdict = ("send", "") if decision.sends else ("skip", str(decision.reason))
    writing.verdicts.append((call.id, call.received_at, *verdict, decision.reason_at))
    held = decision.release_at is not None and decision.release_at > now
    if call.shop_id and not decision.test:
        today = kst_day(now)
        writing.numbers[(call.shop_id, today, "calls")] += 1
        if not decision.sends:
            writing.numbers[(call.shop_id, today, "not_sent")] += 1
        elif held:
            writing.numbers[(call.shop_id, today, "held")] += 1
    if decision.release_at is None or call.number is None or call.shop_id is None:
        return
    if known is None or known.side.composed is None or known.side.promo is None:
        return
    counted = not decision.test
    if counted and quota_day is not None:
        writing.promos += 1
        writing.taken[(call.shop_id, quota_day)] += 1
    token = new_token()
    row = (
        call.shop_id,
        call.id,
        MessageKind.PROMO if counted else MessageKind.TEST,
        known.side.composed.channel,
        "held" if held else "queued",
        quota_day if counted else None,
        call.line,
        call.sealed,
        keyring().index(call.number),
        known.side.composed.subject,
        content.with_link(known.side.composed.text, token),
        known.side.promo.picture_id,
        known.side.promo.id,
        token,
        _permit(known.side.shop.advertises, known.side.ksic, known.side.notice_since),
        decision.release_at,
        decision.release_at + UNSENT_FOR,
    )
    writing.messages.append(row)


@lru_cache(maxsize=5_000)
def _permit(advertises: bool, ksic: str, notice_since: datetime | None) -> str:
    """Why this message may be sent, as JSON that is kept with it (rules.md §5)."""
    basis = f"업종 예외 {ksic}" if advertises else "공공 알림"
    since = notice_since.isoformat() if notice_since else None
    return json.dumps({"rules": RULES_VERSION, "basis": basis, "notice_since": since})


def _write(cursor: CursorWrapper, writing: _Writing, now: datetime) -> None:
    columns = [
        *zip(_MESSAGE_COLUMNS, arrays(writing.messages, len(_MESSAGE_COLUMNS)), strict=True),
        *zip(_VERDICT_COLUMNS, arrays(writing.verdicts, len(_VERDICT_COLUMNS)), strict=True),
    ]
    cursor.execute(_WRITE, {**dict(columns), "now": now, "day": kst_day(now), "priority": Priority.PROMO})
    guards, _ = cursor.fetchone()
    if guards != writing.promos:
        raise _LostRace
