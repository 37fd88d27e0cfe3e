"""Owners' uploads: bad ones are refused with a reason, good ones become what every handset takes."""

import hashlib
import io
import struct
import zlib
from typing import Any

import pytest
from PIL import Image, ImageCms

from messaging.pictures.sanitize import Picture, PictureRefused, sanitize_upload


def encoded(picture: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def decoded(picture: Picture) -> Image.Image:
    return Image.open(io.BytesIO(picture.jpeg))


def photograph(width: int, height: int) -> Image.Image:
    return Image.effect_noise((width, height), 80).convert("RGB")


def animation(kind: str) -> bytes:
    frames = [Image.new("RGB", (120, 90), colour) for colour in ("red", "blue")]
    return encoded(frames[0], kind, save_all=True, append_images=frames[1:])


def png_claiming(width: int, height: int) -> bytes:
    """A PNG whose header promises a size that nobody should try to decode."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 99))
        + chunk(b"IEND", b"")
    )


JPEG = encoded(photograph(800, 600), "JPEG")
PNG = encoded(photograph(300, 200), "PNG")

BAD_UPLOADS = {
    "11 MB": (JPEG + bytes(11_000_000), "too_many_bytes"),
    "40 megapixels": (png_claiming(8000, 5000), "too_many_pixels"),
    "one pixel over the cap": (png_claiming(24_000_001, 1), "too_many_pixels"),
    "decompression bomb": (png_claiming(60_000, 60_000), "too_many_pixels"),
    "1×1": (encoded(Image.new("RGB", (1, 1)), "PNG"), "too_small"),
    "a thread of 63 px": (encoded(Image.new("RGB", (900, 63)), "PNG"), "too_small"),
    "animated GIF": (animation("GIF"), "animated"),
    "animated PNG": (animation("PNG"), "animated"),
    "animated WebP": (animation("WEBP"), "animated"),
    "renamed executable": (b"MZ\x90\x00" + bytes(4096), "not_a_picture"),
    "nothing": (b"", "not_a_picture"),
    "script with a picture's name": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not_a_picture"),
    "TIFF": (encoded(Image.new("RGB", (100, 100)), "TIFF"), "not_a_picture"),
    "truncated JPEG": (JPEG[: len(JPEG) // 2], "broken"),
    "JPEG header only": (JPEG[:30], "broken"),
    "truncated PNG": (PNG[: len(PNG) // 2], "broken"),
    "truncated WebP": (encoded(photograph(300, 200), "WEBP")[:2000], "broken"),
}


@pytest.mark.parametrize("name", BAD_UPLOADS)
def test_a_bad_upload_is_refused_with_a_code_and_what_to_do(name: str) -> None:
    raw, code = BAD_UPLOADS[name]
    with pytest.raises(PictureRefused) as refusal:
        sanitize_upload(raw)
    assert refusal.value.code == code
    assert "요" in refusal.value.message
    assert refusal.value.message.endswith("주세요.")


def assert_sendable(picture: Picture) -> None:
    assert len(picture.jpeg) <= 200_000
    assert max(picture.width, picture.height) <= 1000
    assert b"\xff\xc0" in picture.jpeg
    assert b"\xff\xc2" not in picture.jpeg
    assert b"Exif" not in picture.jpeg
    assert b"ICC_PROFILE" not in picture.jpeg
    assert picture.sha256 == hashlib.sha256(picture.jpeg).hexdigest()
    with decoded(picture) as opened:
        assert (opened.format, opened.mode, opened.size) == ("JPEG", "RGB", (picture.width, picture.height))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photograph_becomes_small_enough_to_send(kind: str) -> None:
    picture = sanitize_upload(encoded(photograph(1600, 1200), kind))
    assert_sendable(picture)
    assert picture.width / picture.height == pytest.approx(4 / 3, abs=0.01)


def test_a_photograph_of_a_good_phone_is_taken() -> None:
    assert_sendable(sanitize_upload(encoded(Image.new("RGB", (5900, 4000), "teal"), "JPEG")))


def test_a_progressive_jpeg_comes_out_baseline() -> None:
    assert_sendable(sanitize_upload(encoded(photograph(400, 300), "JPEG", progressive=True)))


def test_a_picture_is_turned_upright_and_forgets_where_it_was_taken() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held on its side
    exif[0x010F] = "SecretCameraMaker"
    exif.get_ifd(0x8825)[1] = "N"
    sideways = Image.new("RGB", (300, 200), "red")
    sideways.paste("blue", (0, 0, 150, 200))
    for kind in ("JPEG", "PNG", "WEBP"):
        picture = sanitize_upload(encoded(sideways, kind, exif=exif))
        assert_sendable(picture)
        assert b"SecretCameraMaker" not in picture.jpeg
        assert (picture.width, picture.height) == (200, 300)
        top = decoded(picture).getpixel((100, 40))
        assert isinstance(top, tuple)
        assert top[2] > 200 > top[0]


def nearly(picture: Picture, expected: tuple[int, int, int], tolerance: int = 6) -> bool:
    pixel = decoded(picture).getpixel((picture.width // 2, picture.height // 2))
    assert isinstance(pixel, tuple)
    return all(abs(got - wanted) <= tolerance for got, wanted in zip(pixel, expected, strict=True))


def test_colours_survive_every_way_a_file_may_hold_them() -> None:
    size = (200, 150)
    palette = Image.new("RGB", size, (30, 120, 200)).quantize(8)
    assert nearly(sanitize_upload(encoded(Image.new("CMYK", size, (0, 255, 255, 0)), "JPEG")), (254, 0, 0))
    assert nearly(sanitize_upload(encoded(palette, "PNG")), (30, 120, 200))
    assert nearly(sanitize_upload(encoded(Image.new("L", size, 77), "PNG")), (77, 77, 77))
    assert nearly(sanitize_upload(encoded(Image.new("I;16", size, 0x8080), "PNG")), (128, 128, 128))
    assert nearly(sanitize_upload(encoded(Image.new("1", size, 1), "PNG")), (255, 255, 255))


def test_see_through_parts_become_white_paper() -> None:
    size = (200, 150)
    clear = {
        "RGBA": encoded(Image.new("RGBA", size, (200, 0, 0, 0)), "PNG"),
        "LA": encoded(Image.new("LA", size, (0, 0)), "PNG"),
        "palette": encoded(Image.new("P", size), "PNG", transparency=0),
        "one clear colour": encoded(Image.new("RGB", size, (1, 2, 3)), "PNG", transparency=(1, 2, 3)),
        "WebP": encoded(Image.new("RGBA", size, (200, 0, 0, 0)), "WEBP"),
    }
    for name, raw in clear.items():
        assert nearly(sanitize_upload(raw), (255, 255, 255)), name
    half = sanitize_upload(encoded(Image.new("RGBA", size, (255, 0, 0, 128)), "PNG"))
    assert nearly(half, (255, 127, 127))


def test_an_embedded_colour_profile_is_translated_to_srgb() -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    plain = Image.new("RGB", (200, 150), (180, 90, 40))
    assert nearly(
        sanitize_upload(encoded(plain, "JPEG", icc_profile=srgb.tobytes(), quality=95)), (180, 90, 40)
    )
    for useless in (b"not a profile", lab.tobytes()):
        picture = sanitize_upload(encoded(plain, "PNG", icc_profile=useless))
        assert_sendable(picture)
        assert nearly(picture, (180, 90, 40))
