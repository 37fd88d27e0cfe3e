"""Webhooks of the card payments: an outbox and a thread that POSTs it (reference/payments.md §1.10). Nothing signs them."""

import http.client
import secrets
import sqlite3
import sys
import threading
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlsplit

from shopmsg.sandbox import dates
from shopmsg.sandbox.storage import Store
from shopmsg.sandbox.web import invalid

TIMEOUT_SECONDS = 10
RESEND_MINUTES = (1, 4, 16, 64, 256, 1024, 4096)
"""Waits before resends 1 to 7; after the last one a person would get a letter."""


@dataclass(slots=True)
class CardSettings:
    """``minute`` is how many seconds a minute of the resend schedule takes, ``copies`` how often each webhook is sent.

    ``keeps_declined``: whether a declined charge leaves an ABORTED payment that a lookup finds.
    """

    webhook_url: str | None = None
    minute: float = 60.0
    copies: int = 1
    keeps_declined: bool = True

    def changed(self, body: dict[str, Any]) -> "CardSettings":
        """A copy with the given fields. Raises ApiError 400."""
        fields = {**asdict(self), **body}
        url, minute, copies = fields["webhook_url"], fields["minute"], fields["copies"]
        if url is not None and (not isinstance(url, str) or not url.startswith(("http://", "https://"))):
            raise invalid("webhook_url은 http:// 또는 https:// 주소이거나 null입니다.")
        if isinstance(minute, bool) or not isinstance(minute, int | float) or not 0 <= minute <= 600:
            raise invalid("minute은 0~600 사이의 초입니다.")
        if isinstance(copies, bool) or not isinstance(copies, int) or not 0 <= copies <= 10:
            raise invalid("copies는 0~10 사이의 정수입니다.")
        if not isinstance(fields["keeps_declined"], bool):
            raise invalid("keeps_declined는 true 또는 false입니다.")
        return CardSettings(**fields)


def queue(db: sqlite3.Connection, settings: CardSettings, body: str) -> None:
    """Put a webhook into the outbox, in the transaction of what it tells."""
    if settings.webhook_url is None:
        return
    name = secrets.token_hex(16)
    now = dates.now_ms()
    for _ in range(settings.copies):
        db.execute(
            "INSERT INTO card_webhooks (transmission, body, created, due) VALUES (?, ?, ?, ?)",
            (name, body, now, now),
        )


class Webhooks(threading.Thread):
    """Sends what is due, one at a time; counts are for /sandbox/cards."""

    def __init__(self, store: Store, stop: threading.Event, settings: CardSettings) -> None:
        super().__init__(name="card-webhooks", daemon=True)
        self.settings = settings
        self.wake = threading.Event()
        self.sent = self.failed = self.given_up = 0
        self._store = store
        self._stopping = stop

    def run(self) -> None:
        while not self._stopping.is_set():
            try:
                wait = self._step()
            except sqlite3.Error as error:
                if self._stopping.is_set():
                    return
                print(f"sandbox: card webhooks: {type(error).__name__}: {error}", file=sys.stderr, flush=True)
                wait = 1.0
            self.wake.wait(wait)
            self.wake.clear()

    def _step(self) -> float:
        """Send one; returns seconds to wait."""
        settings, now = self.settings, dates.now_ms()
        with self._store.reading() as db:
            row = db.execute("SELECT * FROM card_webhooks ORDER BY due, seq LIMIT 1").fetchone()
        if row is None or settings.webhook_url is None:
            return 1.0
        if row["due"] > now:
            return float(min(1.0, max(0.01, (row["due"] - now) / 1000)))
        delivered = _post(settings.webhook_url, row)
        with self._store.writing() as db:
            if delivered:
                self.sent += 1
            else:
                self.failed += 1
            if delivered or row["tries"] >= len(RESEND_MINUTES):
                self.given_up += not delivered
                db.execute("DELETE FROM card_webhooks WHERE seq = ?", (row["seq"],))
            else:
                due = dates.now_ms() + round(RESEND_MINUTES[row["tries"]] * settings.minute * 1000)
                db.execute(
                    "UPDATE card_webhooks SET tries = tries + 1, due = ? WHERE seq = ?", (due, row["seq"])
                )
        return 0.0


def _post(url: str, row: sqlite3.Row) -> bool:
    """True when the receiver answered 200, and nothing else."""
    target = urlsplit(url)
    headers = {
        "Content-Type": "application/json",
        "tosspayments-webhook-transmission-time": dates.iso(dates.now_ms()) or "",
        "tosspayments-webhook-transmission-id": row["transmission"],
        "tosspayments-webhook-transmission-retried-count": str(row["tries"]),
    }
    kind = http.client.HTTPSConnection if target.scheme == "https" else http.client.HTTPConnection
    try:
        connection = kind(target.hostname or "", target.port, timeout=TIMEOUT_SECONDS)
        try:
            path = (target.path or "/") + (f"?{target.query}" if target.query else "")
            connection.request("POST", path, row["body"].encode(), headers)
            return connection.getresponse().status == 200
        finally:
            connection.close()
    except (OSError, http.client.HTTPException, ValueError):
        return False
