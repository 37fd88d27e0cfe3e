"""How people act in a browser: a thumb on a phone, a keyboard without a mouse, Hangul as a 2-beolsik keyboard types it.

Both kinds of hands find things by what a screen reader calls them, so a test is written once for both.
"""

import re
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any, Final, Literal

from playwright.sync_api import Locator, Page, expect

_LEADS: Final = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_TAILS: Final = ("", *"ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ")
#: What takes two keys, by index: ㅘ is ㅗ and ㅏ, ㄺ is ㄹ and ㄱ. (ㄲ and ㅆ are one key with Shift.)
_VOWEL_BEGINS: Final = {9: 8, 10: 8, 11: 8, 14: 13, 15: 13, 16: 13, 19: 18}
_TAIL_BEGINS: Final = {3: 1, 5: 4, 6: 4, 9: 8, 10: 8, 11: 8, 12: 8, 13: 8, 14: 8, 15: 8, 18: 17}
_TAIL_ENDS: Final = {
    3: "ㅅ", 5: "ㅈ", 6: "ㅎ", 9: "ㄱ", 10: "ㅁ", 11: "ㅂ", 12: "ㅅ", 13: "ㅌ", 14: "ㅍ", 15: "ㅎ", 18: "ㅅ",
}  # fmt: skip
#: Tab presses after which a page has been gone through.
_STOPS: Final = 150
#: Where the focus is: whose it is, where it stands within what it belongs to, and what is wrong with how it is shown.
_FOCUS: Final = """async () => {
    // The page scrolls there with its next frame.
    for (let frame = 0; frame < 2; frame++) await new Promise(drawn => requestAnimationFrame(drawn));
    const here = document.activeElement;
    if (!here || here === document.body) return null;
    const shown = (here.matches('[type=radio], [type=checkbox]') && here.closest('label')) || here;
    const box = shown.getBoundingClientRect(), style = getComputedStyle(here);
    const group = here.closest('form, nav, ul, dialog, fieldset, section, header, footer, main') ?? document.body;
    group.handsId ??= window.handsIds = (window.handsIds ?? 0) + 1;
    const from = group.getBoundingClientRect();
    const over = document.elementFromPoint(box.left + box.width / 2, box.top + Math.min(box.height / 2, 40));
    const name = `<${here.tagName.toLowerCase()}> ${(here.innerText || here.name || '').trim().slice(0, 40)}`;
    const faults = [];
    if (here.tabIndex > 0) faults.push(`tabindex ${here.tabIndex}: ${name}`);
    if (style.outlineStyle === 'none' || parseFloat(style.outlineWidth) < 2) faults.push(`no focus ring: ${name}`);
    if (!over || !(shown.contains(over) || over.contains(shown))) faults.push(`hidden focus: ${name}`);
    return {name, faults, group: group.handsId, left: box.left - from.left, top: box.top - from.top, bottom: box.bottom - from.top};
}"""

Role = Literal["button", "link", "radio", "textbox", "heading", "checkbox"]


