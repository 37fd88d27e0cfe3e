"""The file of `manage.py replay_billing`: a contract's history as JSON (docs/billing.md). It is read whole: every problem is
found and named with its place before anything is reckoned.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from types import MappingProxyType
from typing import Final, TypeVar

from billing import changes
from billing.catalogue import BASE, TERMS, Bands, Catalogue, PlanPrice, Price, UsagePrice, bands_problem
from billing.changes import ContractRefused
from billing.contract import Contract
from billing.enums import Bundle, EventPlan, UsageKind
from billing.replay import Fee, History, Used
from billing.replay_object import BadFile, Problem, ReadObject, load
from billing.usage_lines import fee_of
from shopmsg.accounts.enums import Product

#: 변경: what a change's "do" may be, the verbs of billing.changes.
VERBS: Final = (
    *("commit", "leave_commitment", "join_bundle", "leave_bundle", "change_product", "change_plan"),
    *("pause", "resume", "cancel", "take_back_cancel"),
)
#: No price and no amount of a file exceeds this, won.
MOST_KRW: Final = 1_000_000_000
_BUNDLES: Final = tuple(bundle.value for bundle in Bundle if bundle != Bundle.NONE)
_PLANS: Final = tuple(plan.value for plan in EventPlan if plan != EventPlan.NONE)
#: Kakao messages have no price of the catalogue: theirs are the fees agreed with the merchant.
_KAKAO: Final = tuple(row.kind.value for row in BASE.usage if row.vat_outside)
_PRICED: Final = tuple(row.kind.value for row in BASE.usage if not row.vat_outside)
D = TypeVar("D", bound=Price | PlanPrice | UsagePrice | Bands | Fee)


@dataclass(frozen=True, slots=True)
class _Step:
    place: str
    on: date
    apply: Callable[[Contract], Contract]


def read(raw: bytes) -> History:
    """The history in those bytes (JSON, UTF-8). Raises BadFile with every problem. A change that may not be made is one (with
    the code of ContractRefused), and those after it are judged as if it had not been asked for."""
    problems: list[Problem] = []
    top = ReadObject(load(raw), "", problems)
    catalogue = _catalogue(top)
    known = not problems
    started = _started(top, catalogue)
    known = known and not problems
    steps = [_step(row, catalogue) for row in top.objects("changes")]
    fees = tuple(_distinct(top, "fees", (_fee(row) for row in top.objects("fees")), lambda fee: fee.kind))
    usage = tuple(_used(row, fees) for row in top.objects("usage"))
    for index, key in _repeated([used.key for used in usage]):
        problems.append(Problem(f"usage[{index}].key", "twice", f"‘{key}’는 앞에 이미 있어요."))
    top.nothing_else()
    # Where prices or the beginning could not be read, nothing can be said of what followed.
    contract = _applied(started, steps, problems) if known else None
    if problems or contract is None:
        raise BadFile(problems)
    return History(contract, catalogue, usage, fees)


def _started(top: ReadObject, catalogue: Catalogue) -> Callable[[], Contract]:
    return partial(
        changes.start,
        catalogue,
        top.day("activated"),
        product=top.choice("product", Product.values),
        term_months=top.whole("term_months", 0, max(TERMS), default=0),
        bundle=top.choice("bundle", Bundle.values, default=Bundle.NONE),
        pack_internet=top.text("pack_internet", default=""),
        pack_parts=top.texts("pack_parts"),
        plan=top.choice("plan", EventPlan.values, default=EventPlan.NONE),
    )


def _applied(
    started: Callable[[], Contract], steps: Iterable[_Step | None], problems: list[Problem]
) -> Contract | None:
    try:
        contract = started()
    except ContractRefused as refused:
        problems.append(Problem("파일", refused.code, refused.message))
        return None
    for step in steps:
        if step is None:
            continue
        try:
            contract = step.apply(contract)
        except ContractRefused as refused:
            problems.append(Problem(step.place, refused.code, refused.message))
    return contract


def _step(row: ReadObject, catalogue: Catalogue) -> _Step | None:
    """None for one that could not be read."""
    before = len(row.problems)
    on, verb = row.day("on"), row.choice("do", VERBS)
    if len(row.problems) > before:
        row.forget()
        return None
    apply: Callable[[Contract], Contract]
    match verb:
        case "commit":
            apply = partial(_commit, catalogue, row.whole("term_months", 0, max(TERMS)), on)
        case "leave_commitment":
            apply = partial(changes.leave_commitment, on=on)
        case "join_bundle":
            apply = partial(
                changes.join_bundle,
                catalogue=catalogue,
                bundle=row.choice("bundle", _BUNDLES),
                on=on,
                pack_internet=row.text("pack_internet", default=""),
                pack_parts=row.texts("pack_parts"),
            )
        case "leave_bundle":
            apply = partial(changes.leave_bundle, on=on)
        case "change_product":
            apply = partial(
                changes.change_product,
                catalogue=catalogue,
                product=row.choice("product", Product.values),
                on=on,
            )
        case "change_plan":
            plan = row.choice("plan", EventPlan.values)
            apply = partial(changes.change_plan, catalogue=catalogue, plan=plan, on=on)
        case "pause":
            apply = partial(changes.pause, on=on, until=row.day("until"))
        case "resume":
            apply = partial(changes.resume, on=on)
        case "cancel":
            apply = partial(changes.cancel, last_day=row.day("last_day"), on=on)
        case _:
            apply = partial(changes.take_back_cancel, on=on)
    return _Step(row.place, on, apply) if len(row.problems) == before else None


def _commit(catalogue: Catalogue, term_months: int, on: date, contract: Contract) -> Contract:
    return changes.commit(contract, catalogue, term_months, on)


def _used(row: ReadObject, fees: Sequence[Fee]) -> Used:
    before = len(row.problems)
    used = Used(
        row.text("key"),
        UsageKind(row.choice("kind", UsageKind.values)),
        row.day("on"),
        row.whole("quantity", 1, MOST_KRW),
        row.day("arrived"),
    )
    if len(row.problems) == before:
        if used.arrived_on < used.used_on:
            row.problem("arrived", "past", "쓰기 전에 도착할 수는 없어요.")
        if used.kind in _KAKAO and fee_of(fees, used.kind, used.used_on) is None:
            row.problem("kind", "no_fee", f"그날의 {used.kind.label} 협의 단가가 fees에 없어요.")
        if used.kind in _PRICED and used.used_on < BASE.usage[0].effective_from:
            row.problem("on", "unknown_usage", "요금표가 시작하기 전이에요.")
    return used


def _fee(row: ReadObject) -> Fee:
    return Fee(UsageKind(row.choice("kind", _KAKAO)), row.day("from"), row.whole("won", 0, MOST_KRW))


def _catalogue(top: ReadObject) -> Catalogue:
    """The rules' own prices and those of the file."""
    prices = _added(top, "prices", BASE.prices, _price, lambda row: row.product)
    plans = _added(top, "plans", BASE.plans, _plan, lambda row: row.plan)
    usage = _added(top, "usage_prices", BASE.usage, _usage_price, lambda row: row.kind)
    bands = _added(top, "bands", BASE.bands, _bands, lambda _: "")
    return replace(BASE, prices=prices, plans=plans, usage=usage, bands=bands)


