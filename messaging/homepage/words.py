"""가게 소개와 찾아오는 길: what only the homepage says."""

from typing import Final

from django.db import transaction

from messaging.homepage import shelf
from messaging.models import Homepage
from shopmsg.accounts.models import Shop, User

INTRO_LENGTH: Final = 300
WAY_LENGTH: Final = 120


def change_intro(shop: Shop, intro: str, *, by: User, address: str | None) -> bool:
    """A few lines about the shop. False when nothing changed. Raises HomepageRefused."""
    return _write(
        shop, "intro", shelf.some_lines(intro, INTRO_LENGTH, "intro", "소개는"), by=by, address=address
    )


def change_way(shop: Shop, way: str, *, by: User, address: str | None) -> bool:
    """How to find the shop ("2번 출구 앞 2층"). False when nothing changed. Raises HomepageRefused."""
    return _write(
        shop, "way", shelf.one_line(way, WAY_LENGTH, "way", "찾아오는 길은"), by=by, address=address
    )


def _write(shop: Shop, field: str, value: str, *, by: User, address: str | None) -> bool:
    with transaction.atomic():
        shelf.lock(shop)
        homepage, _ = Homepage.objects.get_or_create(shop=shop)
        before = getattr(homepage, field)
        if before == value:
            return False
        Homepage.objects.filter(shop=shop).update(**{field: value})
        shelf.write_down(
            f"homepage.{field}_changed", shop, f"shop:{shop.pk}", by=by, address=address, before=before
        )
    return True
