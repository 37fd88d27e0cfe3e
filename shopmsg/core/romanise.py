"""Hangul in Latin letters, for addresses: Revised Romanisation letter by letter, without its rules of assimilation."""

import re
import unicodedata
from typing import Final

# Numbered as Unicode numbers them (§3.12).
# fmt: off
_INITIALS: Final = (
    "g", "kk", "n", "d", "tt", "r", "m", "b", "pp", "s", "ss", "", "j", "jj", "ch", "k", "t", "p", "h",
)
_VOWELS: Final = (
    "a", "ae", "ya", "yae", "eo", "e", "yeo", "ye", "o", "wa", "wae", "oe", "yo", "u", "wo", "we", "wi", "yu", "eu", "ui", "i",
)
_FINALS: Final = (
    "", "k", "k", "k", "n", "n", "n", "t", "l", "k", "m", "l", "l", "l", "p", "l", "m", "p", "p", "t", "t", "ng", "t", "t", "k", "t", "p", "t",
)
# fmt: on
_FIRST: Final = 0xAC00


def romanised(text: str) -> str:
    """ "행복치킨 2호점" → "haengbokchikin-2hojeom": a–z, 0–9 and single hyphens; what is neither is left out."""
    letters = []
    for char in unicodedata.normalize("NFC", text):
        number = ord(char) - _FIRST
        if 0 <= number < 11_172:
            initial, rest = divmod(number, 588)
            vowel, final = divmod(rest, 28)
            letters.append(_INITIALS[initial] + _VOWELS[vowel] + _FINALS[final])
        else:
            letters.append(unicodedata.normalize("NFKD", char).lower())
    plain = re.sub(r"[^a-z0-9]+", "-", re.sub(r"[\u0300-\u036f']", "", "".join(letters)))
    return plain.strip("-")
