"""계약: what a shop agreed to and what holds on which KST day. Pure: the simulator, the owner's charts and the invoices ask
the same questions here.

A contract is its changes in order. Everything else is derived from the anchors among them: the day of activation, and the
day a commitment began. No date is ever computed from another computed one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Final

from billing.enums import Bundle, ChangeKind, EventPlan
from shopmsg.accounts.enums import Product
from shopmsg.core.clock import add_months

ONE_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that happened to a contract; which of the fields count, `kind` says. `until`: a pause's last day, or the
    last day of use of a cancellation."""

    kind: ChangeKind
    on: date
    product: Product = Product.SOHO
    term_months: int = 0
    bundle: Bundle = Bundle.NONE
    plan: EventPlan = EventPlan.NONE
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Commitment:
    """약정: `anchor` is its first day, which raising keeps; `agreed_on` the day this term was agreed, whose prices and bands
    hold to its end (rules.md §3)."""

    term_months: int
    anchor: date
    agreed_on: date


@dataclass(frozen=True, slots=True)
class Days:
    """Days from `first` to `last`, both counted."""

    first: date
    last: date

    @property
    def count(self) -> int:
        """How many they are."""
        return (self.last - self.first).days + 1

    def within(self, first: date, last: date) -> int:
        """How many of them lie between those two days, both counted."""
        return max(0, (min(self.last, last) - max(self.first, first)).days + 1)


@dataclass(frozen=True, slots=True)
class Terms:
    """What is agreed from a day on, apart from pauses and from a commitment that runs out by itself."""

    product: Product
    commitment: Commitment | None
    bundle: Bundle
    plan: EventPlan


@dataclass(frozen=True, slots=True)
class Left:
    """A commitment that was given up: `last` is the last day that was used under it."""

    commitment: Commitment
    last: date


@dataclass(frozen=True)
class Contract:
    """A contract by its changes, the first of which is STARTED; made and changed by billing.changes."""

    changes: tuple[Change, ...]
    #: Whether the first month is free: of the product it began with, on the day it began.
    free_first_month: bool

    @property
    def starts_on(self) -> date:
        """The day of activation, the first day of use."""
        return self.changes[0].on

    @property
    def free_until(self) -> date | None:
        """The last day of the free first month: the day before the same day of the next month. Pauses do not move it."""
        return add_months(self.starts_on, 1) - ONE_DAY if self.free_first_month else None

    @cached_property
    def last_day(self) -> date | None:
        """The last day of use, once it is cancelled."""
        for change in reversed(self.changes):
            if change.kind == ChangeKind.CANCELLED:
                return change.until
            if change.kind == ChangeKind.CANCEL_TAKEN_BACK:
                return None
        return None

    @cached_property
    def pauses(self) -> tuple[Days, ...]:
        """일시정지: the days without charge and without the commitment's clock, in order."""
        found: list[Days] = []
        for change in self.changes:
            if change.kind == ChangeKind.PAUSED and change.until is not None:
                found.append(Days(change.on, change.until))
            elif change.kind == ChangeKind.RESUMED and found and found[-1].last >= change.on:
                paused = found.pop()
                if change.on > paused.first:
                    found.append(Days(paused.first, change.on - ONE_DAY))
        return tuple(found)

    def terms_on(self, day: date) -> Terms:
        """What is agreed for that day; a commitment that has run out by then is none. Before the start it is what the
        start agreed."""
        terms = self._folded[0][1]
        for on, found in self._folded:
            if on <= day:
                terms = found
        if terms.commitment is not None and day >= self.commitment_over_on(terms.commitment):
            return Terms(terms.product, None, terms.bundle, terms.plan)
        return terms

    def is_paused(self, day: date) -> bool:
        """Whether that day is one without charge."""
        return any(pause.first <= day <= pause.last for pause in self.pauses)

    def is_free(self, day: date) -> bool:
        """Whether that day lies in the free first month."""
        return self.free_until is not None and day <= self.free_until

    def commitment_over_on(self, commitment: Commitment) -> date:
        """The first day after the commitment has been served; paused days do not count."""
        over = add_months(commitment.anchor, commitment.term_months)
        for pause in self.pauses:
            if commitment.anchor <= pause.last and pause.first < over:
                over += pause.within(commitment.anchor, pause.last) * ONE_DAY
        return over

    def commitment_month(self, commitment: Commitment, day: date) -> int:
        """Which month of the commitment a day that counts lies in, 1 is the first."""
        clock = day
        for pause in self.pauses:
            clock -= pause.within(commitment.anchor, day) * ONE_DAY
        months = (clock.year - commitment.anchor.year) * 12 + clock.month - commitment.anchor.month
        return months + (add_months(commitment.anchor, months) <= clock)

    def left(self) -> Iterator[Left]:
        """Every commitment that was given up before it was served, by a change or by the end of the contract; one that was
        given up on the day it began was never used."""
        for (_, before), (on, after) in zip(self._folded, self._folded[1:], strict=False):
            held = before.commitment
            if (
                held is not None
                and after.commitment is None
                and held.anchor < on < self.commitment_over_on(held)
            ):
                yield Left(held, on - ONE_DAY)
        if self.last_day is not None:
            held = self.terms_on(self.last_day).commitment
            if held is not None and self.last_day + ONE_DAY < self.commitment_over_on(held):
                yield Left(held, self.last_day)

    def turns(self) -> Iterator[date]:
        """Every day on which something may begin to be otherwise, in no order."""
        for on, terms in self._folded:
            yield on
            if terms.commitment is not None:
                yield self.commitment_over_on(terms.commitment)
        if self.free_until is not None:
            yield self.free_until + ONE_DAY
        for pause in self.pauses:
            yield pause.first
            yield pause.last + ONE_DAY

    @cached_property
    def _folded(self) -> tuple[tuple[date, Terms], ...]:
        first = self.changes[0]
        terms = Terms(first.product, _committed(None, first), first.bundle, first.plan)
        found = [(first.on, terms)]
        for change in self.changes[1:]:
            held = terms.commitment
            if held is not None and change.on >= self.commitment_over_on(held):
                held = None
            match change.kind:
                case ChangeKind.COMMITTED:
                    terms = Terms(terms.product, _committed(held, change), terms.bundle, terms.plan)
                case ChangeKind.COMMITMENT_LEFT:
                    terms = Terms(terms.product, None, terms.bundle, terms.plan)
                case ChangeKind.BUNDLED:
                    terms = Terms(terms.product, None, change.bundle, terms.plan)
                case ChangeKind.UNBUNDLED:
                    terms = Terms(terms.product, held, Bundle.NONE, terms.plan)
                case ChangeKind.PRODUCT_CHANGED:
                    terms = Terms(change.product, None, Bundle.NONE, terms.plan)
                case ChangeKind.PLAN_CHANGED:
                    terms = Terms(terms.product, held, terms.bundle, change.plan)
                case _:
                    continue
            found.append((change.on, terms))
        return tuple(found)


def _committed(held: Commitment | None, change: Change) -> Commitment | None:
    """Raising keeps the day the commitment began (rules.md §3)."""
    if not change.term_months:
        return None
    return Commitment(change.term_months, held.anchor if held else change.on, change.on)
