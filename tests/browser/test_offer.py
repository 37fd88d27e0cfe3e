"""An agent quotes by keyboard while the owner is on the telephone; the owner says yes with a thumb, and the agent sees it happen."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser import traffic
from tests.browser.hands import Keyboard, Thumb
from tests.browser.portal import DESK, LEFT, Portal, eventually, run_inside

pytestmark = pytest.mark.browser

_OWNER, _AGENT = "01090000002", "01090000091"
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
    slug="on-the-phone", name="전화한가게", optout_code="9402", status=ShopStatus.ACTIVE, merchant=Merchant.objects.first(),
    ksic="56193", optout_080="08012345678",
)
Membership.objects.create(shop=shop, user=owner, role=MemberRole.OWNER)
subscribed(shop, kst_day(timezone.now()) - timedelta(days=100), term_months=12)
"""


@pytest.fixture(autouse=True)
def _committed(portal: Portal) -> Iterator[None]:
    run_inside(portal, _COMMITTED.format(mobile=_OWNER))
    yield
    run_inside(portal, LEFT.format(slugs=["on-the-phone"]))


def test_an_agent_quotes_by_keyboard_and_the_owner_says_yes_on_their_phone(
    portal: Portal, open_page: Callable[..., Page]
) -> None:
    desk = open_page("/login/demo/", viewport=DESK, reduced_motion="reduce")
    desk.locator(f'button[value="{_AGENT}"]').click()
    desk.wait_for_url(lambda url: "/login/" not in url)
    desk.goto("/billing/")

    # The cursor is in the search already.
    desk.keyboard.type("전화한가게")
    desk.keyboard.press("Enter")
    hands, main = Keyboard(desk), desk.get_by_role("main")
    hands.press("link", re.compile("^전화한가게"))
    expect(main.get_by_role("region", name="“왜 이 금액이에요?”")).to_contain_text(
        "지금은 한 달 17,600원이에요."
    )
    hands.press("link", re.compile("^3년 약정"))
    expect(main).to_contain_text("17,600원에서 13,200원으로 바뀌어요.")
    hands.press("button", "사장님께 확인 문자 보내기")
    waiting = main.get_by_role("listitem").filter(has_text="답 기다림")
    expect(waiting).to_be_visible()

    link = eventually(lambda: re.findall(r"/change/[\w-]+/", "\n".join(traffic.texts(portal, _OWNER))), 30)[
        -1
    ]
    phone = open_page(link, has_touch=True, reduced_motion="reduce")
    expect(phone.get_by_role("main")).to_contain_text("‘바꾸기’를 누르시기 전에는 아무것도 바뀌지 않아요.")
    Thumb(phone).press("button", "바꾸기")
    expect(phone.get_by_role("heading", level=1)).to_have_text("바꿨어요")

    expect(main.get_by_role("listitem").filter(has_text="확인함")).to_be_visible(timeout=15_000)
    hands.press("link", "바뀐 계약 보기")
    expect(main.get_by_role("region", name="계약", exact=True)).to_contain_text("13,200원")
