"""An armed fault is felt by the client as promised, and what it says about acceptance is true."""

import time
from collections.abc import Callable
from typing import Any

import pytest
import requests

Message = Callable[..., dict[str, Any]]
SEND = "/messages/v4/send-many/detail"


def post(sandbox: Any, message: dict[str, Any], timeout: float = 5) -> requests.Response:
    response: requests.Response = sandbox.call("POST", SEND, {"messages": [message]}, timeout=timeout)
    return response


def accepted(sandbox: Any) -> int:
    return int(sandbox.control("GET", "/stats")["messages_accepted"])


@pytest.mark.parametrize(("kind", "stored"), [("reset_before", 0), ("reset_after_accept", 1)])
def test_a_reset_connection(sandbox: Any, sms: Message, kind: str, stored: int) -> None:
    sandbox.control("POST", "/faults", {"on": "send", "kind": kind})
    with pytest.raises(requests.ConnectionError, match="reset by peer"):
        post(sandbox, sms())
    assert accepted(sandbox) == stored
    assert post(sandbox, sms()).status_code == 200


@pytest.mark.parametrize(("kind", "stored"), [("timeout", 0), ("timeout_after_accept", 1)])
def test_no_answer_in_time(sandbox: Any, sms: Message, kind: str, stored: int) -> None:
    sandbox.control("POST", "/faults", {"on": "send", "kind": kind, "seconds": 3})
    with pytest.raises(requests.ReadTimeout):
        post(sandbox, sms(), timeout=0.3)
    assert accepted(sandbox) == stored


@pytest.mark.parametrize(("kind", "stored"), [("status", 0), ("status_after_accept", 1)])
def test_an_error_status(sandbox: Any, sms: Message, kind: str, stored: int) -> None:
    sandbox.control("POST", "/faults", {"on": "send", "kind": kind, "status": 429, "retry_after": 7})
    response = post(sandbox, sms())
    assert (response.status_code, response.headers["Retry-After"]) == (429, "7")
    assert accepted(sandbox) == stored


@pytest.mark.parametrize(("kind", "stored"), [("non_json", 0), ("non_json_after_accept", 1)])
def test_an_answer_that_is_not_json(sandbox: Any, sms: Message, kind: str, stored: int) -> None:
    sandbox.control("POST", "/faults", {"on": "send", "kind": kind})
    response = post(sandbox, sms())
    assert (response.status_code, response.text[:6]) == (200, "<html>")
    assert accepted(sandbox) == stored


def test_a_slow_answer_is_complete(sandbox: Any, sms: Message) -> None:
    sandbox.control("POST", "/faults", {"on": "send", "kind": "slow", "seconds": 0.4})
    began = time.monotonic()
    assert post(sandbox, sms()).json()["groupInfo"]["status"] == "SENDING"
    assert time.monotonic() - began >= 0.4


def test_an_answer_without_its_main_keys(sandbox: Any, sms: Message, wait: Any) -> None:
    sandbox.control("POST", "/faults", {"on": "send", "kind": "missing_keys"})
    assert post(sandbox, sms()).json() == {"failedMessageList": []}
    assert len(wait(lambda: sandbox.inbox("01000000001"))) == 1


def test_an_answer_cut_off_in_the_middle(sandbox: Any, sms: Message, wait: Any) -> None:
    sandbox.control("POST", "/faults", {"on": "send", "kind": "truncated"})
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        post(sandbox, sms())
    assert len(wait(lambda: sandbox.inbox("01000000001"))) == 1


def test_a_share_of_the_messages_fails(sandbox: Any, sms: Message) -> None:
    sandbox.control("POST", "/faults", {"on": "send", "kind": "partial", "share": 0.25, "code": "1062"})
    answer = sandbox.send(*[sms(to=f"010{n:08d}") for n in range(8)])
    assert [m["statusCode"] for m in answer["failedMessageList"]] == ["1062", "1062"]
    assert len(answer["messageList"]) == 6


def test_a_fault_hits_only_its_kind_of_request_as_often_as_told(sandbox: Any, sms: Message) -> None:
    sandbox.control("POST", "/faults", {"on": "list", "kind": "status", "status": 500, "count": 2})
    sandbox.control("POST", "/faults", {"on": "balance", "kind": "status", "status": 502, "count": None})
    assert post(sandbox, sms()).status_code == 200
    assert [sandbox.call("GET", "/messages/v4/list").status_code for _ in range(3)] == [500, 500, 200]
    assert [sandbox.call("GET", "/cash/v1/balance").status_code for _ in range(3)] == [502, 502, 502]
    assert [fault["hits"] for fault in sandbox.control("GET", "/faults")["faults"]] == [3]
    sandbox.control("DELETE", "/faults")
    assert sandbox.call("GET", "/cash/v1/balance").status_code == 200


@pytest.mark.parametrize(
    "fault",
    [{"kind": "explode"}, {"kind": "slow", "on": "lunch"}, {"kind": "slow", "seconds": "long"}, {"kind": "status", "status": 99},
     {"kind": "slow", "count": 0}, {"kind": "partial", "code": "x"}, {"kind": "slow", "typo": 1}],
)  # fmt: skip
def test_a_fault_that_makes_no_sense_is_refused(sandbox: Any, fault: dict[str, Any]) -> None:
    response = sandbox.http.post(f"{sandbox.url}/sandbox/faults", json=fault)
    assert (response.status_code, response.json()["errorCode"]) == (400, "ValidationError")
