"""일할 계산: what a month of a contract costs, line by line, each with its sentence (rules.md §3). Pure.

A month is charged in runs of days on which the same holds. A run of the whole month costs the monthly price; a shorter one
monthly × days ÷ days of the month, rounded down once a line.
"""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from billing.catalogue import Catalogue, PlanPrice, Quote
from billing.contract import ONE_DAY, Commitment, Contract
from billing.enums import Bundle, EntryKind, EventPlan
from shopmsg.core.clock import month_start
from shopmsg.core.money import format_won


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a month, won with VAT. `list_krw` is what the same days cost without commitment and bundle, and
    `discount_krw` what was really taken off; `monthly_krw` is a whole month's price. `commitment`: under which."""

    kind: EntryKind
    first: date
    last: date
    label: str
    sentence: str
    amount_krw: int
    list_krw: int
    monthly_krw: int
    commitment: Commitment | None = None

    @property
    def discount_krw(self) -> int:
        """What the agreement took off."""
        return self.list_krw - self.amount_krw

    @property
    def anchor(self) -> date | None:
        """The day the commitment began under which the discount was given."""
        return self.commitment.anchor if self.commitment else None

    @property
    def days(self) -> int:
        """How many days it is for."""
        return (self.last - self.first).days + 1


def month_end(day: date) -> date:
    """The last day of the day's month."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def for_days(monthly_krw: int, days: int, day: date) -> int:
    """What so many days of the month that `day` lies in cost, rounded down to the won."""
    return monthly_krw * days // monthrange(day.year, day.month)[1]


def lines_of_month(
    contract: Contract, catalogue: Catalogue, month: date, until: date | None = None
) -> tuple[Line, ...]:
    """The lines of the calendar month that starts on `month`, the service first, then the event plan; () when nothing of
    the contract lies in it. `until`: no day after that one, for what a month came to so far.

    Refunds are billing.leaving's. Raises NotSold for a contract that the catalogue never knew.
    """
    first, last = max(month, contract.starts_on), month_end(month)
    if contract.last_day is not None:
        last = min(last, contract.last_day)
    if until is not None:
        last = min(last, until)
    if first > last:
        return ()
    service = [_service_line(contract, *run) for run in _service_runs(contract, catalogue, first, last)]
    plan = [_plan_line(*run) for run in _plan_runs(contract, catalogue, first, last)]
    return (*service, *plan)


def lines_until(contract: Contract, catalogue: Catalogue, last: date) -> Iterator[Line]:
    """Every line from activation to that day, month by month."""
    month = month_start(contract.starts_on)
    while month <= last:
        yield from lines_of_month(contract, catalogue, month, last)
        month = month_end(month) + ONE_DAY


def quote_on(contract: Contract, catalogue: Catalogue, day: date) -> Quote:
    """The service's price that holds on that day: of a commitment that of the day it was agreed, else that day's."""
    terms = contract.terms_on(day)
    held = terms.commitment
    if held is None:
        return catalogue.quote(terms.product, 0, terms.bundle, day)
    return catalogue.quote(terms.product, held.term_months, Bundle.NONE, held.agreed_on)


def plan_on(contract: Contract, catalogue: Catalogue, day: date) -> PlanPrice | None:
    """The event plan that holds on that day at that day's price."""
    plan = contract.terms_on(day).plan
    return catalogue.plan_of(plan, day) if plan != EventPlan.NONE else None


_Service = tuple[Quote, Commitment | None, bool, bool]  # price, commitment, free, paused


def _service_runs(
    contract: Contract, catalogue: Catalogue, first: date, last: date
) -> Iterator[tuple[date, date, Quote, Commitment | None, bool, bool]]:
    def what(day: date) -> _Service:
        # Whether newcomers' first month is free is no part of this contract's price.
        quote = replace(quote_on(contract, catalogue, day), first_month_free=False)
        return quote, contract.terms_on(day).commitment, contract.is_free(day), contract.is_paused(day)

    turns = {*contract.turns()}
    for product in {change.product for change in contract.changes}:
        turns.update(catalogue.price_days(product))
    begin, held = first, what(first)
    for day in sorted(turn for turn in turns if first < turn <= last):
        now = what(day)
        if now != held:
            yield (begin, day - ONE_DAY, *held)
            begin, held = day, now
    yield (begin, last, *held)


