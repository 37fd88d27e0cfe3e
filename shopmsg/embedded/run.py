"""`make run`: everything up, watched, and down again."""

import contextlib
import json
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from types import FrameType

from shopmsg.embedded.backing import Backing, clean_after_killed_run
from shopmsg.embedded.environment import HOST, Addresses, choose_addresses, compose
from shopmsg.embedded.errors import RunnerError
from shopmsg.embedded.lock import RunLock
from shopmsg.embedded.log import Log, say
from shopmsg.embedded.paths import PROJECT, Layout
from shopmsg.embedded.processes import Command
from shopmsg.embedded.secrets import load_or_create
from shopmsg.embedded.supervisor import Supervisor

_READY_SECONDS = 90


def run(layout: Layout, environ: Mapping[str, str]) -> None:
    """Run until a signal. Raises RunnerError with one sentence when something stands in the way."""
    layout.prepare()
    lock = RunLock(layout.lock)
    lock.acquire()
    try:
        if clean_after_killed_run(layout.state):
            say("지난번에 갑자기 끝난 실행이 남긴 것을 정리했어요.")
        addresses = choose_addresses(environ)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, _interrupt)
        _run(layout, environ, addresses)
    except KeyboardInterrupt:
        say("모두 껐어요. 자료는 그대로 남아 있어요.")
    finally:
        lock.release()


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    # Once is enough: a second Ctrl-C must not leave half of the processes running.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def _run(layout: Layout, environ: Mapping[str, str], addresses: Addresses) -> None:
    began = time.monotonic()
    log = Log(layout.log)
    backing = Backing(layout, environ)
    supervisor = Supervisor(log, layout.state)
    try:
        backing.start(supervisor.stream)
        supervisor.facts = {
            "servers": backing.env,
            "port": addresses.port,
            "sandbox_port": addresses.sandbox_port,
        }
        for command, process in backing.hand_over():
            supervisor.adopt(command, process)
        secrets = load_or_create(layout.secrets)
        env = compose(environ, data=layout.data, secrets=secrets, servers=backing.env, addresses=addresses)
        sandbox, *portal = commands(layout, env, secrets, addresses)
        supervisor.start(sandbox)
        _prepare(env, supervisor)
        for command in portal:
            supervisor.start(command)
        _wait_until_ready(addresses, supervisor)
        say(summary(layout, addresses, time.monotonic() - began))
        log.loud = True
        supervisor.watch()
    except KeyboardInterrupt:
        say("\n끄고 있어요…")
        raise
    finally:
        supervisor.stop()
        backing.stop()
        log.close()


def commands(
    layout: Layout, env: Mapping[str, str], secrets: Mapping[str, str], addresses: Addresses
) -> list[Command]:
    """Sandbox, worker, web, beat: in the order of starting."""
    python = sys.executable
    # One word each: a secret may begin with a hyphen.
    options = {
        "port": addresses.sandbox_port,
        "data": layout.sandbox,
        "api-key": secrets["SOLAPI_API_KEY"],
        "api-secret": secrets["SOLAPI_API_SECRET"],
        "report-url": f"{addresses.base_url}/hooks/solapi/reports",
        "report-secret": secrets["SOLAPI_REPORT_SECRET"],
        "registry-key": secrets["NTS_SERVICE_KEY"],
        "ringback-key": secrets["PROVISIONING_KEY"],
        "card-client-key": secrets["CARD_CLIENT_KEY"],
        "card-secret-key": secrets["CARD_SECRET_KEY"],
        "card-webhook-url": f"{addresses.base_url}/hooks/toss/payments",
    }
    sandbox = [python, "-m", "shopmsg.sandbox", *(f"--{name}={value}" for name, value in options.items())]
    # The settings were checked by `_prepare`; doing so again would load every page into processes that serve none.
    celery = [python, "-m", "celery", "-A", "shopmsg.celery", "--skip-checks"]
    # Threads: the work is waiting for PostgreSQL and the gateway, and processes of their own would cost 50 MB each.
    # Four, so that deciding, dispatching, folding and upkeep can each have one.
    worker = [*celery, "worker", "-Q", "pipeline,upkeep", "--pool", "threads", "--concurrency", "4"]
    worker += ["--without-gossip", "--without-mingle"]
    web = [python, "-m", "gunicorn", "shopmsg.wsgi", "--bind", f"{HOST}:{addresses.port}", "--preload"]
    web += ["--worker-class", "gthread", "--workers", "1", "--threads", "32"]
    web += ["--graceful-timeout", "2", "--no-control-socket", "--log-level", "warning"]
    beat = [*celery, "beat", "--schedule", str(layout.schedule), "--pidfile="]
    return [
        Command("sandbox", sandbox, env, grace=2),
        Command("worker", worker, env, grace=4),
        Command("web", web, env, grace=3),
        Command("beat", beat, env, grace=2),
    ]


def _prepare(env: Mapping[str, str], supervisor: Supervisor) -> None:
    output = supervisor.stream("prepare")
    argv = [sys.executable, "-m", "shopmsg.embedded.prepare"]
    if subprocess.run(argv, env=dict(env), cwd=PROJECT, stdout=output, stderr=output).returncode != 0:
        raise RunnerError(
            f"데이터베이스 구조와 데모 자료를 준비하지 못했어요.\n{supervisor.log.tail('prepare')}\n기록: {supervisor.log.path}"
        )


def _wait_until_ready(addresses: Addresses, supervisor: Supervisor) -> None:
    answer = "대답 없음"
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline:
        if (name := supervisor.failed()) is not None:
            tail = supervisor.log.tail(name)
            raise RunnerError(f"{name}이(가) 켜지다가 멈췄어요.\n{tail}\n기록: {supervisor.log.path}")
        try:
            with urllib.request.urlopen(f"{addresses.base_url}/readyz", timeout=2):  # noqa: S310 - our own http address
                return
        except urllib.error.HTTPError as error:
            answer = f"{error.code} " + " ".join(error.read(300).decode("utf-8", "replace").split())
        except OSError:
            pass
        time.sleep(0.4)
    raise RunnerError(
        f"{_READY_SECONDS}초를 기다렸지만 준비되지 않았어요({answer}). 기록: {supervisor.log.path}"
    )


def summary(layout: Layout, addresses: Addresses, seconds: float) -> str:
    """The address, who can log in, and how to stop."""
    lines = ["", f"준비됐어요({seconds:.0f}초). 브라우저에서 여세요: {addresses.base_url}", ""]
    demo: dict[str, list[dict[str, str]]] = {}
    with contextlib.suppress(OSError, ValueError):
        demo = json.loads(layout.demo.read_text())
    for login in demo.get("logins", []):
        way = f"로그인(값은 {layout.demo})" if "password" in login else "한 번에 로그인"
        lines.append(f"  {way}  {login.get('name', '')}: {login.get('url', '')}")
    for shop in demo.get("shops", []):
        lines.append(f"  사장님  {shop.get('name', '')}: 휴대폰 {shop.get('owner_mobile', '')}")
    lines += [
        "",
        f"체험용 휴대폰: {addresses.sandbox_url}",
        f"기록: {layout.log}",
        "끄려면 Ctrl-C를 누르세요.",
    ]
    return "\n".join(lines)
