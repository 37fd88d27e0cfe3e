"""A whole signup at human speed: from the ringing telephone to the first promo on a caller's phone, in three browsers."""

import time
from typing import Final

from playwright.sync_api import Browser, Page, expect

from tests.bench.figures import Figure
from tests.browser import signup
from tests.browser.portal import DESK, PHONE, Portal
from tests.browser.signup import Clock

_AGENT, _ADMIN = "01090000091", "01090000099"
_FOUR_MINUTES: Final = 240


def signed_up(browser: Browser, portal: Portal) -> list[Figure]:
    """People really take their time; what they took is listed by what they did."""
    clock = Clock(really=True)
    shop = signup.fresh_shop()
    desk, admin = _staff(browser, portal, _AGENT, "/desk/"), _staff(browser, portal, _ADMIN, "/certificates/")
    phone = browser.new_context(
        locale="ko-KR", viewport=PHONE, user_agent=signup.OWNERS_PHONE, base_url=portal.url
    )
    began = time.monotonic()
    signup.take_the_call(desk, shop, clock)
    signup.hand_in_the_certificate(desk, shop, clock)
    signup.send_to_the_owner(desk, clock)
    signup.accept_the_certificate(admin, shop, clock)
    page = signup.confirm_on_the_phone(portal, phone, shop, clock)
    confirmed = time.monotonic() - began
    expect(page.get_by_role("heading", name="개통됐어요")).to_be_visible(timeout=60_000)
    opened = time.monotonic() - began
    if f"(광고)[{shop.name}]" not in signup.ring(portal, shop, "01005550442"):
        raise RuntimeError("the first caller does not get the promo")
    rang = time.monotonic() - began
    for context in (desk.context, admin.context, phone):
        context.close()
    return [
        Figure("signup at the desk, from the ring to 확정", "s", [confirmed], _FOUR_MINUTES, at_most=True),
        Figure("    to 개통", "s", [opened]),
        Figure("    to the first promo on a caller's phone", "s", [rang], _FOUR_MINUTES, at_most=True),
        *(Figure(f"    {what}", "s", [seconds]) for what, seconds in clock.spent.items()),
    ]


def _staff(browser: Browser, portal: Portal, mobile: str, path: str) -> Page:
    context = browser.new_context(locale="ko-KR", viewport=DESK, base_url=portal.url)
    page = context.new_page()
    page.goto("/login/demo/")
    page.locator(f"button[value='{mobile}']").first.click()
    page.wait_for_load_state()
    page.goto(path)
    return page
