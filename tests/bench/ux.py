"""python -m tests.bench.ux [--json FILE]: ux.md's bars, measured on a fresh portal with a phone's browser at human speed.

The portal is `make run`'s, with its demo shops; everything runs on one machine, the browser included.
"""

import argparse
import re
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import psutil
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.bench import ux_stage
from tests.bench.figures import Figure, percentile, table, write
from tests.bench.ux_pages import Cost, costs
from tests.bench.ux_person import Person
from tests.bench.ux_signup import signed_up
from tests.browser import traffic
from tests.browser.portal import CHROMIUM, FLAGS, PHONE, Portal, start_portal, stop_portal

_KEYS: Final = 40
_SAVES: Final = 8
#: Milliseconds from a key to the phone that shows it, one for each key.
_WATCH: Final = """() => {
    const field = document.activeElement;
    window.took = [];
    let pressed = 0, wanted = "";
    field.addEventListener("input", () => { pressed = performance.now(); wanted = field.value; });
    new MutationObserver(() => {
        const shown = document.querySelector('.phone [data-edit="headline"]');
        if (!pressed || shown?.textContent.trim() !== wanted.trim()) return;
        window.took.push(performance.now() - pressed);
        pressed = 0;
    }).observe(document.querySelector('[data-slot="phone"]'), {childList: true, subtree: true, characterData: true});
}"""
#: Milliseconds from the last key until the server had it.
_SAVED: Final = """async () => {
    const pressed = performance.now();
    const field = document.activeElement;
    field.value += "요";
    field.dispatchEvent(new InputEvent("input", {bubbles: true}));
    for (;;) {
        await new Promise(done => setTimeout(done, 20));
        const saves = performance.getEntriesByType("resource").filter(each => each.name.includes("/promo/save/"));
        const answered = saves.filter(each => each.startTime > pressed && each.responseEnd);
        if (answered.length) return answered[0].responseEnd - pressed;
    }
}"""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.ux")
    parser.add_argument(
        "--json", type=Path, default=Path("bench-ux.json"), help="where the figures are written"
    )
    parser.add_argument("--repeats", type=int, default=3, help="how often each task is done")
    arguments = parser.parse_args()
    print(f"load on this machine before the bench: {psutil.getloadavg()[0]:.2f}", flush=True)
    began = time.monotonic()
    with _portal() as portal, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        figures = _first_promo(browser, portal)
        owner = _logged_in(browser, portal)
        figures += _season(owner, portal, arguments.repeats)
        figures += _typing(owner, portal)
        figures += signed_up(browser, portal)
        measured = costs(browser, portal.url, _pages(portal), owner.cookies())
        browser.close()
    figures += _worst(measured)
    write(figures, arguments.json, pages=[vars(cost) for cost in measured])
    print(f"\n{_listed(measured)}\n\n{table(figures)}")
    print(f"\n{time.monotonic() - began:.0f} s; written to {arguments.json}")
    return 0


@contextmanager
def _portal() -> Iterator[Portal]:
    with TemporaryDirectory(prefix="shopmsg-ux-") as folder:
        Path(folder).chmod(0o711)  # the database's own user must be able to pass
        portal = start_portal(Path(folder) / "data")
        try:
            yield portal
        finally:
            stop_portal(portal)


def _phone(browser: Browser, portal: Portal) -> BrowserContext:
    return browser.new_context(
        viewport=PHONE,
        locale="ko-KR",
        base_url=portal.url,
        has_touch=True,
        is_mobile=True,
        device_scale_factor=2,
    )


def _first_promo(browser: Browser, portal: Portal) -> list[Figure]:
    """From the text with the login link to a promo that callers get."""
    context = _phone(browser, portal)
    page = context.new_page()
    page.goto(ux_stage.phone_with_login_link(portal))
    person = Person(page)
    person.read()
    link = page.locator('a[href*="/in/"]').last
    if link.get_attribute("target") == "_blank":
        with context.expect_page() as opened:
            person.tap(link)
        person.page = opened.value
    else:
        person.tap(link)
    page = person.page
    page.wait_for_url(re.compile("/in/"))
    person.read()
    person.tap(page.get_by_role("button", name="들어가기"))
    page.wait_for_url(re.compile(f"/shops/{ux_stage.FRESH}/promo/"))
    person.read()
    person.tap(page.get_by_role("button", name="이대로 보낼게요"))
    expect(page.get_by_role("main")).to_contain_text("지금부터 이 내용이 나가요", timeout=20_000)
    seconds, taps, typed = person.seconds, person.taps, person.typed
    received = ux_stage.text_after_a_call(portal, "01005550071")
    if "(광고)[새봄손칼국수]" not in received:
        raise RuntimeError("the first caller does not get the promo")
    context.close()
    return [
        Figure("first promo live, from the login link", "s", [seconds], 90, at_most=True),
        Figure("    taps", "", [taps], 5, at_most=True),
        Figure("    characters that had to be typed", "", [typed], 0, at_most=True),
    ]


def _logged_in(browser: Browser, portal: Portal) -> BrowserContext:
    """The phone of a demo shop's owner."""
    context = _phone(browser, portal)
    page = context.new_page()
    page.goto("/login/demo/")
    page.get_by_role("button", name=re.compile(_shop(portal)["name"])).first.tap()
    page.wait_for_url(re.compile("/shops/"))
    page.close()
    return context


