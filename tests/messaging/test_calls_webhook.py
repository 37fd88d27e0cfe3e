"""POST /hooks/calls: who is let in, what is stored, what is said of the rest."""

import gzip
import json
import logging
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, connections
from django.db.backends.utils import CursorWrapper
from django.http import HttpResponse
from django.test import Client
from pytest_django.fixtures import Settings

from messaging import wakeups
from messaging.models import CallEnd, CallKey
from shopmsg.accounts.sealing import keyring
from tests.factories.accounts import LineFactory, ShopFactory
from tests.services import KT_NEW, KT_OLD, PBX
from tests.telephone import Telephone, call_end, signed_headers

CALLER = "01012345678"
WRONG_SECRET = "whsec_" + "bm90LW91ci1zZWNyZXQtbm90LW91ci1zZWNyZXQh"


@pytest.fixture
def phone(client: Client) -> Telephone:
    return Telephone(client)


def answer(response: HttpResponse) -> dict[str, Any]:
    assert response["Content-Type"] == "application/json"
    body: dict[str, Any] = json.loads(response.content)
    return body


def the_one_rejection(response: HttpResponse) -> dict[str, Any]:
    assert response.status_code == 202
    (rejected,) = answer(response)["rejected"]
    return dict(rejected)


def caller_of(call: CallEnd) -> str:
    assert call.caller_sealed is not None
    return keyring().open(bytes(call.caller_sealed))


def stored() -> list[str]:
    return sorted(CallEnd.objects.values_list("call_id", flat=True))


def good(**item: Any) -> dict[str, Any]:
    return call_end("0212345678", CALLER, **item)


# Who is let in


@pytest.mark.django_db
def test_a_signed_call_is_stored_with_its_shop_and_a_sealed_caller(phone: Telephone) -> None:
    shop = ShopFactory(line=None)
    LineFactory(shop=shop, number="0212345678")
    ended = datetime.now(UTC) - timedelta(seconds=3)
    response = phone.call(
        "02-1234-5678",
        "+82 10-1234-5678",
        seconds=42,
        ended_at=ended,
        call_id="abc-1",
        caller_carrier="SKT",
        notice_played=True,
    )
    assert response.status_code == 202
    assert answer(response) == {"accepted": 1, "duplicates": 0, "rejected": []}
    call = CallEnd.objects.get()
    assert (call.source, call.call_id, call.shop_id, call.line_number) == (
        "kt",
        "abc-1",
        shop.pk,
        "0212345678",
    )
    assert (call.ended_at, call.seconds, call.answered) == (ended, 42, True)
    assert (call.caller_carrier, call.notice_played, call.caller_last4) == ("SKT", True, "5678")
    assert (call.state, call.verdict) == ("waiting", None)
    assert call.caller_sealed is not None
    assert call.caller_index is not None
    assert CALLER.encode() not in bytes(call.caller_sealed)
    assert caller_of(call) == CALLER
    assert bytes(call.caller_index) == keyring().index(CALLER)


@pytest.mark.django_db
@pytest.mark.parametrize(("secret", "source"), [(KT_NEW, "kt"), (KT_OLD, "kt"), (PBX, "pbx")])
def test_every_configured_secret_opens_the_door_also_in_the_middle_of_a_rotation(
    phone: Telephone, secret: str, source: str
) -> None:
    assert phone.post({"calls": [good()]}, secret=secret).status_code == 202
    assert CallEnd.objects.get().source == source


