"""Setting Korean text into boxes: wrapping, shrinking, and proof of where the ink lands."""

import unicodedata
from dataclasses import dataclass, replace
from enum import IntEnum, StrEnum
from functools import cache, lru_cache
from importlib.resources import files
from typing import Final

from PIL import ImageDraw, ImageFont

from messaging.pictures.canvas import Box

_FONT_PATH: Final = str(
    files("justmytype_intl_cjk") / "fonts" / "ofl" / "notosanskr" / "NotoSansKR[wght].ttf"
)
_RULER_SIZE: Final = 100
_LINE_HEIGHT: Final = 1.24
_ELLIPSIS: Final = "…"


class Weight(IntEnum):
    """Stroke weight of the variable font."""

    MEDIUM = 500
    BOLD = 700
    BLACK = 900


class Align(StrEnum):
    LEFT = "left"
    CENTRE = "centre"
    RIGHT = "right"


@dataclass(frozen=True, slots=True)
class Style:
    """How a text may be set: type sizes in pixels; `lines` is the most it may take."""

    size: int
    smallest: int
    weight: Weight = Weight.BOLD
    lines: int = 1
    align: Align = Align.LEFT


@dataclass(frozen=True, slots=True)
class PlacedText:
    """Text with its place. `ink` is what the glyphs really cover; it lies inside `box`."""

    role: str
    lines: tuple[str, ...]
    box: Box
    ink: Box
    style: Style
    size: int
    top: float
    colour: str

    def moved_to(self, top: float) -> "PlacedText":
        """The same text with its ink from `top` downwards and its box tight around it."""
        by = round(top - self.ink.top)
        ink = Box(self.ink.left, self.ink.top + by, self.ink.right, self.ink.bottom + by)
        box = Box(self.box.left, ink.top, self.box.right, ink.bottom)
        return replace(self, box=box, ink=ink, top=self.top + by)


def place(role: str, text: str, box: Box, style: Style, colour: str) -> PlacedText | None:
    """The text in the box, as large as `style` allows; None if nothing in it can be drawn.

    A text that is too long shrinks on one line while it stays well legible, then takes more lines, then is
    cut with an ellipsis. Lines are centred in the height of the box.
    """
    cleaned = drawable(text)
    if not cleaned:
        return None
    size, lines = _fit(cleaned, box, style)
    while True:
        placed = _set(role, lines, size, box, style, colour)
        if box.contains(placed.ink) or size <= 8:
            return placed
        size -= 1


def paint(draw: ImageDraw.ImageDraw, placed: PlacedText) -> None:
    """Draws the text on a picture of final size."""
    font = _font(placed.style.weight, placed.size)
    for x, y, line in _origins(placed.lines, placed.size, placed.box, placed.style, placed.top):
        draw.text((x, y), line, font=font, fill=placed.colour, anchor="ls")


def text_width(text: str, size: int, weight: Weight) -> float:
    """Width in pixels of one line at a type size."""
    return sum(_advance(char, weight) for char in text) * size / _RULER_SIZE


@lru_cache(maxsize=8192)
def _advance(char: str, weight: Weight) -> float:
    return _font(weight, _RULER_SIZE).getlength(char)


@lru_cache(maxsize=512)
def drawable(text: str) -> str:
    """The text as the font can show it: composed Hangul, single spaces, without signs it has no glyph for."""
    composed = " ".join(unicodedata.normalize("NFC", text).split())
    return " ".join("".join(c for c in composed if c == " " or _has_glyph(c)).split())


@lru_cache(maxsize=2048)
def _has_glyph(char: str) -> bool:
    if not char.isprintable():
        return False
    font = _font(Weight.BOLD, _RULER_SIZE)
    mask = font.getmask(char)
    return (mask.size, bytes(mask)) != _missing_glyph()


@cache
def _missing_glyph() -> tuple[tuple[int, int], bytes]:
    mask = _font(Weight.BOLD, _RULER_SIZE).getmask("\U0010fffd")  # a code point no font may have
    return mask.size, bytes(mask)


