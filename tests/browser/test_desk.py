"""The desk under an agent's fingers: by keyboard alone, Hangul while it is composed, two agents, a slow tax office."""

import re
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.browser import traffic
from tests.browser.hands import compose
from tests.browser.portal import DESK, PHONE, Portal, eventually, run_inside

pytestmark = pytest.mark.browser

#: Two agents and an admin of the demo.
AGENT, ADMIN = "01090000091", "01090000099"
#: A browser without a screen says so, and counts as no person.
_OWNERS_PHONE = (
    "Mozilla/5.0 (Linux; Android 14; SM-S911N) AppleWebKit/537.36 Chrome/131.0 Mobile Safari/537.36"
)


@pytest.fixture
def at_desk(browser: Browser, portal: Portal) -> Iterator[Callable[..., Page]]:
    """Opens the desk in a fresh profile; a script error fails the test."""
    contexts, errors = [], []

    def opened(path: str = "/desk/", *, who: str = AGENT, **options: Any) -> Page:
        staff = traffic.Visitor(portal)
        staff.send("/login/demo/", mobile=who)
        context = browser.new_context(
            locale="ko-KR", base_url=portal.url, **{"viewport": DESK, "reduced_motion": "reduce"} | options
        )
        contexts.append(context)
        context.add_cookies(staff.cookies)  # type: ignore[arg-type]
        context.on("weberror", lambda error: errors.append(str(error.error)))
        page = context.new_page()
        page.goto(path)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert errors == []


def begin(page: Page) -> Page:
    """F2 at the list: a new application, the cursor at its first question."""
    page.keyboard.press("F2")
    page.wait_for_url(re.compile(r"/desk/\d+/$"))
    expect(page.get_by_role("radio", name="사업자", exact=True)).to_be_focused()
    return page


def box(page: Page, name: str) -> Locator:
    return page.locator(f"#f-{name}")


def kept(page: Page) -> None:
    expect(page.locator("[data-state]")).to_have_text("저장됨", timeout=8_000)


def typed(page: Page, *texts: str) -> None:
    """Each text into the field that has the cursor, then Enter while its last syllable is still open."""
    for text in texts:
        compose(page, text, enter=True)


def numbers() -> tuple[str, str]:
    """A mobile and a line that nobody has yet."""
    serial = time.time_ns() // 1_000_000 % 10_000
    return f"0100888{serial:04d}", f"02-889-{serial:04d}"


def test_an_application_by_keyboard_alone_reaches_the_owners_phone_and_nothing_is_pressed_twice(
    at_desk, portal, browser
):
    page = begin(at_desk())
    mobile, line = numbers()
    page.keyboard.press("Enter")
    expect(box(page, "shop_name")).to_be_focused()
    typed(page, "값진 닭볶음탕", "치킨")
    expect(box(page, "ksic")).to_have_value("56193")
    expect(page.locator("#r-ksic")).to_contain_text("치킨 전문점")
    expect(box(page, "annual_revenue")).to_be_focused()
    typed(page, "3억 5천만")
    expect(page.locator("#r-annual_revenue")).to_have_text("350,000,000원")
    expect(page.get_by_role("radio", name="구두 확인")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("radio", name="부가세 과세표준증명")).to_be_checked()
    page.keyboard.press("Enter")
    page.keyboard.type("2222222227")
    expect(box(page, "business_number")).to_have_value("222-22-22227")
    expect(page.locator('[data-slot="registry"]')).to_contain_text("계속사업자", timeout=2_500)
    page.keyboard.press("Enter")
    typed(page, "", "이값진", mobile, line)
    expect(page.get_by_role("radio", name="신청인 명의")).to_be_focused()
    page.keyboard.press("Enter")
    for _ in range(3):
        page.keyboard.press("ArrowDown")
    expect(page.locator('[data-slot="price"]')).to_contain_text("13,200원")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(box(page, "specials")).to_be_focused()
    compose(page, "흙에서 키운 닭이에요", enter=True)
    expect(box(page, "specials")).to_have_value("흙에서 키운 닭이에요\n")
    expect(page.locator("#preview-text")).to_contain_text("흙에서 키운 닭이에요")
    page.keyboard.press("F2")
    expect(page.locator("[data-said]")).to_have_text("사장님 휴대폰으로 시안 문자를 보냈습니다.")
    expect(page.locator('[data-slot="owner"]')).to_contain_text("아직 열지 않음")
    (text,) = eventually(partial(_drafts, portal, mobile), 20)
    link = re.search(r"https?://\S+", text)
    assert link

    owner = browser.new_page(locale="ko-KR", viewport=PHONE, user_agent=_OWNERS_PHONE)
    owner.goto(link.group())
    expect(page.locator('[data-slot="owner"]')).to_contain_text("사장님이 열어 봄", timeout=3_000)
    owner.get_by_role("button", name="확정").first.click()
    expect(page.locator('[data-slot="owner"]')).to_contain_text("사장님 계정", timeout=15_000)
    expect(page.locator('[data-slot="owner"]')).to_contain_text("확정")
    owner.context.close()


def _drafts(portal: Portal, mobile: str) -> list[str]:
    return [text for text in traffic.texts(portal, mobile) if "/confirm/" in text]


