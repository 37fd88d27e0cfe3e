"""The promo editor under real fingers: Hangul while it is composed, lost connections, two tabs, an expired session."""

import contextlib
import json
import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Error, Locator, Page, expect

from tests.browser.hands import compose
from tests.browser.portal import DESK, PHONE, Portal, eventually

pytestmark = pytest.mark.browser


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


def choose_kind(page: Page, name: str) -> None:
    page.locator(".kind-button").tap()
    page.locator("dialog[open] label", has_text=name).tap()
    page.get_by_role("button", name="다 됐어요").tap()
    expect(page.locator('[data-slot="kind"]')).to_have_text(name)


def test_hangul_in_composition_reaches_phone_and_draft_whole(editor):
    """tests/browser/test_typed_text.py composes in every field; here it is followed to the phone and the server."""
    at = editor()
    page = at.page
    for kind, fields in (
        ("쿠폰 문자", ("headline", "body", "details-benefit")),
        ("명함 문자", ("details-name",)),
    ):
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


def test_the_phone_shows_every_key_the_last_one_wins_and_requests_never_overtake_each_other(editor):
    at = editor()
    at.context.add_init_script(
        """
        const real = window.fetch;
        window.underWay = window.mostUnderWay = 0;
        window.fetch = async (url, options) => {
            if (!String(url).includes("/promo/preview/")) return real(url, options);
            window.mostUnderWay = Math.max(window.mostUnderWay, ++window.underWay);
            try {
                await new Promise((resolve) => setTimeout(resolve, 30));
                return await real(url, options);
            } finally {
                window.underWay -= 1;
            }
        };
        """
    )
    page = at.another_tab()
    field = tap(page, "headline")
    field.fill("")
    expect(part(page, "headline")).to_have_count(0)
    for key in "가나다":
        page.keyboard.type(key)
        expect(part(page, "headline")).to_have_text(field.input_value())
    page.keyboard.type("빠르게라마바사아자차카타파하")
    expect(part(page, "headline")).to_have_text("가나다빠르게라마바사아자차카타파하")
    assert page.evaluate("window.mostUnderWay") == 1


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


def test_enter_in_the_benefit_keeps_what_was_written_and_a_suggestion_takes_one_tap(editor):
    at = editor()
    page = at.page
    choose_kind(page, "쿠폰 문자")
    field = tap(page, "details-benefit")
    field.fill("내가 정한 혜택")
    page.keyboard.press("Enter")
    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(part(page, "details-benefit")).to_contain_text("내가 정한 혜택")
    expect(state(page)).to_have_text("저장했어요")
    assert at.kept()["details.benefit"] == "내가 정한 혜택"
    tap(page, "details-benefit")
    suggestion = page.locator("dialog[open] [data-take]").first
    words = suggestion.inner_text()
    suggestion.tap()
    expect(part(page, "details-benefit")).to_contain_text(words)


def test_the_phones_way_back_closes_the_question_and_stays_on_the_page(editor):
    at = editor()
    page = at.page
    page.goto(f"/shops/{at.shop['slug']}/")
    page.goto(at.path)
    tap(page, "headline").fill("뒤로 가도 남는 제목")
    page.go_back()
    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(part(page, "headline")).to_have_text("뒤로 가도 남는 제목")
    for name in ("body", "headline"):
        tap(page, name)
        page.get_by_role("button", name="다 됐어요").tap()
        expect(page.locator("dialog[open]")).to_have_count(0)
    expect(page).to_have_url(re.compile(re.escape(at.path)))
    page.wait_for_function("!history.state")
    page.go_back()
    expect(page).to_have_url(re.compile(f"/shops/{at.shop['slug']}/$"))


