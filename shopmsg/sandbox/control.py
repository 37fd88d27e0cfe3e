"""The /sandbox/ side: looking into phones, arming faults, setting reports. JSON, no signature."""

import re
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from shopmsg.sandbox import card_control, dates, files, messages, phones, registry, ringback
from shopmsg.sandbox.account import Purse
from shopmsg.sandbox.gateway import Gateway
from shopmsg.sandbox.web import Reply, Request, invalid, not_found, whole_number

_FILE = re.compile(r"/sandbox/files/([0-9A-Za-z]{1,64})\.jpg")
_PHONE = re.compile(r"/sandbox/phones/(\d{1,20})")
MAX_ROWS = 5000


def handle(gateway: Gateway, request: Request) -> Reply:
    """Raises ApiError 404 for an unknown address."""
    file = _FILE.fullmatch(request.path)
    if file and request.method == "GET":
        return _file(gateway, file[1])
    phone = _PHONE.fullmatch(request.path)
    if phone and request.method == "GET":
        return Reply.json(_phone(gateway, request, phone[1]))
    if phone and request.method == "DELETE":
        with gateway.store.writing() as db:
            phones.clear(db, phone[1])
        return Reply.json({"number": phone[1], "messages": []})
    run = _ROUTES.get((request.method, request.path))
    if run is None:
        raise not_found("없는 주소입니다.")
    return Reply.json(run(gateway, request))


def _file(gateway: Gateway, file_id: str) -> Reply:
    with gateway.store.reading() as db:
        data = files.content(db, file_id)
    if data is None:
        raise not_found("해당 파일이 없습니다.")
    headers = {"Cache-Control": "max-age=86400", "X-Content-Type-Options": "nosniff"}
    return Reply(200, data, "image/jpeg", headers)


def _phone(gateway: Gateway, request: Request, number: str) -> dict[str, Any]:
    since = request.one("since")
    try:
        moment = dates.parse(since) if since else None
    except ValueError as error:
        raise invalid("since는 ISO 8601 형식이어야 합니다.") from error
    limit = whole_number(request.one("limit"), "limit", MAX_ROWS, 1, MAX_ROWS)
    with gateway.store.reading() as db:
        rows = phones.inbox(db, number, moment, limit)
    return {"number": number, "messages": [phones.view(row) for row in rows]}


def _health(gateway: Gateway, request: Request) -> dict[str, Any]:
    with gateway.store.reading() as db:
        db.execute("SELECT 1").fetchone()
    return {"status": "ok"}


def _phones(gateway: Gateway, request: Request) -> dict[str, Any]:
    limit = whole_number(request.one("limit"), "limit", MAX_ROWS, 1, MAX_ROWS)
    with gateway.store.reading() as db:
        found = phones.overview(db, re.sub(r"\D", "", request.one("q") or ""), limit)
    return {
        "phones": [
            {"number": p.number, "messages": p.messages, "last_received_at": dates.iso(p.last_received)}
            for p in found
        ]
    }


def _messages(gateway: Gateway, request: Request) -> dict[str, Any]:
    """Raw stored messages, newest first; ``ref`` is customFields.ref."""
    limit = whole_number(request.one("limit"), "limit", 100, 1, MAX_ROWS)
    ref = request.one("ref")
    where, values = ("WHERE ref = ?", [ref]) if ref is not None else ("", [])
    with gateway.store.reading() as db:
        rows = db.execute(
            f"SELECT * FROM messages {where} ORDER BY seq DESC LIMIT {limit}", values
        ).fetchall()
    return {"messages": [messages.view(row) for row in rows]}


def _stats(gateway: Gateway, request: Request) -> dict[str, Any]:
    with gateway.store.reading() as db:
        accepted, refused = db.execute(
            "SELECT coalesce(sum(registered), 0), coalesce(sum(refused), 0) FROM groups"
        ).fetchone()
        per_phone, delivered = db.execute(
            "SELECT coalesce(max(n), 0), coalesce(sum(n), 0) FROM"
            " (SELECT count(received) AS n FROM messages WHERE received IS NOT NULL GROUP BY recipient)"
        ).fetchone()
        per_ref = db.execute(
            "SELECT coalesce(max(n), 0) FROM"
            " (SELECT count(*) AS n FROM messages WHERE ref IS NOT NULL AND received IS NOT NULL GROUP BY ref)"
        ).fetchone()[0]
        waiting = db.execute("SELECT count(*) FROM reports").fetchone()[0]
    reporter = gateway.reporter
    return {
        "requests": gateway.requests(),
        "messages_accepted": accepted,
        "messages_refused": refused,
        "handset_deliveries": delivered,
        "deliveries_per_number_max": per_phone,
        "deliveries_per_ref_max": per_ref,
        "reports_sent": reporter.sent,
        "report_posts": reporter.posts,
        "report_posts_failed": reporter.failed_posts,
        "reports_given_up": reporter.given_up,
        "reports_waiting": waiting,
    }


