"""The daily cap and the owner's daily numbers, as rows that statements add to (design.md §4).

A cap is reserved when a call is decided, moved to the day of submission by the claim that submits, and given back
when the gateway definitely did not take the message (rules.md §4).
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db.backends.utils import CursorWrapper

from messaging import alerts
from messaging.arrays import array, arrays
from messaging.rulebook import Window
from shopmsg.core.clock import kst_day


@dataclass(frozen=True, slots=True)
class Day:
    """A shop's locked quota row."""

    shop_id: int
    day: date
    used: int
    cap: int


# A cap lowered below what is used already stays where it is for the day: the check constraint must keep holding.
_LOCK = """
INSERT INTO messaging_quotaday AS q (shop_id, day, used, cap)
SELECT s.id, CASE WHEN s.product = 'soho' THEN %s ELSE %s END, 0, s.daily_cap
FROM accounts_shop s WHERE s.id = ANY(%s::bigint[]) ORDER BY s.id
ON CONFLICT (shop_id, day) DO UPDATE SET cap = greatest(excluded.cap, q.used)
RETURNING shop_id, day, used, cap
"""

_ADD = """
UPDATE messaging_quotaday q SET used = q.used + t.n
FROM unnest(%s::bigint[], %s::date[], %s::int[]) AS t(shop_id, day, n)
WHERE q.shop_id = t.shop_id AND q.day = t.day
"""

_FIELDS = ("calls", "sent", "held", "not_sent", "delivered", "failed")

_NUMBERS = """
INSERT INTO messaging_shopnumbers AS n (shop_id, day, calls, sent, held, not_sent, delivered, failed)
SELECT * FROM unnest(%s::bigint[], %s::date[], %s::int[], %s::int[], %s::int[], %s::int[], %s::int[], %s::int[])
ORDER BY 1, 2
ON CONFLICT (shop_id, day) DO UPDATE SET calls = n.calls + excluded.calls, sent = n.sent + excluded.sent,
    held = n.held + excluded.held, not_sent = n.not_sent + excluded.not_sent,
    delivered = n.delivered + excluded.delivered, failed = n.failed + excluded.failed
"""


def lock(cursor: CursorWrapper, shop_ids: Collection[int], window: Window, now: datetime) -> dict[int, Day]:
    """Lock the quota row each shop would send under: today's, or for advertising outside the hours the next day's."""
    if not shop_ids:
        return {}
    cursor.execute(_LOCK, [kst_day(window.next_open(now)), kst_day(now), array(sorted(shop_ids))])
    return {row[0]: Day(*row) for row in cursor.fetchall()}


def take(
    cursor: CursorWrapper, taken: Mapping[tuple[int, date], int], days: Mapping[int, Day], now: datetime
) -> None:
    """Reserve places in locked rows, and tell owners whose cap comes near."""
    add(cursor, taken)
    for (shop_id, day), count in taken.items():
        row = days[shop_id]
        if day == row.day and alerts.comes_near(row.used, row.used + count, row.cap):
            alerts.quota_near(shop_id, day, row.used + count, row.cap, now)


def add(cursor: CursorWrapper, changes: Mapping[tuple[int, date], int]) -> None:
    """Add to (or take from) quota rows that exist, in key order."""
    rows = sorted((shop_id, day, count) for (shop_id, day), count in changes.items() if count)
    if rows:
        cursor.execute(_ADD, arrays(rows, 3))


def add_numbers(cursor: CursorWrapper, changes: Counter[tuple[int, date, str]]) -> None:
    """Add to the owner's daily numbers: {(shop, day, field): change}. Always the last statement of a transaction."""
    by_row: defaultdict[tuple[int, date], Counter[str]] = defaultdict(Counter)
    for (shop_id, day, name), change in changes.items():
        if change:
            by_row[(shop_id, day)][name] += change
    if not by_row:
        return
    keys = sorted(by_row)
    columns = [array(shop_id for shop_id, _ in keys), array(day for _, day in keys)]
    columns += [array(by_row[key][name] for key in keys) for name in _FIELDS]
    cursor.execute(_NUMBERS, columns)


class Move:
    """Places being moved from the days they were reserved under to today, shop by shop."""

    def __init__(self, today: date, free: dict[int, int]) -> None:
        self.changes: Counter[tuple[int, date]] = Counter()
        self._today = today
        self._free = free

    def take(self, shop_id: int, reserved: date | None) -> bool:
        """Move one place to today; False when today's cap has none left."""
        if reserved == self._today:
            return True
        if self._free.get(shop_id, 0) < 1:
            return False
        self._free[shop_id] -= 1
        self.changes[(shop_id, self._today)] += 1
        if reserved is not None:
            self.changes[(shop_id, reserved)] -= 1
        return True


_LOCK_DAY = """
INSERT INTO messaging_quotaday AS q (shop_id, day, used, cap)
SELECT s.id, %s, 0, s.daily_cap FROM accounts_shop s WHERE s.id = ANY(%s::bigint[]) ORDER BY s.id
ON CONFLICT (shop_id, day) DO UPDATE SET cap = greatest(excluded.cap, q.used)
RETURNING shop_id, cap - used
"""


def move(cursor: CursorWrapper, places: Collection[tuple[int, date | None]], today: date) -> Move:
    """Lock today's rows of the shops whose places are reserved under another day. Costs nothing when none is."""
    shops = sorted({shop_id for shop_id, reserved in places if reserved != today})
    free: dict[int, int] = {}
    if shops:
        cursor.execute(_LOCK_DAY, [today, array(shops)])
        free = dict(cursor.fetchall())
    return Move(today, free)
