"""Hangul as it is typed: the keys of a word, its initial consonants (초성), and the particle that fits it."""

import unicodedata
from typing import Final

# Numbered as Unicode numbers them (§3.12), compound letters as the keys that make them on a Korean (2-beolsik) keyboard.
_INITIALS: Final = tuple("ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ")
_VOWELS: Final = (
    *(
        "ㅏ",
        "ㅐ",
        "ㅑ",
        "ㅒ",
        "ㅓ",
        "ㅔ",
        "ㅕ",
        "ㅖ",
        "ㅗ",
        "ㅗㅏ",
        "ㅗㅐ",
        "ㅗㅣ",
        "ㅛ",
        "ㅜ",
        "ㅜㅓ",
        "ㅜㅔ",
        "ㅜㅣ",
    ),
    *("ㅠ", "ㅡ", "ㅡㅣ", "ㅣ"),
)
_FINALS: Final = (
    *(
        "",
        "ㄱ",
        "ㄲ",
        "ㄱㅅ",
        "ㄴ",
        "ㄴㅈ",
        "ㄴㅎ",
        "ㄷ",
        "ㄹ",
        "ㄹㄱ",
        "ㄹㅁ",
        "ㄹㅂ",
        "ㄹㅅ",
        "ㄹㅌ",
        "ㄹㅍ",
        "ㄹㅎ",
        "ㅁ",
        "ㅂ",
    ),
    *("ㅂㅅ", "ㅅ", "ㅆ", "ㅇ", "ㅈ", "ㅊ", "ㅋ", "ㅌ", "ㅍ", "ㅎ"),
)
_FIRST: Final = 0xAC00
_SYLLABLES: Final = 11_172
# Unfinished compound letters as a composing keyboard shows them.
_COMPOUND: Final = {
    "ㄳ": "ㄱㅅ", "ㄵ": "ㄴㅈ", "ㄶ": "ㄴㅎ", "ㄺ": "ㄹㄱ", "ㄻ": "ㄹㅁ", "ㄼ": "ㄹㅂ", "ㄽ": "ㄹㅅ", "ㄾ": "ㄹㅌ",
    "ㄿ": "ㄹㅍ", "ㅀ": "ㄹㅎ", "ㅄ": "ㅂㅅ",
}  # fmt: skip
#: ㄹ among the final consonants of a syllable.
_RIEUL: Final = 8


def keys(text: str) -> str:
    """What was typed: "치킨" → "ㅊㅣㅋㅣㄴ", and the half-typed "칰" → "ㅊㅣㅋ". What is not Hangul stays."""
    return "".join(_keys_of(char) for char in unicodedata.normalize("NFC", text))


def initials(text: str) -> str:
    """초성: "치킨" → "ㅊㅋ". What is no whole syllable stays."""
    return "".join(
        _INITIALS[(ord(char) - _FIRST) // 588] if _is_syllable(char) else char
        for char in unicodedata.normalize("NFC", text)
    )


def only_initials(text: str) -> str:
    """The text as initial consonants when it is nothing else ("ㅊㅋ", and "ㄳ" as "ㄱㅅ"); otherwise ""."""
    spread = "".join(_COMPOUND.get(char, char) for char in text)
    return spread if spread and all(char in _INITIALS for char in spread) else ""


def topic(word: str) -> str:
    """은 or 는, whichever follows the word: 은 after a final consonant. What is no Hangul takes 는."""
    last = word[-1:]
    return "은" if last and _is_syllable(last) and (ord(last) - _FIRST) % 28 else "는"


def towards(word: str) -> str:
    """로 or 으로, whichever follows the word: 으로 after a final consonant other than ㄹ. What is no Hangul takes 로."""
    final = (ord(word[-1]) - 0xAC00) % 28 if word and _is_syllable(word[-1]) else 0
    return "으로" if final not in (0, _RIEUL) else "로"


def _is_syllable(char: str) -> bool:
    return 0 <= ord(char) - _FIRST < _SYLLABLES


def _keys_of(char: str) -> str:
    if not _is_syllable(char):
        return _COMPOUND.get(char, char)
    initial, rest = divmod(ord(char) - _FIRST, 588)
    vowel, final = divmod(rest, 28)
    return _INITIALS[initial] + _VOWELS[vowel] + _FINALS[final]
