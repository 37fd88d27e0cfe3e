"""Papers in a real browser: certificates decided by keyboard alone (ux.md: ≤ 20 s), documents uploaded while one types."""

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.browser.portal import DESK
from tests.browser.stage import PEOPLE, Stage
from tests.eligibility.papers import pdf

pytestmark = pytest.mark.browser


def logged_in(open_page: Callable[..., Page], who: str, path: str) -> Page:
    page = open_page("/login/demo/", viewport=DESK)
    page.locator(f"button[value='{PEOPLE[who]}']").first.click()
    page.wait_for_load_state()
    page.goto(path)
    return page


def test_an_admin_decides_a_certificate_within_seconds_and_takes_it_back_by_one_key(
    open_page: Callable[..., Page], stage: Stage
) -> None:
    page = logged_in(open_page, "admin", "/certificates/")
    place = page.get_by_text(re.compile(r"건 중 \d+번째"))
    expect(place).to_contain_text("1번째")
    page.keyboard.press("ArrowRight")
    expect(place).to_contain_text("2번째")
    began = time.monotonic()
    page.keyboard.press("KeyA")
    said = page.get_by_role("status")
    expect(said).to_contain_text("승인")
    page.keyboard.press("KeyZ")
    expect(page.get_by_role("button", name="승인")).to_be_visible()
    expect(said).to_have_count(0)
    page.keyboard.press("1")
    expect(said).to_have_count(0)  # a digit alone rejects nothing
    page.keyboard.press("KeyR")
    page.keyboard.press("2")
    expect(said).to_contain_text("번호가 다릅니다")
    page.keyboard.press("KeyZ")
    expect(page.get_by_role("button", name="승인")).to_be_visible()
    assert time.monotonic() - began <= 20
    page.get_by_label("다른 이유").press_sequentially("az")
    expect(page.get_by_label("다른 이유")).to_have_value("az")


def test_a_dealer_adds_documents_while_the_form_is_half_typed(
    open_page: Callable[..., Page], stage: Stage
) -> None:
    page = logged_in(open_page, "dealer", "/dealer/")
    page.get_by_role("button", name="새 신청서").click()
    page.get_by_label("가게 이름").fill("망원 바삭치킨")
    paper = FilePayload(name="등록증.pdf", mimeType="application/pdf", buffer=pdf("paper", "of a shop"))
    page.get_by_label("파일").set_input_files(paper)
    page.get_by_role("button", name="서류 올리기").click()
    expect(page.locator("[data-documents-list]")).to_contain_text("등록증.pdf")
    expect(page.get_by_label("가게 이름")).to_have_value("망원 바삭치킨")
    page.get_by_role("button", name="서류 올리기").click()
    expect(page.get_by_role("alert")).to_contain_text("올릴 파일을 골라 주세요")
    page.get_by_role("button", name="저장").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("망원 바삭치킨")
    expect(page.locator("[data-documents-list]")).to_contain_text("등록증.pdf")