def _arm(gateway: Gateway, request: Request) -> dict[str, Any]:
    return {"armed": asdict(gateway.faults.arm(request.json()))}


def _faults(gateway: Gateway, request: Request) -> dict[str, Any]:
    return {"faults": gateway.faults.listing()}


def _disarm(gateway: Gateway, request: Request) -> dict[str, Any]:
    gateway.faults.clear()
    return {"faults": []}


def _reports(gateway: Gateway, request: Request) -> dict[str, Any]:
    gateway.reporter.settings = gateway.reporter.settings.changed(request.json())
    gateway.reporter.wake.set()
    return asdict(gateway.reporter.settings)


def _number(gateway: Gateway, request: Request) -> dict[str, Any]:
    """How one recipient's messages end: 1xxx at reception, else as the report; null or 4000 = normal."""
    body = request.json()
    number, code = body.get("number"), body.get("code")
    if not isinstance(number, str) or not re.fullmatch(r"\d{5,16}", number):
        raise invalid("number는 숫자만 넣어 주세요.")
    if code is not None and not (isinstance(code, str) and re.fullmatch(r"[1-4]\d{3}", code)):
        raise invalid("code는 네 자리 상태 코드 또는 null입니다.")
    with gateway.store.writing() as db:
        db.execute("DELETE FROM numbers WHERE number = ?", (number,))
        if code not in (None, "4000"):
            db.execute("INSERT INTO numbers VALUES (?, ?)", (number, code))
    return {"number": number, "code": code}


def _senders(gateway: Gateway, request: Request) -> dict[str, Any]:
    """Which sender numbers are registered; an empty list = all."""
    senders = request.json().get("senders")
    if not isinstance(senders, list) or not all(isinstance(word, str) and word.isdigit() for word in senders):
        raise invalid("senders는 숫자 문자열의 목록입니다.")
    gateway.senders = frozenset(senders)
    return {"senders": sorted(gateway.senders)}


def _balance(gateway: Gateway, request: Request) -> dict[str, Any]:
    body = request.json()
    with gateway.store.writing() as db:
        purse = Purse.load(db)
        for name in ("balance", "point"):
            value = body.get(name, getattr(purse, name))
            if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 10**12:
                raise invalid(f"{name}은(는) 0 이상의 정수입니다.")
            setattr(purse, name, value)
        purse.save(db)
    return {"balance": purse.balance, "point": purse.point}


def _clock(gateway: Gateway, request: Request) -> dict[str, Any]:
    """What time it is at the gateway: an ISO 8601 `now`, or null for the machine's time."""
    wanted = request.json().get("now")
    try:
        dates.set_clock(None if wanted is None else dates.parse(wanted))
    except (TypeError, ValueError):
        raise invalid("now는 ISO 8601 시각 또는 null입니다.") from None
    gateway.reporter.wake.set()
    gateway.card_webhooks.wake.set()
    return {"now": dates.iso(dates.now_ms())}


def _reset(gateway: Gateway, request: Request) -> dict[str, Any]:
    gateway.reset()
    dates.set_clock(None)
    return {"status": "ok"}


_ROUTES: dict[tuple[str, str], Callable[[Gateway, Request], dict[str, Any]]] = {
    ("GET", "/sandbox/health"): _health,
    ("GET", "/sandbox/phones"): _phones,
    ("GET", "/sandbox/messages"): _messages,
    ("GET", "/sandbox/stats"): _stats,
    ("POST", "/sandbox/faults"): _arm,
    ("GET", "/sandbox/faults"): _faults,
    ("DELETE", "/sandbox/faults"): _disarm,
    ("POST", "/sandbox/reports"): _reports,
    ("POST", "/sandbox/numbers"): _number,
    ("POST", "/sandbox/senders"): _senders,
    ("POST", "/sandbox/balance"): _balance,
    ("POST", "/sandbox/clock"): _clock,
    ("POST", "/sandbox/businesses"): registry.tell,
    ("POST", "/sandbox/ringback"): ringback.tell,
    ("GET", "/sandbox/ringback"): ringback.look,
    ("POST", "/sandbox/cards"): card_control.tell,
    ("GET", "/sandbox/cards"): card_control.look,
    ("POST", "/sandbox/cards/auth"): card_control.authorise,
    ("POST", "/sandbox/cards/deleted"): card_control.forget,
    ("POST", "/sandbox/reset"): _reset,
}
