"""The whole signup as three people live it: the agent at the desk, the owner with a phone in hand, the admin with the
certificate; and then the first customer calls.

`Clock` says how long people take. A test only counts it; `make bench-ux` really waits.
"""

import re
import time
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from playwright.sync_api import BrowserContext, FilePayload, Page, expect

from shopmsg.core.business_number import with_check_digit
from tests.browser import traffic
from tests.browser.hands import compose
from tests.browser.portal import Portal, eventually
from tests.eligibility.papers import pdf

#: A browser without a screen says so, and counts as no person.
OWNERS_PHONE: Final = (
    "Mozilla/5.0 (Linux; Android 14; SM-S911N) AppleWebKit/537.36 Chrome/131.0 Mobile Safari/537.36"
)
#: Seconds: a syllable or digit typed by an agent, a key that decides, what the owner says before it is typed, a known
#: screen looked at, a thumb finding its button, choosing a file, a character read by an owner of 48.
TYPED, KEY, ANSWER, GLANCE, TAP, FILE, READ = 0.25, 0.4, 3.0, 1.5, 1.5, 8.0, 0.1
#: What the owner reads aloud of it: the draft, the price, the price of leaving.
_READ_ON_THE_LINK: Final = 250


@dataclass
class Clock:
    """Seconds people have taken, by what they did."""

    really: bool = False
    spent: dict[str, float] = field(default_factory=dict)

    def take(self, what: str, seconds: float) -> None:
        self.spent[what] = self.spent.get(what, 0.0) + seconds
        if self.really:
            time.sleep(seconds)

    @property
    def seconds(self) -> float:
        return sum(self.spent.values())


@dataclass(frozen=True)
class Shop:
    """Who signs up. `mobile`, `line` and `business_number` are nobody else's."""

    mobile: str
    line: str
    business_number: str
    name: str = "값진 닭볶음탕"
    trade: str = "치킨"
    revenue: str = "3억 5천만"
    owner: str = "이값진"
    specials: tuple[str, ...] = ("흙에서 키운 닭이에요", "가마솥에 두 번 튀겨요", "포장은 천 원 싸요")


def fresh_shop(**changed: Any) -> Shop:
    """A shop whose numbers nobody has yet."""
    serial = time.time_ns() // 1_000_000 % 10_000
    return Shop(
        mobile=f"0100777{serial:04d}",
        line=f"02-879-{serial:04d}",
        business_number=with_check_digit(f"51701{serial:04d}"),
        **changed,
    )


def take_the_call(desk: Page, shop: Shop, clock: Clock) -> None:
    """The agent, from the ringing telephone to a complete form; by keyboard alone, each fact typed once."""
    desk.keyboard.press("F2")
    desk.wait_for_url(re.compile(r"/desk/\d+/$"))
    clock.take("agent looks", GLANCE)
    _key(desk, clock, "Enter")  # 사업자
    _say(desk, clock, shop.name)
    _say(desk, clock, shop.trade)
    expect(desk.locator("#r-ksic")).to_contain_text("치킨")
    _say(desk, clock, shop.revenue)
    _key(desk, clock, "Enter")  # 구두 확인
    desk.keyboard.type(shop.business_number)
    clock.take("agent types", TYPED * len(shop.business_number))
    clock.take("owner answers", ANSWER)
    expect(desk.locator('[data-slot="registry"]')).to_contain_text("계속사업자", timeout=5_000)
    _key(desk, clock, "Enter")
    _key(desk, clock, "Enter")  # 상호 is the shop's name
    _say(desk, clock, shop.owner)
    _say(desk, clock, shop.mobile)
    _say(desk, clock, shop.line)
    _key(desk, clock, "Enter")  # 신청인 명의
    for _ in range(3):
        _key(desk, clock, "ArrowDown")
    clock.take("owner hears the price", 20)
    expect(desk.locator('[data-slot="price"]')).to_contain_text("13,200원")
    _key(desk, clock, "Enter")
    _key(desk, clock, "Enter")
    for line in shop.specials:
        _say(desk, clock, line)
    expect(desk.locator("#preview-text")).to_contain_text(shop.specials[-1])


def hand_in_the_certificate(desk: Page, shop: Shop, clock: Clock) -> None:
    """The agent adds the line's certificate on the same screen."""
    paper = pdf(shop.line.replace("-", " "), shop.line)
    desk.get_by_label("서류 종류").select_option("line")
    desk.get_by_label("파일").set_input_files(
        files=FilePayload(name="이용증명원.pdf", mimeType="application/pdf", buffer=paper)
    )
    desk.get_by_role("button", name="서류 올리기").click()
    expect(desk.locator("[data-documents-list]")).to_contain_text("이용증명원.pdf")
    clock.take("agent chooses the file", FILE)


def accept_the_certificate(admin: Page, shop: Shop, clock: Clock) -> None:
    """The admin, one key once the paper and the number have been compared."""
    admin.goto("/certificates/")
    for _ in range(20):
        if shop.line in admin.locator("main").inner_text():
            break
        admin.keyboard.press("ArrowRight")
        admin.wait_for_load_state()
    clock.take("admin compares", 5)
    admin.keyboard.press("KeyA")
    expect(admin.get_by_role("status")).to_contain_text("승인")


def send_to_the_owner(desk: Page, clock: Clock) -> None:
    """사장님 폰으로 보내기."""
    _key(desk, clock, "F2")
    expect(desk.locator('[data-slot="owner"]')).to_contain_text("아직 열지 않음", timeout=8_000)


def confirm_on_the_phone(portal: Portal, phone: BrowserContext, shop: Shop, clock: Clock) -> Page:
    """The owner opens the text, sees what callers will get, and presses 확정."""
    (text,) = eventually(partial(_drafts, portal, shop.mobile), 20)
    link = re.search(r"https?://\S+/confirm/\S+", text)
    assert link, text
    page = phone.new_page()
    page.goto(link.group())
    clock.take("owner finds the text", 5)
    expect(page.locator(".phone .text").first).to_contain_text(shop.specials[0])
    clock.take("owner reads", READ * _READ_ON_THE_LINK)
    page.get_by_role("button", name="확정").first.click()
    clock.take("owner taps", TAP)
    return page


def ring(portal: Portal, shop: Shop, caller: str) -> str:
    """A customer calls and hangs up; what their phone gets."""
    traffic.ring(portal, {"line": re.sub(r"\D", "", shop.line)}, [caller])
    texts = eventually(lambda: traffic.texts(portal, caller), 20)
    return texts[-1] if texts else ""


def _say(page: Page, clock: Clock, text: str) -> None:
    """The owner says it, the agent types it, Enter."""
    clock.take("owner answers", ANSWER)
    compose(page, text, enter=True)
    clock.take("agent types", TYPED * len(text))


def _key(page: Page, clock: Clock, key: str) -> None:
    page.keyboard.press(key)
    clock.take("agent presses keys", KEY)


def _drafts(portal: Portal, mobile: str) -> list[str]:
    return [text for text in traffic.texts(portal, mobile) if "/confirm/" in text]
