"""시안: the promo of an application, made from what the form says until somebody writes it by hand.

Until an application is received its shop exists in memory only; `make_shop` writes it down, PENDING, with its line, so
that the owner's editor works on it like on any other.
"""

import secrets
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Final

from django.conf import settings
from django.db import IntegrityError, transaction

from billing import subscriptions
from billing.shop_state import DAILY_CAPS
from eligibility import notice_orders
from eligibility.errors import ApplicationRefused
from eligibility.models import Application
from messaging import promos
from messaging.compose import Composed
from messaging.editor import drafts
from messaging.editor.fields import DraftFields, first_fields
from messaging.editor.pictures import DRAWN, drawn_design, stored_picture
from messaging.pictures_store import DRAWN_SIZE, small_drawing
from messaging.preview import Phone, phone_of
from messaging.small_pictures import SMALL, small_picture
from shopmsg.accounts import slugs
from shopmsg.accounts.enums import NoticeState, Product, ShopStatus
from shopmsg.accounts.models import Line, Merchant, Shop, User
from shopmsg.core.ksic import UnknownIndustry
from shopmsg.core.text import clean

#: Edits of the draft that come from the form belong to nobody's visit of the editor.
_NO_VISIT: Final = ""
#: How the address of a shop begins that nobody is to find.
_NO_SLUG: Final = "new-"
#: What is changed in the owner's place, too, and not by the form alone.
_SHOPS_OWN: Final = frozenset({"address", "hours"})
_TAKEN: Final = "다른 가게가 그사이 등록한 번호예요. 매장 전화를 다시 확인해 주세요."


def shop_of(application: Application) -> Shop:
    """The application's shop; before it is received one in memory that is never saved."""
    if application.shop is not None:
        return application.shop
    return Shop(slug="new", optout_080=settings.OPTOUT_080, status=ShopStatus.PENDING, **_said(application))


def fields_of(application: Application, now: datetime) -> DraftFields:
    """The draft the form makes: the trade's words and picture, and what is special about this shop in its own."""
    fields = first_fields(shop_of(application), now)
    specials = clean(application.specials)
    return replace(fields, body=specials) if specials else fields


def current_fields(application: Application, now: datetime) -> DraftFields:
    """The draft as it is now."""
    if application.shop is None:
        return fields_of(application, now)
    return drafts.state(application.shop, visit=_NO_VISIT, now=now).fields


def composed_of(application: Application, fields: DraftFields) -> Composed:
    """What callers will get, byte for byte; with the line the form names."""
    shop = shop_of(application)
    return promos.preview(fields.content(), promos.sender_of(shop, application.line_number))


