"""What holds on every page of ours, whatever it shows (ux.md, "Bars"): a page nobody visits here fails the suite."""

import io
import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
import requests
from PIL import Image
from playwright.sync_api import Browser, ViewportSize, expect

from tests.browser import gates, traffic
from tests.browser.gates import Tab
from tests.browser.hands import compose
from tests.browser.portal import PHONE, eventually, run_inside
from tests.browser.stage import HELD_OVER, Stage, path_of
from tests.browser.visits import NOT_VISITED, VISITS, Visit

pytestmark = pytest.mark.browser

NARROW: Final = ViewportSize(width=360, height=740)


@pytest.fixture(scope="module")
def tabs(browser: Browser, stage: Stage) -> Iterator[Callable[[str], Tab]]:
    """A narrow phone of each person, kept for all visits. The portal's own policy holds in it: axe comes in through the
    debugger, so nothing has to be switched off and whatever the policy refuses is seen."""
    made: dict[str, Tab] = {}

    def of(who: str) -> Tab:
        if who not in made:
            context = browser.new_context(
                viewport=NARROW,
                locale="ko-KR",
                base_url=stage.portal.url,
                reduced_motion="reduce",
                has_touch=True,
            )
            context.add_init_script(gates.TOOLS)
            context.add_cookies(stage.cookies[who])  # type: ignore[arg-type]
            made[who] = Tab(context.new_page()).listen()
        made[who].forget()
        return made[who]

    yield of
    for tab in made.values():
        tab.page.context.close()


@pytest.fixture(scope="module")
def transferred() -> Callable[[str], int]:
    """Bytes on the wire of a style sheet or script, compressed as the portal compresses it."""

    @cache
    def size(url: str) -> int:
        answer = requests.get(url, headers={"Accept-Encoding": "br, gzip"}, stream=True, timeout=20)
        answer.raise_for_status()
        return len(answer.raw.read(decode_content=False))

    return size


@pytest.fixture(scope="module")
def seen() -> set[str]:
    """The pages that have been visited in one state."""
    return set()


@pytest.fixture(scope="module")
def titles() -> dict[str, tuple[str, str]]:
    """Whose each title is: its page and its shop."""
    return {}


@pytest.mark.parametrize("visit", VISITS, ids=str)
def test_every_page_is_legible_reachable_light_and_sound(
    visit: Visit,
    stage: Stage,
    tabs: Callable[[str], Tab],
    transferred: Callable[[str], int],
    titles: dict[str, tuple[str, str]],
    seen: set[str],
) -> None:
    tab = tabs(visit.who)
    tab.page.goto(visit.path.format(**stage.places))
    for step in visit.do:
        step(tab.page)
    if tab.page.evaluate(gates.UNSETTLED):
        tab.page.wait_for_function(f"!{gates.UNSETTLED}")
    faults = gates.faults_of(tab, visit, transferred, again=visit.name in seen)
    seen.add(visit.name)
    if visit.status < 400:
        title, place = tab.page.title(), gates.place_of(tab.page.url)
        if titles.setdefault(title, place) != place:
            faults.append(f'title "{title}" is that of {titles[title]} too')
    assert "\n".join(faults) == ""


def test_the_checks_see_what_they_are_there_for(browser: Browser) -> None:
    """A page with one fault of each kind; without it the walk above could go blind unnoticed."""
    body = """<!doctype html><html lang="ko"><title>다른 말</title><style>
        * { font-size: 18px } .small { font-size: 14px } .wide { width: 500px } .sliver { width: 1.5em } .over { width: 3em; white-space: nowrap } .cut { width: 3em; overflow: hidden;
        white-space: nowrap } .low { height: 1em; overflow: hidden } a { outline: 0 } .faint { color: #767676 } body { background: #fff }
        @media (prefers-color-scheme: dark) { .dim { color: #ddd } }</style>
        <main><h1 id="a">제목</h1><h1 id="a">둘째</h1><p class="small">작은 글</p><a class="btn" href="#a">눌러요</a>
        <form><button>보내기</button></form><form method="post"></form>
        <form method="get" action="/"><input type="hidden" name="csrfmiddlewaretoken" value="x"></form>
        <p class="wide">넓은 글</p><p class="sliver">한 자씩 밀려난 글</p><p class="over">넘치는 글자</p><p class="cut">잘려 나가는 긴 글이에요</p><p class="low">두 줄로 이어져서 아래가 잘려 나가는 아주 긴 글이에요</p><p class="faint">흐린 글</p>
        <p class="dim">밤에 흐린 글</p><img src="data:,"><div class="wide" style="height: 900px"></div>
        <img src="/late.png" alt="" width="1" height="1"></main>"""
    page = browser.new_page(viewport=NARROW)
    page.set_content(body)
    found = gates.look_at(page)
    page.close()
    for fault in (
        "2 h1", 'title "다른 말" without', "id a twice", "no help number", "form without method", "form without action",
        "about:blank", "form that shows its CSRF token", "<img data:,> without width", "not lazy", "text 14px",
        "target ", "360 px: cut off: <p> 잘려", "360 px: cut off: <p> 두", "360 px: squeezed", "360 px: spills", "360 px: 1",
        "200 % text: cut off", "color-contrast-enhanced (", "image-alt (critical)", "dark color-contrast", "no focus ring",
    ):  # fmt: skip
        assert any(line.startswith(fault) for line in found), fault


