"""Somebody with a phone in one hand: reads what is on the screen, taps, types, and is watched with a stopwatch."""

import time
from typing import Final

from playwright.sync_api import Locator, Page

#: Seconds for a thumb to find its place, syllables typed and read in a second, seconds to look at a known screen.
TAP: Final = 0.25
TYPED: Final = 4.0
READ: Final = 8.0
GLANCE: Final = 1.5
#: Deleting with a key held down.
_DELETED: Final = 20.0

#: How many characters stand on the screen, without scrolling.
_SEEN: Final = """() => {
    let seen = 0;
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        const parent = texts.currentNode.parentElement;
        if (!parent.checkVisibility() || parent.closest('.visually-hidden, .skip-link, script')) continue;
        const range = document.createRange();
        range.selectNodeContents(texts.currentNode);
        const box = range.getBoundingClientRect();
        if (box.bottom > 0 && box.top < innerHeight) seen += texts.currentNode.data.replace(/\\s+/g, '').length;
    }
    return seen;
}"""


class Person:
    """Uses one page. `taps` and `typed` (characters) are counted from `start` on, `seconds` runs."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.start()

    def start(self) -> None:
        self.taps = 0
        self.typed = 0
        self._began = time.monotonic()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._began

    def read(self) -> None:
        """A screen seen for the first time, word by word."""
        time.sleep(1 + self.page.evaluate(_SEEN) / READ)

    def glance(self) -> None:
        """A screen one knows."""
        time.sleep(GLANCE)

    def tap(self, what: Locator) -> None:
        time.sleep(TAP)
        what.tap()
        self.taps += 1

    def replace(self, field: Locator, text: str) -> None:
        """Holds the delete key from the end of the focused field, then types."""
        length = len(field.input_value())
        field.press("End")
        for _ in range(length):
            field.press("Backspace")
            time.sleep(1 / _DELETED)
        for syllable in text:
            self.page.keyboard.insert_text(syllable)
            time.sleep(1 / TYPED)
        self.typed += len(text)
