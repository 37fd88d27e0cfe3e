"""The JPEG every handset takes: baseline, sRGB, ≤ 200,000 bytes, longest side ≤ 1,000 px (rules.md §5)."""

import io
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
            # Full colour resolution keeps small red type sharp; photographs that need the room give it up.
            out = io.BytesIO()
            fitted.save(
                out,
                "JPEG",
                quality=quality,
                progressive=False,
                optimize=True,
                subsampling=0 if quality > 80 else 2,
            )
            if out.tell() <= MAX_BYTES:
                return out.getvalue(), fitted.width, fitted.height
        smaller = (max(1, fitted.width * 9 // 10), max(1, fitted.height * 9 // 10))
        fitted = fitted.resize(smaller, Image.Resampling.LANCZOS)