def _shop(portal: Portal) -> dict[str, Any]:
    shop: dict[str, Any] = portal.demo["shops"][0]
    return shop


def _season(owner: BrowserContext, portal: Portal, repeats: int) -> list[Figure]:
    """From the owner's first page to a changed headline of the live promo, on its way out."""
    seconds, taps = [], []
    page = owner.new_page()
    for number in range(repeats):
        page.goto(f"/shops/{_shop(portal)['slug']}/")
        person = Person(page)
        person.glance()
        person.tap(page.get_by_role("link", name="문자", exact=True))
        page.wait_for_url(re.compile("/promo/"))
        person.glance()
        person.tap(_headline(page))
        field = page.locator("#field-headline")
        expect(field).to_be_focused()
        person.replace(field, f"눈 오는 날 따끈한 한 마리 {number + 1}")
        person.glance()
        person.tap(page.get_by_role("button", name="이 내용으로 바꾸기"))
        expect(page.locator("[data-pending]")).to_be_visible(timeout=20_000)
        seconds.append(person.seconds)
        taps.append(float(person.taps))
        page.locator("[data-pending]").get_by_role("button", name="취소").tap()
        expect(page.get_by_role("main")).to_contain_text("취소했어요")
    page.close()
    return [
        Figure("season's text of a live promo changed", "s", seconds, 20, at_most=True),
        Figure("    taps", "", taps, 3, at_most=True),
    ]


def _headline(page: Page) -> Any:
    return page.locator('[data-slot="phone"] [data-edit="headline"]').first


def _typing(owner: BrowserContext, portal: Portal) -> list[Figure]:
    """How soon a key shows on the phone, and how soon it is safe."""
    page = owner.new_page()
    page.goto(f"/shops/{_shop(portal)['slug']}/promo/")
    _headline(page).tap()
    field = page.locator("#field-headline")
    expect(field).to_be_focused()
    field.fill("")
    page.wait_for_timeout(1_500)
    page.evaluate(_WATCH)
    for number in range(_KEYS):
        page.keyboard.insert_text("가나다라마바사아"[number % 8])
        page.wait_for_timeout(250)
    took = page.evaluate("window.took")
    saves = []
    for _ in range(_SAVES):
        page.wait_for_timeout(1_500)
        saves.append(page.evaluate(_SAVED) / 1000)
    page.close()
    return [
        Figure("key to preview, p50", "ms", [percentile(took, 0.5)], 100, at_most=True),
        Figure("    p95", "ms", [percentile(took, 0.95)], 100, at_most=True),
        Figure("    keys of which the preview was seen", "%", [100 * len(took) / _KEYS]),
        Figure("last key to saved", "s", saves, 1, at_most=True),
        Figure("    the slowest", "s", [max(saves)], 1, at_most=True),
    ]


def _pages(portal: Portal) -> list[tuple[str, str]]:
    """(kind, path) of the pages that owners and callers see most."""
    shop = _shop(portal)
    own = f"/shops/{shop['slug']}/"
    caller = "01005550072"
    traffic.ring(portal, shop, [caller])
    deadline = time.monotonic() + 20
    while not (texts := traffic.texts(portal, caller)) and time.monotonic() < deadline:
        time.sleep(0.2)
    message = traffic.link_in(texts[-1]).removeprefix(portal.url)
    return [
        *(("public", path) for path in (
            "/", "/check/?ksic=56193&revenue=500m", "/apply/", "/login/", "/real/", "/help/", f"/s/{shop['slug']}", message,
        )),
        *(("owner", f"{own}{page}") for page in (
            "", "calls/", "numbers/", "promo/", "promo/gallery/", "promo/versions/", "shop/", "shop/hours/",
            "shop/menu/", "shop/photos/", "coupons/", "blocks/", "settings/",
        )),
    ]  # fmt: skip


def _worst(measured: Sequence[Cost]) -> list[Figure]:
    """The page that comes nearest to each bar, or beyond."""
    figures = []
    for kind, bar in (("owner", 150), ("public", 50)):
        worst = max((cost for cost in measured if cost.kind == kind), key=lambda cost: cost.code)
        name = f"heaviest {kind} page, {worst.path}"
        figures.append(Figure(name, "KB", [worst.code / 1000], bar, at_most=True))
    worst = max(measured, key=lambda cost: cost.pictures)
    figures.append(
        Figure(f"heaviest first screen, {worst.path}", "KB", [worst.pictures / 1000], 60, at_most=True)
    )
    worst = max(measured, key=lambda cost: cost.usable)
    figures.append(Figure(f"slow 4G, last usable, {worst.path}", "s", [worst.usable], 2, at_most=True))
    return figures


def _listed(measured: Sequence[Cost]) -> str:
    lines = [f"{'page':34} {'HTML+CSS+JS':>12} {'pictures':>10} {'usable':>8}"]
    lines += [
        f"{cost.path[:34]:34} {cost.code / 1000:>9.1f} KB {cost.pictures / 1000:>7.1f} KB {cost.usable:>6.2f} s"
        for cost in measured
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
