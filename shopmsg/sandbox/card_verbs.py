"""What can be done with a card: register, charge, look, cancel, forget. Refusals are those of card_book.py."""

import re
import sqlite3
from typing import Any

from shopmsg.sandbox import card_webhooks, dates
from shopmsg.sandbox.card_book import (
    OK,
    TEST_CARDS,
    Refusal,
    billing_key,
    card,
    dumped,
    key,
    korean_time,
    payment,
)
from shopmsg.sandbox.gateway import Gateway
from shopmsg.sandbox.web import Reply

LEAST_AMOUNT = 100


def empty() -> Reply:
    """200 without a body."""
    return Reply(200, b"", "application/json")


def _text(body: dict[str, Any], name: str, longest: int) -> str:
    value = body.get(name)
    if value is None:
        raise Refusal("INVALID_REQUIRED_PARAM")
    if not isinstance(value, str) or not 0 < len(value) <= longest:
        raise Refusal("INVALID_REQUEST")
    return value


def _won(body: dict[str, Any], name: str, otherwise: int | None) -> int:
    value = body.get(name)
    value = otherwise if value is None else value
    if value is None:
        raise Refusal("INVALID_REQUIRED_PARAM")
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 10**12:
        raise Refusal("INVALID_REQUEST")
    return value


def issue(gateway: Gateway, body: dict[str, Any]) -> Reply:
    auth_key, customer = _text(body, "authKey", 300), _text(body, "customerKey", 1000)
    if len(customer) > 300:  # the real one passes it on to a column that is too narrow
        raise Refusal("FAILED_DB_PROCESSING")
    now, made = dates.now_ms(), billing_key()
    with gateway.store.writing() as db:
        row = db.execute("SELECT * FROM card_auths WHERE auth_key = ?", (auth_key,)).fetchone()
        if row is None or row["used"]:
            raise Refusal("INVALID_BILL_KEY_REQUEST")
        if row["customer_key"] != customer:
            raise Refusal("NOT_MATCHES_CUSTOMER_KEY")
        db.execute("UPDATE card_auths SET used = 1 WHERE auth_key = ?", (auth_key,))
        db.execute(
            "INSERT INTO card_keys (billing_key, customer_key, card, number, created, removed) VALUES (?, ?, ?, ?, ?, 0)",
            (made, customer, row["card"], row["number"], now),
        )
    return Reply.json(
        {
            "mId": "tvivarepublica",
            "customerKey": customer,
            "authenticatedAt": korean_time(now),
            "method": "카드",
            "billingKey": made,
            "card": card(row["number"]),
            "transfers": None,
            "easyPay": None,
        }
    )


def charge(gateway: Gateway, billing: str, body: dict[str, Any]) -> Reply:
    customer, order = _text(body, "customerKey", 300), _text(body, "orderId", 1000)
    name, amount = _text(body, "orderName", 100), _won(body, "amount", None)
    tax_free, tax_exempt = _won(body, "taxFreeAmount", 0), _won(body, "taxExemptionAmount", 0)
    if not re.fullmatch(r"[A-Za-z0-9_-]{6,64}", order):
        raise Refusal("INVALID_ORDER_ID")
    if amount < LEAST_AMOUNT:
        raise Refusal("BELOW_MINIMUM_AMOUNT")
    if tax_free > amount:
        raise Refusal("INVALID_REQUEST")
    with gateway.store.writing() as db:
        owner = db.execute("SELECT * FROM card_keys WHERE billing_key = ?", (billing,)).fetchone()
        if owner is None:
            raise Refusal("INVALID_BILL_KEY_REQUEST")
        if owner["removed"]:
            raise Refusal("ALREADY_REMOVED_BILLING_KEY")
        if owner["customer_key"] != customer:
            raise Refusal("NOT_MATCHES_CUSTOMER_KEY")
        paid = "SELECT 1 FROM card_payments WHERE order_id = ? AND status <> 'ABORTED'"
        if db.execute(paid, (order,)).fetchone():
            raise Refusal("DUPLICATED_ORDER_ID")
        meets = does(db, owner)
        if meets == OK or gateway.card_webhooks.settings.keeps_declined:
            made = key("tbill")
            db.execute(
                "INSERT INTO card_payments (payment_key, transaction_key, order_id, order_name, billing_key, customer_key, card, number,"
                " amount, balance, tax_free, tax_exempt, status, code, requested)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    *(
                        made,
                        key("txrd_"),
                        order,
                        name,
                        billing,
                        customer,
                        owner["card"],
                        owner["number"],
                        amount,
                    ),
                    *(amount if meets == OK else 0, tax_free, tax_exempt),
                    *("DONE" if meets == OK else "ABORTED", "" if meets == OK else meets, dates.now_ms()),
                ),
            )
        if meets == OK:
            return Reply.json(payment(db, _find(db, "payment_key", made), gateway.base_url))
    raise Refusal(meets)


