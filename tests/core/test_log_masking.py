"""No phone number reaches a log: tries to leak one in every way a program can say something."""

import json
import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from shopmsg.embedded.paths import PROJECT
from shopmsg.settings.logging import mask_numbers, scrub_event

#: One caller, however it is written; and the digits that would give it away.
FORMS = [
    "01098765432",
    "010-9876-5432",
    "010 9876 5432",
    "010.9876.5432",
    "(010) 9876-5432",
    "010 - 9876 - 5432",
    "010  9876  5432",
    "010\u00a09876\u00a05432",
    "010_9876_5432",
    "010/9876/5432",
    "+821098765432",
    "+82 10-9876-5432",
    "+82-10-9876-5432",
    "+82(0)10-9876-5432",
    "+82 (0) 10 9876 5432",
    "0082-10-9876-5432",
    "821098765432",
    "%2B821098765432",
    "010%2D9876%2D5432",
    "010%209876%205432",
    "010+9876+5432",
    "010-9876-5432에서",
    "tel:01098765432;x=1",
    '{"to":"01098765432"}',
    r"{\"to\":\"01098765432\"}",
    "'01098765432'",
    "call_01098765432_1",
    "%7B%22caller%22%3A%2201098765432%22%7D",
    "to%2001098765432",
    "1098765432",
    "0111234567",
    "016-123-4567",
]
#: Callers that are no mobiles are people too.
OTHERS = ["02-9876-5432", "0298765432", "031-987-6543", "0505-9876-5432", "+12029876543", "+8613987654321"]
KEPT = [
    "2026-11-22T06:09:54.012345Z",
    "2026-02-03T04:05:06+09:00 took 0.031 s",
    "127.0.0.1 02:1234 03-04 05",
    "1700000000",
    "1795000000123",
    "id 1234567890",
    "message 20261122010987654321",
    "550e8400-e29b-41d4-a716-446655440000",
    "12.345678901",
    "127.0.0.1:54321",
    "1,000,000",
    "sha256:00110000999901011110000",
]


def leaks(text: str) -> bool:
    digits = re.sub(r"\D", "", re.sub(r"%2[bdBD0]", " ", text))
    return any(secret in digits for secret in ("98765432", "1234567"))


@pytest.mark.parametrize("form", FORMS)
def test_a_mobile_number_is_masked_however_it_is_written(form: str) -> None:
    for text in (form, f"caller {form} hung up", f"caller={form}, {form}"):
        assert not leaks(mask_numbers(text)), mask_numbers(text)


@pytest.mark.parametrize("number", OTHERS)
def test_land_lines_and_foreign_numbers_are_masked_too(number: str) -> None:
    assert not re.search(r"9876|987-?6543", mask_numbers(f"from {number}."))


@pytest.mark.parametrize("text", KEPT)
def test_times_ids_and_addresses_stay_readable(text: str) -> None:
    assert mask_numbers(text) == text


def test_the_address_of_a_message_keeps_its_token_to_itself() -> None:
    assert "AbCdEfGh23" not in mask_numbers("GET https://shop.example.kr/m/AbCdEfGh23/stop 200")


def test_what_goes_to_the_error_tracker_is_masked_to_its_depths() -> None:
    event = {
        "exception": {"values": [{"value": "no 01098765432", "stacktrace": {"frames": [{"vars": {"n": "'01098765432'"}}]}}]},
        "01098765432": ("010-9876-5432", {b"01098765432"}, 1098765432, 821098765432),
        "request": {"query_string": "n=010%2D9876%2D5432", "data": b'{"caller": "01098765432"}'},
    }  # fmt: skip
    assert not leaks(json.dumps(scrub_event(event, None), ensure_ascii=False))


PRELUDE = """
import os, sys
import django
django.setup()
import logging, structlog
log = logging.getLogger("leak")
slog = structlog.get_logger("leak")
N = "01098765432"
"""

