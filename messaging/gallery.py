"""The gallery of promos to start from (문구 고르기): a shop's own trade first, then every other's wording.

Whatever the wording, the picture is drawn for the shop itself: its trade's motif, its name, its facts.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final

from messaging.pictures.designs import Layout
from messaging.template_kinds import TemplateKind
from messaging.template_texts import (
    Greeting,
    PromoTemplate,
    coming_holidays,
    greeting_template,
    month_greeting,
    next_holiday,
    suggestions,
    template,
)
from messaging.texts.tables import trade_name
from shopmsg.core.ksic import INDUSTRIES


class Shelf(StrEnum):
    """Which part of the gallery is looked at."""

    ALL = "all"
    SEASON = "season"
    COMMON = "common"
    COUPON = "coupon"
    EVENT = "event"
    CARD = "card"

    @property
    def label(self) -> str:
        return _SHELVES[self]


_SHELVES: Final = {
    Shelf.ALL: "전체",
    Shelf.SEASON: "계절 인사",
    Shelf.COMMON: "평소 문자",
    Shelf.COUPON: "쿠폰 문자",
    Shelf.EVENT: "행사 문자",
    Shelf.CARD: "명함 문자",
}


@dataclass(frozen=True, slots=True)
class Visitor:
    """What is known of the shop the gallery is shown to. `line` is national digits; a `ksic` outside the 58 has no
    shelf of its own trade."""

    ksic: str
    name: str
    address: str
    owner_name: str
    line: str
    today: date


@dataclass(frozen=True, slots=True)
class Sample:
    """One promo to start from. `key` names it in addresses, `section` is the heading it stands under, `words` what a
    search finds it by."""

    key: str
    section: str
    label: str
    promo: PromoTemplate
    layout: int
    words: str = field(repr=False)


def samples(visitor: Visitor, shelf: Shelf = Shelf.ALL, search: str = "") -> list[Sample]:
    """The samples of a shelf that have every word of `search`, in the order they are shown."""
    wanted = [word.casefold() for word in search.split()]
    return [
        sample
        for sample in _shelf(visitor, shelf, every_greeting=bool(wanted))
        if all(word in sample.words or word in sample.words.replace(" ", "") for word in wanted)
    ]


def sample(visitor: Visitor, key: str) -> Sample | None:
    """The sample with this key, or None."""
    everything = _shelf(visitor, Shelf.ALL, every_greeting=True)
    return next((found for found in everything if found.key == key), None)


def _shelf(visitor: Visitor, shelf: Shelf, *, every_greeting: bool) -> Iterator[Sample]:
    """The greetings first, unless one kind is asked for; of those `Shelf.ALL` shows only the nearest holiday's."""
    if shelf in (Shelf.ALL, Shelf.SEASON):
        whole = every_greeting or shelf == Shelf.SEASON
        holidays = coming_holidays(visitor.today) if whole else (next_holiday(visitor.today),)
        yield from _greetings(visitor, [month_greeting(visitor.today.month), *holidays])
    if shelf == Shelf.SEASON:
        return
    kinds = list(TemplateKind) if shelf == Shelf.ALL else [TemplateKind(shelf.value)]
    if visitor.ksic in INDUSTRIES:
        section = f"{trade_name(visitor.ksic)}에 어울려요"
        for layout in Layout:
            for kind in kinds:
                yield _text(visitor, visitor.ksic, kind, layout, section)
    for place, ksic in enumerate(code for code in INDUSTRIES if code != visitor.ksic):
        for kind in kinds:
            yield _text(visitor, ksic, kind, Layout(place % len(Layout)), "다른 업종은 이렇게 써요")


def _greetings(visitor: Visitor, greetings: list[Greeting]) -> Iterator[Sample]:
    for place, greeting in enumerate(greetings):
        promo = greeting_template(greeting, visitor.ksic, shop_name=visitor.name, address=visitor.address)
        yield Sample(
            key=greeting.key,
            section="지금 건네기 좋은 인사",
            label=greeting.name,
            promo=promo,
            layout=place % len(Layout),
            words=f"계절 인사 {greeting.name} {promo.headline} {promo.body}".casefold(),
        )


def _text(visitor: Visitor, ksic: str, kind: TemplateKind, layout: Layout, section: str) -> Sample:
    promo = template(
        ksic,
        kind,
        shop_name=visitor.name,
        address=visitor.address,
        owner_name=visitor.owner_name,
        line=visitor.line,
        today=visitor.today,
    )
    kind_label, trade = Shelf(kind.value).label, trade_name(ksic)
    own = ksic == visitor.ksic
    said = (kind_label, trade, INDUSTRIES[ksic].name, promo.headline, promo.body, *suggestions(ksic))
    return Sample(
        key=f"{kind.value}-{ksic}-{layout.value}",
        section=section,
        label=f"{kind_label} · 그림 {layout + 1}" if own else f"{trade} · {kind_label}",
        promo=promo,
        layout=int(layout),
        words=" ".join(said).casefold(),
    )
