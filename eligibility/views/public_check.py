"""가입 확인: who may join and what it costs, in twenty seconds on a phone, without a login.

Everything is in the address, so that a result can be shared; the script only asks for the same page without loading it.
"""

from dataclasses import dataclass, replace
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from billing.catalogue import PACK_INTERNET, PACK_PARTS, pack_problem
from eligibility import online
from eligibility.choices import Choice, RevenueBand, read_choice
from eligibility.views.public_prices import PRODUCT_WORDS, free_sentence, prices_for, public_prices
from shopmsg.core import ksic
from shopmsg.core.clock import kst_day

#: A search longer than this is no trade.
_LONGEST: Final = 100


@dataclass(frozen=True, slots=True)
class Search:
    """What was asked, what may be meant, and the trade that is known not to fit (its sentence)."""

    query: str
    found: tuple[ksic.Found, ...]
    refused: str


@require_safe
def check(request: HttpRequest) -> HttpResponse:
    """GET q, ksic, revenue, kind, internet, parts; see eligibility.choices."""
    choice = read_choice(request.GET)
    today = kst_day(timezone.now())
    context = {
        "choice": choice,
        "search": _search(request.GET.get("q", "")),
        "bands": list(RevenueBand),
        "all_trades": ksic.INDUSTRIES.values(),
        "other_trade": replace(choice, ksic="", plan=None, internet="", parts=()).query(),
    }
    if choice.public_body:
        context |= {
            "decision": choice.decision(),
            "products": [
                (product, won, PRODUCT_WORDS[product], choice.query(product=product))
                for product, won in public_prices(today)
            ],
        }
    elif choice.ksic and (choice.revenue or not choice.industry):
        decision = choice.decision()
        context |= {
            "decision": decision,
            "reasons": online.reasons((reason.code, reason.message) for reason in decision.reasons),
            "unsure": choice.revenue == RevenueBand.UNSURE,
        }
        if decision.eligible:
            context |= _priced(choice)
    return render(request, "eligibility/public/check.html", context)


def _priced(choice: Choice) -> dict[str, object]:
    prices = prices_for(choice, kst_day(timezone.now()))
    asked = bool(choice.internet or choice.parts)
    return {
        "prices": prices,
        "free": free_sentence(prices.free_until),
        "pack_internet": PACK_INTERNET.items(),
        "pack_parts": PACK_PARTS.items(),
        "pack_asked": asked,
        "pack_problem": pack_problem(choice.internet, choice.parts),
    }


def _search(query: str) -> Search:
    query = " ".join(query[:_LONGEST].split())
    other = ksic.not_eligible(query) if query else None
    return Search(query, tuple(ksic.search(query)) if query else (), other.message if other else "")
