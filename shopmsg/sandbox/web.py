"""What the protocol code sees of HTTP: a request, a reply, a refusal."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


class ApiError(Exception):
    """A refusal with the gateway's body ``{"errorCode", "errorMessage"}``."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(code, message)
        self.status = status
        self.code = code
        self.message = message

    def reply(self) -> "Reply":
        return Reply.json({"errorCode": self.code, "errorMessage": self.message}, self.status)


def invalid(message: str) -> ApiError:
    return ApiError(400, "ValidationError", message)


def not_found(message: str) -> ApiError:
    return ApiError(404, "ResourceNotFound", message)


@dataclass(frozen=True, slots=True)
class Request:
    """One request; ``query`` keeps every value of a repeated name."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes

    def header(self, name: str) -> str | None:
        """A header whatever the case of its name."""
        wanted = name.lower()
        return next((value for key, value in self.headers.items() if key.lower() == wanted), None)

    def json(self) -> dict[str, Any]:
        """The body as a JSON object. Raises ApiError 400."""
        if not self.body:
            return {}
        try:
            value = json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise invalid("본문이 올바른 JSON이 아닙니다.") from error
        if not isinstance(value, dict):
            raise invalid("본문은 JSON 객체여야 합니다.")
        return value

    def one(self, name: str) -> str | None:
        """The last non-empty value of a query name."""
        values = [value for value in self.query.get(name, []) if value]
        return values[-1] if values else None


@dataclass(slots=True)
class Reply:
    """One answer. ``payload`` is kept so that an armed fault can remove keys from it."""

    status: int
    body: bytes
    content_type: str
    headers: dict[str, str] = field(default_factory=dict)
    payload: dict[str, Any] | None = None

    @classmethod
    def json(cls, payload: dict[str, Any], status: int = 200) -> "Reply":
        body = json.dumps(payload, ensure_ascii=False).encode("utf-8", "replace")
        return cls(status, body, "application/json; charset=utf-8", payload=payload)


def whole_number(value: str | None, name: str, default: int, low: int, high: int) -> int:
    """A query or body number clamped to ``low..high``. Raises ApiError 400 when it is no number."""
    if value is None:
        return default
    try:
        return max(low, min(high, int(value)))
    except ValueError as error:
        raise invalid(f"{name} 값은 정수여야 합니다.") from error