@pytest.mark.django_db
@pytest.mark.parametrize("missing", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_without_a_whole_signature_nothing_is_taken(phone: Telephone, missing: str) -> None:
    response = phone.post({"calls": [good()]}, headers={missing: ""})
    assert (response.status_code, answer(response)["error"]["code"]) == (401, "bad_signature")
    assert stored() == []


@pytest.mark.django_db
def test_a_wrong_secret_an_old_or_future_signature_and_a_changed_body_are_refused(phone: Telephone) -> None:
    body = json.dumps({"calls": [good()]}).encode()
    now = datetime.now(UTC)
    assert phone.post(body, secret=WRONG_SECRET).status_code == 401
    assert phone.post(body, at=now - timedelta(minutes=5, seconds=2)).status_code == 401
    assert phone.post(body, at=now + timedelta(minutes=5, seconds=5)).status_code == 401
    assert phone.post(body, headers=signed_headers(body + b" ")).status_code == 401
    assert phone.post(body, headers={"webhook-signature": "v1,é한글, v1,%%% \x7f"}).status_code == 401
    assert stored() == []
    assert phone.post(body, at=now - timedelta(minutes=4, seconds=50)).status_code == 202


@pytest.mark.django_db
def test_a_request_replayed_within_its_five_minutes_is_a_duplicate(phone: Telephone) -> None:
    body = json.dumps({"calls": [good(call_id="once")]}).encode()
    headers = signed_headers(body)
    assert answer(phone.post(body, headers=headers))["accepted"] == 1
    assert answer(phone.post(body, headers=headers)) == {"accepted": 0, "duplicates": 1, "rejected": []}
    assert stored() == ["once"]


@pytest.mark.django_db
def test_only_post_is_served_and_no_csrf_token_is_asked_for() -> None:
    assert Client().get("/hooks/calls").status_code == 405
    assert Telephone(Client(enforce_csrf_checks=True)).calls(good()).status_code == 202


# Bodies that cannot be read


@pytest.mark.django_db
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"hello",
        b"null",
        b"[]",
        b'{"calls": null}',
        b'{"calls": {}}',
        b'{"calls": []}',
        b'{"calls": [null, 1, "x", [], {}]}',
        b'{"other": []}',
        b'{"calls": [',
        b"\xff\xfe\x00",
        b'{"calls": [{"call_id": NaN}]}',
        b"[" * 200_000,
        b'{"calls": [' + b'{"a":' * 200_000 + b"1" + b"}" * 200_000 + b"]}",
        gzip.compress(b'{"calls": []}'),
    ],
    ids=range(15),
)
def test_a_body_without_one_readable_call_is_422_with_a_sentence(phone: Telephone, body: bytes) -> None:
    response = phone.post(body)
    assert response.status_code == 422
    assert answer(response)["error"]["code"] == "unreadable"
    assert answer(response)["error"]["message"].endswith("요.")


@pytest.mark.django_db
def test_a_compressed_body_is_never_blown_up(phone: Telephone) -> None:
    bomb = gzip.compress(b" " * 60_000_000, compresslevel=9)
    assert len(bomb) < 2 * 1024 * 1024
    started = time.monotonic()
    assert phone.post(bomb, headers={"Content-Encoding": "gzip"}).status_code == 422
    assert time.monotonic() - started < 1


@pytest.mark.django_db
def test_more_than_two_mebibytes_are_refused_before_they_are_read(phone: Telephone) -> None:
    limit = 2 * 1024 * 1024
    calls = json.dumps({"calls": [good(call_id="fits")]}).encode()
    assert phone.post(calls + b" " * (limit - len(calls))).status_code == 202
    response = phone.post(calls + b" " * (limit - len(calls) + 1))
    assert (response.status_code, answer(response)["error"]["code"]) == (413, "too_large")
    assert phone.post(b" " * (20 * 1024 * 1024), secret=WRONG_SECRET).status_code == 413


@pytest.mark.django_db
def test_a_thousand_calls_fit_and_one_more_is_refused_whole(phone: Telephone) -> None:
    calls = [good(call_id=f"c{n}") for n in range(1_001)]
    response = phone.calls(*calls)
    assert (response.status_code, answer(response)["error"]["code"]) == (413, "too_many_items")
    assert CallKey.objects.count() == 0
    assert answer(phone.calls(*calls[:1_000])) == {"accepted": 1_000, "duplicates": 0, "rejected": []}
    assert CallEnd.objects.count() == CallKey.objects.count() == 1_000


# One bad item never costs the others

BAD_BYTES = {
    "not a number": b'{"call_id": "bad", "line": NaN}',
    "infinite": b'{"call_id": "bad", "seconds": -Infinity}',
    "half a surrogate pair": b'{"call_id": "bad\\ud83d", "line": "02"}',
    "raw control characters": b'{"call_id": "b\x00a\x01d", "line": "02"}',
    "not UTF-8": b'{"call_id": "\xff\xfe", "line": "02"}',
    "null": b"null",
    "a number of 5,000 digits": b"9" * 5_000,
    "nested": b"[" * 300 + b"]" * 300,
}


