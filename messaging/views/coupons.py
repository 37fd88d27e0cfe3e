"""The counter: a customer's coupon code in, a used coupon out."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from messaging.homepage import counter
from messaging.homepage.coupons import CouponRefused, current_coupon
from messaging.queries.coupons import given, used_page, who
from messaging.views.pages import key_of, open_page
from shopmsg.accounts import audit
from shopmsg.accounts.access import owner_required
from shopmsg.core.clock import kst_day


@never_cache
@owner_required
@require_safe
def coupons(request: HttpRequest, slug: str) -> HttpResponse:
    """A field for a code, what the code is, and what was used. A code in the address names no caller, and is worth
    nothing once it is used."""
    page = open_page(request, slug)
    now = timezone.now()
    typed = request.GET.get("code", "").strip()[:20]
    offered = current_coupon(page.shop, kst_day(now))
    before = key_of(request)
    used = used_page(page.shop, before=before)
    found: dict[str, Any] = {}
    error = ""
    if typed:
        try:
            ticket = counter.find(page.shop, typed, by=page.user)
        except CouponRefused as refusal:
            error = refusal.message
        else:
            found = {
                "ticket": ticket,
                "who": who(ticket),
                "refusal": counter.refusal(ticket, now),
                "can_undo": ticket.used_at is not None and ticket.used_at >= now - counter.UNDO_FOR,
            }
    context = page.context(
        "today",
        typed="" if found else typed,
        error=error,
        offered=offered,
        given=given(page.shop, offered) if offered else None,
        used=used.rows,
        first_url=request.path if before is not None else "",
        older_url=f"?before={used.older}" if used.older else "",
        **found,
    )
    return render(request, "messaging/owner/coupons.html", context)


@never_cache
@owner_required
@require_POST
def use(request: HttpRequest, slug: str) -> HttpResponse:
    """쿠폰 사용하기, and its undo. Any member may: who stands at the counter takes the coupon, also one who may change
    nothing else, and turning a customer away would be worse than a coupon too many."""
    page = open_page(request, slug)
    now = timezone.now()
    code = request.POST.get("code", "")[:20]
    try:
        if request.POST.get("action") == "undo":
            ticket = counter.undo(page.shop, code, by=page.user, now=now, address=audit.address_of(request))
            messages.success(request, f"되돌렸어요. {ticket.spaced} 쿠폰은 다시 쓸 수 있어요.")
        else:
            ticket = counter.redeem(page.shop, code, by=page.user, now=now)
            messages.success(request, f"쿠폰을 썼어요. {ticket.coupon.benefit}")
    except CouponRefused as refusal:
        messages.error(request, refusal.message)
        return redirect("messaging:coupons", page.shop.slug)
    return redirect(f"{reverse('messaging:coupons', args=[page.shop.slug])}?code={ticket.code}")
