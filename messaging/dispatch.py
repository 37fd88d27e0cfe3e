"""Dispatch: claim → submit → settle (design.md §4).

Claiming commits "submitting" before a byte leaves, so a message is submitted at most once whatever dies. Sending
happens outside any transaction. Settling writes the gateway's answers; an answer that never came is UNCERTAIN and is
looked up, never sent again.
"""

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from messaging import gateway_account, last_check, picture_delivery, quota, reservations, settle
from messaging.arrays import array, arrays
from messaging.decide import ad_window
from messaging.enums import Channel, MessageKind, MessageState, Outcome
from messaging.gateways.base import Answer, Gateway, Outgoing
from messaging.gateways.failure import Trouble
from messaging.picture_delivery import HORIZON
from messaging.rulebook import SkipReason, Window
from shopmsg.accounts.enums import NightPolicy, Product
from shopmsg.accounts.sealing import keyring
from shopmsg.core.clock import kst_day
from shopmsg.core.crypto import CryptoError

log = logging.getLogger(__name__)

BATCH = 1_000
#: Held messages let go each second when the window opens, beside what is sent live.
RELEASE_PER_SECOND = 200
#: Requests one batch may cost while what the gateway refuses in it is being found.
_MOST_REQUESTS = 60

_SELECT = """
SELECT m.id, m.created_at, m.shop_id, m.kind, m.channel, m.sender, m.recipient_sealed, m.recipient_index, m.subject,
    m.text, m.picture_id, m.token, m.day, m.quota_day, m.expires_at, m.attempt, m.state,
    s.status, s.sending_on OR coalesce(s.off_until <= %s, false), s.product, s.night_policy, s.release_hour,
    l.notice_state, l.sender_accepted_at IS NOT NULL, up.file_id,
    EXISTS (SELECT 1 FROM messaging_optout o WHERE o.shop_id = m.shop_id
            AND o.recipient_index = m.recipient_index AND o.ended_at IS NULL),
    EXISTS (SELECT 1 FROM messaging_block b WHERE b.shop_id = m.shop_id
            AND b.recipient_index = m.recipient_index)
FROM messaging_message m
LEFT JOIN accounts_shop s ON s.id = m.shop_id
LEFT JOIN accounts_line l ON l.number = m.sender AND l.shop_id = m.shop_id
LEFT JOIN messaging_gatewaypicture up ON up.account = %s AND up.picture_id = m.picture_id
WHERE m.state = %s AND m.release_at <= %s AND m.created_at > %s
ORDER BY {order} LIMIT %s FOR UPDATE OF m SKIP LOCKED
"""
_LIVE = _SELECT.format(order="m.priority, m.id")
_HELD = _SELECT.format(order="m.release_at, m.id")
_FORGOTTEN = _LIVE.replace("m.created_at > %s", "m.created_at <= %s")

_MOVE = """
UPDATE messaging_message m SET state = t.state, reason = t.reason, release_at = coalesce(t.release_at, m.release_at),
    expires_at = coalesce(t.expires_at, m.expires_at), quota_day = t.quota_day,
    submitted_at = CASE WHEN t.state = 'submitting' THEN %s ELSE m.submitted_at END,
    optout_checked_at = %s, finished_at = CASE WHEN t.state IN ('skipped', 'expired') THEN %s END,
    attempt = m.attempt + (t.state = 'submitting')::int, account = %s,
    text = CASE WHEN m.notice_kind IN ('login_code', 'login_link') AND t.state IN ('skipped', 'expired') THEN '' ELSE m.text END
FROM unnest(%s::bigint[], %s::timestamptz[], %s::text[], %s::text[], %s::timestamptz[], %s::timestamptz[], %s::date[])
    AS t(id, created_at, state, reason, release_at, expires_at, quota_day)
WHERE m.id = t.id AND m.created_at = t.created_at
"""

