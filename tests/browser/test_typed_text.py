"""What is typed stays typed: Hangul in composition in every field of every page, a killed server, two people at once."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import urlsplit

import psutil
import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Route, expect

from tests.browser import traffic
from tests.browser.hands import Thumb, compose, keys_of
from tests.browser.portal import Portal, eventually, run_inside
from tests.browser.stage import Stage
from tests.browser.visits import VISITS, Visit

pytestmark = pytest.mark.browser

#: Final consonants that move on, ends of two keys, vowels of two keys, a final that must stay.
WORDS: Final = "닭값 치킨 과외해요"
_FIELDS: Final = (
    "main :is(input[type=text], input[type=search], input:not([type]), textarea)"
    ":not([readonly], [disabled], [aria-hidden=true] *)"
)
#: Opens what a field stands in, as a person would before typing there.
_REVEAL: Final = """field => {
    for (let place = field; place; place = place.parentElement) {
        if (place.matches('details, dialog')) place.setAttribute('open', '');
    }
    for (const select of field.form.querySelectorAll('select:has([value=typed])')) select.value = 'typed';
    const answers = [field.closest('fieldset') ?? field.form, field.form].flatMap(
        place => [...place.querySelectorAll('[type=radio], [type=checkbox]')]);
    for (const answer of answers) if (!field.checkVisibility()) answer.click();
    field.focus();
    field.select();
    return document.activeElement === field;
}"""


def test_a_2_beolsik_keyboard_moves_a_final_consonant_to_the_next_syllable():
    shown = " ".join(done + open_syllable for done, open_syllable in keys_of("치킨값이"))
    assert shown == "ㅊ 치 칰 치키 치킨 치킨ㄱ 치킨가 치킨갑 치킨값 치킨값ㅇ 치킨값이 치킨값이"


def test_hangul_in_composition_is_kept_in_every_field_of_every_page_and_enter_sends_once(
    browser: Browser, stage: Stage
):
    seen: set[tuple[str, str]] = set()
    faults: list[str] = []
    for who, visits in _by_person(VISITS).items():
        context = browser.new_context(
            locale="ko-KR", base_url=stage.portal.url, service_workers="block", **Thumb.context
        )
        context.add_cookies(stage.cookies[who])  # type: ignore[arg-type]
        page = context.new_page()
        for visit in visits:
            path = visit.path.format(**stage.places)
            if not visit.do and _fields_of(context, visit.name, path) <= seen:
                continue
            page.goto(path)
            for step in visit.do:
                step(page)
            names = page.locator(_FIELDS).evaluate_all("fields => fields.map(field => field.name)")
            for number, name in enumerate(names):
                if (key := _key(visit.name, name)) not in seen:
                    seen.add(key)
                    found = _faults(page, page.locator(_FIELDS).nth(number))
                    faults += [f"{path} {name}: {fault}" for fault in found]
        context.close()
    assert "\n".join(faults) == ""
    assert len({name for name, _ in seen}) >= 12, "most forms are found"
    assert {
        ("messaging:promo", "body"), ("messaging:promo", "details.email"), ("messaging:call", "other"),
        ("messaging:gallery", "q"), ("messaging:coupons", "code"), ("messaging:genuine", "link"),
    } <= seen  # fmt: skip


def test_the_walk_sees_a_field_that_disturbs_composition_or_sends_twice(browser: Browser):
    page = browser.new_page()
    for markup, fault in (
        (
            "<input type=text oninput=\"const text = this.value; this.value = ''; this.value = text\">",
            "holds",
        ),
        (
            "<input type=text onkeydown=\"if (event.key === 'Enter') fetch(this.form.action, {method: 'POST', mode: 'no-cors'})\">",
            "sends [23] times",
        ),
        (
            "<input type=text onkeydown=\"if (event.key === 'Enter') event.preventDefault()\">",
            "sends 0 times",
        ),
        ("<textarea></textarea>", "$"),
        ("<input type=search>", "$"),
    ):
        page.set_content(f'<main><form action="http://portal.test/">{markup}</form></main>')
        assert re.match(fault, "; ".join(_faults(page, page.locator(_FIELDS)))), markup
    page.close()


def _by_person(visits: Iterable[Visit]) -> dict[str, list[Visit]]:
    """Visits by who makes them; what is reached by acting only where the page itself is not visited."""
    plain = {visit.name for visit in visits if not visit.do}
    people: dict[str, list[Visit]] = {}
    for visit in visits:
        if not visit.do or visit.name not in plain:
            people.setdefault(visit.who, []).append(visit)
    return people


def _fields_of(context: BrowserContext, page_name: str, path: str) -> set[tuple[str, str]]:
    """The text fields of a page, from its HTML: most pages need not be opened."""
    tags = re.findall(r"<(?:textarea|input)\b[^>]*>", context.request.get(path).text())
    texts = [tag for tag in tags if tag.startswith("<textarea") or re.search(r'type="(?:text|search)"', tag)]
    return {_key(page_name, name) for tag in texts for name in re.findall(r'\bname="([^"]*)"', tag)}


def _key(page_name: str, name: str) -> tuple[str, str]:
    """Fields that differ by a number alone are the same field."""
    return page_name, re.sub(r"\d+", "", name)


def _faults(page: Page, field: Locator) -> list[str]:
    """Types the words and Enter. Nothing reaches the server: what is asked for is counted and answered with "no content"."""
    if not field.evaluate(_REVEAL):
        return ["cannot be typed into"]
    words = WORDS[: int(field.get_attribute("maxlength") or len(WORDS))].strip()
    if field.get_attribute("data-field") or field.get_attribute("data-suggests") is not None:
        # The editor saves by itself, and what suggests sends nothing; their Enter is a matter of other tests.
        compose(page, words)
        return [] if field.input_value() == words else [f"holds {field.input_value()!r}"]
    wanted, sends = words, 1
    if field.evaluate("field => field.tagName") == "TEXTAREA":
        wanted, sends = f"{words}\n", 0
    with _counted(page, field.evaluate("field => field.form.action")) as asked:
        compose(page, words, enter=True)
        for _ in range(40):
            # The page's time, not ours: only so what it asks for is heard of.
            page.wait_for_timeout(50)
            if len(asked) >= sends:
                break
        page.wait_for_timeout(120)  # a second sending would follow at once
    faults = [] if field.input_value() == wanted else [f"holds {field.input_value()!r}"]
    return faults if len(asked) == sends else [*faults, f"sends {len(asked)} times"]


@contextmanager
def _counted(page: Page, action: str) -> Iterator[list[str]]:
    """The navigations, and the POSTs to the form's own address, that somebody asks for in the meantime; none of them is
    made. What a page asks about a field alone is not a sending."""
    asked: list[str] = []
    own = urlsplit(action).path

    def count(route: Route) -> None:
        path = urlsplit(route.request.url).path
        posts = route.request.method == "POST"
        if route.request.is_navigation_request() or (posts and path == own):
            asked.append(path)
        if posts or route.request.is_navigation_request():
            route.fulfill(status=204)
        else:
            route.fallback()

    page.route("**/*", count)
    yield asked
    page.unroute("**/*", count)


# --- in the editor ----------------------------------------------------------------------------------------------------

_EDITOR: Final = """
from shopmsg.accounts.enums import MemberRole
from shopmsg.accounts.models import Membership, Shop, User
colleague = User.objects.create_user("01090000301", "오함께")
Membership.objects.create(shop=Shop.objects.get(slug="{shop}"), user=colleague, role=MemberRole.EDITOR)
"""


def _editor(browser: Browser, stage: Stage, cookies: list[dict[str, str]]) -> Page:
    context = browser.new_context(locale="ko-KR", base_url=stage.portal.url, **Thumb.context)
    context.add_cookies(cookies)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"/shops/{stage.places['shop']}/promo/")
    return page


def _tap(page: Page, name: str) -> Locator:
    page.locator(f'[data-slot="phone"] [data-edit="{name}"]').first.tap()
    field = page.locator(f"#field-{name}")
    expect(field).to_be_focused()
    return field


def test_text_typed_while_the_server_is_killed_is_saved_when_it_is_back(browser: Browser, stage: Stage):
    page = _editor(browser, stage, stage.cookies["owner"])
    field = _tap(page, "body")
    field.fill("")
    compose(page, "서버가 ")
    for process in _web(stage.portal):
        process.kill()
    compose(page, "꺼져도 남는 글")
    state = page.locator("[data-state]")
    expect(state).to_contain_text("적으신 글은 이 휴대폰에 있어요", timeout=10_000)
    expect(state).to_have_text("저장했어요", timeout=40_000)
    expect(field).to_have_value("서버가 꺼져도 남는 글")
    elsewhere = _editor(browser, stage, stage.cookies["owner"])
    expect(elsewhere.locator('.phone [data-edit="body"]')).to_have_text("서버가 꺼져도 남는 글")
    elsewhere.context.close()
    page.context.close()


def _web(portal: Portal) -> list[psutil.Process]:
    """The web server's processes, first the one that would start others."""
    family = psutil.Process(portal.process.pid).children(recursive=True)
    return [process for process in family if "gunicorn" in " ".join(process.cmdline())]


