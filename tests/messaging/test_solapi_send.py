"""Sending through SOLAPI: what each way of failing means, and that no phone ever gets a message twice."""

import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from PIL import Image

from messaging.enums import Channel, Outcome
from messaging.failures import failure_of
from messaging.gateways.base import Batch, GatewayDown, Outgoing, PictureRefused
from messaging.gateways.failure import Trouble
from messaging.gateways.solapi import Solapi
from messaging.gateways.solapi_client import authorization
from tests.messaging.conftest import Wire, eventually
from tests.services import Sandbox

SENDER = "0212345678"
PHONES = [f"0109000{n:04d}" for n in range(10)]


def jpeg(side: int = 40) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (side, side), "#3366aa").save(out, "JPEG")
    return out.getvalue()


def sms(ref: str, to: str, text: str = "안내 문자예요.") -> Outgoing:
    return Outgoing(ref, to, SENDER, Channel.SMS, text)


def outcomes(batch: Batch) -> list[Outcome]:
    return [answer.outcome for answer in batch.answers.values()]


def just_now() -> tuple[datetime, datetime]:
    now = datetime.now(UTC)
    return now - timedelta(seconds=30), now + timedelta(seconds=5)


def test_the_signature_is_the_documented_one() -> None:
    header = authorization(
        "KEY",
        "TESTSECRET0123456789TESTSECRET01",
        "2026-11-22T12:00:00.000+09:00",
        "0123456789abcdef0123456789abcdef",
    )
    assert header.endswith("signature=dccf2318148cdf9a2792d1a812c9bb03198247cfad687ba0617cbe0c1288fc0d")
    assert header.startswith("HMAC-SHA256 apiKey=KEY, date=2026-11-22T12:00:00.000+09:00, salt=0123")


def test_a_promo_arrives_as_it_was_written_with_its_picture(driver: Solapi, sandbox: Sandbox) -> None:
    text = "(광고)[행복한꽃집] 전화 주셔서 감사합니다.\n오늘의 꽃다발 10% 할인\n무료수신거부 080-123-4567"
    file_id = driver.upload(jpeg(), "7.jpg")
    answer = driver.send([Outgoing("m1", PHONES[0], SENDER, Channel.MMS, text, "행복한꽃집", file_id)])
    assert answer.healthy
    assert answer.answers["m1"].outcome is Outcome.ACCEPTED
    assert answer.answers["m1"].gateway_id.startswith("M4V")
    (message,) = eventually(lambda: sandbox.inbox(PHONES[0]))
    assert (message["text"], message["subject"]) == (text, "행복한꽃집")
    stored = sandbox.call("GET", "/sandbox/messages?ref=m1")["messages"][0]
    assert (stored["type"], stored["imageId"], stored["from"]) == ("MMS", file_id, SENDER)


def test_two_messages_to_one_number_in_one_request_both_arrive(driver: Solapi, sandbox: Sandbox) -> None:
    answer = driver.send([sms("a", PHONES[0], "첫 문자"), sms("b", PHONES[0], "둘째 문자")])
    assert outcomes(answer) == [Outcome.ACCEPTED, Outcome.ACCEPTED]
    assert eventually(lambda: len(sandbox.inbox(PHONES[0])) == 2)


