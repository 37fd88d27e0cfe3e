"""Delivery reports (수신 결과 통보): an outbox and a thread that POSTs it (reference/gateways.md §1.9)."""

import hashlib
import http.client
import json
import sqlite3
import sys
import threading
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlsplit

from shopmsg.sandbox import codes, dates
from shopmsg.sandbox.storage import Store
from shopmsg.sandbox.web import invalid

BATCH = 1000
TIMEOUT_SECONDS = 10
RETRY_AFTER_MS = (500, 1000, 2000, 4000)
"""Waits before tries 2 to 5; after the fifth the report is given up."""
SECOND_REPORT_MS = 300
MODES = frozenset({"normal", "off", "duplicate", "reorder", "contradict", "late"})


@dataclass(slots=True)
class ReportSettings:
    """``delay_seconds`` from acceptance to the handset; ``late_seconds`` more in mode late."""

    url: str | None = None
    secret: str = ""
    secret_form: str = "raw"
    shape: str = "flat"
    mode: str = "normal"
    delay_seconds: float = 0.4
    late_seconds: float = 60.0

    @property
    def delay_ms(self) -> int:
        return int(self.delay_seconds * 1000)

    def changed(self, body: dict[str, Any]) -> "ReportSettings":
        """A copy with the given fields. Raises ApiError 400."""
        fields = {**asdict(self), **body}
        unknown = set(body) - set(asdict(self))
        if unknown:
            raise invalid(f"모르는 항목: {', '.join(sorted(unknown))}")
        url = fields["url"]
        if url is not None and (not isinstance(url, str) or not url.startswith(("http://", "https://"))):
            raise invalid("url은 http:// 또는 https:// 주소이거나 null입니다.")
        if not isinstance(fields["secret"], str) or not fields["secret"].isascii():
            raise invalid("secret은 ASCII 문자열입니다.")
        if fields["secret_form"] not in ("raw", "sha1") or fields["shape"] not in ("flat", "envelope"):
            raise invalid("secret_form은 raw 또는 sha1, shape은 flat 또는 envelope입니다.")
        if fields["mode"] not in MODES:
            raise invalid(f"mode는 {', '.join(sorted(MODES))} 가운데 하나입니다.")
        for name in ("delay_seconds", "late_seconds"):
            value = fields[name]
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 7 * 86400:
                raise invalid(f"{name}은(는) 0 이상 초 단위 수입니다.")
        return ReportSettings(**fields)


def plan(db: sqlite3.Connection, settings: ReportSettings, now: int) -> int:
    """Queue the reports of every message that ends now; called before they are marked as ended.

    A message told to stay at 3000 never gets one.
    """
    if settings.mode == "off" or settings.url is None:
        return 0
    first = now + (int(settings.late_seconds * 1000) if settings.mode == "late" else 0)
    final = "coalesce(final, '4000')"
    rounds = [(final, first)]
    if settings.mode == "duplicate":
        rounds.append((final, first + SECOND_REPORT_MS))
    elif settings.mode == "contradict":
        opposite = f"CASE WHEN {final} = '4000' THEN '3041' ELSE '4000' END"
        rounds.append((opposite, first + SECOND_REPORT_MS))
    elif settings.mode == "reorder":
        rounds.append((f"'{codes.AT_CARRIER}'", first + SECOND_REPORT_MS))
    order = "DESC" if settings.mode == "reorder" else "ASC"
    for code, due in rounds:
        db.execute(
            f"INSERT INTO reports (message_seq, code, due) SELECT seq, {code}, ? FROM messages"
            f" WHERE stage = 1 AND due <= ? AND {final} <> '3000' ORDER BY seq {order}",
            (due, now),
        )
    return len(rounds)


