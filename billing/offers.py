"""Every way to buy a product, the cheapest first, each with what it really means (rules.md §3).

A pack is among them only for a shop that has its parts, and what leaving early costs stands beside every commitment.
"""

from dataclasses import dataclass
from datetime import date

from billing.catalogue import Catalogue, Quote
from billing.enums import Bundle
from billing.leaving import Leaving, schedule
from shopmsg.core.money import format_won


@dataclass(frozen=True, slots=True)
class Offer:
    """A quote as it is said to an owner. `leaving_most`: the most that leaving early can cost, won."""

    quote: Quote
    sentence: str
    leaving_most: int


def offers(catalogue: Catalogue, product: str, on: date, *, with_pack: bool) -> tuple[Offer, ...]:
    """What may be bought on that KST day, cheapest first, and of two that cost the same the one that binds less.

    `with_pack`: the shop has the parts of 사장님성공팩. A pack that takes nothing off is no reason to buy it, so it is not
    offered. Raises NotSold("unknown_product").
    """
    quotes = [catalogue.quote(product, term, Bundle.NONE, on) for term in catalogue.terms_of(product, on)]
    taken_off = catalogue.price_of(product, on).bundles.get(Bundle.SUCCESS_PACK, 0)
    if with_pack and taken_off:
        quotes.append(catalogue.quote(product, 0, Bundle.SUCCESS_PACK, on))
    quotes.sort(key=lambda found: (found.monthly_krw, found.term_months, found.bundle != Bundle.NONE))
    return tuple(_offer(catalogue, found, on) for found in quotes)


def best(catalogue: Catalogue, product: str, on: date, *, with_pack: bool) -> Offer:
    """The cheapest of them. Raises NotSold("unknown_product")."""
    return offers(catalogue, product, on, with_pack=with_pack)[0]


def _offer(catalogue: Catalogue, found: Quote, on: date) -> Offer:
    costs = schedule(catalogue, found.term_months, on)
    most = max(costs, key=lambda leaving: leaving.won, default=Leaving(0, 0))
    return Offer(found, " ".join(_sentences(found, most)), most.won)


def _sentences(found: Quote, most: Leaving) -> list[str]:
    monthly = format_won(found.monthly_krw)
    said = []
    if found.bundle == Bundle.SUCCESS_PACK:
        said.append(f"사장님성공팩과 묶으면 약정 없이 한 달 {monthly}이에요.")
    elif found.term_months:
        said.append(f"{found.years}년 약정이면 한 달 {monthly}이에요.")
    else:
        said.append(f"약정 없이 한 달 {monthly}이에요.")
    if found.first_month_free:
        said.append("첫 달은 무료예요.")
    if most.won:
        said.append(
            f"약정 기간 안에 그만두시면 할인받은 금액의 일부를 돌려주셔야 하고, 가장 많을 때는 {most.month}개월을 쓰고"
            f" 그만두실 때로 {format_won(most.won)}이에요."
        )
    elif found.bundle == Bundle.SUCCESS_PACK:
        said.append(f"성공팩을 그만두시면 한 달 {format_won(found.list_krw)}으로 돌아가요.")
    else:
        said.append("언제 그만두셔도 더 내실 돈이 없어요.")
    return said
