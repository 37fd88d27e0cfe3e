"""One of us in the owner's place, with real fingers: what was typed last is kept, and the end is told at once."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.portal import DESK, Portal, run_inside

pytestmark = pytest.mark.browser

_BEGIN = """
from django.utils import timezone
from shopmsg.accounts import delegations
from shopmsg.accounts.models import Shop, User
delegations.begin(
    User.objects.get(mobile="01090000092"), Shop.objects.get(slug="{slug}"), scope="content", reason="시안 제작",
    return_to="/help/", address=None, now=timezone.now(),
)
"""


@pytest.fixture
def producer(browser: Browser, portal: Portal) -> Iterator[Callable[[str], Page]]:
    """Opens the editor of the shop `slug` with a delegation that has just begun; a script error fails the test."""
    context = browser.new_context(locale="ko-KR", base_url=portal.url, viewport=DESK)
    errors: list[str] = []
    context.on("weberror", lambda error: errors.append(str(error.error)))
    page = context.new_page()

    def opened(slug: str) -> Page:
        run_inside(portal, _BEGIN.format(slug=slug))
        page.goto("/login/demo/")
        page.get_by_role("button", name=re.compile("이제작")).click()
        page.wait_for_url(lambda url: "/login/" not in url)
        page.goto(f"/shops/{slug}/promo/")
        return page

    yield opened
    context.close()
    assert errors == []


def test_finishing_keeps_what_was_typed_a_moment_ago_and_leads_back(producer, portal):
    slug = portal.demo["shops"][1]["slug"]
    page = producer(slug)
    page.locator(".place[data-edit=headline]").click()
    page.locator("[data-field=headline]").fill("마지막에 적은 제목")
    page.get_by_role("button", name="작업 마치고 돌아가기").click()
    page.wait_for_url("**/help/")
    assert page.request.get(f"/shops/{slug}/promo/").status == 404
    run_inside(portal, _BEGIN.format(slug=slug))
    page.goto(f"/shops/{slug}/promo/")
    expect(page.locator("[data-slot=phone]").first).to_contain_text("마지막에 적은 제목")


def test_when_the_owner_ends_it_the_next_word_is_met_by_a_plain_answer(producer, open_page, portal):
    shop = portal.demo["shops"][2]
    page = producer(shop["slug"])
    owner = open_page("/login/demo/")
    owner.get_by_role("button", name=re.compile(shop["name"])).first.click()
    owner.goto(f"/shops/{shop['slug']}/settings/")
    owner.get_by_role("link", name=re.compile("직원이 도와드린 일")).click()
    owner.get_by_role("button", name="그만하게 하기").click()
    expect(owner.get_by_role("status")).to_contain_text("그만하게 했어요")
    page.locator(".place[data-edit=headline]").click()
    with page.expect_response(re.compile("/promo/save/")) as answer:
        page.locator("[data-field=headline]").fill("아직 쓰는 중")
    assert answer.value.status == 404
    expect(page.locator("[data-signed-out]")).to_contain_text("대신 작업하는 시간이 끝났습니다")
    expect(page.locator("[data-state]")).to_have_text("대신 작업하는 시간이 끝났습니다")
