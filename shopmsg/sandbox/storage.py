"""One SQLite file holds everything the sandbox received, so memory does not grow with messages."""

import queue
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HELD, ACCEPTED, AT_CARRIER, FINISHED, REFUSED = -1, 0, 1, 2, 9
"""``messages.stage``: waiting for its group, accepted (2000), handed over (3000), ended, refused (1xxx)."""

START_BALANCE = 100_000_000

_SCHEMA = """
CREATE TABLE IF NOT EXISTS groups (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, status TEXT NOT NULL, allow_duplicates INTEGER NOT NULL,
    app_id TEXT, log TEXT NOT NULL, created INTEGER NOT NULL, updated INTEGER NOT NULL, scheduled INTEGER,
    sent INTEGER,
    registered INTEGER NOT NULL DEFAULT 0, refused INTEGER NOT NULL DEFAULT 0,
    charged_balance INTEGER NOT NULL DEFAULT 0, charged_point INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS groups_scheduled ON groups (scheduled) WHERE status = 'SCHEDULED';
CREATE TABLE IF NOT EXISTS messages (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, group_id TEXT NOT NULL, recipient TEXT, sender TEXT,
    type TEXT NOT NULL, subject TEXT, text TEXT, image_id TEXT, country TEXT NOT NULL, custom TEXT, ref TEXT,
    extra TEXT, status TEXT NOT NULL, final TEXT, stage INTEGER NOT NULL, due INTEGER, created INTEGER NOT NULL,
    updated INTEGER NOT NULL, processed INTEGER, finished INTEGER, received INTEGER
);
CREATE INDEX IF NOT EXISTS messages_group ON messages (group_id);
CREATE INDEX IF NOT EXISTS messages_recipient ON messages (recipient, received);
CREATE INDEX IF NOT EXISTS messages_ref ON messages (ref, received) WHERE ref IS NOT NULL;
CREATE INDEX IF NOT EXISTS messages_moving ON messages (stage, due) WHERE due IS NOT NULL;
CREATE TABLE IF NOT EXISTS reports (
    seq INTEGER PRIMARY KEY, message_seq INTEGER NOT NULL, code TEXT NOT NULL, due INTEGER NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS reports_due ON reports (due);
CREATE TABLE IF NOT EXISTS files (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, type TEXT NOT NULL, name TEXT NOT NULL, link TEXT,
    width INTEGER, height INTEGER, size INTEGER NOT NULL, data BLOB NOT NULL, created INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS numbers (number TEXT PRIMARY KEY, code TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS cleared (number TEXT PRIMARY KEY, before INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS businesses (
    number TEXT PRIMARY KEY, state TEXT NOT NULL, end_dt TEXT NOT NULL, tax_type_cd TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS ringbacks (
    reference TEXT PRIMARY KEY, number TEXT NOT NULL, sentence TEXT NOT NULL, created INTEGER NOT NULL,
    due INTEGER NOT NULL, fails INTEGER NOT NULL, cancelled INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS card_auths (
    auth_key TEXT PRIMARY KEY, customer_key TEXT NOT NULL, card TEXT NOT NULL, number TEXT NOT NULL, used INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS card_keys (
    billing_key TEXT PRIMARY KEY, customer_key TEXT NOT NULL, card TEXT NOT NULL, number TEXT NOT NULL,
    created INTEGER NOT NULL, removed INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS card_keys_customer ON card_keys (customer_key);
CREATE TABLE IF NOT EXISTS card_told (
    scope TEXT NOT NULL, what TEXT NOT NULL, code TEXT NOT NULL, PRIMARY KEY (scope, what)
);
CREATE TABLE IF NOT EXISTS card_payments (
    seq INTEGER PRIMARY KEY, payment_key TEXT NOT NULL UNIQUE, transaction_key TEXT NOT NULL, order_id TEXT NOT NULL,
    order_name TEXT NOT NULL, billing_key TEXT NOT NULL, customer_key TEXT NOT NULL, card TEXT NOT NULL,
    number TEXT NOT NULL, amount INTEGER NOT NULL, balance INTEGER NOT NULL, tax_free INTEGER NOT NULL, tax_exempt INTEGER NOT NULL,
    status TEXT NOT NULL, code TEXT NOT NULL, requested INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS card_payments_order ON card_payments (order_id);
CREATE TABLE IF NOT EXISTS card_cancels (
    seq INTEGER PRIMARY KEY, payment_key TEXT NOT NULL, transaction_key TEXT NOT NULL, amount INTEGER NOT NULL,
    reason TEXT NOT NULL, balance_after INTEGER NOT NULL, cancelled INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS card_cancels_payment ON card_cancels (payment_key);
CREATE TABLE IF NOT EXISTS card_answers (
    word TEXT NOT NULL, method TEXT NOT NULL, path TEXT NOT NULL, status INTEGER NOT NULL, body TEXT NOT NULL,
    created INTEGER NOT NULL, PRIMARY KEY (word, method, path)
);
CREATE TABLE IF NOT EXISTS card_webhooks (
    seq INTEGER PRIMARY KEY, transmission TEXT NOT NULL, body TEXT NOT NULL, created INTEGER NOT NULL,
    due INTEGER NOT NULL, tries INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS card_webhooks_due ON card_webhooks (due, seq);
CREATE TABLE IF NOT EXISTS account (
    id INTEGER PRIMARY KEY CHECK (id = 1), balance INTEGER NOT NULL, point INTEGER NOT NULL
);
"""


class Store:
    """Writes go one at a time through one connection; reads use a small pool beside it (WAL)."""

    def __init__(self, path: Path, readers: int = 4) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._lock = threading.Lock()
        self._writer = self._connect()
        # WAL with synchronous=OFF survives a killed process, which is all a sandbox has to promise.
        self._writer.execute("PRAGMA journal_mode=WAL")
        self._writer.execute("PRAGMA wal_autocheckpoint=4000")
        self._writer.execute("PRAGMA cache_size=-16000")
        self._writer.executescript(_SCHEMA)
        self._writer.execute("INSERT OR IGNORE INTO account VALUES (1, ?, 0)", (START_BALANCE,))
        self._readers: queue.LifoQueue[sqlite3.Connection] = queue.LifoQueue()
        for _ in range(readers):
            self._readers.put(self._connect())

    def _connect(self) -> sqlite3.Connection:
        db = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False, timeout=30)
        db.row_factory = sqlite3.Row
        db.execute("PRAGMA synchronous=OFF")
        return db

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction, committed at the end and rolled back on an exception."""
        with self._lock:
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
            except BaseException:
                self._writer.execute("ROLLBACK")
                raise
            self._writer.execute("COMMIT")

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        db = self._readers.get()
        try:
            yield db
        finally:
            self._readers.put(db)

    def clear(self) -> None:
        """Forget everything, files and told numbers included; the balance starts anew."""
        tables = (
            *("reports", "messages", "groups", "files", "numbers", "cleared", "businesses", "ringbacks"),
            *(
                "card_auths",
                "card_keys",
                "card_told",
                "card_payments",
                "card_cancels",
                "card_answers",
                "card_webhooks",
            ),
        )
        with self.writing() as db:
            for table in tables:
                db.execute(f"DELETE FROM {table}")
            db.execute("UPDATE account SET balance = ?, point = 0", (START_BALANCE,))

    def close(self) -> None:
        with self._lock:
            while not self._readers.empty():
                self._readers.get_nowait().close()
            self._writer.close()
