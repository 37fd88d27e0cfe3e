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

# An UPDATE alone takes its row locks in whatever order its plan has, and two batches would wait for each other.
_ADD = """
WITH place AS MATERIALIZED (
    SELECT q.shop_id, q.day, t.n
    FROM messaging_quotaday q JOIN unnest(%s::bigint[], %s::date[], %s::int[]) AS t(shop_id, day, n)
        ON q.shop_id = t.shop_id AND q.day = t.day
    ORDER BY q.shop_id, q.day FOR UPDATE OF q
)
UPDATE messaging_quotaday q SET used = q.used + p.n FROM place p WHERE q.shop_id = p.shop_id AND q.day = p.day
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


def take(cursor: CursorWrapper, taken: Mapping[tuple[int, date], int], days: Mapping[int, Day]) -> None:
    """Reserve places in locked rows, and tell owners whose cap comes near."""
    add(cursor, taken)
    for (shop_id, day), count in taken.items():
        row = days[shop_id]
        if day == row.day and alerts.comes_near(row.used, row.used + count, row.cap):
            alerts.quota_near(shop_id, day, row.used + count, row.cap)


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


_LOCK_DAYS = """
INSERT INTO messaging_quotaday AS q (shop_id, day, used, cap)
SELECT s.id, t.day, 0, s.daily_cap
FROM unnest(%s::bigint[], %s::date[]) AS t(shop_id, day) JOIN accounts_shop s ON s.id = t.shop_id ORDER BY s.id, t.day
ON CONFLICT (shop_id, day) DO UPDATE SET cap = greatest(excluded.cap, q.used)
RETURNING shop_id, day, cap - used
"""


def move(
    cursor: CursorWrapper,
    places: Collection[tuple[int, date | None]],
    today: date,
    freed: Collection[tuple[int, date | None]] = (),
) -> Move:
    """Lock every row this batch will change, when any of its places is reserved under another day; costs nothing when
    none is. `freed` are the places the batch gives back besides."""
    free: dict[int, int] = {}
    if any(reserved != today for _, reserved in places):
        rows = {(shop_id, day) for shop_id, day in (*places, *freed) if day is not None}
        rows |= {(shop_id, today) for shop_id, _ in places}
        cursor.execute(_LOCK_DAYS, arrays(sorted(rows), 2))
        free = {shop_id: left for shop_id, day, left in cursor.fetchall() if day == today}
    return Move(today, free)
