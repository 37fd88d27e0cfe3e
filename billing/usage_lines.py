"""사용료: what was used, summed into lines (rules.md §3). Pure.

One line for each kind, month of use and price of a piece, rounded down to the won once. Where VAT is outside (Kakao
messages) the line's supply value gets its tenth on top; a prize commission is a share of the prizes' value.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from operator import attrgetter
from typing import Final, Generic, Protocol, TypeVar

from billing import vat
from billing.catalogue import Catalogue
from billing.enums import UsageKind
from billing.proration import month_end
from billing.vat import Parts
from shopmsg.core.clock import month_start
from shopmsg.core.money import format_won

#: What a piece is called; a prize has no pieces.
_PIECE: Final = {UsageKind.TOWN_TV: "회", UsageKind.GENIE_TV: "회"}


class Used(Protocol):
    """Something used on a KST day: so many pieces, of a prize its value in won."""

    @property
    def kind(self) -> str: ...
    @property
    def used_on(self) -> date: ...
    @property
    def quantity(self) -> int: ...


class Fee(Protocol):
    """협의 단가: won for one piece without VAT, from that day on."""

    @property
    def kind(self) -> str: ...
    @property
    def effective_from(self) -> date: ...
    @property
    def won(self) -> int: ...


U = TypeVar("U", bound=Used)


@dataclass(frozen=True, slots=True)
class Unit:
    """Price of a piece: won each, or percent of what the quantity says in won."""

    won: int
    percent: int
    vat_outside: bool

    @property
    def key(self) -> str:
        """ "9", "10%": what tells lines of one kind and month apart."""
        return f"{self.percent}%" if self.percent else str(self.won)


@dataclass(frozen=True, slots=True)
class UsageLine(Generic[U]):
    """A line of `rows` used in the month that starts on `used`."""

    kind: UsageKind
    used: date
    unit: Unit
    quantity: int
    label: str
    sentence: str
    parts: Parts
    rows: tuple[U, ...]

    @property
    def first(self) -> date:
        """The first day of the month of use."""
        return self.used

    @property
    def last(self) -> date:
        """The last day of the month of use."""
        return month_end(self.used)


def fee_of(fees: Iterable[Fee], kind: str, on: date) -> int | None:
    """What was agreed for that kind on that KST day, won each without VAT; None when nothing was."""
    held = [fee for fee in fees if fee.kind == kind and fee.effective_from <= on]
    return max(held, key=attrgetter("effective_from")).won if held else None


def unit_of(used: Used, catalogue: Catalogue, fees: Iterable[Fee]) -> Unit | None:
    """The price that held on the day of use; None where it is agreed per merchant and nothing was agreed. Raises NotSold for
    what no catalogue ever knew."""
    price = catalogue.usage_of(used.kind, used.used_on)
    if price.percent is not None:
        return Unit(0, price.percent, price.vat_outside)
    won = price.won if price.won is not None else fee_of(fees, used.kind, used.used_on)
    return None if won is None else Unit(won, 0, price.vat_outside)


def unpriced(rows: Iterable[Used], catalogue: Catalogue, fees: Iterable[Fee]) -> tuple[UsageKind, ...]:
    """The kinds of what cannot be charged yet because no price was agreed."""
    agreed = tuple(fees)
    return tuple(
        sorted({UsageKind(row.kind) for row in rows if unit_of(row, catalogue, agreed) is None}, key=str)
    )


def usage_lines(
    rows: Iterable[U], month: date, catalogue: Catalogue, fees: Iterable[Fee]
) -> tuple[UsageLine[U], ...]:
    """The lines of these rows on the invoice of the month that starts on `month`, the oldest use first; what was used in an
    earlier month says that it is late. Rows without a price are left out: see `unpriced`. Raises NotSold."""
    agreed = tuple(fees)
    groups: dict[tuple[date, str, int, int, bool], tuple[Unit, list[U]]] = {}
    for row in rows:
        unit = unit_of(row, catalogue, agreed)
        if unit is not None:
            at = (month_start(row.used_on), row.kind, unit.won, unit.percent, unit.vat_outside)
            groups.setdefault(at, (unit, []))[1].append(row)
    return tuple(
        _line(UsageKind(kind), used, unit, tuple(found), month)
        for (used, kind, *_), (unit, found) in sorted(groups.items(), key=lambda item: item[0])
    )


def _line(kind: UsageKind, used: date, unit: Unit, rows: tuple[U, ...], month: date) -> UsageLine[U]:
    quantity = sum(row.quantity for row in rows)
    amount = quantity * unit.percent // 100 if unit.percent else quantity * unit.won
    parts = vat.added(amount) if unit.vat_outside else vat.split(amount)
    if unit.percent:
        reckoned = f"경품 값 {format_won(quantity)}의 {unit.percent}% = {format_won(amount)}이에요."
    else:
        pieces = f"{quantity:,}{_PIECE.get(kind, '건')}"
        reckoned = f"{kind.label} {pieces} × {format_won(unit.won)} = {format_won(amount)}이에요."
    if unit.vat_outside:
        reckoned += f" 여기에 부가세 {format_won(parts.vat_krw)}을 더했어요."
    said = f"{used.month}월" if used.year == month.year else f"{used.year}년 {used.month}월"
    late = f" {said}에 쓰신 것이 늦게 도착해서 이번에 청구해요." if used < month else ""
    label = f"{kind.label} {said}분" if used < month else kind.label
    return UsageLine(kind, used, unit, quantity, label, f"{said} {reckoned}{late}", parts, rows)
