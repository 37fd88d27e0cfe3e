"""The owner's list of calls: newest first, thirty a page, one statement whatever its length."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from django.db import connection

from messaging.enums import MessageKind, MessageState
from messaging.queries.outcomes import NOT_SENT_STATES, SENT_STATES, WAITING_STATES, Outcome, outcome
from messaging.rulebook import SkipReason
from shopmsg.accounts.models import Shop
from shopmsg.accounts.sealing import keyring
from shopmsg.core import phone
from shopmsg.core.clock import day_start
from shopmsg.core.crypto import CryptoError

PAGE: Final = 30
#: Nothing waits longer: a held message until the morning, an uncertain one 72 hours (rules.md §4, issue 2).
LONGEST_WAIT: Final = timedelta(days=4)


class Show(StrEnum):
    """Which calls to list."""

    ALL = ""
    SENT = "sent"
    WAITING = "waiting"
    NOT_SENT = "not_sent"

    @property
    def label(self) -> str:
        """The Korean name of the filter."""
        return {"": "전체", "sent": "보냄", "waiting": "기다림", "not_sent": "안 보냄"}[self.value]


@dataclass(frozen=True, slots=True)
class Days:
    """KST days on which a call ended, `first` through `last`; None leaves that side open."""

    first: date | None = None
    last: date | None = None


@dataclass(frozen=True, slots=True)
class CallRow:
    """One call of the list. `number` is masked, "" when the caller withheld it; `seconds` is the call's length."""

    id: int
    ended_at: datetime
    number: str
    seconds: int
    answered: bool
    is_test: bool
    outcome: Outcome

    @property
    def length(self) -> str:
        """ "1분 12초", or "받지 않음"."""
        return call_length(self.seconds) if self.answered else "받지 않음"


@dataclass(frozen=True, slots=True)
class CallsPage:
    """A page of calls; `older` is the key of the next page, None on the last."""

    rows: tuple[CallRow, ...]
    older: int | None


# A message is made minutes after its call at most, save after an outage: the lower bound lets PostgreSQL leave out the
# months before, the hour in it forgives clocks that disagree.
_LIST = """
SELECT c.id, c.ended_at, c.started_at, c.answered, c.caller_sealed, c.caller_last4,
       c.verdict, c.reason, c.reason_at,
       m.state, m.reason, m.release_at, m.gateway_code, m.kind
FROM messaging_call c
LEFT JOIN messaging_message m ON m.id = c.message_id AND m.created_at >= c.received_at - interval '1 hour'
WHERE c.shop_id = %(shop)s{conditions}
ORDER BY c.id DESC
LIMIT %(limit)s
"""
_SHOWN: Final = {
    Show.ALL: "",
    Show.SENT: " AND m.state = ANY(%(states)s)",
    Show.WAITING: " AND c.received_at >= %(waiting_since)s AND (c.state = 'waiting' OR m.state = ANY(%(states)s))",
    Show.NOT_SENT: " AND (c.verdict = 'skip' OR m.state = ANY(%(states)s))",
}
# Received an hour before it ended is a clock that disagrees; the bound leaves out the months before.
_FROM: Final = " AND c.ended_at >= %(from)s AND c.received_at >= %(from)s::timestamptz - interval '1 hour'"
# The rulebook's reason stands at the call, the last check's and the end of waiting at the message.
_BECAUSE: Final = """
    AND (c.verdict = 'skip' AND c.reason = %(reason)s OR m.state = 'skipped' AND m.reason = %(reason)s
         OR m.state = %(ended)s)"""
_STATES: Final = {
    Show.ALL: (),
    Show.SENT: SENT_STATES,
    Show.WAITING: WAITING_STATES,
    Show.NOT_SENT: NOT_SENT_STATES,
}


def calls_page(
    shop: Shop,
    now: datetime,
    *,
    show: Show = Show.ALL,
    last4: str = "",
    days: Days = Days(),
    reason: SkipReason | None = None,
    before: int | None = None,
    size: int = PAGE,
) -> CallsPage:
    """Calls with an id below `before`, newest first; `last4` is "" or the caller's last four digits, `reason` why a
    call brought no message. Everything given must hold."""
    conditions = _SHOWN[show]
    if last4:
        conditions += " AND c.caller_last4 = %(last4)s"
    if days.first is not None:
        conditions += _FROM
    if days.last is not None:
        conditions += " AND c.ended_at < %(until)s"
    if reason is not None:
        conditions += _BECAUSE
    if before is not None:
        conditions += " AND c.id < %(before)s"
    parameters: dict[str, Any] = {
        "shop": shop.pk,
        "states": [state.value for state in _STATES[show]],
        "waiting_since": now - LONGEST_WAIT,
        "last4": last4,
        "from": day_start(days.first) if days.first else None,
        "until": day_start(days.last) + timedelta(days=1) if days.last else None,
        "reason": reason,
        "ended": MessageState.EXPIRED if reason == SkipReason.EXPIRED else None,
        "before": before,
        "limit": size + 1,
    }
    with connection.cursor() as cursor:
        cursor.execute(_LIST.format(conditions=conditions), parameters)
        found = cursor.fetchall()
    rows = tuple(_row(values, now) for values in found[:size])
    return CallsPage(rows, rows[-1].id if len(found) > size else None)


def call_length(seconds: int) -> str:
    """ "45초", "1분 12초", "3분"."""
    minutes, rest = divmod(max(0, seconds), 60)
    if minutes == 0:
        return f"{rest}초"
    return f"{minutes}분 {rest}초" if rest else f"{minutes}분"


def masked_caller(sealed: bytes | memoryview | None, last4: str) -> str:
    """ "010-****-1234"; only the last digits when the number's key is gone, "" for a withheld number."""
    if sealed is None:
        return f"끝 번호 {last4}" if last4 else ""
    try:
        return phone.mask(keyring().open(bytes(sealed)))
    except CryptoError:
        return f"끝 번호 {last4}"


def _row(values: tuple[Any, ...], now: datetime) -> CallRow:
    (
        call_id, ended_at, started_at, answered, sealed, last4,
        verdict, call_reason, call_reason_at,
        state, message_reason, release_at, gateway_code, kind,
    ) = values  # fmt: skip
    return CallRow(
        id=call_id,
        ended_at=ended_at,
        number=masked_caller(sealed, last4),
        seconds=int((ended_at - started_at).total_seconds()),
        answered=answered,
        is_test=kind == MessageKind.TEST,
        outcome=outcome(
            verdict=verdict,
            call_reason=call_reason,
            call_reason_at=call_reason_at,
            state=state,
            message_reason=message_reason or "",
            release_at=release_at,
            gateway_code=gateway_code or "",
            ended_at=ended_at,
            now=now,
        ),
    )
