"""A promo while it is being written: what has been typed so far, as a phone would show it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlencode

from django.urls import reverse

from messaging import promos
from messaging.compose import Composed, Content
from messaging.enums import Channel
from messaging.forms import PromoForm
from messaging.models import Picture, PromoVersion
from messaging.pictures_store import DRAWN_SIZE, design_of, drawn_sha256, store_drawn
from messaging.preview import Phone, phone_of
from messaging.promos import Finding
from messaging.small_pictures import SMALL
from messaging.template_kinds import TemplateKind
from messaging.template_texts import default_promo
from messaging.views.media import small_url
from shopmsg.accounts.models import Shop
from shopmsg.core.clock import kst_day
from shopmsg.core.ksic import UnknownIndustry
from shopmsg.core.text import replaced

LAYOUTS: Final = range(4)
THUMBNAIL: Final = 240
#: Coupons, events and cards are drawn in two ways, 공통형 in four.
_WAYS: Final = {TemplateKind.COMMON: 4}


@dataclass(frozen=True, slots=True)
class PictureChoice:
    """One picture to choose from. `value` is what PromoForm's `picture` holds."""

    value: str
    label: str
    url: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Draft:
    """The promo page's right half, and the pictures to choose from."""

    composed: Composed
    finding: Finding
    phone: Phone
    kind: TemplateKind
    pictures: tuple[PictureChoice, ...]
    takes_picture: bool

    @property
    def characters_left(self) -> int:
        """Korean syllables that still fit, two bytes each; 0 when it is too long."""
        return max(0, self.composed.byte_limit - self.composed.byte_length) // 2


def first_values(shop: Shop, version: PromoVersion | None, now: datetime) -> dict[str, object]:
    """What the form begins with: a version's content, or for a shop without any the default of its trade."""
    if version is not None:
        return {
            "kind": version.kind,
            "headline": version.headline,
            "body": version.body,
            "starts_on": version.starts_on,
            "ends_on": version.ends_on,
            "picture": _choice_of(shop, version),
        }
    text = default_promo(shop.ksic, shop.name, kst_day(now).month, shop.hours or None)
    return {
        "kind": TemplateKind.COMMON.value,
        "headline": text.headline,
        # The shop's hours may hold a dash no phone shows; what we suggest is sendable as it is.
        "body": replaced(text.body),
        "picture": "drawn:0",
    }


def draft_of(shop: Shop, form: PromoForm, now: datetime) -> Draft:
    """What has been typed so far, composed like every message that is sent."""
    content = Content(form.headline_of(), form.body_of(), form.day_of("starts_on"), form.day_of("ends_on"))
    sender = promos.sender_of(shop)
    composed = promos.preview(content, sender)
    takes_picture = composed.channel == Channel.MMS
    chosen = _chosen(form) if takes_picture else "none"
    stored = _stored(shop, chosen)
    size = (SMALL, SMALL * DRAWN_SIZE[1] // DRAWN_SIZE[0])
    if stored is not None:
        url, size = small_url(stored), (SMALL, SMALL * stored.height // stored.width)
    elif chosen.startswith("drawn:"):
        url = _drawn_url(shop, form, int(chosen[-1]), SMALL)
    else:
        url = ""
    return Draft(
        composed=composed,
        finding=promos.check(content, composed),
        phone=phone_of(
            composed, sender=sender.contact, now=now, picture_url=url, picture_size=size, trust_mark=True
        ),
        kind=form.kind_of(),
        pictures=_choices(shop, form, chosen, stored) if takes_picture else (),
        takes_picture=takes_picture,
    )


def picture_for(shop: Shop, form: PromoForm) -> Picture | None:
    """The picture a valid form chose, drawn and kept if it is one of the designs."""
    chosen = _chosen(form)
    sender = promos.sender_of(shop)
    if promos.preview(Content("", ""), sender).channel == Channel.SMS or chosen == "none":
        return None
    if chosen.startswith("drawn:"):
        design = design_of(
            shop,
            kind=form.kind_of(),
            headline=form.headline_of(),
            starts_on=form.day_of("starts_on"),
            ends_on=form.day_of("ends_on"),
            layout=int(chosen[-1]),
            line=sender.contact,
        )
        return store_drawn(shop, design)
    return _stored(shop, chosen)


def _choice_of(shop: Shop, version: PromoVersion) -> str:
    """How the form names a version's picture. One of our own drawings is named as a design, so that it follows the
    words when they are changed; whether it is one shows when it is drawn again."""
    if version.picture is None:
        return "none"
    kind = TemplateKind(version.kind)
    line = promos.sender_of(shop).contact
    for layout in range(_WAYS.get(kind, 2)):
        try:
            design = design_of(
                shop,
                kind=kind,
                headline=version.headline,
                starts_on=version.starts_on,
                ends_on=version.ends_on,
                layout=layout,
                line=line,
            )
        except UnknownIndustry:
            break
        if drawn_sha256(design) == version.picture.sha256:
            return f"drawn:{layout}"
    return f"stored:{version.picture_id}"


def _chosen(form: PromoForm) -> str:
    """The picture chosen so far; a design that this kind lacks becomes the one drawn in its place."""
    chosen = form.picture_of()
    if chosen.startswith("drawn:"):
        return f"drawn:{int(chosen[-1]) % _WAYS.get(form.kind_of(), 2)}"
    return chosen


def _stored(shop: Shop, chosen: str) -> Picture | None:
    """The picture of this shop, or of everybody, that a choice names; another shop's is none."""
    if not chosen.startswith("stored:"):
        return None
    picture = Picture.objects.filter(pk=int(chosen.removeprefix("stored:"))).first()
    return picture if picture is not None and picture.shop_id in (None, shop.pk) else None


def _choices(shop: Shop, form: PromoForm, chosen: str, stored: Picture | None) -> tuple[PictureChoice, ...]:
    choices = []
    if stored is not None:
        choices.append(PictureChoice(f"stored:{stored.pk}", "지금 그림", small_url(stored), True))
    for layout in range(_WAYS.get(form.kind_of(), 2)):
        value = f"drawn:{layout}"
        url = _drawn_url(shop, form, layout, THUMBNAIL)
        choices.append(PictureChoice(value, f"그림 {layout + 1}", url, chosen == value))
    choices.append(PictureChoice("none", "그림 없이", "", not any(choice.chosen for choice in choices)))
    return tuple(choices)


def _drawn_url(shop: Shop, form: PromoForm, layout: int, width: int) -> str:
    query = {
        "kind": form.kind_of().value,
        "layout": layout,
        "width": width,
        "headline": form.headline_of().strip()[:60],
        "starts_on": form.day_of("starts_on") or "",
        "ends_on": form.day_of("ends_on") or "",
    }
    return f"{reverse('messaging:promo_design', args=[shop.slug])}?{urlencode(query)}"
