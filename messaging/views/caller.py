"""The page behind the link in a message, for who got it: the shop, the proof that the text is genuine, the opt-out.

Whoever holds the link holds the message, so its ten-character token is what authorises (rules.md §5). That is also why
the forms need no CSRF token: a page that could forge the request would have to know the link, and then could open it.
With cookies blocked, or under this page's own no-referrer policy, the CSRF check would refuse a lawful opt-out.
"""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from messaging import opens, optouts
from messaging.enums import MessageKind
from messaging.homepage.page import page_of
from messaging.links import TOKEN_LENGTH
from messaging.models import Message
from messaging.preview import Phone
from messaging.small_pictures import SMALL
from messaging.views.homepage import coupon_page
from shopmsg.accounts.models import Shop

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def _private(view: View[P]) -> View[P]:
    """Kept by no cache, found by no search engine, named to no other site."""

    @wraps(view)
    def private(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            response = view(request, *args, **kwargs)
        except Http404:
            response = render(request, "messaging/caller/unknown.html", status=404)
        add_never_cache_headers(response)
        response["X-Robots-Tag"] = "noindex, nofollow"
        response["Referrer-Policy"] = "no-referrer"
        return response

    return private


@_private
@require_safe
def message(request: HttpRequest, token: str) -> HttpResponse:
    """The shop and the proof. Opening it never opts anyone out."""
    found = _message_or_404(token)
    shop = _shop_of(found)
    rows = found.text.split("\n")
    page = page_of(shop, timezone.now())
    context = {
        "message": found,
        "store": shop,
        "page": page,
        # What was sent is on the page as it was sent; a promo that is still the same is not said twice.
        "said": page.promo is not None and page.promo.id == found.promo_id and bool(found.text),
        "coupon_url": reverse("messaging:message_coupon", args=[token]),
        "number": found.sender,
        "first_words": " ".join(rows[:2]) if found.text else "",
        "phone": _phone(found),
        "opted_out": optouts.has_refused(found),
        "is_test": found.kind == MessageKind.TEST,
    }
    opens.record_open(found, request, timezone.now())
    return render(request, "messaging/caller/message.html", context)


@_private
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def coupon(request: HttpRequest, token: str) -> HttpResponse:
    """쿠폰: POST takes it for the phone the message went to, GET shows it."""
    found = _message_or_404(token)
    return coupon_page(request, _shop_of(found), reverse("messaging:message", args=[token]), found)


@_private
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """수신거부: GET asks, POST does it; afterwards the same address shows that it is done."""
    found = _message_or_404(token)
    shop = _shop_of(found)
    if request.method == "POST":
        optouts.opt_out_by_link(found, timezone.now())
        return redirect("messaging:message_stop", token)
    done = optouts.has_refused(found)
    template = "messaging/caller/stopped.html" if done else "messaging/caller/stop.html"
    # Once the number itself is destroyed (rules.md §5) only a call to the free 080 line can name it again.
    context = {"message": found, "store": shop, "by_phone_only": found.recipient_sealed is None}
    return render(request, template, context)


@_private
@csrf_exempt
@require_POST
def again(request: HttpRequest, token: str) -> HttpResponse:
    """다시 받기, by the person who had refused."""
    found = _message_or_404(token)
    optouts.resubscribe(found, timezone.now())
    return redirect("messaging:message", token)


def _message_or_404(token: str) -> Message:
    """The promo with this token, if it ever left for a phone: a page must not vouch for a text that was never sent."""
    if len(token) != TOKEN_LENGTH or not token.isalnum():
        raise Http404
    found = (
        Message.objects.filter(
            token=token, kind__in=[MessageKind.PROMO, MessageKind.TEST], submitted_at__isnull=False
        )
        .select_related("shop", "picture")
        .first()
    )
    if found is None or found.shop is None:
        raise Http404
    return found


def _shop_of(found: Message) -> Shop:
    if found.shop is None:
        raise Http404
    return found.shop


def _phone(found: Message) -> Phone | None:
    """What was sent; None once its text is past its term (rules.md §5)."""
    if not found.text:
        return None
    shown = found.picture
    return Phone(
        sender=found.sender,
        text=found.text,
        picture_url=reverse("messaging:picture_small", args=[shown.sha256]) if shown else "",
        picture_alt=f"{_shop_of(found).name} 홍보 그림",
        picture_width=SMALL if shown else 0,
        picture_height=round(SMALL * shown.height / shown.width) if shown else 0,
    )
