"""Backup and restore: one file with the database, the uploaded pictures and the signup documents.

The keys are not in it. A stolen backup must not be readable by itself, so SEAL_KEYS and INDEX_KEYS
(`.data/secrets.json` here, the environment in production) are kept apart from it; docs/operations.md says how.
"""

import contextlib
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import Final

import psycopg2

from shopmsg.embedded.errors import RunnerError
from shopmsg.embedded.postgres import wheel_home

_SECONDS = 3600


#: What the portal keeps in files, below its data directory.
FOLDERS: Final = ("media", "documents")


def backup(url: str, data: Path, file: Path) -> None:
    """Write `file`: a tar of `database.dump` (pg_dump's own format) and the FOLDERS of `data`. The portal may go on
    running."""
    if file.exists():
        raise RunnerError(f"{file}이(가) 이미 있어요. 다른 이름을 넣어 주세요.")
    draft = file.with_name(file.name + ".part")
    with tempfile.TemporaryDirectory(prefix="shopmsg-dump-") as folder:
        dump = Path(folder) / "database.dump"
        _tool("pg_dump", "--format=custom", "--no-owner", f"--file={dump}", f"--dbname={url}")
        draft.touch(mode=0o600)
        with tarfile.open(draft, "w") as archive:
            archive.add(dump, "database.dump")
            for name in FOLDERS:
                if (data / name).exists():
                    archive.add(data / name, name)
    draft.replace(file)


def restore(url: str, data: Path, file: Path) -> None:
    """Replace everything in the database and in the FOLDERS of `data` by what `file` holds. Nothing else may use the
    database."""
    with tempfile.TemporaryDirectory(prefix="shopmsg-dump-") as folder:
        try:
            with tarfile.open(file) as archive:
                archive.extractall(folder, filter="data")
        except (OSError, tarfile.TarError) as error:
            raise RunnerError(f"{file}은(는) 백업 파일이 아니거나 읽을 수 없어요({error}).") from error
        dump = Path(folder) / "database.dump"
        if not dump.exists():
            raise RunnerError(f"{file}에 데이터베이스 백업(database.dump)이 없어요.")
        _tool("pg_restore", "--list", str(dump))  # a damaged dump is noticed before anything is dropped
        with (
            contextlib.closing(psycopg2.connect(url, connect_timeout=3)) as database,
            database,
            database.cursor() as cursor,
        ):
            cursor.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        _tool("pg_restore", "--exit-on-error", "--no-owner", "--jobs=2", f"--dbname={url}", str(dump))
        for name in FOLDERS:
            shutil.rmtree(data / name, ignore_errors=True)
            if (Path(folder) / name).exists():
                shutil.copytree(Path(folder) / name, data / name)


def _tool(name: str, *arguments: str) -> None:
    try:
        program = str(wheel_home() / "bin" / name)
    except RunnerError:
        program = name
    try:
        result = subprocess.run([program, *arguments], capture_output=True, text=True, timeout=_SECONDS)
    except FileNotFoundError:
        raise RunnerError(f"{name}이(가) 없어요. PostgreSQL 18의 클라이언트 도구를 설치해 주세요.") from None
    if result.returncode != 0:
        raise RunnerError(f"{name}이(가) 실패했어요: {result.stderr.strip()[-500:]}")
