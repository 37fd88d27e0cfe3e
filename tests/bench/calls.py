"""Finished calls as the telephone network would post them, signed beforehand."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from standardwebhooks import Webhook


@dataclass(frozen=True)
class Lot:
    """Calls of one run: `count` callers nobody else is, from `first` on, spread over the shops' lines."""

    name: str
    lines: list[str]
    first: int
    count: int
    secret: str
    host: str

    def items(self, start: int, stop: int) -> Iterator[dict[str, object]]:
        ended = datetime.now(UTC)
        for index in range(start, stop):
            yield {
                "call_id": f"{self.name}-{index:06d}",
                "line": self.lines[index % len(self.lines)],
                "caller": f"010{self.first + index:08d}",
                "caller_carrier": "SKT",
                "answered": True,
                "started_at": (ended - timedelta(seconds=60)).isoformat(),
                "ended_at": ended.isoformat(),
                "notice_played": True,
            }

    def requests(self, size: int) -> list[bytes]:
        """Whole HTTP requests of `size` calls each."""
        made = []
        for start in range(0, self.count, size):
            items = list(self.items(start, min(self.count, start + size)))
            made.append(self._signed(f"msg_{self.name}_{start}", json.dumps({"calls": items})))
        return made

    def _signed(self, message_id: str, body: str) -> bytes:
        now = datetime.now(UTC)
        head = (
            "POST /hooks/calls HTTP/1.1\r\n"
            f"Host: {self.host}\r\n"
            "Content-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n"
            f"webhook-id: {message_id}\r\n"
            f"webhook-timestamp: {int(now.timestamp())}\r\n"
            f"webhook-signature: {Webhook(self.secret).sign(message_id, now, body)}\r\n\r\n"
        )
        return (head + body).encode()
