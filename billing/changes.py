"""What may be changed in a contract, and when (rules.md §3). Pure: each function gives the contract as it is afterwards, or
refuses with a sentence for the owner. The database's verbs (billing.subscriptions), the agent's offers and the simulator
all come through here.
"""

from collections.abc import Collection
from datetime import date
from typing import Final

from billing.catalogue import Catalogue, NotSold, pack_problem
from billing.contract import Change, Contract
from billing.enums import Bundle, ChangeKind, EventPlan
from shopmsg.accounts.enums import Product
from shopmsg.core.clock import format_day
from shopmsg.core.errors import ShopmsgError

#: 일시정지 of one go, days.
LONGEST_PAUSE: Final = 90


class ContractRefused(ShopmsgError):
    """A contract that cannot be, or cannot be changed so. Codes: those of catalogue.NotSold, "pack_incomplete",
    "lower_commitment", "same", "no_commitment", "bundle_first", "cancelled", "not_cancelled", "past", "over", "paused",
    "not_paused", "pause_length", "other_contract", "not_ended", "none"."""


def start(
    catalogue: Catalogue,
    on: date,
    *,
    product: str,
    term_months: int = 0,
    bundle: str = Bundle.NONE,
    pack_internet: str = "",
    pack_parts: Collection[str] = (),
    plan: str = EventPlan.NONE,
) -> Contract:
    """개통 on that KST day. Raises ContractRefused: what the catalogue does not sell, or a pack without its parts."""
    try:
        sold = catalogue.quote(product, term_months, bundle, on)
        if plan != EventPlan.NONE:
            catalogue.plan_of(plan, on)
    except NotSold as refused:
        raise ContractRefused(refused.code, refused.message) from None
    _check_pack(bundle, pack_internet, pack_parts)
    first = Change(ChangeKind.STARTED, on, sold.product, sold.term_months, sold.bundle, plan=EventPlan(plan))
    return Contract((first,), sold.first_month_free)


def commit(contract: Contract, catalogue: Catalogue, term_months: int, on: date) -> Contract:
    """약정 시작·올리기: to that many months from that day on. Raises ContractRefused; never lower, and never with a bundle."""
    _check_open(contract, on)
    terms = contract.terms_on(on)
    _check_sold(catalogue, terms.product, term_months, Bundle.NONE, on)
    held = terms.commitment
    if terms.bundle != Bundle.NONE:
        raise ContractRefused(
            "bundle_first",
            f"{terms.bundle.label}은 약정과 함께 쓸 수 없어요. 결합을 먼저 그만두시면 약정하실 수 있어요.",
        )
    if held is not None and term_months == held.term_months:
        raise ContractRefused("same", f"이미 {held.term_months // 12}년 약정으로 쓰고 계세요.")
    if not term_months or (held is not None and term_months < held.term_months):
        raise ContractRefused(
            "lower_commitment",
            "약정은 올리기만 할 수 있고 낮출 수 없어요. 그만두시려면 약정 그만두기를 골라 주세요.",
        )
    return _with(contract, Change(ChangeKind.COMMITTED, on, term_months=term_months))


def leave_commitment(contract: Contract, on: date) -> Contract:
    """약정 그만두기: list price from that day on, and the refund of billing.leaving. Raises ContractRefused."""
    _check_open(contract, on)
    if contract.terms_on(on).commitment is None:
        raise ContractRefused("no_commitment", "지금은 약정이 없어요. 더 하실 일이 없어요.")
    return _with(contract, Change(ChangeKind.COMMITMENT_LEFT, on))


def join_bundle(
    contract: Contract,
    catalogue: Catalogue,
    bundle: str,
    on: date,
    *,
    pack_internet: str = "",
    pack_parts: Collection[str] = (),
) -> Contract:
    """결합하기. Raises ContractRefused: from a commitment only by leaving it, and never two bundles at once."""
    _check_open(contract, on)
    terms = contract.terms_on(on)
    if bundle == Bundle.NONE or bundle not in Bundle.values:
        raise ContractRefused("unknown_bundle", "결합할 상품을 골라 주세요.")
    if terms.bundle == bundle:
        raise ContractRefused("same", f"이미 {Bundle(bundle).label}으로 쓰고 계세요.")
    # Asked without the commitment: its term may no longer be on sale, and that is not what stands in the way.
    _check_sold(catalogue, terms.product, 0, bundle, on)
    if terms.commitment is not None:
        raise ContractRefused(
            "bundle_requires_no_commitment",
            f"{Bundle(bundle).label}은 약정 없이만 결합할 수 있어요. 약정을 먼저 그만두시면 결합하실 수 있어요.",
        )
    if terms.bundle != Bundle.NONE:
        raise ContractRefused(
            "bundle_first",
            f"결합은 하나만 할 수 있어요. {terms.bundle.label}을 먼저 그만두시면 바꾸실 수 있어요.",
        )
    _check_pack(bundle, pack_internet, pack_parts)
    return _with(contract, Change(ChangeKind.BUNDLED, on, bundle=Bundle(bundle)))


def leave_bundle(contract: Contract, on: date) -> Contract:
    """결합 그만두기: list price from that day on. Raises ContractRefused("none")."""
    _check_open(contract, on)
    if contract.terms_on(on).bundle == Bundle.NONE:
        raise ContractRefused("none", "지금은 결합이 없어요. 더 하실 일이 없어요.")
    return _with(contract, Change(ChangeKind.UNBUNDLED, on))