@pytest.mark.django_db
@pytest.mark.parametrize("bad", BAD_BYTES.values(), ids=BAD_BYTES)
def test_one_unreadable_item_among_a_thousand_costs_only_itself(phone: Telephone, bad: bytes) -> None:
    items = [json.dumps(good(call_id=f"c{n:03}")).encode() for n in range(999)]
    items.insert(500, bad)
    response = phone.post(b'{"calls": [' + b",".join(items) + b"]}")
    assert response.status_code == 202
    body = answer(response)
    assert (body["accepted"], body["duplicates"]) == (999, 0)
    (rejected,) = body["rejected"]
    assert rejected["index"] == 500
    assert set(rejected) == {"index", "call_id", "code", "message"}
    assert CallEnd.objects.count() == 999


NOW = datetime.now(UTC)
BAD_CALLS: dict[str, tuple[dict[str, Any], str]] = {
    "ended before it began": (
        {"started_at": NOW.isoformat(), "ended_at": (NOW - timedelta(milliseconds=1)).isoformat()},
        "ended_before_started",
    ),
    "ended in the future": ({"ended_at": (NOW + timedelta(hours=1)).isoformat()}, "ended_in_future"),
    "ended in the last year there is": ({"ended_at": "9999-12-31T23:59:59-14:00"}, "time_out_of_range"),
    "began in the year one": ({"started_at": "0001-01-01T00:00:00+14:00"}, "time_out_of_range"),
    "no end": ({"ended_at": ...}, "missing_field"),
    "time without offset": ({"ended_at": "2026-11-22T15:00:00"}, "invalid"),
    "not a time": ({"started_at": "어제"}, "invalid"),
    "seconds since 1970": ({"started_at": 1700000000}, "invalid"),
    "line is no number": ({"line": "가게"}, "line_malformed"),
    "caller is no number": ({"caller": "sip:1@x"}, "caller_malformed"),
    "caller of full-width digits": ({"caller": "０１０１２３４５６７８"}, "caller_malformed"),
    "caller of four digits": ({"caller": "1234"}, "caller_malformed"),
    "caller is a number of JSON": ({"caller": 1012345678}, "invalid"),
    "caller left out": ({"caller": ...}, "missing_field"),
    "answered is a word": ({"answered": "yes"}, "invalid"),
    "unknown carrier": ({"caller_carrier": "T-Mobile"}, "invalid"),
    "id of 65 characters": ({"call_id": "x" * 65}, "invalid"),
    "id with an escaped NUL": ({"call_id": "a\x00b"}, "call_id_malformed"),
    "id with a line break": ({"call_id": "a\nb"}, "call_id_malformed"),
    "id is a number": ({"call_id": 7}, "invalid"),
}


@pytest.mark.django_db
@pytest.mark.parametrize(("wrong", "code"), BAD_CALLS.values(), ids=BAD_CALLS)
def test_a_bad_call_is_named_with_its_place_its_id_and_a_reason(
    phone: Telephone, wrong: dict[str, Any], code: str
) -> None:
    item = good(call_id="bad") | wrong
    item = {name: value for name, value in item.items() if value is not ...}
    rejected = the_one_rejection(phone.calls(good(call_id="first"), item, good(call_id="last")))
    assert (rejected["index"], rejected["code"]) == (1, code)
    wrong_id = wrong.get("call_id", "bad")
    assert rejected["call_id"] == (wrong_id[:64] if isinstance(wrong_id, str) else None)
    assert rejected["message"].endswith("요.")
    assert stored() == ["first", "last"]


@pytest.mark.django_db
def test_five_minutes_of_a_fast_clock_are_forgiven(phone: Telephone) -> None:
    now = datetime.now(UTC)
    assert answer(phone.calls(good(ended_at=now + timedelta(minutes=4, seconds=50))))["accepted"] == 1
    late = phone.calls(good(), good(ended_at=now + timedelta(minutes=5, seconds=30)))
    assert the_one_rejection(late)["code"] == "ended_in_future"


