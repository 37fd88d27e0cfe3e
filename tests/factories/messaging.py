"""Rows of messaging as the owner's pages read them: written whole, without pushing calls through the pipeline."""

import itertools
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from messaging.enums import CallState, MessageKind, MessageState, OptOutSource, Verdict
from messaging.models import Block, CallEnd, CouponCode, Message, OptOut, PromoVersion
from shopmsg.accounts.models import Shop
from shopmsg.accounts.sealing import keyring
from shopmsg.core.clock import kst_day

_ids = itertools.count(1)

TEXT = "(광고)[행복치킨]\n오늘의 치킨\n바삭하게 튀겨 드려요\n무료수신거부 080-1234-5678"


def promo_version(shop: Shop, **fields: Any) -> PromoVersion:
    """A version of the shop's promo, numbered after those there are; not live unless said."""
    number = PromoVersion.objects.filter(shop=shop).count() + 1
    values: dict[str, Any] = {
        "kind": "common",
        "headline": f"제목 {number}",
        "body": "내용이에요",
        "created_at": timezone.now(),
    }
    return PromoVersion.objects.create(shop=shop, number=number, **{**values, **fields})


def call_end(
    shop: Shop,
    *,
    caller: str | None = "01012345678",
    seconds: int = 45,
    answered: bool = True,
    ended_at: datetime | None = None,
    reason: str = "recent",
    reason_at: datetime | None = None,
) -> CallEnd:
    """A finished call that was skipped for `reason`; "" leaves it waiting for its verdict."""
    ended = ended_at or timezone.now()
    decided = bool(reason)
    return CallEnd.objects.create(
        received_at=ended,
        source="kt",
        call_id=f"row-{next(_ids)}",
        shop=shop,
        line_number="021234567",
        caller_sealed=keyring().seal(caller) if caller else None,
        caller_index=keyring().index(caller) if caller else None,
        caller_last4=caller[-4:] if caller else "",
        caller_carrier="SKT",
        answered=answered,
        started_at=ended - timedelta(seconds=seconds),
        ended_at=ended,
        state=CallState.DECIDED if decided else CallState.WAITING,
        verdict=Verdict.SKIP if decided else None,
        reason=reason,
        reason_at=reason_at,
        decided_at=ended + timedelta(milliseconds=400) if decided else None,
    )


def sent_call(
    shop: Shop,
    state: MessageState = MessageState.DELIVERED,
    *,
    caller: str = "01012345678",
    seconds: int = 45,
    ended_at: datetime | None = None,
    **fields: Any,
) -> CallEnd:
    """A finished call with its message in the given state; `fields` are the message's."""
    call = call_end(shop, caller=caller, seconds=seconds, ended_at=ended_at)
    decided = call.ended_at + timedelta(milliseconds=400)
    left = state not in (MessageState.HELD, MessageState.QUEUED, MessageState.SKIPPED, MessageState.EXPIRED)
    taken = state in (MessageState.ACCEPTED, MessageState.DELIVERED, MessageState.FAILED)
    done = state not in (
        MessageState.HELD,
        MessageState.QUEUED,
        MessageState.SUBMITTING,
        MessageState.ACCEPTED,
    )
    values: dict[str, Any] = {
        "created_at": decided,
        "shop": shop,
        "call_id": call.pk,
        "kind": MessageKind.PROMO,
        "priority": 2,
        "channel": "MMS",
        "day": kst_day(decided),
        "sender": call.line_number,
        "recipient_sealed": keyring().seal(caller),
        "recipient_index": keyring().index(caller),
        "text": TEXT,
        "token": f"{call.pk:010d}"[-10:],
        "release_at": decided,
        "expires_at": decided + timedelta(hours=2),
        "submitted_at": decided + timedelta(milliseconds=100) if left else None,
        "accepted_at": decided + timedelta(milliseconds=700) if taken else None,
        "finished_at": decided + timedelta(seconds=4) if done else None,
        "account": "solapi" if left else "",
    }
    message = Message.objects.create(state=state, **{**values, **fields})
    CallEnd.objects.filter(pk=call.pk).update(verdict=Verdict.SEND, reason="", message_id=message.pk)
    call.refresh_from_db()
    return call


def message_of(call: CallEnd) -> Message:
    """The message of a call made by `sent_call`."""
    return Message.objects.get(call_id=call.pk)


def opt_out(shop: Shop, number: str = "01012345678", **fields: Any) -> OptOut:
    """An opt-out in force."""
    values: dict[str, Any] = {"source": OptOutSource.CALL_080, "at": timezone.now()}
    return OptOut.objects.create(
        shop=shop, recipient_index=keyring().index(number), last4=number[-4:], **{**values, **fields}
    )


def block(shop: Shop, number: str = "01012345678", label: str = "") -> Block:
    """A number on the shop's block list."""
    return Block.objects.create(
        shop=shop,
        recipient_index=keyring().index(number),
        recipient_sealed=keyring().seal(number),
        label=label,
    )


def coupon_code(shop: Shop, message: Message, **fields: Any) -> CouponCode:
    """The coupon one message's phone was given."""
    values: dict[str, Any] = {
        "promo": PromoVersion.objects.filter(shop=shop).first() or promo_version(shop, kind="coupon"),
        "coupon_key": "a",
        "holder": bytes(message.recipient_index)[:16],
        "code": f"{next(_ids):06d}",
        "message_id": message.pk,
        "issued_at": timezone.now(),
    }
    return CouponCode.objects.create(shop=shop, **{**values, **fields})