def test_the_checks_of_what_was_sent_see_what_they_are_there_for() -> None:
    good = (
        '<!DOCTYPE html><html lang="ko"><head><title>제목</title></head><body><h1>제목</h1>{}</body></html>'
    )
    assert gates.markup_faults(good.format("").encode()) == []
    for broken in (
        "<p><div></p>",
        "<h1>둘째</h1>",
        '<p style="color:red">',
        "<script>1</script>",
        '<p onclick="go()">',
    ):
        assert gates.markup_faults(good.format(broken).encode()), broken
    assert gates.policy_faults({}) == ["no Content-Security-Policy"]
    policy = "default-src 'self'; style-src 'unsafe-inline'"
    assert gates.policy_faults({"content-security-policy": policy}) == ["policy with unsafe-inline"]
    private, public = Visit("home:today", "/shops/a/", who="owner"), Visit("home:landing", "/")
    hidden = {"x-robots-tag": "noindex"}
    assert gates.robots_faults(private, {}, "")
    assert gates.robots_faults(public, hidden, "")
    assert gates.robots_faults(private, hidden, "") == gates.robots_faults(public, {}, "") == []


def test_the_checks_of_a_whole_visit_see_what_they_are_there_for(browser: Browser) -> None:
    noise = io.BytesIO()
    Image.effect_noise((400, 400), 90).save(noise, "PNG")
    pictures = '<img src="/large.png" alt="" width="9" height="9"><img src="http://elsewhere.test/a.png" alt="" width="9" height="9">'
    body = f"""<!DOCTYPE html><html lang="ko"><head><title>약관</title><link rel="stylesheet" href="/a.css"></head><body><main tabindex="-1">
        <h1>약관</h1>{pictures}<script>document.title = ""</script><form method="post" action="/help/"></form></main></body></html>"""
    sent: dict[str, dict[str, Any]] = {
        "/terms/": {"body": body, "content_type": "text/html", "headers": {"content-security-policy": "default-src 'self'; img-src *"}},
        "/a.css": {"body": "", "content_type": "text/css"},
        "/large.png": {"body": noise.getvalue(), "content_type": "image/png"},
    }  # fmt: skip
    context = browser.new_context(viewport=NARROW, base_url="http://ours.test")
    context.add_init_script(gates.TOOLS)
    context.route(
        "**/*", lambda route: route.fulfill(**sent.get(urlsplit(route.request.url).path, {"status": 404}))
    )
    tab = Tab(context.new_page()).listen()
    tab.page.goto("/terms/")
    found = gates.faults_of(tab, Visit("home:privacy", "/privacy/", status=410), lambda url: 60_000)
    context.close()
    for fault in (
        "status 200", "this is home:terms", "policy with *", "markup: assert", "form without CSRF token: /help/",
        "asked elsewhere: http://elsewhere.test", "60,", f"{len(noise.getvalue())} bytes of pictures on the first screen",
    ):  # fmt: skip
        assert any(line.startswith(fault) for line in found), f"{fault} in {found}"
    assert any("Content Security Policy" in line for line in found), found


def test_every_address_is_visited_or_has_a_reason_not_to_be() -> None:
    visited = {visit.name for visit in VISITS} - {"(404)", "(403)"}
    assert gates.ROUTES - visited - set(NOT_VISITED) == set(), "visit it, or say why not"
    assert (visited | set(NOT_VISITED)) - gates.ROUTES == set(), "gone"
    assert visited & set(NOT_VISITED) == set()


