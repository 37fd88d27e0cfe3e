"""SOLAPI's delivery reports, 수신 결과 통보: who sent them and what they say (SOLAPI v4 webhooks).

Two shapes exist: the message itself, and an envelope with the message under "data".
"""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from messaging.gateways import lenient, solapi_codes
from messaging.gateways.base import Report, ReportRefused


def check_secret(headers: Mapping[str, str], secret: str) -> None:
    """Raise ReportRefused("forged") unless the request carries the secret, as it is or as its SHA-1 in hex."""
    given = headers.get("x-solapi-secret", "").encode("utf-8", "replace")
    digest = hashlib.sha1(secret.encode(), usedforsecurity=False).hexdigest()
    raw = hmac.compare_digest(given, secret.encode())
    hashed = hmac.compare_digest(given.lower(), digest.encode())
    if not secret or not (raw or hashed):
        raise ReportRefused("forged", "결과 통보의 비밀값이 맞지 않아요.")


def read_reports(headers: Mapping[str, str], body: bytes) -> list[Report]:
    """The reports about messages of ours. Raises ReportRefused("unreadable")."""
    if headers.get("x-solapi-event-name", "").strip().upper() == "GROUP-REPORT":
        return []
    try:
        payload = lenient.decode(body)
    except ValueError:
        payload = None
    if not isinstance(payload, list | dict):
        raise ReportRefused("unreadable", "결과 통보를 읽지 못했어요.")
    items = [payload] if isinstance(payload, dict) else payload
    now = datetime.now(UTC)
    return [report for item in items if (report := _report(lenient.table(item), now)) is not None]


def _report(item: Mapping[str, Any], now: datetime) -> Report | None:
    message = item["data"] if isinstance(item.get("data"), dict) else item
    ref = lenient.ref(message)
    if not ref:
        return None
    code = lenient.word(message.get("statusCode"))
    return Report(
        ref=ref,
        gateway_id=lenient.word(message.get("messageId")),
        outcome=solapi_codes.outcome_of(code),
        code=code,
        at=when(message) or now,
        payload=lenient.scrub(item),
    )


def when(message: Mapping[str, Any]) -> datetime | None:
    """The instant of the latest thing the vendor knows of a message."""
    names = ("dateReceived", "dateReported", "dateProcessed", "dateUpdated", "dateCreated")
    return next((found for name in names if (found := lenient.moment(message.get(name)))), None)
