"""Single values out of Toss Payments' answers, made safe to compare and to store."""

import json
import re
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any, Final

from shopmsg.core.http import Answer

#: Of a billing key, a payment key: printable, at most this long.
LONGEST_KEY: Final = 200

_KST: Final = timezone(timedelta(hours=9))
_CODE: Final = re.compile(r"[A-Z][A-Z0-9_]{1,59}")
_LONGEST_WORD: Final = 600
_KEPT: Final = (
    "paymentKey", "lastTransactionKey", "type", "orderId", "orderName", "currency", "method", "status", "requestedAt",
    "approvedAt", "totalAmount", "balanceAmount", "suppliedAmount", "vat", "taxFreeAmount", "taxExemptionAmount",
    "isPartialCancelable", "card", "transfers", "receipt", "cancels", "failure", "version",
)  # fmt: skip
_NUMBERS: Final = frozenset({"number", "bankAccountNumber", "accountNumber"})


def parsed(answer: Answer) -> dict[str, Any] | None:
    """The body as an object, None when it is none."""
    try:
        payload = json.loads(answer.body)
    except (ValueError, RecursionError):
        return None
    return payload if isinstance(payload, dict) else None


def kept(payload: Mapping[str, Any]) -> dict[str, Any]:
    """What may be stored of a payload: no keys that charge or prove anything, nothing a database cannot hold."""
    return {name: _clean(name, payload[name], 4) for name in _KEPT if name in payload}


def _clean(name: str, value: object, depth: int) -> Any:
    if isinstance(value, str):
        return masked(word(value)) if name in _NUMBERS else word(value)
    if value is None or isinstance(value, bool | int):
        return value
    if depth and isinstance(value, dict):
        return {word(key): _clean(key, item, depth - 1) for key, item in list(value.items())[:60]}
    if depth and isinstance(value, list):
        return [_clean(name, item, depth - 1) for item in value[:200]]
    return word(str(value)) if isinstance(value, float) else None


def code_in(payload: object) -> str:
    """The error code of a payload, "" where there is none that could be one."""
    code = object_in(payload).get("code")
    return code if isinstance(code, str) and _CODE.fullmatch(code) else ""


def object_in(value: object) -> Mapping[str, Any]:
    """The value when it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def receipt_in(payload: Mapping[str, Any]) -> str:
    """The address of the sales slip (매출전표), "" where there is none."""
    url = word(object_in(payload.get("receipt")).get("url"))
    return url if re.fullmatch(r"https?://[!-~]{3,490}", url) else ""


def word(value: object) -> str:
    """A text without what PostgreSQL cannot hold, cut at a length no honest answer has; "" for anything else."""
    if not isinstance(value, str):
        return ""
    return re.sub("[\x00\ud800-\udfff]", "", value).strip()[:_LONGEST_WORD]


def path_word(value: object) -> str:
    """A key that can stand in an address as one step, "" when it cannot."""
    if not isinstance(value, str) or not re.fullmatch(rf"[!-~]{{4,{LONGEST_KEY}}}", value):
        return ""
    return value


def whole(value: object) -> int | None:
    """An amount in won. Amounts are JSON numbers: a text or a fraction is none."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**12 else None


def moment(value: object) -> datetime | None:
    """An ISO 8601 instant; without an offset it is Korean time."""
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return at.replace(tzinfo=_KST) if at is not None and at.tzinfo is None else at


def masked(text: str) -> str:
    """A card or account number as people may see it: the vendor covers its middle, and where it did not, we do."""
    if "*" in text:
        return text[:24]
    digits = re.sub(r"[^0-9]", "", text)[:24]
    shown = 4 if len(digits) >= 12 else 0
    return digits[:shown] + "*" * max(0, len(digits) - shown - 4) + digits[-4:]
