"""Delivery reports: stored as they come, folded into their messages in bulk.

A report may come before our own commit, twice, late or against another; settle's table of transitions makes the end
the same whatever the order.
"""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import connection, transaction

from messaging.arrays import array, arrays
from messaging.enums import Outcome
from messaging.gateways.base import Answer, Report
from messaging.settle import News, apply_under

BATCH = 1_000
#: A report is about a message of the last hundred days: gateways answer within days.
HORIZON = timedelta(days=100)

_STORE = """
INSERT INTO messaging_report (received_at, account, message_id, token, gateway_id, outcome, code, reported_at, payload)
SELECT %s, %s, * FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::timestamptz[],
    %s::jsonb[])
"""

_CLAIM = """
SELECT id, received_at, message_id, token, gateway_id, outcome, code, reported_at, account
FROM messaging_report WHERE NOT folded ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
"""

_FOLDED = """
UPDATE messaging_report r SET folded = true
FROM unnest(%s::bigint[], %s::timestamptz[]) AS t(id, received_at)
WHERE r.id = t.id AND r.received_at = t.received_at
"""


def parse_ref(ref: str) -> tuple[int, str] | None:
    """(message id, token) of our own reference, or None for somebody else's."""
    message_id, _, token = ref.partition("-")
    if not (message_id.isascii() and message_id.isdigit() and len(message_id) <= 18 and len(token) == 10):
        return None
    return int(message_id), token


def store(reports: Sequence[Report], account: str, now: datetime) -> int:
    """Append reports that are ours; returns how many."""
    rows = []
    for report in reports:
        ours = parse_ref(report.ref)
        if ours is not None:
            rows.append(
                (
                    *ours,
                    report.gateway_id[:40],
                    report.outcome,
                    report.code[:40],
                    report.at,
                    json.dumps(report.payload, ensure_ascii=False),
                )
            )
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(_STORE, [now, account, *arrays(rows, 7)])
    return len(rows)


def fold_batch(now: datetime) -> int:
    """Fold up to BATCH reports into their messages; returns how many were folded."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_CLAIM, [BATCH])
        rows = cursor.fetchall()
        if not rows:
            return 0
        news = [News(row[2], row[3], Answer(Outcome(row[5]), row[6], row[4], row[7])) for row in rows]
        apply_under(cursor, news, rows[0][8], now - HORIZON)
        cursor.execute(_FOLDED, [array(row[0] for row in rows), array(row[1] for row in rows)])
    return len(rows)
