"""Monthly partitions of the big tables, bounded at KST midnight.

A month is one partition, so six months of history are seven: few enough for queries that cannot name the month, and
old ones are dropped instead of deleted. They are made two months ahead, so a dead scheduler is no outage; what still
falls outside goes to the default partition and shows on the operator's page.
"""

from datetime import date, datetime

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from shopmsg.core.clock import add_months, day_start, kst_day, month_start

#: The partitioned tables and the moment each is partitioned by.
TABLES = {
    "messaging_call": "received_at",
    "messaging_message": "created_at",
    "messaging_report": "received_at",
}
MONTHS_AHEAD = 2

# Whoever waits for such a lock holds up everybody behind it; a backup under way holds its own for hours. Next time then.
_BRIEFLY = "SET LOCAL lock_timeout = '2s'"

_STRAYS = """
SELECT count(*) FROM (
    (SELECT 1 FROM messaging_call_default LIMIT 1000)
    UNION ALL (SELECT 1 FROM messaging_message_default LIMIT 1000)
    UNION ALL (SELECT 1 FROM messaging_report_default LIMIT 1000)
) AS stray
"""


def partition_name(table: str, month: date) -> str:
    """ "messaging_call_202611"."""
    return f"{table}_{month:%Y%m}"


def ensure(now: datetime) -> list[str]:
    """Make this month's and the next months' partitions where they are missing; returns the names made.

    Rows of a month that was not made in time move out of the default partition with it.
    """
    made = []
    for table in TABLES:
        for ahead in range(-1, MONTHS_AHEAD + 1):
            month = add_months(month_start(kst_day(now)), ahead)
            name = partition_name(table, month)
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SELECT to_regclass(%s)", [name])
                if cursor.fetchone() == (None,):
                    cursor.execute(_BRIEFLY)
                    _make(cursor, table, name, month)
                    made.append(name)
    return made


def _make(cursor: CursorWrapper, table: str, name: str, month: date) -> None:
    bounds = [day_start(month), day_start(add_months(month, 1))]
    column = TABLES[table]
    cursor.execute(f"CREATE TABLE {name} (LIKE {table} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)")
    cursor.execute(
        f"WITH moved AS (DELETE FROM {table}_default WHERE {column} >= %s AND {column} < %s RETURNING *) "  # noqa: S608 - our own names
        f"INSERT INTO {name} SELECT * FROM moved",
        bounds,
    )
    cursor.execute(f"ALTER TABLE {table} ATTACH PARTITION {name} FOR VALUES FROM (%s) TO (%s)", bounds)


def drop_before(first_kept: date) -> list[str]:
    """Drop whole months that end on or before `first_kept`; returns the names dropped."""
    dropped = []
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(
                "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
                "WHERE i.inhparent = %s::regclass AND c.relname ~ '_[0-9]{6}$' ORDER BY 1",
                [table],
            )
            for (name,) in cursor.fetchall():
                month = date(int(name[-6:-2]), int(name[-2:]), 1)
                if add_months(month, 1) <= first_kept:
                    with transaction.atomic():
                        cursor.execute(_BRIEFLY)
                        cursor.execute(f"DROP TABLE {name}")
                    dropped.append(name)
    return dropped


def months_ready(now: datetime) -> int:
    """How many whole months after this one have partitions in every table."""
    with connection.cursor() as cursor:
        for ahead in range(1, 13):
            month = add_months(month_start(kst_day(now)), ahead)
            names = [partition_name(table, month) for table in TABLES]
            cursor.execute("SELECT count(to_regclass(n)) FROM unnest(%s::text[]) AS n", [names])
            if cursor.fetchone() != (len(TABLES),):
                return ahead - 1
    return 12


def strays() -> int:
    """Rows in the default partitions: none, unless partitions were not made in time."""
    with connection.cursor() as cursor:
        cursor.execute(_STRAYS)
        row = cursor.fetchone()
    return int(row[0]) if row else 0
