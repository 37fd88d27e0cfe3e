"""Signed JSON calls to SOLAPI v4."""

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import structlog

from messaging.gateways import lenient
from messaging.gateways.base import GatewayDown
from messaging.gateways.failure import Trouble
from shopmsg.core import http

log = structlog.get_logger(__name__)


def authorization(api_key: str, api_secret: str, date: str, salt: str) -> str:
    """The Authorization header: HMAC-SHA256 over date + salt. The body is not signed."""
    signature = hmac.new(api_secret.encode(), (date + salt).encode(), hashlib.sha256).hexdigest()
    return f"HMAC-SHA256 apiKey={api_key}, date={date}, salt={salt}, signature={signature}"


def error_code(answer: http.Answer) -> str:
    """The vendor's word for a whole-request error, empty when the body has none."""
    try:
        return lenient.word(lenient.table(lenient.decode(answer.body)).get("errorCode"))
    except ValueError:
        return ""


def read(answer: http.Answer) -> dict[str, Any]:
    """The object in an answer of success. Raises GatewayDown."""
    if answer.status != 200:
        raise GatewayDown(error_code(answer) or f"http_{answer.status}", "문자 회사가 답하지 못했어요.")
    try:
        payload = lenient.decode(answer.body)
    except ValueError:
        payload = None
    if not isinstance(payload, dict):
        raise GatewayDown(Trouble.UNREADABLE, "문자 회사의 답을 읽지 못했어요.")
    return payload


class Client:
    """One account's calls; every one has a deadline in seconds and a signature of its own."""

    def __init__(self, base_url: str, api_key: str, api_secret: str) -> None:
        self._base_url = base_url.rstrip("/")
        self._api_key, self._api_secret = api_key, api_secret
        self._http = http.session()

    def ask(
        self,
        method: str,
        path: str,
        *,
        deadline: float,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> http.Answer:
        """A call that may simply be made again later. Raises GatewayDown when no answer came."""
        try:
            return self.call(method, path, deadline=deadline, query=query, body=body)
        except http.HttpError as error:
            raise GatewayDown(error.code, error.message) from None

    def call(
        self,
        method: str,
        path: str,
        *,
        deadline: float,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> http.Answer:
        """Raises http.NotSent, http.Unclear."""
        date = datetime.now(UTC).isoformat(timespec="milliseconds")
        headers = {
            "Authorization": authorization(self._api_key, self._api_secret, date, secrets.token_hex(16)),
            "Accept": "application/json",
        }
        data = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            data = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        try:
            answer = http.call(
                self._http,
                method,
                self._base_url + path,
                deadline=deadline,
                headers=headers,
                params=query,
                data=data,
            )
        except http.HttpError as error:
            log.warning(
                "gateway_no_answer", path=path, sent=isinstance(error, http.Unclear), error=error.code
            )
            raise
        if answer.status != 200:
            log.warning("gateway_refused", path=path, status=answer.status, error=error_code(answer))
        return answer
