"""Signature check of the Authorization header (reference/gateways.md §1.2)."""

import hashlib
import hmac
import re
import threading
from collections import deque

from shopmsg.sandbox import dates
from shopmsg.sandbox.web import ApiError

WINDOW_SECONDS = 15 * 60
_ALGORITHMS = {"HMAC-SHA256": hashlib.sha256, "HMAC-MD5": hashlib.md5}
_PAIR = re.compile(r"([A-Za-z]+)\s*=\s*([^,\s]+)")


def signature(secret: str, date: str, salt: str, algorithm: str = "HMAC-SHA256") -> str:
    """Hex HMAC of date + salt; the body is not signed."""
    return hmac.new(secret.encode(), (date + salt).encode(), _ALGORITHMS[algorithm]).hexdigest()


class Verifier:
    """Checks one account's signatures and remembers each for 15 minutes, so none works twice."""

    def __init__(self, key: str, secret: str) -> None:
        self._key = key
        self._secret = secret
        self._lock = threading.Lock()
        self._seen: set[str] = set()
        self._order: deque[tuple[float, str]] = deque()

    def check(self, header: str | None) -> None:
        """Raises ApiError: 401 without a readable header, 403 with one of the four documented codes."""
        scheme, _, rest = (header or "").partition(" ")
        fields = {name.lower(): value for name, value in _PAIR.findall(rest)}
        if scheme.upper() not in _ALGORITHMS or not {"apikey", "date", "salt", "signature"} <= fields.keys():
            raise ApiError(401, "Unauthorized", "Authorization 헤더가 없거나 형식이 다릅니다.")
        if not hmac.compare_digest(fields["apikey"].encode(), self._key.encode()):
            raise ApiError(403, "InvalidAPIKey", "등록되지 않은 API 키입니다.")
        now = dates.now_ms() / 1000
        try:
            skew = abs(dates.parse(fields["date"]) / 1000 - now)
        except ValueError as error:
            raise ApiError(403, "RequestTimeTooSkewed", "date 값이 ISO 8601 형식이 아닙니다.") from error
        if skew > WINDOW_SECONDS:
            raise ApiError(403, "RequestTimeTooSkewed", "요청 시각이 서버 시각과 15분 넘게 다릅니다.")
        expected = signature(self._secret, fields["date"], fields["salt"], scheme.upper())
        good = hmac.compare_digest(fields["signature"].lower().encode(), expected.encode())
        if not good or not 12 <= len(fields["salt"].encode()) <= 64:
            raise ApiError(403, "SignatureDoesNotMatch", "서명이 일치하지 않습니다.")
        self._remember(expected, now)

    def _remember(self, value: str, now: float) -> None:
        with self._lock:
            # A date up to 15 minutes ahead stays acceptable for 30 minutes, so a signature is kept that long.
            while self._order and self._order[0][0] < now - 2 * WINDOW_SECONDS:
                self._seen.discard(self._order.popleft()[1])
            if value in self._seen:
                raise ApiError(403, "DuplicatedSignature", "이미 사용한 서명입니다.")
            self._seen.add(value)
            self._order.append((now, value))
