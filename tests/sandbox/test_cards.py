"""Card payments on the wire, asked by a client that is not ours (reference/payments.md §1)."""

import base64
import threading
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
import requests

from tests.sandbox.conftest import Receiver, Sandbox

SECRET, CLIENT = "test_sk_sandboxtests", "test_ck_sandboxtests"
CUSTOMER = "7d0b4a52-7c1e-4a0e-9f2e-6f1b2d1c8a11"
PAGE = "/toss/billing-auth"


class Shop:
    """A shop of the payment company: signed calls, and cards registered without a browser."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.authorization = "Basic " + base64.b64encode(f"{SECRET}:".encode()).decode()

    def call(self, method: str, path: str, body: Any = None, **options: Any) -> requests.Response:
        headers = {"Authorization": self.authorization, **options.pop("headers", {})}
        options.setdefault("timeout", 10)
        return requests.request(method, self.sandbox.url + path, json=body, headers=headers, **options)

    def tell(self, **told: Any) -> None:
        self.sandbox.control("POST", "/cards", told)

    def auth(self, card: str = "normal", customer: str = CUSTOMER) -> str:
        made = self.sandbox.control("POST", "/cards/auth", {"customer_key": customer, "card": card})
        return str(made["auth_key"])

    def card(self, card: str = "normal", customer: str = CUSTOMER) -> str:
        body = {"authKey": self.auth(card, customer), "customerKey": customer}
        response = self.call("POST", "/v1/billing/authorizations/issue", body)
        assert response.status_code == 200, response.text
        return str(response.json()["billingKey"])

    def charge(
        self, billing: str, order: str = "order-1", key: str | None = None, **changed: Any
    ) -> requests.Response:
        body = {
            "customerKey": CUSTOMER,
            "amount": 33000,
            "orderId": order,
            "orderName": "월 이용료",
            **changed,
        }
        headers = {"Idempotency-Key": key or str(uuid.uuid4())}
        return self.call("POST", f"/v1/billing/{quote(billing, safe='')}", body, headers=headers)

    def cancel(self, payment: str, **body: Any) -> requests.Response:
        return self.call("POST", f"/v1/payments/{payment}/cancel", {"cancelReason": "고객 요청", **body})

    def payments(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.sandbox.control("GET", "/cards")["payments"]
        return found


def refused(response: requests.Response) -> tuple[int, str]:
    assert set(response.json()) == {"code", "message"}
    return response.status_code, response.json()["code"]


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Any:
    keys = ("--card-secret-key", SECRET, "--card-client-key", CLIENT)
    running = Sandbox(tmp_path_factory.mktemp("cards") / "data.sqlite3", *keys)
    yield running
    assert (running.stop(), running.errors()) == (0, "")


@pytest.fixture
def shop(company: Sandbox) -> Shop:
    company.control("POST", "/reset")
    return Shop(company)


def test_a_card_is_registered_once_charged_and_found_again(shop: Shop) -> None:
    auth = shop.auth()
    body = {"authKey": auth, "customerKey": CUSTOMER}
    issued = shop.call("POST", "/v1/billing/authorizations/issue", body).json()
    assert (issued["method"], issued["customerKey"], issued["card"]["cardType"]) == ("카드", CUSTOMER, "신용")
    assert issued["billingKey"].endswith("=")
    again = shop.call("POST", "/v1/billing/authorizations/issue", body)
    assert refused(again) == (400, "INVALID_BILL_KEY_REQUEST")
    paid = shop.charge(issued["billingKey"], "sub-202611-000417").json()
    assert (paid["status"], paid["type"], paid["currency"]) == ("DONE", "BILLING", "KRW")
    assert (paid["totalAmount"], paid["balanceAmount"]) == (33000, 33000)
    assert (paid["suppliedAmount"], paid["vat"], paid["taxFreeAmount"]) == (30000, 3000, 0)
    assert datetime.fromisoformat(paid["approvedAt"]).utcoffset() == timedelta(hours=9)
    for path in (f"/v1/payments/{paid['paymentKey']}", "/v1/payments/orders/sub-202611-000417"):
        assert shop.call("GET", path).json() == paid


def test_an_auth_key_is_good_for_its_customer_only(shop: Shop) -> None:
    body = {"authKey": shop.auth(), "customerKey": "somebody-else"}
    response = shop.call("POST", "/v1/billing/authorizations/issue", body)
    assert refused(response) == (400, "NOT_MATCHES_CUSTOMER_KEY")


@pytest.mark.parametrize(
    ("header", "answer"),
    [
        ("", (401, "UNAUTHORIZED_KEY")),
        ("Basic " + base64.b64encode(SECRET.encode()).decode(), (401, "INCORRECT_BASIC_AUTH_FORMAT")),
        (
            "Basic " + base64.b64encode(f"\ufeff{SECRET}:".encode()).decode(),
            (401, "INCORRECT_BASIC_AUTH_FORMAT"),
        ),
        ("Basic %%%", (401, "INCORRECT_BASIC_AUTH_FORMAT")),
        ("Bearer " + base64.b64encode(f"{SECRET}:".encode()).decode(), (401, "INCORRECT_BASIC_AUTH_FORMAT")),
        ("Basic " + base64.b64encode(b"test_sk_other:").decode(), (401, "UNAUTHORIZED_KEY")),
        ("Basic " + base64.b64encode(f"{SECRET}:x:".encode()).decode(), (401, "UNAUTHORIZED_KEY")),
        ("Basic " + base64.b64encode(f"{CLIENT}:".encode()).decode(), (400, "INVALID_API_KEY")),
    ],
)
def test_only_the_secret_key_with_its_colon_is_let_in(
    shop: Shop, header: str, answer: tuple[int, str]
) -> None:
    assert refused(shop.call("GET", "/v1/payments/nothing-1", headers={"Authorization": header})) == answer


def test_the_first_answer_to_an_idempotency_key_is_the_answer_for_fifteen_days_whatever_the_body(
    shop: Shop,
) -> None:
    billing = shop.card()
    first = shop.charge(billing, key="one")
    second = shop.charge(billing, "order-2", key="one", amount=99000)
    assert (second.status_code, second.content) == (200, first.content)
    assert len(shop.payments()) == 1
    later = datetime.now(UTC) + timedelta(days=15, minutes=1)
    shop.sandbox.control("POST", "/clock", {"now": later.isoformat()})
    assert shop.charge(billing, "order-2", key="one").json()["orderId"] == "order-2"


def test_a_refusal_is_remembered_too_and_another_key_asks_anew(shop: Shop) -> None:
    billing = shop.card("limit")
    assert refused(shop.charge(billing, key="one")) == (403, "REJECT_CARD_PAYMENT")
    shop.tell(card="limit", does="ok")
    assert refused(shop.charge(billing, key="one")) == (403, "REJECT_CARD_PAYMENT")
    assert shop.charge(billing, key="two").json()["status"] == "DONE"


def test_an_idempotency_key_belongs_to_its_address_and_has_at_most_300_characters(shop: Shop) -> None:
    billing, other = shop.card(), shop.card("normal")
    shop.charge(billing, "order-1", key="k" * 300)
    assert shop.charge(other, "order-2", key="k" * 300).json()["orderId"] == "order-2"
    assert refused(shop.charge(billing, "order-3", key="k" * 301)) == (400, "INVALID_IDEMPOTENCY_KEY")


def test_the_same_key_while_the_first_is_being_answered_is_a_conflict(shop: Shop) -> None:
    billing = shop.card()
    shop.sandbox.control("POST", "/faults", {"on": "card_charge", "kind": "slow", "seconds": 1.5})
    answers: list[requests.Response] = []
    running = threading.Thread(target=lambda: answers.append(shop.charge(billing, key="one")))
    running.start()
    time.sleep(0.4)
    assert refused(shop.charge(billing, key="one")) == (409, "IDEMPOTENT_REQUEST_PROCESSING")
    running.join()
    assert shop.charge(billing, key="one").content == answers[0].content
    assert [row["status"] for row in shop.payments()] == ["DONE"]


@pytest.mark.parametrize(
    "kind", ["timeout_after_accept", "reset_after_accept", "status_after_accept", "truncated"]
)
def test_the_money_may_have_moved_although_no_answer_came(shop: Shop, kind: str) -> None:
    billing = shop.card()
    shop.sandbox.control("POST", "/faults", {"on": "card_charge", "kind": kind, "seconds": 0.2})
    try:
        assert shop.charge(billing, key="one").status_code == 503
    except requests.RequestException:
        assert kind != "status_after_accept"
    assert shop.call("GET", "/v1/payments/orders/order-1").json()["status"] == "DONE"
    assert shop.charge(billing, key="one").json()["status"] == "DONE"
    assert len(shop.payments()) == 1


def test_who_waits_too_short_finds_the_money_moved_afterwards(shop: Shop, wait: Any) -> None:
    billing = shop.card()
    shop.sandbox.control("POST", "/faults", {"on": "card_charge", "kind": "slow", "seconds": 0.6})
    with pytest.raises(requests.Timeout):
        shop.call(
            "POST", f"/v1/billing/{quote(billing)}", timeout=0.2, headers={"Idempotency-Key": "one"},
            body={"customerKey": CUSTOMER, "amount": 33000, "orderId": "order-1", "orderName": "월 이용료"},
        )  # fmt: skip
    assert refused(shop.call("GET", "/v1/payments/orders/order-1")) == (404, "NOT_FOUND_PAYMENT")
    wait(lambda: shop.call("GET", "/v1/payments/orders/order-1").status_code == 200)


@pytest.mark.parametrize(
    ("code", "status"),
    [("REJECT_CARD_PAYMENT", 403), ("PROVIDER_ERROR", 400), ("IDEMPOTENT_REQUEST_PROCESSING", 409),
     ("FAILED_INTERNAL_SYSTEM_PROCESSING", 500), ("NO_SUCH_CODE", 400)],
)  # fmt: skip
def test_a_test_code_in_the_header_is_answered_without_moving_money(
    shop: Shop, code: str, status: int
) -> None:
    body = {"customerKey": CUSTOMER, "amount": 33000, "orderId": "order-1", "orderName": "월 이용료"}
    headers = {"TossPayments-Test-Code": code}
    response = shop.call("POST", f"/v1/billing/{quote(shop.card())}", body, headers=headers)
    assert refused(response) == (status, code if code != "NO_SUCH_CODE" else "INVALID_REQUEST")
    assert shop.payments() == []


@pytest.mark.parametrize(
    ("card", "answer"),
    [("limit", (403, "REJECT_CARD_PAYMENT")), ("expired", (400, "INVALID_CARD_EXPIRATION")),
     ("stopped", (400, "INVALID_STOPPED_CARD"))],
)  # fmt: skip
def test_each_test_card_fails_in_its_way_and_leaves_a_payment_that_says_so(
    shop: Shop, card: str, answer: tuple[int, str]
) -> None:
    assert refused(shop.charge(shop.card(card))) == answer
    left = shop.call("GET", "/v1/payments/orders/order-1").json()
    assert (left["status"], left["failure"]["code"], left["approvedAt"]) == ("ABORTED", answer[1], None)


def test_a_declined_charge_may_leave_nothing_to_look_up(shop: Shop) -> None:
    shop.tell(keeps_declined=False)
    shop.charge(shop.card("limit"))
    assert refused(shop.call("GET", "/v1/payments/orders/order-1")) == (404, "NOT_FOUND_PAYMENT")


def test_a_customers_card_can_be_told_to_fail_and_to_work_again(shop: Shop) -> None:
    billing = shop.card()
    shop.tell(customer_key=CUSTOMER, does="INVALID_CARD_EXPIRATION")
    assert refused(shop.charge(billing)) == (400, "INVALID_CARD_EXPIRATION")
    shop.tell(customer_key=CUSTOMER, does=None)
    assert shop.charge(billing).json()["status"] == "DONE"


def test_an_order_is_paid_once_whatever_the_idempotency_key(shop: Shop) -> None:
    billing = shop.card()
    shop.charge(billing)
    assert refused(shop.charge(billing)) == (400, "DUPLICATED_ORDER_ID")
    assert len(shop.payments()) == 1


def test_two_charges_of_one_order_at_once_move_money_once(shop: Shop) -> None:
    billing = shop.card()
    threads = [threading.Thread(target=shop.charge, args=(billing,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [row["status"] for row in shop.payments()] == ["DONE"]


@pytest.mark.parametrize(
    ("changed", "answer"),
    [
        ({"amount": 99}, (400, "BELOW_MINIMUM_AMOUNT")),
        ({"amount": "33000"}, (400, "INVALID_REQUEST")),
        ({"amount": 33000.5}, (400, "INVALID_REQUEST")),
        ({"amount": None}, (400, "INVALID_REQUIRED_PARAM")),
        ({"orderId": "short"}, (400, "INVALID_ORDER_ID")),
        ({"orderId": "주문번호입니다"}, (400, "INVALID_ORDER_ID")),
        ({"orderName": "이" * 101}, (400, "INVALID_REQUEST")),
        ({"customerKey": "somebody-else"}, (400, "NOT_MATCHES_CUSTOMER_KEY")),
    ],
)
def test_a_charge_that_makes_no_sense_is_refused_by_name(
    shop: Shop, changed: dict[str, Any], answer: tuple[int, str]
) -> None:
    assert refused(shop.charge(shop.card(), **changed)) == answer
    assert shop.payments() == []


def test_a_forgotten_card_cannot_be_charged(shop: Shop) -> None:
    billing = shop.card()
    path = f"/v1/billing/{quote(billing, safe='')}"
    gone = shop.call("DELETE", path)
    assert (gone.status_code, gone.content) == (200, b"")
    assert refused(shop.charge(billing)) == (400, "ALREADY_REMOVED_BILLING_KEY")
    assert refused(shop.call("DELETE", path)) == (400, "BILLING_KEY_NOT_FOUND")
    assert refused(shop.call("DELETE", "/v1/billing/never-was")) == (404, "NOT_FOUND_BILLING")


def test_a_payment_cancelled_at_once_is_cancelled_and_nothing_is_left_to_cancel(shop: Shop) -> None:
    key = shop.charge(shop.card()).json()["paymentKey"]
    done = shop.cancel(key).json()
    assert (done["status"], done["balanceAmount"], done["cancels"][0]["cancelAmount"]) == (
        "CANCELED",
        0,
        33000,
    )
    assert refused(shop.cancel(key)) == (400, "ALREADY_CANCELED_PAYMENT")


def test_a_payment_cancelled_in_parts_stays_partly_cancelled_although_nothing_is_left(shop: Shop) -> None:
    key = shop.charge(shop.card()).json()["paymentKey"]
    first = shop.cancel(key, cancelAmount=11000).json()
    assert (first["status"], first["balanceAmount"]) == ("PARTIAL_CANCELED", 22000)
    assert refused(shop.cancel(key, cancelAmount=22001)) == (403, "NOT_CANCELABLE_AMOUNT")
    assert refused(shop.cancel(key, cancelAmount=1, refundableAmount=1)) == (
        400,
        "NOT_MATCHES_REFUNDABLE_AMOUNT",
    )
    rest = shop.cancel(key, cancelAmount=22000).json()
    assert (rest["status"], rest["balanceAmount"], len(rest["cancels"])) == ("PARTIAL_CANCELED", 0, 2)
    assert refused(shop.cancel(key)) == (403, "NOT_CANCELABLE_AMOUNT")


def test_what_was_never_paid_or_is_exempt_cannot_be_cancelled_in_part(shop: Shop) -> None:
    shop.charge(shop.card("limit"))
    assert refused(shop.cancel(shop.payments()[0]["payment_key"])) == (403, "NOT_CANCELABLE_PAYMENT")
    exempt = shop.charge(shop.card(), "order-2", taxExemptionAmount=1000).json()
    assert exempt["isPartialCancelable"] is False
    assert refused(shop.cancel(exempt["paymentKey"], cancelAmount=1)) == (403, "NOT_ALLOWED_PARTIAL_REFUND")
    assert refused(shop.cancel("tbill-nothing")) == (404, "NOT_FOUND_PAYMENT")


def test_a_cancellation_is_told_by_an_unsigned_webhook_and_an_approval_is_not(
    shop: Shop, receiver: Receiver, wait: Callable[[Callable[[], Any]], Any]
) -> None:
    shop.tell(webhook_url=receiver.url)
    key = shop.charge(shop.card()).json()["paymentKey"]
    shop.cancel(key, cancelAmount=11000)
    wait(lambda: receiver.posts)
    time.sleep(0.2)
    assert len(receiver.posts) == 1
    headers, body = receiver.posts[0]
    names = {name.lower(): value for name, value in headers.items()}
    assert len(names["tosspayments-webhook-transmission-id"]) == 32
    assert names["tosspayments-webhook-transmission-retried-count"] == "0"
    assert "tosspayments-webhook-transmission-time" in names
    assert not any("signature" in name for name in names)
    assert (body["eventType"], body["data"]["orderId"]) == ("PAYMENT_STATUS_CHANGED", "order-1")
    assert (body["data"]["status"], body["data"]["balanceAmount"]) == ("PARTIAL_CANCELED", 22000)


def test_a_webhook_is_sent_again_seven_times_under_the_same_id_and_then_given_up(
    shop: Shop, receiver: Receiver, wait: Callable[[Callable[[], Any]], Any]
) -> None:
    shop.tell(webhook_url=receiver.url, minute=0.0003)
    receiver.answers = [500, 201, *[302] * 6]
    shop.cancel(shop.charge(shop.card()).json()["paymentKey"])
    told = shop.sandbox.control
    wait(lambda: told("GET", "/cards")["webhooks"]["given_up"] == 1)
    counts = [headers["tosspayments-webhook-transmission-retried-count"] for headers, _ in receiver.posts]
    assert counts == [str(number) for number in range(8)]
    assert len({headers["tosspayments-webhook-transmission-id"] for headers, _ in receiver.posts}) == 1
    assert told("GET", "/cards")["webhooks"] == {"sent": 0, "failed": 8, "given_up": 1, "waiting": 0}


def test_a_card_withdrawn_by_its_company_is_told_and_cannot_be_charged(
    shop: Shop, receiver: Receiver, wait: Callable[[Callable[[], Any]], Any]
) -> None:
    shop.tell(webhook_url=receiver.url, copies=2)
    billing = shop.card()
    shop.sandbox.control("POST", "/cards/deleted", {"customer_key": CUSTOMER})
    wait(lambda: len(receiver.posts) == 2)
    first, second = (body for _, body in receiver.posts)
    assert first == second
    assert (first["eventType"], first["data"]["billingKey"]) == ("BILLING_DELETED", billing)
    assert refused(shop.charge(billing)) == (400, "ALREADY_REMOVED_BILLING_KEY")


@pytest.mark.parametrize(
    "told",
    [{"card": "gold", "does": "ok"}, {"card": "normal"}, {"card": "normal", "does": "EXPLODE"}, {"minute": "long"},
     {"typo": 1}, {"copies": 11}, {"webhook_url": "ftp://x"}, {"keeps_declined": 1}],
)  # fmt: skip
def test_telling_cards_something_without_sense_is_refused(shop: Shop, told: dict[str, Any]) -> None:
    response = requests.post(f"{shop.sandbox.url}/sandbox/cards", json=told, timeout=5)
    assert (response.status_code, response.json()["errorCode"]) == (400, "ValidationError")


def page(shop: Shop, **changed: str) -> dict[str, str]:
    back = {"successUrl": "http://127.0.0.1:9/ok?shop=1", "failUrl": "http://127.0.0.1:9/no"}
    return {"clientKey": CLIENT, "customerKey": CUSTOMER, **back, **changed}


def test_the_card_page_sends_the_browser_back_with_a_key_that_works_once(shop: Shop) -> None:
    shown = requests.get(shop.sandbox.url + PAGE, params=page(shop), timeout=5)
    assert "정상 카드" in shown.text
    policy = shown.headers["Content-Security-Policy"]
    assert "form-action 'self' http://127.0.0.1:9;" in policy
    assert "unsafe" not in policy
    chosen = requests.post(
        shop.sandbox.url + PAGE, data={**page(shop), "card": "expired"}, timeout=5, allow_redirects=False
    )
    target = chosen.headers["Location"]
    assert chosen.status_code == 303
    assert target.startswith(f"http://127.0.0.1:9/ok?shop=1&customerKey={CUSTOMER}&authKey=bln_")
    body = {"authKey": target.rpartition("=")[2], "customerKey": CUSTOMER}
    billing = shop.call("POST", "/v1/billing/authorizations/issue", body).json()["billingKey"]
    assert refused(shop.charge(billing)) == (400, "INVALID_CARD_EXPIRATION")


def test_who_turns_back_on_the_card_page_comes_to_the_fail_address(shop: Shop) -> None:
    gone = requests.post(
        shop.sandbox.url + PAGE, data={**page(shop), "card": "cancel"}, timeout=5, allow_redirects=False
    )
    assert gone.headers["Location"].startswith("http://127.0.0.1:9/no?code=PAY_PROCESS_CANCELED&message=")


@pytest.mark.parametrize(
    "changed",
    [{"clientKey": "test_ck_other"}, {"customerKey": "x"}, {"customerKey": "<b>"}, {"successUrl": "javascript:alert(1)"},
     {"failUrl": ""}, {"successUrl": "http://evil;script-src *//"}, {"failUrl": "http://[::1"}],
)  # fmt: skip
def test_the_card_page_does_not_open_for_what_makes_no_sense(shop: Shop, changed: dict[str, str]) -> None:
    shown = requests.get(shop.sandbox.url + PAGE, params=page(shop, **changed), timeout=5)
    assert (shown.status_code, "열 수 없어요" in shown.text) == (400, True)
    assert "evil" not in shown.headers["Content-Security-Policy"]


def test_customers_have_cards_of_their_own_unless_told_the_same(shop: Shop) -> None:
    def number(customer: str, **more: str) -> str:
        made = shop.sandbox.control("POST", "/cards/auth", {"customer_key": customer, **more})
        body = {"authKey": made["auth_key"], "customerKey": customer}
        return str(shop.call("POST", "/v1/billing/authorizations/issue", body).json()["card"]["number"])

    assert number("customer-1") == number("customer-1") != number("customer-2")
    told = "94100012****789*"
    assert number("customer-1", number=told) == number("customer-2", number=told) == told


def test_a_payment_has_a_receipt_to_look_at(shop: Shop) -> None:
    paid = shop.charge(shop.card(), orderName="<월> 이용료").json()
    shown = requests.get(paid["receipt"]["url"], timeout=5)
    assert "33,000원" in shown.text
    assert "&lt;월&gt; 이용료" in shown.text
    assert requests.get(f"{shop.sandbox.url}/toss/receipt/nothing", timeout=5).status_code == 404
