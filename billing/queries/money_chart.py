"""What was charged and what was received, month by month, as a picture; the figures stand in a table beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

#: Length of the longest bar and the width of a month, in the drawing's own units.
FULL: Final = 100
STEP: Final = 12


@dataclass(frozen=True, slots=True)
class Bars:
    """A month: where it begins, and (top, height) of what was charged and of what was received."""

    month: date
    x: int
    charged: tuple[int, int]
    received: tuple[int, int]


@dataclass(frozen=True, slots=True)
class MoneyChart:
    """`bars` oldest first."""

    bars: tuple[Bars, ...]

    @property
    def width(self) -> int:
        """Of the drawing."""
        return len(self.bars) * STEP


def money_chart(months: Sequence[tuple[date, int, int]]) -> MoneyChart:
    """The chart of (month, charged, received), won; something is never drawn as nothing."""
    most = max((max(charged, received) for _, charged, received in months), default=0)

    def bar(won: int) -> tuple[int, int]:
        height = max(1, won * FULL // most) if won > 0 else 0
        return FULL - height, height

    return MoneyChart(
        tuple(
            Bars(month, place * STEP, bar(charged), bar(received))
            for place, (month, charged, received) in enumerate(months)
        )
    )
