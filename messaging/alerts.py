"""What an owner must hear before the callers notice, as informational texts (rules.md §4)."""

from datetime import date, datetime, timedelta
from typing import Final

from shopmsg.accounts.enums import MemberRole, NoticeKind
from shopmsg.accounts.models import Membership, Shop
from shopmsg.accounts.notices import ask
from shopmsg.core.clock import day_start, format_day

#: Texts an owner may do without (Membership.muted). That sending has stopped, and whatever guards the login, is told
#: always.
MUTABLE: Final = (NoticeKind.PROMO_ENDING, NoticeKind.QUOTA_NEAR)


def comes_near(before: int, after: int, cap: int) -> bool:
    """Whether the count just passed nine tenths of the cap."""
    threshold = cap * 9 // 10
    return before < threshold <= after


def quota_near(shop_id: int, day: date, used: int, cap: int) -> None:
    """Tell the owners once a day that the cap comes near ("오늘 500건에 가까워요")."""
    _tell_owners(
        NoticeKind.QUOTA_NEAR,
        shop_id,
        key=f"quota:{shop_id}:{day}",
        fields={"used": f"{used:,}", "cap": f"{cap:,}"},
        expires_at=day_start(day) + timedelta(days=1),
    )


def sending_stopped(shop: Shop, reason: str, now: datetime) -> None:
    """Tell the owners that their shop's sending has stopped, and why: each time, for somebody had it start again in
    between."""
    _tell_owners(
        NoticeKind.SENDING_STOPPED,
        shop.pk,
        key=f"stopped:{shop.pk}:{now:%Y%m%d%H%M%S}",
        fields={"reason": reason},
        expires_at=now + timedelta(days=1),
    )


def promo_ending(shop_id: int, ends_on: date, promo_id: int, today: date) -> None:
    """Tell the owners three days before and on the last day of a live promo's period."""
    _tell_owners(
        NoticeKind.PROMO_ENDING,
        shop_id,
        key=f"ending:{promo_id}:{today}",
        fields={"ends": "오늘" if ends_on == today else f"{format_day(ends_on)}에"},
        expires_at=day_start(today) + timedelta(days=1),
    )


def publication_refused(shop: Shop, publication_id: int, reason: str, now: datetime) -> None:
    """Tell the owners that a version they had sent out, or put on a date, could not go live, and why."""
    _tell_owners(
        NoticeKind.PUBLICATION_REFUSED,
        shop.pk,
        key=f"refused:{publication_id}",
        fields={"reason": reason},
        expires_at=now + timedelta(days=1),
    )


def _tell_owners(
    kind: NoticeKind, shop_id: int, *, key: str, fields: dict[str, str], expires_at: datetime
) -> None:
    owners = Membership.objects.filter(
        shop_id=shop_id, role=MemberRole.OWNER, user__is_active=True
    ).select_related("user", "shop")
    for membership in owners:
        if kind in MUTABLE and kind in membership.muted:
            continue
        ask(
            kind,
            to=membership.user.mobile,
            key=f"{key}:{membership.user_id}",
            fields={"shop": membership.shop.name, **fields},
            expires_at=expires_at,
            shop_id=shop_id,
        )
