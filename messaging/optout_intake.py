"""Opt-out calls on the 080 line, as the network tells them: `POST /hooks/optouts`."""

from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import Annotated

import msgspec
from django.db import transaction

from messaging.enums import OptOutSource
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
from messaging.models import OptOutEvent
from messaging.optouts import is_known_080, opt_out, shops_meant
from shopmsg.core import phone


class _Item(msgspec.Struct):
    id: Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]+$")]
    number_080: Annotated[str, msgspec.Meta(max_length=32)]
    caller: Annotated[str, msgspec.Meta(max_length=32)]
    at: Moment
    shop_code: Annotated[str, msgspec.Meta(max_length=16)] | None = None


@dataclass(slots=True)
class Taken:
    """What became of one request."""

    accepted: int = 0
    duplicates: int = 0
    rejected: list[Rejected] = field(default_factory=list)


_item_decoder = msgspec.json.Decoder(_Item)


def take(source: str, body: bytes, now: datetime) -> Taken:
    """Put every readable opt-out of a request into force. Raises UnreadableBody, TooManyItems, DatabaseError."""
    taken = Taken()
    readable = False
    for index, raw in enumerate(items_of(body, "optouts")):
        try:
            item = _item_decoder.decode(raw)
        except UNREADABLE as error:
            taken.rejected.append(unreadable_item(index, raw, error, id_field="id"))
            continue
        readable = True
        try:
            _take_one(source, item, bytes(raw), now, taken)
        except (ItemRefused, phone.PhoneError) as error:
            taken.rejected.append(Rejected(index, item.id, error.code, error.message))
    if not readable:
        raise UnreadableBody("unreadable", "수신거부로 읽을 수 있는 항목이 없어요.")
    return taken


def _take_one(source: str, item: _Item, raw: bytes, now: datetime, taken: Taken) -> None:
    if item.at > now + FUTURE_MARGIN or item.at.year < 2000:
        raise ItemRefused("time_out_of_range", "수신거부 시각이 맞지 않아요.")
    try:
        caller = phone.digits(item.caller)
    except phone.PhoneError:
        raise ItemRefused("caller_malformed", "caller는 전화번호여야 해요.") from None
    number_080 = phone.digits(item.number_080)
    if not is_known_080(number_080):
        raise ItemRefused("unknown_080", "저희가 쓰는 수신거부 번호가 아니에요.")
    with transaction.atomic():
        _, fresh = OptOutEvent.objects.get_or_create(
            source=source,
            event_id=item.id,
            defaults={"digest": blake2b(raw, digest_size=16).digest(), "received_at": now},
        )
        if not fresh:
            taken.duplicates += 1
            return
        shops = shops_meant(number_080, item.shop_code, caller, now)
        opt_out(shops, caller, OptOutSource.CALL_080, item.at, now)
        OptOutEvent.objects.filter(source=source, event_id=item.id).update(shops=len(shops))
    taken.accepted += 1