def test_a_reload_in_the_middle_shows_all_that_was_typed_and_what_is_wrong_with_it(at_desk):
    page = begin(at_desk())
    box(page, "shop_name").focus()
    typed(page, "새봄", "없는업종이름")
    box(page, "line_number").fill("1566 1234 00")
    box(page, "owner_name").focus()
    expect(page.locator("#e-line_number")).to_contain_text("여덟 자리")
    compose(page, "이새봄과 닭")  # not waited for: the computer itself has it
    page.reload()
    expect(box(page, "owner_name")).to_have_value("이새봄과 닭")
    kept(page)
    again = page.context.new_page()
    again.goto(page.url)
    for name, value in (
        ("shop_name", "새봄"), ("ksic", "없는업종이름"), ("line_number", "1566 1234 00"), ("owner_name", "이새봄과 닭"),
    ):  # fmt: skip
        expect(box(again, name)).to_have_value(value)
    expect(again.locator("#e-line_number")).to_contain_text("여덟 자리")
    expect(again.locator("[data-choose]")).to_have_count(0)


def test_two_agents_see_each_other_and_choose_between_two_texts(at_desk):
    page = begin(at_desk())
    other = at_desk(page.url, who=ADMIN)
    box(page, "shop_name").fill("바삭치킨")
    kept(page)
    expect(box(other, "shop_name")).to_have_value("바삭치킨", timeout=5_000)
    expect(other.locator(".colleague")).to_have_text("박상담 님도 작성 중")

    page.route("**/state/**", lambda route: route.abort())
    box(other, "specials").fill("두 번 튀겨요")
    kept(other)
    box(page, "specials").fill("세 번 튀겨요")
    expect(page.locator("[data-state]")).to_have_text("두 사람이 적은 칸 있음")
    expect(page.locator("[data-choose]")).to_contain_text("두 번 튀겨요")
    expect(box(page, "specials")).to_have_value("세 번 튀겨요")
    page.unroute("**/state/**")
    page.get_by_role("button", name=re.compile("^이것 쓰기.*세 번 튀겨요")).click()
    kept(page)
    box(other, "note").focus()
    expect(box(other, "specials")).to_have_value("세 번 튀겨요", timeout=5_000)
    expect(other.locator("[data-choose]")).to_have_count(0, timeout=5_000)


@pytest.mark.parametrize("fault", [{"kind": "slow", "seconds": 1.5}, {"kind": "status", "status": 503}])
def test_a_slow_or_silent_tax_office_never_holds_up_the_typing(at_desk, portal, fault):
    page = begin(at_desk())
    traffic.sandbox(portal, "faults", {"on": "registry", "count": 1, **fault})
    box(page, "business_number").fill("124-81-00998")
    page.keyboard.press("Enter")
    compose(page, "행복상사")
    kept(page)
    expect(box(page, "business_name")).to_have_value("행복상사")
    expect(box(page, "business_name")).to_be_focused()
    shown = "계속사업자" if fault["kind"] == "slow" else "계속 진행 가능"
    expect(page.locator('[data-slot="registry"]')).to_contain_text(shown, timeout=6_000)
    expect(box(page, "business_name")).to_be_focused()


def test_an_answer_that_comes_late_does_not_overwrite_what_was_typed_since(at_desk):
    page = begin(at_desk())
    held: list[Route] = []
    page.route("**/save/", lambda route: held.append(route) if not held else route.continue_())
    box(page, "shop_name").focus()
    compose(page, "닭")
    expect(page.locator("[data-state]")).to_have_text("저장 중")
    while not held:
        page.wait_for_timeout(50)
    compose(page, "갈비 먹는 날")
    box(page, "owner_name").focus()
    compose(page, "이닭갈")
    held[0].continue_()
    kept(page)
    expect(box(page, "shop_name")).to_have_value("닭갈비 먹는 날")
    expect(box(page, "owner_name")).to_have_value("이닭갈")
    page.reload()
    expect(box(page, "shop_name")).to_have_value("닭갈비 먹는 날")


def test_enter_never_sends_and_the_marked_trade_is_taken_with_the_arrows(at_desk):
    page = begin(at_desk())
    posted: list[str] = []
    page.on("request", lambda asked: posted.append(asked.url) if asked.method == "POST" else None)
    box(page, "ksic").focus()
    page.keyboard.type("카페")
    options = page.get_by_role("option")
    expect(options.first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowDown")
    code = page.locator('[role=option][aria-selected="true"]').get_attribute("data-code")
    expect(box(page, "ksic")).to_have_attribute("aria-activedescendant", f"trade-{code}")
    page.keyboard.press("Enter")
    expect(box(page, "ksic")).to_have_value(str(code))
    expect(box(page, "annual_revenue")).to_be_focused()
    for _ in range(25):
        # In a text of several lines Enter begins the next one, and Tab leaves it.
        key = (
            "Tab" if page.evaluate("document.activeElement.matches('textarea:not([data-line])')") else "Enter"
        )
        page.keyboard.press(key)
        if page.evaluate("!document.activeElement.dataset.field"):
            break
    expect(page.get_by_role("complementary", name="지금 상태")).to_be_focused()
    assert not [url for url in posted if url.endswith(("/send/", "/receive/"))]


def test_what_is_typed_while_the_session_is_over_is_saved_after_logging_in_again(at_desk, portal):
    page = begin(at_desk())
    cookies = page.context.cookies()
    page.context.clear_cookies(name=re.compile("session"))
    box(page, "shop_name").fill("새봄국수")
    expect(page.locator("[data-signed-out]")).to_be_visible(timeout=5_000)
    page.context.add_cookies(cookies)  # type: ignore[arg-type]
    page.reload()
    expect(box(page, "shop_name")).to_have_value("새봄국수")
    kept(page)
    number = page.url.rstrip("/").rpartition("/")[2]
    found = run_inside(
        portal,
        f"from eligibility.models import Application; print(Application.objects.get(pk={number}).shop_name)",
    )
    assert "새봄국수" in found
