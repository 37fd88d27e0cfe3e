"""What differed between two promos."""

import time
from dataclasses import replace
from datetime import date

import pytest

from messaging.editor.compare import changes
from messaging.editor.fields import DraftFields
from messaging.template_kinds import TemplateKind

BEFORE = DraftFields(
    headline="바삭한 치킨", body="오늘도 깨끗한 기름으로 튀겨요\n포장 환영", picture="drawn:0"
)


def _marked(parts: tuple[tuple[str, bool], ...]) -> list[str]:
    return [text for text, differs in parts if differs]


def test_two_promos_that_say_the_same_have_no_changes() -> None:
    assert changes(BEFORE, replace(BEFORE, details={"benefit": "평소 문자에는 없는 것"})) == ()


def test_only_the_words_that_differ_are_marked() -> None:
    (change,) = changes(BEFORE, replace(BEFORE, body="오늘도 새 기름으로 튀겨요\n포장 환영"))
    assert change.label == "내용"
    assert (_marked(change.before), _marked(change.after)) == (["깨끗한"], ["새"])
    assert "".join(text for text, _ in change.before) == BEFORE.body


def test_a_line_that_was_added_is_marked_without_the_line_end_before_it() -> None:
    (change,) = changes(BEFORE, replace(BEFORE, body=f"{BEFORE.body}\n배달도 돼요"))
    assert _marked(change.before) == []
    assert _marked(change.after) == ["배달도 돼요"]
    assert "".join(text for text, _ in change.after) == f"{BEFORE.body}\n배달도 돼요"


@pytest.mark.parametrize(("one", "other"), [("가 ", "나 "), ("가 하나 ", "가 둘 ")])
def test_two_long_texts_of_short_words_are_compared_at_once(one: str, other: str) -> None:
    before, after = replace(BEFORE, body=one * 300), replace(BEFORE, body=other * 300)
    began = time.process_time()
    (change,) = changes(before, after)
    assert time.process_time() - began < 1
    assert "".join(text for text, _ in change.before) == before.body.strip()
    assert "".join(text for text, _ in change.after) == after.body.strip()


def test_what_came_and_what_went_is_named() -> None:
    coupon = replace(
        BEFORE,
        kind=TemplateKind.COUPON,
        details={"benefit": "음료수 한 병"},
        ends_on=date(2026, 11, 30),
        shows_hours=True,
        picture="none",
    )
    found = {change.label: ("".join(t for t, _ in change.before), "".join(t for t, _ in change.after))
             for change in changes(BEFORE, coupon)}  # fmt: skip
    assert found == {
        "종류": ("평소 문자", "쿠폰 문자"),
        "그림": ("그려 드린 그림 1", "없음"),
        "혜택": ("없음", "음료수 한 병"),
        "끝나는 날": ("없음", "11월 30일(월)"),
        "영업시간": ("없음", "넣음"),
    }
    assert list(found) == ["종류", "그림", "혜택", "끝나는 날", "영업시간"]
