"""The processes of `make run`, with the very same options, on the servers `make bench` has started."""

import contextlib
import json
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path

import psutil

from shopmsg.embedded.environment import Addresses
from shopmsg.embedded.paths import Layout
from shopmsg.embedded.processes import Command, spawn, stop
from shopmsg.embedded.run import commands

_READY_SECONDS = 60
#: What issue 2 counts as app processes; the servers and the stand-in for the outside world are not.
APP = ("web", "worker", "beat")


class Portal:
    """Sandbox, web, worker and beat, each started and stopped by name."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        layout = Layout(Path(environ["DATA_DIR"]))
        self.host = environ["BASE_URL"].removeprefix("http://")
        self.sandbox_url = environ["DEMO_SANDBOX_URL"]
        port, sandbox_port = (int(url.rpartition(":")[2]) for url in (self.host, self.sandbox_url))
        made = commands(layout, environ, environ, Addresses(port, sandbox_port))
        self._commands: dict[str, Command] = {command.name: command for command in made}
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self.log = layout.log.with_name("bench.log")

    def start(self, *names: str) -> None:
        with self.log.open("ab") as output:
            for name in names:
                self._running[name] = spawn(self._commands[name], output)
        addresses = {"sandbox": f"{self.sandbox_url}/sandbox/health", "web": f"http://{self.host}/healthz"}
        for name in names:
            if name in addresses:
                self._wait(name, addresses[name])
        if "worker" in names:
            self._wait("worker", f"http://{self.host}/readyz")

    def stop(self, *names: str) -> None:
        for name in names:
            if (process := self._running.pop(name, None)) is not None:
                stop(process, self._commands[name])

    def reports(self, mode: str) -> None:
        """Let the gateway send delivery reports ("normal") or none ("off")."""
        body = json.dumps({"mode": mode}).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.sandbox_url}/sandbox/reports", data=body, headers=headers)
        with urllib.request.urlopen(request, timeout=10):
            pass

    def app_memory(self) -> float:
        """PSS of the app processes together, in MB: shared pages are counted once."""
        total = 0
        for name in APP:
            leader = psutil.Process(self._running[name].pid)
            for process in (leader, *leader.children(recursive=True)):
                total += process.memory_full_info().pss
        return total / 1e6

    def cpu_seconds(self) -> float:
        """CPU time the app processes have used so far."""
        total = 0.0
        for name in APP:
            leader = psutil.Process(self._running[name].pid)
            for process in (leader, *leader.children(recursive=True)):
                times = process.cpu_times()
                total += times.user + times.system
        return total

    def memory_by_process(self) -> dict[str, list[int]]:
        """PSS in MB of each process, its leader first."""
        found = {}
        for name in APP:
            leader = psutil.Process(self._running[name].pid)
            processes = (leader, *leader.children(recursive=True))
            found[name] = [round(process.memory_full_info().pss / 1e6) for process in processes]
        return found

    def _wait(self, name: str, url: str) -> None:
        deadline = time.monotonic() + _READY_SECONDS
        while True:
            try:
                with urllib.request.urlopen(url, timeout=2):
                    return
            except OSError:
                if self._running[name].poll() is not None or time.monotonic() > deadline:
                    tail = self.log.read_text("utf-8", "replace")[-3000:]
                    raise RuntimeError(f"{name} did not start:\n{tail}") from None
            time.sleep(0.2)


@contextlib.contextmanager
def running(environ: Mapping[str, str]) -> Iterator[Portal]:
    """A portal of which everything is stopped at the end."""
    portal = Portal(environ)
    try:
        yield portal
    finally:
        portal.stop("beat", "web", "worker", "sandbox")
