"""Intake: what the telephone network tells us becomes rows, once each.

Storing is one statement for however many calls are waiting: webhooks that arrive together share a commit, and each is
answered after it.
"""

import logging
import threading
from collections.abc import Callable, Sequence

from django.db import InterfaceError, OperationalError, connection
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from messaging.arrays import array, arrays
from messaging.call_items import ParsedCall
from shopmsg.accounts.sealing import keyring
from shopmsg.core.errors import ShopmsgError

log = logging.getLogger(__name__)


class Overloaded(ShopmsgError):
    """More waits to be stored than this process may hold; the sender should come back."""


# Sorted by the conflict key, so that two requests with the same calls wait for each other instead of deadlocking.
# One statement is its own transaction: what it returns is committed.
_STORE = """
WITH incoming AS (
    SELECT * FROM unnest(%s::text[], %s::text[], %s::bytea[], %s::text[], %s::bytea[], %s::bytea[], %s::text[],
        %s::text[], %s::boolean[], %s::timestamptz[], %s::timestamptz[], %s::boolean[])
    AS t(source, call_id, digest, line, sealed, index, last4, carrier, answered, started_at, ended_at, notice_played)
), fresh AS (
    INSERT INTO messaging_callkey (source, call_id, digest, received_at)
    SELECT source, call_id, digest, %s FROM incoming ORDER BY source, call_id
    ON CONFLICT DO NOTHING RETURNING source, call_id
), stored AS (
    INSERT INTO messaging_call (received_at, source, call_id, shop_id, line_number, caller_sealed, caller_index,
        caller_last4, caller_carrier, answered, started_at, ended_at, notice_played)
    SELECT %s, i.source, i.call_id, l.shop_id, i.line, i.sealed, i.index, i.last4, i.carrier, i.answered,
        i.started_at, i.ended_at, i.notice_played
    FROM incoming i JOIN fresh USING (source, call_id) LEFT JOIN accounts_line l ON l.number = i.line
)
SELECT source, call_id FROM fresh
"""

_OTHER_BODY = """
SELECT k.source, k.call_id FROM messaging_callkey k
JOIN unnest(%s::text[], %s::text[], %s::bytea[]) AS t(source, call_id, digest) USING (source, call_id)
WHERE k.digest <> t.digest
"""


class _Waiting:
    """One request's calls on their way into the next commit. `turn` is held until they are stored, or until this
    request is the one to write the next group."""

    __slots__ = ("accepted", "calls", "done", "error", "source", "turn")

    def __init__(self, source: str, calls: Sequence[ParsedCall]) -> None:
        self.source = source
        self.calls = calls
        self.turn = threading.Lock()  # far cheaper than an Event, and there are thousands a second
        self.turn.acquire()
        self.done = False
        self.accepted = 0
        self.error: Exception | None = None


class GroupCommit:
    """Shares one commit among the requests of this process that wait at the same moment.

    The first of the waiting threads writes for all; the others sleep until it has committed. Nothing is answered
    before its commit, and a process killed here loses only requests nobody was told were stored.
    """

    MAX_CALLS = 2_000
    MAX_WAITING = 20_000

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[_Waiting] = []
        self._writing = False

    def store(self, source: str, calls: Sequence[ParsedCall], wake: Callable[[], None] = lambda: None) -> int:
        """Store one request's calls; returns how many were new. Raises DatabaseError, Overloaded.

        `wake` is called after a commit that brought something new, by one of the requests that shared it.
        """
        mine = _Waiting(source, calls)
        with self._lock:
            if sum(len(entry.calls) for entry in self._waiting) + len(calls) > self.MAX_WAITING:
                raise Overloaded("overloaded", "잠시 뒤에 다시 보내 주세요.")
            self._waiting.append(mine)
            first = not self._writing
            self._writing = True
        if not first:
            mine.turn.acquire()
        if not mine.done and self._write_next_group(mine):
            wake()
        if mine.error is not None:
            raise mine.error
        return mine.accepted

    def _write_next_group(self, mine: _Waiting) -> bool:
        """Write for everybody at the head of the line, then let the next one write; whether anything was new."""
        with self._lock:
            group = self._take()
        try:
            _write(group)
        except BaseException:
            # This thread is being stopped: the others must not hear that their calls were stored.
            for entry in group:
                entry.error = Overloaded("overloaded", "잠시 뒤에 다시 보내 주세요.")
            raise
        finally:
            with self._lock:
                following = self._waiting[0] if self._waiting else None
                self._writing = following is not None
            for entry in group:
                entry.done = True
                if entry is not mine:
                    entry.turn.release()
            if following is not None:
                following.turn.release()
        return any(entry.accepted for entry in group)

    def _take(self) -> list[_Waiting]:
        group: list[_Waiting] = []
        size = 0
        while self._waiting and (not group or size + len(self._waiting[0].calls) <= self.MAX_CALLS):
            entry = self._waiting.pop(0)
            group.append(entry)
            size += len(entry.calls)
        return group


def _write(group: list[_Waiting]) -> None:
    """Store a group in one transaction. One request's trouble is not the others': on an error that is not the
    database being away, each is tried alone."""
    try:
        _write_together(group)
    except (OperationalError, InterfaceError) as error:
        for entry in group:
            entry.error = error
    except Exception as error:  # noqa: BLE001 - whatever it is, it is that request's and must reach its thread
        if len(group) == 1:
            group[0].error = error
            return
        for entry in group:
            _write([entry])


def _write_together(group: list[_Waiting]) -> None:
    now = timezone.now()
    rows: dict[tuple[str, str], tuple[_Waiting, ParsedCall]] = {}
    repeated: list[tuple[str, ParsedCall]] = []
    for entry in group:
        for call in entry.calls:
            key = (entry.source, call.call_id)
            if key in rows:
                repeated.append((entry.source, call))
            else:
                rows[key] = (entry, call)
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(_STORE, [*_columns(rows), now, now])
        fresh = set(cursor.fetchall())
        repeated += [(key[0], call) for key, (_, call) in rows.items() if key not in fresh]
        other = _with_other_body(cursor, repeated)
    for entry in group:
        entry.accepted = 0
    for key in fresh:
        rows[key][0].accepted += 1
    for source, call_id in other:
        log.warning("call repeated with another body", extra={"source": source, "call_id": call_id})


def _columns(rows: dict[tuple[str, str], tuple[_Waiting, ParsedCall]]) -> list[str]:
    """The arrays of _STORE, one entry a call."""
    ring = keyring()
    table = [
        (
            source,
            call_id,
            call.digest,
            call.line,
            ring.seal(call.caller) if call.caller else None,
            ring.index(call.caller) if call.caller else None,
            call.caller[-4:] if call.caller else "",
            call.carrier,
            call.answered,
            call.started_at,
            call.ended_at,
            call.notice_played,
        )
        for (source, call_id), (_, call) in rows.items()
    ]
    return arrays(table, 12)


def _with_other_body(cursor: CursorWrapper, repeated: list[tuple[str, ParsedCall]]) -> list[tuple[str, str]]:
    """The repeated calls whose body is not the one stored first."""
    if not repeated:
        return []
    cursor.execute(
        _OTHER_BODY,
        [
            array(source for source, _ in repeated),
            array(call.call_id for _, call in repeated),
            array(call.digest for _, call in repeated),
        ],
    )
    return [(source, call_id) for source, call_id in cursor.fetchall()]


committer = GroupCommit()