class Hands(ABC):
    """Somebody at one page. `presses` counts what they pressed or tapped, `typed` the characters they wrote."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.presses = 0
        self.typed = 0

    def find(self, role: Role, name: str | re.Pattern[str]) -> Locator:
        """The one thing of that name, as a screen reader says it; the test fails when there are two."""
        exact = isinstance(name, str)
        return self.page.get_by_role(role, name=name, exact=exact)

    def press(self, role: Role, name: str | re.Pattern[str]) -> None:
        """A link or a button. A link that opens a tab of its own takes the hands there."""
        what = self.find(role, name)
        expect(what).to_be_visible()
        if what.get_attribute("target") == "_blank":
            with self.page.expect_popup() as opened:
                self._press(what)
            self.page = opened.value
            self.page.wait_for_load_state()
        else:
            self._press(what)
        self.presses += 1

    def choose(self, name: str) -> None:
        """One answer of a question."""
        what = self.find("radio", name)
        expect(what).to_be_visible()
        self._choose(what)
        expect(what).to_be_checked()
        self.presses += 1

    def write(self, name: str, text: str) -> None:
        """Puts `text` in the place of what stands in the field."""
        what = self.find("textbox", name)
        expect(what).to_be_visible()
        self._go_into(what)
        expect(what).to_be_focused()
        self.page.keyboard.press("Control+a")
        compose(self.page, text)
        expect(what).to_have_value(text)
        self.typed += len(text)

    @abstractmethod
    def _press(self, what: Locator) -> None: ...

    @abstractmethod
    def _choose(self, what: Locator) -> None: ...

    @abstractmethod
    def _go_into(self, field: Locator) -> None: ...


class Thumb(Hands):
    """A phone held in one hand."""

    context: Final[dict[str, Any]] = {
        "viewport": {"width": 390, "height": 844},
        "has_touch": True,
        "is_mobile": True,
    }

    def _press(self, what: Locator) -> None:
        what.tap()

    def _choose(self, what: Locator) -> None:
        what.tap()

    def _go_into(self, field: Locator) -> None:
        if not field.evaluate("field => field === document.activeElement"):
            field.tap()
            self.presses += 1


class Keyboard(Hands):
    """No mouse and no touch: Tab to a thing, its key to press it. On the way every stop shows where it is, and within
    a form, a list or a section the stops go down or to the right."""

    # Without scrolling that takes its time: at every stop it is looked whether the focus is in sight.
    context: Final[dict[str, Any]] = {"viewport": {"width": 1280, "height": 800}, "reduced_motion": "reduce"}

    def _press(self, what: Locator) -> None:
        self._reach(what)
        is_link = what.evaluate("element => element.matches('a, summary')")
        self.page.keyboard.press("Enter" if is_link else "Space")

    def _choose(self, what: Locator) -> None:
        """Tab stops once in a group of answers; the arrows go through it."""
        group = what.get_attribute("name")
        self._reach(self.page.locator(f'input[type=radio][name="{group}"]'))
        for _ in range(what.page.locator(f'input[type=radio][name="{group}"]').count()):
            if what.is_checked():
                return
            self.page.keyboard.press("ArrowDown")

    def _go_into(self, field: Locator) -> None:
        self._reach(field)

    def _reach(self, what: Locator) -> None:
        before = None
        for _ in range(_STOPS):
            if what.evaluate_all("found => found.includes(document.activeElement)"):
                return
            self.page.keyboard.press("Tab")
            now = self.page.evaluate(_FOCUS)
            if now is not None:
                if now["faults"]:
                    raise AssertionError("; ".join(now["faults"]))
                if before is not None and _jumps_back(before, now):
                    raise AssertionError(f"the focus jumps back from {before['name']} to {now['name']}")
            before = now
        raise AssertionError(f"Tab does not come to {what}")


def _jumps_back(before: dict[str, Any], now: dict[str, Any]) -> bool:
    """Whether the focus went up or to the left within the same form, list or section."""
    above = bool(now["bottom"] <= before["top"] + 1 and now["left"] <= before["left"] + 1)
    return above and before["group"] == now["group"]


def keys_of(text: str) -> Iterator[tuple[str, str]]:
    """(what is committed, what is being composed) after each key of a 2-beolsik keyboard. A consonant is taken for the
    end of the syllable before it until a vowel follows: 치, 칰, 치키, 치킨."""
    done = ""
    for place, char in enumerate(text):
        if not "가" <= char <= "힣":
            done += char
            yield done, ""
            continue
        lead, rest = divmod(ord(char) - 0xAC00, 588)
        vowel, tail = divmod(rest, 28)
        base = 0xAC00 + lead * 588
        previous = text[place - 1] if place else ""
        yield _taken_for_its_end(previous, _LEADS[lead], done)
        for step in (_VOWEL_BEGINS.get(vowel), vowel):
            if step is not None:
                yield done, chr(base + step * 28)
        for step in (_TAIL_BEGINS.get(tail), tail):
            if step:
                yield done, chr(base + vowel * 28 + step)
        done += char
    yield done, ""


def _taken_for_its_end(previous: str, consonant: str, done: str) -> tuple[str, str]:
    """After the first consonant of a syllable: with the syllable before, when it can be its end."""
    if "가" <= previous <= "힣":
        tail = (ord(previous) - 0xAC00) % 28
        longer = _TAILS.index(consonant) if not tail and consonant in _TAILS else None
        for whole, begin in _TAIL_BEGINS.items():
            if begin == tail and _TAIL_ENDS[whole] == consonant:
                longer = whole
        if longer:
            return done[:-1], chr(ord(previous) - tail + longer)
    return done, consonant


def compose(page: Page, text: str, *, pause: float = 0.0, enter: bool = False) -> None:
    """Types into the focused field through the browser's input method. With `enter` the last syllable is still open when
    Enter is pressed, as people do: the input method takes the key to finish the syllable, then it arrives."""
    wire = page.context.new_cdp_session(page)
    steps = list(keys_of(text))
    committed = composing = ""
    for place, (done, open_syllable) in enumerate(steps):
        if enter and place == len(steps) - 1 and composing:
            wire.send(
                "Input.dispatchKeyEvent",
                {"type": "rawKeyDown", "windowsVirtualKeyCode": 229, "key": "Enter", "code": "Enter"},
            )
        if done != committed:
            wire.send("Input.insertText", {"text": done[len(committed) :]})
            committed = done
        composing = open_syllable
        if composing:
            wire.send(
                "Input.imeSetComposition",
                {"text": composing, "selectionStart": len(composing), "selectionEnd": len(composing)},
            )
        if pause:
            time.sleep(pause)
    wire.detach()
    if enter:
        page.keyboard.press("Enter")
