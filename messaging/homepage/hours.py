"""영업시간 as messages and the homepage share it: a week must also fit into the promos that say it."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from messaging import promos
from messaging.content import content_of
from messaging.homepage.shelf import HomepageRefused
from messaging.models import PromoVersion
from shopmsg.accounts import shops
from shopmsg.accounts.models import Shop, User
from shopmsg.core.opening import Week


def change_hours(shop: Shop, week: Week, *, by: User, now: datetime, address: str | None) -> bool:
    """The week from now on, in the next message and on the homepage. False when nothing changed.

    Raises HomepageRefused ("promo_too_long") when a promo that goes out now would no longer fit.
    """
    try:
        with transaction.atomic():
            changed = shops.change_hours(shop, week, by=by, now=now, address=address)
            if changed:
                _refuse_too_long(shop)
    except HomepageRefused:
        shop.refresh_from_db(fields=["week", "hours"])
        raise
    return changed


def _refuse_too_long(shop: Shop) -> None:
    sender = promos.sender_of(shop)
    for version in PromoVersion.objects.filter(Q(live=True) | Q(standing=True), shop=shop, shows_hours=True):
        content = content_of(version)
        over = promos.check(content, promos.preview(content, sender)).syllables_over
        if over:
            raise HomepageRefused(
                "promo_too_long",
                f"이 영업시간을 넣으면 지금 나가는 문자가 한글 {over}자만큼 길어져요. 한 줄 안내를 줄이거나 문자를 먼저"
                " 줄여 주세요.",
            )
