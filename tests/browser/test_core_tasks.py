"""The five core tasks (ux.md), each with a thumb on a phone and with a keyboard alone, by the names screen readers say."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, expect

from tests.browser import traffic
from tests.browser.hands import Hands, Keyboard, Thumb
from tests.browser.portal import Portal, eventually, run_inside

pytestmark = pytest.mark.browser

HANDS: Final[tuple[type[Hands], ...]] = (Thumb, Keyboard)
#: For each kind of hands a shop as signup leaves it, whose owner is sent the login link, and one whose coupon goes out.
_ROWS: Final = """
from datetime import timedelta
from django.conf import settings
from django.utils import timezone
from messaging.editor import publications
from messaging.editor.fields import DraftFields
from messaging.template_kinds import TemplateKind
from shopmsg.accounts import login_links
from shopmsg.accounts.enums import MemberRole, NoticeState, ShopStatus
from shopmsg.accounts.models import Line, Membership, Merchant, Shop, User
from shopmsg.core.clock import kst_day

now = timezone.now()
admin = User.objects.get(mobile="01090000099")
kept = {
    "merchant": Merchant.objects.first(), "status": ShopStatus.ACTIVE, "optout_080": settings.OPTOUT_080,
    "address": "서울 강서구 공항대로 123", "hours": "월~토 11:00~21:00",
}
for number in range(2):
    for slug, name, ksic in ((f"new-{number}", "새봄손칼국수", "56111"), (f"live-{number}", "단풍커피", "56221")):
        place = number * 2 + slug.startswith("live")
        shop = Shop.objects.create(slug=slug, name=name, ksic=ksic, optout_code=f"92{place:02d}", **kept)
        Line.objects.create(
            number=f"02123002{place:02d}", shop=shop, notice_state=NoticeState.ACTIVE, notice_active_since=now,
            sender_accepted_at=now,
        )
        owner = User.objects.create_user(f"010900002{place:02d}", "한새봄")
        Membership.objects.create(shop=shop, user=owner, role=MemberRole.OWNER)
        login_links.send(owner, shop, by=admin, address=None, now=now)
        if slug.startswith("live"):
            coupon = DraftFields(
                kind=TemplateKind.COUPON, headline="가을 손님께 드려요", body="따뜻한 차 한 잔 하러 오세요.",
                details={"benefit": "아메리카노 한 잔 500원 할인", "how": "주문할 때 보여 주세요"},
                starts_on=kst_day(now), ends_on=kst_day(now) + timedelta(days=20), picture="drawn:0",
            )
            publications.publish(shop, coupon, at=None, by=owner, now=now, address=None)
