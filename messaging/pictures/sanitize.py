"""Owners' uploads made safe: judged before decoding, decoded once, re-encoded from nothing but the pixels.

Rules: design.md §7 (byte and pixel caps before decoding, JPEG/PNG/WebP only, EXIF dropped) and rules.md §5.
"""

import hashlib
import io
import struct
import threading
import warnings
from dataclasses import dataclass
from enum import StrEnum
from typing import IO, Final

from PIL import Image, UnidentifiedImageError

from messaging.pictures.developing import develop
from messaging.pictures.framing import WHOLE, Crop, Shape, Size, box_of, target_of
from messaging.pictures.jpeg import encode
from messaging.pictures.jpeg_scans import scans_of
from shopmsg.core.errors import ShopmsgError

#: What a phone's largest photographs need (108 megapixels come to 30 MB).
MAX_UPLOAD_BYTES: Final = 40_000_000
MIN_SIDE: Final = 64
MAX_BRIGHTNESS: Final = 50

# A JPEG in one scan is decoded at a fraction of its size, in 20 MB however many pixels it has. Other JPEGs, and every
# PNG, are decoded whole at 4 to 8 bytes a pixel, and WebP's decoder keeps four copies: no upload needs more than 250 MB.
_MAX_PIXELS: Final = {"JPEG": 120_000_000, "MPO": 120_000_000, "PNG": 24_000_000, "WEBP": 12_000_000}
_MAX_WHOLE_PIXELS: Final = 24_000_000
#: A photograph saved as progressive has ten scans; each is one more walk over every pixel.
_MAX_SCANS: Final = 64

_FORMATS: Final = ("JPEG", "PNG", "WEBP")
_GIF_STARTS: Final = (b"GIF87a", b"GIF89a")
_HEIC_BRANDS: Final = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")

# One picture at a time in a process, so that many uploads at once need the memory of one; a picture takes about half
# a second, and who has waited this long is told to come again.
_WAIT_SECONDS: Final = 20.0
_decoder: Final = threading.Lock()

#: What Pillow raises over damaged or hostile files.
_DAMAGED: Final = (
    OSError, SyntaxError, ValueError, ArithmeticError, LookupError, TypeError, EOFError, MemoryError, struct.error,
    Image.DecompressionBombError,
)  # fmt: skip


class RefusalCode(StrEnum):
    """Why an upload is not taken."""

    TOO_MANY_BYTES = "too_many_bytes"
    NOT_A_PICTURE = "not_a_picture"
    HEIC = "heic"
    TOO_MANY_PIXELS = "too_many_pixels"
    TOO_SMALL = "too_small"
    ANIMATED = "animated"
    BROKEN = "broken"
    BAD_CROP = "bad_crop"
    BUSY = "busy"


class PictureRefused(ShopmsgError):
    """The upload cannot be used. `code` is a RefusalCode, `message` says what is wrong and what to do."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A baseline sRGB JPEG ≤ 200,000 bytes, ready to send; sides in pixels, `sha256` of the JPEG in hex."""

    jpeg: bytes
    width: int
    height: int
    sha256: str


def sanitize_upload(
    upload: bytes | IO[bytes], *, shape: Shape = Shape.PHOTO, crop: Crop = WHOLE, brightness: int = 0
) -> Picture:
    """The picture inside an upload, framed as asked; raises `PictureRefused`. Caps are checked before a pixel is decoded.

    `brightness` is a percentage added to every pixel's light, from -50 to 50; more counts as the nearest of them.
    """
    if not crop.fits:
        raise PictureRefused(
            RefusalCode.BAD_CROP, "사진에서 쓸 부분을 알 수 없어요. 사진을 다시 맞춘 뒤 올려 주세요."
        )
    if not _decoder.acquire(timeout=_WAIT_SECONDS):
        raise PictureRefused(RefusalCode.BUSY, "지금 사진을 올리는 분이 많아요. 1분 뒤에 다시 올려 주세요.")
    try:
        raw = upload if isinstance(upload, bytes) else upload.read(MAX_UPLOAD_BYTES + 1)
        return _sanitized(raw, shape, crop, 1 + max(-MAX_BRIGHTNESS, min(MAX_BRIGHTNESS, brightness)) / 100)
    finally:
        _decoder.release()