def _added(
    top: ReadObject,
    name: str,
    base: tuple[D, ...],
    one: Callable[[ReadObject], D],
    code: Callable[[D], str],
) -> tuple[D, ...]:
    added = [one(row) for row in top.objects(name)]
    return tuple(_distinct(top, name, [*base, *added], code, len(base)))


def _distinct(
    top: ReadObject, name: str, rows: Iterable[D], code: Callable[[D], str], skip: int = 0
) -> Sequence[D]:
    """The rows; two of one thing that begin on one day are a problem."""
    found = list(rows)
    for index, _ in _repeated([(code(row), row.effective_from) for row in found]):
        top.problem(f"{name}[{index - skip}].from", "overlap", "그날부터인 것이 이미 있어요.")
    return found


def _repeated(keys: Sequence[object]) -> Iterable[tuple[int, object]]:
    seen: set[object] = set()
    for index, key in enumerate(keys):
        if key in seen:
            yield index, key
        seen.add(key)


def _price(row: ReadObject) -> Price:
    product, begins = Product(row.choice("product", Product.values)), row.day("from")
    before = len(row.problems)
    listed = row.whole("list_krw", 0, MOST_KRW)
    # No discount exceeds the price, where that could be read.
    most = listed if len(row.problems) == before else MOST_KRW
    commitments, bundles = row.field("commitments"), row.field("bundles")
    terms = {
        term: commitments.whole(str(term), 0, most) for term in TERMS if str(term) in commitments.names()
    }
    packs = {name: bundles.whole(name, 0, most) for name in _BUNDLES if name in bundles.names()}
    commitments.nothing_else()
    bundles.nothing_else()
    return Price(
        product,
        begins,
        listed,
        MappingProxyType(terms),
        MappingProxyType({Bundle(name): won for name, won in packs.items()}),
        row.flag("first_month_free", default=False),
    )


def _plan(row: ReadObject) -> PlanPrice:
    plan = EventPlan(row.choice("plan", _PLANS))
    was = next(held for held in BASE.plans if held.plan == plan)
    return replace(was, effective_from=row.day("from"), monthly_krw=row.whole("monthly_krw", 0, MOST_KRW))


def _usage_price(row: ReadObject) -> UsagePrice:
    kind = UsageKind(row.choice("kind", _PRICED))
    was = next(held for held in BASE.usage if held.kind == kind)
    begins = row.day("from")
    if was.percent is None:
        return replace(was, effective_from=begins, won=row.whole("won", 0, MOST_KRW))
    return replace(was, effective_from=begins, percent=row.whole("percent", 0, 100))


def _bands(row: ReadObject) -> Bands:
    begins, source, rates = row.day("from"), row.text("source"), row.field("rates")
    found = {term: rates.pairs(str(term)) for term in TERMS if term}
    for term, parts in found.items():
        # What could not be read has been named already.
        if parts and (problem := bands_problem(term, parts)):
            rates.problem(str(term), "gap", problem)
    rates.nothing_else()
    return Bands(begins, source, MappingProxyType(found))
