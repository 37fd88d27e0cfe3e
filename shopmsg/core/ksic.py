"""The industries that may join (광고성 정보 수신동의 예외 업종), as versioned data.

The 58 codes of rules.md §1, from the 10th revision of the Korean Standard Industrial Classification (KSIC,
한국표준산업분류). A later revision renumbers codes, so the revision belongs to every stored code. People find theirs by
the words of data/ksic10_words.toml: several for each of the 58, and well-known trades that may not join, so that nobody
is left with an empty list.
"""

import csv
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from shopmsg.core import hangul, words

REVISION: Final = "10차"

_DATA: Final = Path(__file__).parent / "data"
_CODE: Final = re.compile(r"[a-u]?(\d{1,5})")


@dataclass(frozen=True, slots=True)
class Industry:
    """One eligible industry (업종): `section` is the KSIC letter, `code` five digits."""

    section: str
    section_name: str
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Eleventh:
    """A code of the 11th revision (in force since 2024-07-01) that the 10th has not, or has for another industry.
    `tenth`: the codes of the 10th it comes from."""

    code: str
    name: str
    tenth: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """An industry somebody may mean, and what of it matched: the word, its name, or the code."""

    industry: Industry
    matched: str


@dataclass(frozen=True, slots=True)
class OtherTrade:
    """A well-known trade that may not join. `word` is what was found of it."""

    code: str
    name: str
    word: str

    @property
    def message(self) -> str:
        """ "편의점(47122)은 가입할 수 있는 58개 업종이 아니에요." """
        return f"{self.word}({self.code}){hangul.topic(self.word)} 가입할 수 있는 58개 업종이 아니에요."


class UnknownIndustry(KeyError):
    """The code is not one of the eligible industries of this revision."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code

    def __str__(self) -> str:
        return f"업종 코드 {self.code!r}는 가입할 수 있는 58개 업종({REVISION} 개정)에 없습니다."


def _read_table() -> Mapping[str, Industry]:
    with (_DATA / "ksic10_eligible_58.csv").open(encoding="utf-8", newline="") as table:
        rows = [Industry(**row) for row in csv.DictReader(table)]
    return MappingProxyType({row.code: row for row in rows})


def _read_eleventh() -> Mapping[str, Eleventh]:
    with (_DATA / "ksic11_codes.csv").open(encoding="utf-8", newline="") as table:
        rows = [
            Eleventh(row["code"], row["name"], tuple(row["tenth"].split())) for row in csv.DictReader(table)
        ]
    return MappingProxyType({row.code: row for row in rows})


def _read_words() -> tuple[Mapping[str, tuple[words.Term, ...]], Mapping[str, OtherTrade]]:
    """By code: the words of each eligible industry and its name. By word as it is compared: the other trades."""
    table = tomllib.loads((_DATA / "ksic10_words.toml").read_text(encoding="utf-8"))
    if table["revision"] != REVISION or set(table["eligible"]) != set(INDUSTRIES):
        raise ValueError("ksic10_words.toml and ksic10_eligible_58.csv are not about the same industries")
    eligible = {
        code: (*map(words.term, table["eligible"][code]), words.term(row.name, name=True))
        for code, row in INDUSTRIES.items()
    }
    others = {
        words.plain(word): OtherTrade(code, trade["name"], word)
        for code, trade in table["others"].items()
        for word in trade["words"]
    }
    return MappingProxyType(eligible), MappingProxyType(others)


INDUSTRIES: Final[Mapping[str, Industry]] = _read_table()
#: From Statistics Korea's table of both revisions: codes new in the 11th, and the three that changed their meaning
#: (47221, 47222, 56191).
ELEVENTH: Final[Mapping[str, Eleventh]] = _read_eleventh()
_WORDS, _OTHERS = _read_words()
_OTHER_CODES: Final = {
    trade.code: OtherTrade(trade.code, trade.name, trade.name) for trade in _OTHERS.values()
}


def is_eligible_code(code: str) -> bool:
    """Whether a merchant of this industry may join, revenue aside (rules.md §1)."""
    return code in INDUSTRIES


def industry(code: str) -> Industry:
    """The industry with this five-digit code; raises `UnknownIndustry`."""
    try:
        return INDUSTRIES[code]
    except KeyError:
        raise UnknownIndustry(code) from None


def search(query: str, most: int = 10) -> list[Found]:
    """The industries somebody may mean, best first, at most `most`; always in the same order.

    By everyday word, name, initial consonants ("ㅊㅋ"), half-typed syllables ("치ㅋ") and the beginning of the code;
    a code of the 11th revision finds what it was in the 10th. Spaces, case and width do not count.
    """
    wanted = words.asked(query)
    if not wanted.plain:
        return []
    code = _CODE.fullmatch(wanted.plain)
    if code:
        return [Found(row, matched) for row, matched in _by_code(code[1])][:most]
    # "스터디카페" is known to be no 카페.
    within = wanted.plain not in _OTHERS
    hits = []
    for order, (number, terms) in enumerate(_WORDS.items()):
        fits = [(words.fit(wanted, term, within=within), place) for place, term in enumerate(terms)]
        best = min(((fit, place) for fit, place in fits if fit is not None), default=None)
        if best is not None:
            hits.append((*best, order, Found(INDUSTRIES[number], terms[best[1]].shown)))
    # Half a syllable counts only where nothing whole fits: 카페 is no 카펫.
    whole = [hit for hit in hits if hit[0][0] != words.HALF_TYPED]
    return [found for *_, found in sorted(whole or hits, key=lambda hit: hit[:3])[:most]]


def not_eligible(query: str) -> OtherTrade | None:
    """The well-known trade somebody means that may not join, by its word, a word that begins or ends the query, or its
    code; None where nothing is known. `search` may find something beside it ("미용학원" → 미용실)."""
    wanted = words.asked(query)
    code = _CODE.fullmatch(wanted.plain)
    if code:
        return _OTHER_CODES.get(code[1])
    if wanted.plain in _OTHERS:
        return _OTHERS[wanted.plain]
    if len(wanted.plain) < 2 or any(
        wanted.plain == term.plain for terms in _WORDS.values() for term in terms
    ):
        return None
    inside = [word for word in _OTHERS if len(word) >= 2 and wanted.plain.startswith(word)]
    # What a Korean word ends with is what it is: 영어학원 is a 학원.
    inside = [word for word in _OTHERS if len(word) >= 2 and wanted.plain.endswith(word)] or inside
    if inside:
        return _OTHERS[max(inside, key=len)]
    begun = [word for word in _OTHERS if hangul.keys(word).startswith(wanted.keys)]
    return _OTHERS[min(begun, key=len)] if begun else None


def _by_code(digits: str) -> Iterator[tuple[Industry, str]]:
    for code, row in INDUSTRIES.items():
        if code.startswith(digits):
            yield row, code
    later = ELEVENTH.get(digits)
    for code in later.tenth if later else ():
        if code in INDUSTRIES and code != digits:
            yield INDUSTRIES[code], f"11차 {digits}"
