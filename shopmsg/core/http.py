"""Outside calls over HTTP: always a deadline, never a retry, and one place that says what a failure means.

The question a paid call must answer after a failure is whether the other side may have acted. `NotSent` says it
cannot have: no byte of the request left. `Unclear` says it may have.
"""

import io
import socket
import time
from contextvars import ContextVar
from dataclasses import dataclass
from http.client import HTTPConnection as PlainConnection
from http.client import HTTPException, HTTPResponse
from typing import TYPE_CHECKING, Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError as Urllib3Error

from shopmsg.core.errors import ShopmsgError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_MAX_BODY = 32 * 1024 * 1024
_PIECE = 16 * 1024  # one TLS record, so that each piece gets a timeout of its own


class HttpError(ShopmsgError):
    """A call that brought no answer."""


class NotSent(HttpError):
    """The request did not leave: refused, unresolvable, no trusted TLS, or no connection in time."""


class Unclear(HttpError):
    """The request left, in part or whole, and no whole answer came: timed out, reset, cut short or dripping."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer that arrived whole. Header names are lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


def session(pool: int = 8) -> requests.Session:
    """A session that keeps connections, retries nothing, follows nothing and ignores the host's proxy settings."""
    made = requests.Session()
    made.trust_env = False
    adapter = _Adapter(pool_connections=pool, pool_maxsize=pool, max_retries=0)
    made.mount("http://", adapter)
    made.mount("https://", adapter)
    return made


def call(
    http: requests.Session,
    method: str,
    url: str,
    *,
    deadline: float,
    connect: float = 3.0,
    **request: Any,
) -> Answer:
    """Send one request and read its whole answer within `deadline` seconds. Raises NotSent or Unclear.

    `http` comes from `session()`. `connect` bounds each address tried; only the resolver keeps its own time.
    """
    limit = _Limit(time.monotonic() + deadline)
    token = _LIMIT.set(limit)
    try:
        timeout = (min(connect, deadline), deadline)
        with http.request(
            method, url, timeout=timeout, stream=True, allow_redirects=False, **request
        ) as response:
            headers = {name.lower(): value for name, value in response.headers.items()}
            return Answer(response.status_code, headers, _read(response))
    except (requests.RequestException, Urllib3Error, HTTPException, OSError):
        if not limit.began:
            raise NotSent("not_connected", "상대 서버에 연결하지 못했어요.") from None
        if time.monotonic() >= limit.until:
            raise Unclear("timeout", "상대 서버의 답이 제때 오지 않았어요.") from None
        raise Unclear("cut_short", "상대 서버의 답이 중간에 끊겼어요.") from None
    finally:
        _LIMIT.reset(token)


@dataclass(slots=True)
class _Limit:
    """The end of one call on the monotonic clock, and whether any byte of its request may have left."""

    until: float
    began: bool = False

    def left(self) -> float:
        """Seconds left. Raises TimeoutError when there are none."""
        seconds = self.until - time.monotonic()
        if seconds <= 0:
            raise TimeoutError("deadline")
        return seconds


_LIMIT: ContextVar[_Limit | None] = ContextVar("http_limit", default=None)


class _TimedReader(io.RawIOBase):
    """Reads a socket under the call's limit: a timeout of the socket alone starts anew with every byte."""

    def __init__(self, inner: io.RawIOBase, sock: socket.socket, limit: _Limit) -> None:
        self._inner, self._sock, self._limit = inner, sock, limit

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer", /) -> int | None:
        self._sock.settimeout(self._limit.left())
        return self._inner.readinto(buffer)

    def close(self) -> None:
        self._inner.close()
        super().close()


class _TimedResponse(HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        limit = _LIMIT.get()
        if limit is not None:
            self.fp = io.BufferedReader(_TimedReader(self.fp.detach(), sock, limit))


class _Timed(PlainConnection):
    """Sends in pieces under the call's limit and notes that the request began to leave."""

    response_class = _TimedResponse

    def send(self, data: Any) -> None:
        limit = _LIMIT.get()
        if limit is None or not isinstance(data, bytes | bytearray | memoryview):
            super().send(data)
            return
        if self.sock is None:
            self.connect()
        whole = memoryview(data)
        for start in range(0, len(whole), _PIECE):
            self.sock.settimeout(limit.left())
            limit.began = True
            super().send(whole[start : start + _PIECE])


class _TimedHttp(_Timed, HTTPConnection):
    pass


class _TimedHttps(_Timed, HTTPSConnection):
    pass


class _HttpPool(HTTPConnectionPool):
    ConnectionCls = _TimedHttp


class _HttpsPool(HTTPSConnectionPool):
    ConnectionCls = _TimedHttps


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = {"http": _HttpPool, "https": _HttpsPool}


def _read(response: requests.Response) -> bytes:
    """The body, or Unclear when it is larger than any honest answer. Raises what reading raises."""
    body = bytearray()
    while chunk := response.raw.read1(65_536, decode_content=True):
        body += chunk
        if len(body) > _MAX_BODY:
            raise Unclear("too_large", "상대 서버의 답이 너무 커요.")
    return bytes(body)
