"""One log file with every process in it, and on the terminal only what a person should know."""

import json
import os
import sys
import threading
import time
from collections import deque
from pathlib import Path
from typing import BinaryIO

_KEEP_BYTES = 20_000_000
_REPEAT_SECONDS = 60.0
_IMPORTANT = {"warning": "주의", "error": "오류", "critical": "오류"}


def say(text: str) -> None:
    """One line for the person at the terminal."""
    print(text, flush=True)


class Log:
    """`.data/log/shopmsg.log`; the previous one is kept beside it when it has grown past 20 MB."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and path.stat().st_size > _KEEP_BYTES:
            path.replace(path.with_suffix(".log.1"))
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._file: BinaryIO = os.fdopen(descriptor, "ab", buffering=0)
        self.loud = False  # while starting, a process that waits for another one is no news
        self._shown: dict[str, float] = {}
        self._lock = threading.Lock()
        self._tails: dict[str, deque[str]] = {}
        self._ends: list[tuple[int, threading.Thread]] = []

    def stream(self, name: str) -> int:
        """A descriptor for a process's output. Lines get the time and `name` in front."""
        read_end, write_end = os.pipe()
        self._tails[name] = deque(maxlen=20)
        reader = threading.Thread(target=self._read, args=(name, read_end), name=f"log-{name}", daemon=True)
        reader.start()
        self._ends.append((write_end, reader))
        return write_end

    def tail(self, name: str) -> str:
        """The last lines a process wrote: what to show when it died."""
        time.sleep(0.1)  # its last words may still be in the pipe
        return "\n".join(f"    {line}" for line in self._tails.get(name, ()))

    def close(self) -> None:
        """Close our ends and wait for what is still on its way."""
        for write_end, reader in self._ends:
            os.close(write_end)
            reader.join(1)
        self._ends.clear()
        self._file.close()

    def _read(self, name: str, read_end: int) -> None:
        prefix = f"{name:<8} ".encode()
        with os.fdopen(read_end, "rb") as lines:
            for line in lines:
                text = line.rstrip(b"\r\n")
                now = time.strftime("%m-%d %H:%M:%S ").encode()
                with self._lock:
                    self._file.write(now + prefix + text + b"\n")
                readable = text.decode("utf-8", "replace")
                self._tails[name].append(readable)
                if self.loud and (words := important(readable)):
                    self._show(f"{name:<8} {words}")

    def _show(self, line: str) -> None:
        """The same line at most once a minute: the file has them all."""
        now = time.monotonic()
        with self._lock:
            if now - self._shown.get(line, -_REPEAT_SECONDS) < _REPEAT_SECONDS:
                return
            self._shown = {text: at for text, at in self._shown.items() if now - at < _REPEAT_SECONDS}
            self._shown[line] = now
        print(line, file=sys.stderr, flush=True)


def important(line: str) -> str | None:
    """For a structured log line of level warning or above, what to show; None for everything else."""
    if not line.startswith("{"):
        return None
    try:
        event = json.loads(line)
    except ValueError:
        return None
    if not isinstance(event, dict) or event.get("level") not in _IMPORTANT:
        return None
    if event.get("logger") == "django.request" and event["level"] == "warning":
        return None  # a browser asked for something that is not there
    return f"[{_IMPORTANT[event['level']]}] {event.get('event', line)}"