# What the rulebook refuses is still stored, so that the owner can read why


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("caller", "kept"),
    [
        (None, None),
        ("anonymous", None),
        (" Anonymous ", None),
        ("02-987-6543", "029876543"),
        ("+1 202-555-0123", "+12025550123"),
        ("010-1234-5678", CALLER),
        ("+821012345678", CALLER),
    ],
)
def test_withheld_foreign_and_land_line_callers_are_stored_for_the_rulebook(
    phone: Telephone, caller: str | None, kept: str | None
) -> None:
    assert answer(phone.call("0212345678", caller))["accepted"] == 1
    call = CallEnd.objects.get()
    if kept is None:
        assert (call.caller_sealed, call.caller_index, call.caller_last4) == (None, None, "")
    else:
        assert caller_of(call) == kept
        assert call.caller_last4 == kept[-4:]


@pytest.mark.django_db
def test_an_unknown_line_and_a_call_of_last_week_are_stored_too(phone: Telephone) -> None:
    week_ago = datetime.now(UTC) - timedelta(days=7)
    assert answer(phone.call("0299999999", CALLER, ended_at=week_ago))["accepted"] == 1
    call = CallEnd.objects.get()
    assert (call.shop_id, call.line_number, call.ended_at) == (None, "0299999999", week_ago)


# The same call again


@pytest.mark.django_db
def test_the_same_call_twice_in_one_body_is_stored_once(phone: Telephone) -> None:
    item = good(call_id="twin")
    assert answer(phone.calls(item, item)) == {"accepted": 1, "duplicates": 1, "rejected": []}
    assert stored() == ["twin"]


@pytest.mark.django_db
def test_the_same_call_again_is_a_duplicate_and_only_another_body_is_logged(
    phone: Telephone, caplog: pytest.LogCaptureFixture
) -> None:
    item = good(call_id="again")
    phone.calls(item)
    with caplog.at_level(logging.WARNING):
        assert answer(phone.calls(item)) == {"accepted": 0, "duplicates": 1, "rejected": []}
        assert "call repeated with another body" not in caplog.messages
        changed = item | {"caller": "01099998888"}
        assert answer(phone.calls(changed)) == {"accepted": 0, "duplicates": 1, "rejected": []}
    assert caplog.messages.count("call repeated with another body") == 1
    assert caller_of(CallEnd.objects.get()) == CALLER


@pytest.mark.django_db
def test_two_bodies_under_one_id_in_one_request_are_logged(
    phone: Telephone, caplog: pytest.LogCaptureFixture
) -> None:
    phone.calls(good(call_id="twin"), good(call_id="twin", answered=False))
    assert "call repeated with another body" in caplog.messages
    assert CallEnd.objects.get().answered is True


@pytest.mark.django_db
def test_two_sources_may_use_the_same_id(phone: Telephone) -> None:
    item = good(call_id="1")
    assert answer(phone.post({"calls": [item]}, secret=KT_NEW))["accepted"] == 1
    assert answer(phone.post({"calls": [item]}, secret=PBX))["accepted"] == 1
    assert answer(phone.post({"calls": [item]}, secret=KT_OLD))["duplicates"] == 1
    assert CallEnd.objects.count() == 2


def until_somebody_waits(cursor: CursorWrapper) -> None:
    """Returns when another connection waits for a lock of this one."""
    end = time.monotonic() + 10
    while time.monotonic() < end:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        if cursor.fetchone() != (0,):
            return
        time.sleep(0.02)
    pytest.fail("nobody waits")


def in_a_thread(*items: dict[str, Any]) -> dict[str, Any]:
    try:
        return answer(Telephone().calls(*items))
    finally:
        connections.close_all()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("other_commits", [True, False])
def test_a_call_that_another_connection_is_storing_waits_for_it(other_commits: bool) -> None:
    item = good(call_id="race")
    other = connection.copy()
    other.set_autocommit(False)
    try:
        with other.cursor() as cursor, ThreadPoolExecutor(1) as pool:
            cursor.execute("INSERT INTO messaging_callkey VALUES ('kt', 'race', '\\x00', now())")
            ours = pool.submit(in_a_thread, item)
            until_somebody_waits(cursor)
            assert not ours.done()
            other.commit() if other_commits else other.rollback()
            said = ours.result(timeout=5)
    finally:
        other.close()
    assert (said["accepted"], said["duplicates"]) == ((0, 1) if other_commits else (1, 0))
    assert CallKey.objects.count() == 1
    assert CallEnd.objects.count() == (0 if other_commits else 1)


