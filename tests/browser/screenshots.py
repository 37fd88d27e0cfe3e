"""python -m tests.browser.screenshots: takes the README's pictures anew from a fresh portal, into docs/img/."""

import io
import re
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from shopmsg.embedded.paths import PROJECT
from tests.browser.conftest import CHROMIUM, FLAGS, PHONE, Portal, start_portal, stop_portal

_FOLDER: Final = PROJECT / "docs" / "img"
_MOST_BYTES: Final = 150_000
_WIDE: Final = ViewportSize(width=1280, height=860)


def main() -> int:
    with TemporaryDirectory(prefix="shopmsg-screenshots-") as folder:
        Path(folder).chmod(0o711)  # the database's own user must be able to pass
        portal = start_portal(Path(folder) / "data")
        try:
            with sync_playwright() as driver:
                browser = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
                _take(browser, portal)
                browser.close()
        finally:
            stop_portal(portal)
    return 0


def _take(browser: Browser, portal: Portal) -> None:
    shop = portal.demo["shops"][0]
    page = _page(browser, portal, _WIDE, 1)
    page.goto("/try/")
    page.get_by_role("button", name="전화 끊기").click()
    expect(page.locator("#phone")).to_contain_text("(광고)[", timeout=20_000)
    page.locator("#phone img").first.evaluate("image => image.decode()")
    _keep(page, "try")

    page = _page(browser, portal, _WIDE, 1)
    page.goto("/login/demo/")
    page.get_by_role("button", name=re.compile(shop["name"])).first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(shop["name"])
    cookies = page.context.cookies()
    _keep(page, "owner")

    page = _page(browser, portal, PHONE, 2)
    page.context.add_cookies(cookies)  # type: ignore[arg-type]
    page.goto(f"/shops/{shop['slug']}/promo/")
    hint = page.get_by_role("button", name="알겠어요")
    if hint.count():
        hint.tap()
    page.locator('[data-slot="phone"] [data-edit="headline"]').first.tap()
    expect(page.locator("#field-headline")).to_be_focused()
    _keep(page, "editor")

    page = _page(browser, portal, PHONE, 2)
    page.goto(f"/s/{shop['slug']}")
    _keep(page, "homepage")


def _page(browser: Browser, portal: Portal, viewport: ViewportSize, scale: float) -> Page:
    context = browser.new_context(
        viewport=viewport, device_scale_factor=scale, locale="ko-KR", timezone_id="Asia/Seoul", base_url=portal.url,
        has_touch=True, reduced_motion="reduce", color_scheme="light",
    )  # fmt: skip
    return context.new_page()


def _keep(page: Page, name: str) -> None:
    """The screen as a PNG of few colours, light enough for a README."""
    page.wait_for_load_state("networkidle")
    page.evaluate("document.fonts.ready.then(() => true)")
    taken = Image.open(io.BytesIO(page.screenshot(caret="hide"))).convert("RGB")
    for colours in (256, 128, 64, 32):
        kept = io.BytesIO()
        taken.quantize(colours, dither=Image.Dither.NONE).save(kept, "PNG", optimize=True)
        if kept.tell() <= _MOST_BYTES:
            break
    path = _FOLDER / f"{name}.png"
    path.write_bytes(kept.getvalue())
    print(
        f"{path.relative_to(PROJECT)}: {taken.width}×{taken.height}, {kept.tell() / 1000:.0f} KB", flush=True
    )
    page.context.close()


if __name__ == "__main__":
    sys.exit(main())