def test_a_photograph_is_chosen_fitted_sent_and_taken_back_inside_the_question(editor, portal, tmp_path):
    at = editor()
    page = at.page
    photo = tmp_path / "닭강정.jpg"
    Image.linear_gradient("L").resize((1600, 1200)).convert("RGB").save(photo, "JPEG")
    drawn = page.locator(".phone img").get_attribute("src")
    page.locator('.phone [data-edit="picture"]').tap()
    sheet = page.locator("dialog[open]")
    sheet.get_by_label("앨범에서 고르기").set_input_files(photo)
    expect(sheet.locator("canvas")).to_be_visible()
    send = sheet.get_by_role("button", name="이 사진 올리기")
    send.tap()
    expect(page.locator(".phone img")).to_have_attribute(
        "src", re.compile(r"^/media/|/pictures/"), timeout=15_000
    )
    own = page.locator(".phone img").get_attribute("src")
    assert own != drawn
    assert page.locator(".phone img").evaluate("image => image.decode().then(() => image.naturalWidth)") > 300
    expect(sheet.get_by_role("radio", name="내 사진")).to_be_checked()
    expect(state(page)).to_have_text("저장했어요")
    stored = at.kept()["picture"]
    assert re.fullmatch(r"stored:\d+", stored)
    sheet.get_by_role("radio", name="그림 2").tap()
    expect(page.locator(".phone img")).not_to_have_attribute("src", str(own))
    expect(state(page)).to_have_text("저장했어요")
    page.get_by_role("button", name="방금 것 되돌리기").tap()
    expect(page.locator(".phone img")).to_have_attribute("src", str(own))
    assert at.kept()["picture"] == stored
    page.get_by_role("button", name="방금 것 되돌리기").tap()
    expect(page.locator(".phone img")).to_have_attribute("src", re.compile("design"))


def test_a_picture_that_this_page_has_not_seen_yet_is_shown_when_it_is_taken_back(editor, tmp_path):
    at = editor()
    photo = tmp_path / "사진.png"
    Image.new("RGB", (800, 600), "tomato").save(photo)
    at.page.locator('.phone [data-edit="picture"]').tap()
    at.page.locator("dialog[open]").get_by_label("앨범에서 고르기").set_input_files(photo)
    at.page.get_by_role("button", name="이 사진 올리기").tap()
    expect(at.page.get_by_role("radio", name="내 사진")).to_be_checked(timeout=15_000)
    expect(state(at.page)).to_have_text("저장했어요")
    own = str(at.page.locator(".phone img").get_attribute("src"))
    other = at.another_tab()
    other.locator('.phone [data-edit="picture"]').tap()
    other.get_by_role("radio", name="그림 1").tap()
    expect(state(other)).to_have_text("저장했어요")
    assert at.kept()["picture"] == "drawn:0"
    # Reloaded in the same visit, the page begins with the drawing and knows no photograph.
    visit = other.locator("[data-editor]").get_attribute("data-visit")
    other.goto(f"{at.path}?visit={visit}")
    other.get_by_role("button", name="방금 것 되돌리기").tap()
    expect(other.locator(".phone img")).to_have_attribute("src", own)
    other.locator('.phone [data-edit="picture"]').tap()
    other.get_by_role("radio", name="그림 1").tap()
    expect(state(other)).to_have_text("저장했어요")


@pytest.mark.parametrize("answer", [{"status": 200, "body": "{"}, {"status": 500}, {"status": 429}])
def test_an_answer_that_says_nothing_is_asked_for_again(editor, answer):
    at = editor()
    field = tap(at.page, "body")
    at.page.route("**/promo/save/", lambda route: route.fulfill(**answer))
    field.fill(f"대답이 이상해도 남는 글 {answer['status']}")
    expect(state(at.page)).to_have_attribute("data-tone", "held")
    at.page.unroute("**/promo/save/")
    expect(state(at.page)).to_have_text("저장했어요", timeout=10_000)
    assert at.kept()["body"] == f"대답이 이상해도 남는 글 {answer['status']}"


def test_the_phone_catches_up_when_the_connection_returns(editor):
    at = editor()
    field = tap(at.page, "headline")
    at.context.set_offline(True)
    field.fill("터널에서 적은 제목")
    expect(state(at.page)).to_contain_text("인터넷이 끊겼어요", timeout=5_000)
    expect(part(at.page, "headline")).not_to_have_text("터널에서 적은 제목")
    at.context.set_offline(False)
    expect(part(at.page, "headline")).to_have_text("터널에서 적은 제목")


