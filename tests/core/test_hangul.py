"""Hangul as it is typed."""

import pytest

from shopmsg.core.hangul import initials, keys, only_initials, topic, towards


@pytest.mark.parametrize(
    ("text", "typed"),
    [("치킨", "ㅊㅣㅋㅣㄴ"), ("칰", "ㅊㅣㅋ"), ("닭", "ㄷㅏㄹㄱ"), ("과", "ㄱㅗㅏ"), ("PC방", "PCㅂㅏㅇ")],
)
def test_a_word_is_the_keys_that_were_pressed_for_it(text: str, typed: str) -> None:
    assert keys(text) == typed


def test_every_syllable_begins_with_its_initial_consonant() -> None:
    assert initials("까치쌈밥 2호") == "ㄲㅊㅆㅂ 2ㅎ"
    for number in range(0xAC00, 0xAC00 + 11_172):
        assert keys(chr(number)).startswith(initials(chr(number)))


def test_consonants_alone_are_told_from_words() -> None:
    assert only_initials("ㅊㅋ") == "ㅊㅋ"
    assert only_initials("ㄳ") == "ㄱㅅ", "a keyboard joins two consonants"
    assert [only_initials(text) for text in ("치ㅋ", "ㅏ", "", "a")] == ["", "", "", ""]


def test_the_particle_follows_the_last_sound() -> None:
    assert [topic(word) for word in ("편의점", "호프", "PC", "")] == ["은", "는", "는", "는"]
    assert [towards(word) for word in ("프로", "팩", "서울", "KT", "")] == ["로", "으로", "로", "로", "로"]
