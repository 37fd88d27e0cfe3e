"""A pytest plugin: real PostgreSQL, Redis and sandbox for the suite, up before the settings are read.

The controller (or the single process) starts the two servers and removes them at the end; each xdist worker has its own
Redis database, its own PostgreSQL database (pytest-django) and its own sandbox, so that no test meets another's
faults. DATABASE_URL and REDIS_URL that are already set are used instead.
"""

import base64
import contextlib
import json
import os
import shutil
import signal
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import psutil
import pytest

from shopmsg.embedded.backing import Backing, remove_sockets
from shopmsg.embedded.environment import free_port
from shopmsg.embedded.paths import PROJECT, Layout
from shopmsg.embedded.processes import Command, spawn, stop


def _hook_secret(seed: str) -> str:
    return "whsec_" + base64.b64encode(seed.encode().ljust(32, b".")[:32]).decode()


# What HOOK_SOURCES holds: two senders, the first in the middle of a rotation (new secret first).
KT_NEW = _hook_secret("kt-new")
KT_OLD = _hook_secret("kt-old")
PBX = _hook_secret("pbx")
HOOK_SOURCES: dict[str, list[str]] = {"kt": [KT_NEW, KT_OLD], "pbx": [PBX]}
SOLAPI_API_KEY = "NCSTEST000000001"
SOLAPI_API_SECRET = "TESTTESTTESTTESTTESTTESTTESTTEST"
SOLAPI_REPORT_SECRET = "report-secret-of-the-test-suite"
# Base64 as the real one: "+", "/" and "=" must survive the query string.
NTS_SERVICE_KEY = "te+st/key0123456789012345678901234567890123456789012345678901234567890123456789012345=="
PROVISIONING_KEY = "provisioning-key-of-the-test-suite"
CARD_CLIENT_KEY = "test_ck_clientofthetestsuite"
CARD_SECRET_KEY = "test_sk_secretofthetestsuite"
SYSTEM_SENDER = "18773592"
OPTOUT_080 = "08012345678"

_PREFIX = "shopmsg-test-"


def _key(seed: str) -> str:
    return base64.b64encode(seed.encode().ljust(32, b".")[:32]).decode()


class Services:
    """What one pytest process has started."""

    def __init__(self) -> None:
        self.worker = os.environ.get("PYTEST_XDIST_WORKER")  # gw0, gw1, …; None in the controller
        self.folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-"))
        self.folder.chmod(0o711)
        self.log: IO[bytes] = (self.folder / "services.log").open("ab")
        self.backing: Backing | None = None
        self.sandbox: Sandbox | None = None

    def start(self, environ: MutableMapping[str, str]) -> None:
        if self.worker is None:
            _remove_left_behind()
            self.backing = Backing(Layout(self.folder / "data"), environ, durable=False)
            self.backing.layout.prepare()
            self.backing.start(lambda _name: self.log)
            environ.update(self.backing.env)
        else:
            number = int(self.worker.removeprefix("gw")) + 1
            environ["REDIS_URL"] = _database(environ["REDIS_URL"], "db", number)
            if "CELERY_BROKER_URL" in environ:
                environ["CELERY_BROKER_URL"] = _database(environ["CELERY_BROKER_URL"], "virtual_host", number)
        (self.folder / "portal" / "static").mkdir(parents=True)
        port, sandbox_port = free_port(), free_port()
        environ.update(
            {
                "DJANGO_SETTINGS_MODULE": "shopmsg.settings.test",
                "DJANGO_LIVE_TEST_SERVER_ADDRESS": f"127.0.0.1:{port}",
                "BASE_URL": f"http://127.0.0.1:{port}",
                "DATA_DIR": str(self.folder / "portal"),
                "SECRET_KEY": "tests-only-" + "0123456789abcdef" * 4,
                "SEAL_KEYS": f"2:{_key('seal-2')},1:{_key('seal-1')}",
                "INDEX_KEYS": f"1:{_key('index-1')}",
                "HOOK_SOURCES": json.dumps(HOOK_SOURCES),
                "SYSTEM_SENDER": SYSTEM_SENDER,
                "OPTOUT_080": OPTOUT_080,
                "SOLAPI_BASE_URL": f"http://127.0.0.1:{sandbox_port}",
                "SOLAPI_API_KEY": SOLAPI_API_KEY,
                "SOLAPI_API_SECRET": SOLAPI_API_SECRET,
                "SOLAPI_REPORT_SECRET": SOLAPI_REPORT_SECRET,
                "DEMO_SANDBOX_URL": f"http://127.0.0.1:{sandbox_port}",
                "NTS_BASE_URL": f"http://127.0.0.1:{sandbox_port}",
                "NTS_SERVICE_KEY": NTS_SERVICE_KEY,
                "PROVISIONING_DRIVER": "http",
                "PROVISIONING_BASE_URL": f"http://127.0.0.1:{sandbox_port}",
                "PROVISIONING_KEY": PROVISIONING_KEY,
                "CARD_BASE_URL": f"http://127.0.0.1:{sandbox_port}",
                "CARD_SDK_URL": f"http://127.0.0.1:{sandbox_port}/toss/v2/standard",
                "CARD_CLIENT_KEY": CARD_CLIENT_KEY,
                "CARD_SECRET_KEY": CARD_SECRET_KEY,
            }
        )
        self.sandbox = Sandbox(
            sandbox_port,
            f"http://127.0.0.1:{port}/hooks/solapi/reports",
            self.folder,
            card_webhook_url=f"http://127.0.0.1:{port}/hooks/toss/payments",
        )

    def stop(self) -> None:
        if self.sandbox is not None:
            self.sandbox.stop()
        if self.backing is not None:
            self.backing.stop()
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)


