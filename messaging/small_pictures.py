"""Promo pictures as web pages show them: WebP, at most 640 px wide, a tenth of what is sent to phones."""

import io
from functools import lru_cache
from typing import Final

from PIL import Image

from messaging import picture_storage

SMALL: Final = 640


@lru_cache(maxsize=128)
def small_picture(sha256: str) -> bytes:
    """The stored picture with this content (hex), as WebP. Raises OSError when it is gone."""
    with Image.open(io.BytesIO(picture_storage.read(sha256))) as picture:
        picture.draft("RGB", (SMALL, SMALL))
        picture.thumbnail((SMALL, picture.height), Image.Resampling.LANCZOS)
        out = io.BytesIO()
        picture.convert("RGB").save(out, "WEBP", quality=80)
    return out.getvalue()
