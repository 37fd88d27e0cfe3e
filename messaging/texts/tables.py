"""The TOML tables beside this file: one text for each industry and kind."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from shopmsg.core.ksic import UnknownIndustry

_FOLDER: Final = Path(__file__).parent

#: What the holder of a coupon does, by the key that the coupon tables use.
HOW: Final[Mapping[str, str]] = {
    "pay": "계산하실 때 이 문자를 보여 주세요",
    "order": "주문하실 때 이 문자를 보여 주세요",
    "leave": "맡기실 때 이 문자를 보여 주세요",
    "arrive": "오시면 이 문자를 보여 주세요",
}


@dataclass(frozen=True, slots=True)
class Words:
    """A headline and the lines below it."""

    headline: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CouponWords:
    """쿠폰 문자: `benefits` are three to choose from, `how` what to do at the counter."""

    headline: str
    lines: tuple[str, ...]
    benefits: tuple[str, ...]
    how: str


@dataclass(frozen=True, slots=True)
class EventWords:
    """행사 문자: `headline` is the event's title."""

    headline: str
    lines: tuple[str, ...]
    benefit: str


def common(ksic: str) -> Words:
    """평소 문자 of an industry. Raises UnknownIndustry outside the 58, like the others here."""
    return _words(_one("common", ksic))


def card(ksic: str) -> Words:
    """명함 문자."""
    return _words(_one("card", ksic))


def event(ksic: str) -> EventWords:
    headline, *lines, benefit = _one("event", ksic)
    return EventWords(headline, tuple(lines), benefit)


def coupon(ksic: str) -> CouponWords:
    found = _coupons().get(ksic)
    if found is None:
        raise UnknownIndustry(ksic)
    return found


def trade_name(ksic: str) -> str:
    """What people call such a shop: "치킨집"."""
    found: str | None = _table("trades").get(ksic)
    if found is None:
        raise UnknownIndustry(ksic)
    return found


def greetings() -> Mapping[str, Any]:
    """The raw "months" (twelve, from January) and "holidays"."""
    return _table("greetings")


def _words(row: list[str]) -> Words:
    headline, *lines = row
    return Words(headline, tuple(lines))


def _one(name: str, ksic: str) -> list[str]:
    found: list[str] | None = _table(name).get(ksic)
    if found is None:
        raise UnknownIndustry(ksic)
    return found


@cache
def _coupons() -> Mapping[str, CouponWords]:
    return {
        ksic: CouponWords(row["headline"], (row["body"],), tuple(row["benefits"]), HOW[row.get("how", "pay")])
        for name in ("coupon_retail", "coupon_food")
        for ksic, row in _table(name).items()
    }


@cache
def _table(name: str) -> Mapping[str, Any]:
    return tomllib.loads((_FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
