"""One running copy per data directory."""

import fcntl
import os
from pathlib import Path

from shopmsg.embedded.errors import RunnerError


class RunLock:
    """Holds `.data/run.lock` with our process id in it.

    The lock is the kernel's and ends with its holder however that dies, so the id left in the file by a killed
    copy is never mistaken for a running one.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = -1

    def holder(self) -> int | None:
        """The process id of the running copy, or None when there is none."""
        if not self.path.exists():
            return None
        file = os.open(self.path, os.O_RDWR)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return _number(os.pread(file, 20, 0))
        finally:
            os.close(file)
        return None

    def acquire(self) -> None:
        """Raises RunnerError with one sentence when another copy runs."""
        file = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pid = _number(os.pread(file, 20, 0))
            os.close(file)
            raise RunnerError(
                f"이미 실행 중이에요(프로세스 {pid}). 그 창에서 Ctrl-C를 누르거나 `kill {pid}`로 끝낸 뒤 다시 실행해 주세요."
            ) from None
        os.ftruncate(file, 0)
        os.pwrite(file, f"{os.getpid()}\n".encode(), 0)
        self._file = file

    def release(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


def _number(text: bytes) -> int:
    return int(text.split()[0]) if text.split() else 0
