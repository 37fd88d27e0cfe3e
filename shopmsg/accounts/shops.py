"""What owners say of their own shop: hours, place, the homepage's address. Its name is the sender's and is changed by us
alone (rules.md §8)."""

from datetime import datetime
from typing import Any, Final

from django.db import connection, transaction

from shopmsg.accounts import audit, slugs
from shopmsg.accounts.models import OldSlug, Shop, User
from shopmsg.core.clock import kst_day
from shopmsg.core.errors import ShopmsgError
from shopmsg.core.opening import Week
from shopmsg.core.text import clean, unsendable

MOST_OLD_SLUGS: Final = 10
PLACE_LENGTH: Final = 120
# Two shops exchanging addresses must not pass each other: changes of addresses wait for one another.
_SLUG_LOCK: Final = 5_348_415_545


class ShopRefused(ShopmsgError):
    """A change that cannot be. Codes: "place", "place_unsendable", "slug_shape", "slug_refused", "slug_taken",
    "slug_often". `offers` are free addresses to take instead."""

    def __init__(self, code: str, message: str, offers: list[str] | None = None) -> None:
        super().__init__(code, message)
        self.offers = offers or []


def change_hours(shop: Shop, week: Week, *, by: User, now: datetime, address: str | None) -> bool:
    """The week and its line together; temporary closures that are over are left out. False when nothing changed."""
    kept = week.without_past(kst_day(now))
    return _change(
        shop, "shop.hours_changed", {"week": kept.to_json(), "hours": kept.summary()}, by=by, address=address
    )


def change_details(shop: Shop, *, place: str, by: User, address: str | None) -> bool:
    """The street address as callers read it, one line. False when nothing changed. Raises ShopRefused."""
    place = " ".join(clean(place).split())
    if len(place) > PLACE_LENGTH:
        raise ShopRefused("place", f"주소는 {PLACE_LENGTH}자 안으로 적어 주세요.")
    problems = unsendable(place)
    if problems:
        raise ShopRefused(
            "place_unsendable", f"글자 ‘{problems[0].char}’는 문자에 쓸 수 없어요. 다른 글자로 바꿔 주세요."
        )
    return _change(shop, "shop.details_changed", {"address": place}, by=by, address=address)


def change_slug(shop: Shop, slug: str, *, by: User, address: str | None) -> bool:
    """Another address for the homepage; the one before goes on leading to it. False when it is the shop's already.

    Raises ShopRefused, for one that is taken with two that are free.
    """
    slug = clean(slug).strip().lower()
    problem = slugs.shape_problem(slug)
    if problem:
        raise ShopRefused("slug_shape", problem, slugs.suggestions(shop, slug))
    if slugs.is_refused(slug):
        raise ShopRefused(
            "slug_refused", "이 주소는 쓸 수 없어요. 다른 주소를 골라 주세요.", slugs.suggestions(shop)
        )
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_SLUG_LOCK])
        row = Shop.objects.select_for_update(no_key=True).get(pk=shop.pk)
        if row.slug == slug:
            return False
        if not slugs.is_free(slug, shop):
            raise ShopRefused(
                "slug_taken",
                "다른 가게가 쓰고 있는 주소예요. 다른 주소를 골라 주세요.",
                slugs.suggestions(shop, slug),
            )
        OldSlug.objects.filter(slug=slug, shop=shop).delete()
        if OldSlug.objects.filter(shop=shop).count() >= MOST_OLD_SLUGS:
            raise ShopRefused(
                "slug_often",
                f"주소는 {MOST_OLD_SLUGS}번까지 바꿀 수 있어요. 더 바꾸려면 도움 전화로 알려 주세요.",
            )
        OldSlug.objects.create(slug=row.slug, shop=shop)
        return _change(shop, "shop.slug_changed", {"slug": slug}, by=by, address=address)


def now_at(old: str) -> Shop | None:
    """The shop that had this address before."""
    found = OldSlug.objects.select_related("shop").filter(slug=old).first()
    return found.shop if found else None


def _change(shop: Shop, action: str, wanted: dict[str, Any], *, by: User, address: str | None) -> bool:
    """Write these columns, and what they were before into the audit log; both or neither."""
    with transaction.atomic():
        row = Shop.objects.select_for_update(no_key=True).get(pk=shop.pk)
        before = {name: getattr(row, name) for name in wanted}
        if before == wanted:
            return False
        Shop.objects.filter(pk=shop.pk).update(**wanted)
        audit.record(
            action,
            actor=by,
            shop=shop,
            subject=f"shop:{shop.pk}",
            detail={"before": before, "after": wanted},
            address=address,
        )
    shop.refresh_from_db(fields=list(wanted))
    return True
