"""Motifs of food and drink, each in a 100 × 100 square."""

from messaging.pictures.canvas import Pen
from messaging.pictures.tones import Tones


def steam(pen: Pen, c: Tones, xs: tuple[float, ...], top: float, bottom: float) -> None:
    third = (bottom - top) / 3
    for x in xs:
        pen.stroke(f"M {x} {bottom} C {x - 5} {bottom - third} {x + 5} {top + third} {x} {top}", c.light, 3.2)


def rice_bowl(pen: Pen, c: Tones) -> None:
    steam(pen, c, (38, 50, 62), 6, 24)
    pen.shape("M 16 50 C 16 24 84 24 84 50", c.white)
    for x, y in ((34, 41), (46, 35), (57, 41), (66, 37), (50, 44)):
        pen.oval(x, y, 3.2, 1.7, c.light)
    pen.shape("M 10 48 L 90 48 C 90 74 74 86 62 87 L 38 87 C 26 86 10 74 10 48", c.main)
    pen.shape("M 10 48 L 90 48 C 90 52 89.6 55 89 57 L 11 57 C 10.4 55 10 52 10 48", c.dark)
    pen.block(36, 86, 64, 93, c.dark, 2)
    for x in (30, 50, 70):
        pen.dot(x, 69, 4.2, c.accent)


def noodle_bowl(pen: Pen, c: Tones) -> None:
    pen.stroke("M 62 50 L 84 4", c.dark, 3)
    pen.stroke("M 70 50 L 94 8", c.dark, 3)
    for x in (64, 69.5, 75):
        pen.stroke(f"M {x} 54 C {x - 2} 40 {x + 3} 34 {x + 4} 25", c.white, 3.2)
    pen.oval(50, 54, 42, 13, c.dark)
    pen.oval(50, 55, 38, 10.5, c.accent)
    for y in (50, 54, 58):
        pen.stroke(f"M 20 {y} C 30 {y - 5} 36 {y + 5} 46 {y} C 54 {y - 4} 62 {y + 4} 70 {y}", c.white, 3.2)
    pen.oval(34, 51, 10, 6, c.white)
    pen.oval(34, 51, 5.5, 3.4, c.yolk)
    pen.shape(
        "M 8 55 C 8 78 26 90 40 91 L 60 91 C 74 90 92 78 92 55 C 88 68 66 70 50 70 C 34 70 12 68 8 55", c.main
    )
    pen.block(38, 89, 62, 96, c.dark, 2)


def steak(pen: Pen, c: Tones) -> None:
    pen.shape(
        "M 10 54 C 6 28 34 14 58 20 C 80 24 96 40 92 58 C 88 76 66 74 52 80 C 34 88 14 80 10 54", c.dark
    )
    pen.shape(
        "M 13 50 C 9 27 35 14 58 19 C 79 23 93 38 90 53 C 86 70 65 68 51 74 C 34 82 16 74 13 50", c.white
    )
    pen.shape(
        "M 18 49 C 16 30 37 19 57 24 C 75 28 87 39 85 51 C 82 64 64 62 50 68 C 35 75 20 68 18 49", c.main
    )
    pen.oval(66, 42, 9, 7, c.white)
    pen.oval(66, 42, 5, 3.8, c.light)
    for path in ("M 27 48 C 30 40 36 35 42 34", "M 31 59 C 35 53 42 50 49 49", "M 46 41 C 48 39 50 38 52 37"):
        pen.stroke(path, c.light, 2.6)


def fish(pen: Pen, c: Tones) -> None:
    pen.shape("M 70 50 L 95 28 C 90 42 90 58 95 72 L 70 50", c.dark)
    pen.shape("M 40 30 C 48 18 58 18 64 22 L 60 36", c.dark)
    pen.shape("M 46 70 C 50 80 57 82 61 80 L 58 66", c.dark)
    pen.shape("M 6 52 C 20 26 54 22 78 50 C 54 78 20 76 6 52", c.main)
    pen.shape("M 6 52 C 22 62 52 66 78 50 C 54 78 20 76 6 52", c.light)
    pen.stroke("M 31 34 C 39 43 39 59 31 69", c.dark, 2.4)
    for x in (46, 57):
        pen.stroke(f"M {x} 42 C {x + 5} 46 {x + 5} 54 {x} 58", c.dark, 2.2)
    pen.dot(20, 47, 4.4, c.white)
    pen.dot(19.4, 47, 2.3, c.ink)
    for x, y, r in ((12, 26, 3), (20, 17, 2), (8, 14, 1.6)):
        pen.dot(x, y, r, c.accent)


