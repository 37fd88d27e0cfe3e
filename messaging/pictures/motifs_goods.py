"""Motifs of things to wear and of things for house and hand, each in a 100 × 100 square."""

from messaging.pictures.canvas import Pen
from messaging.pictures.tones import Tones


def shirt(pen: Pen, c: Tones) -> None:
    pen.stroke("M 50 20 C 50 12 58 14 56 8 C 54 3 46 4 46 9", c.dark, 2.6)
    pen.shape(
        "M 34 20 L 6 36 L 16 56 L 27 50 L 27 92 L 73 92 L 73 50 L 84 56 L 94 36 L 66 20 C 60 30 40 30 34 20",
        c.main,
    )
    pen.shape("M 6 36 L 16 56 L 20 53.8 L 10 33.7", c.dark)
    pen.shape("M 94 36 L 84 56 L 80 53.8 L 90 33.7", c.dark)
    pen.shape("M 34 20 C 40 30 60 30 66 20 L 71 23 C 63 38 37 38 29 23", c.light)
    pen.block(56, 48, 67, 60, c.light, 1.5)
    pen.shape("M 58 48 L 61 41 L 65 48", c.accent)
    pen.block(27, 84, 73, 87, c.light)


def thread_spool(pen: Pen, c: Tones) -> None:
    pen.block(20, 12, 66, 24, c.dark, 4)
    pen.block(20, 76, 66, 88, c.dark, 4)
    pen.block(25, 24, 61, 76, c.main)
    for y in (30, 38, 46, 54, 62, 70):
        pen.stroke(f"M 26 {y + 2} L 60 {y - 2}", c.light, 2.2)
    pen.stroke("M 60 68 C 78 72 70 90 82 86 C 92 82 84 60 84 30", c.accent, 2.2)
    pen.shape("M 81.4 18 C 81.4 12 87.6 12 87.6 18 L 85.6 84 L 83.4 84", c.ink)
    pen.oval(84.5, 21, 1.1, 4, c.white)


def handbag(pen: Pen, c: Tones) -> None:
    pen.stroke("M 32 40 C 32 6 68 6 68 40", c.dark, 5)
    pen.shape("M 18 36 L 82 36 L 92 86 C 92 90 90 92 86 92 L 14 92 C 10 92 8 90 8 86", c.main)
    pen.shape("M 18 36 L 82 36 L 85 51 C 70 66 30 66 15 51", c.dark)
    pen.block(43, 54, 57, 70, c.accent, 3)
    pen.dot(50, 62, 3, c.white)
    pen.stroke("M 16 84 L 84 84", c.light, 1.8)


def shoe(pen: Pen, c: Tones) -> None:
    pen.shape("M 8 30 C 14 34 24 34 30 28 L 40 28 C 48 44 62 54 82 56 C 92 57 96 64 96 74 L 8 74", c.main)
    pen.shape("M 66 51 C 71 54 76 55.5 82 56 C 92 57 96 64 96 74 L 70 74 C 72 64 70 56 66 51", c.light)
    pen.shape("M 8 52 C 18 52 26 60 26 74 L 8 74", c.dark)
    pen.block(5, 72, 97, 83, c.white, 5)
    pen.block(5, 79, 97, 85, c.dark, 3)
    for x, y in ((44, 40), (51, 46), (58, 51)):
        pen.stroke(f"M {x - 4} {y + 5} L {x + 2} {y - 3}", c.white, 2.8)
    pen.stroke("M 32 66 C 42 66 50 62 54 58", c.accent, 3.4)


def bulb(pen: Pen, c: Tones) -> None:
    for path in ("M 50 2 L 50 9", "M 14 17 L 19 22", "M 86 17 L 81 22", "M 2 48 L 9 48", "M 98 48 L 91 48"):
        pen.stroke(path, c.accent, 3.6)
    pen.shape(
        "M 50 15 C 70 15 83 30 83 47 C 83 60 74 66 68 76 L 32 76 C 26 66 17 60 17 47 C 17 30 30 15 50 15",
        c.yolk,
    )
    pen.shape("M 26 46 C 26 34 34 26 44 23 C 36 31 33 40 34 50 C 34 56 26 54 26 46", c.white)
    pen.stroke("M 43 75 L 40 52 L 46 57 L 50 51 L 54 57 L 60 52 L 57 75", c.dark, 2.2)
    pen.block(34, 77, 66, 83, c.main, 2)
    pen.block(36, 85, 64, 90, c.main, 2)
    pen.block(43, 92, 57, 96, c.dark, 2)


