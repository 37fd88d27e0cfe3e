"""Intake: what the telephone network tells us becomes rows, once each.

Parsing names each bad item and keeps the good ones. Storing is one statement for however many calls are waiting:
webhooks that arrive together share a commit, and each is answered after it.
"""

import json
import logging
import re
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Annotated, Literal

import msgspec
from django.db import InterfaceError, OperationalError, connection
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from messaging.arrays import array, arrays
from shopmsg.accounts.sealing import keyring
from shopmsg.core import phone
from shopmsg.core.errors import ShopmsgError

log = logging.getLogger(__name__)

MAX_ITEMS = 1_000
FUTURE_MARGIN = timedelta(minutes=5)
_EPOCH = 2000
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_FIELD = re.compile(r"field `(\w+)`|at `\$\.(\w+)")

Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class _CallItem(msgspec.Struct):
    call_id: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    line: Annotated[str, msgspec.Meta(max_length=32)]
    caller: Annotated[str, msgspec.Meta(max_length=32)] | None
    answered: bool
    started_at: Moment
    ended_at: Moment
    caller_carrier: Literal["KT", "SKT", "LGU", "MVNO", "unknown"] = "unknown"
    notice_played: bool | None = None


class Rejected(msgspec.Struct):
    """One item that was not taken: its place in the request, its id where readable, and why."""

    index: int
    call_id: str | None
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class ParsedCall:
    """One call as it is stored. `caller` is national digits, None when withheld."""

    call_id: str
    line: str
    caller: str | None
    carrier: str
    answered: bool
    started_at: datetime
    ended_at: datetime
    notice_played: bool | None
    digest: bytes


@dataclass(slots=True)
class Parsed:
    """What one request held. `readable` says whether any item could be read as a call at all."""

    calls: list[ParsedCall] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    readable: bool = False


class UnreadableBody(ShopmsgError):
    """Nothing in the body can be read as a call."""


class TooManyItems(ShopmsgError):
    """More items than one request may hold."""


class Overloaded(ShopmsgError):
    """More waits to be stored than this process may hold; the sender should come back."""


_body_decoder = msgspec.json.Decoder(dict[str, msgspec.Raw])
_items_decoder = msgspec.json.Decoder(list[msgspec.Raw])
_item_decoder = msgspec.json.Decoder(_CallItem)


def parse_calls(body: bytes, now: datetime) -> Parsed:
    """The calls of one request body. Raises UnreadableBody, TooManyItems."""
    parsed = Parsed()
    for index, raw in enumerate(items_of(body, "calls")):
        try:
            item = _item_decoder.decode(raw)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            parsed.rejected.append(unreadable_item(index, raw, error))
            continue
        parsed.readable = True
        try:
            parsed.calls.append(_checked(item, bytes(raw), now))
        except phone.PhoneError as error:
            parsed.rejected.append(Rejected(index, item.call_id, error.code, error.message))
    if not parsed.readable:
        raise UnreadableBody("unreadable", _nothing_readable(parsed.rejected))
    return parsed


def items_of(body: bytes, name: str) -> list[msgspec.Raw]:
    """The items of {"<name>": [...]}, each still unread. Raises UnreadableBody, TooManyItems."""
    try:
        items = _items_decoder.decode(_body_decoder.decode(body)[name])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, KeyError):
        items = _items_told_apart(body, name)
    if len(items) > MAX_ITEMS:
        raise TooManyItems("too_many_items", f"한 번에 {MAX_ITEMS:,}건까지 보낼 수 있어요.")
    return items


def _items_told_apart(body: bytes, name: str) -> list[msgspec.Raw]:
    """The same for a body that is no strict JSON: what is wrong inside one item (NaN, half a surrogate pair, a
    control character, bytes that are not UTF-8) stays in that item, and costs only it."""
    try:
        items = json.loads(body.decode("utf-8", "surrogateescape"), strict=False)[name]
        if not isinstance(items, list):
            raise TypeError
        return [msgspec.Raw(json.dumps(item, ensure_ascii=True).encode()) for item in items]
    except (ValueError, TypeError, KeyError, RecursionError):
        message = f'본문은 {{"{name}": [...]}} 꼴의 JSON이어야 해요.'
        raise UnreadableBody("unreadable", message) from None


def unreadable_item(index: int, raw: msgspec.Raw, error: Exception, id_field: str = "call_id") -> Rejected:
    """What is said of an item that is not of the right shape: the field where it can be told."""
    match = _FIELD.search(str(error))
    name = next(filter(None, match.groups()), "") if match else ""
    missing = "missing required" in str(error)
    sentence = (
        "통화로 읽을 수 없어요."
        if not name
        else f"{name} 항목이 없어요."
        if missing
        else f"{name} 항목의 값이 맞지 않아요."
    )
    return Rejected(index, _id_of(raw, id_field), "missing_field" if missing else "invalid", sentence)


def _id_of(raw: msgspec.Raw, id_field: str) -> str | None:
    try:
        value = msgspec.json.decode(raw, type=dict[str, object]).get(id_field)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return value[:64] if isinstance(value, str) else None


def _nothing_readable(rejected: Sequence[Rejected]) -> str:
    if not rejected:
        return "calls에 통화가 하나도 없어요."
    return f"통화로 읽을 수 있는 항목이 없어요. 첫 항목: {rejected[0].message}"


def _checked(item: _CallItem, raw: bytes, now: datetime) -> ParsedCall:
    """The item as a call, or PhoneError naming what its values get wrong."""
    if _CONTROL.search(item.call_id):
        raise phone.PhoneError("call_id_malformed", "call_id에 제어 문자가 있어요.")
    if item.started_at.year < _EPOCH or item.ended_at.year < _EPOCH or item.ended_at.year > 9000:
        raise phone.PhoneError("time_out_of_range", "통화 시각이 맞지 않아요.")
    if item.ended_at < item.started_at:
        raise phone.PhoneError("ended_before_started", "통화가 시작보다 먼저 끝났어요.")
    if item.ended_at > now + FUTURE_MARGIN:
        raise phone.PhoneError("ended_in_future", "통화가 끝난 시각이 앞날이에요.")
    try:
        line = phone.digits(item.line)
    except phone.PhoneError:
        raise phone.PhoneError("line_malformed", "line은 전화번호여야 해요.") from None
    return ParsedCall(
        call_id=item.call_id,
        line=line[:16],
        caller=_caller(item.caller),
        carrier=item.caller_carrier,
        answered=item.answered,
        started_at=item.started_at,
        ended_at=item.ended_at,
        notice_played=item.notice_played,
        digest=blake2b(raw, digest_size=16).digest(),
    )


def _caller(raw: str | None) -> str | None:
    if raw is None or raw.strip().lower() in {"", "anonymous"}:
        return None
    try:
        return phone.digits(raw)
    except phone.PhoneError:
        raise phone.PhoneError("caller_malformed", "caller는 전화번호이거나 null이어야 해요.") from None


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
