"""Message groups: every send makes one; they can also be filled, reserved and cancelled step by step."""

import json
import sqlite3
from collections.abc import Iterable
from typing import Any

from shopmsg.sandbox import codes, dates, filters, ids, storage
from shopmsg.sandbox.account import Purse
from shopmsg.sandbox.messages import ACCOUNT_ID
from shopmsg.sandbox.validation import Item
from shopmsg.sandbox.web import ApiError, Request, invalid, not_found

COLUMNS = {
    "groupId": "id",
    "status": "status",
    "dateCreated": "created",
    "dateUpdated": "updated",
    "scheduledDate": "scheduled",
}
SIX_MONTHS_MS = 184 * 24 * 3600 * 1000
_PRICE = {"82": {name: codes.price(name.upper()) for name in codes.KNOWN_COUNTS}}

Tally = tuple[str, int, str, int]
"""(type, stage, status code, how many)"""


def scheduled_at(value: object, now: int) -> int | None:
    """When to send, or None for at once; a past date is at once, more than six months ahead is refused."""
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise invalid("scheduledDate는 ISO 8601 문자열이어야 합니다.")
    try:
        moment = dates.parse(value)
    except ValueError as error:
        raise invalid("scheduledDate는 ISO 8601 문자열이어야 합니다.") from error
    if moment > now + SIX_MONTHS_MS:
        raise invalid("예약은 6개월 안으로만 할 수 있습니다.")
    return moment if moment > now else None


def create(db: sqlite3.Connection, allow_duplicates: bool, app_id: str | None, now: int) -> str:
    """A new PENDING group's id."""
    group_id = ids.group(now)
    log = json.dumps([_entry(now, "메시지 그룹을 만들었습니다.")], ensure_ascii=False)
    db.execute(
        "INSERT INTO groups (id, status, allow_duplicates, app_id, log, created, updated)"
        " VALUES (?,'PENDING',?,?,?,?,?)",
        (group_id, int(allow_duplicates), app_id, log, now, now),
    )
    return group_id


def find(db: sqlite3.Connection, group_id: str) -> sqlite3.Row:
    row: sqlite3.Row | None = db.execute("SELECT * FROM groups WHERE id = ?", (group_id,)).fetchone()
    if row is None:
        raise not_found("해당 그룹이 없습니다.")
    return row


def require(db: sqlite3.Connection, group_id: str, *statuses: str) -> sqlite3.Row:
    """The group, or ApiError 400 when it is in none of these states."""
    row = find(db, group_id)
    if row["status"] not in statuses:
        raise ApiError(400, "InvalidStatus", f"그룹이 {row['status']} 상태라서 할 수 없습니다.")
    return row


def count_items(db: sqlite3.Connection, group_id: str, items: Iterable[Item]) -> None:
    taken = refused = 0
    for item in items:
        if item.code == codes.ACCEPTED:
            taken += 1
        else:
            refused += 1
    db.execute(
        "UPDATE groups SET registered = registered + ?, refused = refused + ? WHERE id = ?",
        (taken, refused, group_id),
    )


def mark(
    db: sqlite3.Connection, group_id: str, status: str, now: int, note: str, scheduled: int | None = None
) -> None:
    """Move the group to a state and log why. Sending remembers its time."""
    log = json.loads(find(db, group_id)["log"])
    log.append(_entry(now, note))
    db.execute(
        "UPDATE groups SET status = ?, scheduled = ?, updated = ?, log = ?,"
        " sent = CASE WHEN ? = 'SENDING' THEN ? ELSE sent END WHERE id = ?",
        (status, scheduled, now, json.dumps(log, ensure_ascii=False), status, now, group_id),
    )


def book(db: sqlite3.Connection, group_id: str, purse: Purse) -> None:
    """Write what was spent for this group to the account and to the group."""
    purse.save(db)
    db.execute(
        "UPDATE groups SET charged_balance = charged_balance + ?, charged_point = charged_point + ?"
        " WHERE id = ?",
        (purse.spent_balance, purse.spent_point, group_id),
    )


