"""Where promo pictures are kept: one file for each content, one row for each shop that uses it (rules.md §5)."""

import hashlib
import io
import os
import tempfile
from datetime import date
from pathlib import Path
from typing import Final

from django.conf import settings
from PIL import Image

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

FOLDER: Final = "pictures"
#: Every drawn design is this large.
DRAWN_SIZE: Final = (1000, 750)


def store(shop: Shop | None, jpeg: bytes, width: int, height: int, sha256: str) -> Picture:
    """Keep a picture fit to be sent; the same picture of the same shop is kept once. `sha256` is of `jpeg`, in hex.

    `shop` is None for a picture that belongs to everybody. The file is there before the row that names it.
    """
    name = f"{FOLDER}/{sha256}.jpg"
    _write_once(Path(settings.MEDIA_ROOT) / name, jpeg)
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
) -> PromoDesign:
    """What a drawn picture of this shop says: its own facts, nothing invented. `line` is national digits.

    Raises UnknownIndustry for a shop outside the 58 industries.
    """
    contact = phone.hyphenate(line)
    facts: Facts
    match kind:
        case TemplateKind.COMMON:
            facts = CommonFacts(headline, contact, shop.hours)
        case TemplateKind.COUPON:
            facts = CouponFacts(headline.strip() or "쿠폰", _period(starts_on, ends_on), shop.address)
        case TemplateKind.EVENT:
            facts = EventFacts(headline.strip() or "이벤트", _period(starts_on, ends_on), contact)
        case TemplateKind.CARD:
            facts = CardFacts(company=shop.name, address=shop.address, tel=contact)
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
    compose_scene(design).picture().resize((width, height), Image.Resampling.LANCZOS).save(
        out, "WEBP", quality=80
    )
    return out.getvalue()


def _period(starts_on: date | None, ends_on: date | None) -> str:
    return period_line(starts_on, ends_on).removeprefix("기간 ")


def _write_once(path: Path, content: bytes) -> None:
    """Whole or not at all, also when two requests bring the same picture at once."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(temporary).chmod(settings.FILE_UPLOAD_PERMISSIONS or 0o640)
        Path(temporary).replace(path)
    except OSError:
        Path(temporary).unlink(missing_ok=True)
        raise