"""


@dataclass(frozen=True)
class Place:
    """A shop of one kind of hands."""

    portal: Portal
    slug: str
    line: str
    mobile: str
    cookies: list[dict[str, str]]

    @property
    def today(self) -> str:
        return f"/shops/{self.slug}/"

    @property
    def phone(self) -> str:
        return self.phone_of(self.mobile)

    def phone_of(self, number: str) -> str:
        """What a phone shows: the address of its page."""
        return f"{self.portal.demo['sandbox']['url']}/phones/{number}"

    def call(self, caller: str, **item: Any) -> None:
        traffic.ring(self.portal, {"line": self.line}, [caller], **item)

    def texts(self, caller: str) -> list[str]:
        return [text for text in traffic.texts(self.portal, caller) if "(광고)" in text]

    def link_sent_to(self, caller: str) -> bool:
        return any(traffic.link_in(text) for text in self.texts(caller))


@pytest.fixture(scope="module")
def places(portal: Portal) -> dict[str, Place]:
    """The shops by name; the owners of those with a coupon are logged in."""
    run_inside(portal, _ROWS)
    made = {}
    for number in range(2):
        for place, slug in ((number * 2, f"new-{number}"), (number * 2 + 1, f"live-{number}")):
            mobile = f"010900002{place:02d}"
            (link,) = eventually(partial(_login_links, portal, mobile), 30)
            visitor = traffic.Visitor(portal)
            if slug.startswith("live"):
                visitor.send(link)
            made[slug] = Place(portal, slug, f"02123002{place:02d}", mobile, visitor.cookies)
    return made


def _login_links(portal: Portal, mobile: str) -> list[str]:
    return re.findall(r"/in/[\w-]+/", "\n".join(traffic.texts(portal, mobile)))


@pytest.fixture(params=HANDS, ids=["thumb", "keyboard"])
def hands(
    request: pytest.FixtureRequest, browser: Browser, portal: Portal
) -> Iterator[Callable[[str, list[dict[str, str]]], Hands]]:
    """Opens a page with one kind of hands; a script error or a refused resource fails the test."""
    contexts, troubles = [], []

    def opened(path: str, cookies: list[dict[str, str]] | None = None) -> Hands:
        context = browser.new_context(locale="ko-KR", base_url=portal.url, **request.param.context)
        contexts.append(context)
        context.add_cookies(cookies or [])  # type: ignore[arg-type]
        context.on("weberror", lambda error: troubles.append(str(error.error)))
        context.on("console", lambda said: troubles.append(said.text) if said.type == "error" else None)
        page = context.new_page()
        page.goto(path)
        return request.param(page)

    yield opened
    for context in contexts:
        context.close()
    assert troubles == []


@pytest.fixture
def number(hands, request: pytest.FixtureRequest) -> int:
    """Which kind of hands this is: everybody has shops and callers of their own."""
    return HANDS.index(request.node.callspec.params["hands"])


def test_the_link_in_the_text_leads_to_a_finished_promo_that_is_live_after_three_presses(
    hands, number, places
):
    shop = places[f"new-{number}"]
    owner = hands(shop.phone)
    owner.press("link", re.compile("^http"))
    expect(owner.find("heading", "새봄손칼국수")).to_be_visible()
    owner.press("button", "들어가기")
    expect(owner.find("heading", "홍보문자")).to_be_visible()
    promised = str(owner.page.locator("#preview-text").text_content())
    assert "새봄손칼국수" in promised
    owner.press("button", "이대로 보낼게요")
    expect(owner.page.get_by_role("main")).to_contain_text("지금부터 이 내용이 나가요")
    assert owner.presses <= 5
    assert owner.typed == 0

    caller = f"0100666010{number}"
    shop.call(caller)
    (received,) = eventually(lambda: shop.texts(caller), 20)
    assert _lines_of(received) == _lines_of(promised)


def _lines_of(text: str) -> list[str]:
    """What is read, whatever code the link has."""
    return re.sub(r"/m/\S+", "/m/", text).strip().splitlines()


def test_the_words_of_a_live_promo_are_changed_with_three_presses_from_the_first_page(hands, number, places):
    shop = places[f"live-{number}"]
    owner = hands(shop.today, shop.cookies)
    owner.press("link", "바꾸기")
    owner.press("link", re.compile("^제목 바꾸기|가을 손님께 드려요"))
    owner.write("어떤 한 줄로 시작할까요?", "첫눈 오는 날 할인해요")
    owner.press("button", "이 내용으로 바꾸기")
    waiting = owner.page.locator("[data-pending]")
    expect(waiting).to_contain_text("그 전까지는 누구에게도 나가지 않아요")
    assert owner.presses <= 3
    owner.press("button", "취소")
    expect(owner.page.get_by_role("main")).to_contain_text("취소했어요")


def test_this_months_greeting_goes_out_three_presses_after_the_editor(hands, number, places):
    shop = places[f"live-{number}"]
    owner = hands(f"{shop.today}promo/", shop.cookies)
    owner.press("link", "다른 문구 고르기")
    expect(owner.find("heading", "문구 고르기")).to_be_visible()
    owner.press("button", re.compile("이걸로 시작하기: .*월 인사"))
    expect(owner.find("heading", "홍보문자")).to_be_visible()
    owner.press("button", "이 내용으로 바꾸기")
    expect(owner.page.locator("[data-pending]")).to_contain_text("나가요")
    assert owner.presses <= 3
    assert owner.typed == 0
    owner.press("button", "취소")
    expect(owner.page.get_by_role("main")).to_contain_text("취소했어요")


def test_why_a_caller_got_nothing_is_said_with_what_to_do_and_the_number_is_shown_for_a_reason(
    hands, number, places
):
    shop = places[f"live-{number}"]
    caller = f"0100666020{number}"
    shop.call(caller, seconds=3)
    masked = f"010-****-{caller[-4:]}"
    owner = hands(shop.today, shop.cookies)
    assert eventually(lambda: owner.page.reload() and masked in owner.page.inner_text("main"), 20)
    owner.press("link", "전화")
    expect(owner.find("heading", "전화")).to_be_visible()
    owner.press("link", re.compile(re.escape(masked)))
    expect(owner.find("heading", masked)).to_be_visible()
    main = owner.page.get_by_role("main")
    expect(main).to_contain_text("안 보냄 — 통화가 너무 짧았어요.")
    expect(owner.find("link", "설정 열기")).to_be_visible()
    assert owner.presses <= 2

    owner.choose("다른 까닭이에요")
    owner.write("다른 까닭", "두고 가신 우산")
    owner.press("button", "번호 보기")
    expect(owner.find("link", "전화 걸기")).to_have_attribute("href", re.compile(rf"^tel:{caller[:3]}"))
    expect(main).to_contain_text(f"010-0666-{caller[-4:]}")
    owner.page.goto(owner.page.url.partition("#")[0] + "?again")
    expect(main).not_to_contain_text(f"010-0666-{caller[-4:]}")


def test_resting_for_today_silences_the_next_call_and_one_press_sends_again(hands, number, places):
    shop = places[f"live-{number}"]
    owner = hands(shop.today, shop.cookies)
    owner.press("link", "쉬기 · 발송 끄기")
    owner.press("button", re.compile("^오늘만 쉬기"))
    main = owner.page.get_by_role("main")
    expect(main).to_contain_text(re.compile("쉬"))
    assert owner.presses == 2
    silenced, sent = f"0100666030{number}", f"0100666031{number}"
    shop.call(silenced)
    owner.page.goto(shop.today)
    assert eventually(lambda: owner.page.reload() and f"****-{silenced[-4:]}" in main.inner_text(), 20)
    expect(owner.find("link", re.compile(silenced[-4:]))).to_contain_text("발송을 꺼 두셨어요")
    before = owner.presses
    owner.press("button", "발송 켜기")
    expect(owner.find("link", "쉬기 · 발송 끄기")).to_be_visible()
    assert owner.presses == before + 1
    shop.call(sent)
    assert eventually(lambda: shop.texts(sent), 20)
    assert shop.texts(silenced) == []


def test_a_caller_sees_it_is_real_takes_the_coupon_that_the_counter_uses_once_and_opts_out(
    hands, number, places
):
    shop = places[f"live-{number}"]
    caller = f"0100666040{number}"
    shop.call(caller)
    assert eventually(lambda: shop.link_sent_to(caller), 20)
    visitor = hands(shop.phone_of(caller))
    visitor.press("link", re.compile("^http"))
    visitor.press("link", re.compile("^진짜 문자예요"))
    proof = visitor.page.get_by_role("region", name="이 문자는 진짜예요")
    expect(proof).to_be_in_viewport()
    expect(proof).to_contain_text(shop.line[-4:])
    visitor.press("button", "쿠폰 받기")
    main = visitor.page.get_by_role("main")
    expect(main).to_contain_text("이 화면의 숫자를 보여 주세요")
    (code,) = re.findall(r"\b\d{3} \d{3}\b", main.inner_text())

    owner = hands(shop.today, shop.cookies)
    owner.press("link", "손님 쿠폰 쓰기")
    owner.write("손님 화면의 여섯 자리 숫자", code)
    owner.press("button", "확인하기")
    expect(owner.find("heading", "쓸 수 있는 쿠폰이에요")).to_be_visible()
    owner.press("button", "쿠폰 사용하기")
    expect(owner.page.get_by_role("main")).to_contain_text("쿠폰을 썼어요. 아메리카노 한 잔 500원 할인")
    expect(owner.find("button", "쿠폰 사용하기")).to_have_count(0)

    visitor.press("link", re.compile("단풍커피$"))
    visitor.press("link", "그만 받기")
    visitor.press("button", "그만 받기")
    expect(visitor.find("heading", "멈췄어요")).to_be_visible()
    assert visitor.typed == 0
