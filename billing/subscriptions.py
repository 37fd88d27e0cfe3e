"""Subscriptions: begun by activation, ended by closing. A shop's state is all of messaging's that billing sets."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from billing import catalogue
from billing.enums import Bundle
from billing.models import Subscription, SubscriptionState
from shopmsg.accounts import audit
from shopmsg.accounts.enums import Product, ShopStatus
from shopmsg.accounts.models import AuditEntry, Shop, User
from shopmsg.core.clock import add_months, kst_day
from shopmsg.core.errors import ShopmsgError

#: Promos a day (rules.md §4 check 8).
DAILY_CAPS: Final = {Product.SOHO: 500, Product.BASIC: 50, Product.PREMIUM: 50}
_ENDED: Final = "subscription.ended"


class SubscriptionRefused(ShopmsgError):
    """A contract that cannot be. Codes: those of catalogue.NotSold, "pack_incomplete", "other_contract", "not_ended"."""


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

    Raises SubscriptionRefused: what the catalogue does not sell, a pack without its parts, or another contract that runs.
    """
    today = kst_day(now)
    try:
        sold = catalogue.quote(product, term_months, bundle, today)
    except catalogue.NotSold as refused:
        raise SubscriptionRefused(refused.code, refused.message) from None
    if bundle == Bundle.SUCCESS_PACK:
        problem = catalogue.pack_problem(pack_internet, pack_parts)
        if problem:
            raise SubscriptionRefused("pack_incomplete", problem)
    with transaction.atomic():
        row = Shop.objects.select_for_update(no_key=True).get(pk=shop.pk)
        running = current(row)
        if running is not None:
            if (running.product, running.term_months, running.bundle) != (product, term_months, bundle):
                raise SubscriptionRefused("other_contract", "이 가게는 다른 요금제를 이미 쓰고 있습니다.")
            return running
        made = Subscription.objects.create(
            shop=row,
            product=product,
            term_months=term_months,
            bundle=bundle,
            pack_internet=pack_internet,
            pack_parts=list(pack_parts),
            starts_on=today,
            free_until=add_months(today, 1) - timedelta(days=1) if sold.first_month_free else None,
            created_by=by,
            created_at=now,
        )
        _set_shop(row, ShopStatus.ACTIVE, "", product=product)
        _record("subscription.started", made, by=by, address=address)
    shop.refresh_from_db()
    return made


def end(
    shop: Shop, *, reason: str, by: User | None, address: str | None, now: datetime
) -> Subscription | None:
    """해지: the shop sends nothing from now on; its homepage's opt-out stays alive. None when nothing ran."""
    with transaction.atomic():
        row = Shop.objects.select_for_update(no_key=True).get(pk=shop.pk)
        running = current(row)
        _set_shop(row, ShopStatus.CLOSED, reason)
        if running is not None:
            running.state, running.ended_on = SubscriptionState.ENDED, kst_day(now)
            running.save(update_fields=["state", "ended_on"])
            was = {"status": row.status, "status_reason": row.status_reason}
            _record(_ENDED, running, by=by, address=address, reason=reason, was=was)
    shop.refresh_from_db()
    return running


def take_back_end(shop: Shop, *, by: User | None, address: str | None, now: datetime) -> Subscription:
    """해지 되돌리기, on the day it was ended: the same contract goes on as if nothing had been; a shop that had been stopped
    before is stopped again. Raises SubscriptionRefused("not_ended")."""
    with transaction.atomic():
        row = Shop.objects.select_for_update(no_key=True).get(pk=shop.pk)
        last = row.subscriptions.order_by("-pk").first()
        if last is None or not ended_today(row, now):
            raise SubscriptionRefused(
                "not_ended", "오늘 해지한 가게만 되돌릴 수 있습니다. 새로 신청해 주세요."
            )
        last.state, last.ended_on = SubscriptionState.RUNNING, None
        last.save(update_fields=["state", "ended_on"])
        entries = AuditEntry.objects.filter(subject=f"subscription:{last.pk}", action=_ENDED)
        ended = entries.order_by("-pk").first()
        was = ended.detail.get("was", {}) if ended is not None else {}
        if was.get("status") == ShopStatus.SUSPENDED:
            _set_shop(row, ShopStatus.SUSPENDED, was.get("status_reason", ""))
        else:
            _set_shop(row, ShopStatus.ACTIVE, "")
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


def _set_shop(shop: Shop, status: ShopStatus, reason: str, product: Product | None = None) -> None:
    changed: dict[str, object] = {"status": status, "status_reason": reason[:120]}
    if product is not None:
        changed |= {"product": product, "daily_cap": DAILY_CAPS[product]}
    Shop.objects.filter(pk=shop.pk).update(**changed)


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
