"""The carrier's ringback notice (통화연결음 안내, 링고): our own small protocol, docs/provisioning.md.

An order is remembered by the client's reference: the same one again is the same order.
"""

import hmac
import json
import re
import sqlite3
from collections.abc import Callable
from typing import Any

from shopmsg.sandbox import dates
from shopmsg.sandbox.gateway import Gateway, RingbackSettings
from shopmsg.sandbox.jobs import Job
from shopmsg.sandbox.web import ApiError, Reply, Request, invalid

PREFIX = "/ringback/"
_COLLECTION = PREFIX + "v1/subscriptions"
_ONE = re.compile(re.escape(_COLLECTION) + r"/([0-9A-Za-z_-]{1,64})")
_NUMBER = re.compile(r"0[0-9]{8,11}|1[568][0-9]{6}")
_LONGEST_SENTENCE = 100


class Refusal(ApiError):
    """``{"error": {"code", "message"}}``."""

    def reply(self) -> Reply:
        return Reply.json({"error": {"code": self.code, "message": self.message}}, self.status)


def job(gateway: Gateway, request: Request) -> Job:
    """Raises Refusal 404 or 405."""
    one = _ONE.fullmatch(request.path)
    methods: dict[str, Callable[[], Reply]]
    if request.path == _COLLECTION:
        methods = {"POST": lambda: _order(gateway, request)}
    elif one:
        reference = one[1]
        methods = {"GET": lambda: _look(gateway, reference), "DELETE": lambda: _cancel(gateway, reference)}
    else:
        raise Refusal(404, "no_such_address", "없는 주소입니다.")
    if request.method not in methods:
        raise Refusal(405, "method_not_allowed", "쓸 수 없는 메서드입니다.")
    label = f"{request.method} {_COLLECTION}" + ("/{reference}" if one else "")
    run = methods[request.method]
    return Job(label, "ringback", lambda: _admit(gateway, request), lambda _fault: run())


def _admit(gateway: Gateway, request: Request) -> None:
    scheme, _, key = (request.header("Authorization") or "").partition(" ")
    good = hmac.compare_digest(key.encode(), gateway.ringback_key.encode())
    if scheme.lower() != "bearer" or not gateway.ringback_key or not good:
        raise Refusal(401, "unauthorized", "인증 키가 없거나 다릅니다.")


def _order(gateway: Gateway, request: Request) -> Reply:
    reference, number, sentence = _read(request.body)
    now = dates.now_ms()
    with gateway.store.writing() as db:  # one at a time: the second of two requests finds the first's row
        row = db.execute("SELECT * FROM ringbacks WHERE reference = ?", (reference,)).fetchone()
        if row is None:
            due = now + round(gateway.ringback.delay * 1000)
            db.execute(
                "INSERT INTO ringbacks (reference, number, sentence, created, due, fails, cancelled)"
                " VALUES (?, ?, ?, ?, ?, ?, 0)",
                (reference, number, sentence, now, due, number in gateway.ringback.fail),
            )
            new = db.execute("SELECT * FROM ringbacks WHERE reference = ?", (reference,)).fetchone()
            return Reply.json(_view(new, now), 201)
    if (row["number"], row["sentence"]) != (number, sentence):
        raise Refusal(409, "reference_taken", "같은 신청 번호로 다른 내용이 접수돼 있습니다.")
    return Reply.json(_view(row, now))


def _read(body: bytes) -> tuple[str, str, str]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        raise Refusal(400, "bad_json", "본문이 올바른 JSON이 아닙니다.") from None
    given = value if isinstance(value, dict) else {}
    reference, number, sentence = (given.get(name) for name in ("reference", "number", "sentence"))
    if not isinstance(reference, str) or not re.fullmatch(r"[0-9A-Za-z_-]{1,64}", reference):
        raise Refusal(422, "invalid_reference", "신청 번호는 영문과 숫자 64자까지입니다.")
    if not isinstance(number, str) or not _NUMBER.fullmatch(number):
        raise Refusal(422, "invalid_number", "전화번호가 올바르지 않습니다.")
    if not isinstance(sentence, str) or not 0 < len(sentence.strip()) <= _LONGEST_SENTENCE:
        raise Refusal(422, "invalid_sentence", f"안내 문장은 {_LONGEST_SENTENCE}자까지입니다.")
    return reference, number, sentence


def _look(gateway: Gateway, reference: str) -> Reply:
    with gateway.store.reading() as db:
        return Reply.json(_view(_find(db, reference), dates.now_ms()))


def _cancel(gateway: Gateway, reference: str) -> Reply:
    with gateway.store.writing() as db:
        db.execute("UPDATE ringbacks SET cancelled = 1 WHERE reference = ?", (reference,))
        return Reply.json(_view(_find(db, reference), dates.now_ms()))


def _find(db: sqlite3.Connection, reference: str) -> sqlite3.Row:
    row: sqlite3.Row | None = db.execute(
        "SELECT * FROM ringbacks WHERE reference = ?", (reference,)
    ).fetchone()
    if row is None:
        raise Refusal(404, "not_found", "접수된 신청이 없습니다.")
    return row


def _view(row: sqlite3.Row, now: int) -> dict[str, Any]:
    problem = None
    if row["cancelled"]:
        state = "cancelled"
    elif now < row["due"]:
        state = "requested"
    elif row["fails"]:
        state = "failed"
        problem = {"code": "line_not_found", "message": "안내를 걸 수 없는 회선입니다."}
    else:
        state = "active"
    return {
        "reference": row["reference"],
        "number": row["number"],
        "state": state,
        "requested_at": dates.iso(row["created"]),
        "active_since": dates.iso(row["due"]) if state == "active" else None,
        "problem": problem,
    }


def tell(gateway: Gateway, request: Request) -> dict[str, Any]:
    """POST /sandbox/ringback: the delay and the failing numbers of orders from now on."""
    body = request.json()
    delay, fail = body.get("delay", gateway.ringback.delay), body.get("fail", sorted(gateway.ringback.fail))
    if isinstance(delay, bool) or not isinstance(delay, int | float) or not 0 <= delay <= 86_400:
        raise invalid("delay는 0~86400 사이의 초입니다.")
    if not isinstance(fail, list) or not all(isinstance(word, str) and word.isdigit() for word in fail):
        raise invalid("fail은 숫자 문자열의 목록입니다.")
    gateway.ringback = RingbackSettings(float(delay), frozenset(fail))
    return look(gateway, request)


def look(gateway: Gateway, request: Request) -> dict[str, Any]:
    """GET /sandbox/ringback: how often each number was ordered, and every order."""
    now = dates.now_ms()
    with gateway.store.reading() as db:
        rows = db.execute("SELECT * FROM ringbacks ORDER BY created, reference").fetchall()
    orders: dict[str, int] = {}
    for row in rows:
        orders[row["number"]] = orders.get(row["number"], 0) + 1
    return {
        "delay": gateway.ringback.delay,
        "fail": sorted(gateway.ringback.fail),
        "orders": orders,
        "subscriptions": [_view(row, now) for row in rows],
    }
