"""Whose money a deposit is. Pure, over facts about the shops it may belong to.

Sure are two things alone: the shop's deposit code in what the sender wrote, and exactly what the shop owes together with one of
its names. Everything else is a candidate for a person, with why. One deposit code in twenty numbers of six digits is somebody's
by accident, so that a code counts only for who owes something or whose name stands beside it.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from billing.bank_read import SENDER_LENGTH
from shopmsg.core.money import format_won
from shopmsg.core.words import plain

#: Candidates shown for one deposit.
MOST: Final = 3
_CODE: Final = re.compile(r"(?<!\d)\d{6}(?!\d)")
_LEGAL: Final = re.compile(r"\(주\)|㈜|주식회사|\(유\)|유한회사")
#: Letters of a business's name that stand for it inside a longer text; shorter ones are in too many words.
_FEWEST_LETTERS: Final = 3
#: What a bank cuts a sender's name down to at least.
_FEWEST_LEFT: Final = 4


@dataclass(frozen=True, slots=True)
class Facts:
    """A shop somebody may have paid for. `business` are names of the shop and the merchant, `people` of persons; `owed_krw`
    is its balance, negative when it has a credit."""

    shop_id: int
    name: str
    code: str
    owed_krw: int
    business: tuple[str, ...]
    people: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A shop it may be, and why."""

    facts: Facts
    why: str


@dataclass(frozen=True, slots=True)
class Match:
    """`shop_id` when it is sure, None otherwise; `why` says how, or why not."""

    shop_id: int | None
    why: str


class Book:
    """The facts, found by code, by what is owed and by name."""

    def __init__(self, facts: Iterable[Facts]) -> None:
        self._by_code: dict[str, Facts] = {}
        self._businesses: dict[tuple[int, str], dict[int, Facts]] = {}
        self._people: dict[tuple[int, str], dict[int, Facts]] = {}
        for each in facts:
            self._by_code[each.code] = each
            if each.owed_krw > 0:
                for name in business_names(each):
                    self._businesses.setdefault((each.owed_krw, name), {})[each.shop_id] = each
                for name in people_names(each):
                    self._people.setdefault((each.owed_krw, name), {})[each.shop_id] = each

    def match(self, amount_krw: int, sender: str, memo: str) -> Match:
        """Whose a deposit is, where that is sure."""
        coded = {
            self._by_code[code].shop_id: self._by_code[code]
            for code in codes_in(sender, memo)
            if code in self._by_code
        }
        named = self._named(amount_krw, sender, memo)
        if len(coded) > 1:
            return Match(None, f"입금 번호가 {len(coded)}곳 것: 어느 가게인지 고르기")
        if coded:
            (facts,) = coded.values()
            if others := [each.name for shop_id, each in named.items() if shop_id != facts.shop_id]:
                return Match(None, f"입금 번호는 {facts.name}, 이름과 금액은 {others[0]}: 고르기"[:120])
            if facts.owed_krw > 0 or is_named(facts, sender, memo):
                return Match(facts.shop_id, said_by_code(facts, amount_krw))
            return Match(None, f"입금 번호는 {facts.name}, 낼 금액 없음: 확인하기"[:120])
        if len(named) == 1:
            (facts,) = named.values()
            return Match(facts.shop_id, "이름과 금액이 같음")
        if named:
            return Match(None, f"이름과 금액이 같은 가게 {len(named)}곳: 고르기")
        return Match(None, "입금 번호도, 이름과 금액이 같은 가게도 없음")

    def _named(self, amount_krw: int, sender: str, memo: str) -> dict[int, Facts]:
        found: dict[int, Facts] = {}
        for text in texts_of(sender, memo):
            found |= self._people.get((amount_krw, text), {})
            found |= self._businesses.get((amount_krw, text), {})
            for start in range(len(text)):
                for end in range(start + _FEWEST_LETTERS, len(text) + 1):
                    found |= self._businesses.get((amount_krw, text[start:end]), {})
        return found


