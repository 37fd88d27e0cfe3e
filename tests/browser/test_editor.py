"""The promo editor under real fingers: Hangul while it is composed, lost connections, two tabs, an expired session."""

import contextlib
import json
import re
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Locator, Page, expect

from tests.browser.conftest import DESK, PHONE, Portal, eventually

pytestmark = pytest.mark.browser

_CHO = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_JUNG = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"


class Editor:
    """One browser profile of a shop's owner in the editor."""

    def __init__(self, context: BrowserContext, shop: dict[str, Any]) -> None:
        self.context, self.shop = context, shop
        self.path = f"/shops/{shop['slug']}/promo/"
        self.page = context.new_page()
        self.page.goto("/login/demo/")
        self.page.get_by_role("button", name=re.compile(shop["name"])).first.click()
        self.page.wait_for_load_state()
        self.page.goto(self.path)

    def another_tab(self) -> Page:
        page = self.context.new_page()
        page.goto(self.path)
        return page

    def kept(self) -> dict[str, str]:
        """What the server holds, as a page opened now would begin with."""
        answer = self.context.request.get(self.path)
        found = re.search(r'data-fields="([^"]*)"', answer.text())
        assert found is not None
        values: dict[str, str] = json.loads(
            found.group(1).replace("&quot;", '"').replace("&#x27;", "'").replace("&amp;", "&")
        )
        return values


@pytest.fixture
def editor(browser: Browser, portal: Portal) -> Iterator[Callable[..., Editor]]:
    """Opens editors of the third demo shop; a script error fails the test."""
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def opened(**options: Any) -> Editor:
        context = browser.new_context(
            locale="ko-KR", base_url=portal.url, has_touch=True, **{"viewport": PHONE} | options
        )
        contexts.append(context)
        context.on("weberror", lambda error: errors.append(str(error.error)))
        return Editor(context, portal.demo["shops"][2])

    yield opened
    for context in contexts:
        context.close()
    assert errors == []


def part(page: Page, name: str) -> Locator:
    return page.locator(f'.phone [data-edit="{name}"]')


def tap(page: Page, name: str) -> Locator:
    """Tap a part of the phone, or what the message lacks; returns the field of its question."""
    page.locator(f'[data-slot="phone"] [data-edit="{name}"]').first.tap()
    field = page.locator('dialog[open] :is(input[type="text"], textarea)')
    expect(field).to_be_focused()
    return field


def state(page: Page) -> Locator:
    return page.locator("[data-state]")


def keys_of(text: str) -> Iterator[tuple[str, str]]:
    """(what is committed, what is being composed) after each key of a 2-beolsik keyboard."""
    done = ""
    for char in text:
        if not "가" <= char <= "힣":
            done += char
            yield done, ""
            continue
        lead, rest = divmod(ord(char) - 0xAC00, 588)
        vowel, tail = divmod(rest, 28)
        yield done, _CHO[lead]
        yield done, chr(0xAC00 + lead * 588 + vowel * 28)
        if tail:
            yield done, char
        done += char
    yield done, ""


def compose(page: Page, text: str, pause: float = 0.03) -> None:
    """Type through the browser's input method, the way a Korean keyboard does."""
    wire = page.context.new_cdp_session(page)
    committed = ""
    for done, composing in keys_of(text):
        if done != committed:
            wire.send("Input.insertText", {"text": done[len(committed) :]})
            committed = done
        if composing:
            wire.send(
                "Input.imeSetComposition",
                {"text": composing, "selectionStart": len(composing), "selectionEnd": len(composing)},
            )
        time.sleep(pause)
    wire.detach()


def choose_kind(page: Page, name: str) -> None:
    page.locator(".kind-button").tap()
    page.locator("dialog[open] label", has_text=name).tap()
    page.get_by_role("button", name="다 됐어요").tap()
    expect(page.locator('[data-slot="kind"]')).to_have_text(name)


def test_hangul_in_composition_loses_and_doubles_no_syllable_in_any_field(editor):
    at = editor()
    page = at.page
    for kind, fields in (
        ("쿠폰 문자", ("headline", "body", "details-benefit", "details-where", "details-how")),
        ("명함 문자", ("details-company", "details-department", "details-title", "details-name",
                     "details-address", "details-tel", "details-mobile", "details-fax", "details-email")),
    ):  # fmt: skip
        choose_kind(page, kind)
        for name in fields:
            field = tap(page, name)
            field.fill("")
            words = f"값싼 닭볶음 {name[-4:]} 흙길"
            compose(page, words)
            expect(field).to_have_value(words)
            expect(part(page, name)).to_contain_text(words)
            expect(state(page)).to_have_text("저장했어요")
            page.get_by_role("button", name="다 됐어요").tap()
            assert at.kept()[name.replace("-", ".", 1)] == words
    choose_kind(page, "평소 문자")


def test_a_save_in_the_middle_of_a_syllable_does_not_touch_it(editor):
    at = editor()
    field = tap(at.page, "body")
    field.fill("")
    compose(at.page, "닭갈비 먹는 날", pause=0.4)
    expect(field).to_have_value("닭갈비 먹는 날")
    assert eventually(lambda: at.kept()["body"] == "닭갈비 먹는 날", 5)