#: name → a program that tries to say the number, and how many lines it should still have logged.
ATTEMPTS = {
    "message": 'log.info("from " + N); slog.info("from " + N)',
    "arguments": 'log.info("from %s", N); slog.info("from %s", N); log.info("%(n)s", {"n": N})',
    "numbers as numbers": 'log.info("n %d", 1098765432); slog.info("n", a=1098765432, b=821098765432, c=1098765432.0)',
    "extra": 'log.info("x", extra={"caller": N, "deep": {"a": [{"b": (N, {N})}]}})',
    "keys": 'log.info("x", extra={N: 1}); slog.info("x", **{N: 1}); slog.info("x", d={N: {N: 1}})',
    "bound": 'slog.bind(caller=N).info("x"); structlog.contextvars.bind_contextvars(who=N); slog.info("y")',
    "bytes": 'slog.info("x", a=N.encode(), b=bytearray(N.encode()), c=[memoryview(N.encode()), N.encode()])',
    "objects": """
        class Thing:
            def __repr__(self): return f"<Thing {N}>"
        log.info("%s %r", Thing(), Thing()); slog.info("x", t=Thing(), l=[Thing()], k={Thing(): 1}); log.info(Thing())
        from collections import deque
        slog.info("x", d=deque([N]), g=(N for _ in range(1)), r=range(3))
    """,
    "json": """
        import json
        log.info(json.dumps({"caller": N})); slog.info("body", raw=json.dumps(json.dumps({"caller": "+82 10-9876-5432"})))
    """,
    "exceptions": """
        def deep(number):
            try:
                raise ValueError(f"bad {number}")
            except ValueError as error:
                error.add_note(f"note {number}")
                raise KeyError(number) from error
        for number in (N, "+82 10-9876-5432", N.encode(), 1098765432):
            try:
                deep(number)
            except KeyError as error:
                log.exception("failed")
                slog.exception("failed", error=error)
                log.error("failed", exc_info=error, stack_info=True)
        try:
            raise ExceptionGroup(N, [ValueError(N), TypeError(N)])
        except ExceptionGroup:
            log.exception("group")
    """,
    "a log call that is itself wrong": """
        log.info("%d calls", N); log.info("%s %s", N)
        try:
            slog.info("%d", N)
        except TypeError:
            log.exception("structlog says so at once: %s", N)
        class Broken:
            def __str__(self): raise RuntimeError(N)
            __repr__ = __str__
        slog.info("x", b=Broken(), n=N)
        circle = {"n": N}; circle["c"] = circle
        slog.info("x", c=circle)
    """,
    "a request that fails": """
        from django.test import Client
        from django.urls import path
        import types
        def boom(request, number):
            raise ValueError(f"cannot call {number}")
        module = types.ModuleType("leaky"); module.urlpatterns = [path("boom/<str:number>", boom)]
        sys.modules["leaky"] = module
        from django.test import override_settings
        with override_settings(ROOT_URLCONF="leaky", ALLOWED_HOSTS=["*"]):
            client = Client(raise_request_exception=False)
            client.get(f"/boom/{N}?n=010-9876-5432&m=%2B821098765432", headers={"x-caller": N, "referer": N})
            client.post(f"/boom/{N}", {"n": N})
            client.get(f"/nowhere/{N}")
            client.get("/", headers={"host": f"{N}.x y"})
    """,
    "a task that fails": """
        from celery import shared_task
        @shared_task(name="leaky")
        def leaky(number, **more):
            logging.getLogger("celery.task").warning("working on %s", number)
            raise ValueError(f"cannot call {number}")
        leaky.apply(args=[N], kwargs={"deep": {"n": [N]}})
    """,
    "the database": """
        from django.db import connection
        logging.getLogger("django.db.backends").setLevel(logging.DEBUG)
        connection.force_debug_cursor = True
        with connection.cursor() as cursor:
            cursor.execute("SELECT %s, %s", [N, "010-9876-5432"])
            try:
                cursor.execute("SELECT %s::bigint / 0", [N])
            except Exception:
                log.exception("query failed")
            try:
                cursor.execute("SELECT ('x' || %s)::int", [N])
            except Exception as error:
                slog.error("query failed", error=error)
    """,
    "warnings": 'import warnings; warnings.warn(f"caller {N}")',
    "a thread that dies": """
        import threading
        def die(): raise ValueError(f"caller {N}")
        thread = threading.Thread(target=die); thread.start(); thread.join()
        log.info("after")
    """,
    "a program that dies": 'log.info("before"); raise SystemError(f"caller {N}")',
}


#: Runs each program of standard input in a process of its own, forked once the portal is set up, which costs most of a
#: second; what it says goes to the file beside it.
FORKS = """
import json
for program, said in json.load(sys.stdin):
    if pid := os.fork():
        os.waitpid(pid, 0)
        continue
    target = os.open(said, os.O_WRONLY | os.O_CREAT)
    os.dup2(target, 1); os.dup2(target, 2)
    exec(program, globals())
    sys.exit()
"""


def outputs_of(programs: list[str], folder: Path) -> list[str]:
    """What each of these programs wrote, on both of its streams."""
    files = [folder / str(number) for number in range(len(programs))]
    work = [(textwrap.dedent(program), str(file)) for program, file in zip(programs, files, strict=True)]
    subprocess.run(
        [sys.executable, "-W", "always", "-c", PRELUDE + FORKS],
        input=json.dumps(work),
        text=True,
        timeout=60,
        cwd=PROJECT,
        env=os.environ | {"PYTHONIOENCODING": "utf-8"},
        check=True,
    )
    return [file.read_text("utf-8") for file in files]


def test_a_real_process_never_writes_a_callers_number(tmp_path: Path) -> None:
    outputs = dict(zip(ATTEMPTS, outputs_of(list(ATTEMPTS.values()), tmp_path), strict=True))
    # Each did log, and masked.
    assert [(attempt, output) for attempt, output in outputs.items() if "****" not in output] == []
    leaking = [
        f"{attempt}: {line}"
        for attempt, output in outputs.items()
        for line in output.splitlines()
        if leaks(line)
    ]
    assert not leaking, "\n".join(leaking)


def test_a_line_of_the_log_is_one_json_object_with_what_a_reader_needs(tmp_path: Path) -> None:
    program = (
        'log.warning("call %s of %s", 7, N, extra={"call": 123456789, "ms": 1.5, "ok": True})\n'
        'slog.info("여러\\n줄", ref=None)\n'
        'try: 1 / 0\nexcept ZeroDivisionError: log.exception("failed")\n'
    )
    (output,) = outputs_of([program], tmp_path)
    lines: list[dict[str, Any]] = [json.loads(line) for line in output.splitlines()]
    first, second, third = (line for line in lines if line["logger"] == "leak")
    assert (first["event"], first["level"], first["logger"]) == ("call 7 of 01*-****-****", "warning", "leak")
    assert (first["call"], first["ms"], first["ok"]) == (123456789, 1.5, True)
    assert first["timestamp"].endswith("Z")
    assert (second["event"], second["ref"]) == ("여러\n줄", None)
    assert "ZeroDivisionError" in third["exception"]
