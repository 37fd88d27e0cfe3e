"""What became of a call, in one chip and one sentence: the same words in every list and on every page."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from messaging import failures, reasons
from messaging.enums import MessageState
from messaging.reasons import Remedy
from messaging.rulebook import SkipReason


class Tone(StrEnum):
    """The five looks of a chip or a verdict line (static/css/app.css)."""

    SENT = "sent"
    HELD = "held"
    WAITING = "waiting"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Outcome:
    """`label` is the chip's word, `sentence` says why, `action` what to do ("" when nothing), `remedy` where."""

    tone: Tone
    label: str
    sentence: str
    action: str = ""
    remedy: Remedy | None = None


#: States by the three heaps an owner counts in: sent, still waiting, not sent.
SENT_STATES = (MessageState.ACCEPTED, MessageState.DELIVERED, MessageState.FAILED)
WAITING_STATES = (
    MessageState.HELD,
    MessageState.QUEUED,
    MessageState.SUBMITTING,
    MessageState.UNCERTAIN,
)
NOT_SENT_STATES = (
    MessageState.SKIPPED,
    MessageState.EXPIRED,
    MessageState.REJECTED,
    MessageState.UNKNOWN,
)

_CHIPS: dict[str, tuple[Tone, str]] = {
    MessageState.HELD: (Tone.HELD, "기다림"),
    MessageState.QUEUED: (Tone.WAITING, "보내는 중"),
    MessageState.SUBMITTING: (Tone.WAITING, "보내는 중"),
    MessageState.UNCERTAIN: (Tone.WAITING, "확인 중"),
    MessageState.ACCEPTED: (Tone.SENT, "보냄"),
    MessageState.DELIVERED: (Tone.SENT, "전달됨"),
    MessageState.FAILED: (Tone.FAILED, "전달 안 됨"),
    MessageState.REJECTED: (Tone.FAILED, "보내지 못함"),
    MessageState.UNKNOWN: (Tone.FAILED, "확인 못 함"),
    MessageState.SKIPPED: (Tone.SKIPPED, "안 보냄"),
    MessageState.EXPIRED: (Tone.SKIPPED, "안 보냄"),
}


def outcome(
    *,
    verdict: str | None,
    call_reason: str,
    call_reason_at: datetime | None,
    state: str | None,
    message_reason: str,
    release_at: datetime | None,
    gateway_code: str,
    ended_at: datetime,
    now: datetime,
) -> Outcome:
    """The outcome of one call that ended at `ended_at`; "3일 전" in its reason counts from there. `state` and what
    follows are its message's, None and "" when there is none."""
    if verdict is None:
        return Outcome(Tone.WAITING, "판단 중", "방금 끝난 통화예요. 곧 판단해요.")
    if state is None:
        said = reasons.explain(call_reason, call_reason_at, ended_at)
        return Outcome(Tone.SKIPPED, "안 보냄", said.sentence, said.action, said.remedy)
    tone, label = _CHIPS[state]
    if state in (MessageState.FAILED, MessageState.REJECTED) and gateway_code:
        failure = failures.explain(gateway_code)
        return Outcome(tone, label, failure.sentence, failure.action, failure.remedy)
    if state == MessageState.SKIPPED:
        said = reasons.explain(message_reason, None, now)
    elif state == MessageState.EXPIRED:
        said = reasons.explain(SkipReason.EXPIRED, None, now)
    else:
        said = reasons.explain(state, release_at, now)
    return Outcome(tone, label, said.sentence, said.action, said.remedy)
