"""Flat vector shapes on a supersampled RGB canvas, in flyer coordinates (1000 × 750)."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageDraw

WIDTH: Final = 1000
HEIGHT: Final = 750
_SCALE: Final = 3  # samples per pixel and axis: nine per pixel give smooth edges

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle: left, top, right, bottom, in flyer pixels; right and bottom excluded."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top

    def of_height(self, height: float) -> "Box":
        """The upper part of this box, or a taller box from the same top."""
        return Box(self.left, self.top, self.right, self.top + height)

    def contains(self, other: "Box") -> bool:
        return (
            self.left <= other.left
            and self.top <= other.top
            and other.right <= self.right
            and other.bottom <= self.bottom
        )

    def overlaps(self, other: "Box") -> bool:
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )


class Canvas:
    """A picture being painted. Colours are opaque, so that every edge stays crisp after downsampling."""

    def __init__(self, ground: str) -> None:
        self._image = Image.new("RGB", (WIDTH * _SCALE, HEIGHT * _SCALE), ground)
        self._draw = ImageDraw.Draw(self._image)

    def finished(self) -> Image.Image:
        """The picture at its final size."""
        return self._image.reduce(_SCALE)

    def polygon(self, points: Sequence[Point], fill: str) -> None:
        self._draw.polygon([(x * _SCALE, y * _SCALE) for x, y in points], fill=fill)

    def rectangle(self, box: Box, fill: str, radius: float = 0) -> None:
        corners = [(box.left * _SCALE, box.top * _SCALE), (box.right * _SCALE - 1, box.bottom * _SCALE - 1)]
        self._draw.rounded_rectangle(corners, radius * _SCALE, fill=fill)

    def frame(self, box: Box, colour: str, width: float, radius: float = 0) -> None:
        corners = [(box.left * _SCALE, box.top * _SCALE), (box.right * _SCALE - 1, box.bottom * _SCALE - 1)]
        self._draw.rounded_rectangle(corners, radius * _SCALE, outline=colour, width=round(width * _SCALE))

    def circle(self, centre: Point, radius: float, fill: str) -> None:
        x, y = centre
        edges = ((x - radius) * _SCALE, (y - radius) * _SCALE, (x + radius) * _SCALE, (y + radius) * _SCALE)
        self._draw.ellipse(edges, fill=fill)

    def line(self, points: Sequence[Point], colour: str, width: float) -> None:
        """A line with round joints and ends."""
        self._draw.line(
            [(x * _SCALE, y * _SCALE) for x, y in points],
            fill=colour,
            width=round(width * _SCALE),
            joint="curve",
        )
        for end in (points[0], points[-1]):
            self.circle(end, width / 2, colour)

    def dashes(self, start: Point, end: Point, colour: str, width: float, step: float) -> None:
        """A dashed line; `step` is dash plus gap."""
        length = math.dist(start, end)
        ux, uy = (end[0] - start[0]) / length, (end[1] - start[1]) / length
        for index in range(int(length // step) + 1):
            a, b = index * step, min(index * step + step * 0.5, length)
            self.line(
                [(start[0] + ux * a, start[1] + uy * a), (start[0] + ux * b, start[1] + uy * b)],
                colour,
                width,
            )


class Pen:
    """Paints a motif drawn in a 100 × 100 square, placed by centre, size and turn (degrees)."""

    def __init__(self, canvas: Canvas, centre: Point, size: float, turn: float = 0) -> None:
        self._canvas = canvas
        self._centre = centre
        self._unit = size / 100
        self._cos, self._sin = math.cos(math.radians(turn)), math.sin(math.radians(turn))

    def _place(self, point: Point) -> Point:
        x, y = (point[0] - 50) * self._unit, (point[1] - 50) * self._unit
        return (
            self._centre[0] + x * self._cos - y * self._sin,
            self._centre[1] + x * self._sin + y * self._cos,
        )

    def shape(self, path: str, fill: str) -> None:
        """A filled outline; see `outline` for the path."""
        self._canvas.polygon([self._place(p) for p in outline(path)], fill)

    def stroke(self, path: str, colour: str, width: float) -> None:
        self._canvas.line([self._place(p) for p in outline(path)], colour, width * self._unit)

    def dot(self, x: float, y: float, radius: float, fill: str) -> None:
        self._canvas.circle(self._place((x, y)), radius * self._unit, fill)

    def oval(self, x: float, y: float, across: float, down: float, fill: str) -> None:
        ring = [math.tau * i / 96 for i in range(96)]
        points = [self._place((x + across * math.cos(a), y + down * math.sin(a))) for a in ring]
        self._canvas.polygon(points, fill)

    def block(
        self, left: float, top: float, right: float, bottom: float, fill: str, radius: float = 0
    ) -> None:
        """A rectangle with rounded corners that turns with the motif."""
        r = min(radius, (right - left) / 2, (bottom - top) / 2)
        corners = (
            (right - r, bottom - r, 0),
            (left + r, bottom - r, 1),
            (left + r, top + r, 2),
            (right - r, top + r, 3),
        )
        points = [
            self._place((x + r * math.cos(a), y + r * math.sin(a)))
            for x, y, quarter in corners
            for a in (math.pi / 2 * (quarter + step / 12) for step in range(13))
        ]
        self._canvas.polygon(points, fill)


def outline(path: str) -> list[Point]:
    """Points of a path of absolute SVG commands: `M x y`, `L x y`, `Q cx cy x y`, `C ax ay bx by x y`."""
    points: list[Point] = []
    tokens = path.split()
    at = 0
    while at < len(tokens):
        command, count = tokens[at], {"M": 2, "L": 2, "Q": 4, "C": 6}[tokens[at]]
        n = [float(token) for token in tokens[at + 1 : at + 1 + count]]
        at += 1 + count
        if command in "ML":
            points.append((n[0], n[1]))
            continue
        start = points[-1]
        if command == "Q":
            first = (start[0] + (n[0] - start[0]) * 2 / 3, start[1] + (n[1] - start[1]) * 2 / 3)
            second = (n[2] + (n[0] - n[2]) * 2 / 3, n[3] + (n[1] - n[3]) * 2 / 3)
            end = (n[2], n[3])
        else:
            first, second, end = (n[0], n[1]), (n[2], n[3]), (n[4], n[5])
        points.extend(_bezier(start, first, second, end, step / 24) for step in range(1, 25))
    return points


def _bezier(p0: Point, p1: Point, p2: Point, p3: Point, t: float) -> Point:
    u = 1 - t
    a, b, c, d = u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t
    return (
        a * p0[0] + b * p1[0] + c * p2[0] + d * p3[0],
        a * p0[1] + b * p1[1] + c * p2[1] + d * p3[1],
    )
