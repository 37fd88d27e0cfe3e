"""What an owner decides about sending: on or off, which calls count, what happens at night (rules.md §4)."""

from typing import Final

from django.db import transaction

from shopmsg.accounts import audit
from shopmsg.accounts.enums import NightPolicy
from shopmsg.accounts.models import Shop, User
from shopmsg.core.errors import ShopmsgError

MIN_CALL_SECONDS: Final = range(601)


class SendingRefused(ShopmsgError):
    """A choice that does not exist. Code: "call_seconds"."""


def turn_on(shop: Shop, *, by: User, address: str | None) -> bool:
    """Calls bring messages again from the next one on. False when it was on already."""
    return _switch(shop, on=True, by=by, address=address)


def turn_off(shop: Shop, *, by: User, address: str | None) -> bool:
    """No call brings a message any more. False when it was off already."""
    return _switch(shop, on=False, by=by, address=address)


def change_rules(
    shop: Shop, *, night_policy: NightPolicy, min_call_seconds: int, by: User, address: str | None
) -> bool:
    """How long a call must be (seconds, 0–600), and what a night's call brings. False when nothing changed.

    Raises SendingRefused. Calls decided before keep their verdict.
    """
    if min_call_seconds not in MIN_CALL_SECONDS:
        raise SendingRefused("call_seconds", "최소 통화 시간은 0초부터 600초까지 고를 수 있어요.")
    wanted = {"night_policy": night_policy.value, "min_call_seconds": min_call_seconds}
    with transaction.atomic():
        row = Shop.objects.select_for_update(no_key=True).get(pk=shop.pk)
        before = {"night_policy": row.night_policy, "min_call_seconds": row.min_call_seconds}
        if before == wanted:
            return False
        Shop.objects.filter(pk=shop.pk).update(**wanted)
        audit.record(
            "shop.rules_changed",
            actor=by,
            shop=shop,
            subject=f"shop:{shop.pk}",
            detail={"before": before, "after": wanted},
            address=address,
        )
    shop.refresh_from_db(fields=["night_policy", "min_call_seconds"])
    return True


def _switch(shop: Shop, *, on: bool, by: User, address: str | None) -> bool:
    with transaction.atomic():
        changed = Shop.objects.filter(pk=shop.pk, sending_on=not on).update(sending_on=on)
        if changed:
            audit.record(
                "shop.sending_on" if on else "shop.sending_off",
                actor=by,
                shop=shop,
                subject=f"shop:{shop.pk}",
                address=address,
            )
    shop.refresh_from_db(fields=["sending_on"])
    return changed == 1
