"""What the tests of the gateway driver talk to besides the sandbox: a server that answers as told, and one in between."""

import http.client
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from messaging.gateways.solapi import Solapi
from tests.services import Sandbox


@dataclass
class Seen:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Wire:
    """A server on this machine. `answer` gets each request and returns (status, headers, body)."""

    answer: Callable[[Seen], tuple[int, dict[str, str], bytes]] = lambda seen: (200, {}, b"{}")
    seen: list[Seen] = field(default_factory=list)
    url: str = ""

    def says(self, payload: object, status: int = 200, **headers: str) -> None:
        body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answer = lambda seen: (status, named, body)

    def passes_on_to(self, port: int) -> None:
        """Hand every request to another server and its answer back."""

        def forward(seen: Seen) -> tuple[int, dict[str, str], bytes]:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            connection.request(seen.method, seen.path, seen.body or None, seen.headers)
            reply = connection.getresponse()
            body = reply.read()
            connection.close()
            return reply.status, {"Content-Type": reply.headers["Content-Type"]}, body

        self.answer = forward


@pytest.fixture
def wire() -> Iterator[Wire]:
    made = Wire()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *args: Any) -> None:
            pass

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            seen = Seen(self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body)
            made.seen.append(seen)
            status, headers, answer = made.answer(seen)
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(answer))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer)

        do_POST = do_DELETE = do_GET  # noqa: N815

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.block_on_close = False
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    made.url = f"http://127.0.0.1:{server.server_port}"
    yield made
    server.shutdown()
    server.server_close()


@pytest.fixture
def driver(sandbox: Sandbox) -> Solapi:
    """The driver, pointed at the sandbox, with short deadlines."""
    return Solapi(
        sandbox.url,
        sandbox.api_key,
        sandbox.api_secret,
        sandbox.report_secret,
        deadline=1.5,
        question_deadline=1.5,
    )


@pytest.fixture
def wired(wire: Wire) -> Solapi:
    """The driver, pointed at the server that answers as told."""
    return Solapi(wire.url, "key", "secret", "report-secret", deadline=2, question_deadline=2)


@pytest.fixture
def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def eventually(check: Callable[[], Any], seconds: float = 8.0) -> Any:
    """The first truthy answer of `check`, or its last answer when time is over."""
    end = time.monotonic() + seconds
    while not (found := check()) and time.monotonic() < end:
        time.sleep(0.05)
    return found