def _plan_runs(
    contract: Contract, catalogue: Catalogue, first: date, last: date
) -> Iterator[tuple[date, date, PlanPrice, bool]]:
    def what(day: date) -> tuple[PlanPrice | None, bool]:
        return plan_on(contract, catalogue, day), contract.is_paused(day)

    turns = {*contract.turns()}
    for plan in EventPlan:
        turns.update(catalogue.plan_days(plan))
    begin, (held, paused) = first, what(first)
    for day in sorted(turn for turn in turns if first < turn <= last):
        now = what(day)
        if _charge(*now) != _charge(held, paused):
            if held is not None:
                yield begin, day - ONE_DAY, held, paused
            begin, (held, paused) = day, now
    if held is not None:
        yield begin, last, held, paused


def _charge(price: PlanPrice | None, paused: bool) -> tuple[EventPlan, int, bool] | None:
    """What of an event plan makes it another line: not what it gives for the same money."""
    return None if price is None else (price.plan, price.monthly_krw, paused)


def _service_line(
    contract: Contract,
    first: date,
    last: date,
    quote: Quote,
    commitment: Commitment | None,
    free: bool,
    paused: bool,
) -> Line:
    days = (last - first).days + 1
    label = f"{quote.product.label} {_agreed(quote)}".strip()
    if free or paused:
        until = contract.free_until
        why = (
            f"첫 달은 무료라서 {_said(until)}까지 요금이 없어요."
            if free and until is not None
            else f"일시정지한 {days}일은 요금이 없어요."
        )
        return Line(EntryKind.SERVICE, first, last, label, f"{span(first, last)} {why}", 0, 0, 0, None)
    amount, listed = for_days(quote.monthly_krw, days, first), for_days(quote.list_krw, days, first)
    sentence = f"{span(first, last)} {_reckoned(quote.monthly_krw, days, first, amount)}{_taken_off(quote)}"
    return Line(
        EntryKind.SERVICE, first, last, label, sentence, amount, listed, quote.monthly_krw, commitment
    )


def _plan_line(first: date, last: date, price: PlanPrice, paused: bool) -> Line:
    days = (last - first).days + 1
    label = price.plan.label
    if paused:
        why = f"{span(first, last)} 일시정지한 {days}일은 요금이 없어요."
        return Line(EntryKind.PLAN, first, last, label, why, 0, 0, 0)
    amount = for_days(price.monthly_krw, days, first)
    sentence = f"{span(first, last)} {_reckoned(price.monthly_krw, days, first, amount)}"
    return Line(EntryKind.PLAN, first, last, label, sentence, amount, amount, price.monthly_krw)


def span(first: date, last: date) -> str:
    """ "11월 1일~30일", "11월 22일" for a single day."""
    if first == last:
        return _said(first)
    if (first.year, first.month) == (last.year, last.month):
        return f"{_said(first)}~{last.day}일"
    return f"{_said(first)}~{_said(last)}"


def _said(day: date) -> str:
    return f"{day.month}월 {day.day}일"


def _agreed(quote: Quote) -> str:
    if quote.term_months:
        return f"{quote.years}년 약정"
    return quote.bundle.label if quote.bundle != Bundle.NONE else ""


def _reckoned(monthly: int, days: int, day: date, amount: int) -> str:
    whole = monthrange(day.year, day.month)[1]
    if days == whole:
        return f"한 달 요금 {format_won(monthly)}이에요."
    return f"{days}일치예요. 한 달 {format_won(monthly)} × {days}일 ÷ {whole}일 = {format_won(amount)}이에요."


def _taken_off(quote: Quote) -> str:
    if not quote.discount_krw:
        return ""
    why = _agreed(quote)
    return f" 원래 한 달 {format_won(quote.list_krw)}인데 {why}으로 {format_won(quote.discount_krw)} 깎아 드렸어요."
