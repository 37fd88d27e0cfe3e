"""Giving back what a message held when the gateway definitely did not take it (issue: "given back")."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.backends.utils import CursorWrapper

from messaging import quota
from messaging.arrays import array

_FREE_GUARDS = """
WITH held AS (
    SELECT * FROM unnest(%s::bigint[], %s::bytea[], %s::bigint[]) AS t(shop_id, index, message_id)
), gone AS (
    DELETE FROM messaging_recipientguard g USING held h
    WHERE g.shop_id = h.shop_id AND g.recipient_index = h.index AND g.message_id = h.message_id
        AND g.previous_sent_at IS NULL
)
UPDATE messaging_recipientguard g SET last_sent_at = g.previous_sent_at, previous_sent_at = NULL
FROM held h
WHERE g.shop_id = h.shop_id AND g.recipient_index = h.index AND g.message_id = h.message_id
    AND g.previous_sent_at IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class Held:
    """What one counted message holds: its place in the day's cap and its recipient's guard."""

    message_id: int
    shop_id: int
    quota_day: date | None
    index: bytes


def give_back(cursor: CursorWrapper, held: Sequence[Held]) -> None:
    """Free the caps and guards of messages that were definitely not taken."""
    if not held:
        return
    places: Counter[tuple[int, date]] = Counter()
    for one in held:
        if one.quota_day is not None:
            places[(one.shop_id, one.quota_day)] -= 1
    quota.add(cursor, places)
    ordered = sorted(held, key=lambda one: (one.shop_id, one.index))
    cursor.execute(
        _FREE_GUARDS,
        [
            array(one.shop_id for one in ordered),
            array(one.index for one in ordered),
            array(one.message_id for one in ordered),
        ],
    )