def _sanitized(raw: bytes, shape: Shape, crop: Crop, light: float) -> Picture:
    if len(raw) > MAX_UPLOAD_BYTES:
        raise PictureRefused(
            RefusalCode.TOO_MANY_BYTES,
            f"사진 파일이 너무 커요. {MAX_UPLOAD_BYTES // 1_000_000}MB보다 작은 사진을 골라 주세요.",
        )
    opened = _open(raw)
    try:
        _judge(opened, raw)
        upright = _upright_size(opened)
        target = target_of(box_of(upright, crop, shape), shape)
        if min(target) < MIN_SIDE:
            raise PictureRefused(
                RefusalCode.TOO_SMALL,
                "고른 부분이 너무 작아서 흐리게 보여요. 덜 확대하거나 더 큰 사진을 골라 주세요.",
            )
        jpeg, width, height = encode(develop(opened, upright, crop, shape, target, light))
    except _DAMAGED as error:
        raise _broken() from error
    finally:
        opened.close()
    return Picture(jpeg, width, height, hashlib.sha256(jpeg).hexdigest())


def _open(raw: bytes) -> Image.Image:
    """Reads the header only."""
    try:
        with warnings.catch_warnings():
            # Pillow warns about large pictures here; _judge refuses them at bounds of its own, with a sentence.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            return Image.open(io.BytesIO(raw), formats=_FORMATS)
    except Image.DecompressionBombError as error:
        raise _too_many_pixels("", _MAX_WHOLE_PIXELS) from error
    except UnidentifiedImageError as error:
        raise _unknown(raw) from error
    except _DAMAGED as error:
        raise _broken() from error


def _unknown(raw: bytes) -> PictureRefused:
    """What the file is instead, as far as its first bytes tell: no other decoder is ever let near an upload."""
    if raw.startswith(_GIF_STARTS):
        return PictureRefused(
            RefusalCode.ANIMATED,
            "GIF(움직이는 그림)는 문자로 보낼 수 없어요. JPG나 PNG 사진으로 바꿔서 올려 주세요.",
        )
    if raw[4:8] == b"ftyp" and raw[8:12] in _HEIC_BRANDS:
        return PictureRefused(
            RefusalCode.HEIC,
            "아이폰에서만 열리는 사진(HEIC)이에요. 아이폰의 앨범에서 고르거나, 화면을 캡처해서 올려 주세요.",
        )
    return PictureRefused(
        RefusalCode.NOT_A_PICTURE, "사진 파일이 아니에요. JPG, PNG, WebP 사진을 골라 주세요."
    )


def _judge(opened: Image.Image, raw: bytes) -> None:
    width, height = opened.size
    size, pixels = f"({width:,}×{height:,})", width * height
    cap = _MAX_PIXELS[opened.format or "PNG"]
    if pixels > cap:
        raise _too_many_pixels(size, cap)
    if min(width, height) < MIN_SIDE:
        raise PictureRefused(
            RefusalCode.TOO_SMALL,
            f"사진이 너무 작아요({width}×{height}). 가로와 세로가 {MIN_SIDE}픽셀 이상인 사진을 골라 주세요.",
        )
    if opened.format in ("JPEG", "MPO"):
        # An MPO's further pictures are a phone's depth or brightness of the first one.
        scans = scans_of(raw, _MAX_SCANS)
        if scans.count > _MAX_SCANS:
            raise _broken()
        if not scans.by_lines and pixels > _MAX_WHOLE_PIXELS:
            raise _too_many_pixels(size, _MAX_WHOLE_PIXELS)
    elif getattr(opened, "is_animated", False):
        raise PictureRefused(
            RefusalCode.ANIMATED, "움직이는 그림은 문자로 보낼 수 없어요. 움직이지 않는 사진을 골라 주세요."
        )


def _upright_size(opened: Image.Image) -> Size:
    """The size once the picture is turned the way its camera was held."""
    width, height = opened.size
    on_its_side = opened.getexif().get(0x0112) in (5, 6, 7, 8)
    return (height, width) if on_its_side else (width, height)


def _too_many_pixels(size: str, cap: int) -> PictureRefused:
    return PictureRefused(
        RefusalCode.TOO_MANY_PIXELS,
        f"사진의 화소가 너무 많아요{size}. {_in_korean(cap)} 화소 이하로 줄이거나 화면을 캡처해서 올려 주세요.",
    )


def _in_korean(number: int) -> str:
    """24,000,000 → "2,400만"."""
    hundred_millions, rest = divmod(number // 10_000, 10_000)
    return f"{hundred_millions}억 {rest:,}만" if hundred_millions else f"{rest:,}만"


def _broken() -> PictureRefused:
    return PictureRefused(
        RefusalCode.BROKEN, "사진 파일이 손상되어 열 수 없어요. 원본 사진을 다시 골라 올려 주세요."
    )
