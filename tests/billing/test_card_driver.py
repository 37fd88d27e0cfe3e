"""What the driver of card payments makes of what it hears (reference/payments.md §1)."""

import json
import logging
import threading
import time
import uuid
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.cards import (
    CancelOutcome,
    CardError,
    CardGateway,
    CardType,
    ChargeOutcome,
    ChargeRequest,
    ChargeResult,
    HintKind,
    Method,
    NotFound,
    OwnerType,
    Payment,
    Reason,
    WebhookMalformed,
    sentence,
    toss_answers,
    toss_codes,
)
from billing.cards.toss import Toss
from shopmsg.core.http import Answer
from tests.messaging.conftest import Wire
from tests.sandbox.conftest import Receiver, receiver, wait
from tests.services import CARD_SECRET_KEY, Sandbox

__all__ = ["receiver", "wait"]

CUSTOMER = "7d0b4a52-7c1e-4a0e-9f2e-6f1b2d1c8a11"
BILLING = "Zq8nT2/example+BillingKey-7Yw="


@pytest.fixture
def toss(sandbox: Sandbox) -> Toss:
    return Toss(sandbox.url, CARD_SECRET_KEY, deadline=1.0, question_deadline=1.0)


@pytest.fixture
def wired(wire: Wire) -> Toss:
    return Toss(wire.url, "test_sk_1", deadline=1.0, question_deadline=1.0)


def asked(billing_key: str = BILLING, **changed: Any) -> ChargeRequest:
    fields: dict[str, Any] = {
        "billing_key": billing_key,
        "customer_key": CUSTOMER,
        "order_id": "sub-202611-000417",
        "order_name": "월 이용료 2026-11",
        "amount": 33_000,
        "idempotency_key": str(uuid.uuid4()),
    }
    return ChargeRequest(**{**fields, **changed})


def registered(toss: Toss, sandbox: Sandbox, card: str = "normal") -> str:
    return toss.issue(sandbox.card_auth(CUSTOMER, card), CUSTOMER).billing_key


def answer(**changed: Any) -> dict[str, Any]:
    """A whole Payment."""
    whole = {
        "paymentKey": "tbill20261120ExaMpLe", "orderId": "sub-202611-000417", "currency": "KRW", "status": "DONE",
        "totalAmount": 33_000, "balanceAmount": 33_000, "approvedAt": "2026-11-20T10:16:03+09:00", "type": "BILLING",
        "secret": "ps_example", "receipt": {"url": "https://example.test/receipt/1"}, "method": "카드",
    }  # fmt: skip
    return {**whole, **changed}


def moved(sandbox: Sandbox) -> list[int]:
    return [row["amount"] for row in sandbox.card_payments() if row["status"] != "ABORTED"]


def test_a_registered_card_is_known_by_its_masked_number_and_its_company(
    toss: Toss, sandbox: Sandbox
) -> None:
    gateway: CardGateway = toss
    key = gateway.issue(sandbox.card_auth(CUSTOMER, number="94100012****789*"), CUSTOMER)
    assert (key.method, key.card_type, key.owner_type) == (Method.CARD, CardType.CREDIT, OwnerType.PERSONAL)
    assert (key.number_masked, key.issuer_code, key.issuer_name) == ("94100012****789*", "21", "하나카드")
    assert key.billing_key not in repr(key)
    assert CUSTOMER not in repr(key)


def test_an_account_is_registered_too_and_a_number_that_came_uncovered_is_covered(
    wire: Wire, wired: Toss
) -> None:
    body = {"billingKey": BILLING, "customerKey": CUSTOMER, "method": "계좌이체", "card": None}
    wire.says({**body, "transfers": [{"bankName": "우체국", "bankAccountNumber": "110-1234-567890"}]})
    key = wired.issue("bln_1", CUSTOMER)
    assert (key.method, key.number_masked, key.issuer_name) == (Method.TRANSFER, "1101*****7890", "우체국")


def test_asking_again_for_the_key_of_one_card_page_gives_the_same_key(toss: Toss, sandbox: Sandbox) -> None:
    auth = sandbox.card_auth(CUSTOMER)
    sandbox.arm(on="card_issue", kind="timeout_after_accept", seconds=1.5)
    with pytest.raises(CardError) as raised:
        toss.issue(auth, CUSTOMER)
    assert (raised.value.outcome, raised.value.code) == (ChargeOutcome.UNCERTAIN, "timeout")
    assert toss.issue(auth, CUSTOMER).billing_key == toss.issue(auth, CUSTOMER).billing_key
    assert len(sandbox.call("GET", "/sandbox/cards")["keys"]) == 1


