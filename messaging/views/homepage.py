"""The shop's mobile homepage and its coupon, for everybody: no login, no script, nothing but what the shop shows."""

from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import conditional_page, require_http_methods, require_safe

from messaging.homepage import coupons
from messaging.homepage.page import HomepageView, page_of
from messaging.homepage.structured import local_business
from messaging.models import Message
from shopmsg.accounts import audit, delegations
from shopmsg.accounts.enums import ShopStatus
from shopmsg.accounts.models import OldSlug, Shop, User
from shopmsg.core.clock import day_start, kst_day

#: A change of the owner's is seen within a minute; longer than that nobody keeps the page unasked.
_FRESH: Final = timedelta(minutes=1)
_SALT: Final = "messaging.coupon"
_COOKIE_KEPT: Final = timedelta(days=365)


@require_safe
@conditional_page
def homepage(request: HttpRequest, slug: str) -> HttpResponse:
    """The same page for everybody, so that it may be kept anywhere: it is rendered without the request, and what is
    somebody's own (a coupon's code) has an address of its own. The ETag is the page's: it changes by itself when the
    shop closes for the day, which no date of a row would say. A shop that is not activated yet has a page for its own
    people alone."""
    shop = shop_at(slug)
    ahead = _before_activation(request, shop)
    if shop.slug != slug:
        moved = redirect("messaging:homepage", shop.slug, permanent=True)
        # Kept for an hour only: a shop that takes an old address back must not send its visitors in a circle.
        moved["Cache-Control"] = "public, max-age=3600"
        return moved
    now = timezone.now()
    page = page_of(shop, now)
    if page.closed:
        return _public(render_to_string("messaging/homepage/closed.html", {"page": page}), _FRESH, status=410)
    url = f"{settings.BASE_URL}{reverse('messaging:homepage', args=[shop.slug])}"
    context = {
        "page": page,
        "url": url,
        "base_url": settings.BASE_URL,
        "number": page.line,
        "coupon_url": reverse("messaging:homepage_coupon", args=[shop.slug]),
        "business": local_business(page, settings.BASE_URL, url, now),
        "help_phone": settings.HELP_PHONE,
    }
    answer = _public(render_to_string("messaging/homepage/page.html", context), _until_change(page, now))
    if ahead:
        answer["Cache-Control"] = "private, no-store"
    return answer


@never_cache
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def coupon(request: HttpRequest, slug: str) -> HttpResponse:
    """The coupon of who found the homepage: POST takes it, GET shows what this browser has taken.

    No CSRF token, because the homepage is kept by caches: who forges the request gives a coupon to somebody else.
    """
    shop = shop_at(slug)
    _before_activation(request, shop)
    if shop.slug != slug:
        return redirect("messaging:homepage_coupon", shop.slug)
    back = reverse("messaging:homepage", args=[shop.slug])
    return coupon_page(request, shop, back)


def coupon_page(request: HttpRequest, shop: Shop, back: str, message: Message | None = None) -> HttpResponse:
    """The page of a coupon, by the homepage or by a message's link. A browser is known by a cookie, a message by
    itself; who has both is one phone with one coupon. `back` leads to the shop."""
    now = timezone.now()
    known = _remembered(request, shop)
    own = coupons.holder_of(message) if message else None
    holders = [holder for holder in (own, known) if holder]
    refusal: coupons.CouponRefused | None = None
    if request.method == "POST":
        holder = holders[0] if holders else coupons.new_holder()
        try:
            coupons.issue(
                shop,
                holder,
                now=now,
                known_as=holders,
                message=message if own else None,
                address=audit.address_of(request),
            )
        except coupons.CouponRefused as refused:
            refusal = refused
        else:
            answer = redirect(f"{request.path}?taken")
            if known is None:
                _remember(request, answer, shop, holder)
            return answer
    held = sorted(coupons.tickets(shop, holders, kst_day(now)), key=_is_used)
    offered = coupons.current_coupon(shop, kst_day(now))
    if offered and any(ticket.coupon.key == offered.key for ticket in held):
        offered = None
    context = {
        "store": shop,
        "heading": _heading(held, offered),
        "tickets": held,
        "usable": bool(held) and not _is_used(held[0]),
        "offered": offered,
        "refusal": refusal,
        "forgotten": "taken" in request.GET and not held,
        "action": request.path,
        "back": back,
    }
    status = 429 if refusal and refusal.code == "too_many" else 200
    return render(request, "messaging/homepage/coupon.html", context, status=status)


def shop_at(slug: str) -> Shop:
    """The shop with this address, or that had it once, or whose address was typed with a capital. Raises Http404."""
    found = Shop.objects.filter(slug=slug.lower()).first()
    if found is None:
        old = OldSlug.objects.select_related("shop").filter(slug=slug.lower()).first()
        found = old.shop if old else None
    if found is None:
        raise Http404
    return found


def _before_activation(request: HttpRequest, shop: Shop) -> bool:
    """Whether the shop is not activated yet, and this is one of its own people looking ahead. Raises Http404 for
    everybody else: a signup is nobody's business."""
    if shop.status != ShopStatus.PENDING:
        return False
    user = request.user
    if isinstance(user, User):
        member = shop.memberships.filter(user=user).exists()
        if member or (user.is_staff and delegations.active(user, shop, timezone.now()) is not None):
            return True
    raise Http404


def _is_used(ticket: coupons.Ticket) -> bool:
    return ticket.used_at is not None


def _heading(held: list[coupons.Ticket], offered: coupons.Coupon | None) -> str:
    if held and not _is_used(held[0]):
        return "계산할 때 보여 주세요"
    if offered:
        return "쿠폰을 받으시겠어요?"
    return "이미 쓴 쿠폰이에요" if held else "지금은 쿠폰이 없어요"


def _public(html: str, fresh: timedelta, status: int = 200) -> HttpResponse:
    seconds = max(1, int(fresh.total_seconds()))
    return HttpResponse(html, status=status, headers={"Cache-Control": f"public, max-age={seconds}"})


def _until_change(page: HomepageView, now: datetime) -> timedelta:
    """How long "영업 중" and the day's coupon stay true, a minute at most."""
    status = page.hours.status
    midnight = day_start(kst_day(now) + timedelta(days=1))
    closes = status.changes_at if status and status.changes_at else midnight
    return min(_FRESH, closes - now, midnight - now)


def _cookie(shop: Shop) -> str:
    return f"coupon_{shop.pk}"


def _remembered(request: HttpRequest, shop: Shop) -> bytes | None:
    """Whom this browser took a coupon of the shop's as; None without a cookie of ours."""
    value = request.get_signed_cookie(_cookie(shop), None, salt=_SALT, max_age=_COOKIE_KEPT)
    return bytes.fromhex(value) if value else None


def _remember(request: HttpRequest, answer: HttpResponse, shop: Shop, holder: bytes) -> None:
    answer.set_signed_cookie(
        _cookie(shop),
        holder.hex(),
        salt=_SALT,
        max_age=_COOKIE_KEPT,
        secure=request.is_secure(),
        httponly=True,
        samesite="Lax",
    )