# The 168 hours run from the submission, not from the decision (rules.md §4).
_MOVE_GUARDS = """
UPDATE messaging_recipientguard g SET last_sent_at = %s
FROM unnest(%s::bigint[], %s::bytea[], %s::bigint[]) AS t(shop_id, index, message_id)
WHERE g.shop_id = t.shop_id AND g.recipient_index = t.index AND g.message_id = t.message_id
RETURNING g.message_id
"""


@dataclass(slots=True)
class _Claimed:
    """A message under this transaction's lock, with what its shop is at this moment."""

    id: int
    created_at: datetime
    shop_id: int | None
    kind: str
    channel: str
    sender: str
    sealed: bytes | None
    index: bytes
    subject: str
    text: str
    picture_id: int | None
    token: str
    day: date
    quota_day: date | None
    expires_at: datetime
    attempt: int
    state: str
    shop_status: str | None
    sending_on: bool | None
    product: str | None
    night_policy: str | None
    release_hour: int | None
    notice_state: str | None
    sender_accepted: bool
    file_id: str | None
    opted_out: bool
    blocked: bool

    @property
    def counted(self) -> bool:
        return self.kind == MessageKind.PROMO

    @property
    def ref(self) -> str:
        """Our own reference: the id, and the token so that another installation's id cannot be mistaken for it."""
        return f"{self.id}-{self.token}"


@dataclass(slots=True)
class _Plan:
    """What the claim decided: the moves to write, and the messages to hand over after the commit."""

    moves: list[tuple[object, ...]] = field(default_factory=list)
    outgoing: list[_Claimed] = field(default_factory=list)
    numbers: Counter[tuple[int, date, str]] = field(default_factory=Counter)
    given_back: list[reservations.Held] = field(default_factory=list)
    missing_pictures: set[int] = field(default_factory=set)

    def move(
        self,
        message: _Claimed,
        state: MessageState,
        reason: str = "",
        release_at: datetime | None = None,
        expires_at: datetime | None = None,
        quota_day: date | None = None,
    ) -> None:
        self.moves.append((message.id, message.created_at, state, reason, release_at, expires_at, quota_day))

    def drop(self, message: _Claimed, state: MessageState, reason: SkipReason) -> None:
        """The message is not sent after all; what it held is given back."""
        self.move(message, state, reason)
        if message.counted and message.shop_id is not None:
            key = (message.shop_id, message.day)
            self.numbers[(*key, "not_sent")] += 1
            self.given_back.append(
                reservations.Held(message.id, message.shop_id, message.quota_day, bytes(message.index))
            )
            if message.state == MessageState.HELD:
                self.numbers[(*key, "held")] -= 1


class Round(NamedTuple):
    """What one batch came to: how many messages or pictures were dealt with, and, when the gateway's rate limit or
    breaker said "not now", when it may be asked again."""

    dealt: int
    retry_at: datetime | None = None


class _NotNow(Exception):
    """The gateway may not be asked now. `others` says whether the batch holds what can be done without it."""

    def __init__(self, retry_at: datetime | None, *, others: bool) -> None:
        super().__init__()
        self.retry_at = retry_at
        self.others = others


def dispatch_batch(gateway: Gateway, account: str, now: datetime, *, held: bool = False) -> Round:
    """Claim, submit and settle one batch. `held` takes of what waited for the hours to open, a share a second.

    While the gateway may not be asked, what does not need it happens all the same: expiry, night, opt-outs.
    """
    try:
        return _dispatch(gateway, account, now, held=held, sending=True)
    except _NotNow as refused:
        dealt = _dispatch(gateway, account, now, held=held, sending=False).dealt if refused.others else 0
        return Round(dealt, refused.retry_at)


