"""사진 올리기 with a thumb, in a real browser: what the frame showed is what is kept."""

import base64
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageStat
from playwright.sync_api import Browser, Page, expect

from tests.browser import traffic
from tests.browser.portal import PHONE, Portal, eventually

pytestmark = pytest.mark.browser

FRAME_PIXELS = "canvas => canvas.toDataURL('image/png').split(',')[1]"


@pytest.fixture
def page(browser: Browser, portal: Portal) -> Iterator[Page]:
    """The shop's photographs, as its owner has them open on a phone; the component asked for a message's picture."""
    owner = traffic.Visitor(portal)
    owner.send("/login/demo/", mobile="01090000004")
    context = browser.new_context(
        viewport=PHONE, locale="ko-KR", base_url=portal.url, has_touch=True, is_mobile=True
    )
    context.add_cookies(owner.cookies)  # type: ignore[arg-type]
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if "Content Security" in said.text else None)
    page.goto(f"/shops/{portal.demo['shops'][3]['slug']}/shop/photos/")
    page.evaluate(
        """() => {
            const form = document.querySelector('form.picture-upload');
            form.dataset.shape = form.elements.shape.value = 'message';
            window.told = [];
            document.addEventListener('picture:stored', (event) => {
                event.stopImmediatePropagation();
                window.told.push(event.detail);
            }, true);
        }"""
    )
    yield page
    context.close()
    assert errors == []


def photograph(path: Path) -> Path:
    """4000×3000 as it is seen, kept on its side by the camera: a different colour wherever one looks."""
    across = Image.linear_gradient("L").rotate(90).resize((4000, 3000))
    down = Image.linear_gradient("L").resize((4000, 3000))
    seen = Image.merge("RGB", [across, down, Image.new("L", (4000, 3000), 90)])
    ImageDraw.Draw(seen).ellipse((2600, 400, 3400, 1200), fill="white")
    exif = Image.Exif()
    exif[0x0112] = 6
    seen.transpose(Image.Transpose.ROTATE_90).save(path, "JPEG", quality=92, exif=exif)
    return path


def choose(page: Page, file: Path) -> None:
    page.get_by_label("앨범에서 고르기").set_input_files(file)
    expect(page.locator("canvas")).to_be_visible()


def in_frame(page: Page) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(page.locator("canvas").evaluate(FRAME_PIXELS)))).convert(
        "RGB"
    )


def sent(page: Page) -> dict[str, Any]:
    """Press the main button; what the page is told."""
    page.get_by_role("button", name="이 사진 올리기").tap()
    return told(page)


def told(page: Page) -> dict[str, Any]:
    """What "picture:stored" says, once it comes."""
    found = eventually(lambda: page.evaluate("window.told"), 20)
    assert found, page.locator("form.picture-upload").inner_text()
    last: dict[str, Any] = found[-1]
    return last


def kept(portal: Portal, told: dict[str, Any]) -> Image.Image:
    answer = requests.get(portal.url + told["url"].replace(".webp", ".jpg"), timeout=10)
    assert len(answer.content) <= 200_000
    return Image.open(io.BytesIO(answer.content)).convert("RGB")


def difference(one: Image.Image, other: Image.Image) -> float:
    """The mean difference of a pixel's colour, 0 to 255, edges softened."""
    size = (400, 300)
    soft = [picture.resize(size).filter(ImageFilter.GaussianBlur(2)) for picture in (one, other)]
    return max(ImageStat.Stat(ImageChops.difference(*soft)).mean)


def touch(page: Page, *steps: tuple[str, list[tuple[float, float]]]) -> None:
    """Fingers on the glass: ("touchStart", [(x, y), …]) in fractions of the frame."""
    box = page.locator("canvas").bounding_box()
    assert box is not None
    line = page.context.new_cdp_session(page)
    for kind, fingers in steps:
        points = [
            {"x": box["x"] + x * box["width"], "y": box["y"] + y * box["height"], "id": number}
            for number, (x, y) in enumerate(fingers)
        ]
        line.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


