"""What the driver of the business registry makes of what it hears (reference/payments.md §2)."""

import json
import time
from datetime import date
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eligibility.enums import RegistryState
from eligibility.registry import answers
from eligibility.registry.answers import RegistryDown
from eligibility.registry.nts import Registry
from shopmsg.core import http
from tests.messaging.conftest import Wire
from tests.services import Sandbox

ACTIVE, CLOSED, SUSPENDED, UNREGISTERED = "2222222227", "1111111119", "3333333336", "1234567891"


@pytest.fixture
def registry(sandbox: Sandbox) -> Registry:
    return Registry(sandbox.url, sandbox.registry_key, deadline=1.8)


@pytest.fixture
def wired(wire: Wire) -> Registry:
    return Registry(wire.url, "key", deadline=1.0)


def row(number: str, **changed: Any) -> dict[str, Any]:
    words = {"b_stt": "계속사업자", "b_stt_cd": "01", "tax_type_cd": "01", "end_dt": ""}
    return {"b_no": number, **words, **changed}


def ok(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"status_code": "OK", "request_cnt": len(rows), "match_cnt": len(rows), "data": list(rows)}


def trouble(registry: Registry, *numbers: str) -> str:
    with pytest.raises(RegistryDown) as raised:
        registry.status(numbers or (ACTIVE,))
    assert raised.value.message.endswith("요.")
    return raised.value.code


def test_each_state_is_told_apart(registry: Registry) -> None:
    found = registry.status([ACTIVE, CLOSED, SUSPENDED, UNREGISTERED])
    assert {number: answer.state for number, answer in found.items()} == {
        ACTIVE: RegistryState.ACTIVE,
        CLOSED: RegistryState.CLOSED,
        SUSPENDED: RegistryState.SUSPENDED,
        UNREGISTERED: RegistryState.UNREGISTERED,
    }
    assert (found[CLOSED].ended_on, found[ACTIVE].ended_on) == (date(2025, 3, 31), None)
    assert (found[ACTIVE].tax_type_code, found[ACTIVE].raw["b_stt"]) == ("01", "계속사업자")


def test_an_unregistered_number_alone_is_an_answer_although_its_counter_is_missing(
    registry: Registry,
) -> None:
    assert registry.status([UNREGISTERED])[UNREGISTERED].state == RegistryState.UNREGISTERED


def test_both_forms_of_the_key_open_the_door(sandbox: Sandbox) -> None:
    for key in (sandbox.registry_key, quote(sandbox.registry_key, safe=""), f" {sandbox.registry_key}\n"):
        found = Registry(sandbox.url, key, deadline=1.8).status([ACTIVE])
        assert found[ACTIVE].state == RegistryState.ACTIVE


def test_the_key_is_encoded_exactly_once_on_the_wire(wire: Wire) -> None:
    wire.says(ok(row(ACTIVE)))
    for key in ("a+b/c==", "a%2Bb%2Fc%3D%3D"):
        Registry(wire.url, key, deadline=1.0).status([ACTIVE])
    assert [seen.path.partition("?")[2] for seen in wire.seen] == [
        "serviceKey=a%2Bb%2Fc%3D%3D&returnType=JSON"
    ] * 2


def test_without_a_key_nobody_is_asked(wire: Wire) -> None:
    assert trouble(Registry(wire.url, "", deadline=1.0)) == "no_key"
    assert wire.seen == []


def test_a_wrong_key_is_the_gateways_no(sandbox: Sandbox) -> None:
    assert trouble(Registry(sandbox.url, "wrong", deadline=1.8)) == "wrong_key"


@pytest.mark.parametrize("status", [200, 400, 401])
@pytest.mark.parametrize(
    ("code", "said"),
    [(-4, "wrong_key"), ("-4", "wrong_key"), (-401, "wrong_key"), (-10, "over_limit"), (-1, "server_error"),
     (-5, "refused"), (None, "refused"), ({}, "refused")],
)  # fmt: skip
def test_the_gateways_code_is_looked_at_before_everything_else(
    wire: Wire, wired: Registry, status: int, code: object, said: str
) -> None:
    wire.says({**ok(row(ACTIVE)), "code": code, "msg": "등록되지 않은 인증키 입니다."}, status)
    assert trouble(wired) == said


