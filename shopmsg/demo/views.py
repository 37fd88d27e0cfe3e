"""체험하기 with a virtual caller: the call goes through our own signed webhook, the message through the sandbox."""

import uuid

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_http_methods, require_safe

from messaging.models import CallEnd
from messaging.preview import Phone, clock_of
from shopmsg.accounts.sealing import keyring
from shopmsg.core import phone as phones
from shopmsg.demo import network
from shopmsg.demo.forms import LENGTHS, CallForm
from shopmsg.demo.network import DemoError
from shopmsg.demo.outcome import Outcome, outcome_of

_WHOLE_DAY = (0, 24 * 60)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def try_it(request: HttpRequest) -> HttpResponse:
    """GET: a call to make up. POST: hang up, or with `new` another number for the same call."""
    if request.method != "POST":
        return _page(request, CallForm(initial=_fresh(request.GET.get("shop", ""))))
    if "new" in request.POST:
        kept = {name: request.POST.get(name, "") for name in ("shop", "seconds", "carrier")}
        return _page(request, CallForm(initial=kept | {"caller": phones.hyphenate(network.new_number())}))
    form = CallForm(request.POST)
    if not form.is_valid():
        return _page(request, form)
    call_id = uuid.uuid4()
    try:
        network.hang_up(form.call(str(call_id)), timezone.now())
    except DemoError as error:
        return _page(request, form, failure=error.message)
    return redirect(reverse("demo:result", args=[call_id]) + "#phone")


@never_cache
@require_safe
def result(request: HttpRequest, call_id: uuid.UUID) -> HttpResponse:
    """The call and what the phone beside it shows; without JavaScript the page reloads itself until there is an end."""
    call = _call_or_404(call_id)
    return _page(request, CallForm(initial=_same(call)), call=call, outcome=outcome_of(call, timezone.now()))


@never_cache
@require_safe
def phone(request: HttpRequest, call_id: uuid.UUID) -> HttpResponse:
    """The phone alone, asked for every half second."""
    call = _call_or_404(call_id)
    return render(request, "demo/_phone.html", {"call": call, "outcome": outcome_of(call, timezone.now())})


@require_safe
@cache_control(private=True, max_age=3_600)
def picture(request: HttpRequest, name: str) -> HttpResponse:
    """A picture on a sandbox phone, through our own address: the CSP allows no other."""
    try:
        jpeg = network.picture(name)
    except DemoError:
        jpeg = None
    if jpeg is None:
        raise Http404
    return HttpResponse(jpeg, content_type="image/jpeg")


def _page(
    request: HttpRequest,
    form: CallForm,
    *,
    call: CallEnd | None = None,
    outcome: Outcome | None = None,
    failure: str = "",
) -> HttpResponse:
    now = timezone.now()
    context = {
        "form": form,
        "call": call,
        "outcome": outcome,
        "failure": failure,
        "quiet": Phone(sender="", clock=clock_of(now), reason="전화를 끊으면 여기로 문자가 와요"),
        # Reloading an address that ends in #phone only scrolls there, so each look has an address of its own.
        "next_look": "2" if request.GET.get("look") == "1" else "1",
        "is_virtual": network.is_virtual(),
        "around_the_clock": settings.AD_HOURS == _WHOLE_DAY,
    }
    return render(request, "demo/try.html", context)


def _fresh(slug: str) -> dict[str, str]:
    return {"shop": slug, "caller": phones.hyphenate(network.new_number()), "seconds": "30", "carrier": "KT"}


def _same(call: CallEnd) -> dict[str, str]:
    """The form as it was when this call was made."""
    number = keyring().open(bytes(call.caller_sealed)) if call.caller_sealed else ""
    seconds = str(call.seconds) if call.answered else ""
    return {
        "shop": call.shop.slug if call.shop else "",
        "caller": phones.hyphenate(number),
        "seconds": seconds if seconds in dict(LENGTHS) else "30",
        "carrier": call.caller_carrier,
    }


def _call_or_404(call_id: uuid.UUID) -> CallEnd:
    call = CallEnd.objects.filter(source=network.SOURCE, call_id=str(call_id)).select_related("shop").first()
    if call is None:
        raise Http404
    return call