@pytest.mark.parametrize("auth", ["bln_never", "", "한글", "x" * 301, "a b"])
def test_an_auth_key_that_is_none_sends_the_owner_back_to_the_card_page(
    toss: Toss, sandbox: Sandbox, auth: str
) -> None:
    with pytest.raises(CardError) as raised:
        toss.issue(auth, CUSTOMER)
    assert raised.value.outcome in (ChargeOutcome.DECLINED_SOFT, ChargeOutcome.DECLINED_DEAD)
    assert raised.value.message == sentence(Reason.NOT_REGISTERED)


@pytest.mark.parametrize(
    ("payload", "status", "outcome"),
    [
        ({"code": "INVALID_CARD_EXPIRATION", "message": ""}, 400, ChargeOutcome.DECLINED_DEAD),
        ({"code": "REJECT_CARD_COMPANY", "message": ""}, 403, ChargeOutcome.DECLINED_SOFT),
        ({"code": "PROVIDER_ERROR", "message": ""}, 400, ChargeOutcome.DECLINED_SOFT),
        ({"code": "UNAUTHORIZED_KEY", "message": ""}, 401, ChargeOutcome.CONFIG),
        ({"code": "FAILED_DB_PROCESSING", "message": ""}, 500, ChargeOutcome.UNCERTAIN),
        ({"billingKey": BILLING, "customerKey": "somebody-else"}, 200, ChargeOutcome.FATAL),
        ({"customerKey": CUSTOMER}, 200, ChargeOutcome.UNCERTAIN),
        ({"billingKey": "", "customerKey": CUSTOMER}, 200, ChargeOutcome.UNCERTAIN),
        (b"<html>", 200, ChargeOutcome.UNCERTAIN),
    ],
)
def test_what_comes_back_instead_of_a_billing_key(
    wire: Wire, wired: Toss, payload: object, status: int, outcome: ChargeOutcome
) -> None:
    wire.says(payload, status)
    with pytest.raises(CardError) as raised:
        wired.issue("bln_1", CUSTOMER)
    assert raised.value.outcome is outcome
    assert raised.value.message.endswith("요.")


def test_a_charge_that_is_paid_says_when_and_for_how_much(toss: Toss, sandbox: Sandbox) -> None:
    result = toss.charge(asked(registered(toss, sandbox)))
    assert (result.outcome, result.code, result.message) == (ChargeOutcome.PAID, "DONE", "")
    assert (result.amount, result.balance) == (33_000, 33_000)
    assert result.approved_at is not None
    assert result.approved_at.utcoffset() == timedelta(hours=9)
    assert result.receipt_url == f"{sandbox.url}/toss/receipt/{result.payment_key}"
    assert moved(sandbox) == [33_000]
    stored = json.dumps(dict(result.raw))
    assert result.raw["totalAmount"] == 33_000
    assert CUSTOMER not in stored
    assert "ps_" not in stored


def test_what_goes_over_the_wire(wire: Wire, wired: Toss) -> None:
    wire.says(answer())
    request = asked(idempotency_key="0b8e3a0e")
    wired.charge(request)
    seen = wire.seen[0]
    assert (seen.method, seen.path) == ("POST", "/v1/billing/Zq8nT2%2Fexample%2BBillingKey-7Yw%3D")
    assert seen.headers["authorization"] == "Basic dGVzdF9za18xOg=="  # test_sk_1 and its colon
    assert seen.headers["idempotency-key"] == "0b8e3a0e"
    assert seen.json == {
        "customerKey": CUSTOMER, "amount": 33_000, "orderId": "sub-202611-000417", "orderName": "월 이용료 2026-11",
        "taxFreeAmount": 0,
    }  # fmt: skip


def test_a_key_copied_with_a_byte_order_mark_or_a_line_break_is_the_same_key(wire: Wire) -> None:
    wire.says(answer())
    for key in ("test_sk_1", "\ufefftest_sk_1\n", " test_sk_1 "):
        Toss(wire.url, key).charge(asked())
    assert {seen.headers["authorization"] for seen in wire.seen} == {"Basic dGVzdF9za18xOg=="}


