"""What is known when a call is decided: the claimed calls, and the facts of their shops and callers."""

import logging
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.db.backends.utils import CursorWrapper

from messaging import content
from messaging.arrays import array
from messaging.compose import Composed, Sender
from messaging.rulebook import CallFacts, ShopFacts
from shopmsg.accounts.enums import NightPolicy, NoticeState, Product, ShopStatus
from shopmsg.accounts.sealing import keyring
from shopmsg.core import phone
from shopmsg.core.clock import kst_day
from shopmsg.core.crypto import CryptoError

log = logging.getLogger(__name__)

_CLAIM = """
SELECT id, received_at, shop_id, line_number, caller_sealed, answered, started_at, ended_at
FROM messaging_call WHERE state = 'waiting' ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
"""

_CLAIM_OLDEST = """
SELECT id, received_at, shop_id FROM messaging_call WHERE state = 'waiting' ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED
"""

_READ_ONE = """
SELECT id, received_at, shop_id, line_number, caller_sealed, answered, started_at, ended_at
FROM messaging_call WHERE id = %s AND received_at = %s
"""

# One row a call and index key (more than one only while keys are being changed). A shop that rests sends again from
# its moment on, whether or not sending.end_rests has written it down.
_FACTS = """
SELECT c.call_id,
    s.product, s.status, s.sending_on OR coalesce(s.off_until <= %s, false), s.min_call_seconds, s.daily_cap, s.night_policy, s.name, s.ksic,
    s.optout_080, s.optout_code, l.notice_state, l.notice_active_since, l.sender_accepted_at IS NOT NULL,
    live.id, live.ends_on, standing.id,
    ARRAY(SELECT number FROM accounts_line WHERE shop_id = s.id),
    EXISTS (SELECT 1 FROM accounts_membership m JOIN accounts_user u ON u.id = m.user_id
            WHERE m.shop_id = s.id AND u.mobile_index = c.index AND u.is_active),
    EXISTS (SELECT 1 FROM messaging_optout o
            WHERE o.shop_id = s.id AND o.recipient_index = c.index AND o.ended_at IS NULL),
    EXISTS (SELECT 1 FROM messaging_block b WHERE b.shop_id = s.id AND b.recipient_index = c.index),
    g.last_sent_at, s.hours, s.release_hour
FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::bytea[]) AS c(call_id, shop_id, line, index)
JOIN accounts_line l ON l.number = c.line AND l.shop_id = c.shop_id
JOIN accounts_shop s ON s.id = l.shop_id
LEFT JOIN messaging_promoversion live ON live.shop_id = s.id AND live.live
LEFT JOIN messaging_promoversion standing ON standing.shop_id = s.id AND standing.standing
LEFT JOIN messaging_recipientguard g ON g.shop_id = s.id AND g.recipient_index = c.index
"""


@dataclass(slots=True)
class Call:
    """A claimed call, opened."""

    id: int
    received_at: datetime
    shop_id: int | None
    line: str
    number: str | None
    sealed: bytes | None
    answered: bool
    started_at: datetime
    ended_at: datetime


class CallName(NamedTuple):
    """What is needed of a call that cannot be read."""

    id: int
    received_at: datetime
    shop_id: int | None


@dataclass(slots=True)
class Side:
    """The shop's side of a call, the same for all calls to one line in a batch."""

    shop: ShopFacts
    ksic: str
    notice_since: datetime | None
    promo: content.PromoContent | None
    composed: Composed | None
    own_lines: list[str]


@dataclass(slots=True)
class Facts:
    """What one call's shop and caller are, as read under the shop's lock."""

    side: Side
    member: bool
    opted_out: bool
    blocked: bool
    last_sent_at: datetime | None


def claim(cursor: CursorWrapper, limit: int) -> list[Call]:
    """The oldest calls without a verdict, locked until the transaction ends; calls other workers hold are passed over."""
    cursor.execute(_CLAIM, [limit])
    return [_opened(row) for row in cursor.fetchall()]


def claim_oldest(cursor: CursorWrapper) -> CallName | None:
    """The oldest call without a verdict, locked and not read yet."""
    cursor.execute(_CLAIM_OLDEST)
    row = cursor.fetchone()
    return CallName(*row) if row else None


def open_one(cursor: CursorWrapper, name: CallName) -> list[Call]:
    """The call locked by `claim_oldest`."""
    cursor.execute(_READ_ONE, [name.id, name.received_at])
    return [_opened(row) for row in cursor.fetchall()]


