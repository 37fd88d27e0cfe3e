"""The carrier's ringback notices on the wire (docs/provisioning.md), asked by a client that is not ours."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from tests.sandbox.conftest import Sandbox

KEY = "ringback-test-key"
SENTENCE = "통화가 끝나면 가게정보가 문자로 발송됩니다"
Call = Callable[..., requests.Response]


@pytest.fixture(scope="session")
def carrier(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    running = Sandbox(tmp_path_factory.mktemp("ringback") / "data.sqlite3", "--ringback-key", KEY)
    yield running
    assert (running.stop(), running.errors()) == (0, "")


@pytest.fixture
def call(carrier: Sandbox) -> Call:
    carrier.control("POST", "/reset")

    def send(method: str, reference: str = "", body: Any = None, key: str = KEY) -> requests.Response:
        path = "/ringback/v1/subscriptions" + (f"/{reference}" if reference else "")
        headers = {"Authorization": f"Bearer {key}"}
        return requests.request(method, carrier.url + path, json=body, headers=headers, timeout=5)

    return send


def order(reference: str = "n-1", number: str = "021112222", sentence: str = SENTENCE) -> dict[str, str]:
    return {"reference": reference, "number": number, "sentence": sentence}


def test_an_order_becomes_active_after_its_delay(call: Call, carrier: Sandbox, wait: Any) -> None:
    carrier.control("POST", "/ringback", {"delay": 0.3})
    made = call("POST", body=order())
    assert (made.status_code, made.json()["state"], made.json()["active_since"]) == (201, "requested", None)
    assert call("GET", "n-1").json()["state"] == "requested"
    active = wait(lambda: (now := call("GET", "n-1").json())["state"] == "active" and now)
    assert active["active_since"] is not None
    assert active["problem"] is None


def test_the_same_reference_is_the_same_order(call: Call, carrier: Sandbox) -> None:
    assert [call("POST", body=order()).status_code for _ in range(3)] == [201, 200, 200]
    assert carrier.control("GET", "/ringback")["orders"] == {"021112222": 1}
    assert call("POST", body=order(number="021112223")).status_code == 409


def test_an_order_whose_answer_got_lost_is_found_by_its_reference(call: Call, carrier: Sandbox) -> None:
    carrier.control("POST", "/faults", {"on": "ringback", "kind": "reset_after_accept"})
    with pytest.raises(requests.ConnectionError):
        call("POST", body=order())
    assert call("GET", "n-1").json()["number"] == "021112222"


def test_a_number_told_to_fail_fails_with_its_problem(call: Call, carrier: Sandbox) -> None:
    carrier.control("POST", "/ringback", {"delay": 0, "fail": ["021112222"]})
    call("POST", body=order())
    call("POST", body=order("n-2", "021112223"))
    answer = call("GET", "n-1").json()
    assert (answer["state"], answer["problem"]["code"]) == ("failed", "line_not_found")
    assert call("GET", "n-2").json()["state"] == "active"


def test_a_cancelled_order_stays_cancelled_however_often_it_is_said(call: Call, carrier: Sandbox) -> None:
    carrier.control("POST", "/ringback", {"delay": 0})
    call("POST", body=order())
    assert [call("DELETE", "n-1").json()["state"] for _ in range(2)] == ["cancelled", "cancelled"]
    assert call("POST", body=order()).json()["state"] == "cancelled"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (order(reference="번호"), 422, "invalid_reference"),
        (order(number="1112222"), 422, "invalid_number"),
        (order(number="02-111-2222"), 422, "invalid_number"),
        (order(sentence=" "), 422, "invalid_sentence"),
        ([], 422, "invalid_reference"),
    ],
)
def test_an_order_that_makes_no_sense_is_refused(call: Call, body: Any, status: int, code: str) -> None:
    response = call("POST", body=body)
    assert (response.status_code, response.json()["error"]["code"]) == (status, code)


def test_who_does_not_know_the_key_learns_nothing(call: Call) -> None:
    call("POST", body=order())
    assert call("GET", "n-1", key="wrong").status_code == 401
    assert call("GET", "n-9").status_code == 404
    assert call("PUT", "n-1").json()["error"]["code"] == "method_not_allowed"


def test_a_reset_forgets_orders_and_settings(call: Call, carrier: Sandbox) -> None:
    carrier.control("POST", "/ringback", {"delay": 0, "fail": ["021112222"]})
    call("POST", body=order())
    carrier.control("POST", "/reset")
    assert carrier.control("GET", "/ringback") == {
        "delay": 2.0,
        "fail": [],
        "orders": {},
        "subscriptions": [],
    }
