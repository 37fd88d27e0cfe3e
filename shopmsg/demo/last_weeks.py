"""The two weeks before the demo was loaded: calls and what became of them, so that there is something to look at.

Rows are written as the pipeline leaves them, with callers nobody has; today stays empty for who tries the demo.
"""

import random
from datetime import date, datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction

from messaging import content, promos
from messaging.enums import CallState, MessageKind, MessageState, Priority, Verdict
from messaging.links import new_token
from messaging.models import CallEnd, LinkOpen, Message, PromoVersion, ShopNumbers
from messaging.rulebook import SkipReason
from shopmsg.accounts.models import Shop
from shopmsg.accounts.sealing import keyring
from shopmsg.core.clock import day_start, kst_day

#: Whose calls these are said to be: no telephone network's.
SOURCE: Final = "past"
DAYS: Final = 14
#: Calls of a quiet and of a busy day; Friday and Saturday are busy.
_QUIET, _BUSY = (9, 16), (18, 27)
_BUSY_WEEKDAYS: Final = (4, 5)
_SKIPS: Final = {
    SkipReason.RECENT: 5, SkipReason.UNANSWERED: 3, SkipReason.TOO_SHORT: 2, SkipReason.NOT_MOBILE: 2,
}  # fmt: skip
#: Shares: of calls, of messages, of messages delivered.
_SKIPPED, _DELIVERED, _VISITED = 0.25, 0.96, 0.38


def play_last_weeks(shop: Shop, now: datetime) -> int:
    """Write the weeks of a shop that has had no call yet; returns how many calls. The same shop and day always give the
    same calls."""
    if CallEnd.objects.filter(shop=shop).exists():
        return 0
    today = kst_day(now)
    with transaction.atomic():
        return sum(_play(shop, today - timedelta(days=back)) for back in range(DAYS, 0, -1))


def _play(shop: Shop, day: date) -> int:
    chance = random.Random(f"{shop.slug} {day}")  # noqa: S311 - decides nothing but the demo's looks
    line, promo = shop.lines.get().number, promos.standing(shop)
    if promo is None:
        return 0
    skipped = [
        chance.choices(list(_SKIPS), list(_SKIPS.values()))[0] if chance.random() < _SKIPPED else None
        for _ in range(chance.randint(*(_BUSY if day.weekday() in _BUSY_WEEKDAYS else _QUIET)))
    ]
    made = [_call(shop, line, day, reason, chance) for reason in skipped]
    calls = CallEnd.objects.bulk_create(sorted(made, key=lambda call: call.ended_at))
    sent = [call for call in calls if call.verdict == Verdict.SEND]
    messages = Message.objects.bulk_create(_message(call, promo, chance) for call in sent)
    for call, message in zip(sent, messages, strict=True):
        call.message_id = message.pk
    CallEnd.objects.bulk_update(sent, ["message_id"])
    delivered = [message for message in messages if message.state == MessageState.DELIVERED]
    opened = LinkOpen.objects.bulk_create(
        LinkOpen(
            message_id=message.pk,
            shop_id=shop.pk,
            at=message.created_at + timedelta(minutes=chance.randint(1, 25)),
        )
        for message in delivered
        if chance.random() < _VISITED
    )
    ShopNumbers.objects.create(
        shop_id=shop.pk,
        day=day,
        calls=len(calls),
        sent=len(sent),
        not_sent=len(calls) - len(sent),
        delivered=len(delivered),
        failed=len(sent) - len(delivered),
        visited=len(opened),
    )
    return len(calls)


def _call(shop: Shop, line: str, day: date, reason: SkipReason | None, chance: random.Random) -> CallEnd:
    ended_at = day_start(day) + timedelta(minutes=chance.triangular(11 * 60, 21 * 60 - 20, 18 * 60))
    mobile = f"0100000{chance.randint(0, 9_999):04d}"
    caller = f"0200000{mobile[-3:]}" if reason == SkipReason.NOT_MOBILE else mobile
    match reason:
        case SkipReason.UNANSWERED:
            seconds = 0
        case SkipReason.TOO_SHORT:
            seconds = chance.randint(2, 8)
        case _:
            seconds = chance.randint(18, 190)
    return CallEnd(
        received_at=ended_at,
        source=SOURCE,
        call_id=f"past-{chance.getrandbits(64):016x}",
        shop=shop,
        line_number=line,
        caller_sealed=keyring().seal(caller),
        caller_index=keyring().index(caller),
        caller_last4=caller[-4:],
        caller_carrier=chance.choice(("KT", "SKT", "LGU+")),
        answered=reason != SkipReason.UNANSWERED,
        started_at=ended_at - timedelta(seconds=seconds),
        ended_at=ended_at,
        state=CallState.DECIDED,
        verdict=Verdict.SKIP if reason else Verdict.SEND,
        reason=reason or "",
        reason_at=ended_at - timedelta(days=3) if reason == SkipReason.RECENT else None,
        decided_at=ended_at + timedelta(milliseconds=300),
    )


def _message(call: CallEnd, promo: PromoVersion, chance: random.Random) -> Message:
    said = content.composed(content.content_of(promo), promos.sender_of(promo.shop, call.line_number))
    token = new_token()
    return Message(
        created_at=call.ended_at + timedelta(milliseconds=300),
        shop=promo.shop,
        call_id=call.pk,
        kind=MessageKind.PROMO,
        priority=Priority.PROMO,
        channel=said.channel,
        state=MessageState.DELIVERED if chance.random() < _DELIVERED else MessageState.FAILED,
        day=kst_day(call.ended_at),
        quota_day=kst_day(call.ended_at),
        sender=call.line_number,
        recipient_sealed=call.caller_sealed,
        recipient_index=call.caller_index,
        subject=said.subject,
        text=content.with_link(said.text, token),
        picture=promo.picture,
        promo=promo,
        token=token,
        release_at=call.ended_at,
        expires_at=call.ended_at + timedelta(hours=2),
        submitted_at=call.ended_at + timedelta(milliseconds=600),
        accepted_at=call.ended_at + timedelta(milliseconds=900),
        finished_at=call.ended_at + timedelta(seconds=chance.randint(3, 9)),
        account=settings.GATEWAY["account"],
    )