def test_what_a_broken_phone_memory_holds_is_ignored(editor):
    at = editor()
    before = at.kept()
    at.page.evaluate(
        """slug => {
            const keep = (field, value) => localStorage.setItem(`shopmsg:draft:${slug}:${field}`, value);
            keep("body", "{not json");
            keep("headline", '{"value": 7, "base": "x"}');
            keep("details.benefit", "null");
            keep("kind", '{"value": "__proto__", "base": -5}');
            keep("picture", '{"value": "stored:../../x", "base": 1e99}');
            keep("shows_hours", "[]");
        }""",
        at.shop["slug"],
    )
    page = at.another_tab()
    expect(state(page)).to_contain_text("저장")
    tap(page, "headline").fill("그래도 저장돼요")
    expect(state(page)).to_have_text("저장했어요")
    assert at.kept() == before | {"headline": "그래도 저장돼요"}


@pytest.mark.parametrize("trouble", ["Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); };",
                                     "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('no', 'SecurityError'); }});"],
                         ids=["full", "forbidden"])  # fmt: skip
def test_without_room_on_the_phone_everything_still_works(editor, trouble):
    at = editor()
    at.context.add_init_script(trouble)
    page = at.another_tab()
    tap(page, "body").fill("휴대폰에 자리가 없어도 저장돼요")
    expect(state(page)).to_have_text("저장했어요")
    assert at.kept()["body"] == "휴대폰에 자리가 없어도 저장돼요"


def test_taking_back_also_changes_the_field_the_cursor_stays_in(editor):
    page = editor().page
    # Phones of one maker leave the cursor in the field when a button is tapped.
    page.evaluate(
        "document.querySelector('[data-undo]').addEventListener('mousedown', event => event.preventDefault())"
    )
    field = tap(page, "body")
    before = field.input_value()
    field.fill("잘못 적은 글")
    expect(state(page)).to_have_text("저장했어요")
    page.get_by_role("button", name="방금 것 되돌리기").tap()
    expect(field).to_have_value(before)
    expect(field).to_be_focused()
    expect(part(page, "body")).to_have_text(before.strip())


def test_a_second_tab_of_the_same_visit_overwrites_nothing_unseen(editor):
    at = editor()
    visit = at.page.locator("[data-editor]").get_attribute("data-visit")
    other = at.context.new_page()
    other.goto(f"{at.path}?visit={visit}")
    tap(at.page, "headline").fill("첫 탭에서 적은 제목")
    expect(state(at.page)).to_have_text("저장했어요")
    tap(other, "headline").fill("둘째 탭에서 적은 제목")
    expect(other.locator(".conflict")).to_contain_text("첫 탭에서 적은 제목")
    other.get_by_role("button", name="저쪽 글 쓰기").click()
    expect(other.locator(".conflict")).to_have_count(0)


def test_what_somebody_else_has_just_written_is_seen_before_it_is_published(editor):
    at = editor()
    other = at.another_tab()
    at.page.bring_to_front()
    tap(at.page, "headline").fill("저쪽에서 몰래 바꾼 제목")
    expect(state(at.page)).to_have_text("저장했어요")
    other.bring_to_front()
    tap(other, "body").fill("이쪽에서 적은 글")
    other.get_by_role("button", name="이 내용으로 바꾸기").tap()
    expect(other.get_by_role("main")).to_contain_text("한 번 더 보고 눌러 주세요")
    expect(part(other, "headline")).to_have_text("저쪽에서 몰래 바꾼 제목")
    expect(other.locator("[data-pending]")).to_have_count(0)


def test_publishing_with_a_save_under_way_sends_what_is_on_the_screen(editor):
    at = editor()
    page = at.page
    page.evaluate(
        """() => {
            const real = window.fetch;
            window.fetch = async (url, options) => {
                if (String(url).includes("/save/")) await new Promise((resolve) => setTimeout(resolve, 700));
                return real(url, options);
            };
        }"""
    )
    field = tap(page, "headline")
    field.fill("먼저 떠난 제목")
    page.wait_for_timeout(800)  # its save is under way
    field.fill("화면에 있는 제목")
    page.get_by_role("button", name="이 내용으로 바꾸기").tap()
    panel = page.locator("[data-pending]")
    expect(panel).to_contain_text("이 내용이 나가요")
    expect(part(page, "headline")).to_have_text("화면에 있는 제목")
    expect(page.locator("[data-editor]")).to_have_attribute("data-unpublished", "no")
    page.get_by_role("button", name="방금 것 되돌리기").tap()
    expect(page.locator("[data-editor]")).to_have_attribute("data-unpublished", "yes")
    expect(part(page, "headline")).to_have_text("먼저 떠난 제목")
    panel.get_by_role("button", name="취소").tap()
    expect(panel).to_have_count(0)


