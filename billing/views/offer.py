"""The page behind the link an owner is texted: what would change in won, and two buttons. Nobody has to log in; looking changes
nothing, and without a yes nothing changes."""

from datetime import datetime
from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from billing import change_offers, plan_change
from billing.change_offers import OfferRefused, OfferStanding
from billing.changes import ContractRefused
from billing.enums import ChangeKind
from billing.models import ChangeOffer
from billing.queries import quotes
from shopmsg.accounts import audit
from shopmsg.accounts.models import User

_TITLES: Final = {
    OfferStanding.EXPIRED: "링크를 쓸 수 있는 때가 지났어요",
    OfferStanding.CONFIRMED: "바꿨어요",
    OfferStanding.DECLINED: "그대로 두었어요",
    OfferStanding.WITHDRAWN: "이 링크는 이제 쓸 수 없어요",
}
_STAFF_WORDS: Final = "직원은 보기만 할 수 있어요. 사장님이 문자로 받은 휴대폰에서 눌러 주셔야 해요."


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def offer(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows it as it is now; POST `answer` "yes" with the seal of what was shown does it, "no" leaves all as it is."""
    now = timezone.now()
    found = change_offers.find(token)
    if found is None:
        raise Http404
    answer = _post(request, token, found, now) if request.method == "POST" else _show(request, found, now)
    answer["X-Robots-Tag"] = "noindex, nofollow"
    return answer


def _post(request: HttpRequest, token: str, found: ChangeOffer, now: datetime) -> HttpResponse:
    if isinstance(request.user, User) and request.user.is_staff:
        return _show(request, found, now, _STAFF_WORDS, status=403)
    address = audit.address_of(request)
    try:
        if request.POST.get("answer") == "no":
            change_offers.decline(token, address=address, now=now)
            return _over(request, found, OfferStanding.DECLINED, status=200)
        done = change_offers.confirm(token, seal=request.POST.get("seal", ""), address=address, now=now)
    except OfferRefused:
        found.refresh_from_db(fields=["state"])
        return _show(request, found, now)
    except ContractRefused as refused:
        return _show(request, found, now, refused.message, status=409)
    return _over(request, found, OfferStanding.CONFIRMED, status=200, said=done.sentences)


def _show(
    request: HttpRequest, found: ChangeOffer, now: datetime, why: str = "", status: int = 200
) -> HttpResponse:
    """The offer as it would be done now. `why`: the button did nothing, and this is the reason."""
    stands = change_offers.standing(found, now)
    if stands != OfferStanding.OPEN:
        done = stands in (OfferStanding.CONFIRMED, OfferStanding.DECLINED)
        return _over(request, found, stands, status=200 if done else 410)
    try:
        made = plan_change.preview(found.shop, change_offers.wanted_of(found), now)
    except ContractRefused as refused:
        # The contract is another since: there is nothing to say yes to, and nothing was lost.
        context = _context(found) | {"title": "지금은 이렇게 바꿀 수 없어요", "text": refused.message}
        return render(request, "billing/owner/offer_over.html", context, status=409)
    if not why and change_offers.has_moved(found, made):
        why = "상담할 때와 금액이 달라졌어요. 아래가 지금 금액이에요."
    context = _context(found) | {
        "preview": made,
        "facts": quotes.facts_of(made),
        "chart": quotes.chart_after(found.shop, made, now),
        "why": why,
        "leaves": made.wanted.kind == ChangeKind.CANCELLED,
        "only_looks": isinstance(request.user, User) and request.user.is_staff,
        "staff_words": _STAFF_WORDS,
    }
    return render(request, "billing/owner/offer.html", context, status=status)


def _over(
    request: HttpRequest,
    found: ChangeOffer,
    stands: OfferStanding,
    *,
    status: int,
    said: tuple[str, ...] = (),
) -> HttpResponse:
    """Nothing to decide any more. No figures: whoever holds a link that was answered learns nothing from it."""
    text = " ".join(said) or change_offers.refusal(stands).message
    context = _context(found) | {
        "title": _TITLES[stands],
        "text": text,
        "changed": stands == OfferStanding.CONFIRMED,
    }
    return render(request, "billing/owner/offer_over.html", context, status=status)


def _context(found: ChangeOffer) -> dict[str, Any]:
    return {"store": found.shop, "who": found.made_by.shown_name, "offer": found}
