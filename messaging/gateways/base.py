"""The contract between dispatch and a gateway (design.md §3 habits 5–7).

A gateway turns whatever its vendor says into four answers. The one that matters is UNCERTAIN: the vendor may have
the message, so it is asked about by our own reference and never sent again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from messaging.enums import Channel, Outcome
from shopmsg.core.errors import ShopmsgError


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What one request to this gateway may hold."""

    max_batch: int
    max_picture_bytes: int
    channels: frozenset[Channel]


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message as a gateway needs it. `ref` is our own reference; numbers are national digits."""

    ref: str
    to: str
    sender: str
    channel: Channel
    text: str
    subject: str = ""
    picture: str = ""  # the vendor's name of an uploaded picture


@dataclass(frozen=True, slots=True)
class Answer:
    """What a gateway says of one message: ACCEPTED, REJECTED (for good), RETRY_LATER or UNCERTAIN when asked to
    send; any outcome when looked up. `code` is the vendor's word."""

    outcome: Outcome
    code: str = ""
    gateway_id: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """The answers to one request, by `ref`, and whether the gateway itself is in trouble (for the breaker)."""

    answers: Mapping[str, Answer]
    healthy: bool
    retry_after: float | None = None  # seconds the vendor asked us to wait
    stop: str = ""  # a reason to send nothing more from this account until a person looked


@dataclass(frozen=True, slots=True)
class Report:
    """One delivery report. `payload` is what came, with phone numbers taken out."""

    ref: str
    gateway_id: str
    outcome: Outcome
    code: str
    at: datetime
    payload: Mapping[str, object] = field(default_factory=dict)


class GatewayDown(ShopmsgError):
    """A question or an upload that brought no usable answer; asking again later is harmless."""


class PictureRefused(ShopmsgError):
    """The vendor does not take this picture."""


class ReportRefused(ShopmsgError):
    """A report that is not from the vendor (code "forged") or cannot be read (code "unreadable")."""


class Gateway(Protocol):
    """A vendor. Every call has a deadline; none of them repeats itself."""

    capabilities: Capabilities

    def upload(self, jpeg: bytes, name: str) -> str:
        """Store a picture at the vendor and return its name there. Raises GatewayDown, PictureRefused."""
        ...

    def send(self, batch: Sequence[Outgoing]) -> Batch:
        """Submit up to `max_batch` messages in one request. Never raises: trouble is an answer for each message."""
        ...

    def lookup(self, refs: Mapping[str, str], since: datetime, until: datetime) -> Mapping[str, Answer]:
        """What the vendor knows of messages submitted between `since` and `until`: {ref: answer} for those found.
        `refs` maps each ref to its recipient's number, "" when we cannot read it any more. Raises GatewayDown."""
        ...

    def balance(self) -> int:
        """Won left at the vendor. Raises GatewayDown."""
        ...

    def cancel(self, group_id: str) -> bool:
        """Call back a scheduled group; whether it was still possible. Raises GatewayDown."""
        ...

    def parse_reports(self, headers: Mapping[str, str], body: bytes) -> list[Report]:
        """The reports of one webhook request whose header names are lower case. Raises ReportRefused."""
        ...
