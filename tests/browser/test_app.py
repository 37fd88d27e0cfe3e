"""The portal as an app on a phone: what stays when the connection goes, and that it comes back by itself."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.portal import PHONE, Portal

pytestmark = pytest.mark.browser

#: Everything a service worker has kept in this browser, and the words in it.
_KEPT = """async () => {
    const found = [];
    for (const name of await caches.keys()) {
        const cache = await caches.open(name);
        for (const request of await cache.keys()) {
            const words = await (await cache.match(request)).text();
            found.push([new URL(request.url).pathname, words]);
        }
    }
    return found;
}"""


@pytest.fixture
def owner(browser: Browser, portal: Portal) -> Iterator[Page]:
    """An owner on their first page, with the worker in charge. What a lost connection writes into the console is as it
    should be; a script that fails is not."""
    context = browser.new_context(viewport=PHONE, locale="ko-KR", base_url=portal.url)
    errors: list[str] = []
    context.on("weberror", lambda error: errors.append(str(error.error)))
    page = context.new_page()
    page.goto("/login/demo/")
    page.get_by_role("button", name=re.compile(portal.demo["shops"][0]["name"])).first.click()
    page.wait_for_load_state()
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.wait_for_function("() => navigator.serviceWorker.controller !== null")
    yield page
    context.close()
    assert errors == []


def test_without_a_connection_a_page_says_so_and_comes_back_by_itself(owner: Page, portal: Portal):
    shop = portal.demo["shops"][0]
    owner.context.set_offline(True)
    owner.goto(f"/shops/{shop['slug']}/calls/")
    expect(owner.get_by_role("heading", level=1)).to_have_text("인터넷이 끊겼어요")
    expect(owner.get_by_role("main")).to_contain_text("평소처럼 나가요")
    expect(owner.get_by_role("link", name=re.compile("1877-3592"))).to_be_visible()
    # Its style is there too: the button is as large as a thumb wants it.
    button = owner.get_by_role("link", name="다시 열어 보기")
    box = button.bounding_box()
    assert box is not None
    assert box["height"] >= 56
    button.click()
    expect(owner.get_by_role("status")).to_contain_text("아직 이어지지 않아요")

    owner.context.set_offline(False)
    expect(owner.get_by_role("heading", level=1)).to_have_text("전화", timeout=15_000)
    assert owner.url.endswith(f"/shops/{shop['slug']}/calls/")


def test_nothing_of_the_owner_is_kept_on_the_phone(owner: Page, portal: Portal):
    shop = portal.demo["shops"][0]
    for path in ("", "calls/", "promo/"):
        owner.goto(f"/shops/{shop['slug']}/{path}")
    kept = dict(owner.evaluate(_KEPT))
    assert "/offline/" in kept
    assert [path for path in kept if not path.startswith(("/offline/", "/static/"))] == []
    assert [path for path, words in kept.items() if shop["name"] in words or "로그아웃" in words] == []


def test_chromium_would_install_the_portal(owner: Page):
    wire = owner.context.new_cdp_session(owner)
    found = wire.send("Page.getAppManifest")
    assert found["errors"] == []
    assert found["url"].endswith("/manifest.webmanifest")
    troubles = wire.send("Page.getInstallabilityErrors")["installabilityErrors"]
    assert [each["errorId"] for each in troubles if each["errorId"] != "in-incognito"] == []