@pytest.mark.parametrize(
    ("card", "outcome", "reason"),
    [
        ("limit", ChargeOutcome.DECLINED_SOFT, Reason.NO_FUNDS),
        ("expired", ChargeOutcome.DECLINED_DEAD, Reason.EXPIRED),
        ("stopped", ChargeOutcome.DECLINED_DEAD, Reason.STOPPED),
    ],
)
def test_each_declined_card_has_its_sentence_and_the_lookup_says_the_same(
    toss: Toss, sandbox: Sandbox, card: str, outcome: ChargeOutcome, reason: Reason
) -> None:
    result = toss.charge(asked(registered(toss, sandbox, card)))
    assert (result.outcome, result.reason, result.message) == (outcome, reason, sentence(reason))
    found = toss.lookup("sub-202611-000417", 33_000)
    assert isinstance(found, ChargeResult)
    assert (found.outcome, found.code) == (outcome, result.code)
    assert moved(sandbox) == []


# The table of §1.9, written down a second time: HTTP status, code, class.
TABLE = """
400 INVALID_REQUEST fatal
400 INVALID_REQUIRED_PARAM fatal
400 INVALID_ORDER_ID fatal
400 BELOW_MINIMUM_AMOUNT fatal
400 INVALID_API_KEY config
401 UNAUTHORIZED_KEY config
401 INCORRECT_BASIC_AUTH_FORMAT config
403 FORBIDDEN_REQUEST config
401 SOMETHING_NEW_ABOUT_KEYS config
400 INVALID_BILL_KEY_REQUEST declined_dead
400 ALREADY_REMOVED_BILLING_KEY declined_dead
400 NOT_MATCHES_CUSTOMER_KEY declined_dead
404 NOT_FOUND_BILLING declined_dead
400 INVALID_STOPPED_CARD declined_dead
400 INVALID_CARD_EXPIRATION declined_dead
400 INVALID_CARD_NUMBER declined_dead
400 INVALID_CARD_LOST_OR_STOLEN declined_dead
400 NOT_SUPPORTED_CARD_TYPE declined_dead
400 NOT_REGISTERED_CARD_COMPANY declined_dead
400 INVALID_REJECT_CARD declined_soft
403 REJECT_CARD_COMPANY declined_soft
403 REJECT_CARD_PAYMENT declined_soft
401 REJECT_CARD_PAYMENT declined_soft
403 REJECT_ACCOUNT_PAYMENT declined_soft
403 EXCEED_MAX_AUTH_COUNT declined_soft
400 EXCEED_MAX_PAYMENT_AMOUNT declined_soft
400 EXCEED_MAX_AMOUNT declined_soft
400 EXCEED_MAX_ONE_DAY_WITHDRAW_AMOUNT declined_soft
400 EXCEED_MAX_ONE_TIME_WITHDRAW_AMOUNT declined_soft
400 EXCEED_MAX_CARD_INSTALLMENT_PLAN declined_soft
400 DUPLICATED_ORDER_ID uncertain
400 ALREADY_PROCESSED_PAYMENT uncertain
409 IDEMPOTENT_REQUEST_PROCESSING retry_later
409 SOMETHING_ELSE uncertain
400 PROVIDER_ERROR uncertain
400 CARD_PROCESSING_ERROR uncertain
500 FAILED_INTERNAL_SYSTEM_PROCESSING uncertain
500 FAILED_DB_PROCESSING uncertain
500 FAILED_CARD_COMPANY_RESPONSE uncertain
500 REJECT_CARD_PAYMENT uncertain
200 REJECT_CARD_PAYMENT uncertain
503 INVALID_API_KEY uncertain
429 TOO_MANY_REQUESTS retry_later
400 NOBODY_KNOWS_THIS uncertain
302 INVALID_CARD_EXPIRATION uncertain
"""


@pytest.mark.parametrize(("status", "code", "outcome"), [line.split() for line in TABLE.split("\n") if line])
def test_each_answer_has_its_class(wire: Wire, wired: Toss, status: str, code: str, outcome: str) -> None:
    wire.says({"code": code, "message": "…"}, int(status))
    result = wired.charge(asked())
    assert result.outcome == outcome
    assert result.message.endswith("요.")
    if outcome != "uncertain":
        assert result.code == code