def change_product(contract: Contract, catalogue: Catalogue, product: str, on: date) -> Contract:
    """상품 바꾸기: without commitment and bundle from that day on; a commitment given up for it follows the bands. Raises
    ContractRefused."""
    _check_open(contract, on)
    sold = _check_sold(catalogue, product, 0, Bundle.NONE, on)
    if contract.terms_on(on).product == product:
        raise ContractRefused("same", f"이미 {sold.label}으로 쓰고 계세요.")
    return _with(contract, Change(ChangeKind.PRODUCT_CHANGED, on, product=sold))


def change_plan(contract: Contract, catalogue: Catalogue, plan: str, on: date) -> Contract:
    """이벤트 요금제 바꾸기, or leaving it with EventPlan.NONE. Raises ContractRefused."""
    _check_open(contract, on)
    held = contract.terms_on(on).plan
    if plan not in EventPlan.values:
        raise ContractRefused(
            "unknown_plan", "없는 이벤트 요금제예요. 기본, 프로, 엔터프라이즈 가운데 골라 주세요."
        )
    if plan == held:
        raise ContractRefused("same", f"이미 ‘{held.label}’이에요.")
    if plan != EventPlan.NONE:
        try:
            catalogue.plan_of(plan, on)
        except NotSold as refused:
            raise ContractRefused(refused.code, refused.message) from None
    return _with(contract, Change(ChangeKind.PLAN_CHANGED, on, plan=EventPlan(plan)))


def pause(contract: Contract, on: date, until: date) -> Contract:
    """일시정지 from that day to `until`, both counted: nothing is charged, and the commitment's clock stands. Raises
    ContractRefused."""
    _check_open(contract, on)
    if until < on:
        raise ContractRefused("past", "다시 쓰실 날이 이미 지났어요. 오늘이나 그 뒤를 골라 주세요.")
    if (until - on).days + 1 > LONGEST_PAUSE:
        raise ContractRefused("pause_length", f"일시정지는 한 번에 {LONGEST_PAUSE}일까지 할 수 있어요.")
    return _with(contract, Change(ChangeKind.PAUSED, on, until=until))


def resume(contract: Contract, on: date) -> Contract:
    """다시 쓰기 before the pause is over: charged again from that day on. Raises ContractRefused."""
    _check_running(contract, on)
    if not contract.is_paused(on):
        raise ContractRefused("not_paused", "지금은 일시정지가 아니에요. 더 하실 일이 없어요.")
    return _with(contract, Change(ChangeKind.RESUMED, on))


def cancel(contract: Contract, last_day: date, on: date) -> Contract:
    """해지 예약: `last_day` is the last day of use and is charged for. May be taken back until it is over. Raises
    ContractRefused: also when it is cancelled already."""
    _check_running(contract, on)
    if last_day < on:
        raise ContractRefused("past", "지난 날로는 해지할 수 없어요. 오늘이나 그 뒤를 골라 주세요.")
    return _with(contract, Change(ChangeKind.CANCELLED, on, until=last_day))


def take_back_cancel(contract: Contract, on: date) -> Contract:
    """해지 되돌리기: as if it had never been cancelled. Raises ContractRefused."""
    _check_in_order(contract, on)
    if contract.last_day is None:
        raise ContractRefused("not_cancelled", "해지를 예약한 적이 없어요. 그대로 쓰고 계세요.")
    if on > contract.last_day:
        raise ContractRefused(
            "over", f"{format_day(contract.last_day)}에 해지가 끝났어요. 다시 쓰시려면 새로 신청해 주세요."
        )
    return _with(contract, Change(ChangeKind.CANCEL_TAKEN_BACK, on))


def _with(contract: Contract, change: Change) -> Contract:
    return Contract((*contract.changes, change), contract.free_first_month)


def _check_in_order(contract: Contract, on: date) -> None:
    if on < contract.changes[-1].on:
        raise ContractRefused("past", "지난 날짜로는 바꿀 수 없어요. 오늘부터 바꿔 주세요.")


def _check_running(contract: Contract, on: date) -> None:
    _check_in_order(contract, on)
    last = contract.last_day
    if last is not None:
        raise ContractRefused(
            "cancelled",
            f"{format_day(last)}까지 쓰고 해지하기로 하셨어요. 바꾸시려면 해지를 먼저 되돌려 주세요.",
        )


def _check_open(contract: Contract, on: date) -> None:
    _check_running(contract, on)
    if contract.is_paused(on):
        raise ContractRefused(
            "paused", "일시정지하신 동안에는 바꿀 수 없어요. ‘다시 쓰기’를 먼저 눌러 주세요."
        )


def _check_sold(catalogue: Catalogue, product: str, term_months: int, bundle: str, on: date) -> Product:
    try:
        return catalogue.quote(product, term_months, bundle, on).product
    except NotSold as refused:
        raise ContractRefused(refused.code, refused.message) from None


def _check_pack(bundle: str, internet: str, parts: Collection[str]) -> None:
    if bundle != Bundle.SUCCESS_PACK:
        return
    problem = pack_problem(internet, parts)
    if problem:
        raise ContractRefused("pack_incomplete", problem)
