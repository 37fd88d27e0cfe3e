"""A shop whose sending the gateway forbids: it stops for everybody's sake, and the owner hears it at once."""

from datetime import datetime

from django.db import transaction

from messaging import alerts
from messaging.failures import explain
from shopmsg.accounts import audit
from shopmsg.accounts.enums import ShopStatus
from shopmsg.accounts.models import Shop


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
