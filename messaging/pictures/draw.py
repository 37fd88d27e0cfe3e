"""Draws promo pictures (홍보 이미지): flat shapes and Noto Sans KR, never a pretended photograph."""

from messaging.pictures.canvas import Canvas
from messaging.pictures.designs import CardFacts, CommonFacts, CouponFacts, EventFacts, PromoDesign
from messaging.pictures.jpeg import encode
from messaging.pictures.layouts_card import CARD_LAYOUTS
from messaging.pictures.layouts_common import COMMON_LAYOUTS
from messaging.pictures.layouts_coupon import COUPON_LAYOUTS
from messaging.pictures.layouts_event import EVENT_LAYOUTS
from messaging.pictures.palettes import PALETTES
from messaging.pictures.scene import Scene


def draw_promo(design: PromoDesign) -> bytes:
    """The picture as a baseline JPEG of 1000 × 750 px and at most 200,000 bytes (rules.md §5).

    The same design always gives the same bytes. Signs the font lacks (emoji) are left out of the drawing.
    """
    return encode(compose_scene(design).picture())[0]


def compose_scene(design: PromoDesign) -> Scene:
    """The picture before it is flattened: `texts` holds every text with its box and the ink inside it."""
    name, facts = design.shop_name, design.facts
    match facts:
        case CommonFacts():
            ground, common = COMMON_LAYOUTS[design.layout % len(COMMON_LAYOUTS)]
            scene = _blank(design, ground)
            common(scene, name, facts)
        case CouponFacts():
            ground, coupon = COUPON_LAYOUTS[design.layout % len(COUPON_LAYOUTS)]
            scene = _blank(design, ground)
            coupon(scene, name, facts)
        case EventFacts():
            ground, event = EVENT_LAYOUTS[design.layout % len(EVENT_LAYOUTS)]
            scene = _blank(design, ground)
            event(scene, name, facts)
        case CardFacts():
            ground, card = CARD_LAYOUTS[design.layout % len(CARD_LAYOUTS)]
            scene = _blank(design, ground)
            card(scene, name, facts)
    return scene


def _blank(design: PromoDesign, ground: str) -> Scene:
    colour: str = getattr(PALETTES[design.group], ground)
    return Scene(design.group, Canvas(colour))
