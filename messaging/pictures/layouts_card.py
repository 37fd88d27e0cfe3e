"""명함형: a business card, legible on a phone."""

from collections.abc import Callable
from typing import Final

from messaging.pictures.canvas import HEIGHT, WIDTH, Box
from messaging.pictures.designs import CardFacts
from messaging.pictures.lettering import Align, Style, Weight
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


def corner(scene: Scene, name: str, facts: CardFacts) -> None:
    """A quiet card: all text in one column, the motif in a bloom in the lower corner."""
    p, canvas = scene.palette, scene.canvas
    canvas.circle((838, 590), 344, mix(p.paper, p.tint, 0.5))
    canvas.circle((838, 590), 244, p.tint)
    canvas.rectangle(Box(0, 0, 20, HEIGHT), p.main)
    canvas.rectangle(Box(20, 0, 26, HEIGHT), p.accent)
    scene.motif((838, 572), 236, p.tint)
    _person(scene, name, facts, Box(76, 60, 930, 300), p.deep, p.quiet)
    canvas.rectangle(Box(76, 326, 196, 334), p.accent, 4)
    _contacts(scene, facts, Box(76, 372, 590, 690), p.deep, p.quiet)


def plate(scene: Scene, name: str, facts: CardFacts) -> None:
    """A name plate: the motif in a seal on its upper edge, who below it, how to reach them on a tinted field."""
    p, canvas = scene.palette, scene.canvas
    canvas.circle((500, 60), 300, mix(p.main, p.deep, 0.12))
    canvas.circle((500, 60), 220, mix(p.main, p.deep, 0.2))
    canvas.rectangle(Box(58, 146, 950, 724), mix(p.main, p.deep, 0.55), 28)
    canvas.rectangle(Box(50, 134, 950, 712), "#ffffff", 28)
    canvas.circle((500, 128), 112, "#ffffff")
    canvas.circle((500, 128), 98, p.tint)
    scene.motif((500, 128), 134, p.tint)
    _person(scene, name, facts, Box(90, 246, 910, 438), p.deep, p.quiet, Align.CENTRE)
    canvas.rectangle(Box(76, 452, 924, 688), p.paper, 20)
    _contacts(scene, facts, Box(124, 466, 876, 674), p.deep, p.quiet)


def _person(
    scene: Scene, shop: str, facts: CardFacts, box: Box, ink: str, quiet: str, align: Align = Align.LEFT
) -> None:
    company = facts.company.strip() or shop
    post = " ".join(part for part in (facts.department.strip(), facts.title.strip()) if part)
    if not facts.name.strip():
        style = Style(84, 40, Weight.BLACK, lines=2, align=align)
        split = box.bottom - (60 if post else 0)
        scene.write("company", company, Box(box.left, box.top, box.right, split - 6), style, ink)
        scene.write(
            "post", post, Box(box.left, split, box.right, box.bottom), Style(38, 26, align=align), quiet
        )
        return
    third = box.height / 3.4
    over = Box(box.left, box.top, box.right, box.top + third)
    scene.write("company", company, over, Style(42, 26, lines=2, align=align), quiet)
    below = 66 if post else 0
    middle = Box(box.left, box.top + third + 4, box.right, box.bottom - below)
    scene.write("person", facts.name, middle, Style(92, 44, Weight.BLACK, align=align), ink)
    under = Box(box.left, box.bottom - 60, box.right, box.bottom)
    scene.write("post", post, under, Style(38, 26, align=align), quiet)


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


CARD_LAYOUTS: Final[tuple[tuple[str, CardLayout], ...]] = (
    ("tint", stripe),
    ("deep", night),
    ("paper", corner),
    ("main", plate),
)
