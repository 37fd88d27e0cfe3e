"""Subscriptions: begun by activation, changed by their owner or an agent, ended by cancelling. Every verb applies one of
billing.changes to the contract and keeps the change as a row.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Final

from django.db import transaction

from billing import accounts, changes, history, price_list, shop_state
from billing.changes import ContractRefused
from billing.contract import Change, Contract
from billing.enums import Bundle, ChangeKind
from billing.models import Subscription, SubscriptionChange, SubscriptionState
from shopmsg.accounts import audit
from shopmsg.accounts.enums import Product, ShopStatus
from shopmsg.accounts.models import AuditEntry, Shop, User
from shopmsg.core.clock import format_day, kst_day

_ENDED: Final = "subscription.ended"
#: One step of a contract: billing.changes with everything but the contract and the day filled in.
Step = Callable[[Contract, date], Contract]


def start(
    shop: Shop,
    *,
    product: Product,
    term_months: int,
    bundle: Bundle,
    pack_internet: str = "",
    pack_parts: Sequence[str] = (),
    by: User | None,
    address: str | None,
    now: datetime,
) -> Subscription:
    """구독 시작: from this KST day on; the shop may send. Started twice with the same contract is started once.

    Raises ContractRefused: what the catalogue does not sell, a pack without its parts, or another contract that runs.
    """
    today = kst_day(now)
    contract = changes.start(
        price_list.catalogue(),
        today,
        product=product,
        term_months=term_months,
        bundle=bundle,
        pack_internet=pack_internet,
        pack_parts=pack_parts,
    )
    with transaction.atomic():
        row = _locked(shop)
        running = current(row)
        if running is not None and _end_booked(row, running, today):
            running = None
        if running is not None:
            if (running.product, running.term_months, running.bundle) != (product, term_months, bundle):
                raise ContractRefused("other_contract", "이 가게는 다른 요금제를 이미 쓰고 있습니다.")
            return running
        made = Subscription.objects.create(
            shop=row,
            product=product,
            term_months=term_months,
            bundle=bundle,
            pack_internet=pack_internet,
            pack_parts=list(pack_parts),
            starts_on=today,
            free_until=contract.free_until,
            created_by=by,
            created_at=now,
        )
        history.keep(made, contract, 0, by=by, reason="", pack=(pack_internet, pack_parts), now=now)
        accounts.open_for(row, now)
        _set_shop(row, ShopStatus.ACTIVE, "", product=product)
        _record("subscription.started", made, by=by, address=address)
    shop.refresh_from_db()
    return made


def change(
    shop: Shop,
    step: Step,
    *,
    by: User | None,
    address: str | None,
    now: datetime,
    reason: str = "",
    pack_internet: str = "",
    pack_parts: Sequence[str] = (),
) -> Subscription:
    """Change the contract that runs, from this KST day on: `change(shop, lambda contract, on: changes.commit(contract,
    catalogue, 36, on), …)`. Raises ContractRefused: the step's own, and "not_ended" without a running contract."""
    today = kst_day(now)
    with transaction.atomic():
        row = _locked(shop)
        running = current(row)
        if running is None:
            raise ContractRefused("over", "이 가게는 지금 쓰는 요금제가 없어요. 새로 신청해 주세요.")
        contract = history.contract_of(running)
        after = step(contract, today)
        kept = len(contract.changes)
        pack = (pack_internet, pack_parts)
        history.keep(running, after, kept, by=by, reason=reason, pack=pack, now=now)
        _describe(running, after, today)
        if after.terms_on(today).product != row.product:
            product = after.terms_on(today).product
            Shop.objects.filter(pk=row.pk).update(product=product, daily_cap=shop_state.DAILY_CAPS[product])
        shop_state.apply(row, running, now)
        _record(
            f"subscription.{after.changes[-1].kind}",
            running,
            by=by,
            address=address,
            reason=reason,
            change=_as_json(after.changes[-1]),
        )
    shop.refresh_from_db()
    return running


