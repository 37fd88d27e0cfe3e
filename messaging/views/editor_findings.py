"""What stands in the way of sending a draft, in words and with its one button (ux.md, principle 7)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from messaging.compose import Composed
from messaging.editor.fields import FIELDS, DraftFields
from messaging.promos import Finding
from messaging.template_kinds import DETAILS
from messaging.views.editor_sheets import LABELS, value_of
from shopmsg.core import text as texts

#: From here on the bar turns warm.
_NEAR: Final = 0.85


@dataclass(frozen=True, slots=True)
class Swap:
    """One character no phone shows: `shown` as people read it, `where` it stands, `suggestion` "" to leave it out."""

    char: str
    shown: str
    suggestion: str
    where: str


@dataclass(frozen=True, slots=True)
class Obstacle:
    """What stands in the way of publishing: one sentence and the sheet of its one button."""

    sheet: str
    text: str
    button: str


@dataclass(frozen=True, slots=True)
class Budget:
    """How full the message is, in bytes for the bar. `tone`: "calm", "near", "over"; `words` for people."""

    used: int
    limit: int
    tone: str
    words: str


def budget_of(composed: Composed, finding: Finding) -> Budget:
    """How full the message is."""
    if finding.bytes_over:
        words = f"한글로 {finding.syllables_over:,}자쯤 줄이면 보낼 수 있어요."
        return Budget(composed.byte_limit, composed.byte_limit, "over", words)
    near = composed.byte_length > composed.byte_limit * _NEAR
    words = "거의 다 찼어요. 아직 보낼 수 있어요." if near else "글이 넉넉히 들어가요."
    return Budget(composed.byte_length, composed.byte_limit, "near" if near else "calm", words)


def obstacles_of(fields: DraftFields, finding: Finding, today: date) -> Iterator[Obstacle]:
    """What has to be put right first, but for single characters. `today` is a KST day."""
    if not fields.headline.strip():
        yield Obstacle("headline", "제목이 비어 있어요. 손님이 처음 읽을 한 줄이 있어야 해요.", "제목 적기")
    if not fields.body.strip():
        yield Obstacle("body", "내용이 비어 있어요. 한 줄만 있어도 보낼 수 있어요.", "내용 적기")
    starts_on, ends_on = fields.period
    if starts_on and ends_on and ends_on < starts_on:
        yield Obstacle("period", "끝나는 날이 시작하는 날보다 빨라요.", "기간 고치기")
    elif ends_on and ends_on < today:
        yield Obstacle("period", "기간이 이미 지났어요. 끝나는 날을 다시 골라 주세요.", "기간 고치기")
    if finding.bytes_over:
        words = f"글이 길어요. 한글로 {finding.syllables_over:,}자쯤 줄이면 보낼 수 있어요."
        yield Obstacle("body", words, "내용 줄이기")


def swaps_of(fields: DraftFields, finding: Finding) -> tuple[Swap, ...]:
    """Each character once, with every field it stands in."""
    written = {"headline": fields.headline, "body": fields.body} | {
        f"details.{detail.key}": fields.details.get(detail.key, "") for detail in DETAILS[fields.kind]
    }
    cleaned = {field: texts.clean(value) for field, value in written.items()}
    return tuple(
        Swap(
            problem.char,
            problem.char if problem.char.isprintable() and not problem.char.isspace() else "보이지 않는 글자",
            problem.suggestion,
            ", ".join(LABELS[field] for field, value in cleaned.items() if problem.char in value),
        )
        for problem in finding.unsendable
    )


def swapped(fields: DraftFields, char: str) -> Mapping[str, str]:
    """The texts of the draft with one unsendable character replaced as suggested, or with "all" each of them; only
    those that change."""
    changed = {}
    for field in FIELDS:
        if field not in {"headline", "body"} and not field.startswith("details."):
            continue
        before = texts.clean(value_of(fields, field))
        after = texts.replaced(before) if char == "all" else before.replace(char, texts.suggestion(char))
        if after != before:
            changed[field] = after
    return changed
