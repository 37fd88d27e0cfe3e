"""Asking SOLAPI what became of messages, by our own reference (design.md §3 habit 5).

The vendor cannot be asked for a reference, only for a window of time or a number, so both are read with bounds.
"""

import secrets
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from messaging.enums import Outcome
from messaging.gateways import lenient, solapi_codes, solapi_reports
from messaging.gateways.base import Answer, GatewayDown
from messaging.gateways.failure import Trouble
from messaging.gateways.solapi_client import Client, read

_PAGE = 500
# How far our clock and the vendor's may stand apart; its own limit is 15 minutes.
_SKEW = timedelta(seconds=10)
_WIDE_SKEW = timedelta(minutes=15)
_CHANCE = secrets.SystemRandom()
# When the vendor knows several messages of one reference, the one that went furthest is the one to believe.
_RANK = {
    Outcome.DELIVERED: 7,
    Outcome.HANDED_OVER: 6,
    Outcome.ACCEPTED: 5,
    Outcome.FAILED: 4,
    Outcome.UNKNOWN: 3,
    Outcome.RETRY_LATER: 2,
    Outcome.REJECTED: 1,
}


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one lookup may cost: seconds in all and a page, pages of the window, numbers asked about afterwards."""

    seconds: float
    page_seconds: float
    pages: int
    numbers: int


class Lookup:
    """One lookup under way. `found` grows; it keeps what it has when the vendor falls silent."""

    def __init__(self, client: Client, refs: Mapping[str, str], bounds: Bounds) -> None:
        self.found: dict[str, Answer] = {}
        self._client, self._refs, self._bounds = client, refs, bounds
        self._end = time.monotonic() + bounds.seconds

    def run(self, since: datetime, until: datetime) -> None:
        """Read the window, and ask by number when it holds more than may be read. Raises GatewayDown."""
        window = _window(since - _SKEW, until + _SKEW)
        if self._collect(self._pages(window, self._bounds.pages)):
            return
        # Which numbers are asked about is left to chance, so that messages the vendor never had do not keep the
        # others from being asked about next time.
        left = sorted({number for ref, number in self._refs.items() if number and not self._settled(ref)})
        window = _window(since - _WIDE_SKEW, until + _WIDE_SKEW)
        for number in _CHANCE.sample(left, min(len(left), self._bounds.numbers)):
            self._collect(self._pages({**window, "to": number}, most=2))

    def _collect(self, pages: Iterable[Iterable[Mapping[str, Any]] | None]) -> bool:
        """Take from the pages what is about our references; False when there were more pages than allowed."""
        for page in pages:
            if page is None:
                return False
            for record in page:
                ref = lenient.ref(record)
                if ref in self._refs:
                    answer = _known(record)
                    if ref not in self.found or _RANK[answer.outcome] > _RANK[self.found[ref].outcome]:
                        self.found[ref] = answer
            if all(self._settled(ref) for ref in self._refs):
                break
        return True

    def _pages(self, query: Mapping[str, str], most: int) -> Iterator[Iterator[dict[str, Any]] | None]:
        """The pages of a list query, then None if there are more than `most`. Raises GatewayDown."""
        key = ""
        for _ in range(most):
            left = self._end - time.monotonic()
            if left <= 0:
                raise GatewayDown(Trouble.NO_ANSWER, "문자 회사에 묻는 시간이 다 되었어요.")
            asked = {**query, "startKey": key} if key else query
            deadline = min(self._bounds.page_seconds, left)
            payload = read(self._client.ask("GET", "/messages/v4/list", query=asked, deadline=deadline))
            if not isinstance(payload.get("messageList"), dict | list):
                raise GatewayDown(Trouble.UNREADABLE, "문자 회사의 목록을 읽지 못했어요.")
            yield lenient.rows(payload["messageList"])
            before, key = key, lenient.word(payload.get("nextKey"), 200)
            if not key or key == before:
                return
        yield None

    def _settled(self, ref: str) -> bool:
        answer = self.found.get(ref)
        return answer is not None and _RANK[answer.outcome] >= _RANK[Outcome.FAILED]


def _window(since: datetime, until: datetime) -> dict[str, str]:
    return {
        "dateType": "CREATED",
        "startDate": since.astimezone(UTC).isoformat(timespec="milliseconds"),
        "endDate": until.astimezone(UTC).isoformat(timespec="milliseconds"),
        "limit": str(_PAGE),
    }


def _known(record: Mapping[str, Any]) -> Answer:
    code = lenient.word(record.get("statusCode"))
    outcome = solapi_codes.outcome_of(code)
    return Answer(outcome, code, lenient.word(record.get("messageId")), solapi_reports.when(record))