# --- what only a browser can tell -------------------------------------------------------------------------------------


def test_the_preview_is_byte_for_byte_what_the_phone_receives(
    stage: Stage, tabs: Callable[[str], Tab]
) -> None:
    shop = stage.portal.demo["shops"][3]
    tab = tabs("owner")
    page = tab.page
    page.goto(f"/shops/{shop['slug']}/promo/?edit=headline")
    headline = page.locator("#field-headline")
    headline.fill("")
    headline.focus()
    # The pauses are longer than the preview waits: its answer arrives in the middle of a syllable.
    compose(page, "가을꽃", pause=0.26)
    expect(headline).to_have_value("가을꽃")
    preview = page.locator("#preview-text")
    expect(preview).to_contain_text("가을꽃")
    page.locator('.phone [data-edit="body"], .adds [data-edit="body"]').click()
    page.locator("#field-body").fill("① 국화  한 다발\n\n<b>19,800원</b> & '덤' \"하나\"")
    expect(preview).to_contain_text("가을꽃\n① 국화", use_inner_text=False)
    expect(preview).to_contain_text("덤")
    shown = str(preview.evaluate("element => element.textContent"))
    page.get_by_role("button", name="이 내용으로 바꾸기", exact=True).click()
    expect(page.locator("[data-pending]")).to_contain_text("내용이 나가요")
    run_inside(stage.portal, HELD_OVER)
    assert eventually(lambda: page.reload() and "지금부터" in page.inner_text("main"), 20)

    caller = "01005557777"
    traffic.ring(stage.portal, shop, [caller])
    (received,) = eventually(lambda: traffic.texts(stage.portal, caller), 20)
    link = traffic.link_in(received)
    sample = traffic.link_in(shown)
    assert len(sample) == len(link)
    assert shown.replace(sample, link).encode() == received.encode()

    page.goto(f"/shops/{shop['slug']}/calls/")
    page.get_by_label("끝 네 자리").fill(caller[-4:])
    page.get_by_role("button", name="찾기").click()
    call = str(page.locator("a.call-row").first.get_attribute("href"))
    for path, where in ((call, "pre.text"), (path_of(stage.portal, link), ".letter .text")):
        page.goto(path)
        assert (
            str(page.locator(where).evaluate("element => element.textContent")).encode() == received.encode()
        )
    assert tab.said == []


def test_enter_in_the_headline_changes_nothing_that_goes_out(
    stage: Stage, tabs: Callable[[str], Tab]
) -> None:
    tab = tabs("owner")
    page = tab.page
    page.goto(f"/shops/{stage.places['shop']}/promo/?edit=headline")
    pending = page.locator("[data-pending]").count()
    page.locator("#field-headline").fill("아직 다 안 썼")
    page.keyboard.press("Enter")
    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(page.locator("[data-state]")).to_have_text("저장했어요")
    assert page.locator("[data-pending]").count() == pending


def test_login_reading_and_opting_out_need_no_script(browser: Browser, stage: Stage) -> None:
    context = browser.new_context(
        viewport=PHONE, locale="ko-KR", base_url=stage.portal.url, java_script_enabled=False
    )
    page = context.new_page()
    shop = stage.portal.demo["shops"][1]
    page.goto(f"/shops/{shop['slug']}/")
    page.get_by_label("휴대폰 번호").fill(shop["owner_mobile"])
    page.get_by_role("button", name="인증번호 받기").click()
    codes = eventually(
        lambda: re.findall(
            r"인증번호\D*(\d{6})", "\n".join(traffic.texts(stage.portal, shop["owner_mobile"]))
        ),
        20,
    )
    page.get_by_label("인증번호 6자리").fill(codes[-1])
    page.get_by_role("button", name="로그인", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(shop["name"])
    page.get_by_role("link", name="전화", exact=True).click()
    page.locator("a.call-row").first.click()
    expect(page.get_by_role("heading", name="어떻게 되었나요")).to_be_visible()
    page.get_by_role("link", name="문자", exact=True).click()
    page.locator('.phone [data-edit="headline"]').click()
    page.locator("#field-headline").fill("스크립트 없이")
    page.locator("dialog[open]").get_by_role("button", name="다 됐어요").click()
    expect(page.locator("#preview-text")).to_contain_text("스크립트 없이")

    page.goto(stage.links[8])
    page.get_by_role("link", name="그만 받기").click()
    page.get_by_role("button", name="그만 받기").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("멈췄어요")
    context.close()
