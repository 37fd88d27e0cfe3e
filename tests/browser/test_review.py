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
from tests.factories.eligibility import application

now = timezone.now()
signed = application(now=now, shop_name="바삭치킨")
link = reviews.send(signed.pk, by=None, address=None, now=now)
DraftReview.objects.filter(pk=link.pk).update(token_hash=hashlib.sha256({name!r}.encode()).hexdigest())
print("signed", signed.pk)
"""
_REWRITTEN = """
from django.utils import timezone
from eligibility.models import Application
from messaging.editor import drafts

shop = Application.objects.get(pk={pk}).shop
drafts.save(shop, [drafts.Edit("headline", "갓 튀긴 치킨", 10**6)], visit="desk", by=None, now=timezone.now())
"""


def _sent(portal: Portal, name: str) -> int:
    found = re.search(r"signed (\d+)", run_inside(portal, _SENT.format(name=name)))
    assert found
    return int(found[1])


def test_the_owner_watches_the_draft_change_and_says_yes_to_what_they_saw(
    portal: Portal, open_page: Callable[..., Page]
) -> None:
    pk = _sent(portal, "watched")
    page = open_page("/confirm/watched/")
    said, phone = page.locator("[data-said]"), page.get_by_role("group", name="손님 휴대폰")
    yes = page.get_by_role("button", name="확정")
    expect(phone).not_to_contain_text("갓 튀긴 치킨")
    run_inside(portal, _REWRITTEN.format(pk=pk))
    expect(phone).to_contain_text("갓 튀긴 치킨")
    yes.click()
    expect(said).to_have_text("방금 내용이 바뀌었어요. 다시 보고 눌러 주세요.")
    page.wait_for_timeout(1600)
    yes.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("됐어요")
    page.get_by_role("link", name="바삭치킨 화면 보기").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("바삭치킨")


def test_without_javascript_the_owner_says_yes_or_what_to_change(
    portal: Portal, open_page: Callable[..., Page]
) -> None:
    _sent(portal, "no-script-yes")
    page = open_page("/confirm/no-script-yes/", java_script_enabled=False)
    page.get_by_role("button", name="확정").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("됐어요")

    _sent(portal, "no-script-no")
    page = open_page("/confirm/no-script-no/", java_script_enabled=False)
    page.get_by_role("link", name="고칠 곳이 있어요").click()
    page.get_by_role("checkbox", name=re.compile("^제목")).check()
    page.get_by_role("button", name="고쳐 달라고 하기").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("전달했어요")
