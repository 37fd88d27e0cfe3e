"""The JPEG every handset takes: baseline, sRGB, ≤ 200,000 bytes, longest side ≤ 1,000 px (rules.md §5)."""

import io
import math
from typing import Final

from PIL import Image

MAX_BYTES: Final = 200_000
MAX_SIDE: Final = 1_000
_QUALITIES: Final = (88, 80, 72, 64, 57, 50)


def encode(picture: Image.Image) -> tuple[bytes, int, int]:
    """(bytes, width, height) of an RGB picture: quality falls from 88 to 50 first, then the size shrinks."""
    if picture.mode != "RGB":
        raise ValueError(f"expected an RGB picture, got {picture.mode}")
    fitted = picture.copy()
    fitted.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.LANCZOS)
    fitted.info.clear()
    while True:
        for quality in _QUALITIES:
            jpeg = _at(fitted, quality)
            if jpeg is not None and len(jpeg) <= MAX_BYTES:
                return jpeg, fitted.width, fitted.height
        fitted = fitted.resize(_a_tenth_smaller(fitted.width, fitted.height), Image.Resampling.LANCZOS)


def _at(picture: Image.Image, quality: int) -> bytes | None:
    """The JPEG at one quality; None when Pillow's room for it, a byte a pixel, is too small for the finest noise."""
    out = io.BytesIO()
    # Full colour resolution keeps small red type sharp; photographs that need the room give it up.
    subsampling = 0 if quality > 80 else 2
    try:
        picture.save(out, "JPEG", quality=quality, progressive=False, optimize=True, subsampling=subsampling)
    except OSError:
        return None
    return out.getvalue()


def _a_tenth_smaller(width: int, height: int) -> tuple[int, int]:
    """In exactly the same ratio where whole pixels allow it: a message's picture stays 4:3."""
    unit = math.gcd(width, height)
    if unit >= 10:
        return width // unit * (unit * 9 // 10), height // unit * (unit * 9 // 10)
    return max(1, width * 9 // 10), max(1, height * 9 // 10)
