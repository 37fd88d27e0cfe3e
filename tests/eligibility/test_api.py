"""The three public JSON addresses (docs/api.md)."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.test import Client

from eligibility.api import REQUESTS_A_MINUTE
from shopmsg.core.ksic import INDUSTRIES

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


def ask(client: Client, what: str, query: dict[str, Any], expected: int = 200) -> Any:
    answer = client.get(f"/api/v1/{what}", query)
    assert answer.status_code == expected, answer.content.decode()
    assert answer["Content-Type"] == "application/json"
    assert not answer.cookies, "no session"
    return answer.json()


def error(client: Client, what: str, query: dict[str, Any]) -> str:
    body = ask(client, what, query, 422)
    assert set(body) == {"error"}
    assert set(body["error"]) == {"code", "message"}
    assert body["error"]["message"].endswith("요.") or "예:" in body["error"]["message"]
    return str(body["error"]["code"])


def test_the_examples_of_the_document_are_what_is_answered(client: Client) -> None:
    document = Path(__file__).resolve().parents[2] / "docs" / "api.md"
    examples = re.findall(
        r"^    GET (\S+)\n    (\d+) (.*)$", document.read_text(encoding="utf-8"), re.MULTILINE
    )
    assert {path.split("?")[0].rpartition("/")[2] for path, _, _ in examples} == {
        "industries",
        "eligibility",
        "quote",
    }
    with time_machine.travel(NOON):
        for path, status, body in examples:
            answer = client.get(path)
            assert (answer.status_code, answer.json()) == (int(status), json.loads(body))


@pytest.mark.parametrize(("said", "code"), [("치킨", "56193"), ("미용실", "96112"), ("세탁소", "96912")])
def test_an_everyday_word_finds_its_industry(client: Client, said: str, code: str) -> None:
    body = ask(client, "industries", {"q": said})
    assert body["industries"][0] == {
        "code": code, "name": INDUSTRIES[code].name, "section": INDUSTRIES[code].section, "matched": said,
    }  # fmt: skip
    assert body["not_eligible"] is None


def test_a_trade_that_may_not_join_is_said_to_be_one(client: Client) -> None:
    assert ask(client, "industries", {"q": "편의점"}) == {
        "revision": "10차",
        "industries": [],
        "not_eligible": {
            "code": "47122",
            "name": "체인화 편의점",
            "message": "편의점(47122)은 가입할 수 있는 58개 업종이 아니에요.",
        },
    }


def test_without_a_question_all_58_are_listed(client: Client) -> None:
    for query in ({}, {"q": ""}, {"q": "  "}):
        body = ask(client, "industries", query)
        assert [row["code"] for row in body["industries"]] == list(INDUSTRIES)


def test_a_shop_within_the_rules_gets_soho(client: Client) -> None:
    for revenue in ("0", "300000000", "1000000000"):
        assert ask(client, "eligibility", {"ksic": "56193", "annual_revenue": revenue, "kind": "merchant"}) == {
            "eligible": True, "product": "soho", "alternatives": [], "reasons": [],
        }  # fmt: skip


def test_a_refusal_is_an_answer_with_every_reason(client: Client) -> None:
    body = ask(client, "eligibility", {"ksic": "47122", "annual_revenue": "1000000001"})
    assert (body["eligible"], body["product"], body["alternatives"]) == (False, None, [])
    assert [reason["code"] for reason in body["reasons"]] == ["industry_not_eligible", "revenue_too_high"]


def test_a_public_body_is_led_to_premium_and_basic(client: Client) -> None:
    for more in ({}, {"ksic": "", "annual_revenue": ""}, {"ksic": "56193", "annual_revenue": "1"}):
        body = ask(client, "eligibility", {"kind": "public_body"} | more)
        assert (body["eligible"], body["product"], body["alternatives"]) == (True, "premium", ["basic"])
        assert [reason["code"] for reason in body["reasons"]] == ["public_body"]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"annual_revenue": "1"}, "industry_missing"),
        ({"ksic": "", "annual_revenue": "1"}, "industry_missing"),
        ({"ksic": "5619", "annual_revenue": "1"}, "industry_malformed"),
        ({"ksic": "치킨", "annual_revenue": "1"}, "industry_malformed"),
        ({"ksic": "５６１９３", "annual_revenue": "1"}, "industry_malformed"),
        ({"ksic": "56193"}, "revenue_missing"),
        ({"ksic": "56193", "annual_revenue": ""}, "revenue_missing"),
        ({"ksic": "56193", "annual_revenue": "3억"}, "revenue_malformed"),
        ({"ksic": "56193", "annual_revenue": "1e9"}, "revenue_malformed"),
        ({"ksic": "56193", "annual_revenue": "1,000"}, "revenue_malformed"),
        ({"ksic": "56193", "annual_revenue": "１０００"}, "revenue_malformed"),
        ({"ksic": "56193", "annual_revenue": "9" * 16}, "revenue_malformed"),
        ({"ksic": "56193", "annual_revenue": "-1"}, "revenue_negative"),
        ({"ksic": "56193", "annual_revenue": "1", "kind": "person"}, "unknown_kind"),
        ({"ksic": "56193", "annual_revenue": "1", "kind": ""}, "unknown_kind"),
        ({"ksic": ["56193", "56193"], "annual_revenue": "1"}, "repeated_parameter"),
        ({"ksic": "56193", "annual_revenue": "1" * 101}, "too_long"),
    ],
)
def test_a_question_that_cannot_be_understood_is_told_why(
    client: Client, query: dict[str, Any], code: str
) -> None:
    assert error(client, "eligibility", query) == code


def test_every_price_is_quoted(client: Client) -> None:
    def monthly(product: str, term: int, bundle: str) -> Any:
        return ask(client, "quote", {"product": product, "term_months": term, "bundle": bundle})[
            "monthly_krw"
        ]

    assert [monthly("soho", term, "none") for term in (0, 12, 24, 36)] == [19_800, 17_600, 15_400, 13_200]
    assert monthly("soho", 0, "success_pack") == 14_300
    assert monthly("basic", 0, "none") == 16_500
    assert ask(client, "quote", {"product": "premium", "term_months": 0, "bundle": "none"}) == {
        "monthly_krw": 25_300, "list_krw": 25_300, "discount_krw": 0, "vat_included": True, "first_month_free": False,
    }  # fmt: skip
    assert ask(client, "quote", {"product": "soho"}) == {
        "monthly_krw": 19_800, "list_krw": 19_800, "discount_krw": 0, "vat_included": True, "first_month_free": True,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({}, "unknown_product"),
        ({"product": "SOHO"}, "unknown_product"),
        ({"product": "gold", "term_months": "x", "bundle": "x"}, "unknown_product"),
        ({"product": "soho", "term_months": ""}, "unknown_term"),
        ({"product": "soho", "term_months": "012", "bundle": "x"}, "unknown_term"),
        ({"product": "soho", "term_months": "-1"}, "unknown_term"),
        ({"product": "soho", "term_months": "12", "bundle": ""}, "unknown_bundle"),
        ({"product": "basic", "term_months": "12"}, "commitment_not_offered"),
        ({"product": "premium", "bundle": "success_pack"}, "bundle_not_offered"),
        ({"product": "soho", "term_months": "36", "bundle": "success_pack"}, "bundle_requires_no_commitment"),
        ({"product": "soho", "term_months": ["0", "12"]}, "repeated_parameter"),
    ],
)
def test_what_cannot_be_sold_is_refused_with_its_code(
    client: Client, query: dict[str, Any], code: str
) -> None:
    assert error(client, "quote", query) == code


def test_answers_may_be_kept_five_minutes_and_refusals_not(client: Client) -> None:
    assert client.get("/api/v1/quote?product=soho")["Cache-Control"] == "public, max-age=300"
    assert client.get("/api/v1/quote?product=gold")["Cache-Control"] == "no-store"


def test_head_answers_without_a_body_and_post_is_told_what_works(client: Client) -> None:
    head = client.head("/api/v1/industries?q=치킨")
    assert (head.status_code, head.content) == (200, b"")
    strict = Client(enforce_csrf_checks=True)
    for answer in (strict.post("/api/v1/quote", {"product": "soho"}), strict.delete("/api/v1/industries")):
        assert answer.status_code == 405
        assert answer["Allow"] == "GET, HEAD"
        assert answer.json()["error"]["code"] == "method_not_allowed"


@pytest.mark.parametrize("path", ["/api/v1/", "/api/v1/quotes", "/api/v1/quote/", "/api/v1/a/b?c"])
def test_an_unknown_address_is_a_404_a_program_can_read(path: str) -> None:
    for answer in (Client().get(path), Client(enforce_csrf_checks=True).post(path)):
        assert answer.status_code == 404
        assert answer.json()["error"]["code"] == "not_found"


def test_an_address_may_ask_six_hundred_times_a_minute(client: Client) -> None:
    addresses = ["industries?q=치킨", "quote?product=soho", "eligibility?kind=public_body"]
    with time_machine.travel(NOON, tick=False) as clock:
        for turn in range(REQUESTS_A_MINUTE):
            assert client.get(f"/api/v1/{addresses[turn % 3]}").status_code == 200
        refused = client.get("/api/v1/quote?product=soho")
        assert refused.status_code == 429
        assert refused["Cache-Control"] == "no-store"
        assert refused.json()["error"]["code"] == "too_many_requests"
        assert client.get("/api/v1/quote?product=soho", REMOTE_ADDR="192.0.2.7").status_code == 200, "another"

        clock.shift(int(refused["Retry-After"]))
        assert client.get("/api/v1/quote?product=soho").status_code == 200
