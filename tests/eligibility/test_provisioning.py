"""What the drivers of the ringback notice make of what the carrier says (docs/provisioning.md)."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from eligibility.provisioning import connect
from eligibility.provisioning.base import NOT_FOUND, SENTENCE, ProvisionAnswer, ProvisionState
from eligibility.provisioning.manual import Manual
from eligibility.provisioning.over_http import OverHttp
from tests.messaging.conftest import Wire
from tests.services import Sandbox

NUMBER = "021112222"
REQUESTED, ACTIVE = ProvisionState.REQUESTED, ProvisionState.ACTIVE
FAILED, UNKNOWN = ProvisionState.FAILED, ProvisionState.UNKNOWN


@pytest.fixture
def carrier(sandbox: Sandbox) -> OverHttp:
    return OverHttp(sandbox.url, sandbox.ringback_key, deadline=1.0)


@pytest.fixture
def wired(wire: Wire) -> OverHttp:
    return OverHttp(wire.url, "key", deadline=1.0)


def test_the_sentence_is_the_fixed_one() -> None:
    assert SENTENCE == "통화가 끝나면 가게정보가 문자로 발송됩니다"


def test_an_order_goes_from_requested_to_active(sandbox: Sandbox, carrier: OverHttp) -> None:
    sandbox.ringback(delay=0.3)
    assert carrier.request("n1", NUMBER, SENTENCE).state is REQUESTED
    assert carrier.state("n1").state is REQUESTED
    time.sleep(0.35)
    answer = carrier.state("n1")
    assert answer.state is ACTIVE
    assert answer.active_since is not None
    assert abs(datetime.now(UTC) - answer.active_since) < timedelta(seconds=5)


@pytest.mark.parametrize("kind", ["timeout_after_accept", "reset_after_accept", "truncated", "missing_keys"])
def test_an_order_whose_answer_got_lost_is_unknown_and_asking_again_orders_nothing(
    sandbox: Sandbox, carrier: OverHttp, kind: str
) -> None:
    sandbox.arm(on="ringback", kind=kind, seconds=3)
    lost = carrier.request("n1", NUMBER, SENTENCE)
    assert (lost.state, lost.problem[-1]) == (UNKNOWN, ".")
    assert carrier.state("n1").state is REQUESTED
    assert carrier.request("n1", NUMBER, SENTENCE).state is REQUESTED
    assert sandbox.ringback_orders() == {NUMBER: 1}


def test_a_reference_the_carrier_does_not_know_is_said_apart(carrier: OverHttp) -> None:
    answer = carrier.state("n1")
    assert (answer.state, answer.code) == (UNKNOWN, NOT_FOUND)


def test_a_failed_order_says_why_in_korean(sandbox: Sandbox, carrier: OverHttp) -> None:
    sandbox.ringback(delay=0, fail=[NUMBER])
    answer = carrier.request("n1", NUMBER, SENTENCE)
    assert (answer.state, answer.code) == (FAILED, "line_not_found")
    assert "회선을 찾지 못했어요" in answer.problem


def test_what_can_never_be_ordered_has_failed(sandbox: Sandbox, carrier: OverHttp) -> None:
    assert carrier.request("n1", "5", SENTENCE).code == "invalid_number"
    carrier.request("n2", NUMBER, SENTENCE)
    other = carrier.request("n2", "021112223", SENTENCE)
    assert (other.state, other.code) == (FAILED, "reference_taken")


def test_cancelling_ends_the_notice_and_may_be_repeated(sandbox: Sandbox, carrier: OverHttp) -> None:
    carrier.request("n1", NUMBER, SENTENCE)
    assert [carrier.cancel("n1").code for _ in range(2)] == ["cancelled", "cancelled"]
    assert carrier.state("n1").state is FAILED
    assert carrier.cancel("n9").code == NOT_FOUND


def test_a_refused_key_is_our_trouble_and_no_lines(sandbox: Sandbox) -> None:
    answer = OverHttp(sandbox.url, "wrong", deadline=1.0).request("n1", NUMBER, SENTENCE)
    assert (answer.state, answer.code) == (UNKNOWN, "no_access")


def test_a_carrier_that_is_not_there_is_unknown(closed_port: int) -> None:
    answer = OverHttp(f"http://127.0.0.1:{closed_port}", "key").state("n1")
    assert (answer.state, answer.code) == (UNKNOWN, "not_connected")


@pytest.mark.parametrize(
    ("payload", "status", "state", "code"),
    [
        ({"state": "paused"}, 200, UNKNOWN, "unreadable"),
        ({"state": ["active"]}, 200, UNKNOWN, "unreadable"),
        ({}, 201, UNKNOWN, "unreadable"),
        (b"<html>", 200, UNKNOWN, "unreadable"),
        (b"<html>", 404, UNKNOWN, "http_404"),
        ({"error": {"code": "busy"}}, 503, UNKNOWN, "http_503"),
        ({"error": {"code": "slow_down"}}, 429, UNKNOWN, "http_429"),
        ({"state": "active"}, 302, UNKNOWN, "http_302"),
        ({"error": "no"}, 422, FAILED, "http_422"),
        ({"state": "failed", "problem": None}, 200, FAILED, "failed"),
        ({"state": "active", "active_since": "yesterday"}, 200, ACTIVE, ""),
        ({"state": "active", "active_since": "2026-11-22T03:00:00"}, 200, ACTIVE, ""),
    ],
)
def test_every_answer_is_one_of_four(
    wire: Wire, wired: OverHttp, payload: object, status: int, state: ProvisionState, code: str
) -> None:
    wire.says(payload, status)
    answer = wired.state("n1")
    assert (answer.state, answer.code, answer.active_since) == (state, code, None)


def test_a_carrier_that_staff_speak_to_is_never_called() -> None:
    manual = Manual()
    assert manual.request("n1", NUMBER, SENTENCE) == manual.state("n1") == ProvisionAnswer(REQUESTED)
    assert manual.cancel("n1").code == "cancelled"


def test_the_settings_choose_the_driver(settings: Any) -> None:
    assert isinstance(connect.provisioner(), OverHttp)
    settings.PROVISIONING = {"driver": "manual", "base_url": "", "key": ""}
    assert isinstance(connect.provisioner(), Manual)
