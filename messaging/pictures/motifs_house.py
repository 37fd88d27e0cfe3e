"""Motifs of things for house, workshop and office, each in a 100 × 100 square."""

from messaging.pictures.canvas import Pen
from messaging.pictures.tones import Tones


def tools(pen: Pen, c: Tones) -> None:
    """A hammer across a spanner."""
    pen.stroke("M 76 88 L 38 38", c.main, 10)
    pen.dot(33, 31, 17, c.main)
    pen.shape("M 28.2 34.6 L 37.8 27.4 L 24.6 9.8 L 15 17", c.hole)
    pen.dot(74.5, 86, 2.4, c.hole)
    pen.stroke("M 24 88 L 62 37", c.accent, 8.5)
    pen.stroke("M 27 84 L 35 73", c.dark, 8.5)
    pen.shape("M 47 13 L 58 10 L 86 31 L 88 46 L 80 55 L 40 25", c.dark)
    pen.shape("M 84 30 L 94 38 L 86 57 L 74 49", c.ink)


def paint_roller(pen: Pen, c: Tones) -> None:
    pen.block(14, 3, 72, 34, c.accent, 3)
    pen.block(8, 24, 78, 48, c.main, 7)
    pen.block(12, 28, 74, 33, c.light, 2.5)
    pen.stroke("M 78 36 L 91 36 L 91 58 L 44 58 L 44 68", c.ink, 3.6)
    pen.block(38, 66, 50, 98, c.dark, 5)
    pen.dot(44, 92, 2, c.white)
    pen.dot(24, 60, 4, c.accent)
    pen.dot(20, 72, 2.4, c.accent)


def printer(pen: Pen, c: Tones) -> None:
    pen.block(26, 8, 74, 40, c.white, 2)
    pen.stroke("M 34 18 L 62 18", c.light, 2.4)
    pen.stroke("M 34 26 L 54 26", c.light, 2.4)
    pen.block(8, 34, 92, 76, c.main, 7)
    pen.block(8, 34, 92, 48, c.dark, 7)
    pen.block(8, 42, 92, 48, c.dark)
    pen.dot(80, 57, 3.4, c.accent)
    pen.dot(69, 57, 2.4, c.white)
    pen.block(20, 64, 80, 70, c.ink, 3)
    pen.block(26, 67, 74, 94, c.white, 2)
    for y, right in ((76, 66), (83, 58)):
        pen.stroke(f"M 34 {y} L {right} {y}", c.light, 2.4)


def bedding(pen: Pen, c: Tones) -> None:
    """Folded blankets under a pillow."""
    pen.shape(
        "M 22 18 C 34 12 66 12 78 18 C 83 26 83 34 78 42 C 66 46 34 46 22 42 C 17 34 17 26 22 18", c.white
    )
    pen.stroke("M 30 36 C 42 39 58 39 70 36", c.light, 2.2)
    for top, colour, seam in ((44, c.main, c.light), (61, c.accent, c.white), (78, c.dark, c.light)):
        pen.block(10, top, 90, top + 15.5, colour, 7)
        pen.stroke(f"M 16 {top + 7.7} L 84 {top + 7.7}", seam, 1.6)


def ring(pen: Pen, c: Tones) -> None:
    pen.dot(50, 66, 29, c.yolk)
    pen.dot(50, 66, 21.5, c.hole)
    pen.shape("M 34 8 L 66 8 L 79 22 L 50 46 L 21 22", c.main)
    pen.shape("M 34 8 L 21 22 L 38 22", c.light)
    pen.shape("M 66 8 L 79 22 L 62 22", c.light)
    pen.shape("M 38 22 L 62 22 L 50 46", c.light)
    for x, y, r in ((14, 40, 3), (88, 46, 3.4), (84, 8, 2.4)):
        pen.shape(
            f"M {x} {y - r * 2} L {x + r * 0.6} {y - r * 0.6} L {x + r * 2} {y} L {x + r * 0.6} {y + r * 0.6} "
            f"L {x} {y + r * 2} L {x - r * 0.6} {y + r * 0.6} L {x - r * 2} {y} L {x - r * 0.6} {y - r * 0.6}",
            c.yolk,
        )
