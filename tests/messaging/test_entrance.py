"""The short way in for webhooks leaves out what is for people, and nothing else. Asked as gunicorn asks."""

import json
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from messaging.models import CallEnd
from shopmsg.wsgi import application
from tests.factories.accounts import LineFactory
from tests.telephone import call_end, signed_headers


def ask(
    method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
) -> tuple[int, dict[str, str], bytes]:
    """(status, headers, body) of one request to what gunicorn serves."""
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method, "PATH_INFO": path, "SCRIPT_NAME": "", "QUERY_STRING": "", "SERVER_NAME": "localhost",
        "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": "127.0.0.1", "wsgi.input": BytesIO(body),
        "wsgi.url_scheme": "http", "CONTENT_LENGTH": str(len(body)), "CONTENT_TYPE": "application/json",
        **{f"HTTP_{name.upper().replace('-', '_')}": value for name, value in (headers or {}).items()},
    }  # fmt: skip
    told: list[Any] = []

    def start_response(
        status: str, found: list[tuple[str, str]], _error: Any = None, /
    ) -> Callable[[bytes], object]:
        told.extend((status, found))
        return lambda _chunk: None

    content = b"".join(application(environ, start_response))
    return int(told[0][:3]), dict(told[1]), content


def signed_call(line: str) -> tuple[bytes, dict[str, str]]:
    body = json.dumps({"calls": [call_end(line, "01012345678")]}).encode()
    return body, signed_headers(body)


@pytest.mark.django_db(transaction=True)
def test_a_signed_call_is_stored_by_one_statement_and_answered_without_cookies(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    body, headers = signed_call(LineFactory().number)
    with django_assert_num_queries(1):
        status, told, content = ask("POST", "/hooks/calls", body, headers)
    assert (status, json.loads(content)["accepted"]) == (202, 1)
    assert told["Content-Length"] == str(len(content))
    assert "Set-Cookie" not in told
    assert CallEnd.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_broke_since_the_last_call_is_replaced() -> None:
    line = LineFactory().number
    ask("POST", "/hooks/calls", *signed_call(line))
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
    other.close()
    status, _, _ = ask("POST", "/hooks/calls", *signed_call(line))
    assert status == 202


@pytest.mark.django_db(transaction=True)
def test_a_fault_of_ours_is_a_500_that_asks_for_another_try() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE messaging_callkey RENAME TO messaging_callkey_away")
    try:
        status, _, content = ask("POST", "/hooks/calls", *signed_call("0212345678"))
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE messaging_callkey_away RENAME TO messaging_callkey")
    assert (status, content) == (500, b"")


@pytest.mark.django_db(transaction=True)
def test_only_posts_are_taken_unsigned_ones_refused_and_other_addresses_go_the_usual_way() -> None:
    assert ask("GET", "/hooks/calls")[0] == 405
    assert ask("POST", "/hooks/calls", b"{}")[0] == 401
    assert ask("POST", "/hooks/optouts", b"{}")[0] == 401
    assert ask("POST", "/hooks/nobody")[0] == 404
    status, told, _ = ask("GET", "/healthz")
    assert status == 200
    assert told["X-Content-Type-Options"] == "nosniff"
