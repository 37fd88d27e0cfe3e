"""The payment company's events: unsigned, so each is a hint that is looked up (reference/payments.md §1.10)."""

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from billing import card_hints, card_keys, charges
from billing.cards.connect import gateway
from billing.models import CardCharge, CardHint, ChargeState, LedgerEntry
from tests.billing.paying import NOW, OWED, as_it_is, balance, moved, owing, with_card
from tests.services import Sandbox

pytestmark = pytest.mark.django_db


def told(body: Any, name: str = "t-1", **more: Any) -> Any:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"tosspayments-webhook-transmission-id": name} if name else {}
    client = Client(enforce_csrf_checks=True)
    return client.post(
        reverse("billing:hook_cards"), data, content_type="application/json", headers=headers, **more
    )


def event(order: str, status: str = "DONE") -> dict[str, Any]:
    data = {"orderId": order, "paymentKey": "tbill-of-nobody", "status": status, "totalAmount": OWED}
    return {"eventType": "PAYMENT_STATUS_CHANGED", "data": data}


def charged(sandbox: Sandbox, **fault: Any) -> CardCharge:
    shop = owing()
    with_card(shop, sandbox)
    charge = charges.prepare(shop, None, NOW, by=None)
    if fault:
        sandbox.arm(on="card_charge", **fault)
    charges.submit(charge.pk, NOW)
    return as_it_is(charge)


def test_the_address_is_the_one_that_the_company_is_told() -> None:
    assert reverse("billing:hook_cards") == "/hooks/toss/payments"


def test_a_forged_done_changes_nothing(sandbox: Sandbox) -> None:
    charge = charged(sandbox, kind="reset_before")
    sandbox.cards(customer_key=charge.card.customer_key, does="REJECT_CARD_PAYMENT")
    assert told(event(charge.order_id)).status_code == 200
    assert card_hints.follow(NOW) == 1
    assert as_it_is(charge).state == ChargeState.DECLINED
    assert (moved(sandbox), balance(charge.shop)) == ([], OWED)


def test_a_hint_about_a_lost_charge_brings_its_money_in_early(sandbox: Sandbox) -> None:
    charge = charged(sandbox, kind="reset_after_accept")
    told(event(charge.order_id))
    assert balance(charge.shop) == OWED  # nothing is believed, and nothing waits for the company
    card_hints.follow(NOW)
    assert (as_it_is(charge).state, balance(charge.shop)) == (ChargeState.PAID, 0)


def test_an_event_repeated_or_sent_by_two_at_once_is_one(sandbox: Sandbox) -> None:
    charge = charged(sandbox)
    assert [told(event(charge.order_id)).status_code for _ in range(3)] == [200] * 3
    assert CardHint.objects.count() == 1
    nameless = [told(event(charge.order_id), name="").status_code for _ in range(2)]
    assert (nameless, CardHint.objects.count()) == ([200] * 2, 2)
    assert (card_hints.follow(NOW), card_hints.follow(NOW)) == (2, 0)
    assert LedgerEntry.objects.filter(kind="payment").count() == 1


def test_money_cancelled_at_the_company_is_seen_in_the_ledger(sandbox: Sandbox) -> None:
    charge = charged(sandbox)
    gateway().cancel(charge.payment_key, 3_200, "상점관리자에서 취소", "by-hand")
    told(event(charge.order_id, "PARTIAL_CANCELED"))
    card_hints.follow(NOW)
    assert balance(charge.shop) == 3_200


def test_an_unknown_charge_is_answered_so_that_it_is_not_sent_for_days(sandbox: Sandbox) -> None:
    assert told(event("somebody-elses-order")).status_code == 200
    assert told({"eventType": "payout.changed", "data": {}}, name="t-2").status_code == 200
    assert list(CardHint.objects.values_list("known", "order_id")) == [(False, "")] * 2
    assert card_hints.follow(NOW) == 0


def test_a_withdrawn_card_is_flagged_and_its_next_charge_decides(sandbox: Sandbox) -> None:
    shop = owing()
    card = with_card(shop, sandbox)
    body = {"eventType": "BILLING_DELETED", "data": {"billingKey": card_keys.billing_key_of(card)}}
    assert told(body).status_code == 200
    card.refresh_from_db()
    assert (card.state, card.broken_for) == ("active", card_keys.SAID_TO_BE_GONE)
    charges.submit(charges.prepare(shop, None, NOW, by=None).pk, NOW)
    card.refresh_from_db()
    assert (card.state, card.broken_for, balance(shop)) == ("active", "", 0)  # it was not true
    told({"eventType": "BILLING_DELETED", "data": {"billingKey": "guessed-billing-key="}}, name="t-2")
    card.refresh_from_db()
    assert card.broken_for == ""


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"[]", 400),
        (b'{"eventType": "PAYMENT_STATUS_CHANGED", "data": {}}', 400),
        (b'{"eventType": "PAYMENT_STATUS_CHANGED", "data": {"orderId": "../../x"}}', 400),
        (b"x" * 300_000, 413),
    ],
)
def test_what_can_be_no_event_is_refused_with_a_sentence(body: bytes, status: int) -> None:
    answer = told(body)
    assert answer.status_code == status
    assert answer.json()["error"]["message"].endswith("다.")
    assert not CardHint.objects.exists()
