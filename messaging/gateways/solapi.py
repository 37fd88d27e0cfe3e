"""SOLAPI v4, formerly CoolSMS: SMS, LMS and MMS (design.md §3 habits 5–7)."""

import base64
import re
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from messaging.enums import Channel, Outcome
from messaging.gateways import lenient, solapi_answers, solapi_reports
from messaging.gateways.base import Answer, Batch, Capabilities, GatewayDown, Outgoing, PictureRefused, Report
from messaging.gateways.failure import Trouble
from messaging.gateways.solapi_client import Client, error_code, read
from messaging.gateways.solapi_lookup import Bounds, Lookup
from shopmsg.core import http

_PICTURE_BYTES = 200_000


class Solapi:
    """One account. `deadline` bounds a send or an upload, `question_deadline` a lookup page, a balance or a cancel,
    `lookup_seconds` a whole lookup; all in seconds. A lookup reads at most `max_pages` pages of 500 of its window
    and then asks about at most `max_numbers` numbers.
    """

    def __init__(
        self,
        base_url: str,
        api_key: str,
        api_secret: str,
        report_secret: str,
        *,
        deadline: float = 15.0,
        question_deadline: float = 10.0,
        lookup_seconds: float = 45.0,
        max_batch: int = 1_000,
        max_pages: int = 20,
        max_numbers: int = 40,
    ) -> None:
        channels = frozenset({Channel.SMS, Channel.LMS, Channel.MMS})
        self.capabilities = Capabilities(max_batch, _PICTURE_BYTES, channels)
        self._client = Client(base_url, api_key, api_secret)
        self._report_secret = report_secret
        self._deadline, self._question_deadline = deadline, question_deadline
        self._bounds = Bounds(lookup_seconds, question_deadline, max_pages, max_numbers)

    def upload(self, jpeg: bytes, name: str) -> str:
        """Store a picture; its name there is made unique, because gateways have mixed up equal names."""
        if len(jpeg) > _PICTURE_BYTES:
            raise PictureRefused("too_large", "그림이 200KB보다 커요.")
        stem = re.sub(r"[^0-9A-Za-z_-]", "", name.rpartition(".")[0] or name)[:40]
        body = {
            "file": base64.b64encode(jpeg).decode(),
            "type": "MMS",
            "name": f"{stem}-{secrets.token_hex(8)}.jpg",
        }
        answer = self._client.ask("POST", "/storage/v1/files", body=body, deadline=self._deadline)
        if answer.status in (400, 413, 415, 422):
            raise PictureRefused(error_code(answer) or "refused", "문자 회사가 이 그림을 받지 않았어요.")
        file_id = lenient.word(read(answer).get("fileId"), 80)
        if not file_id:
            raise GatewayDown(Trouble.UNREADABLE, "문자 회사가 그림의 이름을 알려 주지 않았어요.")
        return file_id

    def send(self, batch: Sequence[Outgoing]) -> Batch:
        """Submit the batch in one request. Raises ValueError only for a batch that must never be built: empty, too
        large, or with one reference twice."""
        if not 0 < len(batch) <= self.capabilities.max_batch or len({m.ref for m in batch}) < len(batch):
            raise ValueError("a batch holds 1 to max_batch messages, each reference once")
        body = {
            "messages": [_wire(message) for message in batch],
            "showMessageList": True,
            "allowDuplicates": True,
        }
        try:
            answer = self._client.call(
                "POST", "/messages/v4/send-many/detail", body=body, deadline=self._deadline
            )
        except http.NotSent:
            return solapi_answers.same_for_all(batch, Outcome.RETRY_LATER, Trouble.NOT_SENT, healthy=False)
        except http.Unclear:
            return solapi_answers.same_for_all(batch, Outcome.UNCERTAIN, Trouble.NO_ANSWER, healthy=False)
        return solapi_answers.read_send(batch, answer)

    def lookup(self, refs: Mapping[str, str], since: datetime, until: datetime) -> Mapping[str, Answer]:
        """What the vendor knows of these references. Raises GatewayDown when it told nothing of any; when it falls
        silent half-way, what was found so far."""
        under_way = Lookup(self._client, refs, self._bounds)
        try:
            under_way.run(since, until)
        except GatewayDown:
            if not under_way.found:
                raise
        return under_way.found

    def balance(self) -> int:
        """Won left: cash and points."""
        payload = read(self._client.ask("GET", "/cash/v1/balance", deadline=self._question_deadline))
        won = 0
        for amount in (payload.get("balance"), payload.get("point", 0)):
            if isinstance(amount, bool) or not isinstance(amount, int | float) or not abs(amount) < 1e15:
                raise GatewayDown(Trouble.UNREADABLE, "문자 회사의 잔액을 읽지 못했어요.")
            won += int(amount)
        return won

    def cancel(self, group_id: str) -> bool:
        """Call back a scheduled group; False when it was sent, cancelled or never there."""
        path = f"/messages/v4/groups/{quote(group_id, safe='')}/schedule"
        answer = self._client.ask("DELETE", path, deadline=self._question_deadline)
        if answer.status in (400, 404, 409):
            return False
        read(answer)
        return True

    def parse_reports(self, headers: Mapping[str, str], body: bytes) -> list[Report]:
        """The reports about messages of ours; others', and summaries of groups, are left out."""
        solapi_reports.check_secret(headers, self._report_secret)
        return solapi_reports.read_reports(headers, body)


def _wire(message: Outgoing) -> dict[str, Any]:
    """One message as the vendor wants it. The type is ours: left to the vendor, a long text becomes two."""
    item: dict[str, Any] = {
        "to": message.to,
        "from": message.sender,
        "type": message.channel.value,
        "text": message.text,
        "country": "82",
        "autoTypeDetect": False,
        "customFields": {"ref": message.ref},
    }
    if message.subject and message.channel is not Channel.SMS:
        item["subject"] = message.subject
    if message.picture and message.channel is Channel.MMS:
        item["imageId"] = message.picture
    return item
