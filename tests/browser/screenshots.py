"""python -m tests.browser.screenshots: takes the README's pictures anew from a fresh portal, into docs/img/."""

import io
import re
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from shopmsg.embedded.paths import PROJECT
from tests.browser import signup, traffic
from tests.browser.portal import CHROMIUM, FLAGS, PHONE, Portal, eventually, start_portal, stop_portal
from tests.browser.signup import Clock

_FOLDER: Final = PROJECT / "docs" / "img"
_MOST_BYTES: Final = 150_000
_WIDE: Final = ViewportSize(width=1280, height=960)
#: A headless browser's own name is a robot's, and robots are not counted.
_USER_AGENT: Final = (
    "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Mobile Safari/537.36"
)
_CALLERS: Final = tuple(f"010055503{number:02d}" for number in range(26))


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
    page.evaluate("scrollTo(0, 0)")
    _keep(page, "try")

    _busy_day(browser, portal, shop)
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

    page = _page(browser, portal, PHONE, 2)
    page.context.add_cookies(cookies)  # type: ignore[arg-type]
    page.goto(f"/shops/{shop['slug']}/plan/")
    _keep(page, "plan")

    page = _page(browser, portal, PHONE, 2)
    page.goto("/check/?ksic=56193&revenue=500m#verdict")
    _keep(page, "check")

    page = _page(browser, portal, _WIDE, 1)
    page.goto("/login/demo/")
    page.get_by_role("button", name="박상담").first.click()
    page.goto("/desk/")
    signup.take_the_call(page, signup.fresh_shop(), Clock())
    page.evaluate("scrollTo(0, 0)")
    _keep(page, "desk")


def _busy_day(browser: Browser, portal: Portal, shop: dict[str, Any]) -> None:
    """Calls of which most bring a message, and some people who open its link."""
    traffic.ring(portal, shop, _CALLERS)
    traffic.ring(portal, shop, _CALLERS[:3])
    traffic.ring(portal, shop, ["01005550399"], seconds=4)
    if not eventually(lambda: all(traffic.texts(portal, caller) for caller in _CALLERS), 40):
        raise RuntimeError("the texts do not arrive")
    for caller in _CALLERS[:7]:
        page = _page(browser, portal, PHONE, 1)
        page.goto(traffic.link_in(traffic.texts(portal, caller)[-1]))
        page.wait_for_load_state("networkidle")
        page.context.close()
    time.sleep(3)  # the reports of the last messages


def _page(browser: Browser, portal: Portal, viewport: ViewportSize, scale: float) -> Page:
    context = browser.new_context(
        viewport=viewport, device_scale_factor=scale, locale="ko-KR", timezone_id="Asia/Seoul", base_url=portal.url,
        has_touch=True, reduced_motion="reduce", color_scheme="light", user_agent=_USER_AGENT,
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