def test_the_phone_follows_a_key_within_a_tenth_of_a_second(editor):
    at = editor()
    field = tap(at.page, "headline")
    field.fill("")
    at.page.evaluate(
        """() => {
            const field = document.activeElement;
            window.took = [];
            let pressed = 0, wanted = "";
            field.addEventListener("input", () => { pressed = performance.now(); wanted = field.value; });
            new MutationObserver(() => {
                const shown = document.querySelector('.phone [data-edit="headline"]');
                if (pressed && shown && shown.textContent.trim() === wanted.trim()) { window.took.push(performance.now() - pressed); pressed = 0; }
            }).observe(document.querySelector('[data-slot="phone"]'), {childList: true, subtree: true, characterData: true});
        }"""
    )
    # The machine may be busy with the rest of the suite for a while: the best of three rounds must hold the bar.
    late = []
    for _ in range(3):
        at.page.evaluate("window.took = []")
        for number in range(50):
            at.page.keyboard.type("가나다라마"[number % 5])
            at.page.wait_for_function("number => window.took.length > number", arg=number)
        took = sorted(at.page.evaluate("window.took"))
        late.append(took[int(len(took) * 0.95) - 1])
        print(
            f"\nkey to phone: p50 {statistics.median(took):.0f} ms, p95 {late[-1]:.0f} ms, {len(took)} keys"
        )
        if late[-1] <= 100:
            break
        field.fill("")
    assert min(late) <= 100


def test_what_is_typed_is_kept_within_a_second_and_by_a_tab_that_is_closed_at_once(editor):
    at = editor()
    field = tap(at.page, "body")
    started = time.monotonic()
    field.fill("일 초 안에 저장돼요")
    with at.page.expect_response(re.compile("/promo/save/")) as saved:
        pass
    assert saved.value.ok
    assert time.monotonic() - started <= 1.5
    assert at.kept()["body"] == "일 초 안에 저장돼요"
    field.fill("바로 닫아도 남아요")
    at.page.close(run_before_unload=True)
    assert eventually(lambda: at.kept()["body"] == "바로 닫아도 남아요", 5)


def test_the_last_change_is_taken_back_with_one_tap(editor):
    at = editor()
    field = tap(at.page, "headline")
    field.fill("먼저 적은 제목")
    expect(state(at.page)).to_have_text("저장했어요")
    field.fill("나중에 적은 제목")
    expect(state(at.page)).to_have_text("저장했어요")
    at.page.get_by_role("button", name="방금 것 되돌리기").tap()
    expect(part(at.page, "headline")).to_have_text("먼저 적은 제목")
    expect(field).to_have_value("먼저 적은 제목")


def test_text_typed_without_a_connection_stays_on_the_phone_and_is_sent_when_it_returns(editor):
    at = editor()
    field = tap(at.page, "body")
    at.context.set_offline(True)
    field.fill("지하에서 적은 글")
    expect(state(at.page)).to_contain_text("인터넷이 끊겼어요", timeout=5_000)
    at.context.set_offline(False)
    expect(state(at.page)).to_have_text("저장했어요", timeout=10_000)
    assert at.kept()["body"] == "지하에서 적은 글"


def test_text_typed_without_a_connection_survives_a_killed_tab(editor):
    at = editor()
    field = tap(at.page, "body")
    at.page.route("**/promo/save/", lambda route: route.abort("internetdisconnected"))
    field.fill("꺼진 뒤에도 남은 글")
    expect(state(at.page)).to_contain_text("인터넷이 끊겼어요", timeout=5_000)
    # A killed tab says no goodbye: nothing slips through at the last moment.
    with contextlib.suppress(Error):
        at.page.goto("chrome://crash", timeout=3_000)
    assert at.kept()["body"] != "꺼진 뒤에도 남은 글"
    page = at.another_tab()
    expect(part(page, "body")).to_have_text("꺼진 뒤에도 남은 글")
    expect(state(page)).to_have_text("저장했어요")
    assert at.kept()["body"] == "꺼진 뒤에도 남은 글"


def test_an_expired_session_leads_to_the_login_and_back_to_the_same_text(editor, portal: Portal):
    at = editor()
    page = at.page
    tap(page, "body").fill("로그인이 풀렸을 때 적은 글")
    at.context.clear_cookies()
    page.locator("dialog[open] textarea").press_sequentially("!")
    expect(state(page)).to_have_text("다시 로그인하면 이어져요")
    page.get_by_role("link", name="로그인하고 이어서 쓰기").tap()
    mobile = at.shop["owner_mobile"]
    page.get_by_label("휴대폰 번호").fill(mobile)
    page.get_by_role("button", name=re.compile("인증번호")).tap()
    phones = f"{portal.demo['sandbox']['url']}/sandbox/phones/{mobile}"
    codes = eventually(lambda: re.findall(r"인증번호 (\d{6})", at.context.request.get(phones).text()), 15)
    page.get_by_label(re.compile("인증번호")).fill(codes[-1])
    page.get_by_role("button", name="로그인").tap()
    expect(part(page, "body")).to_have_text("로그인이 풀렸을 때 적은 글!")
    expect(state(page)).to_have_text("저장했어요")
    assert at.kept()["body"] == "로그인이 풀렸을 때 적은 글!"


