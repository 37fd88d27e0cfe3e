"""Embedded PostgreSQL and Redis: they come up, leave nothing behind, and clean up after a killed run."""

import os
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import psycopg2
import pytest

from shopmsg.embedded.backing import Backing, clean_after_killed_run, remove_sockets
from shopmsg.embedded.paths import PROJECT, Layout


@pytest.fixture
def layout() -> Iterator[Layout]:
    # pytest's own temporary directories are closed to the user that the database runs under.
    with TemporaryDirectory(prefix="shopmsg-embedded-") as folder:
        Path(folder).chmod(0o711)
        layout = Layout(Path(folder) / "data")
        layout.prepare()
        yield layout


def start(layout: Layout) -> Backing:
    backing = Backing(layout, {}, durable=False)
    with (layout.data / "log" / "servers.log").open("ab") as output:
        backing.start(lambda _name: output)
    return backing


def query(url: str, sql: str) -> object:
    with closing(psycopg2.connect(url)) as connection, connection, connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone() if cursor.description else None


def servers_of(layout: Layout) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter(["name"]):
        if process.info["name"] in ("postgres", "redis-server"):
            try:
                if Path(process.cwd()).is_relative_to(layout.data):
                    found.append(process)
            except (psutil.Error, OSError):
                continue
    return found


def wait_until_gone(processes: list[psutil.Process]) -> None:
    _, alive = psutil.wait_procs(processes, timeout=10)
    assert alive == []


def test_data_outlives_a_restart_and_nothing_keeps_running(layout: Layout) -> None:
    first = start(layout)
    query(first.env["DATABASE_URL"], "CREATE TABLE kept AS SELECT 42 AS answer")
    first.stop()
    assert servers_of(layout) == []
    assert not first.sockets.exists()
    second = start(layout)
    try:
        assert query(second.env["DATABASE_URL"], "SELECT answer FROM kept") == (42,)
        version = query(second.env["DATABASE_URL"], "SHOW server_version_num")
        assert isinstance(version, tuple)
        assert str(version[0]).startswith("18")
    finally:
        second.stop()


def test_the_database_listens_on_no_port_and_never_runs_as_root(layout: Layout) -> None:
    backing = start(layout)
    try:
        servers = servers_of(layout)
        assert {process.name() for process in servers} == {"postgres", "redis-server"}
        for process in servers:
            listening = [c for c in process.net_connections(kind="inet") if c.status == psutil.CONN_LISTEN]
            assert listening == []
            if process.name() == "postgres":
                assert process.uids().real != 0
    finally:
        backing.stop()


def test_servers_die_with_a_killed_parent(layout: Layout) -> None:
    parent = run_parent(layout)
    servers = servers_of(layout)
    assert len(servers) >= 2
    parent.kill()
    parent.wait()
    wait_until_gone(servers)
    remove_sockets(layout)


def test_an_orphaned_server_is_ended_and_its_traces_removed_by_the_next_start(layout: Layout) -> None:
    first = start(layout)
    ((_, orphan), (_, redis)) = first.hand_over()
    # The postmaster killed, its children alive, its lock file and socket in place.
    children = psutil.Process(orphan.pid).children()
    for child in children:
        child.suspend()
    orphan.kill()
    orphan.wait()
    for child in children:
        with suppress(psutil.NoSuchProcess):
            child.resume()
    redis.kill()
    redis.wait()
    second = start(layout)
    try:
        assert query(second.env["DATABASE_URL"], "SELECT 1") == (1,)
        assert not first.sockets.exists()
    finally:
        second.stop()


def test_a_live_orphan_is_stopped_before_a_second_server_starts(layout: Layout) -> None:
    first = start(layout)
    handed_over = first.hand_over()
    orphan = psutil.Process(handed_over[0][1].pid)
    second = start(layout)
    try:
        handed_over[0][1].wait(5)
        assert not orphan.is_running()
        assert query(second.env["DATABASE_URL"], "SELECT 1") == (1,)
    finally:
        second.stop()
        handed_over[1][1].terminate()
        handed_over[1][1].wait(5)


def test_a_postmaster_pid_that_now_belongs_to_another_process_does_not_block_the_start(
    layout: Layout,
) -> None:
    start(layout).stop()
    (layout.data / "postgres" / "postmaster.pid").write_text(
        f"{os.getpid()}\n{layout.data}/postgres\n1\n5432\n"
    )
    backing = start(layout)
    backing.stop()
    assert psutil.pid_exists(os.getpid())


def test_a_record_of_a_killed_run_never_ends_a_stranger_with_the_same_process_id(layout: Layout) -> None:
    with subprocess.Popen(["sleep", "30"], start_new_session=True) as stranger:
        try:
            born = psutil.Process(stranger.pid).create_time()
            layout.state.write_text(f'{{"sessions": {{"{stranger.pid}": {born - 100}}}}}')
            assert clean_after_killed_run(layout.state) == 0
            assert stranger.poll() is None
            layout.state.write_text(f'{{"sessions": {{"{stranger.pid}": {born}}}}}')
            assert clean_after_killed_run(layout.state) == 1
            assert not psutil.pid_exists(stranger.pid)
        finally:
            stranger.kill()


def test_servers_named_by_the_environment_are_used_and_nothing_is_embedded(layout: Layout) -> None:
    given = {"DATABASE_URL": "postgresql://db.example/shop", "REDIS_URL": "redis://cache.example/1"}
    backing = Backing(layout, given)
    backing.start(lambda name: pytest.fail(f"{name} was started"))
    assert backing.env == given
    backing.stop()


def run_parent(layout: Layout) -> subprocess.Popen[bytes]:
    """A process that has started the servers and waits."""
    program = textwrap.dedent(
        f"""
        import sys, time
        from pathlib import Path
        from shopmsg.embedded.backing import Backing
        from shopmsg.embedded.paths import Layout
        output = open({str(layout.data / "log" / "parent.log")!r}, "ab")
        Backing(Layout(Path({str(layout.data)!r})), {{}}, durable=False).start(lambda name: output)
        print("up", flush=True)
        time.sleep(60)
        """
    )
    parent = subprocess.Popen([sys.executable, "-c", program], cwd=PROJECT, stdout=subprocess.PIPE)
    assert parent.stdout is not None
    deadline = time.monotonic() + 30
    assert parent.stdout.readline() == b"up\n"
    assert time.monotonic() < deadline
    parent.stdout.close()
    return parent
