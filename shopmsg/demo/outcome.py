"""What became of a virtual call so far: a verdict in words, and what the caller's phone shows."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.urls import reverse

from messaging import reasons
from messaging.enums import CallState, MessageState, Verdict
from messaging.links import message_link
from messaging.models import CallEnd, Message
from messaging.preview import Phone, clock_of
from shopmsg.accounts.sealing import keyring
from shopmsg.demo import network
from shopmsg.demo.network import DemoError

#: After this long the page says that it is slow; after `GIVE_UP` it stops asking.
SLOW: Final = timedelta(seconds=10)
GIVE_UP: Final = timedelta(minutes=2)
_ENDED: Final = frozenset(
    {
        MessageState.HELD,
        MessageState.FAILED,
        MessageState.REJECTED,
        MessageState.UNKNOWN,
        MessageState.SKIPPED,
        MessageState.EXPIRED,
    }
)
_LEFT: Final = frozenset({MessageState.ACCEPTED, MessageState.DELIVERED})


@dataclass(frozen=True, slots=True)
class Outcome:
    """`tone`, `what`, `why`, `next` fill components/verdict.html; `pending` means: ask again."""

    tone: str
    what: str
    phone: Phone
    why: str = ""
    next: str = ""
    pending: bool = False


def outcome_of(call: CallEnd, now: datetime) -> Outcome:
    """The outcome at this moment. Asks the sandbox only once the message may have arrived."""
    if call.state == CallState.WAITING:
        return _waiting(call, now)
    if call.verdict == Verdict.SKIP:
        said = reasons.explain(call.reason, call.reason_at, now)
        return _nothing(call, now, "skipped", "보내지 않음", said)
    message = Message.objects.filter(pk=call.message_id).first() if call.message_id else None
    if message is None:
        return _waiting(call, now)
    if not network.is_virtual() and message.state in _LEFT:
        said = reasons.Explanation("실제 문자 회사를 거쳐 실제 휴대폰으로 갔어요.")
        return _nothing(call, now, "sent", "실제로 보냈어요", said)
    got = _on_phone(call, message) if network.is_virtual() else None
    if got is not None:
        after = max(0.0, (got.at - call.received_at).total_seconds())
        return Outcome(
            tone="sent",
            what="문자가 도착했어요",
            why=f"통화가 끝나고 {after:.1f}초 걸렸어요.",
            phone=_showing(call, got, now),
        )
    if message.state in _ENDED:
        skipped = message.state == MessageState.SKIPPED
        said = reasons.explain(
            message.reason if skipped and message.reason else message.state, message.release_at, now
        )
        held = message.state == MessageState.HELD
        return _nothing(call, now, "held" if held else "failed", MessageState(message.state).label, said)
    return _waiting(call, now)


def _on_phone(call: CallEnd, message: Message) -> network.Received | None:
    if call.caller_sealed is None:
        return None
    try:
        return network.received(keyring().open(bytes(call.caller_sealed)), message_link(message.token))
    except DemoError:
        return None


def _showing(call: CallEnd, got: network.Received, now: datetime) -> Phone:
    return Phone(
        sender=got.sender,
        text=got.text,
        subject=got.subject,
        picture_url=reverse("demo:picture", args=[got.picture]) if got.picture else "",
        picture_width=1000 if got.picture else 0,
        picture_height=750 if got.picture else 0,
        at=got.at,
        clock=clock_of(now),
        trust_mark=call.caller_carrier == "KT",
        links=True,
    )


def _nothing(call: CallEnd, now: datetime, tone: str, what: str, said: reasons.Explanation) -> Outcome:
    silent = Phone(
        sender=call.line_number,
        clock=clock_of(now),
        reason="이 휴대폰에는 문자가 오지 않았어요",
        action=said.sentence,
    )
    return Outcome(tone=tone, what=what, why=said.sentence, next=said.action, phone=silent)


def _waiting(call: CallEnd, now: datetime) -> Outcome:
    age = now - call.received_at
    if age > GIVE_UP:
        said = reasons.Explanation("아직 도착하지 않았어요.", "새로 고치면 다시 확인해요.")
        return _nothing(call, now, "failed", "늦어지고 있어요", said)
    why = "평소보다 늦어지고 있어요. 계속 확인하고 있어요." if age > SLOW else "3초 안에 도착해요."
    quiet = Phone(sender=call.line_number, clock=clock_of(now), reason="문자를 기다리고 있어요")
    return Outcome(tone="waiting", what="통화가 끝났어요", why=why, phone=quiet, pending=True)