@lru_cache(maxsize=6)  # a face of this variable font costs 5 MB of memory and 3 ms to open
def _font(weight: Weight, size: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.truetype(_FONT_PATH, size, layout_engine=ImageFont.Layout.BASIC)
    font.set_variation_by_axes([weight])
    return font


def _fit(text: str, box: Box, style: Style) -> tuple[int, tuple[str, ...]]:
    best: tuple[int, tuple[str, ...]] = (0, ())
    for count in range(1, style.lines + 1):
        lines = split_lines(text, count, style.weight)
        if len(lines) < count:
            continue
        widest = max(text_width(line, _RULER_SIZE, style.weight) for line in lines)
        by_width = int(box.width / widest * _RULER_SIZE)
        by_height = int(box.height / (1.0 + _LINE_HEIGHT * (count - 1)))
        size = min(style.size, by_width, by_height)
        # A further line must earn its place, and more so when it tears a word or the type is large already.
        gain = 1.25 if " " in text and (count == 2 or best[0] < style.size * 0.45) else 1.6
        if size > best[0] * gain or best[0] < style.smallest <= size:
            best = (size, lines)
    if best[0] >= style.smallest:
        return best
    return _cut(text, box, style)


def _cut(text: str, box: Box, style: Style) -> tuple[int, tuple[str, ...]]:
    size = style.smallest
    count = max(1, min(style.lines, int((box.height / size - 1) / _LINE_HEIGHT) + 1))
    for keep in range(len(text) - 1, 0, -1):
        lines = split_lines(text[:keep].rstrip() + _ELLIPSIS, count, style.weight)
        if max(text_width(line, size, style.weight) for line in lines) <= box.width:
            return size, lines
    return size, (_ELLIPSIS,)


def split_lines(text: str, count: int, weight: Weight) -> tuple[str, ...]:
    """At most `count` lines, as even as can be; words stay whole unless one alone is far too long."""
    if count == 1 or len(text) < 2:
        return (text,)
    whole = text_width(text, _RULER_SIZE, weight)
    spaces = [i for i, char in enumerate(text) if char == " "]
    at = _nearest(text, spaces, whole / count, weight)
    if at is None or abs(text_width(text[:at], _RULER_SIZE, weight) - whole / count) > whole / count * 0.5:
        at = _nearest(text, range(1, len(text)), whole / count, weight)
    if at is None:
        return (text,)
    return (text[:at].rstrip(), *split_lines(text[at:].lstrip(), count - 1, weight))


def _nearest(text: str, places: "list[int] | range", target: float, weight: Weight) -> int | None:
    if not places:
        return None
    return min(places, key=lambda i: abs(text_width(text[:i], _RULER_SIZE, weight) - target))


def _origins(
    lines: tuple[str, ...], size: int, box: Box, style: Style, top: float
) -> list[tuple[float, float, str]]:
    placed: list[tuple[float, float, str]] = []
    for index, line in enumerate(lines):
        left, _, right, _ = _font(style.weight, size).getbbox(line, anchor="ls")
        room = box.width - (right - left)
        shift = {Align.LEFT: 0.0, Align.CENTRE: room / 2, Align.RIGHT: room}[style.align]
        baseline = top + size * (0.86 + _LINE_HEIGHT * index)
        placed.append((round(box.left + shift - left), round(baseline), line))
    return placed


def _set(role: str, lines: tuple[str, ...], size: int, box: Box, style: Style, colour: str) -> PlacedText:
    font = _font(style.weight, size)
    top = box.top
    for measured in (False, True):  # first the ink is measured, then it is centred
        edges = [
            (x + left, y + up, x + right, y + down)
            for x, y, line in _origins(lines, size, box, style, top)
            for left, up, right, down in (font.getbbox(line, anchor="ls"),)
        ]
        ink = Box(
            min(e[0] for e in edges),
            min(e[1] for e in edges),
            max(e[2] for e in edges),
            max(e[3] for e in edges),
        )
        if not measured:
            top += round((box.top + box.bottom - ink.height) / 2 - ink.top)
    return PlacedText(role, lines, box, ink, style, size, top, colour)