def candidates(amount_krw: int, sender: str, memo: str, facts: Iterable[Facts]) -> list[Candidate]:
    """The likeliest shops of those given, likeliest first, at most MOST; shops nothing speaks for are left out."""
    ranked: list[tuple[int, int, Candidate]] = []
    codes = codes_in(sender, memo)
    for each in facts:
        points, reasons = 0, []
        if each.code in codes:
            points, reasons = 8, ["입금 번호"]
        if is_named(each, sender, memo):
            points, reasons = points + 4, [*reasons, "이름"]
        elif is_cut_short(each, sender):
            points, reasons = points + 2, [*reasons, "이름 앞부분"]
        if not reasons:
            continue
        if each.owed_krw == amount_krw:
            points, reasons = points + 3, [*reasons, "금액"]
        why = f"{'·'.join(reasons)} 같음, {owed(each.owed_krw)}"
        ranked.append((-points, each.shop_id, Candidate(each, why)))
    return [candidate for _, _, candidate in sorted(ranked, key=lambda each: each[:2])[:MOST]]


def codes_in(*texts: str) -> tuple[str, ...]:
    """Every number of six digits that stands alone in what the sender wrote."""
    return tuple(code for text in texts for code in _CODE.findall(unicodedata.normalize("NFKC", text)))


def texts_of(sender: str, memo: str) -> tuple[str, ...]:
    """What the sender wrote, as names are compared: letters and digits, without a code and 주식회사; bounded in length."""
    read = (_CODE.sub(" ", unicodedata.normalize("NFKC", text)) for text in (sender, memo))
    return tuple(filter(None, (_compared(text)[:SENDER_LENGTH] for text in read)))


def business_names(facts: Facts) -> frozenset[str]:
    """The shop's and the merchant's names as they are compared."""
    return frozenset(filter(None, map(_compared, facts.business)))


def people_names(facts: Facts) -> frozenset[str]:
    """The persons' names as they are compared; one letter is nobody's name."""
    return frozenset(name for name in map(_compared, facts.people) if len(name) >= 2)


def is_named(facts: Facts, sender: str, memo: str) -> bool:
    """Whether a business of it stands in the text, or a person is the text: "김민수" is in too many longer words."""
    texts = texts_of(sender, memo)
    if any(name in texts for name in business_names(facts) | people_names(facts)):
        return True
    long = [name for name in business_names(facts) if len(name) >= _FEWEST_LETTERS]
    return any(name in text for name in long for text in texts)


def is_cut_short(facts: Facts, sender: str) -> bool:
    """Whether the sender is the beginning of one of its names: banks keep few letters of a sender."""
    return any(
        len(text) >= _FEWEST_LEFT and name.startswith(text)
        for text in texts_of(sender, "")
        for name in business_names(facts)
    )


def owed(owed_krw: int) -> str:
    """ "낼 금액 15,400원", for staff."""
    if owed_krw > 0:
        return f"낼 금액 {format_won(owed_krw)}"
    return f"더 낸 금액 {format_won(-owed_krw)}" if owed_krw else "낼 금액 없음"


def said_by_code(facts: Facts, amount_krw: int) -> str:
    """How a deposit with the code compares with what is owed, for staff."""
    if facts.owed_krw <= 0:
        return f"입금 번호와 이름이 같음, {owed(facts.owed_krw)}"
    if amount_krw == facts.owed_krw:
        return "입금 번호와 금액이 같음"
    left = facts.owed_krw - amount_krw
    if left > 0:
        return f"입금 번호 같음, {format_won(facts.owed_krw)} 가운데 {format_won(amount_krw)}"
    return f"입금 번호 같음, {format_won(-left)} 더 들어옴"


def sentence(amount_krw: int, owed_krw: int) -> str:
    """What the owner reads of a transfer in their bills, given what was owed before it."""
    if owed_krw <= 0:
        return f"통장으로 {format_won(amount_krw)}을 보내셨어요. 내실 요금이 없어서 다음 달에서 빼 드려요."
    left = owed_krw - amount_krw
    if left > 0:
        return (
            f"청구 {format_won(owed_krw)} 가운데 {format_won(amount_krw)}을 통장으로 보내셨어요. "
            f"{format_won(left)}이 남았어요."
        )
    if left < 0:
        return (
            f"청구 {format_won(owed_krw)}을 통장으로 보내셨어요. "
            f"{format_won(-left)}을 더 보내셨어요: 다음 달에서 빼 드려요."
        )
    return f"청구 {format_won(owed_krw)}을 통장으로 모두 보내셨어요."


def _compared(text: str) -> str:
    return plain(_LEGAL.sub("", unicodedata.normalize("NFKC", text)))
