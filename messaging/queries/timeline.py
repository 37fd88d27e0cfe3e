"""One call from its end to the caller's phone, with the seconds between."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.http import Http404

from messaging.enums import MessageKind, MessageState
from messaging.models import CallEnd, CouponCode, LinkOpen, Message
from messaging.queries.calls import call_length, masked_caller
from messaging.queries.outcomes import Outcome, Tone, outcome
from shopmsg.accounts.models import Shop
from shopmsg.accounts.sealing import keyring
from shopmsg.core.clock import format_moment, format_time, kst_day
from shopmsg.core.crypto import CryptoError


@dataclass(frozen=True, slots=True)
class Step:
    """One station. `after` is how long it took since the station before ("0.4초 뒤"), "" for the first and for what
    is still to come; `at` is None for what is still to come or will never."""

    label: str
    at: datetime | None
    after: str
    tone: Tone
    note: str = ""

    @property
    def when(self) -> str:
        """ "11월 22일(일) 오후 3:05:12": with seconds, because the steps lie seconds apart."""
        return f"{format_moment(self.at)}:{self.at:%S}" if self.at else ""


@dataclass(frozen=True, slots=True)
class Timeline:
    """A call's page. `message` is None when nothing was to be sent."""

    call: CallEnd
    number: str
    can_unmask: bool
    waits: bool
    outcome: Outcome
    steps: tuple[Step, ...]
    message: Message | None
    is_test: bool

    def when(self, step: Step) -> str:
        """ "11월 22일(일) 오후 3:05:12", or the time alone on the day of the call: the steps lie seconds apart."""
        if step.at is None:
            return ""
        same_day = step is not self.steps[0] and kst_day(step.at) == kst_day(self.call.ended_at)
        return f"{format_time(step.at) if same_day else format_moment(step.at)}:{step.at:%S}"

    @property
    def length(self) -> str:
        """How long the call was, in words."""
        return call_length(self.call.seconds) if self.call.answered else "받지 않음"


_ENDED_WELL: Final = (MessageState.ACCEPTED, MessageState.DELIVERED, MessageState.FAILED)
_WAITS: Final = (
    MessageState.HELD,
    MessageState.QUEUED,
    MessageState.SUBMITTING,
    MessageState.UNCERTAIN,
)


def call_timeline(shop: Shop, call_id: int, now: datetime) -> Timeline:
    """Everything about one call of this shop. Raises Http404 for any other call."""
    call = CallEnd.objects.filter(shop=shop, pk=call_id).first()
    if call is None:
        raise Http404
    message = None
    if call.message_id is not None:
        message = Message.objects.filter(pk=call.message_id, shop=shop).select_related("picture").first()
    what = outcome(
        verdict=call.verdict,
        call_reason=call.reason,
        call_reason_at=call.reason_at,
        state=message.state if message else None,
        message_reason=message.reason if message else "",
        release_at=message.release_at if message else None,
        gateway_code=message.gateway_code if message else "",
        ended_at=call.ended_at,
        now=now,
    )
    return Timeline(
        call=call,
        number=masked_caller(call.caller_sealed, call.caller_last4),
        can_unmask=call.caller_sealed is not None,
        waits=message is not None and message.state in _WAITS,
        outcome=what,
        steps=(*_steps(call, message, what), *(_reactions(shop, message) if message else ())),
        message=message,
        is_test=message is not None and message.kind == MessageKind.TEST,
    )


def open_caller(call: CallEnd) -> str | None:
    """The caller's number in the clear, national digits; None when it was withheld or its key is gone.

    Whoever shows it writes the audit entry first.
    """
    if call.caller_sealed is None:
        return None
    try:
        return keyring().open(bytes(call.caller_sealed))
    except CryptoError:
        return None


def _steps(call: CallEnd, message: Message | None, what: Outcome) -> tuple[Step, ...]:
    ended = Step("통화 끝남", call.ended_at, "", Tone.SENT)
    if call.decided_at is None:
        return (ended, Step("판단", None, "", Tone.WAITING, "곧 판단해요."))
    took = _after(call.ended_at, call.decided_at)
    if message is None:
        return (ended, Step("판단", call.decided_at, took, Tone.SKIPPED, f"보내지 않음. {what.sentence}"))
    decided = Step("판단", call.decided_at, took, Tone.SENT, "보내기로 했어요.")
    return (ended, decided, *_journey(call.decided_at, message, what))


def _journey(decided_at: datetime, message: Message, what: Outcome) -> tuple[Step, ...]:
    if message.accepted_at is None or message.state not in _ENDED_WELL:
        waits = message.state in _WAITS
        note = what.sentence
        accepted = Step(
            "접수", None if waits else message.finished_at, "", what.tone if waits else Tone.FAILED, note
        )
        if not waits and message.state in (MessageState.SKIPPED, MessageState.EXPIRED):
            accepted = Step("접수 안 함", message.finished_at, "", Tone.SKIPPED, note)
        return (accepted, Step("전달", None, "", Tone.WAITING)) if waits else (accepted,)
    accepted = Step(
        "접수",
        message.accepted_at,
        _after(decided_at, message.accepted_at),
        Tone.SENT,
        "문자 회사가 받았어요.",
    )
    if message.state == MessageState.ACCEPTED:
        return (accepted, Step("전달", None, "", Tone.WAITING, "통신사의 답을 기다려요."))
    took = _after(message.accepted_at, message.finished_at) if message.finished_at else ""
    return (accepted, Step("전달", message.finished_at, took, what.tone, what.sentence))


def _reactions(shop: Shop, message: Message) -> tuple[Step, ...]:
    """What the customer did with a message that reached them."""
    seen = [
        ("링크를 열어 봤어요", at)
        for at in LinkOpen.objects.filter(pk=message.pk).values_list("at", flat=True)
    ]
    used = CouponCode.objects.filter(shop=shop, message_id=message.pk, redeemed_at__isnull=False)
    seen += [("쿠폰을 썼어요", at) for at in used.values_list("redeemed_at", flat=True) if at is not None]
    seen.sort(key=lambda each: each[1])
    left = message.finished_at or message.accepted_at
    return tuple(Step(label, at, _after(left, at) if left else "", Tone.SENT) for label, at in seen)


def _after(earlier: datetime, later: datetime) -> str:
    """ "0.4초 뒤", "12초 뒤", "3분 20초 뒤", "9시간 5분 뒤", "3일 뒤"."""
    seconds = max(0.0, (later - earlier).total_seconds())
    if seconds < 10:
        return f"{seconds:.1f}초 뒤"
    whole = int(seconds)
    if whole < 60:
        return f"{whole}초 뒤"
    if whole < 3600:
        return f"{whole // 60}분 {whole % 60}초 뒤"
    if whole >= 48 * 3600:
        return f"{whole // 86400}일 뒤"
    return f"{whole // 3600}시간 {whole % 3600 // 60}분 뒤"