def test_two_people_write_different_lines_at_once_and_both_are_kept_and_the_same_line_is_asked_about(
    browser: Browser, stage: Stage
):
    run_inside(stage.portal, _EDITOR.format(shop=stage.places["shop"]))
    owner = _editor(browser, stage, stage.cookies["owner"])
    colleague = _editor(browser, stage, _logged_in(stage.portal, "01090000301"))
    _tap(owner, "headline").fill("사장님이 쓴 제목")
    _tap(colleague, "body").fill("동료가 쓴 내용")
    for page in (owner, colleague):
        expect(page.locator("[data-state]")).to_have_text("저장했어요")
    for page in (owner, colleague):
        page.reload()
        expect(page.locator('.phone [data-edit="headline"]').first).to_have_text("사장님이 쓴 제목")
        expect(page.locator('.phone [data-edit="body"]').first).to_have_text("동료가 쓴 내용")

    _tap(owner, "headline").fill("사장님 새 제목")
    expect(owner.locator("[data-state]")).to_have_text("저장했어요")
    _tap(colleague, "headline").fill("동료 새 제목")
    panel = colleague.locator(".conflict")
    for words in ("사장님 새 제목", "동료 새 제목", "최봄날"):
        expect(panel).to_contain_text(words)
    panel.get_by_role("button", name="저쪽 글 쓰기").click()
    expect(panel).to_have_count(0)
    colleague.reload()
    expect(colleague.locator('.phone [data-edit="headline"]').first).to_have_text("사장님 새 제목")
    for page in (owner, colleague):
        page.context.close()


def _logged_in(portal: Portal, mobile: str) -> list[dict[str, Any]]:
    """Cookies of somebody who logged in with the code from their phone."""
    visitor = traffic.Visitor(portal)
    visitor.send("/login/", mobile=mobile)
    codes = eventually(lambda: re.findall(r"인증번호 (\d{6})", "\n".join(traffic.texts(portal, mobile))), 20)
    visitor.send("/login/code/", code=codes[-1])
    return visitor.cookies
