"""The contract between notice orders and a carrier.

A carrier's words become four answers. UNKNOWN is the one that matters: the carrier may have the order, so it is asked
about by our reference, and never ordered anew under another.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol

#: What a caller hears, about three seconds; it cannot be changed (rules.md §2).
SENTENCE: Final = "통화가 끝나면 가게정보가 문자로 발송됩니다"


class ProvisionState(StrEnum):
    """신청 상태: where an order stands at the carrier."""

    REQUESTED = "requested"
    ACTIVE = "active"
    FAILED = "failed"
    UNKNOWN = "unknown"


#: The code of an UNKNOWN answer that says: the carrier has no order of this reference.
NOT_FOUND: Final = "not_found"


@dataclass(frozen=True, slots=True)
class ProvisionAnswer:
    """`problem` is a Korean sentence for staff, with FAILED and UNKNOWN; `code` the same for machines. `active_since` is
    the carrier's own moment, None where it names none."""

    state: ProvisionState
    problem: str = ""
    code: str = ""
    active_since: datetime | None = None


class Provisioner(Protocol):
    """A carrier. Every call has a deadline, none repeats itself, and none raises: trouble is an answer."""

    def request(self, reference: str, number: str, sentence: str) -> ProvisionAnswer:
        """Order the notice for a line (national digits). The same reference is the same order."""
        ...

    def state(self, reference: str) -> ProvisionAnswer:
        """Where the order stands."""
        ...

    def cancel(self, reference: str) -> ProvisionAnswer:
        """End the notice. FAILED (code "cancelled") or UNKNOWN (code NOT_FOUND): there is none now; any other UNKNOWN:
        ask again."""
        ...