@dataclass
class Sandbox:
    """One sandbox process and a small client for its control surface. Started when first asked for."""

    port: int
    report_url: str
    folder: Path
    api_key: str = SOLAPI_API_KEY
    api_secret: str = SOLAPI_API_SECRET
    report_secret: str = SOLAPI_REPORT_SECRET
    registry_key: str = NTS_SERVICE_KEY
    ringback_key: str = PROVISIONING_KEY
    card_client_key: str = CARD_CLIENT_KEY
    card_secret_key: str = CARD_SECRET_KEY
    card_webhook_url: str = ""
    _running: list[tuple[Command, Any]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it if it does not run, and wait until it answers."""
        if self._running:
            return
        argv = [sys.executable, "-m", "shopmsg.sandbox", "--port", str(self.port)]
        argv += [
            "--data",
            str(self.folder / "sandbox.sqlite3"),
            "--api-key",
            self.api_key,
            "--api-secret",
            self.api_secret,
        ]
        argv += ["--report-url", self.report_url, "--report-secret", self.report_secret]
        argv += ["--registry-key", self.registry_key, "--ringback-key", self.ringback_key]
        argv += ["--card-client-key", self.card_client_key, "--card-secret-key", self.card_secret_key]
        if self.card_webhook_url:
            argv += ["--card-webhook-url", self.card_webhook_url]
        command = Command("sandbox", argv, cwd=PROJECT, stop_signal=signal.SIGTERM, grace=3)
        with (self.folder / "sandbox.log").open("ab") as output:
            process = spawn(command, output)
        self._running.append((command, process))
        deadline = time.monotonic() + 15
        while True:
            try:
                self.call("GET", "/sandbox/health")
                return
            except OSError:
                if process.poll() is not None or time.monotonic() > deadline:
                    log = (self.folder / "sandbox.log").read_text()
                    raise RuntimeError(f"the sandbox did not start:\n{log[-2000:]}") from None
                time.sleep(0.05)

    def stop(self) -> None:
        while self._running:
            command, process = self._running.pop()
            stop(process, command)

    def reset(self) -> None:
        """As freshly started: no messages, no faults, every sender registered."""
        self.call("POST", "/sandbox/reset")

    def arm(self, **fault: Any) -> None:
        """Let it misbehave; the fields are those of shopmsg/sandbox/faults.py."""
        self.call("POST", "/sandbox/faults", fault)

    def disarm(self) -> None:
        self.call("DELETE", "/sandbox/faults")

    def reports(self, **settings: Any) -> None:
        """How delivery reports come back; the fields are those of shopmsg/sandbox/reports.py."""
        self.call("POST", "/sandbox/reports", settings)

    def ends_with(self, number: str, code: str | None) -> None:
        """Every message to `number` ends with this status code; None = delivered again."""
        self.call("POST", "/sandbox/numbers", {"number": number, "code": code})

    def register_senders(self, *senders: str) -> None:
        """Only these sender numbers are registered; none = all are."""
        self.call("POST", "/sandbox/senders", {"senders": list(senders)})

    def business(self, number: str, state: str | None, **more: str) -> None:
        """What the registry says of a business number: active, suspended, closed, unregistered; None = as untold."""
        self.call("POST", "/sandbox/businesses", {"number": number, "state": state, **more})

    def ringback(self, **settings: Any) -> None:
        """`delay` seconds until an ordered ringback notice is active, and the numbers that `fail`."""
        self.call("POST", "/sandbox/ringback", settings)

    def ringback_orders(self) -> dict[str, int]:
        """How often the ringback notice of each number was ordered."""
        orders: dict[str, int] = self.call("GET", "/sandbox/ringback")["orders"]
        return orders

    def card_auth(self, customer_key: str, card: str = "normal", **more: str) -> str:
        """The auth key that the card page would hand out: for a card that is normal, limit, expired or stopped.

        Customers have cards of their own; `number` (masked, 94100012****789*) gives two of them the same.
        """
        made = self.call("POST", "/sandbox/cards/auth", {"customer_key": customer_key, "card": card, **more})
        return str(made["auth_key"])

    def cards(self, **told: Any) -> None:
        """What cards do from now on, or a setting; the fields are those of shopmsg/sandbox/card_control.py."""
        self.call("POST", "/sandbox/cards", told)

    def card_payments(self) -> list[dict[str, Any]]:
        """Every charge so far, oldest first; a declined one has the status ABORTED."""
        payments: list[dict[str, Any]] = self.call("GET", "/sandbox/cards")["payments"]
        return payments

    def clock(self, now: datetime) -> None:
        """Let the gateway's clock stand at `now`, as a test's own does."""
        self.call("POST", "/sandbox/clock", {"now": now.isoformat()})

    def inbox(self, number: str) -> list[dict[str, Any]]:
        """What the phone with this number has received."""
        messages: list[dict[str, Any]] = self.call("GET", f"/sandbox/phones/{number}")["messages"]
        return messages

    def stats(self) -> dict[str, Any]:
        """Totals over all phones, e.g. deliveries_per_ref_max."""
        totals: dict[str, Any] = self.call("GET", "/sandbox/stats")
        return totals

    def call(self, method: str, path: str, body: object = None) -> Any:
        """One JSON request to the sandbox; returns the decoded answer (None when empty). Raises HTTPError."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(self.url + path, data=data, method=method, headers=headers)
        with urllib.request.urlopen(request, timeout=10) as answer:
            raw = answer.read()
        return json.loads(raw) if raw else None


def _database(url: str, parameter: str, number: int) -> str:
    """The same Redis, another of its databases: `?db=0` in our own Unix socket form, `/0` in the TCP form."""
    if "://" in url and f"{parameter}=" in url:
        head, _, _ = url.rpartition("=")
        return f"{head}={number}"
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}/{number}"


def _remove_left_behind() -> None:
    """Directories of suites that were killed; their servers have died with them."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        pid = folder.name.removeprefix(_PREFIX).partition("-")[0]
        if pid.isdigit() and not psutil.pid_exists(int(pid)):
            remove_sockets(Layout(folder / "data"))
            shutil.rmtree(folder, ignore_errors=True)


_services: Services | None = None


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Iterator[None]:
    """Before pytest-django reads the settings."""
    global _services
    if _services is None and not {"--help", "-h", "--version"} & set(sys.argv):
        _services = Services()
        try:
            _services.start(os.environ)
        except BaseException:
            _services.stop()
            raise
    return (yield)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    global _services
    if _services is not None:
        with contextlib.suppress(KeyboardInterrupt):
            _services.stop()
        _services = None


def running_sandbox() -> Sandbox:
    """This process's sandbox, started."""
    assert _services is not None, "run with `python -m pytest`"
    assert _services.sandbox is not None
    _services.sandbox.start()
    return _services.sandbox
