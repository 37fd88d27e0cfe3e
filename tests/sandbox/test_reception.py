"""reference/gateways.md §1.4–§1.8: each message of a request is judged on its own."""

import base64
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

Message = Callable[..., dict[str, Any]]


def code(sandbox: Any, message: dict[str, Any], **fields: Any) -> str:
    """The reception code of one message."""
    answer = sandbox.send(message, **fields)
    (item,) = answer["failedMessageList"] + answer["messageList"]
    return str(item["statusCode"])


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, "2000"),
        ({"to": None}, "1010"),
        ({"from": ""}, "1010"),
        ({"text": ""}, "1010"),
        ({"type": None, "autoTypeDetect": False}, "1010"),
        ({"to": "010-0000-0001"}, "1011"),
        ({"to": 1000000001}, "1011"),
        ({"text": ["안녕"]}, "1011"),
        ({"type": "XMS"}, "1025"),
        ({"subject": "제목"}, "1013"),
        ({"type": "LMS", "subject": "가" * 20}, "2000"),
        ({"type": "LMS", "subject": "가" * 20 + "a"}, "1014"),
        ({"type": "MMS"}, "1034"),
        ({"type": "MMS", "imageId": "ST01FJ0000000000000000000000EXAMPLE"}, "1023"),
        ({"text": "\ud83d"}, "1027"),
        ({"text": "종\x07"}, "1028"),
        ({"text": "줄\r\n바꿈\t"}, "2000"),
        ({"text": "가" * 45}, "2000"),
        ({"text": "가" * 45 + "!"}, "1031"),
        ({"type": "LMS", "text": "가" * 1000}, "2000"),
        ({"type": "LMS", "text": "가" * 1000 + "!"}, "1031"),
        ({"customFields": {"ref": "v" * 100, "k" * 30: ""}}, "2000"),
        ({"customFields": {"ref": "v" * 101}}, "1032"),
        ({"customFields": {"k" * 31: "v"}}, "1032"),
        ({"customFields": {"ref": 1}}, "1032"),
        ({"customFields": ["ref"]}, "1032"),
    ],
)
def test_a_message_gets_the_documented_code(
    sandbox: Any, sms: Message, fields: dict[str, Any], expected: str
) -> None:
    assert code(sandbox, sms(**fields)) == expected


@pytest.mark.parametrize(
    "text", ["뷁", "햏햏", "쨰", "펲", "😀", "❤", "•", "–", "₩1,000", "〜", "©", "é", "\u00a0", "\u200d"]
)
def test_what_phones_cannot_show_is_refused(sandbox: Any, sms: Message, text: str) -> None:
    assert code(sandbox, sms(text=text)) == "1029"
    assert code(sandbox, sms(type="LMS", subject=text)) == "1029"


def test_decomposed_hangul_is_refused_and_composed_is_not(sandbox: Any, sms: Message) -> None:
    assert code(sandbox, sms(text=unicodedata.normalize("NFD", "꽃집"))) == "1029"
    assert code(sandbox, sms(text="꽃집 ★ ☎ ※ ㈜ ℃ ㎡ “따옴표” ￦ ×")) == "2000"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, "SMS"),
        ({"text": "가" * 46}, "LMS"),
        ({"subject": "제목"}, "LMS"),
        ({"type": "lms"}, "LMS"),
        ({"kakaoOptions": {"pfId": "P", "templateId": "T"}}, "ATA"),
        ({"kakaoOptions": {"pfId": "P", "bms": {"targeting": "I"}}}, "BMS_FREE"),
    ],
)
def test_a_missing_type_is_chosen_from_the_content(
    sandbox: Any, sms: Message, fields: dict[str, Any], expected: str
) -> None:
    sandbox.send(sms(**{"type": None, **fields}))
    assert sandbox.control("GET", "/messages")["messages"][0]["type"] == expected


def test_repeated_numbers_are_dropped_unless_allowed(sandbox: Any, sms: Message) -> None:
    twice = sms(to=["01000000001", "01000000002", "01000000001"])
    dropped = sandbox.send(twice, allowDuplicates=False)
    assert [(m["to"], m["statusCode"]) for m in dropped["failedMessageList"]] == [("01000000001", "1026")]
    assert sandbox.send(twice)["groupInfo"]["count"]["registeredSuccess"] == 3


