"""Paying with a card on a phone, the whole way: registered in the payment company's window, declined, another card, paid."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.portal import LEFT, Portal, run_inside

pytestmark = pytest.mark.browser

_OWES = """
from datetime import timedelta
from django.utils import timezone
from shopmsg.accounts.enums import MemberRole
from shopmsg.accounts.models import Membership, Merchant, Shop, User
from shopmsg.core.clock import add_months, kst_day, month_start
from tests.factories.billing import billed, subscribed

now = timezone.now()
last = add_months(month_start(kst_day(now)), -1)
for slug in ("payer", "script-less"):
    shop = Shop.objects.create(
        slug=slug, name="새봄손칼국수", merchant=Merchant.objects.first(), ksic="56111", optout_code=f"93{len(slug):02d}",
        optout_080="08012345678",
    )
    Membership.objects.create(shop=shop, user=User.objects.get(mobile="01090000004"), role=MemberRole.OWNER)
    subscribed(shop, add_months(last, -2))
    billed(shop, last, now)
"""


@pytest.fixture(scope="module", autouse=True)
def _owes(portal: Portal) -> Iterator[None]:
    """Two shops of an owner, each with a bill that is not paid."""
    run_inside(portal, _OWES)
    yield
    run_inside(portal, LEFT.format(slugs=["payer", "script-less"]))


def log_in(page: Page) -> None:
    page.goto("/login/demo/")
    page.locator("form").filter(has=page.locator('[value="01090000004"]')).get_by_role("button").first.click()
    page.wait_for_url(lambda url: "login" not in url)


def choose(page: Page, card: str) -> None:
    """From our page into the payment company's and back."""
    page.get_by_role("button", name="카드 등록하러 가기").click()
    page.wait_for_url("**/toss/billing-auth?**")
    page.get_by_role("button", name=card).click()
    page.wait_for_url("**/shops/payer/pay/")
    expect(page.get_by_text("카드를 등록했어요")).to_be_visible()


def pay(page: Page) -> None:
    page.get_by_role("link", name="카드로 지금 내기").click()
    expect(page.get_by_role("heading", name="이 카드로 지금 낼까요?")).to_be_visible()
    page.get_by_role("button", name="지금 내기").click()
    page.wait_for_url("**/pay/charges/*/")


def test_a_declined_card_is_explained_and_another_one_pays(open_page: Callable[..., Page]) -> None:
    page = open_page("/login/demo/")
    log_in(page)
    page.goto("/shops/payer/pay/")
    page.get_by_role("link", name="카드 등록하고 내기").click()
    choose(page, "유효기간이 지난 카드")
    pay(page)
    expect(page.get_by_role("status").get_by_text("카드의 유효기간이 지났어요")).to_be_visible(timeout=30_000)
    page.get_by_role("main").get_by_role("link", name="다른 카드 등록하기").click()
    choose(page, "정상 카드")
    pay(page)
    expect(page.get_by_role("status").get_by_text("원을 냈어요")).to_be_visible(timeout=30_000)
    expect(page.get_by_role("link", name="영수증 보기")).to_be_visible()
    page.goto("/shops/payer/pay/")
    expect(page.get_by_text("지금 내실 요금이 없어요")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_without_a_script_the_other_ways_are_named_and_can_be_chosen(open_page: Callable[..., Page]) -> None:
    page = open_page("/login/demo/", java_script_enabled=False)
    log_in(page)
    page.goto("/shops/script-less/pay/card/")
    expect(page.get_by_text("이 브라우저에서는 카드를 등록할 수 없어요")).to_be_visible()
    page.get_by_role("link", name="다른 방법으로 내기").click()
    page.get_by_role("button", name="계좌 이체로 내기").click()
    expect(page.get_by_text("이제 계좌 이체로 내요")).to_be_visible()
