"""The gates every page of ours goes through (ux.md, "Bars"; notify.md's best idea: checks no author can forget).

A gate returns faults in words. What only a browser sees is in gates.js; the document as it was sent is looked at here.
"""

import gzip
import re
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

import axe_core_python
import html5lib
from django.urls import Resolver404, ResolverMatch, URLPattern, URLResolver, get_resolver, resolve
from playwright.sync_api import Page, Request, Response

from tests.browser.visits import INDEXED, Visit
from tests.markup import sound

#: axe and gates.js. A context takes them as its init script: the debugger puts them into every page before it begins.
TOOLS: Final = "\n".join(
    path.read_text("utf-8")
    for path in (Path(axe_core_python.__file__).parent / "axe.min.js", Path(__file__).with_name("gates.js"))
)
#: Something is still being fetched into the page.
UNSETTLED: Final = "Boolean(document.querySelector('.htmx-request, .htmx-settling'))"
#: Stops of the Tab key that are looked at, from the top of the page and from its content on.
_STOPS: Final = (3, 9)


@dataclass
class Tab:
    """A person's one tab: what the page in it complained of, the documents it was sent and all it asked for."""

    page: Page
    said: list[str] = field(default_factory=list)
    documents: list[Response] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def listen(self) -> "Tab":
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on(
            "console", lambda line: self.said.append(line.text) if line.type in ("error", "warning") else None
        )
        self.page.on("response", self._keep)
        self.page.on("request", self._ask)
        return self

    def _keep(self, response: Response) -> None:
        if response.request.is_navigation_request():
            self.documents.append(response)

    def _ask(self, request: Request) -> None:
        self.asked.append(request.url)

    def forget(self) -> None:
        self.said.clear()
        self.documents.clear()
        self.asked.clear()
        self.page.emulate_media(color_scheme="light")


@dataclass(frozen=True)
class _Sent:
    content: bytes


def faults_of(tab: Tab, visit: Visit, transferred: Callable[[str], int], *, again: bool = False) -> list[str]:
    """Every gate over the page a tab shows. `transferred` gives the bytes on the wire of a style sheet or script. `again`:
    another state of a page seen before, whose colours at night and first stops of the Tab key are known."""
    page, document = tab.page, tab.documents[-1]
    body = document.body()
    faults = [*_refusals(tab, visit), *_document_faults(page, visit, document), *markup_faults(body)]
    if not again:
        faults += focus_faults(page)
    page.evaluate("gates.unfold()")
    faults += page.evaluate("gates.light()")
    faults += [
        f"form without CSRF token: {url}" for url in page.evaluate("gates.bare()") if not _needs_no_token(url)
    ]
    if not again:
        page.emulate_media(color_scheme="dark")
        faults += page.evaluate("gates.dark()")
    faults += page.evaluate("gates.large()")
    total = len(gzip.compress(body)) + sum(map(transferred, page.evaluate("gates.files()")))
    if total > visit.weight:
        faults.append(f"{total:,} bytes of HTML, CSS and JavaScript")
    return faults


def look_at(page: Page) -> list[str]:
    """The gates of gates.js alone, for a page that was not sent by the portal."""
    page.evaluate(TOOLS)
    found = [*focus_faults(page), *page.evaluate("gates.light()"), *page.evaluate("gates.bare()")]
    page.emulate_media(color_scheme="dark")
    return [*found, *page.evaluate("gates.dark()"), *page.evaluate("gates.large()")]


def markup_faults(body: bytes) -> list[str]:
    """HTML5 without a parse error, no inline script, style or handler, and what else tests.markup asks of a page."""
    try:
        sound(_Sent(body))
    except html5lib.html5parser.ParseError as error:
        return [f"markup: {error}"]
    except AssertionError as error:
        asked = traceback.extract_tb(error.__traceback__)[-1].line
        return [f"markup: {str(error) or asked}"]
    return []


def policy_faults(headers: dict[str, str]) -> list[str]:
    """A Content-Security-Policy that allows scripts and styles of our own files alone."""
    policy = headers.get("content-security-policy", "")
    faults = [] if "default-src" in policy else ["no Content-Security-Policy"]
    faults += [f"policy with {word}" for word in ("unsafe-inline", "unsafe-eval", "*") if word in policy]
    return faults


def robots_faults(visit: Visit, headers: dict[str, str], html: str) -> list[str]:
    """Only what INDEXED names may be found by a search engine; a page that is not there needs no word about it."""
    said = headers.get("x-robots-tag", "") + "".join(
        re.findall(r'<meta name="robots"\s+content="([^"]*)"', html)
    )
    hidden = "noindex" in said
    if visit.status >= 400 or hidden == (bool(visit.who) or visit.name not in INDEXED):
        return []
    return ["hidden from search engines"] if hidden else ["not hidden from search engines"]


def focus_faults(page: Page) -> list[str]:
    """The first stops of the Tab key."""
    faults: list[str] = []
    for start, stops in zip(
        ("document.activeElement.blur()", "document.querySelector('main').focus()"), _STOPS, strict=True
    ):
        page.evaluate(start)
        for _ in range(stops):
            page.keyboard.press("Tab")
            found = page.evaluate("gates.focus()")
            if found is None:
                break
            faults += found
    return faults


def _document_faults(page: Page, visit: Visit, document: Response) -> list[str]:
    faults = []
    if document.status != visit.status:
        faults.append(f"status {document.status}")
    if visit.name in ROUTES and name_of(page.url) != visit.name:
        faults.append(f"this is {name_of(page.url)}")
    headers = document.headers
    return [*faults, *policy_faults(headers), *robots_faults(visit, headers, document.text())]


def _refusals(tab: Tab, visit: Visit) -> list[str]:
    """What the browser complained of (a refused script is among it), and what it fetched elsewhere."""
    faults = [line for line in tab.said if not (visit.status >= 400 and str(visit.status) in line)]
    ours = urlsplit(tab.page.url).netloc
    for url in tab.asked:
        parts = urlsplit(url)
        if parts.scheme not in ("data", "blob") and parts.netloc != ours:
            faults.append(f"asked elsewhere: {url}")
    return faults


def _needs_no_token(url: str) -> bool:
    """Whether who holds the address may do it: a caller's page, a page that is the same for everybody."""
    match = _match(url)
    return match is not None and getattr(match.func, "csrf_exempt", False)


# --- addresses ---------------------------------------------------------------------------------------------------------


def _names(resolver: URLResolver, namespace: str = "") -> Iterator[str]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLPattern):
            if pattern.name:
                yield f"{namespace}{pattern.name}"
        elif pattern.namespace != "admin":  # Unfold's own pages
            yield from _names(pattern, f"{pattern.namespace}:" if pattern.namespace else namespace)


#: Every named address of ours.
ROUTES: Final = frozenset(_names(get_resolver()))


def _match(url: str) -> ResolverMatch | None:
    try:
        return resolve(unquote(urlsplit(url).path))
    except Resolver404:
        return None


def name_of(url: str) -> str:
    """The name of an address, "" for one that leads nowhere."""
    match = _match(url)
    return match.view_name if match else ""


def place_of(url: str) -> tuple[str, str]:
    """What a title must tell apart: (name of the address, shop), whoever's message, call or picture it is about."""
    match = _match(url)
    return (match.view_name, str(match.kwargs.get("slug", ""))) if match else ("", "")
