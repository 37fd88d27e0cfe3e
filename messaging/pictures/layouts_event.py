"""이벤트형: the title as on a festive poster, then period and contact."""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from messaging.pictures.canvas import HEIGHT, WIDTH, Box
from messaging.pictures.designs import EventFacts
from messaging.pictures.lettering import Align, Style, Weight
from messaging.pictures.palettes import mix
from messaging.pictures.rows import Row, label_rows
from messaging.pictures.scene import Scene

_TITLE: Final = Style(112, 42, Weight.BLACK, lines=3, align=Align.CENTRE)

EventLayout = Callable[[Scene, str, EventFacts], None]


def _rows(facts: EventFacts) -> list[Row]:
    return [
        Row("혜택", "benefit", facts.benefit),
        Row("기간", "period", facts.period),
        Row("문의", "contact", facts.contact),
    ]


def sunburst(scene: Scene, name: str, facts: EventFacts) -> None:
    """Rays behind a paper panel, the motif on a seal at its top."""
    p, canvas = scene.palette, scene.canvas
    ray = mix(p.main, p.paper, 0.2)
    for index in range(24):
        a, b = math.tau * index / 24, math.tau * (index + 0.5) / 24
        far = 900
        canvas.polygon(
            [
                (500, 150),
                (500 + far * math.cos(a), 150 + far * math.sin(a)),
                (500 + far * math.cos(b), 150 + far * math.sin(b)),
            ],
            ray,
        )
    canvas.rectangle(Box(64, 168, 944, 714), mix(p.main, p.deep, 0.5), 34)
    canvas.rectangle(Box(56, 156, 944, 704), p.paper, 34)
    canvas.circle((500, 148), 122, p.paper)
    canvas.circle((500, 148), 106, p.tint)
    scene.motif((500, 148), 146, p.tint)
    for x, y, r, colour in _confetti(p.main, p.accent, p.tint, p.deep):
        canvas.circle((x, y), r, colour)
    scene.write("name", name, Box(110, 278, 890, 330), Style(42, 22, lines=2, align=Align.CENTRE), p.quiet)
    scene.write("title", facts.title, Box(100, 336, 900, 500), _TITLE, p.deep)
    canvas.dashes((110, 516), (890, 516), p.main, 4, 22)
    label_rows(scene, _rows(facts), Box(110, 528, 890, 694))


def bunting(scene: Scene, name: str, facts: EventFacts) -> None:
    """Flags hung across the top, the title below them, the motif standing in the corner."""
    p, canvas = scene.palette, scene.canvas
    canvas.circle((846, 640), 296, mix(p.paper, p.tint, 0.55))
    canvas.circle((846, 640), 226, p.tint)
    for start, end, sag, count in ((-24, 500, 70, 8), (500, 1024, 70, 8)):
        rope = [(start + (end - start) * t / 40, 22 + sag * 4 * (t / 40) * (1 - t / 40)) for t in range(41)]
        canvas.line(rope, p.deep, 3)
        for index in range(count):
            t = (index + 0.5) / count
            x, y = start + (end - start) * t, 22 + sag * 4 * t * (1 - t)
            colour = (p.main, p.accent, mix(p.main, p.paper, 0.45))[index % 3]
            canvas.polygon([(x - 24, y - 1), (x + 24, y - 1), (x, y + 50)], colour)
    scene.motif((832, 592), 246, p.tint)
    canvas.rectangle(Box(64, 168, 168, 218), p.deep, 25)
    scene.write(
        "kind", "소식", Box(76, 172, 156, 214), Style(32, 26, Weight.BLACK, align=Align.CENTRE), p.paper
    )
    scene.write("name", name, Box(186, 164, 936, 222), Style(42, 24, lines=2), p.quiet)
    title = Style(112, 42, Weight.BLACK, lines=3)
    scene.write("title", facts.title, Box(64, 234, 936, 440), title, p.deep)
    label_rows(scene, _rows(facts), Box(64, 486, 596, 704))


def _confetti(*colours: str) -> list[tuple[float, float, float, str]]:
    spots = (
        (96, 64, 12),
        (178, 118, 8),
        (262, 46, 9),
        (330, 104, 6),
        (664, 96, 7),
        (744, 46, 11),
        (826, 116, 8),
        (906, 66, 13),
        (40, 250, 9),
        (970, 300, 10),
        (30, 520, 7),
        (974, 560, 8),
    )
    return [(x, y, r, colours[1 + index % 3]) for index, (x, y, r) in enumerate(spots)]


def lights(scene: Scene, name: str, facts: EventFacts) -> None:
    """An evening under a string of lights, the facts on a bright sheet that the motif leans on."""
    p, canvas = scene.palette, scene.canvas
    canvas.circle((500, 250), 420, mix(p.deep, p.main, 0.1))
    canvas.circle((500, 250), 290, mix(p.deep, p.main, 0.18))
    bulb, halo = mix(p.accent, "#ffffff", 0.35), mix(p.deep, p.accent, 0.3)
    for start, end, sag, count in ((-30, 340, 62, 5), (340, 680, 78, 5), (680, 1030, 62, 5)):
        rope = [(start + (end - start) * t / 40, 14 + sag * 4 * (t / 40) * (1 - t / 40)) for t in range(41)]
        canvas.line(rope, mix(p.deep, p.tint, 0.4), 3)
        for index in range(count):
            t = (index + 0.5) / count
            x, y = start + (end - start) * t, 14 + sag * 4 * t * (1 - t)
            canvas.circle((x, y + 16), 19, halo)
            canvas.circle((x, y + 16), 11, bulb)
    scene.write("name", name, Box(110, 126, 890, 180), Style(44, 24, lines=2, align=Align.CENTRE), p.tint)
    scene.write("title", facts.title, Box(70, 190, 930, 428), replace(_TITLE, lines=2), p.paper)
    canvas.rectangle(Box(44, 462, 956, 718), p.paper, 28)
    canvas.circle((806, 582), 148, p.paper)
    canvas.circle((806, 582), 130, p.tint)
    scene.motif((806, 582), 180, p.tint)
    label_rows(scene, _rows(facts), Box(84, 482, 646, 698))


def awning(scene: Scene, name: str, facts: EventFacts) -> None:
    """A striped awning over the shop's window, the motif in a round frame on the left."""
    p, canvas = scene.palette, scene.canvas
    width = WIDTH / 10
    for index in range(10):
        colour = p.main if index % 2 == 0 else "#ffffff"
        shade = mix(colour, p.deep, 0.14)
        left = index * width
        canvas.circle((left + width / 2, 88), width / 2, shade)
        canvas.rectangle(Box(left, 0, left + width, 88), colour)
    canvas.rectangle(Box(0, 0, WIDTH, 14), p.deep)
    canvas.circle((214, 446), 178, p.accent)
    canvas.circle((214, 446), 168, p.paper)
    canvas.circle((214, 446), 154, p.tint)
    scene.motif((214, 446), 214, p.tint)
    canvas.rectangle(Box(0, 716, WIDTH, HEIGHT), p.deep)
    canvas.rectangle(Box(0, 708, WIDTH, 716), p.accent)
    scene.write("name", name, Box(432, 172, 944, 226), Style(42, 24, lines=2), p.quiet)
    scene.write("title", facts.title, Box(432, 238, 944, 462), Style(104, 42, Weight.BLACK, lines=3), p.deep)
    label_rows(scene, _rows(facts), Box(432, 482, 944, 694))


EVENT_LAYOUTS: Final[tuple[tuple[str, EventLayout], ...]] = (
    ("main", sunburst),
    ("paper", bunting),
    ("deep", lights),
    ("paper", awning),
)
