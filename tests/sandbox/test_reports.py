"""reference/gateways.md §1.9: delivery reports in every shape and mood."""

import hashlib
import time
from collections.abc import Callable
from typing import Any

import pytest
from solapi.model.webhook.single_report import SingleReportPayload

Message = Callable[..., dict[str, Any]]


def codes(receiver: Any) -> list[str]:
    return [report["statusCode"] for report in receiver.reports]


def test_a_flat_report_tells_the_ending_with_our_reference(
    sandbox: Any, receiver: Any, sms: Message, wait: Any
) -> None:
    sandbox.control("POST", "/reports", {"url": receiver.url, "secret": "hush"})
    sent = sandbox.send(sms(customFields={"ref": "r1"}))
    ((headers, (report,)),) = wait(lambda: receiver.posts)
    assert (headers["X-Solapi-Event-Name"], headers["X-Solapi-Secret"]) == ("SINGLE-REPORT", "hush")
    assert report["messageId"] == sent["messageList"][0]["messageId"]
    assert report["groupId"] == sent["groupInfo"]["groupId"]
    assert (report["statusCode"], report["customFields"], report["to"]) == (
        "4000",
        {"ref": "r1"},
        "01000000001",
    )


def test_the_envelope_is_what_the_official_model_expects(
    sandbox: Any, receiver: Any, sms: Message, wait: Any
) -> None:
    form = {"url": receiver.url, "secret": "hush", "secret_form": "sha1", "shape": "envelope"}
    sandbox.control("POST", "/reports", form)
    sandbox.send(sms(customFields={"ref": "r1"}), sms(to="01000000002"))
    ((headers, body),) = wait(lambda: receiver.posts)
    assert headers["X-Solapi-Secret"] == hashlib.sha1(b"hush", usedforsecurity=False).hexdigest()
    payload = SingleReportPayload.model_validate(body).root
    assert [entry.data.status_code for entry in payload] == ["4000", "4000"]
    assert payload[0].data.custom_fields == {"ref": "r1"}


def test_a_number_told_to_fail_never_receives(sandbox: Any, receiver: Any, sms: Message, wait: Any) -> None:
    sandbox.control("POST", "/numbers", {"number": "01000000001", "code": "3042"})
    sandbox.control("POST", "/reports", {"url": receiver.url})
    sandbox.send(sms(), sms(to="01000000002"))
    wait(lambda: len(receiver.reports) == 2)
    assert codes(receiver) == ["3042", "4000"]
    assert sandbox.inbox("01000000001") == []
    listed = sandbox.call("GET", "/messages/v4/list?statusCode=3042").json()["messageList"]
    assert [m["to"] for m in listed.values()] == ["01000000001"]


def test_a_message_passes_2000_and_3000_before_4000(sandbox: Any, sms: Message, wait: Any) -> None:
    sandbox.control("POST", "/reports", {"delay_seconds": 0.6})
    sandbox.send(sms())
    seen: list[str] = []

    def ended() -> bool:
        (message,) = sandbox.call("GET", "/messages/v4/list-old").json()["messageList"].values()
        if message["statusCode"] not in seen:
            seen.append(message["statusCode"])
        return seen[-1] == "4000"

    wait(ended)
    assert seen == ["2000", "3000", "4000"]


@pytest.mark.parametrize(
    ("mode", "expected"),
    [("duplicate", ["4000", "4000"]), ("contradict", ["4000", "3041"]), ("reorder", ["4000", "3000"])],
)
def test_a_second_report_follows(
    sandbox: Any, receiver: Any, sms: Message, wait: Any, mode: str, expected: list[str]
) -> None:
    sandbox.control("POST", "/reports", {"url": receiver.url, "mode": mode})
    sandbox.send(sms())
    wait(lambda: len(receiver.reports) == 2)
    assert codes(receiver) == expected
    assert len(sandbox.inbox("01000000001")) == 1


def test_reordered_reports_come_last_message_first(
    sandbox: Any, receiver: Any, sms: Message, wait: Any
) -> None:
    sandbox.control("POST", "/reports", {"url": receiver.url, "mode": "reorder"})
    sandbox.send(sms(), sms(to="01000000002"), sms(to="01000000003"))
    wait(lambda: len(receiver.reports) >= 3)
    assert [report["to"] for report in receiver.reports[:3]] == ["01000000003", "01000000002", "01000000001"]


def test_a_late_report_comes_long_after_the_handset_has_it(
    sandbox: Any, receiver: Any, sms: Message, wait: Any
) -> None:
    sandbox.control("POST", "/reports", {"url": receiver.url, "mode": "late", "late_seconds": 0.6})
    sandbox.send(sms())
    wait(lambda: sandbox.inbox("01000000001"))
    assert receiver.posts == []
    wait(lambda: codes(receiver) == ["4000"])


def test_reports_can_be_switched_off(sandbox: Any, receiver: Any, sms: Message, wait: Any) -> None:
    sandbox.control("POST", "/reports", {"url": receiver.url, "mode": "off"})
    sandbox.send(sms())
    wait(lambda: sandbox.inbox("01000000001"))
    time.sleep(0.2)
    assert receiver.posts == []


def test_an_unanswered_report_is_sent_again_with_its_count(
    sandbox: Any, receiver: Any, sms: Message, wait: Any
) -> None:
    receiver.answers = [500, 202]
    sandbox.control("POST", "/reports", {"url": receiver.url, "shape": "envelope"})
    sandbox.send(sms())
    wait(lambda: len(receiver.posts) == 3)
    assert [entry["retryCount"] for entry in receiver.reports] == [0, 1, 2]
    assert len({entry["eventDataId"] for entry in receiver.reports}) == 1
    wait(lambda: sandbox.control("GET", "/stats")["reports_waiting"] == 0)


def test_at_most_a_thousand_reports_share_a_request(
    sandbox: Any, receiver: Any, sms: Message, wait: Any
) -> None:
    sandbox.control("POST", "/reports", {"url": receiver.url})
    sandbox.send(sms(to=[f"010{n:08d}" for n in range(2500)]), showMessageList=False)
    wait(lambda: len(receiver.reports) == 2500)
    assert [len(batch) for _, batch in receiver.posts] == [1000, 1000, 500]
    wait(lambda: sandbox.control("GET", "/stats")["reports_sent"] == 2500)