def test_the_codes_of_the_table_are_all_known() -> None:
    unlisted = {"SOMETHING_NEW_ABOUT_KEYS", "SOMETHING_ELSE", "TOO_MANY_REQUESTS", "NOBODY_KNOWS_THIS"}
    assert {line.split()[1] for line in TABLE.split("\n") if line} - unlisted <= set(toss_codes.ERRORS)


@pytest.mark.parametrize(
    "changed",
    [
        {"status": "READY"}, {"status": "IN_PROGRESS"}, {"status": "SOMETHING_NEW"}, {"status": None},
        {"paymentKey": None}, {"paymentKey": ""}, {"paymentKey": "x" * 201}, {"orderId": "sub-202611-000418"},
        {"totalAmount": 33_001}, {"totalAmount": "33000"}, {"totalAmount": 33_000.5}, {"totalAmount": True},
        {"currency": "USD"}, {"currency": None}, {"status": "CANCELED", "balanceAmount": 0},
    ],
)  # fmt: skip
def test_a_success_that_is_not_what_was_asked_is_not_believed(
    wire: Wire, wired: Toss, changed: dict[str, Any]
) -> None:
    wire.says(answer(**changed))
    assert wired.charge(asked()).outcome is ChargeOutcome.UNCERTAIN
    assert isinstance(found := wired.lookup("sub-202611-000417", 33_000), ChargeResult)
    assert found.outcome is ChargeOutcome.UNCERTAIN


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"", 200), (b"<html></html>", 200), (b"[]", 200), (b'{"status": "DONE"', 200), (b"\xff\xfe", 200),
     (b"[" * 100_000, 200), (b'"DONE"', 200), (b"", 201), (b"<html></html>", 502), (b"<html></html>", 403),
     (b"1" * 5000, 200)],
)  # fmt: skip
def test_an_answer_that_cannot_be_read_leaves_the_charge_uncertain(
    wire: Wire, wired: Toss, body: bytes, status: int
) -> None:
    wire.says(body, status)
    assert wired.charge(asked()).outcome is ChargeOutcome.UNCERTAIN
    found = wired.lookup("sub-202611-000417", 33_000)
    assert isinstance(found, ChargeResult)
    assert found.outcome is ChargeOutcome.UNCERTAIN


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(list(answer())), inner, max_size=8), max_leaves=20), st.sampled_from([200, 400, 404, 500]))  # fmt: skip
def test_no_answer_however_odd_is_paid_or_breaks_the_driver(payload: object, status: int) -> None:
    heard = Answer(status, {}, json.dumps(payload).encode())
    result = toss_answers.charged(heard, "sub-202611-000417", 33_000)
    assert result.outcome is not ChargeOutcome.PAID
    assert isinstance(toss_answers.looked_up(heard, "sub-202611-000417", 33_000), ChargeResult)
    assert toss_answers.cancelled(heard, "tbill20261120ExaMpLe", 100).outcome is not CancelOutcome.DONE
    with pytest.raises(CardError):
        toss_answers.payment(heard, "tbill20261120ExaMpLe")


@pytest.mark.parametrize("kind", ["timeout_after_accept", "reset_after_accept", "truncated", "non_json_after_accept", "status_after_accept", "missing_keys"])  # fmt: skip
def test_money_that_moved_without_an_answer_is_found_by_the_lookup_and_not_moved_again(
    toss: Toss, sandbox: Sandbox, kind: str
) -> None:
    request = asked(registered(toss, sandbox))
    sandbox.arm(on="card_charge", kind=kind, seconds=1.5)
    assert toss.charge(request).outcome is ChargeOutcome.UNCERTAIN
    found = toss.lookup(request.order_id, request.amount)
    assert isinstance(found, ChargeResult)
    assert found.outcome is ChargeOutcome.PAID
    assert toss.charge(request).payment_key == found.payment_key
    assert moved(sandbox) == [33_000]


