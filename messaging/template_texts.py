"""The promos a shop starts from (업종별 기본 템플릿): for every industry, kind and season, each ready to be sent.

Within KS X 1001 and 400 EUC-KR bytes of headline and body, so that the fixed lines, the details, the hours, the phone
and the link fit beside them (rules.md §5, §6). The hours are no part of it: compose adds them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from messaging.template_kinds import DETAILS, TemplateKind
from messaging.texts import tables
from messaging.texts.seasons import Greeting, coming_holidays, month_greeting, next_holiday
from shopmsg.core import phone
from shopmsg.core.ksic import INDUSTRIES
from shopmsg.core.text import byte_length, replaced

__all__ = [
    "Greeting",
    "PromoTemplate",
    "PromoText",
    "coming_holidays",
    "default_promo",
    "greeting_template",
    "month_greeting",
    "next_holiday",
    "suggestions",
    "template",
]

MAX_BYTES: Final = 400
LINE: Final = 40
COUPON_DAYS: Final = 30
EVENT_DAYS: Final = 14
_DISTRICT: Final = re.compile(r"[가-힣]{1,4}[시군구]")
#: Districts that many cities have are told apart by the city.
_COMMON_DISTRICTS: Final = frozenset({"중구", "동구", "서구", "남구", "북구"})


@dataclass(frozen=True, slots=True)
class PromoText:
    """What the shop says: one headline, and a body of lines separated by newlines."""

    headline: str
    body: str


@dataclass(frozen=True, slots=True)
class PromoTemplate:
    """A promo to start from. `details` are keyed as template_kinds.DETAILS has them, unknown ones left out. A coupon and
    an event last `days` days, a holiday's greeting until `ends_on`; the others never end."""

    kind: TemplateKind
    headline: str
    body: str
    details: Mapping[str, str] = field(default_factory=dict)
    days: int | None = None
    ends_on: date | None = None

    def period(self, today: date) -> tuple[date | None, date | None]:
        """(first day, last day) of a promo that begins today, or two Nones for one that never ends."""
        if self.ends_on is not None:
            return today, self.ends_on
        if self.days is not None:
            return today, today + timedelta(days=self.days - 1)
        return None, None


def template(
    ksic: str,
    kind: TemplateKind,
    *,
    shop_name: str,
    today: date,
    address: str = "",
    owner_name: str = "",
    line: str = "",
) -> PromoTemplate:
    """The promo of an industry and kind, with what is known of the shop set in. `line` is national digits.

    Raises UnknownIndustry for a code outside the 58. What is not known, or too long for its place, is left out.
    """
    match kind:
        case TemplateKind.COMMON:
            common = tables.common(ksic)
            optional = [_thanks(shop_name, address), month_greeting(today.month).line]
            return PromoTemplate(kind, common.headline, _body(common.headline, optional, common.lines))
        case TemplateKind.COUPON:
            coupon = tables.coupon(ksic)
            details = {"benefit": coupon.benefits[0], "where": address, "how": coupon.how}
            body = _body(coupon.headline, [_thanks(shop_name, address)], coupon.lines)
            return PromoTemplate(kind, coupon.headline, body, _details(kind, details), COUPON_DAYS)
        case TemplateKind.EVENT:
            event = tables.event(ksic)
            body = _body(event.headline, [_thanks(shop_name, address)], event.lines)
            return PromoTemplate(
                kind, event.headline, body, _details(kind, {"benefit": event.benefit}), EVENT_DAYS
            )
        case TemplateKind.CARD:
            card = tables.card(ksic)
            details = {
                "company": shop_name,
                "name": owner_name,
                "address": address,
                "tel": phone.hyphenate(line) if line else "",
            }
            return PromoTemplate(
                kind, card.headline, _body(card.headline, [], card.lines), _details(kind, details)
            )


def greeting_template(greeting: Greeting, ksic: str, *, shop_name: str, address: str = "") -> PromoTemplate:
    """A month's or a holiday's greeting of a shop; a month's closes with a line of the shop's trade, where it is one of
    the 58. A holiday's is an event that ends with the holiday, after which the shop's 평소 문자 goes out again."""
    kind = TemplateKind.EVENT if greeting.ends else TemplateKind.COMMON
    trade = tables.common(ksic).lines[-1:] if ksic in INDUSTRIES and not greeting.ends else ()
    lines = (*greeting.lines, *trade)
    body = _body(greeting.headline, [_thanks(shop_name, address)], lines)
    return PromoTemplate(kind, greeting.headline, body, ends_on=greeting.ends)


def default_promo(ksic: str, shop_name: str, month: int) -> PromoText:
    """평소 문자 of an industry, for a shop of which nothing else is known. `month` is 1 to 12."""
    common = tables.common(ksic)
    optional = [_thanks(shop_name, ""), month_greeting(month).line]
    return PromoText(common.headline, _body(common.headline, optional, common.lines))


def suggestions(ksic: str) -> tuple[str, ...]:
    """Three benefits that suit a coupon or an event of the industry. Raises UnknownIndustry."""
    return tables.coupon(ksic).benefits


def _thanks(shop_name: str, address: str) -> str:
    """ "동작구 햇살치킨에 전화 주셔서 고마워요.", as much of it as fits on a line."""
    name, area = _one_line(shop_name), _area(address)
    where = f"{area} {name}" if area and area not in name else name
    for who in (where, name):
        said = f"{who}에 전화 주셔서 고마워요."
        if who and len(said) <= LINE:
            return said
    return "전화 주셔서 고마워요."


def _area(address: str) -> str:
    """The district people call a place by: "동작구", "춘천시", "대구 중구"; "" when the address does not say."""
    first, *rest = [*address.split()[:3], ""]
    found = [word for word in rest if _DISTRICT.fullmatch(word)]
    if not found:
        return first if first.endswith("시") and len(first) <= 4 and _DISTRICT.fullmatch(first) else ""
    return f"{first[:2]} {found[-1]}" if found[-1] in _COMMON_DISTRICTS else found[-1]


def _body(headline: str, optional: list[str], lines: tuple[str, ...]) -> str:
    """All lines if they fit; otherwise the optional ones go, from the front."""
    for start in range(len(optional) + 1):
        body = "\n".join([*optional[start:], *lines])
        if byte_length(headline) + byte_length(body) <= MAX_BYTES:
            return body
    return "\n".join(lines)


def _details(kind: TemplateKind, values: Mapping[str, str]) -> dict[str, str]:
    return {
        detail.key: said
        for detail in DETAILS[kind]
        if (said := _within(_one_line(values.get(detail.key, "")), detail.max_length))
    }


def _within(text: str, length: int) -> str:
    """As many whole words as fit."""
    if len(text) <= length:
        return text
    return text[: length + 1].rpartition(" ")[0] or text[:length]


def _one_line(text: str) -> str:
    """Composed, on one line, with what a phone cannot show replaced: what we suggest is sendable as it is."""
    return " ".join(replaced(text).split())
