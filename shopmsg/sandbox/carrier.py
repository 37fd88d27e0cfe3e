"""The carrier's part (이통사): moves messages 2000 → 3000 → 4000 and sends reserved groups on time."""

import sqlite3
import sys
import threading

from shopmsg.sandbox import codes, dates, groups, reports
from shopmsg.sandbox.storage import ACCEPTED, AT_CARRIER, FINISHED, Store

_TICK_SECONDS = 0.03
_IDLE_SECONDS = 1.0


class Carrier(threading.Thread):
    """Set-based: one UPDATE moves everything that is due, however much it is."""

    def __init__(self, store: Store, stop: threading.Event, reporter: reports.Reporter) -> None:
        super().__init__(name="carrier", daemon=True)
        self.wake = threading.Event()
        self._store = store
        self._stopping = stop
        self._reporter = reporter

    def run(self) -> None:
        while not self._stopping.wait(_TICK_SECONDS):
            try:
                wait = self._advance(dates.now_ms())
            except sqlite3.Error as error:
                if self._stopping.is_set():
                    return
                print(f"sandbox: carrier: {type(error).__name__}: {error}", file=sys.stderr, flush=True)
                wait = _IDLE_SECONDS
            if wait > _TICK_SECONDS:
                self.wake.wait(wait)
            self.wake.clear()

    def _advance(self, now: int) -> float:
        """Do what is due and return the seconds until something is due again."""
        due = self._next_due()
        if due is None:
            return _IDLE_SECONDS
        if due > now:
            return min(_IDLE_SECONDS, (due - now) / 1000)
        half = self._reporter.settings.delay_ms // 2
        with self._store.writing() as db:
            for row in db.execute(
                "SELECT id FROM groups WHERE status = 'SCHEDULED' AND scheduled <= ?", (now,)
            ).fetchall():
                groups.release(db, row["id"], now, now + half)
            db.execute(
                "UPDATE messages SET stage = ?, status = ?, processed = ?, updated = ?, due = ?"
                " WHERE stage = ? AND due <= ?",
                (AT_CARRIER, codes.AT_CARRIER, now, now, now + half, ACCEPTED, now),
            )
            planned = reports.plan(db, self._reporter.settings, now)
            db.execute(
                "UPDATE messages SET stage = ?, status = coalesce(final, '4000'), updated = ?, finished = ?,"
                " due = NULL, received = CASE WHEN final IS NULL THEN ? END WHERE stage = ? AND due <= ?",
                (FINISHED, now, now, now, AT_CARRIER, now),
            )
        if planned:
            self._reporter.wake.set()
        return 0.0

    def _next_due(self) -> int | None:
        with self._store.reading() as db:
            found = [
                db.execute(sql).fetchone()[0]
                for sql in (
                    f"SELECT min(due) FROM messages WHERE stage = {ACCEPTED} AND due > 0",
                    f"SELECT min(due) FROM messages WHERE stage = {AT_CARRIER} AND due > 0",
                    "SELECT min(scheduled) FROM groups WHERE status = 'SCHEDULED'",
                )
            ]
        times = [value for value in found if value is not None]
        return min(times) if times else None
