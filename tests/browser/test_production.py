"""The producers' list and page by keyboard."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.portal import DESK


def test_a_producer_walks_the_queue_by_keyboard_and_notes_a_call(open_page: Callable[..., Page]) -> None:
    page = open_page("/login/demo/", viewport=DESK)
    page.locator("button[value='01090000092']").click()
    page.wait_for_load_state()
    rows = page.locator("[data-list] a")
    names = [text.split("\n")[0] for text in rows.all_inner_texts()]
    for key in ("j", "ㅓ", "k", "ArrowDown"):
        # A Korean layout sends another letter from the same key.
        page.keyboard.press({"ㅓ": "KeyJ"}.get(key, key))
    expect(rows.nth(1)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(names[1])
    page.keyboard.press("KeyJ")
    expect(page.get_by_role("heading", level=1)).to_have_text(names[2])
    page.keyboard.press("KeyK")
    expect(page.get_by_role("heading", level=1)).to_have_text(names[1])
    page.get_by_label("메모").press_sequentially("jk")
    expect(page.get_by_role("heading", level=1)).to_have_text(names[1])
    page.get_by_label("안 받음").check()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("전화 · 안 받음").first).to_be_visible()
    page.get_by_role("button", name="되돌리기").click()
    expect(page.get_by_text("전화 기록을 지웠습니다.")).to_be_visible()
