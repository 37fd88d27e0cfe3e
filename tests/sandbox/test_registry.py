"""The business registry on the wire, asked by a client that is not ours (reference/payments.md §2)."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
import requests

from tests.sandbox.conftest import Sandbox

KEY = "a+b/c0123456789012345678901234567890123456789012345678901234567890=="
PATH = "/api/nts-businessman/v1/status"
Ask = Callable[..., requests.Response]


@pytest.fixture(scope="session")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Any:
    running = Sandbox(tmp_path_factory.mktemp("registry") / "data.sqlite3", "--registry-key", KEY)
    yield running
    assert (running.stop(), running.errors()) == (0, "")


@pytest.fixture
def ask(registry: Any) -> Ask:
    registry.control("POST", "/reset")

    def post(*numbers: str, query: str = f"serviceKey={quote(KEY, safe='')}", **options: Any) -> Any:
        options.setdefault("json", {"b_no": list(numbers)})
        return requests.post(f"{registry.url}{PATH}?{query}", timeout=5, **options)

    return post


def test_each_state_has_its_row_in_the_order_asked(ask: Ask) -> None:
    response = ask("2222222227", "1111111119", "3333333336", "1234567891")
    answer = response.json()
    assert (response.status_code, answer["status_code"]) == (200, "OK")
    assert (answer["request_cnt"], answer["match_cnt"]) == (4, 3)
    assert [(row["b_no"], row["b_stt"], row["b_stt_cd"], row["end_dt"]) for row in answer["data"]] == [
        ("2222222227", "계속사업자", "01", ""),
        ("1111111119", "폐업자", "03", "20250331"),
        ("3333333336", "휴업자", "02", ""),
        ("1234567891", "", "", ""),
    ]
    assert answer["data"][3]["tax_type"] == "국세청에 등록되지 않은 사업자등록번호입니다."


def test_nothing_matched_leaves_the_counter_out_and_is_still_a_success(ask: Ask) -> None:
    response = ask("0000000000", "1234567890")
    assert response.status_code == 200
    assert response.json()["status_code"] == "OK"
    assert "match_cnt" not in response.json()


def test_any_number_with_its_check_digit_is_a_going_concern(ask: Ask) -> None:
    rows = ask("1248100998", "2208162517", "1208800767", "1068651715").json()["data"]
    assert [row["b_stt_cd"] for row in rows] == ["01", "01", "01", ""]


def test_what_a_business_is_can_be_told_and_taken_back(ask: Ask, registry: Any) -> None:
    told = {"number": "2222222227", "state": "closed", "end_dt": "20261101", "tax_type_cd": "02"}
    registry.control("POST", "/businesses", told)
    row = ask("2222222227").json()["data"][0]
    assert (row["b_stt_cd"], row["end_dt"], row["tax_type"]) == ("03", "20261101", "부가가치세 간이과세자")
    registry.control("POST", "/businesses", {"number": "2222222227", "state": None})
    assert ask("2222222227").json()["data"][0]["b_stt_cd"] == "01"


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("serviceKey=wrong", 400, -4),
        ("serviceKey=" + quote(quote(KEY, safe=""), safe=""), 400, -4),
        ("serviceKey=" + KEY, 400, -4),  # not encoded at all: its "+" arrives as a space
        ("returnType=JSON", 401, -401),
    ],
)
def test_a_key_that_is_wrong_or_not_encoded_exactly_once_is_refused(
    ask: Ask, query: str, status: int, code: int
) -> None:
    response = ask("2222222227", query=query)
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert "status_code" not in response.json()


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"data": b"{"}, 400, "BAD_JSON_REQUEST"),
        ({"json": {}}, 411, "REQUEST_DATA_MALFORMED"),
        ({"json": {"b_no": []}}, 411, "REQUEST_DATA_MALFORMED"),
        ({"json": {"b_no": "2222222227"}}, 411, "REQUEST_DATA_MALFORMED"),
        ({"json": {"b_no": [2222222227]}}, 411, "REQUEST_DATA_MALFORMED"),
        ({"json": {"b_no": ["2222222227"] * 101}}, 413, "TOO_LARGE_REQUEST"),
    ],
)
def test_a_request_it_cannot_use_is_refused_by_name(
    ask: Ask, body: dict[str, Any], status: int, code: str
) -> None:
    response = ask(**body)
    assert (response.status_code, response.json()) == (status, {"status_code": code})


def test_a_hundred_numbers_are_answered_at_once(ask: Ask) -> None:
    assert len(ask(*["2222222227"] * 100).json()["data"]) == 100


def test_its_faults_are_its_own(ask: Ask, registry: Any) -> None:
    registry.control("POST", "/faults", {"on": "ringback", "kind": "status"})
    registry.control("POST", "/faults", {"on": "registry", "kind": "missing_keys"})
    assert ask("2222222227").json() == {"status_code": "OK", "request_cnt": 1, "match_cnt": 1}
    assert len(ask("2222222227").json()["data"]) == 1


@pytest.mark.parametrize(
    "told",
    [
        {"number": "222-22-22227", "state": "closed"},
        {"number": "2222222227", "state": "gone"},
        {"number": "2222222227", "state": "closed", "end_dt": "2026-11-01"},
        {"number": "2222222227", "state": "active", "tax_type_cd": "99"},
    ],
)
def test_a_business_that_makes_no_sense_is_refused(registry: Any, told: dict[str, str]) -> None:
    response = requests.post(f"{registry.url}/sandbox/businesses", json=told, timeout=5)
    assert (response.status_code, response.json()["errorCode"]) == (400, "ValidationError")


def test_a_sandbox_without_a_key_lets_nobody_in(sandbox: Any) -> None:
    response = requests.post(f"{sandbox.url}{PATH}?serviceKey=", json={"b_no": ["2222222227"]}, timeout=5)
    assert response.json()["code"] == -401
