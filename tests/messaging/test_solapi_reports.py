"""Delivery reports: from the sandbox as it posts them, and recorded bodies of both shapes."""

import hashlib
import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from messaging.enums import Channel, Outcome
from messaging.gateways.base import Outgoing, Report, ReportRefused
from messaging.gateways.solapi import Solapi
from tests.messaging.conftest import Wire, eventually
from tests.services import Sandbox

PAYLOADS = Path(__file__).parents[1] / "payloads" / "solapi"
SECRET = "report-secret"
HEADERS = {"x-solapi-secret": SECRET, "x-solapi-event-name": "SINGLE-REPORT"}


def recorded(name: str) -> bytes:
    return (PAYLOADS / name).read_bytes()


@pytest.mark.parametrize("shape", ["flat", "envelope"])
@pytest.mark.parametrize("secret_form", ["raw", "sha1"])
def test_reports_of_the_sandbox_are_read_in_both_shapes_and_with_both_secrets(
    driver: Solapi, sandbox: Sandbox, wire: Wire, shape: str, secret_form: str
) -> None:
    sandbox.reports(url=wire.url + "/hooks", shape=shape, secret_form=secret_form, delay_seconds=0.1)
    sandbox.ends_with("01000000002", "3043")
    sent = datetime.now(UTC)
    driver.send(
        [Outgoing(f"r{n}", f"0100000000{n}", "0212345678", Channel.SMS, "안내 문자예요.") for n in (1, 2)]
    )
    reports: list[Report] = []

    def arrived() -> bool:
        reports[:] = [
            report for seen in list(wire.seen) for report in driver.parse_reports(seen.headers, seen.body)
        ]
        return len(reports) == 2

    assert eventually(arrived)
    found = {report.ref: report for report in reports}
    assert (found["r1"].outcome, found["r1"].code) == (Outcome.DELIVERED, "4000")
    assert (found["r2"].outcome, found["r2"].code) == (Outcome.FAILED, "3043")
    assert all(report.gateway_id.startswith("M4V") for report in reports)
    assert all(abs(report.at - sent) < timedelta(seconds=20) for report in reports)
    kept = json.dumps([report.payload for report in reports])
    assert "0100000000" not in kept
    assert "0212345678" not in kept
    assert "4000" in kept


@pytest.mark.parametrize("name", ["flat.json", "envelope.json", "single.json"])
def test_a_recorded_body_is_read_and_kept_without_its_numbers(wired: Solapi, name: str) -> None:
    (report,) = wired.parse_reports(HEADERS, recorded(name))
    assert (report.ref, report.outcome, report.code) == ("412.7Kd2xYpQ9a", Outcome.DELIVERED, "4000")
    assert report.gateway_id == "M4V20261122120000AAAAAAAAAAAAAAA"
    kept = json.dumps(report.payload, ensure_ascii=False)
    assert "M4V20261122120000AAAAAAAAAAAAAAA" in kept
    assert "01012345678" not in kept.replace("-", "").replace(" ", "")
    assert "0212345678" not in kept.replace("-", "")


def test_odd_items_cost_the_others_nothing(wired: Solapi) -> None:
    """Numbers for strings, unknown codes, foreign messages, NaN, NUL and half a surrogate pair in one body."""
    reports = wired.parse_reports(HEADERS, recorded("odd.json"))
    assert [(report.ref, report.outcome, report.code) for report in reports] == [
        ("number", Outcome.FAILED, "3041"),
        ("new-code", Outcome.UNKNOWN, "7777"),
        ("no-code", Outcome.UNKNOWN, ""),
        ("rubbish", Outcome.DELIVERED, "4000"),
        ("99", Outcome.ACCEPTED, "2000"),
    ]
    for report in reports:
        kept = json.dumps(report.payload, allow_nan=False)
        assert "\\u0000" not in kept
        assert "\\ud83d" not in kept
        assert report.at.tzinfo is not None
        assert abs(report.at - datetime.now(UTC)) < timedelta(days=366)


def test_summaries_of_groups_are_no_reports(wired: Solapi) -> None:
    assert (
        wired.parse_reports({**HEADERS, "x-solapi-event-name": "GROUP-REPORT"}, recorded("group.json")) == []
    )
    assert wired.parse_reports(HEADERS, recorded("group.json")) == []


@pytest.mark.parametrize("body", [b"", b"nope", b'"4000"', b"17", b"\xff\xfe\x00", b"[" * 200_000])
def test_a_body_that_is_no_report_is_unreadable(wired: Solapi, body: bytes) -> None:
    with pytest.raises(ReportRefused) as caught:
        wired.parse_reports(HEADERS, body)
    assert caught.value.code == "unreadable"


@pytest.mark.parametrize(
    "given",
    [
        None,
        "",
        "report-secret ",
        "Report-Secret",
        "비밀",
        hashlib.sha1(b"other", usedforsecurity=False).hexdigest(),
        hashlib.sha256(SECRET.encode()).hexdigest(),
    ],
)
def test_a_report_without_the_secret_is_forged(wired: Solapi, given: str | None) -> None:
    headers = {} if given is None else {"x-solapi-secret": given}
    with pytest.raises(ReportRefused) as caught:
        wired.parse_reports(headers, recorded("flat.json"))
    assert caught.value.code == "forged"


def test_without_a_configured_secret_every_report_is_forged(wire: Wire) -> None:
    for given in ("", hashlib.sha1(b"", usedforsecurity=False).hexdigest()):
        with pytest.raises(ReportRefused):
            Solapi(wire.url, "k", "s", "").parse_reports({"x-solapi-secret": given}, recorded("flat.json"))


def test_a_thousand_reports_are_read_fast(wired: Solapi) -> None:
    (one,) = json.loads(recorded("flat.json"))
    items: list[Any] = [{**one, "customFields": {"ref": f"r{n}"}} for n in range(1000)]
    body = json.dumps(items).encode()
    started = time.perf_counter()
    assert len(wired.parse_reports(HEADERS, body)) == 1000
    assert time.perf_counter() - started < 1.0
