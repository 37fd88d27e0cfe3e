"""Where promo pictures are kept: one file for each content, one row for each shop that uses it (rules.md §5)."""

import dataclasses
import hashlib
import io
from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Final

from PIL import Image

from messaging import picture_storage
from messaging.compose import period_line
from messaging.models import Picture
from messaging.pictures.designs import (
    CardFacts,
    CommonFacts,
    CouponFacts,
    EventFacts,
    Facts,
    Layout,
    PromoDesign,
)
from messaging.pictures.draw import compose_scene, draw_promo
from messaging.pictures.trades import trade_group
from messaging.template_kinds import TemplateKind
from shopmsg.accounts.models import Shop
from shopmsg.core import phone

#: Every drawn design is this large.
DRAWN_SIZE: Final = (1000, 750)


def store(shop: Shop | None, jpeg: bytes, width: int, height: int, sha256: str) -> Picture:
    """Keep a picture fit to be sent; the same picture of the same shop is kept once. `sha256` is of `jpeg`, in hex.

    `shop` is None for a picture that belongs to everybody. The file is there before the row that names it. Raises
    OSError when the storage does not take it.
    """
    name = picture_storage.keep(jpeg, sha256)
    picture, _ = Picture.objects.get_or_create(
        shop=shop, sha256=sha256, defaults={"file": name, "width": width, "height": height}
    )
    return picture


def design_of(
    shop: Shop,
    *,
    kind: TemplateKind,
    headline: str,
    starts_on: date | None,
    ends_on: date | None,
    layout: int,
    line: str,
    details: Mapping[str, str] = MappingProxyType({}),
) -> PromoDesign:
    """What a drawn picture of this shop says: its own facts, nothing invented. `line` is national digits, `details`
    those of the promo (template_kinds.DETAILS).

    Raises UnknownIndustry for a shop outside the 58 industries.
    """
    contact = phone.hyphenate(line)
    facts: Facts
    match kind:
        case TemplateKind.COMMON:
            facts = CommonFacts(headline, contact)
        case TemplateKind.COUPON:
            benefit = _said(details, "benefit") or headline.strip() or "쿠폰"
            period = _period(starts_on, ends_on)
            facts = CouponFacts(benefit, period, _said(details, "where"), _said(details, "how"))
        case TemplateKind.EVENT:
            title, benefit = headline.strip() or "행사", _said(details, "benefit")
            facts = EventFacts(title, _period(starts_on, ends_on), contact, benefit)
        case TemplateKind.CARD:
            said = {field.name: _said(details, field.name) for field in dataclasses.fields(CardFacts)}
            known = {"company": shop.name, "tel": contact}
            facts = CardFacts(**known | {name: value for name, value in said.items() if value})
    return PromoDesign(trade_group(shop.ksic), shop.name, facts, Layout(layout))


def store_drawn(shop: Shop, design: PromoDesign) -> Picture:
    """Draw the picture to be sent and keep it."""
    jpeg = draw_promo(design)
    return store(shop, jpeg, *DRAWN_SIZE, hashlib.sha256(jpeg).hexdigest())


def drawn_sha256(design: PromoDesign) -> str:
    """The name `store_drawn` keeps this drawing under: the same design always gives the same bytes."""
    return hashlib.sha256(draw_promo(design)).hexdigest()


def small_drawing(design: PromoDesign, width: int) -> bytes:
    """The same picture as pages show it: WebP, `width` pixels wide."""
    height = width * DRAWN_SIZE[1] // DRAWN_SIZE[0]
    out = io.BytesIO()
    drawn = compose_scene(design).picture()
    drawn.resize((width, height), Image.Resampling.LANCZOS).save(out, "WEBP", quality=80)
    return out.getvalue()


def _said(details: Mapping[str, str], key: str) -> str:
    return details.get(key, "").strip()


def _period(starts_on: date | None, ends_on: date | None) -> str:
    return period_line(starts_on, ends_on).removeprefix("기간 ")
