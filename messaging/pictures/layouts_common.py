"""공통형: the shop's name, one headline, how to reach it."""

from collections.abc import Callable
from typing import Final

from messaging.pictures.canvas import HEIGHT, WIDTH, Box
from messaging.pictures.designs import CommonFacts
from messaging.pictures.lettering import Align, Style, Weight
from messaging.pictures.palettes import mix
from messaging.pictures.scene import Item, Scene

_NAME: Final = Style(126, 34, Weight.BLACK, lines=3)
_NAME_CENTRED: Final = Style(126, 40, Weight.BLACK, lines=2, align=Align.CENTRE)
_HEADLINE: Final = Style(46, 30, Weight.BOLD, lines=2)
_HEADLINE_CENTRED: Final = Style(46, 30, Weight.BOLD, align=Align.CENTRE)
_PHONE: Final = Style(56, 30, Weight.BLACK)

CommonLayout = Callable[[Scene, str, CommonFacts], None]


def bloom(scene: Scene, name: str, facts: CommonFacts) -> None:
    """Text on the left, the motif in a bloom of circles on the right, a dark foot with the phone number."""
    p, canvas = scene.palette, scene.canvas
    canvas.circle((806, 268), 350, mix(p.paper, p.tint, 0.5))
    canvas.circle((806, 268), 272, p.tint)
    canvas.circle((514, 66), 15, p.accent)
    canvas.circle((560, 108), 8, p.main)
    canvas.circle((530, 540), 10, p.main)
    scene.motif((806, 272), 350, p.tint)
    canvas.rectangle(Box(64, 76, 132, 88), p.accent, 6)
    headline = Item("headline", facts.headline, 110, _HEADLINE, p.quiet)
    scene.stack(Box(64, 116, 528, 570), 34, [headline, Item("name", name, 300, _NAME, p.deep)])
    _foot(scene, facts)


def banner(scene: Scene, name: str, facts: CommonFacts) -> None:
    """A coloured upper half with the motif in a seal on its edge, everything centred."""
    p, canvas = scene.palette, scene.canvas
    canvas.rectangle(Box(0, 0, WIDTH, 244), p.main)
    band = mix(p.main, p.deep, 0.16)
    for column in range(-1, 18):
        x = column * 64
        canvas.polygon([(x, 244), (x + 32, 244), (x + 126, 0), (x + 94, 0)], band)
    canvas.rectangle(Box(0, 244, WIDTH, 256), p.accent)
    canvas.circle((500, 192), 172, p.paper)
    canvas.circle((500, 192), 154, p.tint)
    scene.motif((500, 192), 206, p.tint)
    headline = Item("headline", facts.headline, 54, _HEADLINE_CENTRED, p.quiet)
    scene.stack(Box(70, 374, 930, 612), 34, [Item("name", name, 150, _NAME_CENTRED, p.deep), headline])
    _pill(scene, facts)


def signboard(scene: Scene, name: str, facts: CommonFacts) -> None:
    """A dark sign with a fine double frame, the motif on a lit disc above the name."""
    p, canvas = scene.palette, scene.canvas
    glow = mix(p.deep, p.main, 0.22)
    canvas.circle((500, 190), 330, mix(p.deep, p.main, 0.1))
    canvas.circle((500, 190), 228, glow)
    canvas.frame(Box(26, 26, WIDTH - 26, HEIGHT - 26), p.accent, 4, 10)
    canvas.frame(Box(40, 40, WIDTH - 40, HEIGHT - 40), mix(p.deep, p.accent, 0.5), 2, 6)
    canvas.circle((500, 190), 132, p.tint)
    scene.motif((500, 190), 180, p.tint)
    scene.write("name", name, Box(90, 336, 910, 494), _NAME_CENTRED, p.paper)
    for side in (-1, 1):
        canvas.rectangle(Box(500 + side * 70 - 48, 515, 500 + side * 70 + 48, 518), p.accent)
    canvas.polygon([(500, 506), (511, 517), (500, 528), (489, 517)], p.accent)
    scene.write("headline", facts.headline, Box(90, 540, 910, 604), _HEADLINE_CENTRED, p.tint)
    foot = Style(48, 30, Weight.BOLD, align=Align.CENTRE)
    scene.write("phone", facts.phone, Box(90, 614, 910, 694), foot, p.paper)


def split(scene: Scene, name: str, facts: CommonFacts) -> None:
    """A coloured side with the motif on a card, the text beside it in reading order."""
    p, canvas = scene.palette, scene.canvas
    canvas.rectangle(Box(0, 0, 392, HEIGHT), p.main)
    dot = mix(p.main, p.deep, 0.2)
    for row in range(12):
        for column in range(6):
            canvas.circle((34 + column * 66 + (33 if row % 2 else 0), 30 + row * 64), 6, dot)
    canvas.rectangle(Box(392, 0, 404, HEIGHT), p.accent)
    canvas.circle((330, 330), 236, p.paper)
    canvas.circle((330, 330), 214, p.tint)
    scene.motif((330, 330), 288, p.tint)
    headline = Item("headline", facts.headline, 110, _HEADLINE, p.quiet)
    scene.stack(Box(596, 70, 952, 560), 34, [headline, Item("name", name, 330, _NAME, p.deep)])
    canvas.rectangle(Box(460, 588, 944, 591), p.tint)
    scene.write("phone", facts.phone, Box(460, 612, 944, 700), _PHONE, p.deep)


def _foot(scene: Scene, facts: CommonFacts) -> None:
    p = scene.palette
    if not facts.phone.strip():
        scene.canvas.rectangle(Box(0, 706, WIDTH, HEIGHT), p.deep)
        return
    scene.canvas.rectangle(Box(0, 606, WIDTH, HEIGHT), p.deep)
    scene.canvas.rectangle(Box(0, 606, WIDTH, 614), p.accent)
    scene.write("phone", facts.phone, Box(64, 636, 936, 726), _PHONE, p.paper)


def _pill(scene: Scene, facts: CommonFacts) -> None:
    if not facts.phone.strip():
        return
    p = scene.palette
    scene.canvas.rectangle(Box(270, 624, 730, 712), p.deep, 44)
    style = Style(48, 26, Weight.BOLD, align=Align.CENTRE)
    scene.write("phone", facts.phone, Box(304, 632, 696, 704), style, p.paper)


COMMON_LAYOUTS: Final[tuple[tuple[str, CommonLayout], ...]] = (
    ("paper", bloom),
    ("paper", banner),
    ("deep", signboard),
    ("paper", split),
)
