"""Commands beside a running copy, or with servers of their own for as long as they last."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from shopmsg.embedded.backing import Backing, clean_after_killed_run
from shopmsg.embedded.environment import Addresses, compose, free_port
from shopmsg.embedded.errors import RunnerError
from shopmsg.embedded.lock import RunLock
from shopmsg.embedded.paths import PROJECT, Layout
from shopmsg.embedded.secrets import load_or_create


@contextmanager
def environment(layout: Layout, environ: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """The portal's environment: that of the running copy, or with servers started for the length of the block."""
    layout.prepare()
    lock = RunLock(layout.lock)
    if lock.holder() is not None:
        try:
            state = json.loads(layout.state.read_text())
        except (OSError, ValueError):
            raise RunnerError("켜지는 중이에요. 준비됐다는 말이 나온 뒤에 다시 실행해 주세요.") from None
        servers: dict[str, str] = state["servers"]
        yield _compose(layout, environ, servers, Addresses(state["port"], state["sandbox_port"]))
        return
    lock.acquire()
    clean_after_killed_run(layout.state)
    backing = Backing(layout, environ)
    try:
        with layout.log.open("ab") as output:
            backing.start(lambda _name: output)
        yield _compose(layout, environ, backing.env, Addresses(free_port(), free_port()))
    finally:
        backing.stop()
        lock.release()


@contextmanager
def temporary(environ: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """The same over a data directory that is removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="shopmsg-exec-"))
    folder.chmod(0o711 if os.geteuid() == 0 else 0o700)
    try:
        with environment(Layout(folder / "data"), environ) as env:
            yield env
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def execute(argv: list[str], env: Mapping[str, str], *, migrate: bool) -> int:
    """Run a command in the terminal; returns its exit code. Ctrl-C is the command's to handle."""
    kept = signal.signal(signal.SIGINT, signal.SIG_IGN)
    restore = lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)  # noqa: E731
    try:
        if migrate:
            first = [sys.executable, "manage.py", "migrate", "--verbosity", "0", "--no-input"]
            code = subprocess.run(first, env=dict(env), cwd=PROJECT).returncode
            if code != 0:
                return code
        return subprocess.run(argv, env=dict(env), preexec_fn=restore).returncode
    finally:
        signal.signal(signal.SIGINT, kept)


def _compose(
    layout: Layout, environ: Mapping[str, str], servers: Mapping[str, str], addresses: Addresses
) -> dict[str, str]:
    secrets = load_or_create(layout.secrets)
    return compose(environ, data=layout.data, secrets=secrets, servers=servers, addresses=addresses)