@pytest.mark.parametrize("kind", ["timeout", "reset_before", "status", "non_json"])
def test_a_charge_that_never_happened_is_not_found_and_the_same_request_makes_it(
    toss: Toss, sandbox: Sandbox, kind: str
) -> None:
    request = asked(registered(toss, sandbox))
    sandbox.arm(on="card_charge", kind=kind, seconds=1.5)
    assert toss.charge(request).outcome is ChargeOutcome.UNCERTAIN
    assert toss.lookup(request.order_id, request.amount) == NotFound()
    assert toss.charge(request).outcome is ChargeOutcome.PAID
    assert moved(sandbox) == [33_000]


def test_a_slow_card_company_is_waited_for_until_the_deadline_and_the_money_found_later(
    toss: Toss, sandbox: Sandbox
) -> None:
    request = asked(registered(toss, sandbox))
    sandbox.arm(on="card_charge", kind="slow", seconds=1.6)
    began = time.monotonic()
    assert (toss.charge(request).outcome, toss.charge(request).outcome) == (
        ChargeOutcome.UNCERTAIN,
        ChargeOutcome.RETRY_LATER,  # the first is still being answered
    )
    assert time.monotonic() - began < 1.6
    time.sleep(1.0)
    found = toss.lookup(request.order_id, request.amount)
    assert isinstance(found, ChargeResult)
    assert found.outcome is ChargeOutcome.PAID
    assert moved(sandbox) == [33_000]


def test_the_same_request_from_two_sides_at_once_moves_money_once(toss: Toss, sandbox: Sandbox) -> None:
    request = asked(registered(toss, sandbox))
    results: list[ChargeResult] = []
    threads = [threading.Thread(target=lambda: results.append(toss.charge(request))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {result.outcome for result in results} <= {ChargeOutcome.PAID, ChargeOutcome.RETRY_LATER}
    assert moved(sandbox) == [33_000]
    assert toss.charge(request).outcome is ChargeOutcome.PAID


def test_another_key_for_a_paid_order_is_uncertain_and_the_lookup_says_paid(
    toss: Toss, sandbox: Sandbox
) -> None:
    request = asked(registered(toss, sandbox))
    toss.charge(request)
    again = toss.charge(replace(request, idempotency_key="another"))
    assert (again.outcome, again.code) == (ChargeOutcome.UNCERTAIN, "DUPLICATED_ORDER_ID")
    assert isinstance(found := toss.lookup(request.order_id, request.amount), ChargeResult)
    assert found.outcome is ChargeOutcome.PAID


def test_a_charge_that_did_not_leave_may_be_asked_again(closed_port: int) -> None:
    away = Toss(f"http://127.0.0.1:{closed_port}", "test_sk_1")
    result = away.charge(asked())
    assert (result.outcome, result.code) == (ChargeOutcome.RETRY_LATER, "not_connected")
    assert isinstance(found := away.lookup("sub-202611-000417", 33_000), ChargeResult)
    assert found.outcome is ChargeOutcome.UNCERTAIN


def test_a_refused_or_missing_key_is_never_the_cards_fault(toss: Toss, sandbox: Sandbox, wire: Wire) -> None:
    billing = registered(toss, sandbox)
    result = Toss(sandbox.url, "test_sk_wrong").charge(asked(billing))
    assert (result.outcome, result.reason) == (ChargeOutcome.CONFIG, Reason.OURS)
    found = Toss(sandbox.url, "test_sk_wrong").lookup("sub-202611-000417", 33_000)
    assert isinstance(found, ChargeResult)
    assert found.outcome is ChargeOutcome.UNCERTAIN  # nothing was learned of the charge
    assert Toss(wire.url, " ").charge(asked()).code == "no_key"
    assert wire.seen == []


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"order_id": "short"}, "invalid_order_id"), ({"order_id": "주문-번호-1"}, "invalid_order_id"),
        ({"order_id": "x" * 65}, "invalid_order_id"), ({"order_id": "order-1\n"}, "invalid_order_id"),
        ({"customer_key": "x"}, "invalid_customer_key"), ({"customer_key": "x" * 301}, "invalid_customer_key"),
        ({"customer_key": "a/b"}, "invalid_customer_key"), ({"billing_key": ""}, "invalid_billing_key"),
        ({"billing_key": "빌링키입니다"}, "invalid_billing_key"), ({"order_name": " "}, "invalid_order_name"),
        ({"order_name": "이" * 101}, "invalid_order_name"), ({"order_name": "a\nb"}, "invalid_order_name"),
        ({"amount": 99}, "invalid_amount"), ({"amount": -1}, "invalid_amount"), ({"amount": 33_000.0}, "invalid_amount"),
        ({"amount": True}, "invalid_amount"), ({"idempotency_key": ""}, "invalid_idempotency_key"),
        ({"idempotency_key": "x" * 301}, "invalid_idempotency_key"),
        ({"idempotency_key": "a\r\nX: y"}, "invalid_idempotency_key"),
    ],
)  # fmt: skip
def test_a_request_that_makes_no_sense_does_not_leave(
    wire: Wire, wired: Toss, changed: dict[str, Any], code: str
) -> None:
    result = wired.charge(asked(**changed))
    assert (result.outcome, result.code) == (ChargeOutcome.FATAL, code)
    assert wire.seen == []


