"""Owners' uploads made safe: judged before decoding, decoded once, re-encoded from nothing but the pixels.

Rules: design.md §7 (byte and pixel caps before decoding, JPEG/PNG/WebP only, EXIF dropped) and rules.md §5.
"""

import hashlib
import io
import warnings
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from messaging.pictures.jpeg import MAX_SIDE, encode
from shopmsg.core.errors import ShopmsgError

MAX_UPLOAD_BYTES: Final = 10_000_000
MAX_PIXELS: Final = 24_000_000
MIN_SIDE: Final = 64
_FORMATS: Final = ("JPEG", "PNG", "WEBP")
_GIF_STARTS: Final = (b"GIF87a", b"GIF89a")
_SRGB: Final = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


class RefusalCode(StrEnum):
    """Why an upload is not taken."""

    TOO_MANY_BYTES = "too_many_bytes"
    NOT_A_PICTURE = "not_a_picture"
    TOO_MANY_PIXELS = "too_many_pixels"
    TOO_SMALL = "too_small"
    ANIMATED = "animated"
    BROKEN = "broken"


class PictureRefused(ShopmsgError):
    """The upload cannot be used. `code` is a RefusalCode, `message` says what is wrong and what to do."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A baseline sRGB JPEG ≤ 200,000 bytes, ready to send; sides in pixels, `sha256` of the JPEG in hex."""

    jpeg: bytes
    width: int
    height: int
    sha256: str


def sanitize_upload(raw: bytes) -> Picture:
    """The picture inside an upload; raises `PictureRefused`. Caps are checked before a pixel is decoded."""
    if len(raw) > MAX_UPLOAD_BYTES:
        size = len(raw) / 1_000_000
        raise PictureRefused(
            RefusalCode.TOO_MANY_BYTES,
            f"사진 파일이 너무 커요({size:.1f}MB). 10MB보다 작은 사진을 골라 주세요.",
        )
    opened = _open(raw)
    _judge(opened)
    try:
        jpeg, width, height = encode(_as_srgb(opened))
    except (OSError, SyntaxError, ValueError, MemoryError, Image.DecompressionBombError) as error:
        raise PictureRefused(
            RefusalCode.BROKEN, "사진 파일이 중간에 손상되어 열 수 없어요. 원본 사진을 다시 골라 올려 주세요."
        ) from error
    finally:
        opened.close()
    return Picture(jpeg, width, height, hashlib.sha256(jpeg).hexdigest())


def _open(raw: bytes) -> Image.Image:
    """Reads the header only."""
    try:
        with warnings.catch_warnings():
            # Pillow warns about large pictures here; _judge refuses them at a lower bound, with a sentence.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            return Image.open(io.BytesIO(raw), formats=_FORMATS)
    except Image.DecompressionBombError as error:
        raise _too_many_pixels("") from error
    except UnidentifiedImageError as error:
        if raw.startswith(
            _GIF_STARTS
        ):  # no GIF decoder is ever let near an upload, so its frames are not counted
            raise PictureRefused(
                RefusalCode.ANIMATED,
                "GIF(움직이는 그림)는 문자로 보낼 수 없어요. JPG나 PNG 사진으로 바꿔서 올려 주세요.",
            ) from error
        raise PictureRefused(
            RefusalCode.NOT_A_PICTURE, "사진 파일이 아니에요. JPG, PNG, WebP 사진을 골라 주세요."
        ) from error
    except (OSError, SyntaxError, ValueError) as error:
        raise PictureRefused(
            RefusalCode.BROKEN, "사진 파일이 손상되어 열 수 없어요. 원본 사진을 다시 골라 올려 주세요."
        ) from error


def _judge(opened: Image.Image) -> None:
    width, height = opened.size
    if width * height > MAX_PIXELS:
        raise _too_many_pixels(f"({width:,}×{height:,})")
    if min(width, height) < MIN_SIDE:
        raise PictureRefused(
            RefusalCode.TOO_SMALL,
            f"사진이 너무 작아요({width}×{height}). 가로와 세로가 {MIN_SIDE}픽셀 이상인 사진을 골라 주세요.",
        )
    if getattr(opened, "is_animated", False) and opened.format != "MPO":
        raise PictureRefused(
            RefusalCode.ANIMATED, "움직이는 그림은 문자로 보낼 수 없어요. 움직이지 않는 사진을 골라 주세요."
        )


def _too_many_pixels(size: str) -> PictureRefused:
    return PictureRefused(
        RefusalCode.TOO_MANY_PIXELS,
        f"사진의 화소가 너무 많아요{size}. 2,400만 화소 이하로 줄이거나 화면을 캡처해서 올려 주세요.",
    )


def _as_srgb(opened: Image.Image) -> Image.Image:
    """Upright 8-bit sRGB pixels on white, no larger than needed, with no metadata."""
    profile = opened.info.get("icc_profile")
    flat = _to_eight_bits(opened)
    # Shrinking first lets a JPEG be decoded at a fraction of its size, and all that follows is cheap.
    flat.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.LANCZOS)
    flat = ImageOps.exif_transpose(flat)
    alpha = flat.getchannel("A") if flat.mode in ("RGBA", "LA") else None
    solid = flat.convert({"LA": "L", "RGBA": "RGB"}[flat.mode]) if alpha else flat
    coloured = _through_profile(solid, profile) if profile else solid
    coloured = coloured if coloured.mode == "RGB" else coloured.convert("RGB")
    clean = Image.new("RGB", coloured.size, "white")
    clean.paste(coloured, mask=alpha)
    return clean


def _to_eight_bits(picture: Image.Image) -> Image.Image:
    """One of L, LA, RGB, RGBA, CMYK."""
    if picture.mode.startswith("I"):
        # 16-bit greys hold 0..65535; Pillow's own conversion would clip them to white.
        return picture.convert("I").point(lambda value: value / 257, "L")
    if picture.mode == "P" or "transparency" in picture.info:
        return picture.convert("RGBA")
    if picture.mode in ("L", "LA", "RGB", "RGBA", "CMYK"):
        return picture
    return picture.convert("RGBA" if picture.mode in ("PA", "La", "RGBa") else "RGB")


def _through_profile(picture: Image.Image, profile: bytes) -> Image.Image:
    """Colours translated by the embedded profile; a profile that does not fit the picture is ignored."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        translated = ImageCms.profileToProfile(picture, source, _SRGB, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return picture
    return picture if translated is None else translated
