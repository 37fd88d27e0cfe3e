"""Real Celery workers and beat against the suite's own database, Redis and sandbox."""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection

from shopmsg.embedded.paths import PROJECT

_CELERY = [sys.executable, "-m", "celery", "-A", "shopmsg.celery"]
WORKER = [
    *_CELERY, "worker", "-Q", "pipeline,upkeep", "--pool", "threads", "--concurrency", "4",
    "--without-gossip", "--without-mingle", "--loglevel", "WARNING",
]  # fmt: skip
BEAT = [*_CELERY, "beat", "--loglevel", "WARNING", "--schedule"]


def environment() -> dict[str, str]:
    """What a process of ours needs to work on this test's database: the demo's settings, open around the clock."""
    address = urlsplit(os.environ["DATABASE_URL"])
    url = address._replace(path="/" + str(connection.settings_dict["NAME"])).geturl()
    broker = {"REDIS_URL": settings.REDIS_URL, "CELERY_BROKER_URL": settings.CELERY_BROKER_URL}
    return {
        **os.environ,
        **broker,
        "DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "shopmsg.settings.dev",
        "GATEWAY_REQUESTS_PER_SECOND": "50",
    }


class Process:
    """One of our processes in a session of its own."""

    def __init__(self, argv: Sequence[str], log: Path) -> None:
        self._log = log.open("ab")
        self._popen = subprocess.Popen(
            argv, cwd=PROJECT, env=environment(), stdout=self._log, stderr=self._log, start_new_session=True
        )

    def kill(self) -> None:
        """SIGKILL, to it and every child, in the middle of whatever they do."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._popen.pid, signal.SIGKILL)
        self._popen.wait(10)
        self._log.close()

    def stop(self) -> None:
        """SIGTERM, as a deployment does."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._popen.pid, signal.SIGTERM)
        try:
            self._popen.wait(20)
        except subprocess.TimeoutExpired:
            self.kill()
        self._log.close()


@contextlib.contextmanager
def running() -> Iterator["Stack"]:
    """Beat and one worker; whatever is left of them is gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        stack = Stack(Path(folder))
        try:
            stack.start_beat()
            stack.start_worker()
            yield stack
        finally:
            for process in stack.processes:
                process.kill()


class Stack:
    """The processes of one test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.processes: list[Process] = []

    def start_worker(self) -> Process:
        return self._start(WORKER)

    def start_beat(self) -> Process:
        return self._start([*BEAT, str(self.folder / "beat")])

    def _start(self, argv: Sequence[str]) -> Process:
        process = Process(argv, self.folder / "stack.log")
        self.processes.append(process)
        return process

    def log(self) -> str:
        """The end of what the processes wrote."""
        return (self.folder / "stack.log").read_text("utf-8", "replace")[-3000:]


def eventually(check: Callable[[], bool], seconds: float = 60.0) -> bool:
    """Whether `check` came true within that time."""
    deadline = time.monotonic() + seconds
    while not check():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True
