"""What fits into a text message: found, shown, counted, and replaced only when asked."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopmsg.core import text

SYLLABLES = [chr(code) for code in range(0xAC00, 0xD7A4)]
#: KS X 1001 has 2,350 modern syllables: what Python's codec writes in two bytes.
SHOWN = [syllable for syllable in SYLLABLES if len(syllable.encode("euc_kr")) == 2]
TRAPS = sorted(set(SYLLABLES) - set(SHOWN))

typed = st.text(
    st.one_of(
        st.sampled_from(
            "가나다라한글뷁쨰햏 abc09\n\r\t₩é•—〜…★☎☏♥❤️✅👍🏽👨‍👩‍👧‍👦🇰🇷\u00a0\u00ad\u200b\u200d\ufe0f\u2028\x00\x1f\x7f"
        ),
        st.sampled_from("ㄱㅏᄀ\u1161\u11a8ﬁ㎏①㈜½"),
        st.characters(codec="utf-8"),
    ),
    max_size=60,
)


def found(written: str) -> list[tuple[int, str]]:
    return [(problem.index, problem.char) for problem in text.unsendable(written)]


def test_all_8822_syllables_that_the_codec_only_pretends_to_write_are_found() -> None:
    assert (len(SHOWN), len(TRAPS)) == (2_350, 8_822)
    assert found("".join(SHOWN)) == []
    assert [char for _, char in found("".join(TRAPS))] == TRAPS


@given(st.sampled_from(SYLLABLES))
def test_a_syllable_counts_two_bytes_or_is_reported(syllable: str) -> None:
    if found(syllable):
        assert syllable in TRAPS
    else:
        assert text.byte_length(syllable) == len(syllable.encode("euc_kr")) == 2


def test_every_syllable_that_cannot_be_sent_gets_a_like_syllable_offered() -> None:
    for syllable in TRAPS:
        offered = text.suggestion(syllable)
        assert offered in SHOWN, syllable
    assert [text.suggestion(syllable) for syllable in "뷁펲쨰믜똠"] == ["붸", "펩", "째", "미", "또"]


def test_no_character_of_unicode_is_answered_with_one_that_cannot_be_sent() -> None:
    # BMP and emoji planes; surrogates are no characters.
    codes = [*range(0xD800), *range(0xE000, 0x10000), *range(0x1F000, 0x1FB00)]
    for code in codes:
        assert found(text.suggestion(chr(code))) == [], hex(code)


@given(typed)
def test_what_has_been_replaced_can_be_sent_and_stays_as_it_is(written: str) -> None:
    once = text.replaced(written)
    assert found(once) == []
    assert text.replaced(once) == once


@given(typed)
def test_sendable_text_is_counted_as_the_wire_counts_it(written: str) -> None:
    sent = text.replaced(written)
    assert text.byte_length(sent) == sum(1 if ord(char) < 128 else 2 for char in sent)
    assert text.byte_length(sent) == len(sent.encode("euc_kr"))


@given(typed)
def test_reading_a_text_changes_nothing_and_leaves_no_character_unjudged(written: str) -> None:
    cleaned = text.clean(written)
    assert text.clean(cleaned) == cleaned
    problems = dict(found(cleaned))
    for index, char in enumerate(cleaned):
        assert (index in problems) == (
            char in text._INVISIBLE
            or (char != "\n" and unicodedata.category(char) == "Cc")
            or len(char.encode("euc_kr", "ignore")) not in (1, 2)
        )


def test_hangul_typed_on_a_mac_becomes_whole_syllables() -> None:
    decomposed = unicodedata.normalize("NFD", "행복한꽃집")
    assert len(decomposed) > 5
    assert text.clean(decomposed) == "행복한꽃집"
    assert text.byte_length(text.clean(decomposed)) == 10


@pytest.mark.parametrize(
    ("written", "offered"),
    [
        ("₩3,000", "원3,000"),
        ("café", "cafe"),
        ("cafe\u0301", "cafe"),
        ("커피\u00a0한 잔", "커피 한 잔"),
        ("• 하나 — 둘", "· 하나 - 둘"),
        ("10:00〜18:00", "10:00~18:00"),
        ("© 행복", "(c) 행복"),
        ("❤️ 감사", "♥ 감사"),
        ("✅ 확인", "V 확인"),
        ("ﬁt ①㈜", "fit ①㈜"),
        ("가\u200b나\u00ad다\ufeff", "가나다"),
        ("가족 👨‍👩‍👧‍👦!", "가족 !"),
        ("한국 🇰🇷!", "한국 !"),
        ("가\x00나\x1f다\x7f라", "가나다라"),
        ("탭\t뒤", "탭 뒤"),
        ("𝐀𝟏", "A1"),
    ],
)
def test_what_people_paste_is_reported_and_has_an_offer(written: str, offered: str) -> None:
    assert found(text.clean(written)) != []
    assert text.replaced(written) == offered


def test_every_code_point_of_an_emoji_family_is_reported_where_it_stands() -> None:
    written = text.clean("가👨‍👩‍👧나")
    assert found(written) == list(enumerate(written))[1:-1]


def test_lines_end_alike_and_nothing_hangs_over() -> None:
    assert text.clean("\n 가 \r\n나\r다\n\n") == " 가\n나\n다"


@given(typed, st.integers(0, 50))
def test_cutting_takes_the_longest_beginning_that_fits(written: str, limit: int) -> None:
    cut = text.truncate(written, limit)
    assert written.startswith(cut)
    assert text.byte_length(cut) <= limit
    if cut != written:
        assert text.byte_length(written[: len(cut) + 1]) > limit