def pot(pen: Pen, c: Tones) -> None:
    pen.dot(50, 18, 6, c.accent)
    pen.shape("M 16 42 C 18 26 34 22 50 22 C 66 22 82 26 84 42", c.light)
    pen.block(12, 40, 88, 47, c.dark, 3.5)
    pen.shape("M 16 47 L 84 47 L 84 76 C 84 84 79 88 72 88 L 28 88 C 21 88 16 84 16 76", c.main)
    pen.block(2, 53, 18, 61, c.dark, 4)
    pen.block(82, 53, 98, 61, c.dark, 4)
    pen.stroke("M 27 56 L 27 74", c.light, 4)
    pen.dot(27, 81, 2, c.light)


def book(pen: Pen, c: Tones) -> None:
    pen.shape("M 4 28 L 50 36 L 96 28 L 96 84 L 50 92 L 4 84", c.dark)
    pen.shape("M 50 34 C 38 20 20 18 8 20 L 8 78 C 22 76 40 78 50 88", c.white)
    pen.shape("M 50 34 C 62 20 80 18 92 20 L 92 78 C 78 76 60 78 50 88", c.white)
    pen.stroke("M 50 35 L 50 87", c.light, 2)
    for y in (32, 42, 52, 62):
        pen.stroke(f"M 16 {y} C 26 {y} 34 {y + 2} 42 {y + 7}", c.light, 2.4)
        pen.stroke(f"M 84 {y} C 74 {y} 66 {y + 2} 58 {y + 7}", c.light, 2.4)
    pen.shape("M 72 14 L 82 14 L 82 46 L 77 40 L 72 46", c.accent)


def record(pen: Pen, c: Tones) -> None:
    pen.dot(44, 52, 40, c.ink)
    for radius in (34, 28, 22):
        pen.dot(44, 52, radius, c.dark)
        pen.dot(44, 52, radius - 1, c.ink)
    pen.dot(44, 52, 15, c.accent)
    pen.dot(44, 52, 3, c.white)
    pen.stroke("M 78 62 L 78 16 L 94 11 L 94 55", c.main, 4)
    pen.shape("M 76 14 L 96 8 L 96 18 L 76 24", c.main)
    pen.oval(71.5, 64, 8.5, 6.5, c.main)
    pen.oval(87.5, 57, 8.5, 6.5, c.main)


def toy_blocks(pen: Pen, c: Tones) -> None:
    pen.block(6, 52, 48, 94, c.main, 4)
    pen.dot(27, 73, 12, c.white)
    pen.block(52, 52, 94, 94, c.accent, 4)
    pen.shape("M 73 60 L 86 84 L 60 84", c.white)
    pen.block(29, 8, 71, 50, c.leaf, 4)
    pen.shape("M 50 42 C 31 30 39 14 50 22 C 61 14 69 30 50 42", c.white)


def camera(pen: Pen, c: Tones) -> None:
    pen.shape("M 32 28 L 38 16 L 62 16 L 68 28", c.dark)
    pen.block(6, 26, 94, 84, c.main, 8)
    pen.block(6, 40, 94, 70, c.dark)
    pen.block(14, 20, 26, 28, c.ink, 2)
    pen.dot(50, 55, 25, c.white)
    pen.dot(50, 55, 21, c.ink)
    pen.dot(50, 55, 14, c.light)
    pen.dot(50, 55, 8, c.ink)
    pen.dot(44, 49, 3.4, c.white)
    pen.dot(83, 34, 3.6, c.accent)


def dumbbell(pen: Pen, c: Tones) -> None:
    pen.dot(72, 28, 22, c.accent)
    pen.stroke("M 52 20 C 66 24 72 34 72 49.5", c.white, 2.4)
    pen.stroke("M 72 6.5 C 72 20 80 30 93.5 33", c.white, 2.4)
    pen.block(22, 67, 78, 75, c.ink, 3)
    for left in (14, 74):
        pen.block(left, 48, left + 12, 94, c.main, 4)
        pen.block(left + 3, 52, left + 6, 90, c.light, 1.5)
    for left in (4, 87):
        pen.block(left, 56, left + 9, 86, c.dark, 3)


def bicycle(pen: Pen, c: Tones) -> None:
    for x in (23, 77):
        pen.dot(x, 66, 21, c.ink)
        pen.dot(x, 66, 17.4, c.white)
        for dx, dy in ((16, 0), (8, 14), (-8, 14)):
            pen.stroke(f"M {x - dx} {66 - dy} L {x + dx} {66 + dy}", c.light, 1)
        pen.dot(x, 66, 3.4, c.ink)
    pen.stroke("M 23 66 L 36 36 L 66 36 L 48 66 L 23 66", c.main, 4.2)
    pen.stroke("M 33 28 L 48 66", c.main, 4.2)
    pen.stroke("M 77 66 L 64 26 L 74 21", c.main, 4.2)
    pen.block(25, 23, 43, 28, c.dark, 2.5)
    pen.dot(48, 66, 5.4, c.accent)
