"""Child processes that never outlive us: each in a session of its own, told by the kernel when we die."""

import contextlib
import ctypes
import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import psutil

from shopmsg.embedded.paths import PROJECT

_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Account:
    """The unprivileged user that a server runs under when we are root: PostgreSQL refuses to run as root."""

    uid: int
    gid: int


def account_for(path: Path) -> Account | None:
    """None when we are an ordinary user; else the owner of `path` if it has one, or `nobody`."""
    if os.geteuid() != 0:
        return None
    if path.exists():
        info = path.stat()
        if info.st_uid != 0:
            return Account(info.st_uid, info.st_gid)
    entry = pwd.getpwnam("nobody")
    return Account(entry.pw_uid, entry.pw_gid)


@dataclass(frozen=True)
class Command:
    """How to start and stop one process. `stop_signal` asks it to finish; after `grace` seconds it is killed."""

    name: str
    argv: list[str]
    env: Mapping[str, str] | None = None
    cwd: Path = PROJECT
    stop_signal: signal.Signals = signal.SIGTERM
    grace: float = 5.0
    account: Account | None = None
    before_start: Callable[[], None] | None = field(default=None, compare=False)


def spawn(command: Command, output: int | IO[bytes]) -> subprocess.Popen[bytes]:
    """Start it with both output streams into `output`. Call from the main thread only.

    The kernel's parent-death signal is tied to the thread that forks: one that ends would end its children.
    """
    if command.before_start is not None:
        command.before_start()
    as_user = command.account
    return subprocess.Popen(
        command.argv,
        env=None if command.env is None else dict(command.env),
        cwd=command.cwd,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        user=None if as_user is None else as_user.uid,
        group=None if as_user is None else as_user.gid,
        extra_groups=None if as_user is None else [],
        preexec_fn=_die_with_parent(command.stop_signal),
    )


def _die_with_parent(stop_signal: signal.Signals) -> Callable[[], None] | None:
    if sys.platform != "linux":
        return None  # elsewhere the next start finds and ends what a killed run left (see `end_leftovers`)
    libc = ctypes.CDLL(None, use_errno=True)
    parent = os.getpid()

    def preexec() -> None:
        # Runs after the user has changed: a change of user would clear the setting.
        libc.prctl(_PR_SET_PDEATHSIG, int(stop_signal), 0, 0, 0)
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)

    return preexec


def stop(process: subprocess.Popen[bytes], command: Command) -> bool:
    """Ask, wait, kill; then kill what is left of its process group. True when it ended by itself in time."""
    in_time = True
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(command.stop_signal)
        try:
            process.wait(command.grace)
        except subprocess.TimeoutExpired:
            in_time = False
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            process.wait(5)
    sweep(process.pid)
    return in_time


def sweep(group: int) -> None:
    """Kill what is left of a process group whose leader has ended."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


def end(processes: list[psutil.Process], first: signal.Signals, grace: float = 5.0) -> None:
    """End processes that are not our children: ask, wait, kill."""
    for process in processes:
        with contextlib.suppress(psutil.Error):
            process.send_signal(first)
    _, alive = psutil.wait_procs(processes, timeout=grace)
    for process in alive:
        with contextlib.suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(alive, timeout=2)


def end_leftovers(sessions: Mapping[int, float]) -> int:
    """End every process in sessions that a killed run had opened; returns how many there were.

    `sessions` maps a session's leader (a process id) to its time of creation. A process id that now belongs to a
    younger process was given away again by the kernel: that session is not ours and is left alone.
    """
    ours: set[int] = set()
    for leader, created in sessions.items():
        if created < psutil.boot_time():
            continue
        with contextlib.suppress(psutil.NoSuchProcess):
            if abs(psutil.Process(leader).create_time() - created) > 1:
                continue
        ours.add(leader)
    found: list[psutil.Process] = []
    for process in psutil.process_iter() if ours else ():
        with contextlib.suppress(ProcessLookupError, PermissionError, psutil.Error):
            if os.getsid(process.pid) in ours and process.pid != os.getpid():
                found.append(process)
    end(found, signal.SIGTERM, grace=3)
    return len(found)


def created_at(pid: int) -> float:
    """When a process of ours was created, as the system counts it."""
    try:
        return psutil.Process(pid).create_time()
    except psutil.NoSuchProcess:
        return time.time()
