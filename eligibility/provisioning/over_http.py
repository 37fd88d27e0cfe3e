"""The JSON protocol of docs/provisioning.md."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import structlog

from eligibility.provisioning.base import NOT_FOUND, ProvisionAnswer, ProvisionState
from shopmsg.core import http

_PATH: Final = "/ringback/v1/subscriptions"
_STATES: Final = {
    "requested": ProvisionState.REQUESTED,
    "active": ProvisionState.ACTIVE,
    "failed": ProvisionState.FAILED,
    "cancelled": ProvisionState.FAILED,
}
_PROBLEMS: Final = {
    "line_not_found": "통신사에서 이 번호의 회선을 찾지 못했어요. 번호와 명의를 확인해 주세요.",
    "line_not_eligible": "통화연결음 안내를 걸 수 없는 회선이에요.",
    "already_subscribed": "이미 다른 통화연결음 안내를 쓰는 회선이에요.",
    "invalid_number": "통신사가 받지 않는 전화번호예요.",
    "reference_taken": "같은 신청 번호로 다른 내용이 접수돼 있어요.",
    "cancelled": "통신사에서 해지된 신청이에요.",
}
_REFUSED: Final = "통신사가 신청을 받지 않았어요."
_FINAL_REFUSALS: Final = frozenset({400, 409, 422})

log = structlog.get_logger(__name__)


class OverHttp:
    """One key at one address."""

    def __init__(self, base_url: str, key: str, deadline: float = 5.0) -> None:
        """`deadline` in seconds bounds every call."""
        self._url = base_url.rstrip("/") + _PATH
        self._headers = {"Authorization": f"Bearer {key}", "Accept": "application/json"}
        self._deadline = deadline
        self._http = http.session()

    def request(self, reference: str, number: str, sentence: str) -> ProvisionAnswer:
        return self._call("POST", "", {"reference": reference, "number": number, "sentence": sentence})

    def state(self, reference: str) -> ProvisionAnswer:
        return self._call("GET", f"/{reference}")

    def cancel(self, reference: str) -> ProvisionAnswer:
        return self._call("DELETE", f"/{reference}")

    def _call(self, method: str, path: str, body: Mapping[str, str] | None = None) -> ProvisionAnswer:
        headers, data = self._headers, None
        if body is not None:
            headers = {**headers, "Content-Type": "application/json"}
            data = json.dumps(body, ensure_ascii=False).encode()
        try:
            answer = http.call(
                self._http, method, self._url + path, deadline=self._deadline, headers=headers, data=data
            )
            read = _read(answer)
        except http.HttpError as error:
            read = ProvisionAnswer(
                ProvisionState.UNKNOWN, "통신사의 답을 받지 못했어요. 다시 물어볼게요.", error.code
            )
        if read.state is ProvisionState.UNKNOWN:
            log.warning("provisioning_unknown", method=method, error=read.code)
        return read


def _read(answer: http.Answer) -> ProvisionAnswer:
    payload = _object(answer.body)
    if answer.status in (200, 201):
        state = _STATES.get(_word(payload.get("state")))
        if state is None:
            return ProvisionAnswer(
                ProvisionState.UNKNOWN, "통신사의 답을 읽지 못했어요. 다시 물어볼게요.", "unreadable"
            )
        if state is ProvisionState.ACTIVE:
            return ProvisionAnswer(state, active_since=_moment(payload.get("active_since")))
        if state is ProvisionState.REQUESTED:
            return ProvisionAnswer(state)
        cancelled = payload["state"] == "cancelled"
        return _failed("cancelled" if cancelled else _word(_table(payload.get("problem")).get("code")))
    code = _word(_table(payload.get("error")).get("code"))
    if answer.status == 404 and code == NOT_FOUND:
        return ProvisionAnswer(
            ProvisionState.UNKNOWN, "통신사에 접수된 신청이 없어요. 다시 신청할게요.", NOT_FOUND
        )
    if answer.status in _FINAL_REFUSALS:
        return _failed(code or f"http_{answer.status}")
    if answer.status in (401, 403):
        return ProvisionAnswer(
            ProvisionState.UNKNOWN, "통신사가 인증 키를 받지 않았어요. 설정을 확인해 주세요.", "no_access"
        )
    return ProvisionAnswer(
        ProvisionState.UNKNOWN,
        "통신사가 지금 신청을 처리하지 못해요. 다시 물어볼게요.",
        f"http_{answer.status}",
    )


def _failed(code: str) -> ProvisionAnswer:
    return ProvisionAnswer(ProvisionState.FAILED, _PROBLEMS.get(code, _REFUSED), code or "failed")


def _object(body: bytes) -> dict[str, Any]:
    try:
        return _table(json.loads(body))
    except (ValueError, RecursionError):
        return {}


def _table(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _word(value: object) -> str:
    return value[:40] if isinstance(value, str) else ""


def _moment(value: object) -> datetime | None:
    """An ISO 8601 instant with its offset; None when it is none, or not of these years."""
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    if found is None or found.tzinfo is None:
        return None
    return found if abs(datetime.now(UTC) - found) < timedelta(days=3660) else None