@pytest.mark.parametrize(
    ("fault", "expected", "arrives"),
    [
        ({"kind": "timeout", "seconds": 2.5}, Outcome.UNCERTAIN, False),
        ({"kind": "timeout_after_accept", "seconds": 2.5}, Outcome.UNCERTAIN, True),
        ({"kind": "reset_before"}, Outcome.UNCERTAIN, False),
        ({"kind": "reset_after_accept"}, Outcome.UNCERTAIN, True),
        ({"kind": "non_json"}, Outcome.UNCERTAIN, False),
        ({"kind": "non_json_after_accept"}, Outcome.UNCERTAIN, True),
        ({"kind": "missing_keys"}, Outcome.UNCERTAIN, True),
        ({"kind": "truncated"}, Outcome.UNCERTAIN, True),
        ({"kind": "status", "status": 500}, Outcome.UNCERTAIN, False),
        ({"kind": "status", "status": 503}, Outcome.UNCERTAIN, False),
        ({"kind": "status_after_accept", "status": 502}, Outcome.UNCERTAIN, True),
        ({"kind": "status_after_accept", "status": 504}, Outcome.UNCERTAIN, True),
        ({"kind": "status", "status": 429, "retry_after": 7}, Outcome.RETRY_LATER, False),
        ({"kind": "status", "status": 404}, Outcome.RETRY_LATER, False),
        ({"kind": "slow", "seconds": 0.3}, Outcome.ACCEPTED, True),
    ],
    ids=lambda value: f"{value['kind']}-{value.get('status', '')}" if isinstance(value, dict) else "",
)
def test_a_fault_is_understood_and_a_lookup_tells_the_truth_about_it(
    driver: Solapi, sandbox: Sandbox, fault: dict[str, Any], expected: Outcome, arrives: bool
) -> None:
    """What may have been taken is asked about, what cannot have been may be sent again: one message a phone."""
    sandbox.reports(delay_seconds=0.05)
    sandbox.arm(on="send", **fault)
    batch = [sms(f"r{n}", PHONES[n]) for n in range(3)]
    answer = driver.send(batch)
    assert outcomes(answer) == [expected] * 3
    assert answer.healthy is (expected is Outcome.ACCEPTED)
    assert answer.retry_after == fault.get("retry_after")
    assert answer.stop == ""
    if expected is Outcome.RETRY_LATER:
        assert outcomes(driver.send(batch)) == [Outcome.ACCEPTED] * 3
        arrives = True
    refs = {message.ref: message.to for message in batch}
    if arrives:
        assert eventually(lambda: all(sandbox.inbox(message.to) for message in batch))
        found = driver.lookup(refs, *just_now())
        assert {ref: found[ref].outcome for ref in refs} == dict.fromkeys(refs, Outcome.DELIVERED)
    else:
        assert driver.lookup(refs, *just_now()) == {}
    assert [len(sandbox.inbox(message.to)) for message in batch] == [int(arrives)] * 3


def test_a_gateway_that_cannot_be_reached_has_taken_nothing(closed_port: int) -> None:
    driver = Solapi(f"http://127.0.0.1:{closed_port}", "k", "s", "r", deadline=1)
    answer = driver.send([sms("a", PHONES[0])])
    assert (outcomes(answer), answer.healthy) == ([Outcome.RETRY_LATER], False)
    assert answer.answers["a"].code == Trouble.NOT_SENT


def test_a_batch_half_refused_is_told_apart_message_by_message(driver: Solapi, sandbox: Sandbox) -> None:
    sandbox.arm(on="send", kind="partial", share=0.5, code="1031")
    answer = driver.send([sms(f"r{n}", PHONES[n]) for n in range(4)])
    assert answer.healthy
    assert sorted(outcomes(answer)) == [Outcome.ACCEPTED] * 2 + [Outcome.REJECTED] * 2
    assert {a.code for a in answer.answers.values() if a.outcome is Outcome.REJECTED} == {"1031"}


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("1061", Outcome.REJECTED),
        ("1064", Outcome.REJECTED),
        ("1058", Outcome.RETRY_LATER),
        ("1099", Outcome.UNCERTAIN),
    ],
)
def test_a_code_of_the_vendor_becomes_our_word(
    driver: Solapi, sandbox: Sandbox, code: str, expected: Outcome
) -> None:
    sandbox.ends_with(PHONES[0], code)
    answer = driver.send([sms("a", PHONES[0]), sms("b", PHONES[1])])
    assert (answer.answers["a"].outcome, answer.answers["a"].code) == (expected, code)
    assert answer.answers["b"].outcome is Outcome.ACCEPTED


def test_an_unregistered_sender_stops_the_shop_and_an_optout_is_known(
    driver: Solapi, sandbox: Sandbox
) -> None:
    sandbox.register_senders("0299999999")
    assert failure_of(driver.send([sms("a", PHONES[0])]).answers["a"].code).stops_shop
    sandbox.register_senders()
    sandbox.ends_with(PHONES[0], "1061")
    assert failure_of(driver.send([sms("b", PHONES[0])]).answers["b"].code).is_optout


