"""The /sandbox/cards side: what test cards do, what was paid, and the ways in that need no browser."""

import re
from typing import Any

from shopmsg.sandbox import card_verbs
from shopmsg.sandbox.card_book import OK, REFUSALS, TEST_CARDS, key, number
from shopmsg.sandbox.gateway import Gateway
from shopmsg.sandbox.web import Request, invalid, not_found

_SETTINGS = ("webhook_url", "minute", "copies", "keeps_declined")
_SCOPES = ("card", "customer_key", "billing_key")
MAX_ROWS = 5000


def tell(gateway: Gateway, request: Request) -> dict[str, Any]:
    """POST /sandbox/cards: ``{"card": "normal", "does": "REJECT_CARD_PAYMENT"}``; ``does`` null = as untold.

    In place of ``card`` a ``customer_key`` or a ``billing_key``. The settings of ``CardSettings`` may be told as well.
    """
    body = request.json()
    unknown = set(body) - {*_SETTINGS, *_SCOPES, "does"}
    if unknown:
        raise invalid(f"모르는 항목: {', '.join(sorted(unknown))}")
    settings = gateway.card_webhooks.settings.changed(
        {name: body[name] for name in _SETTINGS if name in body}
    )
    scopes = [scope for scope in _SCOPES if scope in body]
    if len(scopes) > 1 or bool(scopes) != ("does" in body):
        raise invalid("card, customer_key, billing_key 가운데 하나와 does를 함께 넣어 주세요.")
    for scope in scopes:
        what, does = body[scope], body["does"]
        if not isinstance(what, str) or (scope == "card" and what not in TEST_CARDS):
            raise invalid(f"card는 {', '.join(TEST_CARDS)} 가운데 하나입니다.")
        if does not in (None, OK, *REFUSALS):
            raise invalid("does는 ok, 거절 코드 또는 null입니다.")
        with gateway.store.writing() as db:
            db.execute("DELETE FROM card_told WHERE scope = ? AND what = ?", (scope, what))
            if does is not None:
                db.execute("INSERT INTO card_told VALUES (?, ?, ?)", (scope, what, does))
    gateway.card_webhooks.settings = settings
    gateway.card_webhooks.wake.set()
    return look(gateway, request)


def look(gateway: Gateway, request: Request) -> dict[str, Any]:
    """GET /sandbox/cards: every payment in the order of charging, declined ones too; cards; what waits to be told."""
    with gateway.store.reading() as db:
        paid = db.execute(f"SELECT * FROM card_payments ORDER BY seq DESC LIMIT {MAX_ROWS}").fetchall()
        keys = db.execute(f"SELECT * FROM card_keys ORDER BY created DESC LIMIT {MAX_ROWS}").fetchall()
        told = db.execute("SELECT * FROM card_told ORDER BY scope, what").fetchall()
        waiting = db.execute("SELECT count(*) FROM card_webhooks").fetchone()[0]
    names = (
        "payment_key",
        "order_id",
        "order_name",
        "customer_key",
        "card",
        "amount",
        "balance",
        "status",
        "code",
    )
    webhooks = gateway.card_webhooks
    return {
        "payments": [{name: row[name] for name in names} for row in reversed(paid)],
        "keys": [
            {
                "customer_key": row["customer_key"],
                "card": row["card"],
                "number": row["number"],
                "removed": bool(row["removed"]),
            }
            for row in reversed(keys)
        ],
        "told": [dict(row) for row in told],
        "webhooks": {
            "sent": webhooks.sent,
            "failed": webhooks.failed,
            "given_up": webhooks.given_up,
            "waiting": waiting,
        },
    }


def authorise(gateway: Gateway, request: Request) -> dict[str, Any]:
    """POST /sandbox/cards/auth: an auth key as the card page hands out, ``{"customer_key", "card": "normal"}``.

    ``number`` in place of the customer's own lets two customers have the same card.
    """
    body = request.json()
    customer, name = body.get("customer_key"), body.get("card", "normal")
    if not isinstance(customer, str) or not customer or name not in (*TEST_CARDS,):
        raise invalid(f"customer_key와, {', '.join(TEST_CARDS)} 가운데 하나인 card를 넣어 주세요.")
    shown = body.get("number", number(name, customer))
    if not isinstance(shown, str) or not re.fullmatch(r"[0-9]{6,8}[*]{4,6}[0-9*]{4}", shown):
        raise invalid("number는 94100012****789* 같은 가린 번호입니다.")
    return {"auth_key": new_auth(gateway, customer, name, shown)}


def new_auth(gateway: Gateway, customer: str, name: str, shown: str) -> str:
    made = key("bln_")
    with gateway.store.writing() as db:
        db.execute(
            "INSERT INTO card_auths (auth_key, customer_key, card, number, used) VALUES (?, ?, ?, ?, 0)",
            (made, customer, name, shown),
        )
    return made


def forget(gateway: Gateway, request: Request) -> dict[str, Any]:
    """POST /sandbox/cards/deleted ``{"customer_key"}``: the card company withdraws the customer's cards, and tells so."""
    customer = request.json().get("customer_key")
    with gateway.store.writing() as db:
        rows = db.execute(
            "SELECT billing_key FROM card_keys WHERE customer_key = ? AND removed = 0", (customer,)
        ).fetchall()
        if not rows:
            raise not_found("등록된 카드가 없습니다.")
        for row in rows:
            db.execute("UPDATE card_keys SET removed = 1 WHERE billing_key = ?", (row["billing_key"],))
            data = {"billingKey": row["billing_key"], "reason": "CARD_REISSUED"}
            card_verbs.announce(gateway, db, "BILLING_DELETED", data)
    gateway.card_webhooks.wake.set()
    return {"removed": len(rows)}