@pytest.mark.django_db(transaction=True)
def test_the_same_call_at_once_from_many_senders_is_accepted_once() -> None:
    item = good(call_id="storm")
    barrier = threading.Barrier(8)

    def send(_: int) -> dict[str, Any]:
        barrier.wait()
        return in_a_thread(item)

    with ThreadPoolExecutor(8) as pool:
        said = list(pool.map(send, range(8)))
    assert sorted(body["accepted"] for body in said) == [0] * 7 + [1]
    assert sum(body["duplicates"] for body in said) == 7
    assert stored() == ["storm"]


@pytest.mark.django_db(transaction=True)
def test_the_same_calls_in_another_order_on_another_connection_do_not_deadlock() -> None:
    calls = [good(call_id="b"), good(call_id="a")]
    other = connection.copy()
    other.set_autocommit(False)
    insert = "INSERT INTO messaging_callkey VALUES ('kt', %s, '\\x00', now()) ON CONFLICT DO NOTHING"
    try:
        with other.cursor() as cursor, ThreadPoolExecutor(1) as pool:
            cursor.execute(insert, ["a"])
            ours = pool.submit(in_a_thread, *calls)
            until_somebody_waits(cursor)
            cursor.execute(insert, ["b"])
            other.commit()
            assert ours.result(timeout=5) == {"accepted": 0, "duplicates": 2, "rejected": []}
    finally:
        other.close()


@pytest.mark.django_db(transaction=True)
def test_an_answer_comes_after_the_commit() -> None:
    assert Telephone().calls(good(call_id="kept")).status_code == 202
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT call_id FROM messaging_call")
            assert cursor.fetchall() == [("kept",)]
    finally:
        other.close()


# The database is away


@pytest.fixture
def no_database(transactional_db: None) -> Iterator[None]:
    """The connection of this thread leads to a socket where nobody answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        settings = connection.settings_dict
        before = {name: settings[name] for name in ("HOST", "PORT")}
        connection.close()
        settings.update(HOST="127.0.0.1", PORT=str(probe.getsockname()[1]))
        yield
        connection.close()
        settings.update(before)


def test_without_a_database_the_sender_is_asked_to_come_again(no_database: None) -> None:
    item = good(call_id="later")
    response = Telephone().calls(item)
    assert response.status_code == 503
    assert int(response["Retry-After"]) > 0
    assert answer(response)["error"]["code"] == "unavailable"
    # What is wrong with the request itself is still said.
    assert Telephone().post(b"junk").status_code == 422
    assert Telephone(secret=WRONG_SECRET).calls(item).status_code == 401


@pytest.mark.django_db(transaction=True)
def test_a_connection_cut_in_the_middle_is_503_and_the_next_try_is_stored() -> None:
    item = good(call_id="cut")
    assert Telephone().calls(good()).status_code == 202
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 2000)", [pid])
    finally:
        other.close()
    cut = Telephone().calls(item)
    assert (cut.status_code, cut.has_header("Retry-After")) == (503, True)
    connection.close()
    assert answer(Telephone().calls(item))["accepted"] == 1


@pytest.fixture
def no_redis(settings: Settings) -> Iterator[None]:
    """Wake-ups go to an address where nobody answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        settings.REDIS_URL = f"redis://127.0.0.1:{probe.getsockname()[1]}/0"
        wakeups._redis.cache_clear()
        yield
    wakeups._redis.cache_clear()
    wakeups._away_until = 0.0


@pytest.mark.django_db
def test_without_redis_calls_are_stored_and_nobody_waits(no_redis: None, phone: Telephone) -> None:
    started = time.monotonic()
    assert answer(phone.calls(good(call_id="kept")))["accepted"] == 1
    assert time.monotonic() - started < 1.5
    assert stored() == ["kept"]