def plate(pen: Pen, c: Tones) -> None:
    pen.dot(50, 50, 31, c.main)
    pen.dot(50, 50, 28.5, c.white)
    pen.dot(50, 50, 19, c.light)
    pen.shape("M 38 52 C 40 38 54 36 63 42 C 58 54 48 60 38 52", c.accent)
    pen.stroke("M 40 51 C 47 49 54 46 60 43", c.white, 1.4)
    pen.dot(56, 57, 3.6, c.yolk)
    pen.dot(47, 60, 2.4, c.main)
    pen.block(8, 46, 12.5, 90, c.dark, 2)
    pen.shape(
        "M 3 14 L 6 14 L 6.4 30 L 8.6 30 L 9 14 L 11.5 14 L 12 30 L 14.1 30 L 14.5 14 L 17.5 14 "
        "L 17.5 36 C 17.5 44 13 47 10.2 47 C 7.5 47 3 44 3 36",
        c.dark,
    )
    pen.block(88.5, 46, 93, 90, c.dark, 2)
    pen.shape("M 88.5 52 L 84.5 50 C 83 34 86 18 93 12 L 93 52", c.dark)


def bread(pen: Pen, c: Tones) -> None:
    pen.shape(
        "M 22 86 L 22 46 C 6 44 6 18 30 18 L 70 18 C 94 18 94 44 78 46 L 78 86 C 78 89 76 90 74 90 L 26 90 "
        "C 24 90 22 89 22 86",
        c.main,
    )
    pen.shape(
        "M 28 82 L 28 41 C 14 38 17 24 31 24 L 69 24 C 83 24 86 38 72 41 L 72 82 C 72 84 71 84 70 84 L 30 84 "
        "C 29 84 28 84 28 82",
        c.light,
    )
    pen.shape("M 50 72 C 30 60 38 44 50 52 C 62 44 70 60 50 72", c.accent)
    for x, y in ((36, 33), (48, 30), (61, 34), (35, 76), (64, 77)):
        pen.dot(x, y, 1.7, c.main)


def burger(pen: Pen, c: Tones) -> None:
    pen.shape("M 12 44 C 12 16 34 12 50 12 C 66 12 88 16 88 44 L 88 46 L 12 46", c.main)
    for x, y, turn in (
        (34, 26, 1),
        (48, 21, 0),
        (62, 26, -1),
        (42, 34, 0),
        (56, 34, 1),
        (72, 34, -1),
        (28, 36, 0),
    ):
        pen.stroke(f"M {x - 1.6} {y + turn} L {x + 1.6} {y - turn}", c.white, 2.6)
    pen.shape(
        "M 8 50 C 14 44 20 56 28 50 C 36 44 40 56 50 50 C 58 44 64 56 72 50 "
        "C 80 44 86 56 92 50 L 92 57 L 8 57",
        c.leaf,
    )
    pen.block(10, 56, 90, 68, c.ink, 6)
    pen.shape("M 14 56 L 86 56 L 72 64 L 60 57 L 46 66 L 34 57", c.yolk)
    pen.shape("M 12 70 L 88 70 C 88 82 82 88 74 88 L 26 88 C 18 88 12 82 12 70", c.main)
    pen.shape("M 12 70 L 88 70 C 88 72 88 73 87.5 75 L 12.5 75 C 12 73 12 72 12 70", c.light)


