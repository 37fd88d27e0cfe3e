"""An owner raises a commitment, leaves and takes it back, on a narrow screen and without a mouse or a finger."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.hands import Keyboard
from tests.browser.portal import LEFT, PHONE, Portal, run_inside

pytestmark = pytest.mark.browser

_OWNER = "01090000001"
#: A shop more for one of the demo's owners, whose commitment of a year began a hundred days ago.
_COMMITTED = """
from datetime import timedelta
from django.utils import timezone
from shopmsg.accounts.enums import MemberRole, ShopStatus
from shopmsg.accounts.models import Membership, Merchant, Shop, User
from shopmsg.core.clock import kst_day
from tests.factories.billing import subscribed

owner = User.objects.get(mobile="{mobile}")
shop = Shop.objects.create(
    slug="committed", name="약정한가게", optout_code="9401", status=ShopStatus.ACTIVE, merchant=Merchant.objects.first(),
    ksic="56193", optout_080="08012345678",
)
Membership.objects.create(shop=shop, user=owner, role=MemberRole.OWNER)
subscribed(shop, kst_day(timezone.now()) - timedelta(days=100), term_months=12)
"""


@pytest.fixture
def owner(browser: Browser, portal: Portal) -> Iterator[Page]:
    run_inside(portal, _COMMITTED.format(mobile=_OWNER))
    context = browser.new_context(
        viewport=PHONE, locale="ko-KR", base_url=portal.url, reduced_motion="reduce"
    )
    errors: list[str] = []
    context.on("weberror", lambda error: errors.append(str(error.error)))
    page = context.new_page()
    page.goto("/login/demo/")
    page.locator(f'button[value="{_OWNER}"]').click()
    page.wait_for_url(lambda url: "/login/" not in url)
    page.goto("/shops/committed/plan/")
    yield page
    context.close()
    run_inside(portal, LEFT.format(slugs=["committed"]))
    assert errors == []


def test_a_commitment_is_raised_left_and_taken_back_by_keyboard(owner: Page) -> None:
    hands, main = Keyboard(owner), owner.get_by_role("main")
    expect(main).to_contain_text("1년 약정 12개월 가운데 4개월째예요.")

    hands.press("link", "요금제 바꾸기")
    hands.press("link", re.compile("^약정 올리기"))
    hands.press("link", "3년 약정 자세히 보기")
    expect(main).to_contain_text("13,200원")
    hands.press("button", "이대로 약정하기")
    expect(owner.get_by_role("status")).to_contain_text("바꿨어요.")
    expect(main).to_contain_text("3년 약정 36개월 가운데 4개월째예요.")
    shown = main.get_by_role("region", name="지금 해지하면").locator(".amount").inner_text()

    hands.press("link", "달마다 얼마인지 보기, 해지하기")
    expect(main.get_by_role("region", name="오늘 해지하면").locator(".amount")).to_have_text(shown)
    hands.press("button", re.compile("^이번 달 말일"))
    expect(owner.get_by_role("heading", level=1)).to_contain_text("해지할까요?")
    hands.choose("요금이 부담돼요")
    hands.press("button", "해지 예약하기")
    expect(main).to_contain_text("해지를 예약했어요.")
    expect(owner.get_by_role("link", name="요금제 바꾸기")).to_have_count(0)

    hands.press("button", "해지 되돌리기")
    expect(owner.get_by_role("status")).to_contain_text("해지를 되돌렸어요.")
    expect(main).to_contain_text("3년 약정 36개월 가운데 4개월째예요.")
