"""견적: what an agent can offer a shop today, and a previewed change in the sentences they read aloud and the owner reads."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from urllib.parse import urlencode

from billing import leaving, plan_change
from billing.catalogue import PACK_INTERNET, PACK_PARTS
from billing.change_offers import named
from billing.changes import ContractRefused
from billing.enums import Bundle, ChangeKind, EventPlan
from billing.plan_change import Preview, Wanted
from billing.proration import plan_on, quote_on
from billing.queries.leaving_chart import LeavingChart, leaving_chart, long_day
from billing.queries.plan import PlanState, plan_state
from billing.queries.plan_words import shown
from shopmsg.accounts.enums import Product
from shopmsg.accounts.models import Shop
from shopmsg.core.clock import format_day
from shopmsg.core.money import format_won

_TERMS: Final = (12, 24, 36)
_PLANS: Final = (EventPlan.BASIC, EventPlan.PRO, EventPlan.ENTERPRISE, EventPlan.NONE)
_SURE: Final = "문자로 보내 드린 링크에서 ‘바꾸기’를 누르시면 바뀌고, 누르지 않으시면 그대로예요. 링크는 하루 동안 쓰실 수 있어요."


@dataclass(frozen=True, slots=True)
class Choice:
    """A change that can be offered today: its name, the address's query, and won a month afterwards."""

    label: str
    query: str
    monthly_krw: int


def choices(state: PlanState) -> tuple[Choice, ...]:
    """Every change the contract takes today, but those of which something is asked first."""
    return tuple(_choices(state))


def may_pack(state: PlanState) -> bool:
    """Whether the success pack could be joined today, its parts left aside."""
    whole = Wanted(
        ChangeKind.BUNDLED,
        bundle=Bundle.SUCCESS_PACK,
        pack_internet=next(iter(PACK_INTERNET)),
        pack_parts=tuple(PACK_PARTS),
    )
    return _after(state, whole) is not None


def query_of(wanted: Wanted) -> str:
    """The change as an address carries it."""
    return urlencode(fields_of(wanted))


def fields_of(wanted: Wanted) -> list[tuple[str, str]]:
    """The change as a form carries it: those of Wanted's fields that count."""
    pairs = [("kind", wanted.kind.value)]
    match wanted.kind:
        case ChangeKind.COMMITTED:
            pairs.append(("term", str(wanted.term_months)))
        case ChangeKind.BUNDLED:
            pairs += [("bundle", wanted.bundle.value), ("internet", wanted.pack_internet)]
            pairs += [("parts", part) for part in wanted.pack_parts]
        case ChangeKind.PRODUCT_CHANGED:
            pairs.append(("product", wanted.product.value))
        case ChangeKind.PLAN_CHANGED:
            pairs.append(("plan", wanted.plan.value))
        case ChangeKind.PAUSED | ChangeKind.CANCELLED:
            pairs.append(("until", wanted.until.isoformat() if wanted.until else ""))
    return pairs


def chart_after(shop: Shop, made: Preview, now: datetime) -> LeavingChart | None:
    """What leaving would cost once a commitment is agreed to, month by month; None for other changes."""
    state = plan_state(shop, now)
    if made.wanted.kind != ChangeKind.COMMITTED or state is None:
        return None
    after = plan_change.step_of(made.wanted, state.catalogue)(state.contract, state.today)
    return leaving_chart(leaving.outlook(after, state.catalogue, state.today))


def read_aloud(made: Preview, chart: LeavingChart | None) -> tuple[str, ...]:
    """What an agent says, sentence by sentence, before the text is sent; `chart` is `chart_after`."""
    said = list(made.sentences)
    said.append(f"{made.month.month}월 청구서는 {format_won(made.after.month_krw)}이에요.")
    if made.wanted.kind != ChangeKind.CANCELLED and (made.before.leaving_krw or made.after.leaving_krw):
        said.append(
            f"오늘 해지하시면 돌려주실 돈은 지금 {format_won(made.before.leaving_krw)}, 바꾸신 뒤에는"
            f" {format_won(made.after.leaving_krw)}이에요."
        )
    if chart is not None:
        said += ["약정하신 뒤에 그만두시면 이래요.", *chart.sentences]
    return (*said, _SURE)