def test_two_tabs_that_change_the_same_line_are_both_shown_and_one_is_chosen(editor):
    at = editor()
    other = at.another_tab()
    at.page.bring_to_front()
    tap(at.page, "headline").fill("이쪽 탭 제목")
    expect(state(at.page)).to_have_text("저장했어요")
    other.bring_to_front()
    field = tap(other, "headline")
    field.fill("저쪽 탭 제목")
    panel = other.locator(".conflict")
    expect(panel).to_contain_text("이쪽 탭 제목")
    expect(panel).to_contain_text("저쪽 탭 제목")
    expect(field).to_have_value("저쪽 탭 제목")
    field.press_sequentially("!")
    panel.get_by_role("button", name="이 휴대폰 글 쓰기").click()
    expect(panel).to_have_count(0)
    assert eventually(lambda: at.kept()["headline"] == "저쪽 탭 제목!", 5)
    expect(part(other, "headline")).to_have_text("저쪽 탭 제목!")


def test_a_live_promo_is_changed_with_two_taps_and_called_back_with_one(editor):
    at = editor()
    page = at.page
    tap(page, "headline").fill("두 번 눌러 바꾼 제목")
    page.get_by_role("button", name="이 내용으로 바꾸기").tap()
    panel = page.locator("[data-pending]")
    expect(panel).to_contain_text(re.compile(r"\d+초 뒤부터\s+이\s+내용이\s+나가요"))
    panel.get_by_role("button", name="취소").tap()
    expect(page.get_by_role("main")).to_contain_text("취소했어요")
    expect(page.locator("[data-pending]")).to_have_count(0)
    expect(part(page, "headline")).to_have_text("두 번 눌러 바꾼 제목")


def test_characters_no_phone_shows_are_replaced_with_one_tap(editor):
    page = editor().page
    field = tap(page, "body")
    field.fill("오늘도 😀 20,000₩")
    expect(page.locator(".phone mark")).to_have_count(2)
    page.get_by_role("button", name=re.compile("^원 로 바꾸기")).tap()
    expect(field).to_have_value("오늘도 😀 20,000원")
    page.get_by_role("button", name=re.compile(r"^\^\^ 로 바꾸기")).tap()
    expect(field).to_have_value("오늘도 ^^ 20,000원")
    expect(page.locator(".finding")).to_have_count(0)
    expect(page.locator(".phone mark")).to_have_count(0)


def test_the_phone_stays_in_sight_above_the_question(editor):
    page = editor().page
    for name in ("headline", "body", "contact", "optout"):
        page.locator(f'.phone [data-edit="{name}"]').first.tap()
        place, dock = part(page, name).bounding_box(), page.locator("[data-dock]").bounding_box()
        assert place is not None
        assert dock is not None
        assert place["y"] + min(place["height"], 48) <= dock["y"], name
        page.keyboard.press("Escape")
        expect(page.locator("dialog[open]")).to_have_count(0)


def test_the_whole_editor_works_by_keyboard_alone(editor):
    page = editor(viewport=DESK).page
    part(page, "headline").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#field-headline")).to_be_focused()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text("자판으로 고친 제목")
    expect(part(page, "headline")).to_have_text("자판으로 고친 제목")
    page.keyboard.press("Enter")
    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(part(page, "headline")).to_be_focused()
    page.get_by_role("radio", name="KT", exact=True).focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator('.phone[data-handset="skt"]')).to_have_count(1)
    expect(page.locator(".phone .trust")).to_be_hidden()


def test_without_scripts_a_part_is_tapped_written_and_saved(editor):
    at = editor(java_script_enabled=False)
    page = at.page
    part(page, "headline").tap()
    page.locator("dialog[open] input[type=text]").fill("스크립트 없이 고친 제목")
    page.locator("dialog[open]").get_by_role("button", name="다 됐어요").tap()
    expect(part(page, "headline")).to_have_text("스크립트 없이 고친 제목")
    page.get_by_role("button", name="방금 것 되돌리기").tap()
    expect(part(page, "headline")).not_to_have_text("스크립트 없이 고친 제목")


def test_a_test_to_ones_own_phone_says_what_became_of_it_and_how_many_are_left(editor, portal: Portal):
    at = editor()
    page = at.page
    page.get_by_role("link", name="내 폰으로 보내보기").tap()
    left = int(page.locator("[data-left]").inner_text())
    page.get_by_role("button", name="내 폰으로 보내기").tap()
    expect(page.locator("[data-result]")).to_contain_text("보냈어요")
    expect(page.locator("[data-left]")).to_have_text(str(left - 1))
    phones = f"{portal.demo['sandbox']['url']}/sandbox/phones/{at.shop['owner_mobile']}"
    shop = at.shop["name"]
    assert eventually(lambda: f"(광고)[{shop}]" in at.context.request.get(phones).text(), 15)
