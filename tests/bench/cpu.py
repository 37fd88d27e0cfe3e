"""Whose the CPU was: figures taken while other programs were busy say little."""

import contextlib
import time

import psutil


class Others:
    """What share of the machine went to programs that have nothing to do with the bench."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._busy, self._ours = _busy(), _ours()

    def share(self) -> float:
        """0 to 1, since this was made."""
        spent = (_busy() - self._busy) - (_ours() - self._ours)
        return max(0.0, spent / ((time.monotonic() - self._began) * (psutil.cpu_count() or 1)))


def _busy() -> float:
    times = psutil.cpu_times()
    return float(sum(times) - times.idle - getattr(times, "iowait", 0.0) - getattr(times, "guest", 0.0))


def _ours() -> float:
    """CPU seconds of the bench, of the servers started for it (children of our parent) and of all their children."""
    parent = psutil.Process().parent() or psutil.Process()
    total = 0.0
    for process in (parent, *parent.children(recursive=True)):
        with contextlib.suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            total += times.user + times.system + times.children_user + times.children_system
    return total
