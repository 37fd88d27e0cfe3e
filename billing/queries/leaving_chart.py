"""What leaving costs, month by month of a commitment that runs, as a picture, as sentences and as a table.

Nothing is said by a bar alone: every figure stands in the table, and what matters of them in the sentences.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Final

from shopmsg.core.money import format_won

#: Length of the dearest bar, and the width a bar takes with the gap behind it, in the drawing's own units.
FULL: Final = 100
STEP: Final = 4
# Something is never drawn as nothing; a month that costs nothing is drawn as a line on the ground.
_LEAST: Final = 3


@dataclass(frozen=True, slots=True)
class Bar:
    """Leaving with `last` as the last day of use. `tone`: "most" for the dearest, "least" for what costs nothing, else ""."""

    last: date
    words: str
    won: int
    x: int
    top: int
    height: int
    tone: str


@dataclass(frozen=True, slots=True)
class LeavingChart:
    """`bars` in order, the first is today; `bound_until` the last day of the commitment; `name` is the chart's name and
    `sentences` say what it shows."""

    bars: tuple[Bar, ...]
    bound_until: date
    name: str
    sentences: tuple[str, ...]

    @property
    def width(self) -> int:
        return len(self.bars) * STEP


def long_day(day: date) -> str:
    """ "2029년 11월 21일": a day that may lie years ahead."""
    return f"{day.year}년 {day.month}월 {day.day}일"


def leaving_chart(outlook: Sequence[tuple[date, int]]) -> LeavingChart | None:
    """The chart of billing.leaving.outlook; None without a commitment."""
    if not outlook:
        return None
    most = max(won for _, won in outlook)
    today, bound_until = outlook[0][0], outlook[-1][0]
    bars = tuple(
        _bar(position, day, won, most, "오늘" if day == today else long_day(day))
        for position, (day, won) in enumerate(outlook)
    )
    name = f"그만두시는 날에 따라 돌려주실 돈, 오늘부터 {long_day(bound_until)}까지"
    return LeavingChart(bars, bound_until, name, tuple(_sentences(bars, most, bound_until)))


def _bar(position: int, day: date, won: int, most: int, words: str) -> Bar:
    height = max(won * FULL // most, _LEAST) if won else _LEAST
    tone = "least" if not won else "most" if won == most else ""
    return Bar(day, words, won, position * STEP, FULL - height, height, tone)


def _sentences(bars: tuple[Bar, ...], most: int, bound_until: date) -> list[str]:
    over = f"약정이 끝나는 {long_day(bound_until)} 뒤에는 0원이에요."
    if not most:
        return ["이 약정은 언제 그만두셔도 돌려주실 돈이 없어요."]
    dearest = next(bar for bar in bars if bar.won == most)
    if dearest is bars[0]:
        said = [f"오늘이 {format_won(most)}으로 가장 많고, 그 뒤로는 이보다 적어요."]
    else:
        said = [f"{dearest.words}까지 쓰고 그만두실 때가 {format_won(most)}으로 가장 많아요."]
    dearest_at = bars.index(dearest)
    if not bars[0].won:
        still = next(bar for bar, after in pairwise(bars) if after.won)
        said.insert(0, f"{still.words}{'' if still is bars[0] else '까지'} 그만두시면 0원이에요.")
    free = next((bar for bar in bars[dearest_at:] if not bar.won), None)
    if free is not None and free.last < bound_until:
        said.append(f"{free.words}까지 쓰시면 그때부터 돌려주실 돈이 없어요.")
    return [*said, over]