def does(db: sqlite3.Connection, owner: sqlite3.Row) -> str:
    """What a charge meets: what was told of this billing key, else of its customer, else of its card."""
    for scope, what in (
        ("billing_key", owner["billing_key"]),
        ("customer_key", owner["customer_key"]),
        ("card", owner["card"]),
    ):
        told = db.execute("SELECT code FROM card_told WHERE scope = ? AND what = ?", (scope, what)).fetchone()
        if told is not None:
            return str(told["code"])
    return TEST_CARDS[owner["card"]][2]


def remove(gateway: Gateway, billing: str) -> Reply:
    with gateway.store.writing() as db:
        row = db.execute("SELECT removed FROM card_keys WHERE billing_key = ?", (billing,)).fetchone()
        if row is None:
            raise Refusal("NOT_FOUND_BILLING")
        if row["removed"]:
            raise Refusal("BILLING_KEY_NOT_FOUND")
        db.execute("UPDATE card_keys SET removed = 1 WHERE billing_key = ?", (billing,))
    return empty()


def look(gateway: Gateway, column: str, value: str) -> Reply:
    with gateway.store.reading() as db:
        return Reply.json(payment(db, _find(db, column, value), gateway.base_url))


def _find(db: sqlite3.Connection, column: str, value: str) -> sqlite3.Row:
    """The newest payment with this value. Raises Refusal 404."""
    row: sqlite3.Row | None = db.execute(
        f"SELECT * FROM card_payments WHERE {column} = ? ORDER BY seq DESC LIMIT 1", (value,)
    ).fetchone()
    if row is None:
        raise Refusal("NOT_FOUND_PAYMENT")
    return row


def cancel(gateway: Gateway, payment_key: str, body: dict[str, Any]) -> Reply:
    reason = _text(body, "cancelReason", 200)
    with gateway.store.writing() as db:
        row = _find(db, "payment_key", payment_key)
        if row["status"] == "ABORTED":
            raise Refusal("NOT_CANCELABLE_PAYMENT")
        if row["status"] == "CANCELED":
            raise Refusal("ALREADY_CANCELED_PAYMENT")
        amount = _won(body, "cancelAmount", row["balance"])
        if not 0 < amount <= row["balance"]:
            raise Refusal("NOT_CANCELABLE_AMOUNT")
        if _won(body, "refundableAmount", row["balance"]) != row["balance"]:
            raise Refusal("NOT_MATCHES_REFUNDABLE_AMOUNT")
        if row["tax_exempt"] and amount < row["amount"]:
            raise Refusal("NOT_ALLOWED_PARTIAL_REFUND")
        left = row["balance"] - amount
        # Partly cancelled once, it stays so called even when nothing is left.
        status = "CANCELED" if amount == row["amount"] else "PARTIAL_CANCELED"
        db.execute(
            "UPDATE card_payments SET balance = ?, status = ? WHERE payment_key = ?",
            (left, status, payment_key),
        )
        db.execute(
            "INSERT INTO card_cancels (payment_key, transaction_key, amount, reason, balance_after, cancelled)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (payment_key, key("txrd_"), amount, reason, left, dates.now_ms()),
        )
        shown = payment(db, _find(db, "payment_key", payment_key), gateway.base_url)
        announce(gateway, db, "PAYMENT_STATUS_CHANGED", shown)
    gateway.card_webhooks.wake.set()
    return Reply.json(shown)


def announce(gateway: Gateway, db: sqlite3.Connection, event: str, data: dict[str, Any]) -> None:
    """Queue a webhook. An approved charge of a billing key has none."""
    created = (dates.iso(dates.now_ms()) or "")[:-1] + "000"
    card_webhooks.queue(
        db, gateway.card_webhooks.settings, dumped({"eventType": event, "createdAt": created, "data": data})
    )
