"""Look-ups: asking the gateway about messages whose fate nobody told us, by our own reference.

A look-up that finds nothing changes nothing: the message is never sent a second time. It is asked about again with
growing delays and after 72 hours shown as unknown.
"""

import logging
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import connection, transaction

from messaging import quota
from messaging.enums import MessageState
from messaging.gateways.base import Gateway, GatewayDown
from messaging.settle import News, apply
from shopmsg.accounts.sealing import keyring
from shopmsg.core.crypto import CryptoError

_Row = tuple[int, str, bytes | None, datetime, datetime]  # id, token, sealed, submitted_at, created_at

log = logging.getLogger(__name__)

BATCH = 500
GIVE_UP_AFTER = timedelta(hours=72)
#: A worker that submits settles within this time, or it is gone.
ABANDONED_AFTER = timedelta(seconds=90)
_WINDOW = timedelta(minutes=10)
_MARGIN = timedelta(minutes=1)

# Each look-up doubles the delay: 20 s, 40 s, … at most six hours.
_CLAIM = """
-- Fates nobody knows come before reports nobody sent.
WITH due AS MATERIALIZED (
    SELECT id, created_at FROM messaging_message
    WHERE state IN ('uncertain', 'accepted') AND lookup_at <= %s ORDER BY state DESC, lookup_at LIMIT %s
    FOR UPDATE SKIP LOCKED
)
UPDATE messaging_message m SET lookups = least(m.lookups + 1, 1000),
    lookup_at = %s + least(interval '10 seconds' * power(2, least(m.lookups + 1, 12)), interval '6 hours')
FROM due WHERE m.id = due.id AND m.created_at = due.created_at
RETURNING m.id, m.token, m.recipient_sealed, m.submitted_at, m.created_at
"""

_GIVE_UP = """
WITH over AS (
    SELECT id, created_at, state FROM messaging_message
    WHERE state IN ('uncertain', 'accepted') AND lookup_at IS NOT NULL AND submitted_at <= %s
    ORDER BY id FOR UPDATE SKIP LOCKED
)
UPDATE messaging_message m SET lookup_at = NULL,
    state = CASE WHEN over.state = 'uncertain' THEN 'unknown' ELSE over.state END
FROM over WHERE m.id = over.id AND m.created_at = over.created_at
RETURNING m.shop_id, m.day, over.state = 'uncertain' AND m.kind = 'promo'
"""

_ABANDONED = """
WITH abandoned AS MATERIALIZED (
    SELECT id, created_at FROM messaging_message WHERE state = 'submitting' AND submitted_at <= %s
    ORDER BY id FOR UPDATE SKIP LOCKED
)
UPDATE messaging_message m SET state = %s, lookup_at = %s,
    text = CASE WHEN m.notice_kind IN ('login_code', 'login_link') THEN '' ELSE m.text END
FROM abandoned a WHERE m.id = a.id AND m.created_at = a.created_at
"""


def find_abandoned(now: datetime) -> int:
    """Submissions nobody settled, because their worker died, become uncertain; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(_ABANDONED, [now - ABANDONED_AFTER, MessageState.UNCERTAIN, now])
        return int(cursor.rowcount)


def look_up(gateway: Gateway, account: str, now: datetime) -> int:
    """Ask about the messages that are due; returns how many were asked about."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_GIVE_UP, [now - GIVE_UP_AFTER])
        unknown = Counter(
            (shop_id, day, "not_sent") for shop_id, day, counted in cursor.fetchall() if counted
        )
        cursor.execute(_CLAIM, [now, BATCH, now])
        rows = sorted(cursor.fetchall(), key=lambda row: row[3])
        quota.add_numbers(cursor, unknown)
    for group in _windows(rows):
        try:
            _ask(gateway, account, group)
        except GatewayDown as error:
            # The other groups would wait as long for the same: they are asked about when they are due again.
            log.warning("look-up without an answer", extra={"messages": len(group), "code": error.code})
            break
    return len(rows)


def _windows(rows: list[_Row]) -> Iterator[list[_Row]]:
    """Groups submitted close to each other, so that one question's time window stays small."""
    group: list[_Row] = []
    for row in rows:
        if group and row[3] - group[0][3] > _WINDOW:
            yield group
            group = []
        group.append(row)
    if group:
        yield group


def _ask(gateway: Gateway, account: str, group: list[_Row]) -> None:
    ids: dict[str, int] = {}
    refs: dict[str, str] = {}
    for message_id, token, sealed, _, _ in group:
        ref = f"{message_id}-{token}"
        try:
            refs[ref] = keyring().open(sealed or b"")
        except CryptoError as error:
            # Without its number it can still be told by its reference in the window.
            refs[ref] = ""
            log.error("recipient cannot be opened", extra={"message_id": message_id, "code": error.code})
        ids[ref] = message_id
    found = gateway.lookup(refs, group[0][3] - _MARGIN, group[-1][3] + _WINDOW)
    news = [News(ids[ref], "", answer) for ref, answer in found.items() if ref in ids]
    changed = apply(news, account, min(row[4] for row in group))
    log.info("look-up", extra={"asked": len(refs), "found": len(found), "changed": changed})
