"""가입 확인 on a phone: twenty seconds, a syllable at a time, with a script and without one (ux.md)."""

import re
import time
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.hands import Keyboard, Thumb, compose

pytestmark = pytest.mark.browser

#: People press a key of a phone's keyboard every third of a second and look for a second before they tap.
KEY, LOOK = 0.3, 1.0
SUITS = re.compile("^가입할 수 있어요$")


def test_a_thumb_finds_out_in_twenty_seconds_and_six_taps(open_page: Callable[..., Page]) -> None:
    page = open_page("/", **{name: value for name, value in Thumb.context.items() if name != "viewport"})
    thumb, began = Thumb(page), time.monotonic()
    thumb.press("link", re.compile("20초"))
    time.sleep(LOOK)
    page.get_by_label("무엇을 파는 가게인가요?").tap()
    compose(page, "치킨", pause=KEY)
    expect(page.get_by_label("무엇을 파는 가게인가요?")).to_have_value("치킨")
    time.sleep(LOOK)
    page.get_by_role("radio", name="치킨 치킨 전문점").tap()
    time.sleep(LOOK)
    page.get_by_role("radio", name="1억원 넘고 5억원 이하").tap()
    expect(thumb.find("heading", SUITS)).to_be_in_viewport()
    expect(page.get_by_text("13,200원").first).to_be_visible()
    assert time.monotonic() - began <= 20
    assert thumb.presses + 3 <= 6


def test_every_key_of_a_syllable_suggests_and_breaks_nothing(open_page: Callable[..., Page]) -> None:
    page = open_page("/check/")
    search = page.get_by_label("무엇을 파는 가게인가요?")
    search.click()
    compose(page, "세탁소", pause=0.2)
    expect(search).to_have_value("세탁소")
    expect(search).to_be_focused()
    expect(page.get_by_role("radio", name=re.compile("^세탁소"))).to_be_visible()
    # Enter takes the open syllable along and asks once.
    search.fill("")
    compose(page, "미용실", enter=True)
    expect(page.get_by_role("radio", name="미용실 두발 미용업")).to_be_focused()
    expect(search).to_have_value("미용실")


def test_a_trade_that_may_not_join_is_named_while_it_is_typed(open_page: Callable[..., Page]) -> None:
    page = open_page("/check/")
    page.get_by_label("무엇을 파는 가게인가요?").click()
    compose(page, "편의점")
    expect(page.get_by_text("편의점(47122)은 가입할 수 있는 58개 업종이 아니에요.").first).to_be_visible()


def test_a_result_can_be_shared_and_back_goes_back_an_answer(open_page: Callable[..., Page]) -> None:
    page = open_page("/check/?ksic=56193")
    page.get_by_role("radio", name="10억원 넘음").check()
    expect(page.get_by_role("heading", name="아쉽지만 지금은 가입하실 수 없어요")).to_be_visible()
    assert parse_qs(urlsplit(page.url).query) == {"ksic": ["56193"], "revenue": ["over"]}
    page.get_by_role("radio", name="1억원 이하").check()
    expect(page.get_by_role("heading", name=SUITS)).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="아쉽지만 지금은 가입하실 수 없어요")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="아쉽지만 지금은 가입하실 수 없어요")).to_be_visible()


def test_a_keyboard_goes_through_the_answers_and_keeps_its_place(open_page: Callable[..., Page]) -> None:
    page = open_page("/check/?ksic=56193", viewport=Keyboard.context["viewport"], reduced_motion="reduce")
    keyboard = Keyboard(page)
    keyboard.choose("5억원 넘고 10억원 이하")
    expect(page.get_by_role("heading", name=SUITS)).to_be_visible()
    expect(page.get_by_role("radio", name="5억원 넘고 10억원 이하")).to_be_focused()
    keyboard.press("link", "3년 약정 13,200원으로 신청하기")
    expect(page.get_by_role("heading", name="온라인 신청")).to_be_visible()
    expect(page.get_by_role("radio", name=re.compile("^3년 약정"))).to_be_checked()


def test_without_a_script_one_finds_out_and_applies(open_page: Callable[..., Page]) -> None:
    page = open_page("/check/", java_script_enabled=False)
    page.get_by_label("무엇을 파는 가게인가요?").fill("치킨")
    page.get_by_role("button", name="찾기").click()
    page.get_by_role("radio", name="치킨 치킨 전문점").check()
    page.get_by_role("radio", name="1억원 이하").check()
    page.get_by_role("button", name="가입할 수 있는지 보기").click()
    expect(page.get_by_role("heading", name=SUITS)).to_be_visible()
    page.get_by_role("link", name="약정 없이 19,800원으로 신청하기").click()
    page.get_by_label("가게 이름").fill("단풍치킨")
    page.get_by_label("매장 전화번호").fill("02-2123-9001")
    page.get_by_label("대표자 이름").fill("한단풍")
    page.get_by_label("사장님 휴대폰 번호").fill("010-0777-0003")
    page.get_by_label("사업자등록번호").fill("220-81-62517")
    page.get_by_label("개인정보를 이렇게 쓰는 데 동의해요").check()
    page.get_by_role("button", name="다음: 내용과 요금 보기").click()
    expect(page.get_by_role("heading", name="이대로 신청할까요?")).to_be_visible()
    page.get_by_role("button", name="고치기").click()
    expect(page.get_by_label("가게 이름")).to_have_value("단풍치킨")
    page.get_by_role("button", name="다음: 내용과 요금 보기").click()
    page.get_by_role("button", name="이대로 신청하기").click()
    expect(page.get_by_role("heading", name="신청을 받았어요")).to_be_visible()


def test_what_was_typed_is_there_again_after_going_back(open_page: Callable[..., Page]) -> None:
    page = open_page("/apply/?ksic=56193&revenue=500m")
    page.get_by_label("사업자등록번호").click()
    compose(page, "124-81-00999")
    page.get_by_label("가게 이름").click()
    expect(page.get_by_text("사업자등록번호의 숫자가 맞지 않아요.")).to_be_visible()
    compose(page, "단풍치킨")
    page.get_by_role("link", name="개인정보 처리방침 모두 보기").click()
    page.wait_for_url("**/privacy/")
    page.go_back()
    expect(page.get_by_label("가게 이름")).to_have_value("단풍치킨")
