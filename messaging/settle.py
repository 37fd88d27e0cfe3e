"""Settle: what a gateway said of messages, by answer, by look-up or by report, becomes their state.

One table of transitions for all three, so that the order in which news arrives does not matter: a final delivery
beats everything, a failure beats acceptance, and nothing goes back (reports repeated or out of order are harmless).
"""

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.utils import OperationalError
from django.utils import timezone

from messaging import picture_uploads, quota, reservations
from messaging.arrays import array, arrays
from messaging.deadlocks import is_deadlock
from messaging.enums import MessageState, OptOutSource, Outcome
from messaging.failures import Failure, failure_of
from messaging.gateways.base import Answer
from messaging.optouts import opt_out, opt_out_unread
from messaging.stopping import stop_by_gateway
from shopmsg.accounts.sealing import keyring
from shopmsg.core.crypto import CryptoError

log = logging.getLogger(__name__)

#: Ask about an uncertain message after this long, then after growing delays.
FIRST_LOOKUP = timedelta(seconds=10)
#: Ask about an accepted one that nobody reported on.
FIRST_POLL = timedelta(minutes=10)
_ATTEMPTS = 3
_RETRY = (5, 15, 60, 300, 900)

S = MessageState
_UNSETTLED = (S.SUBMITTING, S.UNCERTAIN, S.UNKNOWN)
#: {outcome: {state now: state then}}; what is missing changes nothing.
TRANSITIONS: Mapping[Outcome, Mapping[MessageState, MessageState]] = {
    Outcome.ACCEPTED: dict.fromkeys(_UNSETTLED, S.ACCEPTED),
    Outcome.HANDED_OVER: dict.fromkeys(_UNSETTLED, S.ACCEPTED),
    Outcome.DELIVERED: dict.fromkeys((*_UNSETTLED, S.ACCEPTED, S.FAILED), S.DELIVERED),
    Outcome.FAILED: dict.fromkeys((*_UNSETTLED, S.ACCEPTED), S.FAILED),
    Outcome.REJECTED: {**dict.fromkeys(_UNSETTLED, S.REJECTED), S.ACCEPTED: S.FAILED},
    Outcome.RETRY_LATER: {S.SUBMITTING: S.QUEUED},
    Outcome.UNCERTAIN: {S.SUBMITTING: S.UNCERTAIN},
    Outcome.UNKNOWN: {S.SUBMITTING: S.UNCERTAIN},
}
_TAKEN = frozenset({S.ACCEPTED, S.DELIVERED, S.FAILED})

_LOCK = """
SELECT id, created_at, state, kind = 'promo', shop_id, day, quota_day, recipient_index, recipient_sealed, attempt,
    picture_id, token, notice_kind
FROM messaging_message WHERE id = ANY(%s::bigint[]) AND created_at >= %s ORDER BY id FOR UPDATE
"""

_UPDATE = """
UPDATE messaging_message m SET state = t.state, gateway_code = t.code,
    gateway_id = CASE WHEN t.gateway_id = '' THEN m.gateway_id ELSE t.gateway_id END,
    accepted_at = CASE WHEN t.state IN ('accepted', 'delivered', 'failed') THEN coalesce(m.accepted_at, t.at)
                  ELSE m.accepted_at END,
    finished_at = CASE WHEN t.state IN ('delivered', 'failed', 'rejected') THEN t.at END,
    lookup_at = t.lookup_at, release_at = coalesce(t.release_at, m.release_at),
    text = CASE WHEN m.notice_kind IN ('login_code', 'login_link') AND t.state <> 'queued' THEN '' ELSE m.text END
FROM unnest(%s::bigint[], %s::timestamptz[], %s::text[], %s::text[], %s::text[], %s::timestamptz[],
    %s::timestamptz[], %s::timestamptz[]) AS t(id, created_at, state, code, gateway_id, at, lookup_at, release_at)
WHERE m.id = t.id AND m.created_at = t.created_at
"""


@dataclass(frozen=True, slots=True)
class News:
    """One thing said of one message. `token` must be the message's own; "" when the speaker cannot be mistaken."""

    message_id: int
    token: str
    answer: Answer


@dataclass(slots=True)
class _Row:
    """A message under lock."""

    id: int
    created_at: datetime
    state: str
    counted: bool
    shop_id: int | None
    day: date
    quota_day: date | None
    index: bytes
    sealed: bytes | None
    attempt: int
    picture_id: int | None
    token: str
    notice_kind: str


def apply(news: Sequence[News], account: str, since: datetime) -> int:
    """Change the messages that this news changes; returns how many. `since` bounds the partitions looked into.

    What a gateway answered is told only once: a deadlock does not lose it.
    """
    for _ in range(_ATTEMPTS):
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                return apply_under(cursor, news, account, since)
        except OperationalError as error:
            if not is_deadlock(error):
                raise
            log.warning("deadlock while settling; trying again")
    with transaction.atomic(), connection.cursor() as cursor:
        return apply_under(cursor, news, account, since)


