"""대행: a member of staff works in an owner's place for two hours, and the owner can read and end it.

What a delegation opens is its scope's allow-list (messaging.views.delegated); what is done during it is written to the
audit log on behalf of the shop's owner (accounts.audit.record).
"""

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import QuerySet
from django.utils.http import url_has_allowed_host_and_scheme

from shopmsg.accounts import audit
from shopmsg.accounts.enums import DelegationScope, Role, ShopStatus
from shopmsg.accounts.errors import DelegationRefused
from shopmsg.accounts.models import Delegation, Shop, User
from shopmsg.core.text import clean

LASTS: Final = timedelta(hours=2)
#: Who of us may work in a shop's place. A dealer brings applications and changes nothing in a shop.
ROLES: Final = frozenset({Role.AGENT, Role.PRODUCER, Role.ADMIN})
_LONGEST: Final = 200


def begin(
    staff: User,
    shop: Shop,
    *,
    scope: DelegationScope,
    reason: str,
    return_to: str,
    address: str | None,
    now: datetime,
) -> Delegation:
    """Open the shop to this member of staff for two hours; one they have open there is ended first.

    `return_to` is the path of ours they come back to. Raises DelegationRefused: "role", "reason", "return_to", "closed".
    """
    reason = " ".join(clean(reason).split())
    if staff.role not in ROLES or not staff.is_active:
        raise DelegationRefused("role", "이 역할로는 가게를 대신 고칠 수 없습니다.")
    if not 1 <= len(reason) <= _LONGEST:
        raise DelegationRefused("reason", f"대신 작업하는 이유를 {_LONGEST}자 안으로 적어 주세요.")
    if not _is_ours(return_to):
        raise DelegationRefused("return_to", "돌아갈 화면의 주소가 올바르지 않습니다.")
    with transaction.atomic():
        # One begin or end at a time in a shop, so that there is never a second open one.
        row = Shop.objects.select_for_update(no_key=True).get(pk=shop.pk)
        if row.status == ShopStatus.CLOSED:
            raise DelegationRefused("closed", "해지한 가게입니다.")
        for before in Delegation.objects.filter(staff=staff, shop=shop, ended_at__isnull=True):
            _end(before, by=staff, address=address, now=now)
        made = Delegation.objects.create(
            staff=staff,
            shop=shop,
            scope=scope,
            reason=reason,
            return_to=return_to,
            began_at=now,
            ends_at=now + LASTS,
        )
        audit.record(
            "delegation.began",
            actor=staff,
            shop=shop,
            subject=f"delegation:{made.pk}",
            reason=reason,
            detail={"scope": made.scope, "minutes": int(LASTS.total_seconds() // 60)},
            address=address,
            on_behalf_of=shop.first_owner(),
        )
    return made


def end(delegation: Delegation, *, by: User | None, address: str | None, now: datetime) -> bool:
    """작업 마치기, 그만하게 하기: nothing more can be done with it. `by` None is a job of ours. False when it was over
    already."""
    with transaction.atomic():
        Shop.objects.select_for_update(no_key=True).get(pk=delegation.shop_id)
        delegation.refresh_from_db()
        if delegation.ended_at is not None:
            return False
        return _end(delegation, by=by, address=address, now=now)


def end_of_shop(shop: Shop, now: datetime, *, by: User | None = None, address: str | None = None) -> int:
    """End all that are open in a shop: it changes hands, or closes. Returns how many were still running."""
    with transaction.atomic():
        Shop.objects.select_for_update(no_key=True).get(pk=shop.pk)
        opened = Delegation.objects.filter(shop=shop, ended_at__isnull=True).order_by("pk")
        return sum(_end(delegation, by=by, address=address, now=now) for delegation in opened)


def active(staff: User, shop: Shop, now: datetime) -> Delegation | None:
    """The delegation by which this member of staff may work in the shop at this moment."""
    if staff.role not in ROLES:
        return None
    return _running(now).filter(staff=staff, shop=shop).select_related("shop", "staff").first()


def running(shop: Shop, now: datetime) -> list[Delegation]:
    """Who of us works in the shop at this moment, the newest first; each with its `staff`."""
    return list(_running(now).filter(shop=shop).select_related("staff").order_by("-began_at", "-pk"))


def time_left(delegation: Delegation, now: datetime) -> str:
    """ "1시간 52분", "8분"; the last minute is "1분"."""
    minutes = max(1, int((delegation.ends_at - now).total_seconds() // 60))
    hours, minutes = divmod(minutes, 60)
    return " ".join(part for part in (f"{hours}시간" * bool(hours), f"{minutes}분" * bool(minutes)) if part)


def _running(now: datetime) -> QuerySet[Delegation]:
    return Delegation.objects.filter(ended_at__isnull=True, ends_at__gt=now)


def _end(delegation: Delegation, *, by: User | None, address: str | None, now: datetime) -> bool:
    """Write the end down; True when it was still running. One that had run out ended when its time was over, and
    nobody is said to have ended it. Call it under the shop's lock."""
    ran = delegation.ends_at > now
    delegation.ended_at = now if ran else delegation.ends_at
    delegation.save(update_fields=["ended_at"])
    if ran:
        itself = by is not None and by.pk == delegation.staff_id
        audit.record(
            "delegation.ended",
            actor=by,
            shop=delegation.shop,
            subject=f"delegation:{delegation.pk}",
            address=address,
            on_behalf_of=delegation.shop.first_owner() if itself else None,
        )
    return ran


def _is_ours(path: str) -> bool:
    return (
        path.startswith("/")
        and len(path) <= _LONGEST
        and url_has_allowed_host_and_scheme(path, allowed_hosts=None)
    )
