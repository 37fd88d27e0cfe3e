"""Default promo texts (업종별 기본 템플릿) for every industry, kind and month (rules.md §6).

Within KS X 1001 and 400 EUC-KR bytes, so that the fixed lines, phone and link fit beside them (rules.md §5).
"""

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from messaging.pictures.trades import TradeGroup, trade_group
from messaging.template_kinds import TemplateKind
from shopmsg.core.text import byte_length

MAX_BYTES: Final = 400
_DATA: Final = Path(__file__).with_name("template_texts.toml")
_FIELD: Final = re.compile("〔([^〔〕]*)〕")


@dataclass(frozen=True, slots=True)
class PromoText:
    """What the shop says: one headline, and a body of lines separated by newlines."""

    headline: str
    body: str


def default_promo(
    ksic: str,
    shop_name: str,
    month: int,
    hours_text: str | None,
    kind: TemplateKind = TemplateKind.COMMON,
) -> PromoText:
    """The text a shop starts with. Common texts can go out as they are, other kinds hold 〔fields〕 to fill.

    `month` is 1 to 12, `hours_text` like "매일 11:00~22:00". Raises `UnknownIndustry` for a code outside
    the 58 and ValueError for another month. Very long names or hours cost their own line, never the limit.
    """
    group = trade_group(ksic)
    greeting = monthly_greeting(month)
    name = _one_line(shop_name)
    hours = _one_line(hours_text or "")
    match kind:
        case TemplateKind.COMMON:
            headline, *trade = _texts().common[ksic]
            optional = [f"{name}에 전화 주셔서 고마워요." if name else "", greeting]
            last = [f"영업시간 {hours}"] if hours else []
        case TemplateKind.COUPON:
            headline = "고마운 분께 드리는 쿠폰"
            optional = [f"{name}에 전화 주셔서 고마워요." if name else ""]
            how = _texts().groups[group][0]
            trade = [
                "혜택: 〔어떤 혜택인지〕",
                "기간: 〔언제부터 언제까지〕",
                "위치: 〔찾아오는 길〕",
                f"사용: 〔예) {how}〕",
            ]
            last = []
        case TemplateKind.EVENT:
            headline = "이벤트 소식이 왔어요"
            optional = [_texts().groups[group][1], greeting]
            trade = ["행사: 〔행사 이름〕", "기간: 〔언제부터 언제까지〕", "문의: 〔전화번호〕"]
            last = []
        case TemplateKind.CARD:
            headline = "명함을 보내 드려요"
            optional = [_texts().groups[group][2]]
            trade = [
                f"회사: {name}" if name else "회사: 〔회사나 가게 이름〕",
                "부서·직함: 〔부서와 직함〕",
                "이름: 〔이름〕",
                "주소: 〔주소〕",
                "전화: 〔매장 전화〕",
                "휴대폰: 〔휴대폰 번호〕",
                "팩스: 〔팩스 번호〕",
                "이메일: 〔이메일 주소〕",
            ]
            last = []
    return _within_limit(headline, optional, trade, last)


def monthly_greeting(month: int) -> str:
    """The greeting of a month (월별 기본 인사말), 1 to 12; raises ValueError otherwise."""
    if not 1 <= month <= 12:
        raise ValueError(f"month must be 1 to 12, got {month}")
    return _texts().greetings[month - 1]


def unfilled_fields(text: str) -> tuple[str, ...]:
    """The fields an owner has not filled yet, in order: a text that has any is not ready to be sent."""
    return tuple(_FIELD.findall(text))


@dataclass(frozen=True, slots=True)
class _Texts:
    greetings: tuple[str, ...]
    common: Mapping[str, tuple[str, ...]]
    groups: Mapping[TradeGroup, tuple[str, ...]]


@cache
def _texts() -> _Texts:
    data: dict[str, Any] = tomllib.loads(_DATA.read_text(encoding="utf-8"))
    return _Texts(
        greetings=tuple(data["greetings"]),
        common={code: tuple(lines) for code, lines in data["common"].items()},
        groups={TradeGroup(group): tuple(lines) for group, lines in data["groups"].items()},
    )


def _within_limit(headline: str, optional: list[str], trade: list[str], last: list[str]) -> PromoText:
    """All lines if they fit; otherwise the hours go first, then the optional lines from the front."""
    for candidate in (
        [*optional, *trade, *last],
        [*optional, *trade],
        [*optional[1:], *trade],
        trade,
    ):
        text = PromoText(headline, "\n".join(line for line in candidate if line))
        if byte_length(text.headline) + byte_length(text.body) <= MAX_BYTES:
            return text
    return PromoText(headline, "\n".join(line for line in trade if "〔" in line))


def _one_line(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())