def apply_under(cursor: CursorWrapper, news: Sequence[News], account: str, since: datetime) -> int:
    """The same as part of the caller's transaction."""
    best: dict[int, News] = {}
    for item in news:
        best[item.message_id] = _weightier(best.get(item.message_id), item)
    if not best:
        return 0
    cursor.execute(_LOCK, [array(sorted(best)), since])
    rows = [_Row(*row) for row in cursor.fetchall()]
    changed = [(row, best[row.id].answer) for row in rows if best[row.id].token in ("", row.token)]
    return _change(cursor, changed, account, timezone.now())


#: Of two things said at once the one later in this list holds.
_WEIGHT = [
    Outcome.UNKNOWN,
    Outcome.UNCERTAIN,
    Outcome.RETRY_LATER,
    Outcome.ACCEPTED,
    Outcome.HANDED_OVER,
    Outcome.REJECTED,
    Outcome.FAILED,
    Outcome.DELIVERED,
]


def _weightier(one: News | None, other: News) -> News:
    if one is None:
        return other
    return max(one, other, key=lambda item: (_WEIGHT.index(item.answer.outcome), item.answer.code))


def _change(cursor: CursorWrapper, said: Sequence[tuple[_Row, Answer]], account: str, now: datetime) -> int:
    updates: list[tuple[object, ...]] = []
    numbers: Counter[tuple[int, date, str]] = Counter()
    given_back: list[reservations.Held] = []
    consequences: list[tuple[_Row, str]] = []
    for row, answer in said:
        before = MessageState(row.state)
        after = TRANSITIONS[answer.outcome].get(before)
        if after is None:
            continue
        updates.append(_update_of(row, answer, after, now))
        if row.counted and row.shop_id is not None:
            _count(numbers, (row.shop_id, row.day), before, after)
            if after == S.REJECTED:
                given_back.append(reservations.Held(row.id, row.shop_id, row.quota_day, bytes(row.index)))
        if answer.code and after in (S.REJECTED, S.FAILED, S.QUEUED):
            consequences.append((row, answer.code))
    if not updates:
        return 0
    cursor.execute(_UPDATE, arrays(updates, 8))
    reservations.give_back(cursor, given_back)
    _follow_up(consequences, account, now)
    quota.add_numbers(cursor, numbers)
    return len(updates)


def _update_of(row: _Row, answer: Answer, after: MessageState, now: datetime) -> tuple[object, ...]:
    lookup_at = release_at = None
    if after == S.UNCERTAIN:
        lookup_at = now + FIRST_LOOKUP
    elif after == S.ACCEPTED:
        lookup_at = now + FIRST_POLL
    elif after == S.QUEUED:
        release_at = now + timedelta(seconds=_RETRY[min(max(row.attempt, 1), len(_RETRY)) - 1])
    at = answer.at or now
    return (
        row.id,
        row.created_at,
        after,
        answer.code[:40],
        answer.gateway_id[:40],
        at,
        lookup_at,
        release_at,
    )


def _count(
    numbers: Counter[tuple[int, date, str]], key: tuple[int, date], before: MessageState, after: MessageState
) -> None:
    """The owner's numbers move with the state, whichever way it came about."""
    if after in _TAKEN and before not in _TAKEN:
        numbers[(*key, "sent")] += 1
        if before == S.UNKNOWN:
            numbers[(*key, "not_sent")] -= 1
    if after == S.REJECTED and before != S.UNKNOWN:
        numbers[(*key, "not_sent")] += 1
    if after == S.DELIVERED:
        numbers[(*key, "delivered")] += 1
    if after == S.FAILED:
        numbers[(*key, "failed")] += 1
    elif before == S.FAILED:
        numbers[(*key, "failed")] -= 1


def _follow_up(consequences: Sequence[tuple[_Row, str]], account: str, now: datetime) -> None:
    """What a failure means beyond its message: an opt-out, a shop that must stop, a picture to bring again."""
    stopped: set[int] = set()
    for row, code in consequences:
        failure = failure_of(code)
        if failure.is_optout and row.shop_id is not None:
            _note_optout(row, row.shop_id, now)
        if failure.stops_shop and row.shop_id is not None and row.shop_id not in stopped:
            stopped.add(row.shop_id)
            stop_by_gateway(row.shop_id, code, now)
        if failure is Failure.PICTURE_LOST and row.picture_id is not None:
            picture_uploads.forget(row.picture_id, account)


def _note_optout(row: _Row, shop_id: int, now: datetime) -> None:
    try:
        number = keyring().open(bytes(row.sealed or b""))
    except CryptoError as error:
        log.error("recipient cannot be opened", extra={"message_id": row.id, "code": error.code})
        if row.index:
            opt_out_unread(shop_id, bytes(row.index), OptOutSource.GATEWAY, now)
        return
    opt_out([shop_id], number, OptOutSource.GATEWAY, now, now)
