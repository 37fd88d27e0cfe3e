"""The portal every browser test shares, with a real browser to use it with. Both end with the last test of this folder: what
idles beside the rest of the suite would slow it down."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from tests.browser.portal import CHROMIUM, FLAGS, PHONE, Portal, start_portal, stop_portal
from tests.browser.stage import Stage, set_stage


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything of this folder drives Chromium."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="package")
def portal() -> Iterator[Portal]:
    with TemporaryDirectory(prefix="shopmsg-portal-") as folder:
        Path(folder).chmod(0o711)  # the database's own user must be able to pass
        running = start_portal(Path(folder) / "data")
        yield running
        assert stop_portal(running) == []


@pytest.fixture(scope="package")
def stage(portal: Portal) -> Stage:
    """The portal after a busy afternoon; for tests that look at pages full of rows."""
    return set_stage(portal)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    # Playwright's event loop runs in this thread, and Django would refuse its database to the tests that come after.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield running
        running.close()


@pytest.fixture
def open_page(browser: Browser, portal: Portal) -> Iterator[Callable[..., Page]]:
    """Opens pages of the portal in a fresh profile; a script error or a refused resource fails the test."""
    contexts, troubles = [], []

    def opened(path: str = "/", *, viewport: ViewportSize = PHONE, **options: Any) -> Page:
        context = browser.new_context(viewport=viewport, locale="ko-KR", base_url=portal.url, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("console", lambda said: troubles.append(said.text) if said.type == "error" else None)
        page.goto(path)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert troubles == []
