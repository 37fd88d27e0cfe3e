"""Owners' uploads: bad ones are refused with a reason, good ones become what every handset takes."""

import contextlib
import hashlib
import io
import struct
import subprocess
import sys
import threading
import time
import zlib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageCms, ImageDraw, ImageStat

from messaging.pictures import sanitize
from messaging.pictures.framing import Crop, Shape
from messaging.pictures.sanitize import Picture, PictureRefused, sanitize_upload
from shopmsg.embedded.paths import PROJECT


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


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png_claiming(width: int, height: int, *more: bytes) -> bytes:
    """A PNG whose header promises a size that nobody should try to decode."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"".join(
        [
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", header),
            *more,
            chunk(b"IDAT", zlib.compress(b"\0" * 99)),
            chunk(b"IEND", b""),
        ]
    )


def jpeg_claiming(width: int, height: int, **options: Any) -> bytes:
    """A JPEG whose header promises another size than it has."""
    raw = encoded(photograph(64, 64), "JPEG", **options)
    frame = max(raw.find(b"\xff\xc0"), raw.find(b"\xff\xc2"))
    return raw[: frame + 5] + struct.pack(">HH", height, width) + raw[frame + 9 :]


def one_colour_a_scan(raw: bytes) -> bytes:
    """The same JPEG, its first scan holding one colour only: a decoder has to keep all of it."""
    at = raw.index(b"\xff\xda")
    length = int.from_bytes(raw[at + 2 : at + 4], "big")
    return raw[:at] + b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00" + raw[at + 2 + length :]


def many_scans(times: int) -> bytes:
    """A progressive JPEG that goes over its pixels again and again."""
    raw = encoded(photograph(64, 64), "JPEG", progressive=True)
    last = raw.rindex(b"\xff\xda")
    return raw[:-2] + raw[last:-2] * times + raw[-2:]


JPEG = encoded(photograph(800, 600), "JPEG")
PNG = encoded(photograph(300, 200), "PNG")

BAD_UPLOADS = {
    "50 MB": (JPEG + bytes(50_000_000), "too_many_bytes"),
    "40 megapixels": (png_claiming(8000, 5000), "too_many_pixels"),
    "one pixel over the cap": (png_claiming(24_000_001, 1), "too_many_pixels"),
    "decompression bomb": (png_claiming(60_000, 60_000), "too_many_pixels"),
    "4,000 megapixel JPEG": (jpeg_claiming(65_000, 65_000), "too_many_pixels"),
    "108 megapixels that cannot be decoded in parts": (
        jpeg_claiming(12_000, 9_000, progressive=True),
        "too_many_pixels",
    ),
    "108 megapixels, one colour after the other": (
        one_colour_a_scan(jpeg_claiming(12_000, 9_000)),
        "too_many_pixels",
    ),
    "a thousand scans": (many_scans(1_000), "broken"),
    "text that unpacks to 100 MB": (
        png_claiming(200, 200, chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(100_000_000)))),
        "broken",
    ),
    "zip": (b"PK\x03\x04" + bytes(4096), "not_a_picture"),
    "HEIC": (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(4096), "heic"),
    "HEIC that names no brand of its own": (b"\0\0\0\x18ftypmif1\0\0\0\0mif1" + bytes(4096), "heic"),
    "film": (b"\0\0\0\x18ftypmp42\0\0\0\0isom" + bytes(4096), "not_a_picture"),
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


def test_a_photograph_of_108_megapixels_is_taken_in_little_memory(tmp_path: Path) -> None:
    file = tmp_path / "photo.jpg"
    Image.linear_gradient("L").resize((12_000, 9_000)).save(file, "JPEG", quality=70)
    code = (
        "import pathlib, resource, sys\n"
        "from messaging.pictures.sanitize import sanitize_upload\n"
        "peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "before, made = peak(), sanitize_upload(pathlib.Path(sys.argv[1]).read_bytes())\n"
        "print(made.width, made.height, (peak() - before) // 1024)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(file)], cwd=PROJECT, capture_output=True, text=True, timeout=60
    )
    width, height, megabytes = map(int, done.stdout.split())
    assert (width, height) == (1000, 750), done.stderr
    assert megabytes < 60


QUARTERS = {"red": (0.0, 0.0), "lime": (0.5, 0.0), "blue": (0.0, 0.5), "yellow": (0.5, 0.5)}


def quarters(width: int, height: int) -> Image.Image:
    picture = Image.new("RGB", (width, height))
    draw = ImageDraw.Draw(picture)
    for colour, (x, y) in QUARTERS.items():
        left, top = round(x * width), round(y * height)
        draw.rectangle((left, top, left + width // 2, top + height // 2), fill=colour)
    return picture


@pytest.mark.parametrize("size", [(1600, 1200), (1200, 1600), (3000, 700), (650, 2100), (90, 70)])
def test_a_messages_picture_is_exactly_four_to_three_and_keeps_the_middle(size: tuple[int, int]) -> None:
    picture = sanitize_upload(encoded(quarters(*size), "PNG"), shape=Shape.MESSAGE)
    assert_sendable(picture)
    assert picture.width * 3 == picture.height * 4
    assert picture.width <= 1000
    corners = [
        (1, 1),
        (picture.width - 2, 1),
        (1, picture.height - 2),
        (picture.width - 2, picture.height - 2),
    ]
    with decoded(picture) as shown:
        for colour, corner in zip(QUARTERS, corners, strict=True):
            wanted = Image.new("RGB", (1, 1), colour).getpixel((0, 0))
            got = shown.getpixel(corner)
            assert isinstance(got, tuple)
            assert isinstance(wanted, tuple)
            assert all(abs(g - w) < 60 for g, w in zip(got, wanted, strict=True)), (colour, got)


@pytest.mark.parametrize("colour", QUARTERS)
@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_a_crop_is_taken_of_the_picture_as_it_is_seen(colour: str, orientation: int) -> None:
    turn = {
        1: None,
        3: Image.Transpose.ROTATE_180,
        6: Image.Transpose.ROTATE_90,
        8: Image.Transpose.ROTATE_270,
    }
    seen = quarters(2400, 1800)
    turned = turn[orientation]
    held = seen.transpose(turned) if turned is not None else seen
    exif = Image.Exif()
    exif[0x0112] = orientation
    x, y = QUARTERS[colour]
    picture = sanitize_upload(
        encoded(held, "JPEG", exif=exif, quality=90),
        shape=Shape.MESSAGE,
        crop=Crop(x + 0.05, y + 0.05, 0.4, 0.4),
    )
    assert (picture.width, picture.height) == (960, 720)
    red, green, blue = (round(mean) for mean in ImageStat.Stat(decoded(picture)).mean)
    wanted = Image.new("RGB", (1, 1), colour).getpixel((0, 0))
    assert (red, green, blue) == pytest.approx(wanted, abs=8)


def test_a_deep_crop_of_a_large_photograph_stays_sharp_and_is_never_enlarged() -> None:
    stripes = Image.new("L", (6000, 4500), "white")
    draw = ImageDraw.Draw(stripes)
    for left in range(0, 6000, 8):
        draw.rectangle((left, 0, left + 3, 4500), fill="black")
    picture = sanitize_upload(
        encoded(stripes, "JPEG", quality=90), shape=Shape.MESSAGE, crop=Crop(0.5, 0.5, 0.1, 0.1)
    )
    assert (picture.width, picture.height) == (600, 450)
    assert ImageStat.Stat(decoded(picture).convert("L")).stddev[0] > 100  # an eighth of it would be grey


@pytest.mark.parametrize(
    "crop",
    [
        Crop(0, 0, 0, 0),
        Crop(0.5, 0, 0.6, 0.5),
        Crop(-0.1, 0, 0.5, 0.5),
        Crop(0, 0, 1, 2),
        Crop(float("nan"), 0, 1, 1),
        Crop(0, 0, float("inf"), 1),
    ],
)
def test_a_crop_outside_the_picture_is_refused(crop: Crop) -> None:
    with pytest.raises(PictureRefused) as refusal:
        sanitize_upload(JPEG, crop=crop)
    assert refusal.value.code == "bad_crop"


def test_a_crop_too_small_to_look_at_is_refused() -> None:
    for shape in Shape:
        with pytest.raises(PictureRefused) as refusal:
            sanitize_upload(JPEG, shape=shape, crop=Crop(0.4, 0.4, 0.1, 0.1))
        assert refusal.value.code == "too_small"


def test_brightness_lightens_and_darkens_within_its_bounds() -> None:
    grey = encoded(Image.new("RGB", (200, 150), (100, 100, 100)), "PNG")
    for asked, got in ((-50, 50), (-20, 80), (0, 100), (30, 130), (50, 150), (900, 150)):
        assert nearly(sanitize_upload(grey, brightness=asked), (got, got, got), 3), asked
    clear = encoded(Image.new("RGBA", (200, 150), (0, 0, 0, 0)), "PNG")
    assert nearly(sanitize_upload(clear, brightness=40), (255, 255, 255))


def test_the_worst_picture_still_fits_and_keeps_the_messages_shape() -> None:
    noise = Image.merge("RGB", [Image.effect_noise((2000, 1500), 250) for _ in range(3)])
    picture = sanitize_upload(encoded(noise, "PNG", compress_level=0), shape=Shape.MESSAGE)
    assert_sendable(picture)
    assert picture.width * 3 == picture.height * 4


@pytest.mark.parametrize(
    "filling", [b"\xff" * 30_000 + b"\0", b"\xff\x01" * 12_000_000], ids=["fill bytes", "bare markers"]
)
def test_a_file_made_to_be_read_for_ages_is_judged_at_once(filling: bytes) -> None:
    slow = encoded(photograph(300, 200), "JPEG", progressive=True)[:-2] + filling
    begun = time.process_time()
    with contextlib.suppress(PictureRefused):
        sanitize_upload(slow)
    assert time.process_time() - begun < 2


def test_a_phones_picture_with_more_inside_is_taken_as_its_first() -> None:
    first, second = Image.new("RGB", (800, 600), "red"), Image.new("RGB", (800, 600), "blue")
    depth = encoded(first, "MPO", save_all=True, append_images=[second])
    for raw in (depth, encoded(first, "JPEG") + b"\0\0\0\x18ftypmp42" + bytes(50_000)):
        assert nearly(sanitize_upload(raw, shape=Shape.MESSAGE), (254, 0, 0))


def test_nothing_of_a_file_that_is_two_things_at_once_is_kept() -> None:
    page = b"<script>alert(1)</script>PK\x03\x04"
    polyglots = (
        encoded(photograph(300, 200), "JPEG", comment=page) + page,
        encoded(photograph(300, 200), "PNG") + page,
        encoded(photograph(300, 200), "WEBP", xmp=page),
    )
    for raw in polyglots:
        assert page in raw
        picture = sanitize_upload(raw)
        assert_sendable(picture)
        assert b"script" not in picture.jpeg
        assert b"PK\x03\x04" not in picture.jpeg


def test_who_comes_while_others_are_served_waits_and_is_told_when_it_takes_too_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Slow(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            begun.set()
            assert go_on.wait(10)
            return super().read(size)

    begun, go_on, made = threading.Event(), threading.Event(), []
    first = threading.Thread(target=lambda: made.append(sanitize_upload(Slow(JPEG))))
    first.start()
    assert begun.wait(10)
    monkeypatch.setattr(sanitize, "_WAIT_SECONDS", 0.05)
    with pytest.raises(PictureRefused) as refusal:
        sanitize_upload(JPEG)
    assert refusal.value.code == "busy"
    go_on.set()
    first.join(10)
    assert len(made) == 1
    assert_sendable(sanitize_upload(JPEG))
