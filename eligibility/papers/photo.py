"""A photographed or scanned paper: decoded under a pixel cap and written anew, so that nothing but its pixels is kept."""

import io
import struct
import warnings
from typing import Final

from PIL import Image, UnidentifiedImageError

from eligibility.papers.errors import DocumentRefused, damaged
from messaging.pictures.developing import develop
from messaging.pictures.framing import WHOLE, Shape, Size
from messaging.pictures.jpeg_scans import scans_of

#: px; a sheet of A4 scanned at 300 dots an inch.
LONGEST: Final = 3_508
#: px; a sheet any smaller cannot be read.
_SHORTEST: Final = 200
_QUALITY: Final = 88
# As messaging.pictures.sanitize: a JPEG in one scan is decoded at a fraction of its size, everything else whole.
_MAX_PIXELS: Final = 120_000_000
_MAX_WHOLE_PIXELS: Final = 24_000_000
_MAX_SCANS: Final = 64

_DAMAGED: Final = (
    OSError, SyntaxError, ValueError, ArithmeticError, LookupError, TypeError, EOFError, MemoryError, struct.error,
    Image.DecompressionBombError,
)  # fmt: skip


def redeveloped(raw: bytes) -> bytes:
    """The JPEG of a JPEG or PNG: upright, sRGB, on white, without any metadata, longest side ≤ 3,508 px.

    Raises DocumentRefused: "damaged", "too_many_pixels", "too_small". Caps are checked before a pixel is decoded.
    """
    opened = _open(raw)
    try:
        _judge(opened, raw)
        upright = _upright_size(opened)
        scale = min(1.0, LONGEST / max(upright))
        target = (max(1, round(upright[0] * scale)), max(1, round(upright[1] * scale)))
        out = io.BytesIO()
        developed = develop(opened, upright, WHOLE, Shape.PHOTO, target, 1.0)
        developed.save(out, "JPEG", quality=_QUALITY, optimize=True)
    except _DAMAGED as error:
        raise damaged() from error
    finally:
        opened.close()
    return out.getvalue()


def size_of(jpeg: bytes, longest: int) -> Size:
    """The width and height that `smaller` gives it, read from its header."""
    with Image.open(io.BytesIO(jpeg), formats=("JPEG",)) as opened:
        scale = min(1.0, longest / max(opened.size))
        return max(1, round(opened.width * scale)), max(1, round(opened.height * scale))


def smaller(jpeg: bytes, longest: int) -> bytes:
    """The same picture with its longest side at most `longest` px, to be looked at in a page."""
    with Image.open(io.BytesIO(jpeg), formats=("JPEG",)) as opened:
        opened.draft("RGB", (longest, longest))
        shown = opened.convert("RGB")
        shown.thumbnail((longest, longest), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    shown.save(out, "JPEG", quality=85)
    return out.getvalue()


def _open(raw: bytes) -> Image.Image:
    """Reads the header only."""
    try:
        with warnings.catch_warnings():
            # Pillow warns about large pictures here; _judge refuses them at bounds of its own, with a sentence.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            return Image.open(io.BytesIO(raw), formats=("JPEG", "PNG"))
    except Image.DecompressionBombError as error:
        raise _too_many_pixels() from error
    except (UnidentifiedImageError, *_DAMAGED) as error:
        raise damaged() from error


def _judge(opened: Image.Image, raw: bytes) -> None:
    width, height = opened.size
    pixels = width * height
    if min(width, height) < _SHORTEST:
        raise DocumentRefused(
            "too_small", f"사진이 너무 작아({width}×{height}) 읽을 수 없습니다. 더 크게 찍거나 스캔해 주세요."
        )
    if pixels > (_MAX_WHOLE_PIXELS if opened.format == "PNG" else _MAX_PIXELS):
        raise _too_many_pixels()
    if opened.format != "PNG":
        scans = scans_of(raw, _MAX_SCANS)
        if scans.count > _MAX_SCANS:
            raise damaged()
        if not scans.by_lines and pixels > _MAX_WHOLE_PIXELS:
            raise _too_many_pixels()


def _upright_size(opened: Image.Image) -> Size:
    width, height = opened.size
    on_its_side = opened.getexif().get(0x0112) in (5, 6, 7, 8)
    return (height, width) if on_its_side else (width, height)


def _too_many_pixels() -> DocumentRefused:
    return DocumentRefused(
        "too_many_pixels", "사진의 화소가 너무 많습니다. 2,400만 화소 이하로 줄이거나 PDF로 올려 주세요."
    )
