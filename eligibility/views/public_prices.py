"""What soho costs and what leaving it costs, as pictures and sentences for who is about to choose (rules.md §3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from billing import price_list
from billing.enums import Bundle
from billing.leaving import Leaving, schedule
from billing.offers import Offer, best, offers
from eligibility.choices import PUBLIC_PRODUCTS, Choice, Plan
from shopmsg.accounts.enums import Product
from shopmsg.core.clock import add_months, format_day
from shopmsg.core.money import format_won


@dataclass(frozen=True, slots=True)
class Bar:
    """One month of a chart, in hundredths of the dearest leaving of all."""

    x: int
    top: float
    height: float
    most: bool


@dataclass(frozen=True, slots=True)
class Card:
    """One way to buy soho. `leaving`: month by month, () when leaving costs nothing; `best`: the cheapest this shop can
    have; `ready`: whether it can be had as far as is known (a pack needs its parts);
    `query`: the choice with it."""

    plan: Plan
    offer: Offer
    leaving: tuple[Leaving, ...]
    dearest: Leaving | None
    bars: tuple[Bar, ...]
    best: bool
    ready: bool
    query: str

    @property
    def width(self) -> int:
        return len(self.bars) * 4


@dataclass(frozen=True, slots=True)
class Prices:
    """Every way, the cheapest first, and why the best is the best."""

    cards: tuple[Card, ...]
    why: str
    list_krw: int
    free_until: date | None

    @property
    def first(self) -> Card:
        return next(card for card in self.cards if card.best)

    @property
    def others(self) -> tuple[Card, ...]:
        return tuple(card for card in self.cards if not card.best)

    def card(self, plan: Plan) -> Card:
        """The card of a plan; every plan has one."""
        return next(card for card in self.cards if card.plan is plan)


def prices_for(choice: Choice, today: date) -> Prices:
    """What this shop may choose from when it is activated today."""
    catalogue = price_list.catalogue()
    found = offers(catalogue, Product.SOHO, today, with_pack=True)
    chosen = best(catalogue, Product.SOHO, today, with_pack=choice.has_pack)
    schedules = {
        offer.quote.term_months: schedule(catalogue, offer.quote.term_months, today) for offer in found
    }
    scale = max((month.won for months in schedules.values() for month in months), default=0)
    cards = tuple(
        _card(offer, schedules[offer.quote.term_months], scale, choice, best=offer == chosen)
        for offer in found
    )
    free = add_months(today, 1) - timedelta(days=1) if chosen.quote.first_month_free else None
    return Prices(cards, _why(chosen, cards), chosen.quote.list_krw, free)


def plan_choices(prices: Prices) -> list[tuple[str, str]]:
    """The plans as answers of a form, the one that binds least first."""
    return [(plan.value, _named(prices.card(plan))) for plan in Plan]


def product_choices(today: date) -> list[tuple[str, str]]:
    """A public body's products as answers of a form."""
    return [
        (product.value, f"{product.label}: 한 달 {format_won(won)}. {PRODUCT_WORDS[product]}")
        for product, won in public_prices(today)
    ]


def public_prices(today: date) -> list[tuple[Product, int]]:
    """Won a month of what public bodies may buy."""
    catalogue = price_list.catalogue()
    return [
        (product, catalogue.quote(product, 0, Bundle.NONE, today).monthly_krw) for product in PUBLIC_PRODUCTS
    ]


def leaving_sentence(card: Card) -> str:
    """What leaving early costs at its dearest, in one sentence."""
    if card.dearest is None:
        return "언제 그만두셔도 더 내실 돈이 없어요."
    return f"가장 많을 때 {format_won(card.dearest.won)}이에요({card.dearest.month}개월을 쓰고 그만두실 때)."


def free_sentence(free_until: date | None) -> str:
    """Until when nothing is to be paid, if it begins today."""
    return f"오늘 개통하면 {format_day(free_until)}까지 무료예요." if free_until else ""


PRODUCT_WORDS = {
    Product.PREMIUM: "그림과 긴 글을 보내요.",
    Product.BASIC: "짧은 글을 보내요.",
}


def _card(offer: Offer, leaving: Sequence[Leaving], scale: int, choice: Choice, *, best: bool) -> Card:
    plan = Plan.PACK if offer.quote.bundle == Bundle.SUCCESS_PACK else Plan(str(offer.quote.term_months))
    dearest = max(leaving, key=lambda month: month.won, default=None)
    if dearest is None or not dearest.won:
        dearest, leaving = None, ()
    bars = tuple(_bar(month, scale, dearest) for month in leaving)
    ready = plan is not Plan.PACK or choice.has_pack
    return Card(plan, offer, tuple(leaving), dearest, bars, best, ready, choice.query(plan=plan.value))


def _bar(month: Leaving, scale: int, dearest: Leaving | None) -> Bar:
    height = round(100 * month.won / scale, 1) if scale else 0.0
    return Bar((month.month - 1) * 4, round(100 - height, 1), height, month == dearest)


def _why(chosen: Offer, cards: Sequence[Card]) -> str:
    """Why not the others: what they cost more, and what they spare."""
    others = [card for card in cards if card.offer != chosen and card.ready]
    more = [card.offer.quote.monthly_krw - chosen.quote.monthly_krw for card in others]
    if not more:
        return ""
    said = f"한 달에 내는 돈이 가장 적어요. 다른 요금은 한 달 {format_won(min(more))}에서 {format_won(max(more))} 더 내요."
    if not chosen.quote.term_months:
        return said
    years = chosen.quote.term_months // 12
    for card in others:
        if card.plan is Plan.PACK:
            price = format_won(card.offer.quote.monthly_krw)
            return f"{said} {years}년을 채울지 모르겠으면 약정이 없는 사장님성공팩({price})이 맞아요."
    return f"{said} {years}년을 채울지 모르겠으면 약정 없이 시작하고 나중에 늘리셔도 돼요."


def _named(card: Card) -> str:
    said = f"{card.plan.label}: 한 달 {format_won(card.offer.quote.monthly_krw)}."
    if card.dearest is not None:
        return f"{said} 중간에 그만두면 최대 {format_won(card.dearest.won)}"
    if card.plan is Plan.PACK:
        return f"{said} 인터넷과 다른 상품을 묶을 때"
    return f"{said} 언제 그만두셔도 돼요"