def facts_of(made: Preview) -> tuple[tuple[str, str], ...]:
    """When, until when, what leaving costs and how to undo it, as the owner's page and the agent's list them."""
    wanted = made.wanted
    undo = _UNDO.get(wanted.kind)
    if undo is None:
        return shown(made).facts
    facts = [("언제까지 쓰나요?" if wanted.kind == ChangeKind.CANCELLED else "언제부터", _when(made))]
    if made.before.bound_until != made.after.bound_until:
        facts.append(("약정", f"{_bound(made.before.bound_until)} → {_bound(made.after.bound_until)}"))
    if wanted.kind == ChangeKind.CANCELLED:
        facts.append(("돌려주실 돈", format_won(made.refund.won if made.refund else 0)))
    else:
        today = f"{format_won(made.before.leaving_krw)} → {format_won(made.after.leaving_krw)}"
        facts.append(("오늘 해지하면 돌려주실 돈", today))
    return (*facts, ("되돌리려면", undo.format(day=format_day(made.on))))


_UNDO: Final = {
    ChangeKind.PAUSED: "요금제 화면에서 ‘다시 쓰기’를 누르시면 그날부터 문자가 다시 나가요.",
    ChangeKind.PRODUCT_CHANGED: "언제든 다시 바꾸실 수 있어요. 그만둔 약정은 되살아나지 않고 새로 약정하셔야 해요.",
    ChangeKind.CANCELLED: "{day} 밤 12시 전까지 요금제 화면에서 ‘해지 되돌리기’를 누르시면 돼요.",
    ChangeKind.CANCEL_TAKEN_BACK: "요금제 화면에서 언제든 다시 해지하실 수 있어요.",
}


def _when(made: Preview) -> str:
    if made.wanted.kind == ChangeKind.PAUSED and made.wanted.until is not None:
        return f"오늘 {format_day(made.on)}부터 {format_day(made.wanted.until)}까지"
    if made.wanted.kind == ChangeKind.CANCELLED:
        return f"{long_day(made.on)}까지 문자가 나가고, 그다음 날부터 나가지 않아요."
    return f"오늘 {format_day(made.on)}부터"


def _bound(until: date | None) -> str:
    return f"{long_day(until)}까지" if until else "없음"


def _choices(state: PlanState) -> Iterator[Choice]:
    wanted = [
        *(Wanted(ChangeKind.COMMITTED, term) for term in _TERMS),
        Wanted(ChangeKind.COMMITMENT_LEFT),
        Wanted(ChangeKind.BUNDLED, bundle=Bundle.ASSISTANT_PACK),
        Wanted(ChangeKind.UNBUNDLED),
        *(Wanted(ChangeKind.PLAN_CHANGED, plan=plan) for plan in _PLANS),
        *(Wanted(ChangeKind.PRODUCT_CHANGED, product=product) for product in _products(state)),
        Wanted(ChangeKind.RESUMED),
        Wanted(ChangeKind.CANCEL_TAKEN_BACK),
    ]
    for each in wanted:
        monthly = _after(state, each)
        if monthly is not None:
            yield Choice(named(each), query_of(each), monthly)


def _products(state: PlanState) -> tuple[Product, ...]:
    """What the contract could become: soho is the merchants', basic and premium the public bodies', and neither is offered what
    is the other's (rules.md §1)."""
    if state.contract.terms_on(state.today).product == Product.SOHO:
        return ()
    return (Product.BASIC, Product.PREMIUM)


def _after(state: PlanState, wanted: Wanted) -> int | None:
    """Won a month after the change; None where the contract does not take it."""
    try:
        after = plan_change.step_of(wanted, state.catalogue)(state.contract, state.today)
    except ContractRefused:
        return None
    plan = plan_on(after, state.catalogue, state.today)
    return quote_on(after, state.catalogue, state.today).monthly_krw + (plan.monthly_krw if plan else 0)
