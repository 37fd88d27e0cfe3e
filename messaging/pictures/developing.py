"""From an opened, judged picture to the pixels that are sent: upright, framed, 8-bit sRGB on white, no metadata."""

import io
from typing import Final

from PIL import Image, ImageCms, ImageEnhance, ImageOps

from messaging.pictures.framing import Crop, Shape, Size, box_of

_SRGB: Final = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
#: What is decoded of a JPEG at most, however far into it the crop goes.
_MAX_DECODED: Final = 24_000_000


def develop(
    opened: Image.Image, upright: Size, crop: Crop, shape: Shape, target: Size, light: float
) -> Image.Image:
    """An RGB picture of `target` pixels. `upright` is the size before decoding, `light` the factor on every pixel."""
    profile = opened.info.get("icc_profile")
    _decode_no_more_than_needed(opened, upright, crop, shape, target)
    flat = _to_eight_bits(opened)
    if flat.getexif().get(0x0112, 1) != 1:  # transposing would copy even what is upright
        flat = ImageOps.exif_transpose(flat)
    if flat is not opened:
        opened.close()  # 100 MB of a large PNG that nothing needs any more
    box = box_of(flat.size, crop, shape)
    # Cut and shrunk first: all that follows is cheap.
    flat = flat.resize(target, Image.Resampling.LANCZOS, box=box, reducing_gap=2.0)
    alpha = flat.getchannel("A") if flat.mode in ("RGBA", "LA") else None
    solid = flat.convert({"LA": "L", "RGBA": "RGB"}[flat.mode]) if alpha else flat
    coloured = _through_profile(solid, profile) if profile else solid
    coloured = coloured if coloured.mode == "RGB" else coloured.convert("RGB")
    clean = Image.new("RGB", coloured.size, "white")
    clean.paste(coloured, mask=alpha)
    return clean if light == 1 else ImageEnhance.Brightness(clean).enhance(light)


def _decode_no_more_than_needed(
    opened: Image.Image, upright: Size, crop: Crop, shape: Shape, target: Size
) -> None:
    """Tells a JPEG's decoder which of a half, a quarter or an eighth will do; other formats know no such thing."""
    left, top, right, bottom = box_of(upright, crop, shape)
    spare = min((right - left) / target[0], (bottom - top) / target[1])
    width, height = opened.size
    fraction = 1
    while fraction < 8 and (spare >= fraction * 2 or width * height > _MAX_DECODED * fraction * fraction):
        fraction *= 2
    opened.draft(opened.mode, (width // fraction, height // fraction))


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
