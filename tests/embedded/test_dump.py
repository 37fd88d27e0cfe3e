"""Backup and restore: everything comes back, and nothing is lost to a bad file."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg2
import pytest

from shopmsg.embedded import dump
from shopmsg.embedded.backing import Backing
from shopmsg.embedded.errors import RunnerError
from shopmsg.embedded.paths import Layout


@pytest.fixture
def url() -> Iterator[str]:
    with TemporaryDirectory(prefix="shopmsg-dump-test-") as folder:
        Path(folder).chmod(0o711)
        layout = Layout(Path(folder) / "data")
        layout.prepare()
        backing = Backing(layout, {"REDIS_URL": "redis://unused.example/0"}, durable=False)
        with (layout.data / "servers.log").open("ab") as output:
            backing.start(lambda _name: output)
        yield backing.env["DATABASE_URL"]
        backing.stop()


def execute(url: str, sql: str) -> list[tuple[object, ...]]:
    with closing(psycopg2.connect(url)) as connection, connection, connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall() if cursor.description else []


def test_a_backup_brings_back_rows_and_files_and_takes_away_what_came_later(url: str, tmp_path: Path) -> None:
    media = tmp_path / "media"
    (media / "pictures").mkdir(parents=True)
    (media / "pictures" / "a.jpg").write_bytes(b"picture")
    papers = tmp_path / "documents" / "documents"
    papers.mkdir(parents=True)
    (papers / "a.pdf").write_bytes(b"paper")
    (papers / "a.pdf").chmod(0o600)
    execute(url, "CREATE TABLE shop (name text); INSERT INTO shop VALUES ('행복치킨')")
    file = tmp_path / "shop.tar"
    dump.backup(url, tmp_path, file)
    assert file.stat().st_mode & 0o077 == 0

    execute(url, "DELETE FROM shop; CREATE TABLE later (id int)")
    (media / "pictures" / "a.jpg").unlink()
    (media / "pictures" / "later.jpg").write_bytes(b"later")
    (papers / "a.pdf").unlink()
    (papers / "later.pdf").write_bytes(b"later")
    dump.restore(url, tmp_path, file)

    assert execute(url, "SELECT name FROM shop") == [("행복치킨",)]
    assert execute(url, "SELECT to_regclass('later')") == [(None,)]
    assert [path.name for path in (media / "pictures").iterdir()] == ["a.jpg"]
    assert [path.name for path in papers.iterdir()] == ["a.pdf"]
    assert (papers / "a.pdf").stat().st_mode & 0o077 == 0


def test_an_existing_backup_is_never_overwritten(url: str, tmp_path: Path) -> None:
    file = tmp_path / "shop.tar"
    file.write_text("yesterday's")
    with pytest.raises(RunnerError, match="이미 있어요"):
        dump.backup(url, tmp_path, file)
    assert file.read_text() == "yesterday's"


def test_a_damaged_backup_is_refused_before_anything_is_dropped(url: str, tmp_path: Path) -> None:
    execute(url, "CREATE TABLE shop (name text); INSERT INTO shop VALUES ('행복치킨')")
    file = tmp_path / "shop.tar"
    dump.backup(url, tmp_path, file)
    content = bytearray(file.read_bytes())
    start = content.index(b"PGDMP")
    content[start : start + 48] = b"\0" * 48
    file.write_bytes(content)
    with pytest.raises(RunnerError):
        dump.restore(url, tmp_path, file)
    file.write_text("not a backup")
    with pytest.raises(RunnerError, match="백업 파일이 아니거나"):
        dump.restore(url, tmp_path, file)
    assert execute(url, "SELECT name FROM shop") == [("행복치킨",)]