def phone_for(application: Application, fields: DraftFields, *, now: datetime, picture_url: str) -> Phone:
    """The phone of a caller. `picture_url` is where this draft's picture is served to whoever looks."""
    # A drawn picture carries the shop's name: without one there is nothing to draw yet.
    named = bool(application.shop_name) or not fields.picture.startswith(DRAWN)
    pictured = named and fields.picture != "none" and application.product != Product.BASIC
    return phone_of(
        composed_of(application, fields),
        sender=application.line_number,
        now=now,
        picture_url=picture_url if pictured else "",
        picture_size=(SMALL, SMALL * DRAWN_SIZE[1] // DRAWN_SIZE[0]) if pictured else (0, 0),
        trust_mark=True,
    )


def picture_webp(application: Application, fields: DraftFields) -> bytes | None:
    """The draft's picture at the size of our pages, None when it has none."""
    shop = shop_of(application)
    if fields.picture.startswith(DRAWN):
        if not shop.name:
            return None
        try:
            return small_drawing(drawn_design(shop, fields, application.line_number), SMALL)
        except UnknownIndustry:
            return None
    stored = stored_picture(shop, fields.picture) if application.shop is not None else None
    return small_picture(stored.sha256) if stored is not None else None


def make_shop(
    application: Application, *, typed: Collection[str] = (), by: User | None, now: datetime
) -> Shop:
    """Write the shop down, with its merchant, line and draft; or bring the one that is there in line with the form. Its
    address and hours follow only when they are among the fields `typed`: they may have been changed in the shop since.

    Under the application's lock, for a form that is complete. Raises ApplicationRefused("line_taken").
    """
    if application.shop is None:
        application.shop = _new_shop(application)
    else:
        said = _said(application)
        for name in _SHOPS_OWN - set(typed):
            del said[name]
        if "hours" in typed:
            said["week"] = {}
        Shop.objects.filter(pk=application.shop.pk).update(
            merchant=_merchant(application), status=ShopStatus.PENDING, status_reason="", **said
        )
        application.shop.refresh_from_db()
        if application.shop.slug.startswith(_NO_SLUG):
            _name_slug(application.shop)
    claim_line(application.shop, application.line_number, now)
    write_draft(application, by=by, now=now)
    return application.shop


def write_draft(application: Application, *, by: User | None, now: datetime) -> None:
    """Let the draft follow the form, unless somebody has written in it. Under the application's lock."""
    if application.shop is None:
        return
    made = fields_of(application, now)
    held = drafts.state(application.shop, visit=_NO_VISIT, now=now).fields
    if application.draft_made and held.to_json() != application.draft_made:
        return
    if held != made:
        drafts.replace(application.shop, made, visit=_NO_VISIT, by=by, now=now)
    application.draft_made = made.to_json()


def give_up_shop(application: Application, now: datetime) -> None:
    """The shop of an application that came to nothing: closed, its line and its homepage's address free for others."""
    if application.shop is None:
        return
    for line in application.shop.lines.all():
        if notice_orders.is_open(line.pk):
            # Of an activation that was called off. The carrier has still to hear of its end; claim_line passes it on.
            notice_orders.end(line.pk, now)
        else:
            line.delete()
    Shop.objects.filter(pk=application.shop.pk, status=ShopStatus.PENDING).update(
        status=ShopStatus.CLOSED, status_reason="가입하지 않았어요", slug=_no_slug()
    )
    application.shop.refresh_from_db()


def _said(application: Application) -> dict[str, object]:
    """What the form says about the shop, as columns of Shop."""
    return {
        "name": application.shop_name,
        "ksic": application.ksic,
        "product": application.product,
        "address": application.address,
        "hours": application.hours,
        "daily_cap": DAILY_CAPS[Product(application.product)],
    }


def _new_shop(application: Application) -> Shop:
    shop = Shop.objects.create(
        merchant=_merchant(application),
        slug=_no_slug(),
        optout_080=settings.OPTOUT_080,
        status=ShopStatus.PENDING,
        **_said(application),
    )
    shop.optout_code = f"{shop.pk:06d}"
    shop.save(update_fields=["optout_code"])
    _name_slug(shop)
    return shop


def _merchant(application: Application) -> Merchant:
    merchant, _ = Merchant.objects.get_or_create(
        business_number=application.business_number,
        defaults={"name": application.business_name or application.shop_name},
    )
    return merchant


def _no_slug() -> str:
    return f"{_NO_SLUG}{secrets.token_hex(8)}"


def _name_slug(shop: Shop) -> None:
    """An address of the shop's own name; where very many have that name, one with the shop's number."""
    for _ in range(5):
        slug = next(iter(slugs.suggestions(shop, how_many=1)), f"gage-{shop.pk}")
        try:
            with transaction.atomic():
                Shop.objects.filter(pk=shop.pk).update(slug=slug)
        except IntegrityError:
            continue  # another shop of that name took it between the look and the writing
        shop.slug = slug
        return


def claim_line(shop: Shop, number: str, now: datetime) -> None:
    """The shop's one line gets this number, and with another number begins anew: its certificate and its notice were
    the old one's. A number that a closed shop had goes over, but not on the day it left: it may take that back. Raises
    ApplicationRefused("line_taken")."""
    line = shop.lines.order_by("pk").first()
    if line is not None and line.number == number:
        return
    closed = Line.objects.filter(number=number, shop__status=ShopStatus.CLOSED).exclude(shop=shop)
    left = closed.select_related("shop").first()
    if left is not None:
        if subscriptions.ended_today(left.shop, now):
            raise ApplicationRefused("line_taken", _TAKEN)
        # Ended first: the notice of whoever left is not the new customer's.
        notice_orders.end(left.pk, now)
        if line is not None and notice_orders.is_open(line.pk):
            # Its order must outlive it: the closed shop has it, until somebody claims that number.
            notice_orders.end(line.pk, now)
            Line.objects.filter(pk=line.pk).update(shop=left.shop_id, sender_accepted_at=None)
        elif line is not None:
            line.delete()
        went = Line.objects.filter(pk=left.pk, shop_id=left.shop_id)
        if not went.update(shop=shop, sender_accepted_at=None):
            raise ApplicationRefused("line_taken", _TAKEN)
        return
    try:
        with transaction.atomic():
            if line is None:
                Line.objects.create(shop=shop, number=number)
            else:
                notice_orders.end(line.pk, now)
                line.number, line.sender_accepted_at = number, None
                line.notice_state, line.notice_active_since = NoticeState.NONE, None
                line.save(
                    update_fields=["number", "sender_accepted_at", "notice_state", "notice_active_since"]
                )
    except IntegrityError:
        raise ApplicationRefused("line_taken", _TAKEN) from None
