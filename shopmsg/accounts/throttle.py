"""How often somebody may try something: token buckets in PostgreSQL, one statement a try."""

import ipaddress
from datetime import datetime, timedelta
from typing import Final

from django.db import connection
from django.utils.crypto import salted_hmac

from shopmsg.accounts.models import Throttle

LONGEST: Final = timedelta(days=1)

_TAKE = """
INSERT INTO accounts_throttle AS t (key, tokens, updated_at) VALUES (%(key)s, %(capacity)s - 1, %(now)s)
ON CONFLICT (key) DO UPDATE SET
    tokens = least(%(capacity)s, t.tokens + {gained}) - 1,
    updated_at = greatest(t.updated_at, excluded.updated_at)
WHERE least(%(capacity)s, t.tokens + {gained}) >= 1
RETURNING 1
""".format(gained="%(rate)s * greatest(0, extract(epoch FROM excluded.updated_at - t.updated_at))")


def allow(action: str, *who: str, capacity: int, per: timedelta, now: datetime) -> bool:
    """Take one of `capacity` tries; they grow back evenly over `per`. False when none is left.

    `who` (a number, an address, or both together) is kept only as an HMAC under SECRET_KEY. Call it outside a
    transaction that may be rolled back, or the try is given back with it. Raises ValueError when `per` is longer
    than a day, because `purge` forgets buckets after one.
    """
    if per > LONGEST:
        raise ValueError("a throttle may not remember longer than a day")
    hashed = salted_hmac("shopmsg.accounts.throttle", "\x1f".join(who), algorithm="sha256").hexdigest()[:32]
    with connection.cursor() as cursor:
        cursor.execute(
            _TAKE,
            {
                "key": f"{action}:{hashed}",
                "capacity": float(capacity),
                "rate": capacity / per.total_seconds(),
                "now": now,
            },
        )
        return cursor.fetchone() is not None


def network(address: str) -> str:
    """What to count for an address: an IPv4 address itself, the /64 of an IPv6 one, since a line owns all of it."""
    parsed = ipaddress.ip_address(address)
    if parsed.version == 4:
        return str(parsed)
    return str(ipaddress.ip_network((parsed, 64), strict=False))


def purge(now: datetime) -> int:
    """Forget buckets that are full again; returns how many."""
    deleted, _ = Throttle.objects.filter(updated_at__lt=now - LONGEST).delete()
    return deleted