def _opened(row: tuple[Any, ...]) -> Call:
    call_id, received_at, shop_id, line, sealed, answered, started_at, ended_at = row
    number = None
    if sealed is not None:
        try:
            number = keyring().open(sealed)
        except CryptoError as error:
            log.error("caller cannot be opened", extra={"call": call_id, "code": error.code})
    return Call(call_id, received_at, shop_id, line, number, sealed, answered, started_at, ended_at)


def read(cursor: CursorWrapper, calls: list[Call], now: datetime, ad_day: date) -> dict[int, Facts]:
    """The facts of every call to a line that is still its shop's, by call id. `ad_day` is the day on which advertising
    decided now is sent: what a held message says must be valid then."""
    ids: list[int] = []
    shops: list[int | None] = []
    lines: list[str] = []
    indexes: list[bytes | None] = []
    for call in calls:
        for index in keyring().indexes(call.number) if call.number else (None,):
            ids.append(call.id)
            shops.append(call.shop_id)
            lines.append(call.line)
            indexes.append(index)
    cursor.execute(_FACTS, [now, array(ids), array(shops), array(lines), array(indexes)])
    rows = cursor.fetchall()
    line_of = {call.id: call.line for call in calls}
    of_line = {line_of[row[0]]: row for row in rows}
    today = kst_day(now)
    day_of = {line: ad_day if row[1] == Product.SOHO else today for line, row in of_line.items()}
    chosen = {line: _chosen_promo(row[14], row[15], row[16], day_of[line]) for line, row in of_line.items()}
    promos = content.promo_contents(promo_id for promo_id in chosen.values() if promo_id is not None)
    sides = {line: _side_of(row, line, promos.get(chosen[line] or 0)) for line, row in of_line.items()}
    facts: dict[int, Facts] = {}
    for row in rows:
        known = facts.get(row[0])
        if known is None:
            facts[row[0]] = Facts(sides[line_of[row[0]]], *row[18:22])
            continue
        known.member |= row[18]
        known.opted_out |= row[19]
        known.blocked |= row[20]
        known.last_sent_at = max(filter(None, (known.last_sent_at, row[21])), default=None)
    return facts


def _chosen_promo(live: int | None, ends_on: date | None, standing: int | None, day: date) -> int | None:
    """The live promo, or the shop's 공통형 once its period is over (rules.md §4)."""
    if live is not None and (ends_on is None or ends_on >= day):
        return live
    return standing


def _side_of(row: tuple[Any, ...], line: str, promo: content.PromoContent | None) -> Side:
    product = Product(row[1])
    sender = Sender(row[7], product, line, row[9], row[10], row[22])
    made = content.composed(promo.content, sender) if promo else None
    return Side(
        shop=ShopFacts(
            active=row[2] == ShopStatus.ACTIVE,
            sending_on=row[3],
            sender_accepted=row[13],
            notice_active=row[11] == NoticeState.ACTIVE,
            advertises=sender.is_advertising,
            min_call_seconds=row[4],
            repeat_after=timedelta(days=7 if product == Product.SOHO else 30),
            daily_cap=row[5],
            hold_at_night=row[6] == NightPolicy.HOLD,
            release_minute=row[23] * 60,
            has_promo=promo is not None,
            promo_sendable=made is not None and made.sendable,
        ),
        ksic=row[8],
        notice_since=row[12],
        promo=promo,
        composed=made,
        own_lines=row[17],
    )


def of_call(
    call: Call,
    known: Facts | None,
    used: int,
    sent_in_batch: dict[tuple[int, str], datetime],
    now: datetime,
) -> CallFacts:
    number = call.number or ""
    in_batch = sent_in_batch.get((call.shop_id or 0, number))
    return CallFacts(
        now=now,
        received_at=call.received_at,
        answered=call.answered,
        seconds=int((call.ended_at - call.started_at).total_seconds()),
        ended_at=call.ended_at,
        shop=known.side.shop if known else None,
        withheld=call.number is None,
        mobile=phone.is_mobile(number),
        member=known.member if known else False,
        own_number=number in known.side.own_lines if known else False,
        opted_out=known.opted_out if known else False,
        blocked=known.blocked if known else False,
        last_sent_at=in_batch or (known.last_sent_at if known else None),
        used_today=used,
    )
