"""From the first ring to the first promo on a caller's phone (issue: "≤ 4 minutes at human speed")."""

import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import signup
from tests.browser.portal import DESK, PHONE, Portal
from tests.browser.signup import Clock

pytestmark = pytest.mark.browser

AGENT, ADMIN = "01090000091", "01090000099"
_FOUR_MINUTES = 240


@pytest.fixture
def staff(open_page: Callable[..., Page]) -> Callable[[str, str], Page]:
    def opened(mobile: str, path: str) -> Page:
        page = open_page("/login/demo/", viewport=DESK)
        page.locator(f"button[value='{mobile}']").first.click()
        page.wait_for_load_state()
        page.goto(path)
        return page

    return opened


def test_from_the_first_ring_to_the_first_promo_on_the_callers_phone(
    staff: Callable[[str, str], Page], browser: Browser, portal: Portal
) -> None:
    clock, began = Clock(), time.monotonic()
    shop = signup.fresh_shop()
    desk = staff(AGENT, "/desk/")
    admin = staff(ADMIN, "/certificates/")
    with browser.new_context(
        locale="ko-KR", viewport=PHONE, user_agent=signup.OWNERS_PHONE, base_url=portal.url
    ) as phone:
        signup.take_the_call(desk, shop, clock)
        signup.hand_in_the_certificate(desk, shop, clock)
        signup.send_to_the_owner(desk, clock)
        signup.accept_the_certificate(admin, shop, clock)
        page = signup.confirm_on_the_phone(portal, phone, shop, clock)
        expect(page.get_by_role("heading", name="개통됐어요")).to_be_visible(timeout=30_000)
        expect(desk.locator('[data-slot="owner"] [data-tone]', has_text="환영 문자")).to_contain_text("완료")

        got = signup.ring(portal, shop, "01005550441")

        assert got.startswith(f"(광고)[{shop.name}]")
        assert all(line in got for line in shop.specials)
        assert got.splitlines()[-1].startswith("무료수신거부 080")
        page.goto("/start/")
        expect(page.get_by_role("heading", level=1)).to_contain_text(shop.name)
    # What the machine took comes on top of what people take.
    assert clock.seconds + (time.monotonic() - began) <= _FOUR_MINUTES, clock.spent
