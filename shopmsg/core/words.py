"""How well what somebody types fits a Korean word: case, width, spaces and half-typed syllables do not count."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from shopmsg.core import hangul

_COMPATIBILITY_JAMO: Final = re.compile(r"[ㄱ-ㆎ]")

#: (how well it fits, how much is left over): less is better.
Fit = tuple[int, int]
#: The first of a fit whose last syllable is still being typed.
HALF_TYPED: Final = 5


@dataclass(frozen=True, slots=True)
class Term:
    """A word as it is compared. `pieces` are the words of a longer name; () for an everyday word."""

    shown: str
    plain: str
    keys: str
    initials: str
    pieces: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked for. `consonants` is "" unless it is nothing but initial consonants ("ㅊㅋ")."""

    plain: str
    keys: str
    consonants: str


def plain(text: str) -> str:
    """Letters and digits only, in one case and width; single consonants stay what they are."""
    folded = "".join(
        char if _COMPATIBILITY_JAMO.fullmatch(char) else unicodedata.normalize("NFKC", char)
        for char in unicodedata.normalize("NFC", text)
    )
    return "".join(char for char in folded.casefold() if char.isalnum())


def term(shown: str, *, name: bool = False) -> Term:
    """The word, or with `name` the official name, ready to be compared."""
    bare = plain(shown)
    pieces = tuple(plain(piece) for piece in re.split(r"[ ,]+", shown)) if name else ()
    return Term(shown, bare, hangul.keys(bare), hangul.initials(bare), pieces)


def asked(text: str) -> Asked:
    """What was typed, ready to be compared."""
    bare = plain(text)
    return Asked(bare, hangul.keys(bare), hangul.only_initials(bare))


def fit(wanted: Asked, term: Term, *, within: bool = True) -> Fit | None:
    """None when it does not fit. Best is the word itself, then words that begin with it, names one of whose words
    does, words that hold it, with `within` words it holds, and words whose last syllable is being typed."""
    if wanted.consonants:
        return _initials_fit(wanted.consonants, term)
    left = len(term.plain) - len(wanted.plain)
    if term.plain == wanted.plain:
        return 0, 0
    if term.plain.startswith(wanted.plain) and not term.pieces:
        return 1, left
    if any(piece.startswith(wanted.plain) for piece in term.pieces):
        return 2, left
    if len(wanted.plain) < 2:
        return None
    if wanted.plain in term.plain:
        return 3, left
    if within and not term.pieces and len(term.plain) >= 2 and term.plain in wanted.plain:
        return 4, -len(term.plain)
    return (HALF_TYPED, left) if term.keys.startswith(wanted.keys) else None


def _initials_fit(consonants: str, term: Term) -> Fit | None:
    if not term.initials.startswith(consonants):
        return None
    left = len(term.initials) - len(consonants)
    return (2 if term.pieces else 1) if left else 0, left