def test_an_empty_purse_and_a_lost_picture_are_tried_again_later(driver: Solapi, sandbox: Sandbox) -> None:
    lost = Outgoing("p", PHONES[0], SENDER, Channel.MMS, "그림 문자", "", "ST01NOTTHERE")
    answer = driver.send([lost]).answers["p"]
    assert (answer.outcome, answer.code) == (Outcome.RETRY_LATER, "1023")
    sandbox.call("POST", "/sandbox/balance", {"balance": 20, "point": 0})
    assert driver.balance() == 20
    answers = driver.send([sms("a", PHONES[1]), sms("b", PHONES[2])]).answers
    assert (answers["a"].outcome, answers["b"].outcome) == (Outcome.ACCEPTED, Outcome.RETRY_LATER)
    assert answers["b"].code == "1030"


def test_a_wrong_secret_stops_the_account_and_loses_no_message(sandbox: Sandbox) -> None:
    answer = Solapi(sandbox.url, sandbox.api_key, "wrong", "r").send([sms("a", PHONES[0])])
    assert outcomes(answer) == [Outcome.RETRY_LATER]
    assert answer.stop == "API 비밀키가 맞지 않아요."
    assert sandbox.stats()["messages_accepted"] == 0


def test_a_refusal_without_our_reference_is_matched_by_its_number(driver: Solapi) -> None:
    """The sandbox, like the vendor, does not echo custom fields that are themselves too long."""
    long_ref = "x" * 101
    answer = driver.send([sms(long_ref, PHONES[0]), sms("b", PHONES[1])])
    assert (answer.answers[long_ref].outcome, answer.answers[long_ref].code) == (Outcome.REJECTED, "1032")
    assert answer.answers["b"].outcome is Outcome.ACCEPTED


def reply(taken: list[Any], failed: list[Any]) -> dict[str, Any]:
    return {"groupInfo": {"groupId": "G4V1"}, "messageList": taken, "failedMessageList": failed}


def item(code: Any, ref: str | None, to: str = PHONES[0]) -> dict[str, Any]:
    return {"messageId": "M4V1", "statusCode": code, "to": to, "customFields": {"ref": ref} if ref else None}


@pytest.mark.parametrize(
    ("taken", "failed", "expected"),
    [
        ([item("2000", "a")], [], [Outcome.ACCEPTED, Outcome.UNCERTAIN]),
        ([item(2000, "a")], [item(1031, "b")], [Outcome.ACCEPTED, Outcome.REJECTED]),
        ([item("2000", "a")], [item("1031", None)], [Outcome.ACCEPTED, Outcome.REJECTED]),
        ([], [item("1031", None)], [Outcome.UNCERTAIN, Outcome.UNCERTAIN]),
        ([], [item("1031", None), item("1062", None)], [Outcome.UNCERTAIN, Outcome.UNCERTAIN]),
        ([], [item("1031", None), item("1031", None)], [Outcome.REJECTED, Outcome.REJECTED]),
        ([item("2000", "a"), item("2000", "b")], [item("1031", "b")], [Outcome.ACCEPTED, Outcome.UNCERTAIN]),
        ([item("2000", "a"), item(None, "b")], [], [Outcome.ACCEPTED, Outcome.UNCERTAIN]),
        ([item("2000", "a"), item("8888", "b")], [], [Outcome.ACCEPTED, Outcome.UNCERTAIN]),
        ([item("2000", "a")], [item("2000", "b")], [Outcome.ACCEPTED, Outcome.UNCERTAIN]),
        ([item("2000", "zzz"), "rubbish", None], [], [Outcome.UNCERTAIN, Outcome.UNCERTAIN]),
    ],
)
def test_a_message_the_answer_does_not_clearly_name_is_uncertain(
    wired: Solapi, wire: Wire, taken: list[Any], failed: list[Any], expected: list[Outcome]
) -> None:
    wire.says(reply(taken, failed))
    answer = wired.send([sms("a", PHONES[0]), sms("b", PHONES[0])])
    assert outcomes(answer) == expected
    assert answer.healthy


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"[]",
        b"null",
        b"{}",
        b"\xff\xfe",
        b"[" * 100_000,
        {"groupInfo": {}, "messageList": "x", "failedMessageList": []},
    ],
)
def test_an_unreadable_answer_of_success_is_uncertain(wired: Solapi, wire: Wire, payload: object) -> None:
    wire.says(payload)
    answer = wired.send([sms("a", PHONES[0])])
    assert (outcomes(answer), answer.healthy) == ([Outcome.UNCERTAIN], False)


def test_a_blocked_account_stops_everything(wired: Solapi, wire: Wire) -> None:
    wire.says(reply([], [item("2063", "a")]))
    answer = wired.send([sms("a", PHONES[0])])
    assert outcomes(answer) == [Outcome.RETRY_LATER]
    assert answer.stop


