"""The vendor's own client, unchanged but for its base address, works against the sandbox."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from solapi import SolapiMessageService
from solapi.error.MessageNotReceiveError import MessageNotReceivedError
from solapi.model import MessageType, RequestMessage, SendRequestConfig
from solapi.model.request.groups.get_groups import GetGroupsRequest
from solapi.model.request.messages.get_messages import GetMessagesRequest

LISTED = SendRequestConfig(show_message_list=True, allow_duplicates=True)


@pytest.fixture
def client(sandbox: Any) -> SolapiMessageService:
    service = SolapiMessageService(sandbox.key, sandbox.secret)
    service.base_url = sandbox.url
    return service


def message(to: str = "01000000001", **fields: Any) -> RequestMessage:
    return RequestMessage(
        from_="02-1234-5678", to=to, **{"text": "안녕하세요", "type": MessageType.SMS, **fields}
    )


def test_an_sms_reaches_the_phone_with_its_own_reference(
    sandbox: Any, client: SolapiMessageService, wait: Any
) -> None:
    answer = client.send(message(custom_fields={"ref": "x1"}), LISTED)
    assert answer.group_info.count.registered_success == 1
    assert answer.message_list is not None
    assert answer.message_list[0].custom_fields == {"ref": "x1"}
    (received,) = wait(lambda: sandbox.inbox("01000000001"))
    assert (received["text"], received["from"]) == ("안녕하세요", "0212345678")
    assert received["id"] == answer.message_list[0].message_id


def test_an_mms_arrives_with_the_uploaded_picture(
    sandbox: Any, client: SolapiMessageService, wait: Any, jpeg: bytes, tmp_path: Path
) -> None:
    (tmp_path / "promo.jpg").write_bytes(jpeg)
    picture = client.upload_file(str(tmp_path / "promo.jpg"))
    client.send(message(type=MessageType.MMS, image_id=picture.file_id, subject="꽃집"), LISTED)
    (received,) = wait(lambda: sandbox.inbox("01000000001"))
    assert (received["type"], received["subject"]) == ("MMS", "꽃집")
    assert sandbox.http.get(sandbox.url + received["image_url"]).content == jpeg
    assert sandbox.http.get(picture.url).content == jpeg


def test_a_list_with_one_bad_message_is_a_partial_success(client: SolapiMessageService) -> None:
    answer = client.send([message(), message("01000000002", text="😀"), message("01000000003")], LISTED)
    assert answer.failed_message_list is not None
    assert [(item.to, item.status_code) for item in answer.failed_message_list] == [("01000000002", "1029")]
    count = answer.group_info.count
    assert (count.total, count.registered_success, count.registered_failed) == (3, 2, 1)


def test_when_every_message_is_refused_the_client_says_so(client: SolapiMessageService) -> None:
    with pytest.raises(MessageNotReceivedError) as caught:
        client.send(message(text="가" * 46), LISTED)
    assert caught.value.failed_messages[0].status_code == "1031"


def test_groups_and_messages_can_be_looked_up_again(client: SolapiMessageService) -> None:
    ids = []
    for number in ("01000000001", "01000000002"):
        answer = client.send(message(number), LISTED)
        assert answer.message_list is not None
        ids.append((answer.group_info.group_id, answer.message_list[0].message_id))
    (first_group, first), (second_group, second) = ids
    since = datetime.now(UTC) - timedelta(minutes=1)
    assert set(client.get_groups().group_list) == {first_group, second_group}
    assert set(client.get_groups(GetGroupsRequest(group_id=first_group)).group_list) == {first_group}
    assert set(client.get_groups(GetGroupsRequest(start_date=since.isoformat())).group_list) == {
        first_group,
        second_group,
    }
    assert client.get_group(first_group).count.total == 1
    assert set(client.get_group_messages(first_group).message_list) == {first}

    def found(**query: Any) -> set[str]:
        return set(client.get_messages(GetMessagesRequest(**query)).message_list)

    assert found(message_ids=[first, second]) == {first, second}
    assert found(message_id=second) == {second}
    assert found(to="01000000001", start_date=since) == {first}
    assert found(to="01000000001", end_date=since) == set()
    assert found(group_id=second_group, type=MessageType.LMS) == set()


def test_the_balance_falls_by_the_price(sandbox: Any, client: SolapiMessageService) -> None:
    sandbox.control("POST", "/balance", {"balance": 1000, "point": 10})
    client.send([message(), message(type=MessageType.LMS)], LISTED)
    balance = client.get_balance()
    assert (balance.balance, balance.point) == (1000 - (18 + 45 - 10), 0)


def test_a_cancelled_reservation_is_never_delivered(
    sandbox: Any, client: SolapiMessageService, wait: Any
) -> None:
    soon = datetime.now(UTC) + timedelta(seconds=0.5)
    reserve = SendRequestConfig(scheduled_date=soon, show_message_list=True)
    kept = client.send(message("01000000001"), reserve)
    dropped = client.send(message("01000000002"), reserve)
    assert kept.group_info.status == "SCHEDULED"
    assert client.cancel_scheduled_message(dropped.group_info.group_id).status == "PENDING"
    assert sandbox.inbox("01000000001") == []
    wait(lambda: sandbox.inbox("01000000001"))
    assert datetime.now(UTC) >= soon
    assert sandbox.inbox("01000000002") == []
    assert client.get_group(kept.group_info.group_id).status == "COMPLETE"