@pytest.mark.parametrize(
    ("payload", "status", "said"),
    [
        ({"status_code": "INTERNAL_ERROR"}, 500, "server_error"),
        ({"status_code": "REQUEST_DATA_MALFORMED"}, 411, "refused"),
        ({"status_code": "TOO_LARGE_REQUEST"}, 413, "refused"),
        ({**ok(row(ACTIVE)), "status_code": "HTTP_ERROR"}, 200, "refused"),
        (ok(row(ACTIVE)), 503, "server_error"),
        (b"<html></html>", 429, "over_limit"),
        (b"<html></html>", 403, "wrong_key"),
        (b"<html></html>", 200, "unreadable"),
        (b"[" * 100_000, 200, "unreadable"),
        ([], 200, "unreadable"),
        ({"data": [row(ACTIVE)]}, 200, "unreadable"),
        ({"status_code": "OK"}, 200, "missing_rows"),
        (ok(), 200, "missing_rows"),
        (ok(row("9999999999")), 200, "missing_rows"),
        ({"status_code": "OK", "data": [None, "2222222227", {"b_no": 2222222227}]}, 200, "missing_rows"),
    ],
)
def test_whatever_is_not_a_whole_ok_is_not_checked(
    wire: Wire, wired: Registry, payload: object, status: int, said: str
) -> None:
    wire.says(payload, status)
    assert trouble(wired) == said


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("status", "server_error"), ("non_json", "unreadable"), ("truncated", "unreadable"),
        ("reset_before", "unreadable"), ("reset_after_accept", "unreadable"), ("missing_keys", "missing_rows"),
    ],
)  # fmt: skip
def test_each_fault_has_its_name_and_the_next_call_works(
    sandbox: Sandbox, registry: Registry, kind: str, said: str
) -> None:
    sandbox.arm(on="registry", kind=kind)
    assert trouble(registry) == said
    assert registry.status([ACTIVE])[ACTIVE].state == RegistryState.ACTIVE


@pytest.mark.parametrize("kind", ["timeout", "slow"])
def test_the_deadline_ends_the_wait_for_a_registry_that_hangs(
    sandbox: Sandbox, registry: Registry, kind: str
) -> None:
    sandbox.arm(on="registry", kind=kind, seconds=30)
    began = time.monotonic()
    assert trouble(registry) == "timeout"
    assert 1.7 < time.monotonic() - began < 15


def test_a_registry_that_is_not_there_is_named(closed_port: int) -> None:
    assert trouble(Registry(f"http://127.0.0.1:{closed_port}", "key", deadline=1.0)) == "not_connected"


def test_rows_are_joined_by_their_number_and_a_missing_one_is_not_checked(
    wire: Wire, wired: Registry
) -> None:
    wire.says(ok(row(CLOSED, b_stt_cd="03"), row("9999999999"), row(ACTIVE)))
    found = wired.status([ACTIVE, CLOSED, SUSPENDED])
    assert [(number, answer.state) for number, answer in found.items()] == [
        (ACTIVE, RegistryState.ACTIVE),
        (CLOSED, RegistryState.CLOSED),
        (SUSPENDED, RegistryState.UNREACHABLE),
    ]


@pytest.mark.parametrize("changed", [{"b_stt_cd": "04"}, {"b_stt_cd": None}, {"b_stt_cd": 1}])
def test_a_state_that_nobody_knows_is_not_checked(
    wire: Wire, wired: Registry, changed: dict[str, Any]
) -> None:
    wire.says(ok(row(ACTIVE, **changed)))
    assert wired.status([ACTIVE])[ACTIVE].state == RegistryState.UNREACHABLE


@pytest.mark.parametrize("text", ["20260231", "2026-1-1", "٢٠٢٦٠١٠١", "0"])
def test_a_day_that_is_none_is_left_out(wire: Wire, wired: Registry, text: str) -> None:
    wire.says(ok(row(CLOSED, b_stt_cd="03", end_dt=text)))
    assert wired.status([CLOSED])[CLOSED].ended_on is None


def test_a_hundred_numbers_are_one_call_each_asked_once(wire: Wire, wired: Registry) -> None:
    numbers = [f"{n:010d}" for n in range(100)]
    wire.says(ok(*[row(number) for number in numbers]))
    assert len(wired.status([*numbers, *numbers])) == 100
    assert [seen.json for seen in wire.seen] == [{"b_no": numbers}]
    with pytest.raises(ValueError, match="101 numbers"):
        wired.status([*numbers, ACTIVE])
    assert wired.status([]) == {}
    assert len(wire.seen) == 1


_WORDS = st.sampled_from(["OK", "01", "02", "", "계속사업자", ACTIVE])
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | _WORDS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["code", "status_code", "data", "b_no", "b_stt_cd", "b_stt"]), inner, max_size=5
        )
    ),
    max_leaves=12,
)


@given(payload=_JSON, status=st.sampled_from([200, 200, 400, 500]))
def test_only_a_whole_ok_makes_a_business_active(payload: Any, status: int) -> None:
    try:
        found = answers.read(http.Answer(status, {}, json.dumps(payload).encode()), [ACTIVE])
    except RegistryDown:
        return
    assert status == 200
    assert payload["status_code"] == "OK"
    assert "code" not in payload
    rows = [entry for entry in payload["data"] if isinstance(entry, dict) and entry.get("b_no") == ACTIVE]
    assert (found[ACTIVE].state == RegistryState.ACTIVE) == (rows[-1].get("b_stt_cd") == "01")
