"""Motifs of beauty, plants, animals and personal services, each in a 100 × 100 square."""

from messaging.pictures.canvas import Pen
from messaging.pictures.motifs_food import steam
from messaging.pictures.tones import Tones


def cosmetics(pen: Pen, c: Tones) -> None:
    pen.block(56, 40, 84, 92, c.light, 3)
    pen.block(58, 58, 82, 92, c.main, 2)
    pen.shape("M 61 40 L 61 20 L 79 12 L 79 40", c.accent)
    pen.block(59, 40, 81, 58, c.white)
    pen.block(26, 10, 34, 22, c.ink, 1.5)
    pen.block(12, 8, 34, 14, c.ink, 2)
    pen.block(22, 22, 38, 32, c.dark, 2)
    pen.block(12, 32, 48, 92, c.main, 7)
    pen.block(12, 50, 48, 78, c.white)
    pen.shape("M 30 73 C 20 65 24 57 30 61 C 36 57 40 65 30 73", c.accent)


def glasses(pen: Pen, c: Tones) -> None:
    pen.stroke("M 8 46 C 10 34 14 28 20 26", c.dark, 4)
    pen.stroke("M 92 46 C 90 34 86 28 80 26", c.dark, 4)
    pen.stroke("M 42 48 C 46 42 54 42 58 48", c.dark, 4.4)
    for x in (26, 74):
        pen.dot(x, 54, 21, c.ink)
        pen.dot(x, 54, 17, c.white)
        pen.shape(
            f"M {x - 10} 56 C {x - 10} 47 {x - 4} 43 {x + 1} 43 L {x - 6} 62 "
            f"C {x - 9} 61 {x - 10} 59 {x - 10} 56",
            c.light,
        )
    pen.dot(83, 63, 2.4, c.accent)


def flowers(pen: Pen, c: Tones) -> None:
    for path in ("M 50 92 C 48 70 34 60 28 40", "M 50 92 C 50 66 50 50 50 30", "M 50 92 C 52 70 66 60 74 42"):
        pen.stroke(path, c.leaf, 3)
    pen.shape("M 46 78 C 30 78 24 68 22 60 C 36 58 44 66 46 78", c.leaf)
    pen.shape("M 54 78 C 70 78 76 68 78 60 C 64 58 56 66 54 78", c.leaf)
    petals = ((0, -9), (8.5, -2.8), (5.3, 7.3), (-5.3, 7.3), (-8.5, -2.8))
    for x, y, colour in ((26, 36, c.light), (76, 38, c.light), (50, 22, c.main)):
        for dx, dy in petals:
            pen.dot(x + dx, y + dy, 7.6, colour)
        pen.dot(x, y, 5.4, c.yolk)
    pen.shape("M 38 74 L 62 74 L 56 98 L 44 98", c.dark)
    pen.block(35, 70, 65, 78, c.rose, 3)


def paw(pen: Pen, c: Tones) -> None:
    pen.shape(
        "M 50 46 C 64 46 66 60 76 68 C 88 78 80 94 66 91 C 58 89 54 88 50 88 C 46 88 42 89 34 91 "
        "C 20 94 12 78 24 68 C 34 60 36 46 50 46",
        c.main,
    )
    for x, y, across, down in ((18, 48, 9, 12), (37, 27, 9.5, 13.5), (63, 27, 9.5, 13.5), (82, 48, 9, 12)):
        pen.oval(x, y, across, down, c.main)
    pen.shape("M 50 82 C 32 70 40 58 50 65 C 60 58 68 70 50 82", c.white)


def scissors(pen: Pen, c: Tones) -> None:
    pen.shape("M 30 4 C 24 14 26 24 32 32 L 62 68 L 68 62", c.light)
    pen.shape("M 70 4 C 76 14 74 24 68 32 L 38 68 L 32 62", c.main)
    for x, colour in ((27, c.accent), (73, c.accent)):
        pen.dot(x, 79, 16, colour)
        pen.dot(x, 79, 9.5, c.hole)
    pen.stroke("M 40 62 L 34 69", c.main, 6)
    pen.stroke("M 60 62 L 66 69", c.light, 6)
    pen.dot(50, 50, 3.6, c.ink)


def bath(pen: Pen, c: Tones) -> None:
    steam(pen, c, (30, 50, 70), 6, 38)
    pen.shape("M 4 48 L 96 48 L 88 84 C 87 90 84 92 78 92 L 22 92 C 16 92 13 90 12 84", c.main)
    pen.shape("M 10 48 C 16 42 24 54 33 48 C 42 42 50 54 58 48 C 66 42 76 54 90 48 L 90 60 L 10 60", c.white)
    pen.block(2, 46, 10, 60, c.dark, 3)
    pen.block(90, 46, 98, 60, c.dark, 3)
    pen.block(10, 66, 90, 71, c.dark, 1)
    pen.oval(70, 44, 9, 6, c.accent)
    pen.dot(78, 40, 4, c.accent)
    pen.dot(79.4, 39, 1, c.ink)


def washing_machine(pen: Pen, c: Tones) -> None:
    pen.block(14, 6, 86, 94, c.main, 6)
    pen.block(14, 6, 86, 26, c.dark, 6)
    pen.block(22, 12, 44, 20, c.white, 2)
    pen.dot(64, 16, 4, c.accent)
    pen.dot(76, 16, 4, c.white)
    pen.dot(50, 59, 27, c.white)
    pen.dot(50, 59, 22.5, c.ink)
    pen.shape(
        "M 28.5 60 C 36 52 42 68 50 60 C 58 52 64 68 71.5 60 C 71 74 62 81 50 81 C 38 81 29 74 28.5 60",
        c.light,
    )
    for x, y, r in ((43, 49, 4), (55, 46, 3), (60, 53, 2.2)):
        pen.dot(x, y, r, c.white)
