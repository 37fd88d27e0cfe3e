"""The items of a webhook's body: each is read apart, so that one bad item never costs the others."""

import json
import re
from datetime import datetime, timedelta
from typing import Annotated

import msgspec

from shopmsg.core.errors import ShopmsgError

MAX_ITEMS = 1_000
FUTURE_MARGIN = timedelta(minutes=5)
_FIELD = re.compile(r"field `(\w+)`|at `\$\.(\w+)")

Moment = Annotated[datetime, msgspec.Meta(tz=True)]
#: What msgspec raises for an item that is not of its shape.
UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


class Rejected(msgspec.Struct):
    """One item that was not taken: its place in the request, its id where readable, and why."""

    index: int
    call_id: str | None
    code: str
    message: str


class ItemRefused(ShopmsgError):
    """One item that can be read but not taken; the code and the sentence go into its Rejected."""


class UnreadableBody(ShopmsgError):
    """Nothing in the body can be read as what it should hold."""


class TooManyItems(ShopmsgError):
    """More items than one request may hold."""


_body_decoder = msgspec.json.Decoder(dict[str, msgspec.Raw])
_items_decoder = msgspec.json.Decoder(list[msgspec.Raw])


def items_of(body: bytes, name: str) -> list[msgspec.Raw]:
    """The items of {"<name>": [...]}, each still unread. Raises UnreadableBody, TooManyItems."""
    try:
        items = _items_decoder.decode(_body_decoder.decode(body)[name])
    except (*UNREADABLE, KeyError):
        items = _items_told_apart(body, name)
    if len(items) > MAX_ITEMS:
        raise TooManyItems("too_many_items", f"한 번에 {MAX_ITEMS:,}건까지 보낼 수 있어요.")
    return items


def _items_told_apart(body: bytes, name: str) -> list[msgspec.Raw]:
    """The same for a body that is no strict JSON: what is wrong inside one item (NaN, half a surrogate pair, a
    control character, bytes that are not UTF-8) stays in that item, and costs only it."""
    try:
        items = json.loads(body.decode("utf-8", "surrogateescape"), strict=False)[name]
        if not isinstance(items, list):
            raise TypeError
        return [msgspec.Raw(json.dumps(item, ensure_ascii=True).encode()) for item in items]
    except (ValueError, TypeError, KeyError, RecursionError):
        message = f'본문은 {{"{name}": [...]}} 꼴의 JSON이어야 해요.'
        raise UnreadableBody("unreadable", message) from None


def unreadable_item(index: int, raw: msgspec.Raw, error: Exception, id_field: str = "call_id") -> Rejected:
    """What is said of an item that is not of the right shape: the field where it can be told."""
    match = _FIELD.search(str(error))
    name = next(filter(None, match.groups()), "") if match else ""
    missing = "missing required" in str(error)
    sentence = (
        "읽을 수 없는 항목이에요."
        if not name
        else f"{name} 항목이 없어요."
        if missing
        else f"{name} 항목의 값이 맞지 않아요."
    )
    return Rejected(index, _id_of(raw, id_field), "missing_field" if missing else "invalid", sentence)


def _id_of(raw: msgspec.Raw, id_field: str) -> str | None:
    try:
        value = msgspec.json.decode(raw, type=dict[str, object]).get(id_field)
    except UNREADABLE:
        return None
    return value[:64] if isinstance(value, str) else None
