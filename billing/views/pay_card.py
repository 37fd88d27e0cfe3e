"""카드 등록: the payment company's script opens its card page, and the browser comes back with a one-time key. Only this page loads a
script of another house, under a policy of its own. No card number passes through us.
"""

from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from billing import card_keys
from billing.card_keys import CardRefused
from billing.cards import CardError, ChargeOutcome, Reason, sentence, toss_codes
from billing.models import Account, Card, CardState
from billing.views.pages import MoneyPage, open_money
from shopmsg.accounts import audit
from shopmsg.accounts.access import owner_required

#: Where the session keeps which customer key was given for which shop.
_DRAWER: Final = "card_registrations"
_AGAIN: Final = frozenset({ChargeOutcome.UNCERTAIN, ChargeOutcome.RETRY_LATER})
_STRANGE: Final = "카드 등록을 시작한 화면에서 이어지지 않았어요. 처음부터 다시 등록해 주세요."


@never_cache
@owner_required
@require_safe
def pay_card(request: HttpRequest, slug: str) -> HttpResponse:
    """The page with the button. It charges nothing; a customer key is kept in the session before the browser leaves."""
    page = _opened(request, slug)
    given: dict[str, str] = request.session.get(_DRAWER, {})
    key = given.get(str(page.shop.pk))
    if not key or Card.objects.filter(customer_key=key).exists():
        key = card_keys.begin()
        request.session[_DRAWER] = {**given, str(page.shop.pk): key}
    context = page.context(
        can_register=bool(settings.CARDS["client_key"] and settings.CARDS["secret_key"]),
        sdk_url=settings.CARDS["sdk_url"],
        client_key=settings.CARDS["client_key"],
        customer_key=key,
        success_url=_absolute("billing:pay_card_back", page),
        fail_url=_absolute("billing:pay_card_failed", page),
    )
    response = render(request, "billing/owner/pay_card.html", context)
    response._csp_update = _policy()  # type: ignore[attr-defined]  # read by django-csp's middleware
    return response


@never_cache
@owner_required
@require_safe
def pay_card_back(request: HttpRequest, slug: str) -> HttpResponse:
    """Back from the card page: registers the card. Loading it again is the same registration. Nothing is charged."""
    page = _opened(request, slug)
    key, auth = request.GET.get("customerKey", ""), request.GET.get("authKey", "")
    if not key or request.session.get(_DRAWER, {}).get(str(page.shop.pk)) != key:
        return _failed(request, page, _STRANGE, status=400)
    try:
        card = card_keys.register(
            page.shop, auth, key, by=page.user, address=audit.address_of(request), now=timezone.now()
        )
    except CardError as error:
        if error.outcome in _AGAIN:
            return _failed(request, page, sentence(Reason.LATER), status=503, again=request.get_full_path())
        ours = error.outcome in (ChargeOutcome.CONFIG, ChargeOutcome.FATAL) and error.reason is Reason.OURS
        return _failed(request, page, error.message, status=503 if ours else 422)
    if card.state != CardState.ACTIVE:
        return redirect("billing:pay", page.shop.slug)
    messages.success(request, f"{card.issuer} {card.number} 카드를 등록했어요.".strip())
    return redirect("billing:pay", page.shop.slug)


@never_cache
@owner_required
@require_safe
def pay_card_failed(request: HttpRequest, slug: str) -> HttpResponse:
    """Back from the card page without a card: why, in our own words."""
    page = _opened(request, slug)
    reason = toss_codes.registration_failed(request.GET.get("code", ""))
    return _failed(request, page, sentence(reason), status=200)


@never_cache
@owner_required
@require_http_methods(["GET", "HEAD", "POST"])
def pay_card_remove(request: HttpRequest, slug: str) -> HttpResponse:
    """카드 지우기: asks once."""
    page = _opened(request, slug)
    if request.method == "POST":
        try:
            card_keys.remove(page.shop, by=page.user, address=audit.address_of(request), now=timezone.now())
        except CardRefused as refused:
            messages.error(request, refused.message)
        else:
            messages.success(request, "카드를 지웠어요. 내는 방법을 다시 골라 주세요.")
        return redirect("billing:pay", page.shop.slug)
    card = card_keys.on_file(Account.objects.get(shop=page.shop))
    if card is None:
        return redirect("billing:pay", page.shop.slug)
    facts = [
        ("카드", f"{card.issuer} {card.number}".strip()),
        ("어떻게 되나요", "앞으로 이 카드로 결제하지 않아요. 요금은 다른 방법으로 내셔야 해요."),
        ("되돌리기", "언제든 다시 등록할 수 있어요."),
    ]
    return render(request, "billing/owner/pay_card_remove.html", page.context(facts=facts))


def _opened(request: HttpRequest, slug: str) -> MoneyPage:
    page = open_money(request, slug)
    if not Account.objects.filter(shop=page.shop).exists():
        raise Http404
    return page


def _failed(request: HttpRequest, page: MoneyPage, why: str, *, status: int, again: str = "") -> HttpResponse:
    context = page.context(why=why, again=again)
    return render(request, "billing/owner/pay_card_failed.html", context, status=status)


def _absolute(name: str, page: MoneyPage) -> str:
    return f"{settings.BASE_URL}{reverse(name, args=[page.shop.slug])}"


def _policy() -> dict[str, Any]:
    """The script's house, and where that script may send the browser: its siblings under the same name."""
    parts = urlsplit(settings.CARDS["sdk_url"])
    home = f"{parts.scheme}://{parts.netloc}"
    host = parts.hostname or ""
    labels = host.split(".")
    named = len(labels) > 2 and not host.replace(".", "").isdigit()
    house = f"{parts.scheme}://*.{'.'.join(labels[1:])}" if named else home
    return {"script-src": [home], "connect-src": [house], "frame-src": [house], "form-action": [house]}
