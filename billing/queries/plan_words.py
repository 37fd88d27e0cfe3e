"""A preview of a change in the words and pairs its page shows."""

from dataclasses import dataclass
from typing import Final

from billing.enums import ChangeKind
from billing.plan_change import Preview, Side
from billing.queries.leaving_chart import long_day
from shopmsg.core.clock import format_day
from shopmsg.core.money import format_won

_TITLES: Final = {
    ChangeKind.COMMITTED: "약정을 올릴까요?",
    ChangeKind.COMMITMENT_LEFT: "약정을 그만둘까요?",
    ChangeKind.BUNDLED: "결합할까요?",
    ChangeKind.UNBUNDLED: "결합을 그만둘까요?",
    ChangeKind.PLAN_CHANGED: "이벤트 요금제를 바꿀까요?",
    ChangeKind.RESUMED: "다시 쓸까요?",
}
_BUTTONS: Final = {
    ChangeKind.COMMITTED: "이대로 약정하기",
    ChangeKind.COMMITMENT_LEFT: "약정 그만두기",
    ChangeKind.BUNDLED: "이대로 결합하기",
    ChangeKind.UNBUNDLED: "결합 그만두기",
    ChangeKind.PLAN_CHANGED: "이대로 바꾸기",
    ChangeKind.RESUMED: "오늘부터 다시 쓰기",
}
_UNDO: Final = {
    ChangeKind.COMMITTED: "약정은 올리기만 할 수 있어요. 그만두실 수는 있고, 그때 얼마를 돌려주셔야 하는지 요금제 화면에 날마다 보여 드려요.",
    ChangeKind.COMMITMENT_LEFT: "언제든 새로 약정하실 수 있지만, 약정 기간은 그날부터 다시 세요.",
    ChangeKind.BUNDLED: "언제든 돈 없이 결합을 그만두실 수 있어요.",
    ChangeKind.UNBUNDLED: "언제든 다시 결합하거나 약정하실 수 있어요.",
    ChangeKind.PLAN_CHANGED: "언제든 다시 바꾸실 수 있어요. 요금은 쓰신 날만큼만 내세요.",
    ChangeKind.RESUMED: "다시 쉬고 싶으시면 도움 전화로 말씀해 주세요.",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """`fields` are what the form sends back beside the seal; `facts` pairs of (label, value); `month` "11월"; `danger`: it
    gives something up for money."""

    title: str
    button: str
    month: str
    facts: tuple[tuple[str, str], ...]
    fields: tuple[tuple[str, str], ...]
    danger: bool


def shown(preview: Preview) -> Shown:
    """What the page of this preview says beside its sentences and lines. Raises KeyError for a pause and for leaving, which
    have pages of their own."""
    wanted = preview.wanted
    return Shown(
        _TITLES[wanted.kind],
        _BUTTONS[wanted.kind],
        f"{preview.month.month}월",
        tuple(_facts(preview)),
        tuple(_fields(preview)),
        bool(preview.refund and preview.refund.won),
    )


def _facts(preview: Preview) -> list[tuple[str, str]]:
    before, after = preview.before, preview.after
    facts = [("언제부터", f"오늘 {format_day(preview.on)}부터")]
    if before.bound_until != after.bound_until:
        facts.append(("약정", f"{_bound(before)} → {_bound(after)}"))
    facts.append(
        ("오늘 해지하면 돌려주실 돈", f"{format_won(before.leaving_krw)} → {format_won(after.leaving_krw)}")
    )
    return [*facts, ("되돌리려면", _UNDO[preview.wanted.kind])]


def _bound(side: Side) -> str:
    return f"{long_day(side.bound_until)}까지" if side.bound_until else "없음"


def _fields(preview: Preview) -> list[tuple[str, str]]:
    wanted = preview.wanted
    fields = [("kind", wanted.kind.value)]
    match wanted.kind:
        case ChangeKind.COMMITTED:
            fields.append(("term", str(wanted.term_months)))
        case ChangeKind.BUNDLED:
            fields += [("bundle", wanted.bundle.value), ("internet", wanted.pack_internet)]
            fields += [("parts", part) for part in wanted.pack_parts]
        case ChangeKind.PLAN_CHANGED:
            fields.append(("plan", wanted.plan.value))
    return [*fields, ("seal", preview.seal)]
