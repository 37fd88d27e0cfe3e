"""A picture on its way: shapes on a canvas, and text set into boxes above them."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from PIL import Image, ImageDraw

from messaging.pictures.canvas import Box, Canvas, Pen, Point
from messaging.pictures.lettering import PlacedText, Style, paint, place
from messaging.pictures.motifs import MOTIFS
from messaging.pictures.palettes import PALETTES, Palette
from messaging.pictures.tones import tones_of
from messaging.pictures.trades import TradeGroup


@dataclass(frozen=True, slots=True)
class Item:
    """One text of a stack; `height` is the most it may take."""

    role: str
    text: str
    height: float
    style: Style
    colour: str


@dataclass(slots=True)
class Scene:
    """`texts` tells where every text lies; text boxes never overlap and never leave the picture."""

    group: TradeGroup
    canvas: Canvas
    texts: list[PlacedText] = field(default_factory=list)

    @property
    def palette(self) -> Palette:
        return PALETTES[self.group]

    def write(self, role: str, text: str, box: Box, style: Style, colour: str) -> PlacedText | None:
        """Sets a text; None, and nothing set, when there is nothing to show."""
        placed = place(role, text, box, style, colour)
        if placed is not None:
            self.texts.append(placed)
        return placed

    def stack(self, box: Box, gap: float, items: Sequence[Item]) -> None:
        """Sets texts below each other, evenly spaced by their ink and centred in the height of the box.

        The heights and gaps together must not exceed the box.
        """
        placed = [
            text
            for item in items
            if (text := place(item.role, item.text, box.of_height(item.height), item.style, item.colour))
            is not None
        ]
        height = sum(text.ink.height for text in placed) + gap * (len(placed) - 1)
        top = round((box.top + box.bottom - height) / 2)
        for text in placed:
            self.texts.append(text.moved_to(top))
            top += round(text.ink.height + gap)

    def motif(self, centre: Point, size: float, ground: str, turn: float = 0) -> None:
        """The group's motif; `ground` is the light colour it stands on."""
        MOTIFS[self.group](Pen(self.canvas, centre, size, turn), tones_of(self.palette, ground))

    def picture(self) -> Image.Image:
        finished = self.canvas.finished()
        draw = ImageDraw.Draw(finished)
        for text in self.texts:
            paint(draw, text)
        return finished
