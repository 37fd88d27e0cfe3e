"""The phone drawn on our pages shows what is sent, to the byte."""

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.preview import Phone

TEXT = "(광고)[행복치킨]\n오늘의 치킨 <b>&\nhttps://shop.example.kr/m/abcdefghij\n무료수신거부 080-1234-5678"


def _text_content(markup: str) -> str:
    return html.unescape(re.sub(r"<[^>]*>", "", markup))


@given(st.text(), st.booleans())
def test_marking_up_a_text_adds_and_loses_nothing(text: str, links: bool) -> None:
    phone = Phone(sender="021234567", text=text, links=links)
    assert "".join(part.text for part in phone.parts) == text
    assert _text_content(phone.marked_text) == text


def test_the_lines_of_the_law_are_locked_and_links_lead_somewhere_when_asked() -> None:
    phone = Phone(sender="021234567", text=TEXT, links=True)
    assert [part.text for part in phone.parts if part.locked] == [
        "(광고)[행복치킨]",
        "무료수신거부 080-1234-5678",
    ]
    assert [part.href for part in phone.parts if part.href] == ["https://shop.example.kr/m/abcdefghij"]
    assert not any(part.href for part in Phone(sender="021234567", text=TEXT).parts)


@pytest.mark.parametrize("text", ["인증번호 123456", "제목\n(광고)[가짜]\n내용", "무료수신거부 080-1\n내용"])
def test_an_imitation_of_a_locked_line_is_not_shown_as_locked(text: str) -> None:
    assert not any(part.locked for part in Phone(sender="021234567", text=text).parts)
