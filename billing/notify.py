"""Telling a shop's owners about money, by informational text. Once for each key and owner."""

from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.urls import reverse

from shopmsg.accounts import notices
from shopmsg.accounts.enums import MemberRole, NoticeKind
from shopmsg.accounts.models import Shop

#: What could not be sent by then says nothing new any more.
_LASTS: Final = timedelta(days=3)


def tell(
    shop: Shop, kind: NoticeKind, *, key: str, fields: dict[str, str], page: str = "plan", now: datetime
) -> int:
    """Ask for one text to every owner of the shop, with `shop` and `link` (the named page of billing) filled in; returns how
    many were new. Belongs inside the caller's transaction; messaging sends it within seconds."""
    link = f"{settings.BASE_URL}{reverse(f'billing:{page}', args=[shop.slug])}"
    owners = shop.memberships.filter(role=MemberRole.OWNER, user__is_active=True).select_related("user")
    return sum(
        notices.ask(
            kind,
            to=owner.user.mobile,
            key=f"{key}:{owner.user_id}",
            fields={"shop": shop.name, "link": link, **fields},
            expires_at=now + _LASTS,
            shop_id=shop.pk,
        )
        for owner in owners
    )
