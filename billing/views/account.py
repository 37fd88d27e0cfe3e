"""가게 요금 (agents and admins): one screen that answers "왜 이 금액이에요?", and quotes that only the owner's yes makes true."""

from datetime import date, datetime
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from billing import change_offers, plan_change
from billing.catalogue import PACK_INTERNET, PACK_PARTS
from billing.change_offers import OfferRefused
from billing.changes import LONGEST_PAUSE, ContractRefused
from billing.enums import Bundle, ChangeKind, EventPlan
from billing.models import Account, ChangeOffer
from billing.plan_change import Wanted
from billing.queries import account as queries
from billing.queries import quotes
from shopmsg.accounts import audit
from shopmsg.accounts.access import staff_required, user_of
from shopmsg.accounts.enums import MemberRole, Product, Role
from shopmsg.accounts.models import User
from shopmsg.core import business_number
from shopmsg.core.clock import add_months, kst_day
from shopmsg.core.keys import number_in

#: Years ahead that a last day may be booked for.
_AHEAD: Final = 5
_ROLES: Final = (Role.AGENT, Role.ADMIN)


@never_cache
@staff_required(*_ROLES)
@require_safe
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """Everything about a shop's money."""
    account, now = _account(slug), timezone.now()
    today = kst_day(now)
    screen = queries.screen_of(account, now)
    context: dict[str, Any] = {
        "store": account.shop,
        "owners": _owners(account),
        "number": business_number.hyphenate(account.shop.merchant.business_number),
        "screen": screen,
        "offers": queries.offers_of(account.shop, now),
        "choices": quotes.choices(screen.state) if screen.state else (),
        "may_pack": screen.state is not None and quotes.may_pack(screen.state),
        "internet": PACK_INTERNET.items(),
        "parts": PACK_PARTS.items(),
        "longest_pause": LONGEST_PAUSE,
        "today": today,
        "latest": add_months(today, 12 * _AHEAD),
        "admin": user_of(request).role == Role.ADMIN,
    }
    return render(request, "billing/staff/account.html", context)


@never_cache
@staff_required(*_ROLES)
@require_http_methods(["GET", "HEAD", "POST"])
def quote(request: HttpRequest, slug: str) -> HttpResponse:
    """견적: what a change would mean, to read aloud; POST with the seal of what was shown texts the owners the link."""
    account, now = _account(slug), timezone.now()
    if request.method != "POST":
        return _quote(request, account, _wanted(request.GET), now)
    wanted = _wanted(request.POST)
    try:
        change_offers.send(
            account.shop,
            wanted,
            seal=request.POST.get("seal", ""),
            by=user_of(request),
            address=audit.address_of(request),
            now=now,
        )
    except ContractRefused as refused:
        moved = refused.code == "moved"
        return _quote(request, account, wanted, now, refused.message if moved else "", 409 if moved else 422)
    except OfferRefused as refused:
        return _quote(request, account, wanted, now, refused.message, 422)
    messages.success(request, "사장님께 확인 문자를 보냈습니다. 답이 오면 이 화면에 나타납니다.")
    return redirect(f"{reverse('billing:account', args=[slug])}#offers")


@never_cache
@staff_required(*_ROLES)
@require_safe
def offer(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """How one offer stands, for the page that waits for the answer."""
    found = get_object_or_404(ChangeOffer.objects.select_related("made_by", "shop"), pk=pk, shop__slug=slug)
    context = {"each": queries.shown_offer(found, timezone.now()), "slug": slug}
    return render(request, "billing/staff/_account_offer.html", context)


@never_cache
@staff_required(*_ROLES)
@require_POST
def offer_withdraw(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """거두기: whatever the owner does with the link from now on, nothing changes."""
    get_object_or_404(ChangeOffer, pk=pk, shop__slug=slug)
    try:
        change_offers.withdraw(pk, by=user_of(request), address=audit.address_of(request), now=timezone.now())
    except OfferRefused:
        messages.error(request, "이미 답이 왔거나 끝난 제안입니다. 아래에서 확인하세요.")
    else:
        messages.success(request, "제안을 거두었습니다. 보낸 링크로는 이제 바꿀 수 없습니다.")
    return redirect(f"{reverse('billing:account', args=[slug])}#offers")


def _account(slug: str) -> Account:
    return get_object_or_404(Account.objects.select_related("shop__merchant"), shop__slug=slug)


def _owners(account: Account) -> list[User]:
    members = account.shop.memberships.filter(role=MemberRole.OWNER).select_related("user")
    return [member.user for member in members.order_by("pk")]


def _quote(
    request: HttpRequest, account: Account, wanted: Wanted, now: datetime, why: str = "", status: int = 200
) -> HttpResponse:
    """`why`: the button did nothing, and this is the reason."""
    context: dict[str, Any] = {
        "store": account.shop,
        "owners": _owners(account),
        "name": change_offers.named(wanted),
        "why": why,
    }
    try:
        made = plan_change.preview(account.shop, wanted, now)
    except ContractRefused as refused:
        context["refused"] = refused.message
        return render(request, "billing/staff/account_quote.html", context, status=422)
    chart = quotes.chart_after(account.shop, made, now)
    context |= {
        "preview": made,
        "chart": chart,
        "aloud": quotes.read_aloud(made, chart),
        "facts": quotes.facts_of(made),
        "fields": [*quotes.fields_of(wanted), ("seal", made.seal)],
    }
    return render(request, "billing/staff/account_quote.html", context, status=status)


def _wanted(data: QueryDict) -> Wanted:
    """The change asked for; a day that is none is no day. Raises Http404 for what no form of ours asks for."""
    try:
        kind = ChangeKind(data.get("kind", ""))
        bundle = Bundle(data.get("bundle", Bundle.NONE))
        plan = EventPlan(data.get("plan", EventPlan.NONE))
        product = Product(data.get("product", Product.SOHO))
    except ValueError:
        raise Http404 from None
    if kind == ChangeKind.STARTED:
        raise Http404
    return Wanted(
        kind,
        term_months=number_in(data.get("term", "")) or 0,
        bundle=bundle,
        pack_internet=data.get("internet", "")[:20],
        pack_parts=tuple(dict.fromkeys(part[:20] for part in data.getlist("parts"))),
        product=product,
        plan=plan,
        until=_day(data.get("until", "")),
    )


def _day(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        return None