def test_a_payment_cancelled_behind_our_back_is_not_called_paid(toss: Toss, sandbox: Sandbox) -> None:
    request = asked(registered(toss, sandbox))
    paid = toss.charge(request)
    toss.cancel(paid.payment_key, 11_000, "고객 요청", "cancel-1")
    found = toss.lookup(request.order_id, request.amount)
    assert isinstance(found, ChargeResult)
    assert (found.outcome, found.reason, found.code) == (
        ChargeOutcome.UNCERTAIN,
        Reason.REFUNDED,
        "PARTIAL_CANCELED",
    )
    assert (found.payment_key, found.balance) == (paid.payment_key, 22_000)


def test_a_lookup_of_another_amount_is_not_believed(toss: Toss, sandbox: Sandbox) -> None:
    toss.charge(asked(registered(toss, sandbox)))
    found = toss.lookup("sub-202611-000417", 33_001)
    assert isinstance(found, ChargeResult)
    assert (found.outcome, found.code) == (ChargeOutcome.UNCERTAIN, "mismatch")


def test_a_404_that_is_not_the_vendors_own_is_no_proof_that_nothing_was_paid(wire: Wire, wired: Toss) -> None:
    for body in (b"<html>not found</html>", {"code": "NOT_FOUND", "message": ""}):
        wire.says(body, 404)
        assert wired.lookup("sub-202611-000417", 33_000) != NotFound()
        with pytest.raises(CardError):
            wired.payment("tbill20261120ExaMpLe")


@pytest.mark.parametrize(
    ("code", "outcome"),
    [("INVALID_CARD_EXPIRATION", ChargeOutcome.DECLINED_DEAD), ("PROVIDER_ERROR", ChargeOutcome.DECLINED_SOFT),
     ("INVALID_API_KEY", ChargeOutcome.DECLINED_SOFT), ("NEW_WORD", ChargeOutcome.DECLINED_SOFT)],
)  # fmt: skip
def test_an_aborted_payment_moved_no_money_whatever_it_says_why(
    wire: Wire, wired: Toss, code: str, outcome: ChargeOutcome
) -> None:
    wire.says(answer(status="ABORTED", balanceAmount=0, failure={"code": code, "message": ""}))
    found = wired.lookup("sub-202611-000417", 33_000)
    assert isinstance(found, ChargeResult)
    assert (found.outcome, found.code) == (outcome, code)


def test_part_after_part_is_given_back_until_nothing_is_left(toss: Toss, sandbox: Sandbox) -> None:
    key = toss.charge(asked(registered(toss, sandbox))).payment_key
    first = toss.cancel(key, 11_000, "서비스 오류", "cancel-1")
    assert (first.outcome, first.amount, first.balance, first.fully_refunded) == (
        CancelOutcome.DONE,
        11_000,
        22_000,
        False,
    )
    assert toss.cancel(key, 11_000, "서비스 오류", "cancel-1") == first
    too_much = toss.cancel(key, 22_001, "서비스 오류", "cancel-2")
    assert (too_much.outcome, too_much.code, too_much.balance) == (
        CancelOutcome.REFUSED,
        "NOT_CANCELABLE_AMOUNT",
        22_000,
    )
    last = toss.cancel(key, 22_000, "해지", "cancel-3")
    assert (last.code, last.balance, last.fully_refunded) == ("PARTIAL_CANCELED", 0, True)
    found = toss.payment(key)
    assert isinstance(found, Payment)
    assert [(row.amount, row.reason) for row in found.cancels] == [(11_000, "서비스 오류"), (22_000, "해지")]
    assert [row.transaction_key for row in found.cancels] == [first.transaction_key, last.transaction_key]
    assert toss.payment("tbill-nothing") == NotFound()