def test_what_the_balance_cannot_pay_is_refused(sandbox: Any, sms: Message) -> None:
    sandbox.control("POST", "/balance", {"balance": 40})
    answer = sandbox.send(sms(), sms(), sms())
    assert [m["statusCode"] for m in answer["failedMessageList"]] == ["1030"]
    assert sandbox.call("GET", "/cash/v1/balance").json() == {"balance": 4, "point": 0}


def test_a_reservation_is_paid_when_it_is_sent(sandbox: Any, sms: Message, wait: Any) -> None:
    sandbox.control("POST", "/balance", {"balance": 20})
    soon = (datetime.now(UTC) + timedelta(seconds=0.2)).isoformat()
    sandbox.send(sms(), sms(to="01000000002"), scheduledDate=soon)
    assert sandbox.call("GET", "/cash/v1/balance").json()["balance"] == 20
    wait(lambda: sandbox.inbox("01000000001"))
    assert sandbox.call("GET", "/cash/v1/balance").json()["balance"] == 2
    listed = sandbox.call("GET", "/messages/v4/list?to=01000000002").json()["messageList"]
    assert [m["statusCode"] for m in listed.values()] == ["2230"]


def test_told_numbers_and_unregistered_senders_are_refused(sandbox: Any, sms: Message) -> None:
    sandbox.control("POST", "/numbers", {"number": "01000000001", "code": "1061"})
    sandbox.control("POST", "/senders", {"senders": ["0212345678"]})
    assert code(sandbox, sms()) == "1061"
    assert code(sandbox, sms(to="01000000002", **{"from": "0299999999"})) == "1062"
    sandbox.control("POST", "/numbers", {"number": "01000000001", "code": None})
    assert code(sandbox, sms()) == "2000"


def test_a_refused_message_names_itself_completely(sandbox: Any, sms: Message) -> None:
    answer = sandbox.send(sms(text="뷁", customFields={"ref": "r1"}), sms(customFields={"ref": "r2"}))
    (failed,) = answer["failedMessageList"]
    assert {**failed, "messageId": "", "accountId": ""} == {
        "to": "01000000001",
        "from": "0212345678",
        "type": "SMS",
        "country": "82",
        "messageId": "",
        "accountId": "",
        "statusCode": "1029",
        "statusMessage": "EUC-KR 밖의 문자",
        "customFields": {"ref": "r1"},
    }
    (taken,) = answer["messageList"]
    assert taken["customFields"] == {"ref": "r2"}
    assert len(taken["messageId"]) == 32
    assert taken["messageId"].startswith("M4V")


def test_the_message_list_is_only_there_when_asked_for(sandbox: Any, sms: Message) -> None:
    assert "messageList" not in sandbox.send(sms(), showMessageList=False)


