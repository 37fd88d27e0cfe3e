"""요금제 바꾸기: a change as somebody wants it, what it would mean in won, and doing it exactly as it was shown.

The owner's pages, an agent's offers and the confirmation by link all go this way: `preview` says what changes when, its
`seal` stands for every figure shown, and `confirm` does nothing when another would be shown by then.
"""

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Self

from django.db import transaction

from billing import changes, history, leaving, notify, price_list, subscriptions
from billing.catalogue import Catalogue
from billing.changes import ContractRefused
from billing.contract import ONE_DAY, Contract
from billing.enums import Bundle, ChangeKind, EventPlan
from billing.leaving import Refund
from billing.models import Subscription
from billing.proration import Line, lines_of_month, plan_on, quote_on
from billing.subscriptions import Step
from shopmsg.accounts.enums import NoticeKind, Product
from shopmsg.accounts.models import Shop, User
from shopmsg.core.clock import format_day, kst_day, month_start
from shopmsg.core.hangul import towards
from shopmsg.core.money import format_won


@dataclass(frozen=True, slots=True)
class Wanted:
    """A change of the contract; which of the fields count, `kind` says. `until`: a pause's last day, or the last day of use
    of a cancellation."""

    kind: ChangeKind
    term_months: int = 0
    bundle: Bundle = Bundle.NONE
    pack_internet: str = ""
    pack_parts: tuple[str, ...] = ()
    product: Product = Product.SOHO
    plan: EventPlan = EventPlan.NONE
    until: date | None = None

    def to_json(self) -> dict[str, Any]:
        """As it is kept with an offer; `from_json` reads it."""
        return {
            "kind": self.kind.value,
            "term_months": self.term_months,
            "bundle": self.bundle.value,
            "pack_internet": self.pack_internet,
            "pack_parts": list(self.pack_parts),
            "product": self.product.value,
            "plan": self.plan.value,
            "until": self.until.isoformat() if self.until else "",
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """What `to_json` wrote. Raises KeyError and ValueError for anything else."""
        return cls(
            ChangeKind(data["kind"]),
            int(data["term_months"]),
            Bundle(data["bundle"]),
            str(data["pack_internet"]),
            tuple(data["pack_parts"]),
            Product(data["product"]),
            EventPlan(data["plan"]),
            date.fromisoformat(data["until"]) if data["until"] else None,
        )


@dataclass(frozen=True, slots=True)
class Side:
    """A contract before or after the change. `monthly_krw`: service and event plan of a whole month at the prices that hold
    from the day of the change; `lines` and `month_krw`: the month in which the change shows; `leaving_krw`: giving it up
    that day; `bound_until`: the last day of the commitment."""

    monthly_krw: int
    lines: tuple[Line, ...]
    month_krw: int
    leaving_krw: int
    bound_until: date | None


@dataclass(frozen=True, slots=True)
class Preview:
    """What a change would mean. `on`: the day from which it holds (of a cancellation the last day of use); `month`: the month
    whose bill shows it; `refund`: what giving a commitment up costs with it, None when nothing is given up."""

    wanted: Wanted
    on: date
    month: date
    before: Side
    after: Side
    refund: Refund | None
    sentences: tuple[str, ...]
    seal: str


def step_of(wanted: Wanted, catalogue: Catalogue) -> Step:
    """The change as billing.changes does it. Raises ContractRefused when applied."""

    def step(contract: Contract, on: date) -> Contract:
        match wanted.kind:
            case ChangeKind.COMMITTED:
                return changes.commit(contract, catalogue, wanted.term_months, on)
            case ChangeKind.COMMITMENT_LEFT:
                return changes.leave_commitment(contract, on)
            case ChangeKind.BUNDLED:
                return changes.join_bundle(
                    contract,
                    catalogue,
                    wanted.bundle,
                    on,
                    pack_internet=wanted.pack_internet,
                    pack_parts=wanted.pack_parts,
                )
            case ChangeKind.UNBUNDLED:
                return changes.leave_bundle(contract, on)
            case ChangeKind.PRODUCT_CHANGED:
                _check_customers(contract.terms_on(on).product, wanted.product)
                return changes.change_product(contract, catalogue, wanted.product, on)
            case ChangeKind.PLAN_CHANGED:
                return changes.change_plan(contract, catalogue, wanted.plan, on)
            case ChangeKind.PAUSED:
                return changes.pause(contract, on, wanted.until or on)
            case ChangeKind.RESUMED:
                return changes.resume(contract, on)
            case ChangeKind.CANCELLED:
                return changes.cancel(contract, wanted.until or on, on)
            case ChangeKind.CANCEL_TAKEN_BACK:
                return changes.take_back_cancel(contract, on)
            case ChangeKind.STARTED:
                raise ContractRefused("same", "이미 쓰고 계세요.")

    return step


def preview(shop: Shop, wanted: Wanted, now: datetime) -> Preview:
    """What it would mean to change it now. Raises ContractRefused, as `confirm` would."""
    running = subscriptions.current(shop)
    if running is None:
        raise ContractRefused("over", "이 가게는 지금 쓰는 요금제가 없어요. 새로 신청해 주세요.")
    return _preview(history.contract_of(running), price_list.catalogue(), wanted, kst_day(now))


def confirm(
    shop: Shop,
    wanted: Wanted,
    *,
    seal: str,
    by: User | None,
    address: str | None,
    now: datetime,
    reason: str = "",
) -> Preview:
    """바꾸기: exactly what was shown, and the owners hear of it. Raises ContractRefused: the change's own, and "moved" when
    other figures would be shown by now."""
    with transaction.atomic():
        row = Shop.objects.select_for_update(no_key=True).get(pk=shop.pk)
        shown = preview(row, wanted, now)
        if shown.seal != seal:
            raise ContractRefused("moved", "그사이 금액이 바뀌었어요. 새 금액을 보시고 다시 눌러 주세요.")
        made = subscriptions.change(
            row,
            step_of(wanted, price_list.catalogue()),
            by=by,
            address=address,
            now=now,
            reason=reason,
            pack_internet=wanted.pack_internet,
            pack_parts=wanted.pack_parts,
        )
        _tell(row, made, shown, now)
    shop.refresh_from_db()
    return shown


def _preview(contract: Contract, catalogue: Catalogue, wanted: Wanted, today: date) -> Preview:
    after = step_of(wanted, catalogue)(contract, today)
    cancelled = wanted.kind == ChangeKind.CANCELLED
    on = (wanted.until or today) if cancelled else today
    month = month_start(on)
    known = set(leaving.refunds(contract, catalogue))
    new = [found for found in leaving.refunds(after, catalogue) if found not in known]
    made = Preview(
        wanted,
        on,
        month,
        _side(contract, catalogue, month, today),
        _side(after, catalogue, month, today),
        new[-1] if new else None,
        (),
        "",
    )
    made = replace(made, sentences=tuple(_sentences(made, after)))
    return replace(made, seal=_seal(made))


def _check_customers(held: Product, wanted: Product) -> None:
    """소상공인형 is for merchants alone, the other two for public bodies (rules.md §1)."""
    if (held == Product.SOHO) != (wanted == Product.SOHO):
        raise ContractRefused(
            "other_customers",
            "소상공인형은 사업자만, 기본형과 프리미엄형은 공공기관만 쓸 수 있어서 서로 바꿀 수 없어요.",
        )


def _side(contract: Contract, catalogue: Catalogue, month: date, today: date) -> Side:
    lines = (*lines_of_month(contract, catalogue, month), *leaving.refund_lines(contract, catalogue, month))
    plan = plan_on(contract, catalogue, today)
    held = contract.terms_on(today).commitment
    found = leaving.if_left(contract, catalogue, today)
    return Side(
        quote_on(contract, catalogue, today).monthly_krw + (plan.monthly_krw if plan else 0),
        lines,
        sum(line.amount_krw for line in lines),
        found.won if found else 0,
        contract.commitment_over_on(held) - ONE_DAY if held else None,
    )


def _sentences(made: Preview, after: Contract) -> list[str]:
    """What happens when, in the order an owner asks."""
    wanted, day = made.wanted, format_day(made.on)
    monthly = f"한 달 {format_won(made.before.monthly_krw)}에서 {format_won(made.after.monthly_krw)}"
    match wanted.kind:
        case ChangeKind.COMMITTED:
            said = [f"오늘부터 {wanted.term_months // 12}년 약정으로 {monthly}으로 바뀌어요."]
        case ChangeKind.COMMITMENT_LEFT:
            said = [f"오늘부터 약정 없이 {monthly}으로 바뀌어요."]
        case ChangeKind.BUNDLED:
            said = [f"오늘부터 {wanted.bundle.label} 결합으로 {monthly}으로 바뀌어요."]
        case ChangeKind.UNBUNDLED:
            said = [f"오늘부터 결합 없이 {monthly}으로 바뀌어요."]
        case ChangeKind.PRODUCT_CHANGED:
            said = [f"오늘부터 {wanted.product.label}{towards(wanted.product.label)} {monthly}으로 바뀌어요."]
        case ChangeKind.PLAN_CHANGED if wanted.plan == EventPlan.NONE:
            said = [f"오늘부터 이벤트 요금제를 그만두시고 {monthly}으로 바뀌어요."]
        case ChangeKind.PLAN_CHANGED:
            said = [f"오늘부터 {wanted.plan.label}{towards(wanted.plan.label)} {monthly}으로 바뀌어요."]
        case ChangeKind.PAUSED:
            until = format_day(wanted.until or made.on)
            said = [
                f"오늘부터 {until}까지 쉬어요. 그동안 요금이 없고 문자도 나가지 않아요.",
                "쉬는 날만큼 약정이 뒤로 밀려요."
                if made.after.bound_until
                else "언제든 다시 쓰실 수 있어요.",
            ]
        case ChangeKind.RESUMED:
            said = ["오늘부터 다시 요금을 내시고 문자가 다시 나가요."]
        case ChangeKind.CANCELLED:
            said = [f"{day}까지 쓰고 끝나요. 그때까지 문자가 나가고, {day} 안에는 되돌리실 수 있어요."]
        case _:
            said = ["해지를 되돌려서 지금처럼 계속 쓰세요."]
    if made.refund is not None:
        said.append(made.refund.sentence)
    elif wanted.kind == ChangeKind.CANCELLED:
        said.append("그만두셔도 더 내실 돈이 없어요.")
    if after.is_free(made.on) and wanted.kind != ChangeKind.CANCELLED and after.free_until:
        said.append(f"{format_day(after.free_until)}까지는 그대로 무료예요.")
    return said


def _seal(made: Preview) -> str:
    """Stands for every figure on the screen; the seal of another day or another price is another."""
    shown = [
        made.wanted.to_json(),
        made.on.isoformat(),
        *(
            [
                side.monthly_krw,
                [[line.label, line.amount_krw] for line in side.lines],
                side.leaving_krw,
                str(side.bound_until),
            ]
            for side in (made.before, made.after)
        ),
        made.refund.won if made.refund else 0,
    ]
    return hashlib.sha256(json.dumps(shown, ensure_ascii=False).encode()).hexdigest()[:32]


def _tell(shop: Shop, made: Subscription, shown: Preview, now: datetime) -> None:
    number = made.changes.count()
    key = f"changed:{made.pk}:{number}"
    if shown.wanted.kind == ChangeKind.CANCELLED:
        won = shown.refund.won if shown.refund else 0
        amount = f"돌려주실 돈은 {format_won(won)}이에요." if won else "더 내실 돈은 없어요."
        fields = {"date": format_day(shown.on), "amount": amount}
        notify.tell(shop, NoticeKind.CANCEL_BOOKED, key=key, fields=fields, now=now)
    else:
        notify.tell(shop, NoticeKind.PLAN_CHANGED, key=key, fields={"what": shown.sentences[0]}, now=now)
