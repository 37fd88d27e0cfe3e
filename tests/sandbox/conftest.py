"""A real sandbox process on a free port, and a local receiver of its delivery reports."""

import hashlib
import hmac
import json
import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests

ROOT = Path(__file__).parents[2]


class Sandbox:
    """The process and a signed client for it."""

    key = "NCSTESTKEY000001"
    secret = "TESTSECRET0123456789TESTSECRET01"

    def __init__(self, data: Path, *extra: str) -> None:
        self.data = data
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "shopmsg.sandbox", "--port", "0", "--data", str(data)),
                *("--api-key", self.key, "--api-secret", self.secret, *extra),
            ],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "TZ": "UTC"},
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line.startswith("sandbox listening on http://127.0.0.1:"), line
        self.url = line.split()[-1]
        self.http = requests.Session()

    def header(self, *, key: str | None = None, secret: str | None = None, date: str | None = None) -> str:
        moment = date or datetime.now(UTC).isoformat()
        salt = uuid.uuid4().hex
        digest = hmac.new(
            (secret or self.secret).encode(), (moment + salt).encode(), hashlib.sha256
        ).hexdigest()
        return f"HMAC-SHA256 apiKey={key or self.key}, date={moment}, salt={salt}, signature={digest}"

    def call(self, method: str, path: str, body: Any = None, **options: Any) -> requests.Response:
        """One signed request on a connection of its own unless told otherwise."""
        headers = {"Authorization": self.header(), **options.pop("headers", {})}
        options.setdefault("timeout", 10)
        return self.http.request(method, self.url + path, json=body, headers=headers, **options)

    def send(self, *messages: dict[str, Any], **fields: Any) -> dict[str, Any]:
        body = {"messages": list(messages), "showMessageList": True, "allowDuplicates": True, **fields}
        response = self.call("POST", "/messages/v4/send-many/detail", body)
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        return answer

    def control(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        response = self.http.request(method, f"{self.url}/sandbox{path}", json=body, timeout=10)
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        return answer

    def inbox(self, number: str) -> list[dict[str, Any]]:
        messages: list[dict[str, Any]] = self.control("GET", f"/phones/{number}")["messages"]
        return messages

    def stop(self, number: int = signal.SIGTERM) -> int:
        if self.process.poll() is None:
            self.process.send_signal(number)
        self.http.close()
        return self.process.wait(5)

    def errors(self) -> str:
        """What the stopped process wrote to stderr; closes its pipes."""
        return self.process.communicate()[1]


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    sandbox = Sandbox(tmp_path_factory.mktemp("sandbox") / "data.sqlite3")
    yield sandbox
    assert (sandbox.stop(), sandbox.errors()) == (0, "")


@pytest.fixture
def sandbox(running: Sandbox) -> Sandbox:
    """The running sandbox, empty, with quick delivery."""
    running.control("POST", "/reset")
    running.control("POST", "/reports", {"delay_seconds": 0.1})
    return running


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Sandbox]]:
    """Starts further sandboxes with other options."""
    started: list[Sandbox] = []

    def begin(*extra: str, data: Path | None = None) -> Sandbox:
        started.append(Sandbox(data or tmp_path / f"{len(started)}.sqlite3", *extra))
        return started[-1]

    yield begin
    for sandbox in started:
        sandbox.stop()
        assert sandbox.errors() == ""


class Receiver:
    """Takes report POSTs; ``answers`` are status codes for the next ones, then 200."""

    def __init__(self) -> None:
        self.posts: list[tuple[dict[str, str], Any]] = []
        self.answers: list[int] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.posts.append((dict(self.headers.items()), json.loads(body)))
                self.send_response(receiver.answers.pop(0) if receiver.answers else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hooks/reports"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def reports(self) -> list[dict[str, Any]]:
        return [report for _, batch in self.posts for report in batch]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.server.shutdown()
    receiver.server.server_close()


@pytest.fixture
def wait() -> Callable[[Callable[[], Any]], Any]:
    """Calls a function until it is true, at most 5 s, and gives its value."""

    def until(check: Callable[[], Any]) -> Any:
        end = time.monotonic() + 5
        while not (value := check()):
            assert time.monotonic() < end, "nothing happened within 5 s"
            time.sleep(0.02)
        return value

    return until


@pytest.fixture(scope="session")
def jpeg() -> bytes:
    """A whole JPEG of 1 × 1 pixel."""
    return bytes.fromhex(
        "ffd8ffe000104a46494600010100000100010000ffdb004300"
        + "03" * 64
        + "ffc0000b080001000101011100ffc40014000100000000000000000000000000000009"
        "ffc40014100100000000000000000000000000000000ffda0008010100003f0054dfffd9"
    )


@pytest.fixture
def sms() -> Callable[..., dict[str, Any]]:
    def message(**fields: Any) -> dict[str, Any]:
        return {"to": "01000000001", "from": "0212345678", "type": "SMS", "text": "안녕하세요", **fields}

    return message
