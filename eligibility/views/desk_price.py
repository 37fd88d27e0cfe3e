"""What it costs, in sentences an agent reads out: what was chosen, what would be cheaper, what leaving early means."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from billing import leaving, offers, price_list
from billing.catalogue import Catalogue, NotSold, Quote, pack_problem
from billing.enums import Bundle
from billing.leaving import Leaving
from eligibility.form import Values
from shopmsg.core.clock import add_months, kst_day
from shopmsg.core.money import format_won

#: The months of a commitment after which an owner asks what leaving would cost.
_ASKED_AFTER: Final = (3, 6, 12, 18, 24, 30)


@dataclass(frozen=True, slots=True)
class Price:
    """`problem`: a sentence when what was chosen is not sold. `sentences`: what to say of it; `better`: the cheapest
    choice this shop has, "" when it is chosen already; `leaving`: cost by months."""

    quote: Quote | None
    problem: str = ""
    sentences: tuple[str, ...] = ()
    better: str = ""
    free_until: date | None = None
    leaving: tuple[Leaving, ...] = ()


def price_of(values: Values, now: datetime) -> Price:
    """The price of what the form says, on the KST day of `now`; a first free month as if activated on it."""
    today = kst_day(now)
    catalogue = price_list.catalogue()
    try:
        chosen = catalogue.quote(values.product, values.term_months, values.bundle, today)
    except NotSold as refused:
        return Price(None, refused.message)
    has_pack = bool(values.pack_internet and values.pack_parts) and not pack_problem(
        values.pack_internet, values.pack_parts
    )
    best = offers.best(
        catalogue, values.product, today, with_pack=has_pack or values.bundle == Bundle.SUCCESS_PACK
    )
    cheaper = best.quote.monthly_krw < chosen.monthly_krw
    return Price(
        quote=chosen,
        sentences=_sentences(catalogue, chosen, today),
        better=f"가장 싼 것: {best.sentence}" if cheaper else "",
        free_until=add_months(today, 1) - timedelta(days=1) if chosen.first_month_free else None,
        leaving=tuple(
            cost
            for cost in leaving.schedule(catalogue, chosen.term_months, today)
            if cost.month in _ASKED_AFTER
        )
        if chosen.term_months
        else (),
    )


def _sentences(catalogue: Catalogue, chosen: Quote, today: date) -> tuple[str, ...]:
    with_pack = chosen.bundle == Bundle.SUCCESS_PACK
    for offer in offers.offers(catalogue, chosen.product, today, with_pack=with_pack):
        if (offer.quote.term_months, offer.quote.bundle) == (chosen.term_months, chosen.bundle):
            return (offer.sentence,)
    bundled = f"{chosen.bundle.label}과 묶으셔도 한 달 {format_won(chosen.monthly_krw)}이에요."
    return (bundled, "언제 그만두셔도 더 내실 돈이 없어요.")