def test_a_cancellation_without_an_answer_is_uncertain_and_the_payment_tells(
    toss: Toss, sandbox: Sandbox
) -> None:
    key = toss.charge(asked(registered(toss, sandbox))).payment_key
    sandbox.arm(on="card_cancel", kind="timeout_after_accept", seconds=1.5)
    unsure = toss.cancel(key, 33_000, "해지", "cancel-1")
    assert (unsure.outcome, unsure.balance) == (CancelOutcome.UNCERTAIN, None)
    found = toss.payment(key)
    assert isinstance(found, Payment)
    assert (found.balance, found.status) == (0, "CANCELED")
    other = toss.cancel(key, 33_000, "해지", "cancel-2")
    assert (other.outcome, other.code, other.balance) == (
        CancelOutcome.REFUSED,
        "ALREADY_CANCELED_PAYMENT",
        0,
    )
    assert toss.cancel(key, 33_000, "해지", "cancel-1").outcome is CancelOutcome.DONE


@pytest.mark.parametrize(
    ("payload", "status", "outcome"),
    [
        (answer(status="CANCELED", balanceAmount=0, cancels=[{"cancelAmount": 11_000, "cancelStatus": "DONE"}]), 200, "uncertain"),
        (answer(status="CANCELED", balanceAmount=0, cancels=[{"cancelAmount": 33_000, "cancelStatus": "IN_PROGRESS"}]), 200, "uncertain"),
        (answer(status="CANCELED", balanceAmount=0, cancels=[]), 200, "uncertain"),
        (answer(status="CANCELED", balanceAmount=0, cancels=[{"cancelAmount": "33000"}]), 200, "uncertain"),
        (answer(paymentKey="tbill-other", balanceAmount=0, cancels=[{"cancelAmount": 33_000}]), 200, "uncertain"),
        (answer(status="CANCELED", balanceAmount=0, cancels=[{"cancelAmount": 33_000}]), 200, "done"),
        ({"code": "PROVIDER_ERROR", "message": ""}, 400, "uncertain"),
        ({"code": "REJECT_CARD_PAYMENT", "message": ""}, 403, "uncertain"),
        ({"code": "REFUND_REJECTED", "message": ""}, 400, "refused"),
        ({"code": "REFUND_REJECTED", "message": ""}, 500, "uncertain"),
        ({"code": "FORBIDDEN_CONSECUTIVE_REQUEST", "message": ""}, 403, "refused"),
        ({"code": "IDEMPOTENT_REQUEST_PROCESSING", "message": ""}, 409, "retry_later"),
        ({"code": "UNAUTHORIZED_KEY", "message": ""}, 401, "config"),
        ({"code": "INVALID_REQUEST", "message": ""}, 400, "fatal"),
    ],
)  # fmt: skip
def test_each_answer_to_a_cancellation_has_its_class(
    wire: Wire, wired: Toss, payload: dict[str, Any], status: int, outcome: str
) -> None:
    wire.says(payload, status)
    result = wired.cancel("tbill20261120ExaMpLe", 33_000, "해지", "cancel-1")
    assert result.outcome == outcome


@pytest.mark.parametrize(
    ("amount", "reason", "key"),
    [(0, "해지", "k"), (-1, "해지", "k"), (1, " ", "k"), (1, "이" * 201, "k"), (1, "해지", "")],
)
def test_a_cancellation_that_makes_no_sense_does_not_leave(
    wire: Wire, wired: Toss, amount: int, reason: str, key: str
) -> None:
    assert wired.cancel("tbill20261120ExaMpLe", amount, reason, key).outcome is CancelOutcome.FATAL
    assert wire.seen == []


def test_a_card_is_forgotten_once_and_again(toss: Toss, sandbox: Sandbox) -> None:
    billing = registered(toss, sandbox)
    toss.remove(billing)
    toss.remove(billing)
    toss.remove("never-was-a-key")
    assert toss.charge(asked(billing)).outcome is ChargeOutcome.DECLINED_DEAD
    sandbox.arm(on="card_remove", kind="status")
    with pytest.raises(CardError):
        toss.remove(billing)


