"""What every page of ours must be, whatever it shows: sound HTML that our CSP allows, and its weight."""

import re
from collections import Counter
from pathlib import Path
from typing import Protocol
from xml.etree.ElementTree import Element

import brotli  # type: ignore[import-untyped]
import html5lib
from django.contrib.staticfiles import finders

#: HTML + CSS + JS, compressed (ux.md).
PUBLIC_PAGE = 50_000
OWNER_PAGE = 150_000

_XHTML = "{http://www.w3.org/1999/xhtml}"


class Page(Protocol):
    """A response, the test client's or a view's own."""

    @property
    def content(self) -> bytes: ...


def sound(response: Page) -> Element:
    """The page's tree, after everything a page of ours must have was found in it."""
    html = response.content.decode()
    parser = html5lib.HTMLParser(strict=True, tree=html5lib.getTreeBuilder("etree"))
    tree: Element = parser.parse(html)
    elements = [element for element in tree.iter() if isinstance(element.tag, str)]

    assert tree.get("lang") == "ko"
    assert len(named(tree, "h1")) == 1, "one h1"
    assert [element.tag for element in elements if element.get("style") is not None] == []
    assert named(tree, "style") == []
    assert [
        script for script in named(tree, "script") if not script.get("src") and not _is_data(script)
    ] == []
    handlers = [name for element in elements for name in element.attrib if re.match(r"on[a-z]|hx-on", name)]
    assert handlers == []
    ids = Counter(element.get("id") for element in elements if element.get("id"))
    assert [name for name, times in ids.items() if times > 1] == [], "ids are unique"
    labels = {label.get("for") for label in named(tree, "label")}
    for name in ("input", "select", "textarea"):
        for control in named(tree, name):
            assert control.get("type") == "hidden" or control.get("id") in labels, f"{name} has a label"
    for image in named(tree, "img"):
        assert image.get("alt") is not None
    for source in sources(tree):
        assert source.startswith(("/", "data:")), f"{source} is ours"
    return tree


def named(tree: Element, name: str) -> list[Element]:
    """Every element with this tag."""
    return list(tree.iter(f"{_XHTML}{name}"))


def text_of(element: Element) -> str:
    return "".join(element.itertext())


def with_class(tree: Element, name: str) -> list[Element]:
    return [element for element in tree.iter() if name in element.get("class", "").split()]


def sources(tree: Element) -> list[str]:
    """Addresses a browser fetches for this page without being asked."""
    found = [link.get("href", "") for link in named(tree, "link") if link.get("rel") != "canonical"]
    for name in ("script", "img"):
        found += [element.get("src", "") for element in named(tree, name) if not _is_data(element)]
    return found


def _is_data(script: Element) -> bool:
    """A block of facts for search engines, which no browser runs."""
    return script.get("type") == "application/ld+json"


def weight(response: Page) -> int:
    """Bytes of the page's HTML, CSS and JavaScript, brotli-compressed."""
    total = len(brotli.compress(response.content))
    for source in sources(sound(response)):
        if source.endswith((".css", ".js")):
            found = finders.find(source.removeprefix("/static/"))
            assert isinstance(found, str), source
            total += len(brotli.compress(Path(found).read_bytes()))
    return total
