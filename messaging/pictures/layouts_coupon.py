"""쿠폰형: the benefit large, then period, place and how to use it."""

import math
from collections.abc import Callable
from typing import Final

from messaging.pictures.canvas import HEIGHT, WIDTH, Box
from messaging.pictures.designs import CouponFacts
from messaging.pictures.lettering import Align, Style, Weight
from messaging.pictures.palettes import mix
from messaging.pictures.rows import Row, label_rows
from messaging.pictures.scene import Scene

CouponLayout = Callable[[Scene, str, CouponFacts], None]


def _rows(facts: CouponFacts) -> list[Row]:
    return [
        Row("기간", "period", facts.period),
        Row("위치", "where", facts.where),
        Row("사용", "how", facts.how),
    ]


def ticket(scene: Scene, name: str, facts: CouponFacts) -> None:
    """A wide ticket with a torn-off stub that carries the motif."""
    p, canvas = scene.palette, scene.canvas
    band = mix(p.main, p.deep, 0.14)
    for column in range(-6, 18):
        x = column * 84
        canvas.polygon([(x, HEIGHT), (x + 42, HEIGHT), (x + 42 + 330, 0), (x + 330, 0)], band)
    canvas.rectangle(Box(52, 64, 960, 706), mix(p.main, p.deep, 0.55), 30)
    canvas.rectangle(Box(44, 52, 956, 694), p.paper, 30)
    canvas.rectangle(Box(44, 52, 330, 694), p.tint, 30)
    canvas.rectangle(Box(290, 52, 330, 694), p.tint)
    for x, y in ((330, 52), (330, 694)):
        canvas.circle((x, y), 26, p.main)
    canvas.dashes((330, 92), (330, 660), p.main, 4, 22)
    scene.write(
        "kind", "쿠폰", Box(84, 96, 290, 176), Style(68, 40, Weight.BLACK, align=Align.CENTRE), p.deep
    )
    scene.motif((187, 348), 216, p.tint)
    stub_name = Style(44, 24, Weight.BOLD, lines=3, align=Align.CENTRE)
    scene.write("stub", name, Box(72, 500, 302, 660), stub_name, p.deep)
    scene.write("name", name, Box(374, 92, 916, 152), Style(42, 24, Weight.BOLD, lines=2), p.quiet)
    scene.write(
        "benefit", facts.benefit, Box(374, 164, 916, 404), Style(104, 40, Weight.BLACK, lines=3), p.deep
    )
    label_rows(scene, _rows(facts), Box(374, 430, 916, 664))


def medal(scene: Scene, name: str, facts: CouponFacts) -> None:
    """The benefit on a scalloped medal, name and motif above, the terms below."""
    p, canvas = scene.palette, scene.canvas
    canvas.rectangle(Box(0, 0, WIDTH, HEIGHT), p.deep)
    canvas.rectangle(Box(30, 30, WIDTH - 30, HEIGHT - 30), p.paper, 24)
    canvas.dashes((60, 482), (940, 482), p.main, 4, 22)
    for x in (30, 970):
        canvas.circle((x, 482), 22, p.deep)
    canvas.circle((166, 166), 104, p.tint)
    scene.motif((166, 166), 142, p.tint)
    canvas.rectangle(Box(310, 74, 420, 122), p.deep, 24)
    scene.write(
        "kind", "쿠폰", Box(322, 78, 408, 118), Style(32, 26, Weight.BLACK, align=Align.CENTRE), p.paper
    )
    scene.write("name", name, Box(310, 134, 930, 222), Style(64, 32, Weight.BLACK, lines=2), p.deep)
    ribbon = Box(60, 288, 940, 458)
    canvas.rectangle(ribbon, p.tint, 20)
    canvas.rectangle(Box(60, 288, 78, 458), p.main, 9)
    canvas.rectangle(Box(922, 288, 940, 458), p.main, 9)
    big = Style(104, 40, Weight.BLACK, lines=2, align=Align.CENTRE)
    scene.write("benefit", facts.benefit, Box(106, 298, 894, 448), big, p.deep)
    label_rows(scene, _rows(facts), Box(84, 506, 916, 700))


def voucher(scene: Scene, name: str, facts: CouponFacts) -> None:
    """A sheet with perforated sides, everything centred above the terms."""
    p, canvas = scene.palette, scene.canvas
    canvas.rectangle(Box(50, 40, 962, 722), mix(p.tint, p.deep, 0.22), 14)
    canvas.rectangle(Box(42, 28, 954, 710), "#ffffff", 14)
    for index in range(15):
        for x in (42, 954):
            canvas.circle((x, 52 + index * 45.5), 13, p.tint)
    canvas.rectangle(Box(430, 28, 566, 92), p.accent)
    canvas.polygon([(430, 92), (566, 92), (566, 110), (498, 92), (430, 110)], p.accent)
    canvas.rectangle(Box(438, 28, 558, 88), p.deep)
    kind = Style(40, 26, Weight.BLACK, align=Align.CENTRE)
    scene.write("kind", "쿠폰", Box(446, 34, 550, 82), kind, p.paper)
    scene.write("name", name, Box(110, 122, 886, 180), Style(46, 26, lines=2, align=Align.CENTRE), p.quiet)
    big = Style(112, 40, Weight.BLACK, lines=2, align=Align.CENTRE)
    scene.write("benefit", facts.benefit, Box(96, 194, 900, 420), big, p.deep)
    canvas.dashes((92, 444), (904, 444), p.main, 4, 22)
    canvas.circle((196, 578), 108, p.tint)
    scene.motif((196, 578), 146, p.tint)
    label_rows(scene, _rows(facts), Box(336, 462, 900, 696))


def sticker(scene: Scene, name: str, facts: CouponFacts) -> None:
    """The benefit on a dark ground beside a scalloped sticker with the motif, the terms on paper below."""
    p, canvas = scene.palette, scene.canvas
    canvas.circle((792, 210), 330, mix(p.deep, p.main, 0.14))
    canvas.rectangle(Box(0, 446, WIDTH, HEIGHT), p.paper)
    canvas.rectangle(Box(0, 440, WIDTH, 450), p.accent)
    middle = (792, 224)
    for index in range(24):
        turn = math.tau * index / 24
        canvas.circle((middle[0] + 158 * math.cos(turn), middle[1] + 158 * math.sin(turn)), 25, p.accent)
    canvas.circle(middle, 162, p.accent)
    canvas.circle(middle, 148, p.paper)
    canvas.circle(middle, 138, p.tint)
    scene.motif(middle, 190, p.tint)
    canvas.rectangle(Box(64, 60, 176, 110), p.paper, 25)
    kind = Style(32, 26, Weight.BLACK, align=Align.CENTRE)
    scene.write("kind", "쿠폰", Box(76, 64, 164, 106), kind, p.deep)
    scene.write("name", name, Box(194, 56, 570, 114), Style(42, 22, lines=2), p.tint)
    scene.write(
        "benefit", facts.benefit, Box(64, 130, 570, 416), Style(104, 40, Weight.BLACK, lines=3), p.paper
    )
    label_rows(scene, _rows(facts), Box(64, 470, 936, 728))


COUPON_LAYOUTS: Final[tuple[tuple[str, CouponLayout], ...]] = (
    ("main", ticket),
    ("deep", medal),
    ("tint", voucher),
    ("deep", sticker),
)