def test_a_webhook_of_a_cancellation_says_which_payment_to_look_up(
    toss: Toss, sandbox: Sandbox, receiver: Receiver, wait: Any
) -> None:
    sandbox.cards(webhook_url=receiver.url)
    paid = toss.charge(asked(registered(toss, sandbox)))
    toss.cancel(paid.payment_key, 33_000, "해지", "cancel-1")
    wait(lambda: receiver.posts)
    hint = toss.read_webhook(json.dumps(receiver.posts[0][1]).encode())
    assert (hint.kind, hint.order_id, hint.payment_key) == (
        HintKind.PAYMENT,
        "sub-202611-000417",
        paid.payment_key,
    )
    assert hint.status == "CANCELED"


def test_the_other_webhooks_are_hints_as_well(wired: Toss) -> None:
    deleted = wired.read_webhook(
        json.dumps({"eventType": "BILLING_DELETED", "data": {"billingKey": BILLING}}).encode()
    )
    assert (deleted.kind, deleted.billing_key, BILLING in repr(deleted)) == (
        HintKind.BILLING_DELETED,
        BILLING,
        False,
    )
    flat = {
        "createdAt": "…",
        "secret": "ps_1",
        "status": "DONE",
        "transactionKey": "t",
        "orderId": "order-000977",
    }
    assert wired.read_webhook(json.dumps(flat).encode()).order_id == "order-000977"
    assert wired.read_webhook(b'{"eventType": "payout.changed", "data": 1}').kind is HintKind.UNKNOWN


PAYMENT_EVENT = '{"eventType": "PAYMENT_STATUS_CHANGED", "data": %s}'


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("", "not_json"), ("[]", "not_json"), ("{", "not_json"), ("[" * 100_000, "not_json"), ("{}", "no_event_type"),
        ('{"eventType": 7}', "no_event_type"), ('{"eventType": "<script>"}', "no_event_type"),
        ('{"eventType": "PAYMENT_STATUS_CHANGED"}', "no_data"), (PAYMENT_EVENT % '"x"', "no_data"),
        (PAYMENT_EVENT % "{}", "names_nothing"), (PAYMENT_EVENT % '{"orderId": "../../etc/passwd"}', "bad_order_id"),
        (PAYMENT_EVENT % '{"orderId": 7}', "bad_order_id"), (PAYMENT_EVENT % '{"orderId": "order-1\\u0000"}', "bad_order_id"),
        (PAYMENT_EVENT % '{"paymentKey": "a b c d"}', "bad_payment_key"),
        (PAYMENT_EVENT % json.dumps({"paymentKey": "x" * 201}), "bad_payment_key"),
        ('{"eventType": "BILLING_DELETED", "data": {}}', "bad_billing_key"), ('{"transactionKey": "t"}', "names_nothing"),
        ("x" * 300_000, "too_large"),
    ],
)  # fmt: skip
def test_a_forged_webhook_is_refused_by_what_is_wrong_with_it(wired: Toss, body: str, code: str) -> None:
    with pytest.raises(WebhookMalformed) as raised:
        wired.read_webhook(body.encode())
    assert raised.value.code == code
    assert raised.value.message.endswith("다.")


def test_no_key_and_no_card_number_reaches_a_log(
    wire: Wire, wired: Toss, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.INFO)
    wire.says({"code": "REJECT_CARD_PAYMENT", "message": f"9410001234567890 {BILLING}"}, 403)
    request = asked(idempotency_key="idempotency-secret")
    results = [wired.charge(request), wired.charge(asked(order_id=BILLING))]
    with pytest.raises(CardError):
        wired.issue("bln_secret_auth", CUSTOMER)
    with pytest.raises(CardError):
        wired.remove(BILLING)
    wired.cancel("tbill20261120ExaMpLe", 100, "해지", "k")
    output = capsys.readouterr()
    said = caplog.text + output.out + output.err + repr(results) + repr(request)
    assert "card_not_charged" in said
    for secret in (
        BILLING,
        "Zq8nT2",
        CUSTOMER,
        "bln_secret_auth",
        "test_sk_1",
        "9410001234567890",
        "dGVzdF9za18xOg",
    ):
        assert secret not in said
