"""Our driver and the vendor's own client against the same server: two sides that must say the same."""

from pathlib import Path
from typing import Any

from solapi import SolapiMessageService
from solapi.model import MessageType, RequestMessage, SendRequestConfig

from messaging.enums import Channel, Outcome
from messaging.gateways.base import Outgoing
from messaging.gateways.solapi import Solapi
from tests.messaging.conftest import Seen, Wire
from tests.messaging.test_solapi_send import jpeg
from tests.services import Sandbox

TEXT = "(광고)[행복한꽃집] 전화 주셔서 감사합니다.\n무료수신거부 080-123-4567"


def _auth(seen: Seen) -> set[str]:
    scheme, _, pairs = seen.headers["authorization"].partition(" ")
    return {scheme, *(pair.partition("=")[0].strip().lower() for pair in pairs.split(","))}


def test_the_official_client_and_our_driver_send_the_same_requests(
    sandbox: Sandbox, wire: Wire, tmp_path: Path
) -> None:
    wire.passes_on_to(sandbox.port)
    picture = tmp_path / "7.jpg"
    picture.write_bytes(jpeg())

    official = SolapiMessageService(sandbox.api_key, sandbox.api_secret)
    official.base_url = wire.url
    file_id = official.upload_file(str(picture)).file_id
    sent = official.send(
        RequestMessage(
            from_="0212345678",
            to="01000000001",
            type=MessageType.MMS,
            image_id=file_id,
            subject="행복한꽃집",
            text=TEXT,
            country="82",
            auto_type_detect=False,
            custom_fields={"ref": "x1"},
        ),
        SendRequestConfig(show_message_list=True, allow_duplicates=True),
    )
    assert sent.group_info.count.registered_success == 1
    theirs_upload, theirs = wire.seen
    wire.seen = []

    ours_driver = Solapi(wire.url, sandbox.api_key, sandbox.api_secret, "r")
    file_id = ours_driver.upload(jpeg(), "7.jpg")
    answer = ours_driver.send(
        [Outgoing("x1", "01000000001", "0212345678", Channel.MMS, TEXT, "행복한꽃집", file_id)]
    )
    assert answer.answers["x1"].outcome is Outcome.ACCEPTED
    ours_upload, ours = wire.seen

    for mine, other in ((ours_upload, theirs_upload), (ours, theirs)):
        assert (mine.method, mine.path, _auth(mine)) == (other.method, other.path, _auth(other))
        assert mine.headers["content-type"] == other.headers["content-type"]
    assert {key: type(ours_upload.json[key]) for key in ("file", "type")} == {"file": str, "type": str}
    assert ours_upload.json["type"] == theirs_upload.json["type"] == "MMS"
    assert ours_upload.json["file"] == theirs_upload.json["file"]
    assert _request_options(ours) == _request_options(theirs)
    (mine_message,), (other_message,) = ours.json["messages"], theirs.json["messages"]
    mine_message.pop("imageId")
    other_message.pop("imageId")
    assert mine_message == {key: value for key, value in other_message.items() if value is not None}


def _request_options(seen: Seen) -> dict[str, Any]:
    return {key: seen.json[key] for key in ("showMessageList", "allowDuplicates")}


def test_both_read_the_same_balance_and_find_the_same_message(sandbox: Sandbox) -> None:
    official = SolapiMessageService(sandbox.api_key, sandbox.api_secret)
    official.base_url = sandbox.url
    ours = Solapi(sandbox.url, sandbox.api_key, sandbox.api_secret, "r")
    theirs = official.get_balance()
    assert ours.balance() == int(theirs.balance) + int(theirs.point)
    ours.send([Outgoing("x2", "01000000002", "0212345678", Channel.SMS, "안내 문자예요.")])
    listed = official.get_messages()
    assert [message.custom_fields for message in listed.message_list.values()] == [{"ref": "x2"}]
