"""지난달과 다른 점: why a bill is another than last month's, for the admin who looks at a run. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Protocol

from billing.contract import ONE_DAY
from billing.enums import EntryKind
from billing.proration import month_end
from shopmsg.core.clock import add_months
from shopmsg.core.money import format_won

#: Sentences of one difference; the largest come first.
_MOST: Final = 3


@dataclass(frozen=True, slots=True)
class Said:
    """A line of a bill, as it is compared."""

    kind: str
    amount_krw: int
    first: date
    last: date
    label: str
    detail: dict[str, Any]

    @property
    def days(self) -> int:
        """How many days it is for."""
        return (self.last - self.first).days + 1


class _Row(Protocol):
    @property
    def kind(self) -> str: ...
    @property
    def first(self) -> date: ...
    @property
    def last(self) -> date: ...
    @property
    def label(self) -> str: ...
    @property
    def detail(self) -> dict[str, Any]: ...


def said(row: _Row, amount_krw: int) -> Said:
    """A posting or an entry of the ledger with its amount."""
    return Said(row.kind, amount_krw, row.first, row.last, row.label, row.detail)


def why(before: Sequence[Said], after: Sequence[Said], month: date) -> str:
    """Why the bill of `month` (its first day) differs from the one of the month before; either may have no lines."""
    if not before and not after:
        return ""
    found = [*_service(_of(before, EntryKind.SERVICE), _of(after, EntryKind.SERVICE), month)]
    found += _refund(before, after, month)
    found += _plan(_of(before, EntryKind.PLAN), _of(after, EntryKind.PLAN), month)
    found += _usage(_of(before, EntryKind.USAGE), _of(after, EntryKind.USAGE))
    found.sort(key=lambda one: -one[0])
    words = " ".join(sentence for _, sentence in found[:_MOST])
    return (words or "쓰신 날수나 금액이 조금 달라요.")[:300]


_Why = tuple[int, str]  # won it weighs, sentence


def _service(before: list[Said], after: list[Said], month: date) -> Iterable[_Why]:
    weight = abs(_sum(after) - _sum(before))
    if not weight:
        return
    if not after:
        yield weight, f"{_said(before[-1].last)}까지 쓰고 해지하셨어요."
        return
    if not before:
        yield weight, f"{_said(after[0].first)}에 시작하셨어요."
    if any(line.detail.get("free") for line in before) and _sum(after) > _sum(before):
        yield weight, "첫 달 무료가 끝났어요."
    paused, was = _paused(after), _paused(before)
    if paused:
        yield weight, f"이번 달은 {paused}일 일시정지하셨어요."
    if was:
        yield weight, f"지난달은 {was}일 일시정지하셨어요."
    earlier = add_months(month, -1)
    if before and before[0].first > earlier:
        yield weight, f"지난달은 {sum(line.days for line in before)}일만 쓰셨어요."
    elif before and before[-1].last < month - ONE_DAY:
        yield weight, f"{_said(before[-1].last)}에 한 번 해지하셨어요."
    if after[-1].last < month_end(month):
        yield weight, f"{_said(after[-1].last)}까지 쓰고 해지하셨어요."
    old, new = _monthly(before), _monthly(after)
    if old is not None and new is not None and old != new:
        begun = next((line for line in after if line.detail.get("monthly_krw") == new), after[-1])
        yield (
            weight,
            f"한 달 요금이 {format_won(old)}에서 {format_won(new)}으로 바뀌었어요({begun.label}, {_said(begun.first)}부터).",
        )


def _refund(before: Sequence[Said], after: Sequence[Said], month: date) -> Iterable[_Why]:
    now = _sum(_of(after, EntryKind.REFUND))
    if now:
        yield now, f"약정을 다 채우지 않고 그만두셨어요: 할인반환금 {format_won(now)}."
    was = _sum(_of(before, EntryKind.REFUND))
    if was:
        yield was, f"지난달에는 할인반환금 {format_won(was)}이 있었어요."


def _plan(before: list[Said], after: list[Said], month: date) -> Iterable[_Why]:
    delta = _sum(after) - _sum(before)
    if not delta:
        return
    moved = f"{format_won(abs(delta))} {'늘었어요' if delta > 0 else '줄었어요'}"
    if not before:
        yield abs(delta), f"{after[0].label} 요금제를 {_said(after[0].first)}에 시작하셔서 {moved}."
    elif not after:
        yield abs(delta), f"{before[-1].label} 요금제를 그만두셔서 {moved}."
    elif before[-1].label != after[-1].label:
        yield abs(delta), f"{after[-1].label} 요금제로 {_said(after[-1].first)}에 바꾸셔서 {moved}."
    elif after[-1].last < month_end(month):
        yield abs(delta), f"{after[-1].label} 요금제를 {_said(after[-1].last)}까지 쓰셔서 {moved}."
    elif before[0].first > add_months(month, -1):
        yield abs(delta), f"{before[0].label} 요금제를 지난달은 {_said(before[0].first)}부터 쓰셔서 {moved}."
    else:
        yield abs(delta), f"{after[-1].label} 요금제 금액이 {moved}."


def _usage(before: list[Said], after: list[Said]) -> Iterable[_Why]:
    delta = _sum(after) - _sum(before)
    if not delta:
        return
    by_label: dict[str, int] = {}
    for sign, lines in ((1, after), (-1, before)):
        for line in lines:
            name = line.label.split(" ")[0]
            by_label[name] = by_label.get(name, 0) + sign * line.amount_krw
    most = max(by_label, key=lambda name: abs(by_label[name]))
    moved = "늘었어요" if delta > 0 else "줄었어요"
    yield abs(delta), f"사용료가 {format_won(abs(delta))} {moved}({most})."


def _of(lines: Iterable[Said], kind: EntryKind) -> list[Said]:
    return sorted((line for line in lines if line.kind == kind), key=lambda line: line.first)


def _sum(lines: Iterable[Said]) -> int:
    return sum(line.amount_krw for line in lines)


def _paused(lines: Iterable[Said]) -> int:
    return sum(line.days for line in lines if line.detail.get("paused") and not line.detail.get("free"))


def _monthly(lines: Sequence[Said]) -> int | None:
    """The price of a month that held last on the days that were charged."""
    charged = [line.detail.get("monthly_krw") for line in lines if line.amount_krw]
    return charged[-1] if charged else None


def _said(day: date) -> str:
    return f"{day.month}월 {day.day}일"
