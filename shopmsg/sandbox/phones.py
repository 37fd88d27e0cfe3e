"""What reached the handsets (단말기): only messages that ended with 4000."""

import json
import sqlite3
from dataclasses import dataclass
from typing import Any

from shopmsg.sandbox import dates

_VISIBLE = "m.received IS NOT NULL AND m.received > coalesce(c.before, 0)"
_FROM = "FROM messages m LEFT JOIN cleared c ON c.number = m.recipient"


@dataclass(frozen=True, slots=True)
class Phone:
    number: str
    messages: int
    last_received: int


def overview(db: sqlite3.Connection, contains: str, limit: int) -> list[Phone]:
    """Phones with messages, the latest first; ``contains`` are digits of the number."""
    rows = db.execute(
        f"SELECT m.recipient, count(*), max(m.received) {_FROM} WHERE {_VISIBLE} AND m.recipient LIKE ?"
        " GROUP BY m.recipient ORDER BY 3 DESC, 1 LIMIT ?",
        (f"%{contains}%", limit),
    )
    return [Phone(*row) for row in rows]


def inbox(db: sqlite3.Connection, number: str, since: int | None, limit: int) -> list[sqlite3.Row]:
    """The newest ``limit`` messages of one phone, oldest first, received after ``since``."""
    rows = db.execute(
        f"SELECT m.* {_FROM} WHERE m.recipient = ? AND {_VISIBLE} AND m.received > ?"
        " ORDER BY m.received DESC, m.seq DESC LIMIT ?",
        (number, since or 0, limit),
    ).fetchall()
    return rows[::-1]


def view(row: sqlite3.Row) -> dict[str, Any]:
    """One received message as the control API shows it."""
    return {
        "id": row["id"],
        "type": row["type"],
        "from": row["sender"],
        "to": row["recipient"],
        "subject": row["subject"],
        "text": row["text"],
        "image_url": image_path(row),
        "status_code": row["status"],
        "received_at": dates.iso(row["received"]),
        "custom_fields": json.loads(row["custom"]) if row["custom"] else {},
    }


def image_path(row: sqlite3.Row) -> str | None:
    return f"/sandbox/files/{row['image_id']}.jpg" if row["image_id"] else None


def clear(db: sqlite3.Connection, number: str) -> None:
    """Empty a phone; the gateway's own record of the messages stays."""
    db.execute("INSERT OR REPLACE INTO cleared (number, before) VALUES (?, ?)", (number, dates.now_ms()))
