"""Bringing the pictures of waiting messages to the gateway, and what becomes of the messages meanwhile.

A message whose picture is not there yet waits unclaimed. It must not stand in front of others: what cannot be brought
now steps back for some seconds.
"""

import logging
from collections import Counter
from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db import connection, transaction
from django.utils import timezone

from messaging import gateway_account, picture_uploads, quota, settle
from messaging.enums import MessageState, Outcome
from messaging.gateways.base import Answer, GatewayDown, PictureRefused
from messaging.gateways.failure import Trouble
from messaging.models import Picture

log = logging.getLogger(__name__)

#: Unsent messages are looked for in the partitions of these days only.
HORIZON = timedelta(days=3)
_BACK_OFF = timedelta(seconds=5)
_STEP_ASIDE = timedelta(seconds=1)

_WAIT = """
WITH waiting AS MATERIALIZED (
    SELECT id, created_at FROM messaging_message
    WHERE picture_id = ANY(%s) AND state IN ('queued', 'held') AND release_at <= %s AND created_at > %s
    ORDER BY id FOR UPDATE SKIP LOCKED
)
UPDATE messaging_message m SET release_at = %s
FROM waiting w WHERE m.id = w.id AND m.created_at = w.created_at
"""

_TAKE = """
WITH waiting AS MATERIALIZED (
    SELECT id, created_at, state FROM messaging_message
    WHERE picture_id = %s AND state IN ('queued', 'held') AND created_at > %s ORDER BY id FOR UPDATE
)
UPDATE messaging_message m SET state = 'submitting', submitted_at = %s, account = %s
FROM waiting w WHERE m.id = w.id AND m.created_at = w.created_at
RETURNING m.id, m.shop_id, m.day, m.kind = 'promo' AND w.state = 'held'
"""


class Brought(NamedTuple):
    """How many pictures or messages were dealt with, and when the gateway may be asked again if it may not now."""

    dealt: int
    retry_at: datetime | None = None


def bring(account: str, picture_ids: Collection[int], now: datetime, *, crowded: bool) -> Brought:
    """Upload pictures until the gateway has them, may not be asked or is in trouble. `crowded`: other messages may
    wait behind those whose pictures these are."""
    missing = set(picture_ids)
    dealt, retry_at, trouble = 0, None, False
    for picture in Picture.objects.filter(pk__in=missing):
        admission = gateway_account.admit_soon(account)
        if not admission.allowed:
            retry_at = admission.retry_at
            break
        try:
            picture_uploads.file_id(picture, account)
        except PictureRefused as error:
            log.error("picture refused by the gateway", extra={"picture": picture.pk, "code": error.code})
            _refuse_messages_with(picture.pk, account, now)
        except GatewayDown as error:
            trouble = True
            log.warning("picture not uploaded", extra={"picture": picture.pk, "code": error.code})
        gateway_account.settle(account, not trouble, timezone.now())
        if trouble:
            break
        missing.discard(picture.pk)
        dealt += 1
    if missing and (trouble or crowded):
        dealt += _step_back(missing, now, _BACK_OFF if trouble else _STEP_ASIDE)
    return Brought(dealt, retry_at)


def _step_back(picture_ids: Collection[int], now: datetime, delay: timedelta) -> int:
    """Their messages wait a moment, so that the next claim sees what stands behind them; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(_WAIT, [list(picture_ids), now, now - HORIZON, timezone.now() + delay])
        return int(cursor.rowcount)


def _refuse_messages_with(picture_id: int, account: str, now: datetime) -> None:
    """The gateway will never take this picture: its waiting messages end here instead of waiting two hours."""
    since = now - HORIZON
    refused = Answer(Outcome.REJECTED, Trouble.REFUSED_PICTURE)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_TAKE, [picture_id, since, now, account])
        taken = cursor.fetchall()
        settle.apply_under(cursor, [settle.News(row[0], "", refused) for row in taken], account, since)
        held: Counter[tuple[int, date, str]] = Counter()
        for _, shop_id, day, was_held in taken:
            if was_held and shop_id is not None:
                held[(shop_id, day, MessageState.HELD.value)] -= 1
        quota.add_numbers(cursor, held)
