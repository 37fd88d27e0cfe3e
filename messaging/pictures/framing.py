"""The part of a picture that is wanted, and how large it gets (rules.md §5: longest side ≤ 1,000 px)."""

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from messaging.pictures.jpeg import MAX_SIDE

#: Four to three, the shape of a message's picture.
_ACROSS: Final = 4
_DOWN: Final = 3

Size = tuple[int, int]
Box = tuple[float, float, float, float]


class Shape(StrEnum):
    """What a picture is for: MESSAGE is exactly 4:3, at most 1000×750 px; PHOTO keeps its own ratio, at most 1,000 px."""

    MESSAGE = "message"
    PHOTO = "photo"


@dataclass(frozen=True, slots=True)
class Crop:
    """자르기: the part of the upright picture to keep, in fractions of its width and height from its top left corner."""

    x: float
    y: float
    w: float
    h: float

    @property
    def fits(self) -> bool:
        """Whether there is such a part. A browser's rounding may put it a thousandth outside."""
        numbers = (self.x, self.y, self.w, self.h)
        return (
            all(math.isfinite(number) for number in numbers)
            and min(self.x, self.y) >= -0.001
            and min(self.w, self.h) > 0
            and max(self.x + self.w, self.y + self.h) <= 1.001
        )


WHOLE: Final = Crop(0, 0, 1, 1)


def box_of(size: Size, crop: Crop, shape: Shape) -> Box:
    """(left, top, right, bottom) in pixels of a picture of `size`: the crop, for a message the largest 4:3 within it,
    about the same middle."""
    width, height = size
    left, right = max(0.0, crop.x) * width, min(1.0, crop.x + crop.w) * width
    top, bottom = max(0.0, crop.y) * height, min(1.0, crop.y + crop.h) * height
    if shape is Shape.MESSAGE:
        unit = min((right - left) / _ACROSS, (bottom - top) / _DOWN)
        across, down = (left + right) / 2, (top + bottom) / 2
        left, right = across - unit * _ACROSS / 2, across + unit * _ACROSS / 2
        top, bottom = down - unit * _DOWN / 2, down + unit * _DOWN / 2
    return max(0.0, left), max(0.0, top), min(float(width), right), min(float(height), bottom)


def target_of(box: Box, shape: Shape) -> Size:
    """The size in pixels that the part `box` gets: never enlarged, at least one pixel."""
    width, height = box[2] - box[0], box[3] - box[1]
    if shape is Shape.MESSAGE:
        # A crop that a browser computed in fractions may miss the whole pixel by a hair.
        unit = max(1, min(MAX_SIDE // _ACROSS, math.floor(min(width / _ACROSS, height / _DOWN) + 0.01)))
        return unit * _ACROSS, unit * _DOWN
    scale = min(1.0, MAX_SIDE / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))