def release(db: sqlite3.Connection, group_id: str, now: int, due: int) -> None:
    """Send a held group: money is taken now, and what cannot be paid ends with 2230."""
    purse = Purse.load(db)
    held = db.execute(
        "SELECT seq, type FROM messages WHERE group_id = ? AND stage = ?", (group_id, storage.HELD)
    )
    paid: list[int] = []
    unpaid: list[int] = []
    for row in held.fetchall():
        (paid if purse.spend(codes.price(row["type"])) else unpaid).append(row["seq"])
    db.executemany(
        "UPDATE messages SET stage = ?, due = ?, updated = ? WHERE seq = ?",
        [(storage.ACCEPTED, due, now, seq) for seq in paid],
    )
    db.executemany(
        "UPDATE messages SET stage = ?, due = ?, updated = ?, final = '2230' WHERE seq = ?",
        [(storage.AT_CARRIER, now, now, seq) for seq in unpaid],
    )
    book(db, group_id, purse)
    mark(db, group_id, "SENDING", now, "메시지를 보내기 시작했습니다.")


def tally(db: sqlite3.Connection, group_id: str) -> list[Tally]:
    sql = "SELECT type, stage, status, count(*) FROM messages WHERE group_id = ? GROUP BY type, stage, status"
    return [(row[0], row[1], row[2], row[3]) for row in db.execute(sql, (group_id,))]


def view(row: sqlite3.Row, tallies: Iterable[Tally], completed: int | None = None) -> dict[str, Any]:
    """groupInfo with every key of reference/gateways.md §1.5."""
    charged: dict[str, dict[str, int]] = {name: {} for name in codes.KNOWN_COUNTS}
    sent = delivered = at_carrier = waiting = 0
    for message_type, stage, status, count in tallies:
        if stage != storage.REFUSED:
            by_country = charged.setdefault(message_type.lower(), {})
            by_country["82"] = by_country.get("82", 0) + count
        sent += count if stage in (storage.AT_CARRIER, storage.FINISHED) else 0
        at_carrier += count if stage == storage.AT_CARRIER else 0
        waiting += count if stage in (storage.HELD, storage.ACCEPTED, storage.AT_CARRIER) else 0
        delivered += count if status == codes.DELIVERED else 0
    done = row["status"] == "SENDING" and not waiting
    return {
        "count": {
            "total": row["registered"] + row["refused"],
            "sentTotal": sent,
            "sentFailed": sent - at_carrier - delivered,
            "sentSuccess": delivered,
            "sentPending": at_carrier,
            "sentReplacement": 0,
            "refund": 0,
            "registeredFailed": row["refused"],
            "registeredSuccess": row["registered"],
        },
        "countForCharge": charged,
        "balance": _cash(row["charged_balance"]),
        "point": _cash(row["charged_point"]),
        "app": {"profit": dict.fromkeys(codes.KNOWN_COUNTS, 0), "appId": row["app_id"]},
        "log": json.loads(row["log"]),
        "status": "COMPLETE" if done else row["status"],
        "allowDuplicates": bool(row["allow_duplicates"]),
        "isRefunded": False,
        "accountId": ACCOUNT_ID,
        "masterAccountId": None,
        "apiVersion": "4",
        "groupId": row["id"],
        "price": _PRICE,
        "dateCreated": dates.iso(row["created"]),
        "dateUpdated": dates.iso(row["updated"]),
        "scheduledDate": dates.iso(row["scheduled"]),
        "dateSent": dates.iso(row["sent"]) if sent else None,
        "dateCompleted": dates.iso(completed) if done else None,
    }


def info(db: sqlite3.Connection, group_id: str) -> dict[str, Any]:
    """groupInfo of a stored group with its present counts. Raises ApiError 404."""
    row = find(db, group_id)
    last = db.execute("SELECT max(finished) FROM messages WHERE group_id = ?", (group_id,)).fetchone()[0]
    return view(row, tally(db, group_id), last)


def listing(db: sqlite3.Connection, request: Request) -> dict[str, Any]:
    """A page of groups, newest first; ``groupList`` is a map by groupId."""
    found = filters.read(request, COLUMNS)
    sql, values = filters.page("groups", found)
    rows = db.execute(sql, values).fetchall()
    return {
        "limit": found.limit,
        "startKey": found.start_key,
        "nextKey": rows[found.limit]["id"] if len(rows) > found.limit else None,
        "groupList": {row["id"]: info(db, row["id"]) for row in rows[: found.limit]},
    }


def _cash(amount: int) -> dict[str, int]:
    return {"requested": amount, "replacement": 0, "refund": 0, "sum": amount}


def _entry(now: int, message: str) -> dict[str, Any]:
    return {"createAt": dates.iso(now), "message": message}