def test_ten_thousand_is_the_most_a_request_may_hold(sandbox: Any, sms: Message) -> None:
    numbers = [f"010{n:08d}" for n in range(10_001)]
    assert sandbox.send(sms(to=numbers[1:]), showMessageList=False)["groupInfo"]["count"]["total"] == 10_000
    response = sandbox.call("POST", "/messages/v4/send-many/detail", {"messages": [sms(to=numbers)]})
    assert (response.status_code, response.json()["errorCode"]) == (400, "ValidationError")


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff\xfe", b"{}", b'{"messages": []}', b"[" * 100_000])
def test_a_body_that_is_no_request_gets_400(sandbox: Any, body: bytes) -> None:
    headers = {"Authorization": sandbox.header()}
    response = sandbox.http.post(f"{sandbox.url}/messages/v4/send-many/detail", data=body, headers=headers)
    assert (response.status_code, response.json()["errorCode"]) == (400, "ValidationError")


def test_a_body_over_fifteen_megabytes_gets_413(sandbox: Any) -> None:
    response = sandbox.call("POST", "/messages/v4/send-many/detail", {"messages": ["x" * (15 * 1024 * 1024)]})
    assert response.status_code == 413


def test_only_whole_jpegs_of_200_kb_are_taken_for_mms(sandbox: Any, jpeg: bytes) -> None:
    def upload(data: bytes) -> tuple[int, str | None]:
        body = {"file": base64.b64encode(data).decode(), "type": "MMS"}
        response = sandbox.call("POST", "/storage/v1/files", body)
        return response.status_code, response.json().get("errorCode")

    full = jpeg[:2] + b"\xff\xfe\xff\xff" + b"\x00" * 65_533
    padded = full * 3 + jpeg[2:]
    padded = jpeg[:2] + padded.replace(jpeg[:2] + b"\xff\xfe", b"\xff\xfe")
    assert upload(jpeg) == (200, None)
    assert upload(padded) == (200, None)
    assert upload(padded + b"\x00" * (200_001 - len(padded))) == (400, "FileSizeExceeded")
    assert upload(b"\x89PNG\r\n\x1a\n" + jpeg) == (400, "InvalidFileType")
    assert upload(jpeg[:-2]) == (400, "InvalidFileType")
    assert len(sandbox.call("GET", "/storage/v1/files").json()["fileList"]) == 2


def test_pages_of_a_list_join_without_gap_or_repeat(sandbox: Any, sms: Message) -> None:
    sent = sandbox.send(*[sms(to=f"010{n:08d}") for n in range(7)])
    seen: list[str] = []
    key: str | None = ""
    while key is not None:
        page = sandbox.call("GET", f"/messages/v4/list?limit=3&startKey={key}").json()
        seen += page["messageList"]
        key = page["nextKey"]
    assert seen == [m["messageId"] for m in reversed(sent["messageList"])]


def test_a_list_takes_criteria_triples(sandbox: Any, sms: Message) -> None:
    sandbox.send(sms(), sms(to="01000000002"), sms(to="01000000003", text="뷁"))
    query = "criteria=statusCode,to&cond=ne,gte&value=1029,01000000002"
    found = sandbox.call("GET", f"/messages/v4/list?{query}").json()["messageList"]
    assert [m["to"] for m in found.values()] == ["01000000002"]
    assert sandbox.call("GET", "/messages/v4/list?criteria=text&cond=eq&value=x").status_code == 400


def test_a_group_is_filled_then_sent(sandbox: Any, sms: Message, wait: Any) -> None:
    group = sandbox.call("POST", "/messages/v4/groups", {"allowDuplicates": True}).json()["groupId"]
    path = f"/messages/v4/groups/{group}"
    added = sandbox.call(
        "PUT", f"{path}/messages", {"messages": [sms(), sms(text="뷁"), sms(text="둘째")]}
    ).json()
    assert (added["errorCount"], len(added["resultList"])) == (1, 3)
    removed = sandbox.call(
        "DELETE", f"{path}/messages", {"messageIds": [added["resultList"][2]["messageId"]]}
    ).json()
    assert removed["errorCount"] == 0
    assert sandbox.call("POST", f"{path}/send").json()["status"] == "SENDING"
    assert [m["text"] for m in wait(lambda: sandbox.inbox("01000000001"))] == ["안녕하세요"]
    assert sandbox.call("POST", f"{path}/send").json()["errorCode"] == "InvalidStatus"
    assert sandbox.call("GET", "/messages/v4/groups/G4VNOTHERE").status_code == 404


def test_the_older_send_addresses_answer_in_their_own_form(sandbox: Any, sms: Message) -> None:
    one = sandbox.call("POST", "/messages/v4/send", {"message": sms()}).json()
    assert (one["statusCode"], one["to"]) == ("2000", "01000000001")
    refused = sandbox.call("POST", "/messages/v4/send", {"message": sms(text="뷁")})
    assert (refused.status_code, refused.json()["errorCode"]) == (400, "FailedToAddMessage")
    many = sandbox.call("POST", "/messages/v4/send-many", {"messages": [sms(), sms(to="01000000002")]}).json()
    assert many["count"]["registeredSuccess"] == 2
