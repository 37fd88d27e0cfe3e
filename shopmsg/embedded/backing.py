"""The two servers behind the portal, started only where the environment names none."""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO

from shopmsg.embedded.paths import Layout
from shopmsg.embedded.postgres import Postgres
from shopmsg.embedded.processes import Command, account_for, end_leftovers, spawn, stop
from shopmsg.embedded.redis import Redis

_PREFIX = "shopmsg-"

Output = Callable[[str], int | IO[bytes]]


class Backing:
    """PostgreSQL and Redis for one data directory. `env` after `start` is what the portal's processes need.

    DATABASE_URL or REDIS_URL in `environ` wins: that server is used and nothing is embedded in its place.
    """

    def __init__(self, layout: Layout, environ: Mapping[str, str], *, durable: bool = True) -> None:
        self.layout = layout
        self.env: dict[str, str] = {
            name: environ[name] for name in ("DATABASE_URL", "REDIS_URL") if environ.get(name)
        }
        self.sockets = Path()
        self.postgres: Postgres | None = None
        self.redis: Redis | None = None
        self.started: list[tuple[Command, subprocess.Popen[bytes]]] = []
        self.durable = durable

    def start(self, output: Output) -> None:
        """Start what is missing and wait for it. `output` gives the stream for a process of that name."""
        remove_sockets(self.layout)
        self.sockets = Path(tempfile.mkdtemp(prefix=_PREFIX))
        self.sockets.chmod(0o711)
        self.layout.sockets.write_text(str(self.sockets))
        try:
            self._start(output)
        except BaseException:
            self.stop()
            raise

    def _start(self, output: Output) -> None:
        if "DATABASE_URL" not in self.env:
            account = account_for(self.layout.data / "postgres")
            home = self.layout.database_home(None if account is None else account.uid)
            self.postgres = Postgres(home, self.sockets / "pg", account, durable=self.durable)
        if "REDIS_URL" not in self.env:
            self.redis = Redis(self.layout.redis, self.sockets, durable=self.durable)
        # Both are started before either is waited for.
        servers = [server for server in (self.postgres, self.redis) if server is not None]
        for server in servers:
            command = server.command()
            self.started.append((command, spawn(command, output(command.name))))
        for server, (_, process) in zip(servers, self.started, strict=True):
            server.wait_ready(process)
        if self.postgres is not None:
            self.env["DATABASE_URL"] = self.postgres.url
        if self.redis is not None:
            self.env["REDIS_URL"] = self.redis.url()
            self.env["CELERY_BROKER_URL"] = self.redis.broker_url()

    def hand_over(self) -> list[tuple[Command, subprocess.Popen[bytes]]]:
        """Leave the processes to a supervisor: `stop` then only removes the sockets."""
        started, self.started = self.started, []
        return started

    def stop(self) -> None:
        """Redis first, the database last; then their sockets."""
        while self.started:
            command, process = self.started.pop()
            stop(process, command)
        remove_sockets(self.layout)


def remove_sockets(layout: Layout) -> None:
    """Remove the directory of sockets that this data directory's last servers used."""
    if layout.sockets.exists():
        folder = Path(layout.sockets.read_text())
        if folder.name.startswith(_PREFIX):
            shutil.rmtree(folder, ignore_errors=True)
        layout.sockets.unlink()


def clean_after_killed_run(state: Path) -> int:
    """End what a killed copy left running; returns the number of processes ended."""
    try:
        left = json.loads(state.read_text())
    except (OSError, ValueError):
        return 0
    ended = end_leftovers({int(pid): created for pid, created in left.get("sessions", {}).items()})
    state.unlink(missing_ok=True)
    return ended
