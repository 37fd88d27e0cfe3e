"""명함형: a business card, legible on a phone."""

from collections.abc import Callable
from typing import Final

from messaging.pictures.canvas import HEIGHT, WIDTH, Box
from messaging.pictures.designs import CardFacts
from messaging.pictures.lettering import Style, Weight
from messaging.pictures.palettes import mix
from messaging.pictures.scene import Scene

CardLayout = Callable[[Scene, str, CardFacts], None]


def stripe(scene: Scene, name: str, facts: CardFacts) -> None:
    """A light card with a coloured side that carries the motif."""
    p, canvas = scene.palette, scene.canvas
    canvas.rectangle(Box(46, 58, 962, 706), mix(p.tint, p.deep, 0.28), 22)
    canvas.rectangle(Box(38, 46, 962, 694), "#ffffff", 22)
    canvas.rectangle(Box(38, 46, 300, 694), p.main, 22)
    canvas.rectangle(Box(270, 46, 300, 694), p.main)
    canvas.rectangle(Box(300, 46, 308, 694), p.accent)
    canvas.circle((169, 220), 104, p.paper)
    scene.motif((169, 220), 142, p.paper)
    for index in range(6):
        canvas.circle((94 + index * 30, 640), 5, mix(p.main, p.paper, 0.5))
    _person(scene, name, facts, Box(352, 84, 926, 344), p.deep, p.quiet)
    canvas.rectangle(Box(352, 362, 926, 365), p.tint)
    _contacts(scene, facts, Box(352, 380, 926, 668), p.deep, p.quiet)


def night(scene: Scene, name: str, facts: CardFacts) -> None:
    """A dark card: who on the left, the motif on the right, how to reach them below."""
    p, canvas = scene.palette, scene.canvas
    canvas.rectangle(Box(0, 0, WIDTH, 388), p.deep)
    canvas.circle((838, 160), 262, mix(p.deep, p.main, 0.16))
    canvas.rectangle(Box(0, 388, WIDTH, HEIGHT), p.paper)
    canvas.rectangle(Box(0, 384, WIDTH, 394), p.accent)
    canvas.circle((824, 196), 136, p.tint)
    scene.motif((824, 196), 188, p.tint)
    _person(scene, name, facts, Box(64, 56, 660, 352), p.paper, p.tint)
    _contacts(scene, facts, Box(64, 420, 936, 714), p.deep, p.quiet)


def _person(scene: Scene, shop: str, facts: CardFacts, box: Box, ink: str, quiet: str) -> None:
    company = facts.company.strip() or shop
    post = " ".join(part for part in (facts.department.strip(), facts.title.strip()) if part)
    if not facts.name.strip():
        style = Style(84, 40, Weight.BLACK, lines=2)
        split = box.bottom - (60 if post else 0)
        scene.write("company", company, Box(box.left, box.top, box.right, split - 6), style, ink)
        scene.write("post", post, Box(box.left, split, box.right, box.bottom), Style(38, 26), quiet)
        return
    third = box.height / 3.4
    scene.write(
        "company", company, Box(box.left, box.top, box.right, box.top + third), Style(42, 26, lines=2), quiet
    )
    middle = Box(box.left, box.top + third + 4, box.right, box.bottom - 66)
    scene.write("person", facts.name, middle, Style(92, 44, Weight.BLACK), ink)
    scene.write("post", post, Box(box.left, box.bottom - 60, box.right, box.bottom), Style(38, 26), quiet)


def _contacts(scene: Scene, facts: CardFacts, box: Box, ink: str, quiet: str) -> None:
    said = [
        (label, role, value)
        for label, role, value in (
            ("전화", "tel", facts.tel),
            ("휴대폰", "mobile", facts.mobile),
            ("팩스", "fax", facts.fax),
            ("이메일", "email", facts.email),
            ("주소", "address", facts.address),
        )
        if value.strip()
    ]
    if not said:
        return
    # An address is the one long value: it gets half a row more, for a second line.
    shares = [1.6 if role == "address" else 1.0 for _, role, _ in said]
    unit = min(68.0, box.height / sum(shares))
    top = box.top + (box.height - unit * sum(shares)) / 2
    for (label, role, value), share in zip(said, shares, strict=True):
        pitch = unit * share
        name = Box(box.left, top, box.left + 100, top + pitch - 4)
        scene.write(f"{role} label", label, name, Style(30, 24), quiet)
        rest = Box(box.left + 112, top, box.right, top + pitch - 4)
        style = Style(38, 24, Weight.BOLD, lines=2)
        scene.write(role, value, rest, style, ink)
        top += pitch


CARD_LAYOUTS: Final[tuple[tuple[str, CardLayout], ...]] = (("tint", stripe), ("deep", night))
