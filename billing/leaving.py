"""할인반환금: what leaving a commitment early costs (rules.md §3). Pure.

Σ over the past months of the commitment of the discount given in that month × the month's band rate, never below 0,
rounded down to the won once. The discount is what the lines really gave, placed by days in the months of the commitment;
the free first month and paused days gave none. The bands of the day the commitment was agreed hold to its end.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Protocol

from billing.catalogue import TERMS, Catalogue
from billing.contract import ONE_DAY, Commitment, Contract, Left
from billing.enums import Bundle, EntryKind
from billing.proration import Line, lines_of_month, lines_until
from shopmsg.accounts.enums import Product
from shopmsg.core.clock import add_months, month_start
from shopmsg.core.money import format_won


class Given(Protocol):
    """A discount that was given for the days from `first` to `last`, under the commitment that began on `anchor`: a line of
    the reckoning, or a row of the ledger."""

    @property
    def first(self) -> date: ...
    @property
    def last(self) -> date: ...
    @property
    def discount_krw(self) -> int: ...
    @property
    def anchor(self) -> date | None: ...


@dataclass(frozen=True, slots=True)
class Leaving:
    """Leaving after so many whole months of the commitment costs so many won."""

    month: int
    won: int


@dataclass(frozen=True, slots=True)
class BandPart:
    """One band of a refund: its months, what was given in them, percent, and won (not rounded) it comes to."""

    first_month: int
    last_month: int
    given: Fraction
    percent: int


@dataclass(frozen=True, slots=True)
class Refund:
    """What giving a commitment up costs: `won`, of `given` won of discounts in `months` begun months of it. `parts`: band by
    band, those in which nothing was given left out."""

    commitment: Commitment
    last: date
    months: int
    given: int
    won: int
    parts: tuple[BandPart, ...]

    @property
    def sentence(self) -> str:
        """Why it is so much, for the owner."""
        years = self.commitment.term_months // 12
        if not self.given:
            return f"{years}년 약정에서 아직 할인받은 금액이 없어서 돌려주실 돈도 없어요."
        bands = ", ".join(
            f"{_months(part)} {format_won(int(part.given))}의 {_percent(part.percent)}" for part in self.parts
        )
        held = f"{years}년 약정 {self.months}개월째까지 쓰고 그만두셔서"
        if not self.won:
            return f"{held} 할인받은 {format_won(self.given)}을 따져 보니 돌려주실 돈이 없어요({bands})."
        return f"{held}, 할인받은 {format_won(self.given)} 가운데 {format_won(self.won)}을 돌려주시게 돼요({bands})."


def refund(contract: Contract, catalogue: Catalogue, left: Left, given: Iterable[Given]) -> Refund:
    """What giving that commitment up costs. Of `given` the discounts under it count, up to its last day."""
    held = left.commitment
    bands = catalogue.bands_on(held.agreed_on)
    by_month: dict[int, Fraction] = {}
    for row in given:
        if row.anchor != held.anchor or not row.discount_krw or row.first > left.last:
            continue
        whole = (row.last - row.first).days + 1
        for month, days in _days_by_month(contract, held, row.first, min(row.last, left.last)):
            by_month[month] = by_month.get(month, Fraction()) + Fraction(row.discount_krw * days, whole)
    parts = []
    begin = 1
    for end, percent in bands.rates[held.term_months]:
        met = sorted(month for month in by_month if begin <= month <= end)
        if met:
            inside = sum((by_month[month] for month in met), Fraction())
            parts.append(BandPart(met[0], met[-1], inside, percent))
        begin = end + 1
    total = sum((part.given * part.percent for part in parts), Fraction())
    return Refund(
        held,
        left.last,
        contract.commitment_month(held, left.last) if left.last >= held.anchor else 0,
        int(sum(by_month.values(), Fraction())),
        max(0, total.numerator // (100 * total.denominator)),
        tuple(parts),
    )


def refunds(
    contract: Contract, catalogue: Catalogue, given: Sequence[Given] | None = None
) -> tuple[Refund, ...]:
    """Every refund of the contract as it stands, in order. Without `given` the discounts are reckoned from its lines."""
    left = tuple(contract.left())
    if not left:
        return ()
    found = tuple(lines_until(contract, catalogue, left[-1].last)) if given is None else given
    return tuple(refund(contract, catalogue, one, found) for one in left)


def refund_lines(
    contract: Contract, catalogue: Catalogue, month: date, given: Sequence[Given] | None = None
) -> tuple[Line, ...]:
    """The refunds that fall due in the calendar month that starts on `month`."""
    if not any(month_start(due_on(contract, left.last)) == month for left in contract.left()):
        return ()
    return tuple(
        line_of(found)
        for found in refunds(contract, catalogue, given)
        if month_start(due_on(contract, found.last)) == month
    )


def due_on(contract: Contract, last: date) -> date:
    """The day a refund is charged for: the last day of use, or the day from which the commitment is given up."""
    return last if last == contract.last_day else last + ONE_DAY


def line_of(found: Refund) -> Line:
    """A refund as a line of an invoice."""
    return Line(
        EntryKind.REFUND,
        found.commitment.anchor,
        found.last,
        f"할인반환금 {found.commitment.term_months // 12}년 약정",
        found.sentence,
        found.won,
        found.won,
        0,
    )


def if_left(contract: Contract, catalogue: Catalogue, last: date) -> Refund | None:
    """What giving the commitment up would cost if `last` were its last day: the owner's "지금 해지하면". None without a
    commitment that day, and when it has been served by then."""
    held = contract.terms_on(last).commitment
    if held is None or last + ONE_DAY >= contract.commitment_over_on(held):
        return None
    return refund(contract, catalogue, Left(held, last), tuple(lines_until(contract, catalogue, last)))


def outlook(contract: Contract, catalogue: Catalogue, today: date) -> list[tuple[date, int]]:
    """Leaving today, and on the last day of every month of the commitment still to come: (last day, won) each. The last of
    them costs nothing. [] without a commitment."""
    held = contract.terms_on(today).commitment
    if held is None:
        return []
    over = contract.commitment_over_on(held)
    shift = over - add_months(held.anchor, held.term_months)
    ends = [add_months(held.anchor, month) + shift - ONE_DAY for month in range(1, held.term_months + 1)]
    lines = tuple(lines_until(contract, catalogue, over - ONE_DAY))
    found = []
    for day in (today, *(end for end in ends if end > today)):
        month = month_start(day)
        given = [line for line in lines if line.last < month]
        given += lines_of_month(contract, catalogue, month, day)
        served = day + ONE_DAY >= over
        found.append((day, 0 if served else refund(contract, catalogue, Left(held, day), given).won))
    return found


def refund_after(catalogue: Catalogue, term_months: int, months: int, on: date) -> int:
    """Won to pay back when soho, begun on the first of a month at the prices of `on`, is left after so many whole months:
    36 months left after 12 is 60,720. 0 with no commitment, and from its end on. For who has not signed yet.

    Raises ValueError for an unknown term or negative months.
    """
    if term_months not in TERMS or months < 0:
        raise ValueError(f"no commitment of {term_months} months left after {months}")
    if months >= term_months:
        return 0
    offer = catalogue.quote(Product.SOHO, term_months, Bundle.NONE, on)
    bands = catalogue.bands_on(on)
    first_paid = 2 if offer.first_month_free else 1
    hundredths = sum(
        offer.discount_krw * bands.rate(term_months, month) for month in range(first_paid, months + 1)
    )
    return max(0, hundredths // 100)


def schedule(catalogue: Catalogue, term_months: int, on: date) -> tuple[Leaving, ...]:
    """What leaving costs after each whole month, from the first to the last, which costs nothing; () without a
    commitment. Raises ValueError as `refund_after`."""
    if term_months not in TERMS:
        raise ValueError(f"no commitment of {term_months} months")
    return tuple(
        Leaving(month, refund_after(catalogue, term_months, month, on)) for month in range(1, term_months + 1)
    )


def _days_by_month(
    contract: Contract, commitment: Commitment, first: date, last: date
) -> Iterator[tuple[int, int]]:
    """(month of the commitment, days) of a run of days that no pause interrupts."""
    month = contract.commitment_month(commitment, first)
    # How far pauses before it have moved the clock; a run has none inside.
    shift = sum(pause.within(commitment.anchor, first) for pause in contract.pauses) * ONE_DAY
    begin = first
    while begin <= last:
        following = add_months(commitment.anchor, month) + shift
        end = min(last, following - ONE_DAY)
        yield month, (end - begin).days + 1
        begin, month = following, month + 1


def _percent(percent: int) -> str:
    """A band below nothing is in the owner's favour."""
    return f"{percent}%" if percent >= 0 else f"{-percent}%는 빼고"


def _months(part: BandPart) -> str:
    if part.first_month == part.last_month:
        return f"{part.first_month}개월째"
    return f"{part.first_month}~{part.last_month}개월째"
