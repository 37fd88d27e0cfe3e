"""Stored messages: registering a request's items and answering the list queries."""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

from shopmsg.sandbox import codes, dates, filters, ids, storage
from shopmsg.sandbox.account import Purse
from shopmsg.sandbox.validation import Item, Rules
from shopmsg.sandbox.web import Request

ACCOUNT_ID = "26112200000001"
COLUMNS = {
    "messageId": "id",
    "groupId": "group_id",
    "to": "recipient",
    "from": "sender",
    "type": "type",
    "statusCode": "status",
    "dateCreated": "created",
    "dateUpdated": "updated",
}
_STAGE_NAMES = {
    storage.HELD: "PENDING",
    storage.ACCEPTED: "PENDING",
    storage.AT_CARRIER: "SENDING",
    storage.FINISHED: "COMPLETE",
    storage.REFUSED: "FAILED",
}
_INSERT = (
    "INSERT INTO messages (id, group_id, recipient, sender, type, subject, text, image_id, country, custom, ref,"
    " extra, status, final, stage, due, created, updated) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
)


def rules(db: sqlite3.Connection, senders: frozenset[str], images: set[str], allow_duplicates: bool) -> Rules:
    """What a request naming these pictures is judged by."""
    wanted = list(images)
    known: set[str] = set()
    for start in range(0, len(wanted), 500):
        part = wanted[start : start + 500]
        marks = ",".join("?" * len(part))
        known.update(
            r["id"] for r in db.execute(f"SELECT id FROM files WHERE type = 'MMS' AND id IN ({marks})", part)
        )
    refused = {r["number"]: r["code"] for r in db.execute("SELECT * FROM numbers WHERE code LIKE '1%'")}
    return Rules(senders, known, refused, allow_duplicates)


def charge(items: Iterable[Item], purse: Purse) -> None:
    """Take the price of each accepted item; what cannot be paid becomes 1030."""
    for item in items:
        if item.code == codes.ACCEPTED and not purse.spend(codes.price(item.type)):
            item.code = "1030"


def insert(db: sqlite3.Connection, group_id: str, items: Sequence[Item], now: int, due: int | None) -> None:
    """Store the items under fresh ids. ``due`` = when the carrier takes them, None = held with the group."""
    endings = {r["number"]: r["code"] for r in db.execute("SELECT * FROM numbers WHERE code NOT LIKE '1%'")}
    stage = storage.HELD if due is None else storage.ACCEPTED
    rows = []
    for item, message_id in zip(items, ids.many("M4V", len(items), now), strict=True):
        item.id = message_id
        taken = item.code == codes.ACCEPTED
        rows.append(
            (
                message_id,
                group_id,
                item.to,
                item.sender,
                item.type,
                item.subject,
                item.text,
                item.image_id,
                item.country,
                json.dumps(item.custom) if item.custom is not None else None,
                item.ref,
                item.extra,
                item.code,
                endings.get(item.to or "") if taken else None,
                stage if taken else storage.REFUSED,
                due if taken else None,
                now,
                now,
            )
        )
    db.executemany(_INSERT, rows)


def failure(item: Item) -> dict[str, Any]:
    """One entry of failedMessageList."""
    return {
        "to": item.to,
        "from": item.sender,
        "type": item.type,
        "statusMessage": codes.meaning(item.code),
        "country": item.country,
        "messageId": item.id,
        "statusCode": item.code,
        "accountId": ACCOUNT_ID,
        "customFields": item.custom if item.code != "1032" else None,
    }


def success(item: Item) -> dict[str, Any]:
    """One entry of messageList in a send answer."""
    return {
        "messageId": item.id,
        "statusCode": item.code,
        "statusMessage": codes.meaning(item.code),
        "customFields": item.custom or {},
    }


def view(row: sqlite3.Row) -> dict[str, Any]:
    """One stored message as the list endpoints show it."""
    extra = json.loads(row["extra"]) if row["extra"] else {}
    handed_over = row["stage"] in (storage.AT_CARRIER, storage.FINISHED)
    return {
        "messageId": row["id"],
        "groupId": row["group_id"],
        "accountId": ACCOUNT_ID,
        "type": row["type"],
        "country": row["country"],
        "subject": row["subject"],
        "text": row["text"],
        "imageId": row["image_id"],
        "from": row["sender"],
        "to": row["recipient"],
        "customFields": json.loads(row["custom"]) if row["custom"] else {},
        "kakaoOptions": extra.get("kakaoOptions"),
        "replacements": extra.get("replacements"),
        "statusCode": row["status"],
        "status": _STAGE_NAMES[row["stage"]],
        "statusMessage": codes.meaning(row["status"]),
        "reason": codes.meaning(row["status"]),
        "networkName": "KT" if handed_over else None,
        "networkCode": "90901" if handed_over else None,
        "replacement": False,
        "resendCount": 0,
        "autoTypeDetect": False,
        "log": [{"createAt": dates.iso(row["created"]), "message": "메시지를 접수했습니다."}],
        "dateCreated": dates.iso(row["created"]),
        "dateUpdated": dates.iso(row["updated"]),
        "dateProcessed": dates.iso(row["processed"]),
        "dateReported": dates.iso(row["finished"]),
        "dateReceived": dates.iso(row["received"]),
    }


def listing(db: sqlite3.Connection, request: Request, group_id: str | None = None) -> dict[str, Any]:
    """A page of messages, newest first; ``messageList`` is a map by messageId."""
    found = filters.read(request, COLUMNS)
    if group_id is not None:
        found.sql = " AND ".join(term for term in (found.sql, "group_id = ?") if term)
        found.values.append(group_id)
    sql, values = filters.page("messages", found)
    rows = db.execute(sql, values).fetchall()
    more = rows[found.limit]["id"] if len(rows) > found.limit else None
    shown = rows[: found.limit]
    return {
        "limit": found.limit,
        "startKey": found.start_key,
        "nextKey": more,
        "messageList": {row["id"]: view(row) for row in shown},
    }
