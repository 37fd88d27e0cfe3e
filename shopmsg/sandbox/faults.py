"""Armed misbehaviour: what the next requests of a kind will suffer."""

import threading
from dataclasses import asdict, dataclass
from typing import Any

from shopmsg.sandbox.web import invalid

CARDS = frozenset({"card_issue", "card_charge", "card_lookup", "card_cancel", "card_remove"})
TARGETS = frozenset({"send", "upload", "list", "balance", "registry", "ringback", "any"}) | CARDS
BEFORE = frozenset({"timeout", "reset_before", "status", "non_json"})
"""Kinds where nothing was accepted."""
AFTER = frozenset(
    {
        "reset_after_accept",
        "timeout_after_accept",
        "status_after_accept",
        "non_json_after_accept",
        "missing_keys",
        "truncated",
    }
)
"""Kinds where the request took full effect although the client sees a failure."""
KINDS = BEFORE | AFTER | {"slow", "partial"}

DROPPED_KEYS = (
    *("groupInfo", "messageList", "groupList", "fileId", "balance", "count", "messageId"),
    "data",  # the registry's rows
    "state",  # of a ringback notice
    *("billingKey", "paymentKey"),
)


@dataclass(slots=True)
class Fault:
    """``count`` requests are hit, None = until cleared; ``seconds`` is the wait of slow and timeout kinds."""

    on: str
    kind: str
    count: int | None = 1
    seconds: float = 30.0
    status: int = 503
    retry_after: int | None = None
    share: float = 0.5
    code: str = "1031"
    hits: int = 0


class Faults:
    """The first armed fault that fits a request is used; several may wait in line."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._armed: list[Fault] = []

    def arm(self, body: dict[str, Any]) -> Fault:
        """Raises ApiError 400 with the field that is wrong."""
        fields = {name: body[name] for name in Fault.__dataclass_fields__ if name in body and name != "hits"}
        unknown = set(body) - set(Fault.__dataclass_fields__)
        if unknown:
            raise invalid(f"모르는 항목: {', '.join(sorted(unknown))}")
        if fields.get("kind") not in KINDS:
            raise invalid(f"kind는 {', '.join(sorted(KINDS))} 가운데 하나입니다.")
        fields.setdefault("on", "any")
        if fields["on"] not in TARGETS:
            raise invalid(f"on은 {', '.join(sorted(TARGETS))} 가운데 하나입니다.")
        if fields["kind"] == "partial" and fields["on"] not in ("send", "any"):
            raise invalid("partial은 send에만 쓸 수 있습니다.")
        for name, low, high in (
            ("count", 1, 10**9),
            ("seconds", 0, 3600),
            ("status", 200, 599),
            ("share", 0, 1),
        ):
            _number(fields, name, low, high)
        _number(fields, "retry_after", 0, 86400)
        code = fields.get("code", "1031")
        if not (isinstance(code, str) and len(code) == 4 and code.isdigit()):
            raise invalid("code는 네 자리 숫자 문자열입니다.")
        fault = Fault(**fields)
        with self._lock:
            self._armed.append(fault)
        return fault

    def take(self, operation: str) -> Fault | None:
        """The fault for this request; a used-up one is disarmed."""
        if not self._armed:
            return None
        with self._lock:
            for fault in self._armed:
                if fault.on not in (operation, "any") or (fault.kind == "partial" and operation != "send"):
                    continue
                fault.hits += 1
                if fault.count is not None:
                    fault.count -= 1
                    if fault.count <= 0:
                        self._armed.remove(fault)
                return fault
        return None

    def listing(self) -> list[dict[str, Any]]:
        with self._lock:
            return [asdict(fault) for fault in self._armed]

    def clear(self) -> None:
        with self._lock:
            self._armed.clear()


def _number(fields: dict[str, Any], name: str, low: float, high: float) -> None:
    value = fields.get(name)
    if name not in fields or (value is None and name in ("count", "retry_after")):
        return
    whole = name in ("count", "status", "retry_after")
    kinds = (int,) if whole else (int, float)
    if value is None or isinstance(value, bool) or not isinstance(value, kinds) or not low <= value <= high:
        raise invalid(f"{name}은(는) {low}~{high} 사이의 수입니다.")


def hit(position: int, share: float) -> bool:
    """Whether the message at this position belongs to the failing share; evenly spread and repeatable."""
    return int((position + 1) * share) > int(position * share)
