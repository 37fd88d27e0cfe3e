"""A shop whose sending the gateway forbids: it stops for everybody's sake, and the owner hears it at once."""

from datetime import datetime

from django.db import transaction

from billing import shop_state, subscriptions
from messaging import alerts
from messaging.failures import explain
from shopmsg.accounts import audit
from shopmsg.accounts.enums import ShopStatus
from shopmsg.accounts.models import Shop, User


def stop_by_gateway(shop_id: int, code: str, now: datetime) -> bool:
    """Suspend an active shop because of what the gateway said (`code`, the vendor's word). False when it was not active."""
    reason = explain(code).sentence
    with transaction.atomic():
        changed = Shop.objects.filter(pk=shop_id, status=ShopStatus.ACTIVE).update(
            status=ShopStatus.SUSPENDED, status_reason=reason
        )
        if not changed:
            return False
        shop = Shop.objects.get(pk=shop_id)
        audit.record(
            "shop.stopped_by_gateway", actor=None, shop=shop, subject=f"shop:{shop_id}", reason=reason
        )
        alerts.sending_stopped(shop, reason, now)
    return True


def resume(shop_id: int, *, by: User, reason: str, address: str | None, now: datetime) -> bool:
    """A person looked and the shop may send again, as far as its pause and its bills allow. False when it was not
    suspended, or by billing alone: a payment or the end of the pause lets it send. Raises ValueError without a reason: the
    audit log must be able to say why."""
    if not reason.strip():
        raise ValueError("a reason is needed")
    with transaction.atomic():
        stopped = Shop.objects.filter(pk=shop_id, status=ShopStatus.SUSPENDED)
        changed = stopped.exclude(status_reason__in=shop_state.OURS).update(
            status=ShopStatus.ACTIVE, status_reason=""
        )
        if changed:
            shop = Shop.objects.get(pk=shop_id)
            running = subscriptions.current(shop)
            if running is not None:
                shop_state.apply(shop, running, now)
            audit.record(
                "shop.resumed", actor=by, shop=shop, subject=f"shop:{shop_id}", reason=reason, address=address
            )
    return bool(changed)