def end(
    shop: Shop, *, reason: str, by: User | None, address: str | None, now: datetime
) -> Subscription | None:
    """해지 at once, today being the last day: the shop sends nothing from now on; its homepage's opt-out stays alive. A booked
    cancellation is brought forward; one whose last day is over stays on it. None when nothing ran."""
    today = kst_day(now)
    with transaction.atomic():
        row = _locked(shop)
        running = current(row)
        was = {"status": row.status, "status_reason": row.status_reason}
        if running is not None:
            was["last_day"] = running.last_day.isoformat() if running.last_day else ""
            last = min(running.last_day or today, today)
            if last == today:
                _cancel_today(running, by=by, reason=reason, now=now)
            _end(running, last)
        _set_shop(row, ShopStatus.CLOSED, reason)
        if running is not None:
            _record(_ENDED, running, by=by, address=address, reason=reason, was=was)
    shop.refresh_from_db()
    return running


def end_due(now: datetime) -> int:
    """End what was booked and whose last day is over; returns how many. Harmless when repeated."""
    today = kst_day(now)
    due = Subscription.objects.filter(state=SubscriptionState.RUNNING, last_day__lt=today)
    ended = 0
    for pk, shop_id in list(due.order_by("last_day", "pk").values_list("pk", "shop_id")):
        with transaction.atomic():
            row = Shop.objects.select_for_update(no_key=True).get(pk=shop_id)
            running = Subscription.objects.filter(pk=pk, state=SubscriptionState.RUNNING).first()
            ended += running is not None and _end_booked(row, running, today)
    return ended


def refresh_states(now: datetime) -> int:
    """Shops whose pause has begun or is over send or stop accordingly, however long nobody looked; returns how many
    changed."""
    today = kst_day(now)
    held = Subscription.objects.filter(state=SubscriptionState.RUNNING).prefetch_related("changes")
    pauses = SubscriptionChange.objects.filter(kind=ChangeKind.PAUSED, on__lte=today, until__gte=today)
    begun = held.filter(shop__status=ShopStatus.ACTIVE, pk__in=pauses.values("subscription"))
    standing = held.filter(shop__status=ShopStatus.SUSPENDED, shop__status_reason=shop_state.PAUSED)
    due = [one.pk for one in begun if history.contract_of(one).is_paused(today)]
    due += [one.pk for one in standing if not history.contract_of(one).is_paused(today)]
    changed = 0
    for pk in due:
        with transaction.atomic():
            running = Subscription.objects.filter(pk=pk, state=SubscriptionState.RUNNING).first()
            if running is not None:
                row = Shop.objects.select_for_update(no_key=True).get(pk=running.shop_id)
                changed += shop_state.apply(row, running, now)
    return changed


def take_back_end(shop: Shop, *, by: User | None, address: str | None, now: datetime) -> Subscription:
    """해지 되돌리기, on the day it was ended: the same contract goes on as if nothing had been, to the last day that had been
    booked if there was one; a shop that had been stopped before is stopped again if it still has to be. Raises
    ContractRefused("not_ended")."""
    today = kst_day(now)
    with transaction.atomic():
        row = _locked(shop)
        last = row.subscriptions.order_by("-pk").first()
        if last is None or not ended_today(row, now):
            raise ContractRefused("not_ended", "오늘 해지한 가게만 되돌릴 수 있습니다. 새로 신청해 주세요.")
        contract = history.contract_of(last)
        entries = AuditEntry.objects.filter(subject=f"subscription:{last.pk}", action=_ENDED)
        ended = entries.order_by("-pk").first()
        was = ended.detail.get("was", {}) if ended is not None else {}
        after = changes.take_back_cancel(contract, today)
        if was.get("last_day"):
            after = changes.cancel(after, date.fromisoformat(was["last_day"]), today)
        history.keep(last, after, len(contract.changes), by=by, reason="", pack=("", ()), now=now)
        last.state, last.ended_on, last.last_day = SubscriptionState.RUNNING, None, after.last_day
        last.save(update_fields=["state", "ended_on", "last_day"])
        if was.get("status") == ShopStatus.SUSPENDED:
            _set_shop(row, ShopStatus.SUSPENDED, was.get("status_reason", ""))
        else:
            _set_shop(row, ShopStatus.ACTIVE, "")
        # What it was stopped for may have been paid or be over by now.
        row.refresh_from_db(fields=["status", "status_reason"])
        shop_state.apply(row, last, now)
        _record("subscription.end_taken_back", last, by=by, address=address)
    shop.refresh_from_db()
    return last