def test_the_minute_is_counted_by_the_servers_clock(editor):
    at = editor()
    at.context.add_init_script("const now = Date.now; Date.now = () => now() + 5_000_000;")
    page = at.another_tab()
    tap(page, "headline").fill("시계가 틀린 휴대폰")
    page.get_by_role("button", name="이 내용으로 바꾸기").tap()
    place = page.locator("[data-countdown]")
    expect(place).to_have_text(re.compile(r"^([1-5]?\d|60|61)초 뒤$"))
    expect(page.locator(".publish-bar .same")).to_contain_text("차례를 기다려요", use_inner_text=True)
    page.locator("[data-pending]").get_by_role("button", name="취소").tap()
    expect(page.locator("[data-pending]")).to_have_count(0)


def test_publishing_with_a_text_that_cannot_be_kept_opens_its_question(editor):
    page = editor().page
    field = tap(page, "headline")
    field.fill("가" * 61)
    expect(page.locator("dialog[open] .errors")).to_contain_text("60자")
    page.get_by_role("button", name="다 됐어요").tap()
    page.get_by_role("button", name="이 내용으로 바꾸기").tap()
    expect(page.locator("#field-headline")).to_be_focused()
    field.fill("이제 맞는 제목")
    expect(state(page)).to_have_text("저장했어요")


def test_two_fingers_are_no_keyboard(editor):
    at = editor(is_mobile=True)
    wire = at.context.new_cdp_session(at.page)
    tap(at.page, "headline")
    wire.send("Emulation.setPageScaleFactor", {"pageScaleFactor": 2})
    at.page.wait_for_function("visualViewport.scale > 1.5")
    at.page.wait_for_timeout(200)
    assert at.page.evaluate("document.documentElement.style.getPropertyValue('--keyboard')") == "0px"
    expect(at.page.locator("[data-editor][data-typing]")).to_have_count(0)


@pytest.mark.parametrize("letters", ["100%", "200%"])
def test_on_the_narrowest_phone_the_part_being_changed_stays_in_sight(editor, letters):
    page = editor(viewport={"width": 360, "height": 740}).page
    page.evaluate("size => { document.documentElement.style.fontSize = size; }", letters)
    for name in ("headline", "picture"):
        page.locator(f'.phone [data-edit="{name}"]').tap()
        expect(page.locator("dialog[open]")).to_be_in_viewport()
        place, dock = part(page, name).bounding_box(), page.locator("[data-dock]").bounding_box()
        assert place is not None
        assert dock is not None
        assert place["y"] + 48 <= dock["y"]
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        page.keyboard.press("Escape")


def test_markup_typed_into_any_field_stays_text_in_every_fragment(editor):
    at = editor()
    page = at.page
    evil = "<img src=x onerror=hacked=1>"
    choose_kind(page, "쿠폰 문자")
    for name in ("headline", "body", "details-benefit", "details-where", "details-how"):
        tap(page, name).fill(f"{evil} 😀")
        expect(part(page, name)).to_contain_text(evil)
        page.get_by_role("button", name="다 됐어요").tap()
    expect(page.locator(".finding")).to_contain_text("휴대폰에 안 보이는 글자")
    other = at.another_tab()
    for each, words in ((page, "하나"), (other, "둘")):
        each.bring_to_front()
        tap(each, "headline").fill(f"{evil}{words}")
        expect(state(each)).to_contain_text(re.compile("저장했어요|두 곳에서"))
    expect(other.locator(".conflict")).to_contain_text(f"{evil}하나")
    for each in (page, other):
        assert each.evaluate("typeof hacked") == "undefined"
        assert each.locator('img[src="x"]').count() == 0
    other.get_by_role("button", name="저쪽 글 쓰기").click()
    expect(other.locator(".conflict")).to_have_count(0)
    choose_kind(other, "평소 문자")
    tap(other, "headline").fill("전화 주셔서 고맙습니다")
    other.get_by_role("button", name="다 됐어요").tap()
    tap(other, "body").fill("또 오세요")
    expect(state(other)).to_have_text("저장했어요")
