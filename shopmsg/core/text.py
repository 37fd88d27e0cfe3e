"""What fits into a text message: KS X 1001 characters, counted in EUC-KR bytes (rules.md §5).

Python's euc_kr codec accepts 8,822 modern syllables that KS X 1001 does not have and writes them as eight bytes of
single letters; a phone shows rubbish. So a character counts as sendable only when it encodes to one or two bytes.
"""

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

SMS_BYTES = 90
MMS_BYTES = 2_000
SUBJECT_BYTES = 40

# Characters people type or paste most, and what a phone can show instead.
_REPLACEMENTS = {
    "₩": "원",
    "•": "·",
    "–": "-",
    "—": "-",
    "−": "-",
    "〜": "~",
    "©": "(c)",
    "\u00a0": " ",
    "\u2002": " ",
    "\u2003": " ",
    "\u3000": " ",
    "\t": " ",
    "❤": "♥",
    "♡": "♡",
    "⭐": "★",
    "🌟": "★",
    "✔": "V",
    "✅": "V",
    "☑": "V",
    "📞": "☎",
    "☏": "☎",
    "➡": "→",
    "⬅": "←",
    "🎉": "★",
    "👉": "▶",
    "🔥": "★",
    "💕": "♥",
    "💖": "♥",
    "🙏": "",
    "😊": "^^",
    "😀": "^^",
    "😄": "^^",
    "😍": "^^",
    "🥰": "^^",
    "😂": "^^",
    "햏": "행",
    "é": "e",
}
# Joiners, variation selectors and marks that have no width: dropping them loses nothing a reader saw.
# The soft hyphen is in KS X 1001, where phones draw it as a dash nobody typed.
_INVISIBLE = frozenset("\u200b\u200c\u200d\ufe0e\ufe0f\ufeff\u2060\u00ad\u200e\u200f")
# Syllables are numbered initial by initial, vowel by vowel, final by final (Unicode §3.12). Finals and vowels that
# sound alike, by those numbers: with them every syllable has a neighbour that a phone shows.
_SYLLABLES = range(0xAC00, 0xD7A4)
# fmt: off
_FINALS = {
    2: 1, 3: 1, 5: 4, 6: 4, 7: 19, 9: 1, 10: 16, 11: 8, 12: 8, 13: 8, 14: 17, 15: 8, 18: 17, 20: 19, 22: 19, 23: 19,
    24: 1, 25: 19, 26: 17, 27: 19,
}
_VOWELS = {1: 5, 2: 0, 3: 1, 5: 1, 6: 4, 7: 5, 8: 13, 9: 0, 10: 11, 11: 5, 12: 8, 14: 4, 15: 5, 16: 20, 17: 13, 19: 20}
# fmt: on


@dataclass(frozen=True, slots=True)
class Unsendable:
    """One character a phone cannot show. `index` counts characters of the cleaned text; `suggestion` may be ""."""

    index: int
    char: str
    suggestion: str


def clean(text: str) -> str:
    """NFC, one kind of line end, no trailing spaces: what is shown is what is counted and sent."""
    text = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    return "\n".join(row.rstrip() for row in text.split("\n")).strip("\n")


@lru_cache(maxsize=20_000)
def _width(char: str) -> int:
    """EUC-KR bytes of one character; 0 when a phone cannot show it."""
    if char == "\n":
        return 1
    if unicodedata.category(char) == "Cc" or char in _INVISIBLE:
        return 0
    try:
        width = len(char.encode("euc_kr"))
    except UnicodeEncodeError:
        return 0
    return width if width <= 2 else 0


def unsendable(text: str) -> list[Unsendable]:
    """Every character of a cleaned text that KS X 1001 lacks, with a replacement to offer."""
    return [Unsendable(index, char, suggestion(char)) for index, char in enumerate(text) if not _width(char)]


def suggestion(char: str) -> str:
    """What to offer in place of a character a phone cannot show; "" means leaving it out."""
    known = _REPLACEMENTS.get(char)
    if known is not None:
        return known
    if char in _INVISIBLE or unicodedata.category(char) in {"Cc", "Cf", "Mn"}:
        return ""
    if ord(char) in _SYLLABLES:
        return _alike(char)
    plain = unicodedata.normalize("NFKC", char)
    if plain != char and all(_width(part) for part in plain):
        return plain
    base = unicodedata.normalize("NFD", char)[0]
    return base if base.isascii() and base.isalnum() else ""


def _alike(syllable: str) -> str:
    """The nearest syllable a phone shows: the final that sounds alike, none, and then the same with a like vowel."""
    initial, rest = divmod(ord(syllable) - _SYLLABLES.start, 21 * 28)
    vowel, final = divmod(rest, 28)
    candidates = (
        chr(_SYLLABLES.start + (initial * 21 + v) * 28 + f)
        for v in (vowel, _VOWELS.get(vowel, vowel))
        for f in (final, _FINALS.get(final, final), 0)
    )
    return next((candidate for candidate in candidates if _width(candidate)), "")


def replaced(text: str) -> str:
    """The text with every suggestion taken: what "한 번에 바꾸기" does, never done unasked."""
    return clean("".join(char if _width(char) else suggestion(char) for char in clean(text)))


def byte_length(text: str) -> int:
    """EUC-KR bytes of a text. Characters a phone cannot show count two: the count is valid once there are none."""
    return sum(_width(char) or 2 for char in text)


def truncate(text: str, limit: int) -> str:
    """The longest beginning of the text that fits into `limit` bytes."""
    used = 0
    for index, char in enumerate(text):
        used += _width(char) or 2
        if used > limit:
            return text[:index]
    return text
