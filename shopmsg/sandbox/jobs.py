"""One request on its way to the stand-in that answers it."""

from collections.abc import Callable
from dataclasses import dataclass

from shopmsg.sandbox.faults import Fault
from shopmsg.sandbox.web import Reply


@dataclass(frozen=True, slots=True)
class Job:
    """``label`` is what the request is counted as, ``operation`` what faults are armed on.

    ``admit`` raises ApiError for whom the service does not let in; ``run`` gets the fault it suffers, if any, and does the
    waiting of a slow one itself where ``waits`` says so.
    """

    label: str
    operation: str
    admit: Callable[[], None]
    run: Callable[[Fault | None], Reply]
    waits: bool = False
