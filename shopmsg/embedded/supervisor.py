"""Keeps the processes of one copy alive, and ends them in order."""

import json
import subprocess
import time
from pathlib import Path
from typing import NoReturn

from shopmsg.embedded.log import Log, say
from shopmsg.embedded.processes import Command, created_at, spawn, stop, sweep

_LONGEST_PAUSE = 30.0
_STEADY_AFTER = 60.0


class _Child:
    def __init__(self, command: Command, process: subprocess.Popen[bytes]) -> None:
        self.command = command
        self.process = process
        self.since = time.monotonic()
        self.failures = 0
        self.restart_at: float | None = None


class Supervisor:
    """Processes in the order they were started; `stop` ends them in the reverse order."""

    def __init__(self, log: Log, state: Path) -> None:
        self.log = log
        self.state = state
        self.facts: dict[str, object] = {}  # kept in the state file beside the processes
        self._children: list[_Child] = []
        self._streams: dict[str, int] = {}

    def stream(self, name: str) -> int:
        """The log stream of a process; kept over its restarts."""
        if name not in self._streams:
            self._streams[name] = self.log.stream(name)
        return self._streams[name]

    def adopt(self, command: Command, process: subprocess.Popen[bytes]) -> None:
        """Watch a process that was started elsewhere."""
        self._children.append(_Child(command, process))
        self._remember()

    def start(self, command: Command) -> None:
        self.adopt(command, spawn(command, self.stream(command.name)))

    def failed(self) -> str | None:
        """The name of a process that has ended, if any."""
        return next(
            (child.command.name for child in self._children if child.process.poll() is not None), None
        )

    def watch(self) -> NoReturn:
        """Restart what ends, with growing pauses (1 s to 30 s), until an exception (a signal) ends it."""
        while True:
            for child in self._children:
                self._look_at(child)
            time.sleep(0.2)

    def _look_at(self, child: _Child) -> None:
        now = time.monotonic()
        name = child.command.name
        if child.restart_at is not None:
            if now >= child.restart_at:
                child.process = spawn(child.command, self.stream(name))
                child.since, child.restart_at = now, None
                self._remember()
        elif (code := child.process.poll()) is not None:
            sweep(child.process.pid)
            child.failures = 1 if now - child.since > _STEADY_AFTER else child.failures + 1
            pause = min(2.0 ** (child.failures - 1), _LONGEST_PAUSE)
            child.restart_at = now + pause
            say(f"{name}이(가) 멈췄어요({_how(code)}). {pause:.0f}초 뒤에 다시 켤게요. 기록: {self.log.path}")

    def stop(self) -> None:
        """End everything, last started first. Each process's own grace bounds the wait."""
        while self._children:
            child = self._children.pop()
            if not stop(child.process, child.command):
                say(f"{child.command.name}이(가) 제때 끝나지 않아 강제로 끝냈어요.")
        self.state.unlink(missing_ok=True)

    def _remember(self) -> None:
        # PostgreSQL finds its own orphans by what they work on; the rest is found by this record.
        sessions = {
            str(child.process.pid): created_at(child.process.pid)
            for child in self._children
            if child.command.name != "postgres"
        }
        draft = self.state.with_suffix(".new")
        draft.touch(mode=0o600)
        draft.write_text(json.dumps({**self.facts, "sessions": sessions}))
        draft.replace(self.state)


def _how(code: int) -> str:
    return f"신호 {-code}" if code < 0 else f"코드 {code}"
