"""/styleguide/: every component is there, and looks as it should on a phone and on a desk, by day and by night."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

import axe_core_python
import pytest
from playwright.sync_api import Page, ViewportSize

from shopmsg.embedded.paths import PROJECT
from tests.browser.portal import DESK, PHONE

pytestmark = pytest.mark.browser

_AXE: Final = (Path(axe_core_python.__file__).parent / "axe.min.js").read_text("utf-8")
#: Everything axe knows, and AAA contrast on top (ux.md asks 7:1).
_RUN_AXE: Final = """async () => {
    const rules = {'color-contrast-enhanced': {enabled: true}};
    const found = await axe.run(document, {rules, resultTypes: ['violations']});
    return found.violations.map(each => `${each.id}: ` + each.nodes.map(node => node.html.slice(0, 160)).join(' | '));
}"""
_SIDEWAYS: Final = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def guide(open_page: Callable[..., Page]) -> Callable[[ViewportSize], Page]:
    def opened(viewport: ViewportSize) -> Page:
        page = open_page("/login/demo/", viewport=viewport, reduced_motion="reduce")
        page.get_by_role("button", name=re.compile("관리자")).first.click()
        page.wait_for_load_state()
        page.goto("/styleguide/")
        return page

    return opened


def test_every_component_is_shown(guide: Callable[[ViewportSize], Page]) -> None:
    page = guide(DESK)
    shown = {}
    for specimen in page.locator("[data-component]").all():
        box = specimen.bounding_box()
        for name in str(specimen.get_attribute("data-component")).split():
            shown[name] = box is not None and box["height"] > 40
    files = {path.stem for path in (PROJECT / "templates" / "components").glob("*.html")}
    assert files - set(shown) == set(), "show it on /styleguide/ with its states"
    assert set(shown) - files == set(), "gone"
    assert [name for name, seen in shown.items() if not seen] == []


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["390", "1280"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_styleguide_holds_by_day_and_by_night_on_a_phone_and_on_a_desk(
    guide: Callable[[ViewportSize], Page], tmp_path: Path, viewport: ViewportSize, scheme: str
) -> None:
    page = guide(viewport)
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    picture = tmp_path / f"styleguide-{viewport['width']}-{scheme}.png"
    page.screenshot(path=picture, full_page=True)
    print(f"\n{picture}")
    assert page.evaluate(_SIDEWAYS) == 0
    page.evaluate(_AXE)
    assert page.evaluate(_RUN_AXE) == []
