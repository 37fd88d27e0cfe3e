"""What the plan page says of a shop's contract: what is paid a month and why, until when it binds, what leaving costs now."""

from dataclasses import dataclass
from datetime import date, datetime

from billing import dunning, history, leaving, price_list, subscriptions
from billing.catalogue import PACK_INTERNET, PACK_PARTS, Catalogue, PlanPrice, Quote
from billing.contract import ONE_DAY, Contract
from billing.enums import Bundle, EventPlan, PayMethod
from billing.leaving import Refund
from billing.models import Account, Subscription
from billing.proration import plan_on, quote_on
from billing.queries.leaving_chart import long_day
from shopmsg.accounts.models import Shop
from shopmsg.core.clock import kst_day
from shopmsg.core.money import format_won


@dataclass(frozen=True, slots=True)
class Part:
    """One part of what is paid a month, and why it is so much."""

    label: str
    won: int
    sentence: str


@dataclass(frozen=True, slots=True)
class Bound:
    """The commitment: `month` of `term_months` is running, `until` is its last day; `price_after` won a month from the day
    after it, as announced by now."""

    term_months: int
    month: int
    since: date
    until: date
    price_after: int

    @property
    def years(self) -> int:
        return self.term_months // 12

    @property
    def until_words(self) -> str:
        """ "2029년 11월 21일"."""
        return long_day(self.until)


@dataclass(frozen=True, slots=True)
class PlanState:
    """A contract as it stands on `today`. `monthly_krw` is what a whole month costs at what holds today, free month and pause
    left aside, and `parts` add up to it; `leaving` is the refund of giving the commitment up today, or on the last day where
    one is booked, None when nothing binds; `paused_until` the last day of a pause that runs."""

    subscription: Subscription
    contract: Contract
    catalogue: Catalogue
    account: Account
    today: date
    parts: tuple[Part, ...]
    bound: Bound | None
    leaving: Refund | None
    paused_until: date | None

    @property
    def monthly_krw(self) -> int:
        return sum(part.won for part in self.parts)

    @property
    def leaving_krw(self) -> int:
        return self.leaving.won if self.leaving else 0

    @property
    def leaving_sentence(self) -> str:
        """Why leaving costs so much."""
        if self.leaving is None:
            return "약정이 없어서 언제 그만두셔도 돌려주실 돈이 없어요."
        return self.leaving.sentence

    @property
    def free_until(self) -> date | None:
        """The last day of the free first month while it runs."""
        return self.contract.free_until if self.contract.is_free(self.today) else None

    @property
    def bundle(self) -> Bundle:
        return self.contract.terms_on(self.today).bundle

    @property
    def plan(self) -> EventPlan:
        return self.contract.terms_on(self.today).plan

    @property
    def last_day(self) -> date | None:
        """The booked last day of use."""
        return self.contract.last_day

    @property
    def overdue(self) -> bool:
        """Whether a bill's due day is over and something of it is left."""
        since = self.account.unpaid_since
        return since is not None and since < self.today

    @property
    def stops_after(self) -> date:
        """Where something is overdue: paid by the end of this day, sending does not stop."""
        return max((dunning.stops_on(self.account) or self.today) - ONE_DAY, self.today)

    @property
    def pack_words(self) -> str:
        """What the success pack is put together from: "인터넷, TV"."""
        parts = [PACK_INTERNET.get(self.subscription.pack_internet, "")]
        parts += [PACK_PARTS.get(part, "") for part in self.subscription.pack_parts]
        return ", ".join(part for part in parts if part)

    @property
    def pay_words(self) -> str:
        """How the bill is paid."""
        if self.account.method == PayMethod.NONE:
            return "아직 정하지 않으셨어요"
        return PayMethod(self.account.method).label


def plan_state(shop: Shop, now: datetime) -> PlanState | None:
    """The contract that runs; None without one, and from the day after its booked last day."""
    today = kst_day(now)
    running = subscriptions.current(shop)
    if running is None:
        return None
    contract = history.contract_of(running)
    if contract.last_day is not None and contract.last_day < today:
        return None
    catalogue = price_list.catalogue()
    quote, plan = quote_on(contract, catalogue, today), plan_on(contract, catalogue, today)
    parts = [Part(_label(quote), quote.monthly_krw, _why(quote, catalogue, today))]
    if plan is not None:
        parts.append(Part(plan.plan.label, plan.monthly_krw, f"{'. '.join(plan_words(plan))}."))
    paused = next((pause.last for pause in contract.pauses if pause.first <= today <= pause.last), None)
    return PlanState(
        running,
        contract,
        catalogue,
        Account.objects.get(shop=shop),
        today,
        tuple(parts),
        _bound(contract, catalogue, today),
        leaving.if_left(contract, catalogue, contract.last_day or today),
        paused,
    )


def plan_words(price: PlanPrice) -> tuple[str, ...]:
    """What an event plan gives, in people's words."""
    said = [
        f"이벤트를 한 달에 {price.events}번까지 열 수 있어요"
        if price.events
        else "이벤트를 몇 번이든 열 수 있어요"
    ]
    if price.analysis:
        said.append("어떤 손님이 왜 오셨는지 자세히 알려 드려요")
    if price.shops:
        said += ["사장님의 다른 가게도 함께 쓸 수 있어요", "담당 직원이 도와드려요"]
    return tuple(said)


def _bound(contract: Contract, catalogue: Catalogue, today: date) -> Bound | None:
    held = contract.terms_on(today).commitment
    if held is None:
        return None
    over = contract.commitment_over_on(held)
    return Bound(
        held.term_months,
        contract.commitment_month(held, today),
        held.anchor,
        over - ONE_DAY,
        quote_on(contract, catalogue, over).monthly_krw,
    )


def _label(quote: Quote) -> str:
    if quote.term_months:
        return f"{quote.product.label} {quote.years}년 약정"
    if quote.bundle != Bundle.NONE:
        return f"{quote.product.label} {quote.bundle.label}"
    return quote.product.label


def _why(quote: Quote, catalogue: Catalogue, today: date) -> str:
    if quote.discount_krw:
        through = f"{quote.years}년 약정" if quote.term_months else f"{quote.bundle.label} 결합"
        return (
            f"원래 한 달 {format_won(quote.list_krw)}인데 {through}으로"
            f" {format_won(quote.discount_krw)} 깎아 드려요."
        )
    terms = catalogue.terms_of(quote.product, today)
    if quote.bundle == Bundle.NONE and terms[-1]:
        lowest = catalogue.quote(quote.product, terms[-1], Bundle.NONE, today)
        return f"약정 없이 내시는 금액이에요. {lowest.years}년 약정하시면 한 달 {format_won(lowest.monthly_krw)}이에요."
    return "약정 없이 내시는 금액이에요."
