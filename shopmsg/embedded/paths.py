"""Where one copy of the portal keeps what it must remember, and what it may forget."""

import hashlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
# Only for root in a checkout that the database's unprivileged user cannot reach, see `Layout.database_home`.
SYSTEM_HOME = Path("/var/lib/shopmsg")


@dataclass(frozen=True)
class Layout:
    """The data directory (`.data/`, or DATA_DIR) and the names in it."""

    data: Path

    @property
    def lock(self) -> Path:
        return self.data / "run.lock"

    @property
    def state(self) -> Path:
        """What a running copy has started: processes, sockets, addresses. Left behind only by a killed copy."""
        return self.data / "run.json"

    @property
    def sockets(self) -> Path:
        """Names the directory of the sockets: under /tmp, because a socket's path may have 100 bytes at most."""
        return self.data / "sockets"

    @property
    def secrets(self) -> Path:
        return self.data / "secrets.json"

    @property
    def log(self) -> Path:
        return self.data / "log" / "shopmsg.log"

    @property
    def demo(self) -> Path:
        return self.data / "demo.json"

    @property
    def redis(self) -> Path:
        return self.data / "redis"

    @property
    def sandbox(self) -> Path:
        return self.data / "sandbox.sqlite3"

    @property
    def schedule(self) -> Path:
        return self.data / "beat-schedule"

    def database_home(self, uid: int | None) -> Path:
        """The directory of the database cluster, for the user it will run under (None: ourselves).

        A checkout under a directory closed to others (root's home is 0700) cannot be reached by an unprivileged
        user. Opening that directory is not ours to do, so the cluster then lives in /var/lib/shopmsg/<hash of
        the data directory's path>.
        """
        return self.data if uid is None or reachable(self.data, uid) else self._system_home

    @property
    def _system_home(self) -> Path:
        return SYSTEM_HOME / hashlib.sha256(str(self.data).encode()).hexdigest()[:12]

    def prepare(self) -> None:
        """Create the data directory, closed to others but passable where another user's database lies in it."""
        self.data.mkdir(parents=True, exist_ok=True)
        self.data.chmod(0o711 if os.geteuid() == 0 else 0o700)
        for folder in (self.log.parent, self.redis):
            folder.mkdir(exist_ok=True)
            folder.chmod(0o700)

    def delete(self) -> None:
        """Remove everything the runner and the portal have stored."""
        shutil.rmtree(self._system_home, ignore_errors=True)
        shutil.rmtree(self.data, ignore_errors=True)


def reachable(path: Path, uid: int) -> bool:
    """Whether a user without special rights may pass through every directory above `path`."""
    for parent in path.resolve().parents:
        info = parent.stat()
        if not info.st_mode & 0o001 and not (info.st_uid == uid and info.st_mode & 0o100):
            return False
    return True