def test_what_two_fingers_and_a_thumb_put_into_the_frame_is_what_is_kept(
    page: Page, portal: Portal, tmp_path: Path
) -> None:
    choose(page, photograph(tmp_path / "photo.jpg"))
    whole = in_frame(page)
    assert whole.size == (1000, 750)
    assert whole.getpixel((740, 200)) == (255, 255, 255)  # upright: the white plate is at the upper right

    pinch: list[tuple[str, list[tuple[float, float]]]] = [("touchStart", [(0.45, 0.5), (0.55, 0.5)])]
    pinch += [("touchMove", [(0.45 - n * 0.01, 0.5), (0.55 + n * 0.01, 0.5)]) for n in range(1, 9)]
    touch(page, *pinch, ("touchEnd", []))
    zoom = float(page.get_by_role("slider", name="크기").input_value())
    assert 2.2 < zoom < 2.9
    drag: list[tuple[str, list[tuple[float, float]]]] = [("touchStart", [(0.7, 0.3)])]
    drag += [("touchMove", [(0.7 - n * 0.05, 0.3 + n * 0.05)]) for n in range(1, 9)]
    touch(page, *drag, ("touchEnd", []))

    shown = in_frame(page)
    assert difference(shown, whole) > 15, "the fingers moved it"
    answer = sent(page)
    assert answer["width"] * 3 == answer["height"] * 4
    assert answer["width"] > 600
    assert difference(kept(portal, answer), shown) < 4
    assert difference(kept(portal, answer), whole) > 15
    assert page.evaluate("scrollX") == 0


def test_keys_and_sliders_do_what_fingers_do(page: Page, portal: Portal, tmp_path: Path) -> None:
    choose(page, photograph(tmp_path / "photo.jpg"))
    frame = page.locator("canvas")
    expect(frame).to_be_focused()
    for key in ("+", "+", "+", "+", "+", "ArrowLeft", "ArrowLeft", "ArrowDown"):
        page.keyboard.press(key)
    shown = in_frame(page)
    page.get_by_role("slider", name="밝기").fill("-30")
    dark = page.screenshot(clip=frame.bounding_box())
    stored = kept(portal, sent(page))
    assert difference(stored, shown.point(lambda value: round(value * 0.7))) < 4
    assert difference(stored, Image.open(io.BytesIO(dark)).convert("RGB")) < 6


def test_a_refusal_is_shown_and_another_picture_can_be_chosen(
    page: Page, portal: Portal, tmp_path: Path
) -> None:
    film = tmp_path / "가게.jpg"
    film.write_bytes(b"\0\0\0\x18ftypheic" + bytes(5000))
    page.get_by_label("앨범에서 고르기").set_input_files(film)
    trouble = page.get_by_role("alert")
    expect(trouble).to_contain_text("HEIC")
    expect(trouble.get_by_role("button")).to_be_hidden()
    choose(page, photograph(tmp_path / "photo.jpg"))
    expect(trouble).to_be_hidden()
    assert sent(page)["value"].startswith("stored:")


def test_a_broken_line_costs_no_second_choosing(page: Page, portal: Portal, tmp_path: Path) -> None:
    choose(page, photograph(tmp_path / "photo.jpg"))
    page.keyboard.press("+")
    shown = in_frame(page)
    page.context.set_offline(True)
    page.get_by_role("button", name="이 사진 올리기").tap()
    expect(page.get_by_role("alert")).to_contain_text("사진은 그대로 있으니")
    expect(page.get_by_role("button", name="다시 올리기")).to_be_visible()
    assert difference(in_frame(page), shown) < 1
    page.context.set_offline(False)
    assert difference(kept(portal, told(page)), shown) < 4  # by itself
    expect(page.get_by_role("alert")).to_be_hidden()


def test_an_upload_can_be_watched_and_stopped(page: Page, tmp_path: Path) -> None:
    choose(page, photograph(tmp_path / "photo.jpg"))
    line = page.context.new_cdp_session(page)
    slow = {"offline": False, "latency": 20, "downloadThroughput": 1e6, "uploadThroughput": 40_000}
    line.send("Network.emulateNetworkConditions", slow)
    page.get_by_role("button", name="이 사진 올리기").tap()
    expect(page.get_by_role("status")).to_contain_text("올리고 있어요 · ")
    expect(page.get_by_role("progressbar")).to_be_visible()
    with page.expect_event("requestfailed") as stopped:
        page.get_by_role("button", name="취소").tap()
    expect(page.locator("canvas")).to_be_visible()
    expect(page.get_by_role("alert")).to_be_hidden()
    assert stopped.value.url.endswith("/pictures/")
    body = stopped.value.post_data_buffer or b""
    assert len(body) < 1_500_000, "a phone's photograph is made smaller before it is sent"


def test_without_a_script_a_plain_form_keeps_the_picture(
    browser: Browser, portal: Portal, tmp_path: Path
) -> None:
    owner = traffic.Visitor(portal)
    owner.send("/login/demo/", mobile="01090000004")
    context = browser.new_context(viewport=PHONE, base_url=portal.url, java_script_enabled=False)
    context.add_cookies(owner.cookies)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"/shops/{portal.demo['shops'][3]['slug']}/shop/photos/")
    page.get_by_label("앨범에서 고르기").set_input_files(photograph(tmp_path / "photo.jpg"))
    page.get_by_role("button", name="고른 사진 올리기").click()
    expect(page.get_by_text("사진을 올렸어요.")).to_be_visible()
    assert "picture=stored" in page.url
    context.close()