def _dispatch(gateway: Gateway, account: str, now: datetime, *, held: bool, sending: bool) -> Round:
    """One batch; without `sending` only what is not to be sent is dealt with. Raises _NotNow, nothing done."""
    size = RELEASE_PER_SECOND if held else min(BATCH, gateway.capabilities.max_batch)
    with transaction.atomic(), connection.cursor() as cursor:
        claimed = _claim(cursor, account, now, size, held)
        if not claimed:
            return Round(0)
        if held and sending and not gateway_account.take_release_slot(account, now, timedelta(seconds=1)):
            return Round(0)
        plan, going = _plan(cursor, claimed, now)
        if sending:
            others = bool(plan.moves)
            _hand_over(cursor, plan, going, now)
            if plan.outgoing:
                admission = gateway_account.admit(account, now)
                if not admission.allowed:
                    raise _NotNow(admission.retry_at, others=others)
        _write(cursor, plan, account, now)
    if plan.outgoing:
        _submit(gateway, account, plan.outgoing)
    if not (sending and plan.missing_pictures):
        return Round(len(plan.moves))
    crowded = len(claimed) == size
    brought = picture_delivery.bring(account, plan.missing_pictures, now, crowded=crowded)
    return Round(len(plan.moves) + brought.dealt, brought.retry_at)


def end_forgotten(now: datetime) -> int:
    """Messages unsent for so long that no claim looks for them any more, after days without a worker, end as expired;
    returns how many."""
    ended = 0
    for state in (MessageState.QUEUED, MessageState.HELD):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_FORGOTTEN, [now, "", state, now, now - HORIZON, BATCH])
            plan = _Plan()
            for row in cursor.fetchall():
                plan.drop(_Claimed(*row), MessageState.EXPIRED, SkipReason.EXPIRED)
            _write(cursor, plan, "", now)
            ended += len(plan.moves)
    return ended


def _claim(cursor: CursorWrapper, account: str, now: datetime, size: int, held: bool) -> list[_Claimed]:
    state = MessageState.HELD if held else MessageState.QUEUED
    cursor.execute(_HELD if held else _LIVE, [now, account, state, now, now - HORIZON, size])
    return [_Claimed(*row) for row in cursor.fetchall()]


def _plan(cursor: CursorWrapper, claimed: Sequence[_Claimed], now: datetime) -> tuple[_Plan, list[_Claimed]]:
    """What may go, and what becomes of the rest, by all that may have changed since the decision."""
    plan = _Plan()
    window = ad_window()
    going = []
    last_check.read_refusals(cursor, claimed)
    for message in claimed:
        reason = last_check.refusal(message, now)
        if reason is SkipReason.EXPIRED:
            plan.drop(message, MessageState.EXPIRED, reason)
        elif reason is not None:
            plan.drop(message, MessageState.SKIPPED, reason)
        elif message.counted and message.product == Product.SOHO and not window.is_open(now):
            _night(plan, message, window, now)
        elif message.picture_id is not None and message.file_id is None:
            plan.missing_pictures.add(message.picture_id)
        else:
            going.append(message)
    return plan, going


def _night(plan: _Plan, message: _Claimed, window: Window, now: datetime) -> None:
    """The hours closed between decision and submission: hold or skip, as the shop chose."""
    if message.night_policy == NightPolicy.SKIP:
        plan.drop(message, MessageState.SKIPPED, SkipReason.NIGHT)
        return
    opens = window.release(now, (message.release_hour or 0) * 60)
    still_good = message.expires_at - now
    plan.move(
        message,
        MessageState.HELD,
        release_at=opens,
        expires_at=opens + still_good,
        quota_day=message.quota_day,
    )
    if message.state != MessageState.HELD and message.shop_id is not None:
        plan.numbers[(message.shop_id, message.day, "held")] += 1


