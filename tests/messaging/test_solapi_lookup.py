"""Asking SOLAPI about messages whose fate is unknown."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from messaging.enums import Channel, Outcome
from messaging.gateways.base import GatewayDown, Outgoing
from messaging.gateways.solapi import Solapi
from tests.messaging.conftest import Seen, Wire, eventually
from tests.services import Sandbox

SENDER = "0212345678"


def sms(ref: str, to: str) -> Outgoing:
    return Outgoing(ref, to, SENDER, Channel.SMS, "안내 문자예요.")


def phone(n: int) -> str:
    return f"010{n:08d}"


def window() -> tuple[datetime, datetime]:
    now = datetime.now(UTC)
    return now - timedelta(seconds=30), now


def test_messages_are_found_by_our_reference_on_any_page(driver: Solapi, sandbox: Sandbox) -> None:
    driver.send([sms(f"r{n}", phone(n)) for n in range(1000)])
    driver.send([sms(f"s{n}", phone(n)) for n in range(200)])
    refs = {"r0": phone(0), "r999": phone(999), "s7": phone(7), "never": phone(7)}
    found = driver.lookup(refs, *window())
    assert set(found) == {"r0", "r999", "s7"}
    assert all(answer.gateway_id.startswith("M4V") and answer.at for answer in found.values())
    assert sandbox.stats()["requests"]["GET /messages/v4/list"] == 3


def test_a_window_with_too_many_messages_is_asked_number_by_number(sandbox: Sandbox) -> None:
    small = Solapi(sandbox.url, sandbox.api_key, sandbox.api_secret, "r", max_pages=1, max_numbers=5)
    small.send([sms("wanted", "01055556666"), sms("other", "01055556666")])
    small.send([sms(f"r{n}", phone(n)) for n in range(600)])
    found = small.lookup({"wanted": "01055556666", "never": "01077778888"}, *window())
    assert set(found) == {"wanted"}
    assert sandbox.stats()["requests"]["GET /messages/v4/list"] == 3


def test_how_a_message_ended_is_told_with_its_moment(driver: Solapi, sandbox: Sandbox) -> None:
    sandbox.reports(delay_seconds=0.1)
    endings = {
        "4000": Outcome.DELIVERED,
        "3043": Outcome.FAILED,
        "3000": Outcome.HANDED_OVER,
        "3999": Outcome.UNKNOWN,
    }
    refs = {code: phone(n) for n, code in enumerate(endings)}
    for code, number in refs.items():
        sandbox.ends_with(number, code)
    driver.send([sms(code, number) for code, number in refs.items()])

    def known() -> bool:
        return {ref: answer.outcome for ref, answer in driver.lookup(refs, *window()).items()} == endings

    assert eventually(known)
    found = driver.lookup(refs, *window())
    assert found["3043"].code == "3043"
    assert abs(found["4000"].at - datetime.now(UTC)) < timedelta(seconds=20)  # type: ignore[operator]


def record(ref: str, code: str, message_id: str = "M1") -> dict[str, Any]:
    return {"messageId": message_id, "statusCode": code, "customFields": {"ref": ref}}


def test_of_several_messages_with_one_reference_the_furthest_is_believed(wired: Solapi, wire: Wire) -> None:
    """A refused first try must not hide that a later one was taken."""
    wire.says(
        {"messageList": {"1": record("a", "1030"), "2": record("a", "2000", "M2"), "3": record("a", "1030")}}
    )
    assert wired.lookup({"a": phone(1)}, *window())["a"].gateway_id == "M2"


def test_pages_that_never_end_are_not_read_for_ever(wire: Wire) -> None:
    def endless(seen: Seen) -> tuple[int, dict[str, str], bytes]:
        key = parse_qs(urlsplit(seen.path).query).get("startKey", ["0"])[0]
        return 200, {}, b'{"messageList": [], "nextKey": "%d"}' % (int(key) + 1)

    wire.answer = endless
    driver = Solapi(wire.url, "k", "s", "r", max_pages=4, max_numbers=3)
    refs = {f"r{n}": phone(n) for n in range(50)}
    assert driver.lookup(refs, *window()) == {}
    assert len(wire.seen) == 4 + 3 * 2


def test_a_next_page_that_is_the_same_page_ends_the_list(wired: Solapi, wire: Wire) -> None:
    wire.says({"messageList": {}, "nextKey": "same"})
    assert wired.lookup({"a": phone(1)}, *window()) == {}
    assert len(wire.seen) == 2


@pytest.mark.parametrize(
    "kind", ["status", "reset_before", "timeout", "non_json", "missing_keys", "truncated"]
)
def test_a_vendor_that_cannot_answer_has_not_said_that_nothing_is_there(
    driver: Solapi, sandbox: Sandbox, kind: str
) -> None:
    driver.send([sms("a", phone(1))])
    sandbox.arm(on="list", kind=kind, seconds=2.5)
    with pytest.raises(GatewayDown):
        driver.lookup({"a": phone(1)}, *window())


def test_what_was_found_before_the_vendor_fell_silent_is_kept(wired: Solapi, wire: Wire) -> None:
    def half(seen: Seen) -> tuple[int, dict[str, str], bytes]:
        if "startKey" in seen.path:
            return 503, {}, b""
        return (
            200,
            {},
            b'{"messageList": [{"statusCode": 4000, "customFields": {"ref": "a"}}], "nextKey": "2"}',
        )

    wire.answer = half
    found = wired.lookup({"a": phone(1), "b": phone(2)}, *window())
    assert {ref: answer.outcome for ref, answer in found.items()} == {"a": Outcome.DELIVERED}


def test_a_lookup_as_a_whole_ends_in_its_time(wire: Wire) -> None:
    import time

    def slow(seen: Seen) -> tuple[int, dict[str, str], bytes]:
        time.sleep(0.3)
        return 200, {}, b'{"messageList": [], "nextKey": "%d"}' % len(wire.seen)

    wire.answer = slow
    started = time.monotonic()
    with pytest.raises(GatewayDown):
        Solapi(wire.url, "k", "s", "r", lookup_seconds=1.0).lookup({"a": phone(1)}, *window())
    assert time.monotonic() - started < 1.5


@pytest.mark.parametrize(
    "payload", [{"balance": "12"}, {"balance": None}, {"balance": True}, {"point": 3}, []]
)
def test_a_balance_that_is_no_number_is_no_balance(wired: Solapi, wire: Wire, payload: object) -> None:
    wire.says(payload)
    with pytest.raises(GatewayDown):
        wired.balance()