@pytest.mark.parametrize(
    ("status", "code", "messages", "expected", "healthy", "stops"),
    [
        (403, "InvalidAPIKey", 2, Outcome.RETRY_LATER, True, True),
        (401, "", 2, Outcome.RETRY_LATER, True, True),
        (403, "RequestTimeTooSkewed", 2, Outcome.RETRY_LATER, False, False),
        # Only a request that was already taken once can have a used signature.
        (403, "DuplicatedSignature", 2, Outcome.UNCERTAIN, False, False),
        (400, "ValidationError", 1, Outcome.REJECTED, True, False),
        (400, "ValidationError", 2, Outcome.RETRY_LATER, True, False),
        (413, "RequestEntityTooLarge", 2, Outcome.RETRY_LATER, True, False),
        (302, "", 2, Outcome.UNCERTAIN, False, False),
        (418, "", 2, Outcome.UNCERTAIN, False, False),
    ],
)
def test_a_request_refused_as_a_whole_has_taken_nothing(
    wired: Solapi,
    wire: Wire,
    status: int,
    code: str,
    messages: int,
    expected: Outcome,
    healthy: bool,
    stops: bool,
) -> None:
    wire.says({"errorCode": code, "errorMessage": "…"}, status)
    answer = wired.send([sms(f"r{n}", PHONES[n]) for n in range(messages)])
    assert outcomes(answer) == [expected] * messages
    assert (answer.healthy, bool(answer.stop)) == (healthy, stops)


def test_every_request_is_signed_with_a_salt_of_its_own(wired: Solapi, wire: Wire) -> None:
    wire.says(reply([], []))
    for _ in range(3):
        wired.send([sms("a", PHONES[0])])
    assert len({seen.headers["authorization"].partition("salt=")[2][:32] for seen in wire.seen}) == 3


def test_a_retry_after_may_be_a_date(wired: Solapi, wire: Wire) -> None:
    later = datetime.now(UTC) + timedelta(seconds=90)
    wire.says({}, 503, Retry_After=later.strftime("%a, %d %b %Y %H:%M:%S GMT"))
    assert wired.send([sms("a", PHONES[0])]).retry_after == pytest.approx(89, abs=3)


def test_pictures_the_vendor_does_not_take_are_refused_and_a_vendor_that_is_down_is_not_a_refusal(
    driver: Solapi, sandbox: Sandbox
) -> None:
    with pytest.raises(PictureRefused):
        driver.upload(b"\x00" * 200_001, "big.jpg")
    with pytest.raises(PictureRefused):
        driver.upload(b"GIF89a", "fake.jpg")
    for kind in ("status", "reset_before", "non_json", "missing_keys"):
        sandbox.arm(on="upload", kind=kind)
        with pytest.raises(GatewayDown):
            driver.upload(jpeg(), "a.jpg")


def test_a_picture_gets_a_new_name_with_every_upload(wired: Solapi, wire: Wire) -> None:
    wire.says({"fileId": "ST01"})
    assert {wired.upload(jpeg(), "../그림 1.jpg") for _ in range(2)} == {"ST01"}
    names = [seen.json["name"] for seen in wire.seen]
    assert len(set(names)) == 2
    assert all(name.isascii() and "/" not in name and name.endswith(".jpg") for name in names)


def test_a_scheduled_group_is_called_back_once(driver: Solapi, sandbox: Sandbox) -> None:
    from solapi import SolapiMessageService
    from solapi.model import RequestMessage, SendRequestConfig

    client = SolapiMessageService(sandbox.api_key, sandbox.api_secret)
    client.base_url = sandbox.url
    booked = client.send(
        RequestMessage(from_=SENDER, to=PHONES[0], text="예약 문자"),
        SendRequestConfig(scheduled_date=datetime.now(UTC) + timedelta(hours=1)),
    )
    group = booked.group_info.group_id
    assert [driver.cancel(group), driver.cancel(group), driver.cancel("없는그룹/..")] == [True, False, False]


def test_a_batch_that_must_never_be_built_is_a_bug(wired: Solapi, wire: Wire) -> None:
    for batch in ([], [sms("a", PHONES[0]), sms("a", PHONES[1])]):
        with pytest.raises(ValueError, match="batch"):
            wired.send(batch)
    assert wire.seen == []