def _hand_over(cursor: CursorWrapper, plan: _Plan, going: list[_Claimed], now: datetime) -> None:
    """Move quota and guard to this moment; what a move would break is skipped with that reason."""
    today = kst_day(now)
    counted = [message for message in going if message.counted and message.shop_id is not None]
    freed = [(held.shop_id, held.quota_day) for held in plan.given_back]
    moved = quota.move(cursor, [(m.shop_id, m.quota_day) for m in counted if m.shop_id], today, freed)
    kept_guard = _move_guards(cursor, counted, now)
    for message in going:
        if message.counted and message.shop_id is not None:
            if message.id not in kept_guard:
                plan.drop(message, MessageState.SKIPPED, SkipReason.RECENT)
                continue
            if not moved.take(message.shop_id, message.quota_day):
                plan.drop(message, MessageState.SKIPPED, SkipReason.DAILY_CAP)
                continue
            if message.state == MessageState.HELD:
                plan.numbers[(message.shop_id, message.day, "held")] -= 1
            message.quota_day = today
        plan.move(message, MessageState.SUBMITTING, quota_day=message.quota_day)
        plan.outgoing.append(message)
    quota.add(cursor, moved.changes)


def _move_guards(cursor: CursorWrapper, messages: Sequence[_Claimed], now: datetime) -> set[int]:
    if not messages:
        return set()
    cursor.execute(
        _MOVE_GUARDS,
        [
            now,
            array(m.shop_id for m in messages),
            array(m.index for m in messages),
            array(m.id for m in messages),
        ],
    )
    return {message_id for (message_id,) in cursor.fetchall()}


def _write(cursor: CursorWrapper, plan: _Plan, account: str, now: datetime) -> None:
    if plan.moves:
        cursor.execute(_MOVE, [now, now, now, account, *arrays(plan.moves, 7)])
    reservations.give_back(cursor, plan.given_back)
    quota.add_numbers(cursor, plan.numbers)


def _submit(gateway: Gateway, account: str, messages: list[_Claimed]) -> None:
    """Hand a committed batch to the gateway and settle what it answers."""
    answers: dict[str, Answer] = {}
    outgoing = []
    for message in messages:
        try:
            outgoing.append(_outgoing(message))
        except CryptoError as error:
            log.error("recipient cannot be opened", extra={"message_id": message.id, "code": error.code})
            answers[message.ref] = Answer(Outcome.REJECTED, Trouble.UNREADABLE_RECIPIENT)
    answers.update(_send(gateway, account, outgoing))
    unanswered = Answer(Outcome.UNCERTAIN, Trouble.UNNAMED)
    settle.apply(
        [settle.News(message.id, "", answers.get(message.ref, unanswered)) for message in messages],
        account,
        since=min(message.created_at for message in messages),
    )
    counts = Counter(str(answer.outcome) for answer in answers.values())
    log.info("batch submitted", extra={"account": account, "messages": len(messages), **counts})


def _send(gateway: Gateway, account: str, outgoing: Sequence[Outgoing]) -> Mapping[str, Answer]:
    """Send one admitted request. When the gateway refuses it as a whole for what is in it, nothing was taken, and the
    halves are sent apart until what it refuses stands alone: one bad message never costs the others. Each further
    request is admitted like any other, and what is left when there may be no more is tried again later."""
    answers: dict[str, Answer] = {}
    parts = [outgoing] if outgoing else []
    for request in range(_MOST_REQUESTS):
        if not parts or (request and not gateway_account.admit_soon(account).allowed):
            break
        part = parts.pop()
        batch = gateway.send(part)
        gateway_account.settle(
            account, batch.healthy, timezone.now(), retry_after=batch.retry_after, stop=batch.stop
        )
        refused = {answer.code for answer in batch.answers.values()} == {Trouble.REFUSED_REQUEST}
        if refused and batch.healthy and len(part) > 1:
            middle = len(part) // 2
            parts += [part[middle:], part[:middle]]
        else:
            answers.update(batch.answers)
    later = Answer(Outcome.RETRY_LATER, Trouble.REFUSED_REQUEST)
    return {**{message.ref: later for part in parts for message in part}, **answers}


def _outgoing(message: _Claimed) -> Outgoing:
    return Outgoing(
        ref=message.ref,
        to=keyring().open(bytes(message.sealed or b"")),
        sender=message.sender,
        channel=Channel(message.channel),
        text=message.text,
        subject=message.subject,
        picture=message.file_id or "",
    )
