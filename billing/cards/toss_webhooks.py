"""Reading Toss Payments' webhooks (reference payments.md §1.10). Nothing in them is proof of anything: they are unsigned.

Answer 200 within ten seconds; the same event is sent again until then, under the same `TRANSMISSION_ID`.
"""

import json
import re
from collections.abc import Mapping
from typing import Any, Final, NoReturn

from billing.cards import Hint, HintKind, WebhookMalformed
from billing.cards.toss_values import path_word, word

TRANSMISSION_ID: Final = "tosspayments-webhook-transmission-id"
LONGEST_BODY: Final = 256 * 1024

_ORDER_ID: Final = re.compile(r"[A-Za-z0-9_-]{6,64}")
_SENTENCES: Final = {
    "too_large": "알림이 너무 큽니다.",
    "not_json": "알림이 JSON 객체가 아닙니다.",
    "no_event_type": "알림에 종류(eventType)가 없습니다.",
    "no_data": "알림에 내용(data)이 없습니다.",
    "bad_order_id": "알림의 주문번호가 올바르지 않습니다.",
    "bad_payment_key": "알림의 결제 번호가 올바르지 않습니다.",
    "bad_billing_key": "알림의 자동결제 번호가 올바르지 않습니다.",
    "names_nothing": "알림이 어느 결제에 대한 것인지 없습니다.",
}


def read(body: bytes) -> Hint:
    """Raises WebhookMalformed with one of the codes above. An event of a kind we do not know is UNKNOWN, not an error."""
    if len(body) > LONGEST_BODY:
        _refuse("too_large")
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError):
        payload = None
    if not isinstance(payload, dict):
        _refuse("not_json")
    event = payload.get("eventType")
    if event is None and "transactionKey" in payload:  # the one event that is flat and has no name
        return _payment("DEPOSIT_CALLBACK", payload)
    if not isinstance(event, str) or not re.fullmatch(r"[A-Za-z][A-Za-z0-9_.]{0,79}", event):
        _refuse("no_event_type")
    if event not in ("PAYMENT_STATUS_CHANGED", "BILLING_DELETED"):
        return Hint(HintKind.UNKNOWN, event)
    data = payload.get("data")
    if not isinstance(data, dict):
        _refuse("no_data")
    if event == "PAYMENT_STATUS_CHANGED":
        return _payment(event, data)
    key = path_word(data.get("billingKey"))
    if not key:
        _refuse("bad_billing_key")
    return Hint(HintKind.BILLING_DELETED, event, billing_key=key)


def _payment(event: str, data: Mapping[str, Any]) -> Hint:
    order, key = data.get("orderId"), data.get("paymentKey")
    if order is not None and not (isinstance(order, str) and _ORDER_ID.fullmatch(order)):
        _refuse("bad_order_id")
    if key is not None and not path_word(key):
        _refuse("bad_payment_key")
    if order is None and key is None:
        _refuse("names_nothing")
    return Hint(HintKind.PAYMENT, event, order or "", key or "", status=word(data.get("status"))[:40])


def _refuse(code: str) -> NoReturn:
    raise WebhookMalformed(code, _SENTENCES[code])