def ended_today(shop: Shop, now: datetime) -> bool:
    """Whether the shop's newest subscription was ended on this KST day, so that the end may still be taken back."""
    last = shop.subscriptions.order_by("-pk").first()
    return last is not None and last.state == SubscriptionState.ENDED and last.ended_on == kst_day(now)


def current(shop: Shop) -> Subscription | None:
    """The subscription that runs."""
    return shop.subscriptions.filter(state=SubscriptionState.RUNNING).first()


def newest(shop: Shop) -> Subscription | None:
    """The subscription that runs, or the last that did: "running" sorts behind "ended"."""
    return shop.subscriptions.order_by("-state", "-pk").first()


def _locked(shop: Shop) -> Shop:
    return Shop.objects.select_for_update(no_key=True).get(pk=shop.pk)


def _describe(running: Subscription, contract: Contract, today: date) -> None:
    """The row says what was agreed last."""
    terms = contract.terms_on(today)
    running.product, running.bundle, running.plan = terms.product, terms.bundle, terms.plan
    running.term_months = terms.commitment.term_months if terms.commitment else 0
    running.last_day = contract.last_day
    made = running.changes.order_by("-number").first()
    if made is not None and made.kind == ChangeKind.BUNDLED:
        running.pack_internet, running.pack_parts = made.pack_internet, made.pack_parts
    elif terms.bundle != Bundle.SUCCESS_PACK:
        running.pack_internet, running.pack_parts = "", []
    running.save(
        update_fields=[
            "product",
            "bundle",
            "plan",
            "term_months",
            "last_day",
            "pack_internet",
            "pack_parts",
        ]
    )


def _cancel_today(running: Subscription, *, by: User | None, reason: str, now: datetime) -> None:
    today = kst_day(now)
    contract = history.contract_of(running)
    if contract.last_day == today:
        return
    after = contract
    if after.last_day is not None:
        after = changes.take_back_cancel(after, today)
    after = changes.cancel(after, today, today)
    history.keep(running, after, len(contract.changes), by=by, reason=reason, pack=("", ()), now=now)


def _end_booked(row: Shop, running: Subscription, today: date) -> bool:
    """Write down an end whose booked last day is over; False when there is none. `row` is locked."""
    if running.last_day is None or running.last_day >= today:
        return False
    _end(running, running.last_day)
    _set_shop(row, ShopStatus.CLOSED, f"{format_day(running.last_day)}까지 쓰고 해지하셨어요.")
    _record(_ENDED, running, by=None, address=None, reason="예약한 해지")
    return True


def _end(running: Subscription, last_day: date) -> None:
    running.state, running.ended_on, running.last_day = SubscriptionState.ENDED, last_day, last_day
    running.save(update_fields=["state", "ended_on", "last_day"])


def _set_shop(shop: Shop, status: ShopStatus, reason: str, product: Product | None = None) -> None:
    changed: dict[str, object] = {"status": status, "status_reason": reason[:120]}
    if product is not None:
        changed |= {"product": product, "daily_cap": shop_state.DAILY_CAPS[product]}
    Shop.objects.filter(pk=shop.pk).update(**changed)


def _as_json(made: Change) -> dict[str, object]:
    return {
        "on": made.on.isoformat(),
        "product": made.product,
        "term_months": made.term_months,
        "bundle": made.bundle,
        "plan": made.plan,
        "until": made.until.isoformat() if made.until else "",
    }


def _record(
    action: str,
    made: Subscription,
    *,
    by: User | None,
    address: str | None,
    reason: str = "",
    **detail: object,
) -> None:
    audit.record(
        action,
        actor=by,
        shop=made.shop,
        subject=f"subscription:{made.pk}",
        reason=reason[:200],
        detail={"product": made.product, "term_months": made.term_months, "bundle": made.bundle, **detail},
        address=address,
    )
