"""The owner's link while an agent is still writing: what changes is shown, and no thumb says yes to it by accident."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.portal import Portal, run_inside

pytestmark = pytest.mark.browser

_SENT = """
import hashlib
from django.utils import timezone
from eligibility import reviews
from eligibility.models import DraftReview
from tests.factories.accounts import business_number
from tests.factories.eligibility import application

now = timezone.now()
for serial, name in enumerate(("watched", "script-less", "marked"), 7_000_001):
    signed = application(
        now=now, shop_name="바삭치킨", business_number=business_number(serial), owner_mobile=f"0103{serial}",
        line_number=f"031{serial}",
    )
    link = reviews.send(signed.pk, by=None, address=None, now=now)
    DraftReview.objects.filter(pk=link.pk).update(token_hash=hashlib.sha256(name.encode()).hexdigest())
"""
_REWRITTEN = """
from django.utils import timezone
from eligibility import reviews
from messaging.editor import drafts

now = timezone.now()
shop = reviews.find("watched", now).review.application.shop
drafts.save(shop, [drafts.Edit("headline", "갓 튀긴 치킨", 10**6)], visit="desk", by=None, now=now)
"""
#: Presses the button in the very moment in which the phone shows something else.
_THUMB_ON_ITS_WAY = """() => {
    const watcher = new MutationObserver(() => {
        watcher.disconnect();
        document.querySelector("button[form=yes]").click();
    });
    watcher.observe(document.querySelector("[data-slot=phone]"), { childList: true });
}"""


@pytest.fixture(scope="module", autouse=True)
def _sent(portal: Portal) -> None:
    """Three owners have been texted their links."""
    run_inside(portal, _SENT)


def test_the_owner_watches_the_draft_change_and_says_yes_to_what_they_saw(
    portal: Portal, open_page: Callable[..., Page]
) -> None:
    page = open_page("/confirm/watched/")
    said, phone = page.locator("[data-said]"), page.get_by_role("group", name="손님 휴대폰")
    yes = page.get_by_role("button", name="확정")
    expect(phone).not_to_contain_text("갓 튀긴 치킨")
    page.evaluate(_THUMB_ON_ITS_WAY)
    run_inside(portal, _REWRITTEN)
    expect(phone).to_contain_text("갓 튀긴 치킨")
    expect(said).to_have_text("방금 내용이 바뀌었어요. 다시 보고 눌러 주세요.")
    page.wait_for_timeout(1600)
    yes.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("됐어요")
    page.get_by_role("link", name="바삭치킨 화면 보기").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("바삭치킨")


def test_without_javascript_the_owner_says_yes_or_what_to_change(
    open_page: Callable[..., Page],
) -> None:
    page = open_page("/confirm/script-less/", java_script_enabled=False)
    page.get_by_role("button", name="확정").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("됐어요")

    page = open_page("/confirm/marked/", java_script_enabled=False)
    page.get_by_role("link", name="고칠 곳이 있어요").click()
    page.get_by_role("checkbox", name=re.compile("^제목")).check()
    page.get_by_role("button", name="고쳐 달라고 하기").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("전달했어요")
