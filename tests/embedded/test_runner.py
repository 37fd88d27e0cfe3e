"""What `make run` says when it cannot start, and what its processes are told."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest

from shopmsg.embedded import secrets
from shopmsg.embedded.environment import Addresses, choose_addresses, compose, free_port, is_free
from shopmsg.embedded.errors import RunnerError
from shopmsg.embedded.lock import RunLock
from shopmsg.embedded.log import Log, important
from shopmsg.embedded.paths import PROJECT, Layout
from shopmsg.embedded.processes import Command, spawn, stop
from shopmsg.embedded.run import commands
from shopmsg.embedded.supervisor import Supervisor

ADDRESSES = Addresses(8000, 8001)


@contextmanager
def alarm(seconds: float) -> Iterator[None]:
    """A real signal after `seconds`, answered as the runner answers Ctrl-C."""

    def interrupt(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    kept = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, kept)


def run_embedded(data: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "shopmsg.embedded", "run"],
        cwd=PROJECT,
        env={**os.environ, "DATA_DIR": str(data), **environ},
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_a_second_copy_is_refused_in_one_sentence(tmp_path: Path) -> None:
    lock = RunLock(tmp_path / "run.lock")
    lock.acquire()
    result = run_embedded(tmp_path, PORT=str(free_port()))
    lock.release()
    assert result.returncode == 1
    assert result.stdout == ""
    assert result.stderr.strip().splitlines() == [
        f"이미 실행 중이에요(프로세스 {os.getpid()}). 그 창에서 Ctrl-C를 누르거나 `kill {os.getpid()}`로 끝낸 뒤 다시 실행해 주세요."
    ]


def test_the_lock_of_a_killed_copy_is_free_again(tmp_path: Path) -> None:
    (tmp_path / "run.lock").write_text("1\n")  # process 1 runs on every machine and is not ours
    lock = RunLock(tmp_path / "run.lock")
    assert lock.holder() is None
    lock.acquire()
    assert lock.holder() == os.getpid()
    lock.release()


def test_a_busy_port_is_named_with_the_way_out(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = run_embedded(tmp_path, PORT=str(port))
    assert result.returncode == 1
    assert result.stderr.strip() == (
        f"{port}번 포트를 다른 프로그램이 쓰고 있어요. 그 프로그램을 끄거나 `PORT={port + 1} make run`으로 실행해 주세요."
    )


@pytest.mark.parametrize("text", ["0", "65536", "http", "80.5", "-1", "８０００"])
def test_a_port_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(RunnerError, match="PORT는"):
        choose_addresses({"PORT": text})


def test_the_sandbox_moves_aside_when_the_next_port_is_taken() -> None:
    port = next(p for p in range(20000, 60000, 7) if is_free(p) and is_free(p + 1))
    assert choose_addresses({"PORT": str(port)}) == Addresses(port, port + 1)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port + 1))
        taken.listen()
        moved = choose_addresses({"PORT": str(port)}).sandbox_port
    assert moved not in (port, port + 1)


def composed(tmp_path: Path, **environ: str) -> dict[str, str]:
    made = secrets.load_or_create(tmp_path / "secrets.json")
    servers = {"DATABASE_URL": "embedded", "REDIS_URL": "embedded"}
    return compose(environ, data=tmp_path, secrets=made, servers=servers, addresses=ADDRESSES)


def test_what_the_person_sets_wins_and_an_empty_value_does_not_count(tmp_path: Path) -> None:
    env = composed(tmp_path, SECRET_KEY="mine", BASE_URL="", LANG="ko_KR.UTF-8")
    assert env["SECRET_KEY"] == "mine"
    assert env["BASE_URL"] == "http://127.0.0.1:8000"
    assert env["LANG"] == "ko_KR.UTF-8"
    assert env["SOLAPI_BASE_URL"] == "http://127.0.0.1:8001"


def test_own_gateway_keys_mean_the_real_service_and_never_reach_the_sandbox(tmp_path: Path) -> None:
    env = composed(tmp_path, SOLAPI_API_KEY="REAL", SOLAPI_API_SECRET="REALSECRET")
    assert "SOLAPI_BASE_URL" not in env
    assert env["SOLAPI_API_KEY"] == "REAL"
    assert env["DEMO_SANDBOX_API_KEY"] not in ("", "REAL")
    with pytest.raises(RunnerError, match="SOLAPI_API_SECRET"):
        composed(tmp_path, SOLAPI_API_KEY="REAL")


def test_an_own_registry_key_means_the_real_service_and_everything_else_stays_in_the_sandbox(
    tmp_path: Path,
) -> None:
    own, made = composed(tmp_path, NTS_SERVICE_KEY="REAL"), composed(tmp_path)
    assert (own["NTS_SERVICE_KEY"], own.get("NTS_BASE_URL")) == ("REAL", None)
    assert made["NTS_BASE_URL"] == "http://127.0.0.1:8001"
    assert own["SOLAPI_BASE_URL"] == own["PROVISIONING_BASE_URL"] == "http://127.0.0.1:8001"
    assert composed(tmp_path, PROVISIONING_DRIVER="manual").get("PROVISIONING_BASE_URL") is None


def test_own_card_keys_come_as_a_pair_and_mean_the_real_service(tmp_path: Path) -> None:
    own, made = (
        composed(tmp_path, CARD_SECRET_KEY="test_sk_1", CARD_CLIENT_KEY="test_ck_1"),
        composed(tmp_path),
    )
    assert (own["CARD_SECRET_KEY"], own.get("CARD_BASE_URL"), own.get("CARD_SDK_URL")) == (
        "test_sk_1",
        None,
        None,
    )
    assert (made["CARD_BASE_URL"], made["CARD_SDK_URL"]) == (
        "http://127.0.0.1:8001",
        "http://127.0.0.1:8001/toss/v2/standard",
    )
    assert made["CARD_SECRET_KEY"].startswith("test_sk_")
    for alone in ("CARD_SECRET_KEY", "CARD_CLIENT_KEY"):
        with pytest.raises(RunnerError, match="한 쌍"):
            composed(tmp_path, **{alone: "test"})


def test_secrets_are_made_once_and_readable_by_their_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    first = secrets.load_or_create(path)
    assert secrets.load_or_create(path) == first
    assert path.stat().st_mode & 0o777 == 0o600
    assert json.loads(first["HOOK_SOURCES"])["demo"][0].startswith("whsec_")
    path.write_text("{ torn")
    with pytest.raises(RunnerError, match="읽을 수 없어요"):
        secrets.load_or_create(path)
    assert path.read_text() == "{ torn"


def test_a_secret_that_begins_with_a_hyphen_starts_the_sandbox_too(tmp_path: Path) -> None:
    """token_urlsafe makes one of them every sixty-four times."""
    made = {name: f"-{value}" for name, value in secrets.load_or_create(tmp_path / "secrets.json").items()}
    sandbox = commands(Layout(tmp_path), os.environ, made, Addresses(free_port(), free_port()))[0]

    with subprocess.Popen(sandbox.argv, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = process.stdout.readline()
        process.terminate()

    assert said.startswith("sandbox listening")


def test_only_warnings_and_errors_reach_the_terminal() -> None:
    assert important('{"event": "call stored", "level": "info"}') is None
    assert important("plain words") is None
    assert important("{ not json") is None
    assert important('{"event": "gateway refused", "level": "error"}') == "[오류] gateway refused"
    missing = '{"event": "Not Found: /favicon.ico", "level": "warning", "logger": "django.request"}'
    assert important(missing) is None


def test_a_child_that_dies_is_restarted_and_everything_it_left_is_ended(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = Log(tmp_path / "log" / "shopmsg.log")
    supervisor = Supervisor(log, tmp_path / "run.json")
    marks = tmp_path / "marks"
    script = f"echo $$ >> {marks}; sleep 60 & [ $(wc -l < {marks}) -ge 2 ] || exit 7; wait"
    supervisor.start(Command("child", ["sh", "-c", script], grace=1))

    with alarm(2), pytest.raises(KeyboardInterrupt):
        supervisor.watch()
    supervisor.stop()
    log.close()
    assert "child이(가) 멈췄어요(코드 7). 1초 뒤에 다시 켤게요." in capsys.readouterr().out
    assert not (tmp_path / "run.json").exists()
    assert alive_in({int(group) for group in marks.read_text().split()}) == []


def alive_in(groups: set[int]) -> list[psutil.Process]:
    """Processes of these groups that still run; ended ones may wait for the system to take note of them."""
    found = []
    for process in psutil.process_iter(["status"]):
        with suppress(ProcessLookupError):
            if os.getpgid(process.pid) in groups and process.info["status"] != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def test_a_process_that_ignores_the_request_is_killed_after_its_grace(tmp_path: Path) -> None:
    command = Command("stubborn", ["sh", "-c", "trap '' TERM; echo up; while :; do sleep 1; done"], grace=0.3)
    with (tmp_path / "out").open("ab") as output:
        process = spawn(command, output)
    while not (tmp_path / "out").read_bytes():
        time.sleep(0.02)
    assert stop(process, command) is False
    assert process.poll() is not None