class Reporter(threading.Thread):
    """POSTs due reports in arrays of at most 1,000; counts are for /sandbox/stats."""

    def __init__(self, store: Store, stop: threading.Event, settings: ReportSettings) -> None:
        super().__init__(name="reporter", daemon=True)
        self.settings = settings
        self.wake = threading.Event()
        self.sent = self.posts = self.failed_posts = self.given_up = 0
        self._store = store
        self._stopping = stop

    def run(self) -> None:
        while not self._stopping.is_set():
            try:
                wait = self._step()
            except sqlite3.Error as error:
                if self._stopping.is_set():
                    return
                print(f"sandbox: report outbox: {type(error).__name__}: {error}", file=sys.stderr, flush=True)
                wait = 1.0
            self.wake.wait(wait)
            self.wake.clear()

    def _step(self) -> float:
        """Send one batch; returns seconds to wait."""
        settings, now = self.settings, dates.now_ms()
        with self._store.reading() as db:
            rows = db.execute(
                "SELECT r.seq AS report_seq, r.code, r.tries, m.* FROM reports r"
                " JOIN messages m ON m.seq = r.message_seq"
                " WHERE r.due <= ? ORDER BY r.due, r.seq LIMIT ?",
                (now, BATCH),
            ).fetchall()
            next_due = db.execute("SELECT min(due) FROM reports WHERE due > ?", (now,)).fetchone()[0]
        if not rows or settings.url is None:
            return 1.0 if next_due is None else min(1.0, max(0.01, (next_due - now) / 1000))
        payload = [_envelope(row, now) if settings.shape == "envelope" else _flat(row, now) for row in rows]
        delivered = _post(settings, payload)
        self.posts += 1
        with self._store.writing() as db:
            if delivered:
                self.sent += len(rows)
                db.executemany("DELETE FROM reports WHERE seq = ?", [(row["report_seq"],) for row in rows])
                return 0.0
            self.failed_posts += 1
            ended = [(row["report_seq"],) for row in rows if row["tries"] >= len(RETRY_AFTER_MS)]
            self.given_up += len(ended)
            db.executemany("DELETE FROM reports WHERE seq = ?", ended)
            db.executemany(
                "UPDATE reports SET tries = tries + 1, due = ? WHERE seq = ?",
                [
                    (dates.now_ms() + RETRY_AFTER_MS[row["tries"]], row["report_seq"])
                    for row in rows
                    if row["tries"] < len(RETRY_AFTER_MS)
                ],
            )
        return 0.05


def _flat(row: sqlite3.Row, now: int) -> dict[str, Any]:
    return {
        "messageId": row["id"],
        "groupId": row["group_id"],
        "type": row["type"],
        "to": row["recipient"],
        "from": row["sender"],
        "statusCode": row["code"],
        "statusMessage": codes.meaning(row["code"]),
        "dateProcessed": dates.iso(row["processed"]),
        "dateReported": dates.iso(now),
        "dateReceived": dates.iso(row["finished"] or now),
        "networkCode": "90901",
        "customFields": json.loads(row["custom"]) if row["custom"] else {},
    }


def _envelope(row: sqlite3.Row, now: int) -> dict[str, Any]:
    return {
        "eventDataId": f"ED{row['id'][3:]}{row['report_seq']}",
        "retryCount": row["tries"],
        "data": _flat(row, now),
    }


def _post(settings: ReportSettings, payload: list[dict[str, Any]]) -> bool:
    """True when the receiver answered 200."""
    target = urlsplit(settings.url or "")
    secret = settings.secret
    headers = {
        "Content-Type": "application/json",
        "X-Solapi-Event-Name": "SINGLE-REPORT",
        "X-Solapi-Secret": hashlib.sha1(secret.encode(), usedforsecurity=False).hexdigest()
        if settings.secret_form == "sha1"
        else secret,
    }
    kind = http.client.HTTPSConnection if target.scheme == "https" else http.client.HTTPConnection
    try:
        connection = kind(target.hostname or "", target.port, timeout=TIMEOUT_SECONDS)
        try:
            path = (target.path or "/") + (f"?{target.query}" if target.query else "")
            connection.request("POST", path, json.dumps(payload, ensure_ascii=False).encode(), headers)
            return connection.getresponse().status == 200
        finally:
            connection.close()
    except (OSError, http.client.HTTPException, ValueError):
        return False
