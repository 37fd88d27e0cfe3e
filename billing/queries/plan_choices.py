"""What an owner may change their contract to, each choice with its won a month and what it means for them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from billing import changes, leaving
from billing.catalogue import NotSold
from billing.changes import ContractRefused
from billing.contract import ONE_DAY, Contract
from billing.enums import Bundle, EventPlan
from billing.proration import lines_until, quote_on
from billing.queries.leaving_chart import long_day
from billing.queries.plan import PlanState, plan_words
from shopmsg.accounts.enums import Product
from shopmsg.core.money import format_won


@dataclass(frozen=True, slots=True)
class Raise:
    """A higher commitment: won a month, won saved until its last day against going on as now, the most that leaving early
    can cost, and the sentences that say so."""

    term_months: int
    monthly_krw: int
    saved_krw: int
    until: date
    most_krw: int
    sentences: tuple[str, ...]

    @property
    def years(self) -> int:
        return self.term_months // 12


@dataclass(frozen=True, slots=True)
class Pack:
    """A bundle that is sold today: won a month for the service with it, won it takes off."""

    bundle: Bundle
    monthly_krw: int
    discount_krw: int


@dataclass(frozen=True, slots=True)
class Events:
    """An event plan, or none of them: won a month and what it gives."""

    plan: EventPlan
    monthly_krw: int
    words: tuple[str, ...]
    held: bool


def raises(state: PlanState) -> tuple[Raise, ...]:
    """The commitments higher than the one held, the lowest first; () where none is sold or a bundle stands in the way."""
    held = state.contract.terms_on(state.today).commitment
    product = state.contract.terms_on(state.today).product
    return tuple(
        _raise(state, term)
        for term in state.catalogue.terms_of(product, state.today)
        if term > (held.term_months if held else 0) and _may(state, term)
    )


def giving_up_krw(state: PlanState) -> int:
    """What giving the commitment up from today on costs; 0 when nothing binds, and where it may not be given up now."""
    try:
        after = changes.leave_commitment(state.contract, state.today)
    except ContractRefused:
        return 0
    yesterday = state.today - ONE_DAY
    return sum(found.won for found in leaving.refunds(after, state.catalogue) if found.last == yesterday)


def packs(state: PlanState) -> tuple[Pack, ...]:
    """The bundles sold today for the shop's product."""
    product = state.contract.terms_on(state.today).product
    found = []
    for bundle in (Bundle.SUCCESS_PACK, Bundle.ASSISTANT_PACK):
        try:
            quote = state.catalogue.quote(product, 0, bundle, state.today)
        except NotSold:
            continue
        found.append(Pack(bundle, quote.monthly_krw, quote.discount_krw))
    return tuple(found)


def event_plans(state: PlanState) -> tuple[Events, ...]:
    """Every event plan sold today, none of them last."""
    found = []
    for plan in (EventPlan.BASIC, EventPlan.PRO, EventPlan.ENTERPRISE):
        try:
            price = state.catalogue.plan_of(plan, state.today)
        except NotSold:
            continue
        found.append(Events(plan, price.monthly_krw, plan_words(price), plan == state.plan))
    nothing = ("홍보문자는 그대로 나가요", "첫 이벤트 한 번은 요금제 없이도 무료예요")
    return (*found, Events(EventPlan.NONE, 0, nothing, state.plan == EventPlan.NONE))


def another_shop(state: PlanState) -> list[tuple[str, str]]:
    """What a second shop costs, as labelled facts."""
    terms = state.catalogue.terms_of(Product.SOHO, state.today)
    quotes = [state.catalogue.quote(Product.SOHO, term, Bundle.NONE, state.today) for term in terms]
    facts = [
        (
            f"{quote.years}년 약정" if quote.term_months else "약정 없이",
            f"한 달 {format_won(quote.monthly_krw)}",
        )
        for quote in quotes
    ]
    if quotes[0].first_month_free:
        facts.append(("첫 달", "새 가게도 무료예요"))
    return facts


def _may(state: PlanState, term: int) -> bool:
    try:
        changes.commit(state.contract, state.catalogue, term, state.today)
    except ContractRefused:
        return False
    return True


def _raise(state: PlanState, term: int) -> Raise:
    after = changes.commit(state.contract, state.catalogue, term, state.today)
    costs = leaving.outlook(after, state.catalogue, state.today)
    until = costs[-1][0]
    monthly = quote_on(after, state.catalogue, state.today).monthly_krw
    saved = _charged(state.contract, state, until) - _charged(after, state, until)
    most = max(won for _, won in costs)
    said = tuple(_sentences(state, monthly, saved, until, most))
    return Raise(term, monthly, saved, until, most, said)


def _charged(contract: Contract, state: PlanState, until: date) -> int:
    return sum(line.amount_krw for line in lines_until(contract, state.catalogue, until))


def _sentences(state: PlanState, monthly: int, saved: int, until: date, most: int) -> Iterator[str]:
    now = quote_on(state.contract, state.catalogue, state.today).monthly_krw
    if monthly != now:
        yield f"지금보다 한 달 {format_won(abs(now - monthly))} {'적게' if monthly < now else '더'} 내세요."
    if saved > 0:
        yield f"{long_day(until)}까지 쓰시면 모두 {format_won(saved)} 아껴요."
    else:
        yield f"{long_day(until)}까지 쓰셔도 지금보다 아끼는 돈은 없어요."
    if most:
        yield f"그 전에 그만두시면 할인받은 돈의 일부를 돌려주셔야 하고, 가장 많을 때 {format_won(most)}이에요."
    else:
        yield "그 전에 그만두셔도 돌려주실 돈이 없어요."
