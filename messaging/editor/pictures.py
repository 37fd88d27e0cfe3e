"""The picture of a draft: one of our drawings with the draft's words, a stored one, or none."""

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from messaging import promos
from messaging.models import Picture, PromoVersion
from messaging.pictures.designs import Layout, PromoDesign
from messaging.pictures_store import design_of, drawn_sha256, store_drawn
from messaging.template_kinds import TemplateKind
from shopmsg.accounts.enums import Product
from shopmsg.accounts.models import Shop
from shopmsg.core.ksic import UnknownIndustry

if TYPE_CHECKING:
    from messaging.editor.fields import DraftFields

DRAWN: Final = "drawn:"
STORED: Final = "stored:"
#: Drawing takes a tenth of a second, and the same design always gives the same bytes.
_sha256_of = lru_cache(maxsize=500)(drawn_sha256)


def picture_for(shop: Shop, fields: "DraftFields") -> Picture | None:
    """The picture to send with these fields, drawn and kept if it is one of the designs. None for a draft without
    one, for short texts, which carry none, for another shop's, and for a shop whose trade has no designs."""
    if shop.product == Product.BASIC:
        return None
    if fields.picture.startswith(DRAWN):
        try:
            return store_drawn(shop, drawn_design(shop, fields))
        except UnknownIndustry:
            return None
    return stored_picture(shop, fields.picture)


def stored_picture(shop: Shop, choice: str) -> Picture | None:
    """The picture of this shop, or of everybody, that "stored:<id>" names; another shop's is none."""
    if not choice.startswith(STORED):
        return None
    picture = Picture.objects.filter(pk=int(choice.removeprefix(STORED))).first()
    return picture if picture is not None and picture.shop_id in (None, shop.pk) else None


def drawn_design(shop: Shop, fields: "DraftFields", line: str | None = None) -> PromoDesign:
    """What is drawn for a draft whose `picture` is "drawn:<layout>". `line` is the number to call, the shop's first
    unless given. Raises UnknownIndustry."""
    starts_on, ends_on = fields.period
    return design_of(
        shop,
        kind=fields.kind,
        headline=fields.headline,
        details=fields.details,
        starts_on=starts_on,
        ends_on=ends_on,
        layout=int(fields.picture.removeprefix(DRAWN)) % len(Layout),
        line=promos.sender_of(shop, line).contact,
    )


def drawn_layout_of(version: PromoVersion) -> int | None:
    """Which of the designs the version's picture is, found by drawing them again; None when it is none of them."""
    if version.picture is None:
        return None
    line = promos.sender_of(version.shop).contact
    for layout in Layout:
        try:
            design = design_of(
                version.shop,
                kind=TemplateKind(version.kind),
                headline=version.headline,
                details=version.details,
                starts_on=version.starts_on,
                ends_on=version.ends_on,
                layout=layout,
                line=line,
            )
        except UnknownIndustry:
            return None
        if _sha256_of(design) == version.picture.sha256:
            return int(layout)
    return None


def choice_of(version: PromoVersion) -> str:
    """How a draft names the version's picture."""
    layout = drawn_layout_of(version)
    if layout is not None:
        return f"{DRAWN}{layout}"
    return f"{STORED}{version.picture_id}" if version.picture_id is not None else "none"
