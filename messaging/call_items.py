"""The calls of a webhook's body, checked: what the telephone network says becomes ParsedCall or a precise refusal."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import Annotated, Literal

import msgspec

from messaging.items import (
    FUTURE_MARGIN,
    UNREADABLE,
    ItemRefused,
    Moment,
    Rejected,
    UnreadableBody,
    items_of,
    unreadable_item,
)
from shopmsg.core import phone

_EPOCH = 2000
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class _CallItem(msgspec.Struct):
    call_id: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    line: Annotated[str, msgspec.Meta(max_length=32)]
    caller: Annotated[str, msgspec.Meta(max_length=32)] | None
    answered: bool
    started_at: Moment
    ended_at: Moment
    caller_carrier: Literal["KT", "SKT", "LGU", "MVNO", "unknown"] = "unknown"
    notice_played: bool | None = None


@dataclass(frozen=True, slots=True)
class ParsedCall:
    """One call as it is stored. `caller` is national digits, None when withheld."""

    call_id: str
    line: str
    caller: str | None
    carrier: str
    answered: bool
    started_at: datetime
    ended_at: datetime
    notice_played: bool | None
    digest: bytes


@dataclass(slots=True)
class Parsed:
    """What one request held. `readable` says whether any item could be read as a call at all."""

    calls: list[ParsedCall] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    readable: bool = False


_item_decoder = msgspec.json.Decoder(_CallItem)


def parse_calls(body: bytes, now: datetime) -> Parsed:
    """The calls of one request body. Raises UnreadableBody, TooManyItems."""
    parsed = Parsed()
    for index, raw in enumerate(items_of(body, "calls")):
        try:
            item = _item_decoder.decode(raw)
        except UNREADABLE as error:
            parsed.rejected.append(unreadable_item(index, raw, error))
            continue
        parsed.readable = True
        try:
            parsed.calls.append(_checked(item, bytes(raw), now))
        except ItemRefused as error:
            parsed.rejected.append(Rejected(index, item.call_id, error.code, error.message))
    if not parsed.readable:
        raise UnreadableBody("unreadable", _nothing_readable(parsed.rejected))
    return parsed


def _nothing_readable(rejected: Sequence[Rejected]) -> str:
    if not rejected:
        return "calls에 통화가 하나도 없어요."
    return f"통화로 읽을 수 있는 항목이 없어요. 첫 항목: {rejected[0].message}"


def _checked(item: _CallItem, raw: bytes, now: datetime) -> ParsedCall:
    """The item as a call, or ItemRefused naming what its values get wrong."""
    if _CONTROL.search(item.call_id):
        raise ItemRefused("call_id_malformed", "call_id에 제어 문자가 있어요.")
    if item.started_at.year < _EPOCH or item.ended_at.year < _EPOCH or item.ended_at.year > 9000:
        raise ItemRefused("time_out_of_range", "통화 시각이 맞지 않아요.")
    if item.ended_at < item.started_at:
        raise ItemRefused("ended_before_started", "통화가 시작보다 먼저 끝났어요.")
    if item.ended_at > now + FUTURE_MARGIN:
        raise ItemRefused("ended_in_future", "통화가 끝난 시각이 앞날이에요.")
    try:
        line = phone.digits(item.line)
    except phone.PhoneError:
        raise ItemRefused("line_malformed", "line은 전화번호여야 해요.") from None
    return ParsedCall(
        call_id=item.call_id,
        line=line[:16],
        caller=_caller(item.caller),
        carrier=item.caller_carrier,
        answered=item.answered,
        started_at=item.started_at,
        ended_at=item.ended_at,
        notice_played=item.notice_played,
        digest=blake2b(raw, digest_size=16).digest(),
    )


def _caller(raw: str | None) -> str | None:
    if raw is None or raw.strip().lower() in {"", "anonymous"}:
        return None
    try:
        return phone.digits(raw)
    except phone.PhoneError:
        raise ItemRefused("caller_malformed", "caller는 전화번호이거나 null이어야 해요.") from None
