"""Promo pictures as web pages show them: WebP, at most 640 px wide, a tenth of what is sent to phones."""

import io
from functools import lru_cache
from typing import Final

from django.core.files.storage import default_storage
from PIL import Image

SMALL: Final = 640


@lru_cache(maxsize=128)
def small_picture(name: str) -> bytes:
    """The stored picture `name` as WebP; a name stands for one content for good. Raises OSError when it is gone."""
    with default_storage.open(name) as file, Image.open(file) as picture:
        picture.draft("RGB", (SMALL, SMALL))
        picture.thumbnail((SMALL, picture.height), Image.Resampling.LANCZOS)
        out = io.BytesIO()
        picture.convert("RGB").save(out, "WEBP", quality=80)
    return out.getvalue()
