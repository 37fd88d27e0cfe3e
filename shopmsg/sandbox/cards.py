"""Card payments: Toss Payments' automatic payment (자동결제), reference/payments.md §1.

Money is moved by a row in ``card_payments`` and by nothing else. An Idempotency-Key is remembered for 15 days with the first
answer to it, refusals included, by key, method and address; the body is not compared.
"""

import base64
import binascii
import hmac
import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from shopmsg.sandbox import card_verbs, dates
from shopmsg.sandbox.card_book import REFUSALS, Refusal, dumped, key
from shopmsg.sandbox.faults import Fault
from shopmsg.sandbox.gateway import Gateway
from shopmsg.sandbox.jobs import Job
from shopmsg.sandbox.web import Reply, Request

BILLING, PAYMENTS = "/v1/billing/", "/v1/payments/"
_ISSUE = BILLING + "authorizations/issue"
_ORDERS = PAYMENTS + "orders/"
KEEPS_ANSWERS_MS = 15 * 86_400_000
LONGEST_IDEMPOTENCY_KEY = 300

Run = Callable[[], Reply]


def job(gateway: Gateway, request: Request) -> Job:
    """Raises Refusal 404."""
    label, operation, run = _route(gateway, request)
    return Job(
        f"{request.method} {label}",
        operation,
        lambda: _admit(gateway, request),
        lambda fault: _once(gateway, request, fault, run),
        waits=True,
    )


def _route(gateway: Gateway, request: Request) -> tuple[str, str, Run]:
    method, path = request.method, request.path
    if (method, path) == ("POST", _ISSUE):
        return _ISSUE, "card_issue", lambda: card_verbs.issue(gateway, _object(request))
    one = re.fullmatch(re.escape(BILLING) + r"([^/]+)", path)
    if one and method == "POST":
        return (
            BILLING + "{billingKey}",
            "card_charge",
            lambda: card_verbs.charge(gateway, unquote(one[1]), _object(request)),
        )
    if one and method == "DELETE":
        return BILLING + "{billingKey}", "card_remove", lambda: card_verbs.remove(gateway, unquote(one[1]))
    order = re.fullmatch(re.escape(_ORDERS) + r"([^/]+)", path)
    if order and method == "GET":
        return (
            _ORDERS + "{orderId}",
            "card_lookup",
            lambda: card_verbs.look(gateway, "order_id", unquote(order[1])),
        )
    paid = re.fullmatch(re.escape(PAYMENTS) + r"([^/]+)(/cancel)?", path)
    if paid and method == "GET" and not paid[2]:
        return (
            PAYMENTS + "{paymentKey}",
            "card_lookup",
            lambda: card_verbs.look(gateway, "payment_key", unquote(paid[1])),
        )
    if paid and method == "POST" and paid[2]:
        label = PAYMENTS + "{paymentKey}/cancel"
        return label, "card_cancel", lambda: card_verbs.cancel(gateway, unquote(paid[1]), _object(request))
    raise Refusal("NOT_FOUND")


def _admit(gateway: Gateway, request: Request) -> None:
    """``Basic base64("{secretKey}:")``: the colon must be there and nothing behind it."""
    scheme, _, word = (request.header("Authorization") or "").partition(" ")
    if not word:
        raise Refusal("UNAUTHORIZED_KEY")
    try:
        given = base64.b64decode(word, validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        given = ""
    if scheme.lower() != "basic" or not given.endswith(":") or given.startswith("\ufeff"):
        raise Refusal("INCORRECT_BASIC_AUTH_FORMAT")
    secret = given[:-1]
    if gateway.card_client_key and secret == gateway.card_client_key:
        raise Refusal("INVALID_API_KEY")
    if not gateway.card_secret_key or not hmac.compare_digest(
        secret.encode(), gateway.card_secret_key.encode()
    ):
        raise Refusal("UNAUTHORIZED_KEY")


def _once(gateway: Gateway, request: Request, fault: Fault | None, run: Run) -> Reply:
    """Answer from memory what was answered before; else do it, slowly where a fault says so."""
    given = request.header("Idempotency-Key") if request.method == "POST" else None
    if given is None:
        _wait(gateway, fault)
        return _traced(_answer(gateway, request, run), None)
    if len(given) > LONGEST_IDEMPOTENCY_KEY:
        raise Refusal("INVALID_IDEMPOTENCY_KEY")
    address = (given, request.method, request.path)
    with gateway.card_lock:
        if address in gateway.card_running:
            raise Refusal("IDEMPOTENT_REQUEST_PROCESSING")
        gateway.card_running.add(address)
    try:
        stored = _remembered(gateway, address)
        if stored is None:
            _wait(gateway, fault)
            stored = _answer(gateway, request, run)
            if stored.status not in (409, 429):
                _remember(gateway, address, stored)
        return _traced(stored, given)
    finally:
        with gateway.card_lock:
            gateway.card_running.discard(address)


def _wait(gateway: Gateway, fault: Fault | None) -> None:
    if fault is not None and fault.kind == "slow":
        gateway.stop.wait(fault.seconds)


def _answer(gateway: Gateway, request: Request, run: Run) -> Reply:
    wanted = request.header("TossPayments-Test-Code")
    try:
        if wanted and gateway.card_secret_key.startswith("test_"):
            raise Refusal(wanted if wanted in REFUSALS else "INVALID_REQUEST")
        return run()
    except Refusal as error:
        return error.reply()


def _traced(reply: Reply, idempotency_key: str | None) -> Reply:
    reply.headers["X-TossPayments-Trace-Id"] = key("")
    if idempotency_key is not None and idempotency_key.isascii() and idempotency_key.isprintable():
        reply.headers["idempotency-key"] = idempotency_key
    return reply


def _remembered(gateway: Gateway, address: tuple[str, str, str]) -> Reply | None:
    with gateway.store.reading() as db:
        row = db.execute(
            "SELECT status, body FROM card_answers WHERE word = ? AND method = ? AND path = ? AND created > ?",
            (*address, dates.now_ms() - KEEPS_ANSWERS_MS),
        ).fetchone()
    if row is None:
        return None
    return Reply.json(json.loads(row["body"]), row["status"]) if row["body"] else card_verbs.empty()


def _remember(gateway: Gateway, address: tuple[str, str, str], reply: Reply) -> None:
    body = "" if reply.payload is None else dumped(reply.payload)
    with gateway.store.writing() as db:
        db.execute(
            "INSERT OR REPLACE INTO card_answers (word, method, path, status, body, created) VALUES (?, ?, ?, ?, ?, ?)",
            (*address, reply.status, body, dates.now_ms()),
        )


def _object(request: Request) -> dict[str, Any]:
    try:
        value = json.loads(request.body)
    except (ValueError, RecursionError):
        raise Refusal("INVALID_REQUEST") from None
    if not isinstance(value, dict):
        raise Refusal("INVALID_REQUEST")
    return value
