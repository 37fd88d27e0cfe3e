"""되짚어 계산하기: a contract's history reckoned from its first day, month by month, with nothing but the pure modules. What
`manage.py replay_billing` prints; billing.replay_file reads the history from a file.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from billing import leaving, vat
from billing.catalogue import Catalogue
from billing.contract import ONE_DAY, Change, Contract
from billing.enums import EntryKind, UsageKind
from billing.proration import lines_of_month, month_end
from billing.usage_lines import usage_lines
from billing.vat import Parts
from shopmsg.core.clock import month_start


@dataclass(frozen=True, slots=True)
class Used:
    """사용량 as it was reported: `quantity` pieces on the KST day `used_on`, of a prize its value in won. `arrived_on` is the
    day we heard of it."""

    key: str
    kind: UsageKind
    used_on: date
    quantity: int
    arrived_on: date


@dataclass(frozen=True, slots=True)
class Fee:
    """협의 단가: won for one Kakao message without VAT, from that day on."""

    kind: UsageKind
    effective_from: date
    won: int


@dataclass(frozen=True, slots=True)
class History:
    """A contract with all its changes, the catalogue it is priced by, and what was used."""

    contract: Contract
    catalogue: Catalogue
    usage: tuple[Used, ...] = ()
    fees: tuple[Fee, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a month's bill, for the days `first` to `last`."""

    kind: EntryKind
    first: date
    last: date
    label: str
    sentence: str
    parts: Parts

    @property
    def amount_krw(self) -> int:
        """Won with VAT."""
        return self.parts.total_krw


@dataclass(frozen=True, slots=True)
class Month:
    """A calendar month as it is billed. `until` is its last day that was reckoned; `so_far_krw` is the sum of this and all
    months before."""

    first: date
    until: date
    rows: tuple[Row, ...]
    so_far_krw: int

    @property
    def end(self) -> date:
        """The last day of the calendar month."""
        return month_end(self.first)

    @property
    def parts(self) -> Parts:
        """공급가액 and 세액 of the month, the sums of its lines."""
        return Parts(
            sum(row.parts.supply_krw for row in self.rows), sum(row.parts.vat_krw for row in self.rows)
        )


@dataclass(frozen=True, slots=True)
class Replay:
    """What a history came to by the end of the day `on`. `leaving_krw` is what making that day the last one would add, None
    when the contract is over by then or booked to end; `leaving_sentence` says why, and is never empty."""

    on: date
    months: tuple[Month, ...]
    leaving_krw: int | None
    leaving_sentence: str


def replay(history: History, on: date) -> Replay:
    """The bills from activation to the end of that KST day, and what leaving on it would cost. Changes of later days have
    not happened yet. Raises ValueError for a day before the activation."""
    if on < history.contract.starts_on:
        raise ValueError(f"{on} is before the activation")
    contract = as_of(history.contract, on)
    won, why = _leaving(contract, history.catalogue, on)
    return Replay(on, tuple(months(contract, history.catalogue, on, history.usage, history.fees)), won, why)


def as_of(contract: Contract, on: date) -> Contract:
    """The contract as it stood at the end of that day."""
    held: tuple[Change, ...] = tuple(change for change in contract.changes if change.on <= on)
    return Contract(held, contract.free_first_month)


def months(
    contract: Contract,
    catalogue: Catalogue,
    until: date,
    usage: Iterable[Used] = (),
    fees: Iterable[Fee] = (),
) -> Iterator[Month]:
    """Every month from activation to that day, the last one only so far as it has gone. What was used is on the bill of the
    month it arrived in."""
    known = [row for row in usage if max(row.arrived_on, row.used_on) <= until]
    agreed = tuple(fees)
    first, so_far = month_start(contract.starts_on), 0
    while first <= until:
        end = min(month_end(first), until)
        lines = [
            *lines_of_month(contract, catalogue, first, end),
            *(line for line in leaving.refund_lines(contract, catalogue, first) if line.last <= end),
        ]
        rows = [
            Row(line.kind, line.first, line.last, line.label, line.sentence, vat.split(line.amount_krw))
            for line in lines
        ]
        billed = [row for row in known if month_start(max(row.used_on, row.arrived_on)) == first]
        rows += [
            Row(EntryKind.USAGE, line.first, line.last, line.label, line.sentence, line.parts)
            for line in usage_lines(billed, first, catalogue, agreed)
        ]
        so_far += sum(row.amount_krw for row in rows)
        yield Month(first, end, tuple(rows), so_far)
        first = month_end(first) + ONE_DAY


def _leaving(contract: Contract, catalogue: Catalogue, on: date) -> tuple[int | None, str]:
    last = contract.last_day
    if last is not None:
        ends = f"{last.year}년 {last.month}월 {last.day}일까지 쓰고 해지"
        return None, f"{ends}했어요." if last <= on else f"{ends}하기로 하셨어요."
    found = leaving.if_left(contract, catalogue, on)
    if found is None:
        return 0, "약정이 없어서 그만두셔도 더 내실 돈이 없어요."
    return found.won, found.sentence
