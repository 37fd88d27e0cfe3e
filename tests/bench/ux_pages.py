"""What a page costs a phone: bytes on the wire, and seconds on a slow connection until it can be used."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.portal import PHONE

#: Slow 4G as browsers' tools have it: 1.6 Mbit/s down, 0.75 up, 150 ms there and back.
_SLOW: Final = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 93_750}
#: Two round trips more, for TCP and TLS: the browser's tools delay requests, not connections.
_CONNECTING: Final = 0.3
#: Painted, and every script has run.
_USABLE: Final = """() => {
    const [page] = performance.getEntriesByType('navigation');
    const paint = performance.getEntriesByName('first-contentful-paint')[0];
    return Math.max(paint ? paint.startTime : 0, page.domContentLoadedEventEnd) / 1000;
}"""
#: Pictures on the screen before anybody scrolls.
_SHOWN: Final = """() => [...document.images].filter(image => {
    const box = image.getBoundingClientRect();
    return image.checkVisibility() && box.top < innerHeight && box.bottom > 0 && box.width > 0;
}).map(image => image.currentSrc)"""


@dataclass
class Cost:
    """One page of one kind ("owner" or "public"): bytes of HTML, CSS and JavaScript, bytes of the pictures on its first
    screen, and seconds until it can be used on slow 4G, its first time on this phone."""

    path: str
    kind: str
    code: int = 0
    pictures: int = 0
    usable: float = 0.0


@dataclass
class _Wire:
    """Bytes by address and by kind, as they came over the wire."""

    types: dict[str, tuple[str, str]] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)

    def listen(self, page: Page) -> Any:
        session = page.context.new_cdp_session(page)
        session.on("Network.responseReceived", self._received)
        session.on("Network.loadingFinished", self._finished)
        session.send("Network.enable")
        return session

    def _received(self, event: dict[str, Any]) -> None:
        self.types[event["requestId"]] = (event["type"], event["response"]["url"])

    def _finished(self, event: dict[str, Any]) -> None:
        self.sizes[event["requestId"]] = int(event["encodedDataLength"])

    def bytes_of(self, *types: str) -> dict[str, int]:
        return {
            url: self.sizes.get(request, 0) for request, (type_, url) in self.types.items() if type_ in types
        }


def costs(browser: Browser, url: str, pages: Iterable[tuple[str, str]], cookies: list[Any]) -> list[Cost]:
    """Each page alone in a browser that has seen nothing yet, logged in with these cookies when it is an owner's."""
    return [_cost(browser, url, Cost(path, kind), cookies if kind == "owner" else []) for kind, path in pages]


def _cost(browser: Browser, url: str, cost: Cost, cookies: list[Any]) -> Cost:
    wire = _Wire()
    page = _fresh(browser, url, cookies)
    wire.listen(page)
    answer = page.goto(cost.path, wait_until="networkidle")
    if answer is None or not answer.ok:
        raise RuntimeError(f"{cost.path} answers {answer and answer.status}")
    shown = set(page.evaluate(_SHOWN))
    cost.code = sum(wire.bytes_of("Document", "Stylesheet", "Script").values())
    cost.pictures = sum(size for source, size in wire.bytes_of("Image").items() if source in shown)
    page.context.close()

    page = _fresh(browser, url, cookies)
    session = _Wire().listen(page)
    session.send("Network.emulateNetworkConditions", _SLOW)
    page.goto(cost.path, wait_until="domcontentloaded", timeout=60_000)
    page.wait_for_function("() => performance.getEntriesByName('first-contentful-paint').length")
    cost.usable = _CONNECTING + page.evaluate(_USABLE)
    page.context.close()
    return cost


def _fresh(browser: Browser, url: str, cookies: list[Any]) -> Page:
    context: BrowserContext = browser.new_context(
        viewport=PHONE, locale="ko-KR", base_url=url, has_touch=True, is_mobile=True, device_scale_factor=2,
        service_workers="block",
    )  # fmt: skip
    context.add_cookies(cookies)
    return context.new_page()