def drumstick(pen: Pen, c: Tones) -> None:
    for width, colour in ((13, c.dark), (8, c.white)):
        grown = (width - 8) / 2
        pen.stroke("M 62 62 L 84 84", colour, width)
        pen.dot(90, 81, 6.5 + grown, colour)
        pen.dot(81, 90, 6.5 + grown, colour)
    pen.stroke("M 70 70 L 86 86", c.white, 8)
    pen.shape(
        "M 76 68 C 78 50 76 34 64 20 C 50 4 26 4 13 18 C 0 32 4 56 20 66 C 36 76 54 74 68 76 C 74 77 76 74 76 68",
        c.main,
    )
    pen.shape(
        "M 76 68 C 78 50 76 34 64 20 C 70 36 70 52 58 60 C 44 69 24 64 8 50 C 11 57 15 63 20 66 "
        "C 36 76 54 74 68 76 C 74 77 76 74 76 68",
        c.dark,
    )
    pen.stroke("M 18 34 C 20 24 28 17 38 16", c.white, 4.2)
    pen.dot(47, 18, 2.3, c.white)
    for x, y in ((32, 36), (45, 32), (40, 47), (54, 44), (26, 50), (57, 30)):
        pen.dot(x, y, 2.1, c.accent)


def kimbap(pen: Pen, c: Tones) -> None:
    for x, y in ((31, 36), (71, 40), (49, 70)):
        pen.dot(x, y + 2.5, 24, c.dark)
        pen.dot(x, y, 24, c.ink)
        pen.dot(x, y, 20.6, c.white)
        pen.block(x - 11, y - 9, x - 1, y + 1, c.yolk, 2)
        pen.block(x + 1, y - 9, x + 11, y + 1, c.accent, 2)
        pen.block(x - 11, y + 2.6, x - 1, y + 11, c.leaf, 2)
        pen.dot(x + 6, y + 6.6, 4.8, c.rose)


def cup(pen: Pen, c: Tones) -> None:
    steam(pen, c, (36, 48, 60), 8, 30)
    pen.shape("M 72 44 C 98 40 98 74 68 74 L 68 66 C 86 67 86 50 72 52", c.main)
    pen.shape("M 20 38 L 76 38 L 76 56 C 76 76 66 84 56 84 L 40 84 C 30 84 20 76 20 56", c.main)
    pen.oval(48, 38.5, 28, 6.2, c.white)
    pen.oval(48, 39, 24.5, 4.5, c.dark)
    pen.shape("M 48 70 C 33 61 40 50 48 56 C 56 50 63 61 48 70", c.white)
    pen.oval(48, 89, 38, 4.6, c.dark)


def apple_and_carrot(pen: Pen, c: Tones) -> None:
    pen.shape("M 76 34 C 92 36 95 46 88 60 L 66 94 C 62 98 57 95 59 90 L 68 50 C 70 40 72 34 76 34", c.yolk)
    for path in ("M 77 52 L 84 55", "M 72 64 L 79 67", "M 69 76 L 73 78"):
        pen.stroke(path, c.white, 2)
    for path in (
        "M 80 36 C 78 26 82 16 88 12 C 90 22 88 30 83 37",
        "M 82 37 C 86 28 92 24 98 24 C 98 32 92 38 85 39",
    ):
        pen.shape(path, c.leaf)
    pen.shape(
        "M 36 38 C 22 28 6 36 6 58 C 6 78 20 94 36 88 C 52 94 66 78 66 58 C 66 36 50 28 36 38", c.accent
    )
    pen.shape("M 14 60 C 12 50 17 43 23 42 C 19 50 18 56 19 64", c.white)
    pen.stroke("M 36 38 C 36 30 38 24 42 20", c.ink, 3)
    pen.shape("M 42 28 C 46 16 56 14 62 17 C 60 27 52 32 42 28", c.leaf)


def leaf_bottle(pen: Pen, c: Tones) -> None:
    pen.block(36, 8, 64, 20, c.dark, 3)
    pen.shape(
        "M 38 20 L 62 20 C 62 28 74 30 74 40 L 74 86 C 74 91 71 93 67 93 L 33 93 C 29 93 26 91 26 86 L 26 40 "
        "C 26 30 38 28 38 20",
        c.main,
    )
    pen.block(26, 46, 74, 82, c.white)
    pen.shape("M 38 76 C 34 58 46 50 66 50 C 67 70 54 80 38 76", c.leaf)
    pen.stroke("M 36 79 C 43 69 50 63 58 57", c.white, 2)
    for x, y in ((14, 86), (86, 88)):
        pen.oval(x, y, 8, 5, c.accent)
