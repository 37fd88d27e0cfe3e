"""Where people land after logging in, and a shop's first page."""

from collections.abc import Sequence
from typing import Final
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from messaging import charts, promos, sending
from messaging.content import content_of
from messaging.preview import Phone, phone_of
from messaging.queries.calls import Show
from messaging.queries.dashboard import Dashboard, Step, dashboard
from messaging.queries.numbers import stages_of
from messaging.views.media import small_url
from messaging.views.pages import ShopPage, open_page
from shopmsg.accounts.access import owner_required, user_of
from shopmsg.accounts.enums import MemberRole, Role
from shopmsg.accounts.models import Shop
from shopmsg.core.clock import kst_day

#: Where each of us works.
_WORK: Final = {
    Role.AGENT: "eligibility:desk",
    Role.PRODUCER: "eligibility:production",
    Role.DEALER: "eligibility:dealer",
    Role.ADMIN: "eligibility:funnel",
}


@never_cache
@owner_required
@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """An owner's only shop, or the one a login link is for (`?shop=`), or the list of several; staff go where they work.

    A shop whose callers get nothing yet opens with the promo made for it.
    """
    user = user_of(request)
    if user.is_staff:
        return redirect(_WORK[Role(user.role)])
    shops = list(Shop.objects.visible_to(user).order_by("name"))
    wanted = [shop for shop in shops if shop.slug == request.GET.get("shop")] or shops
    if len(wanted) == 1:
        shop = wanted[0]
        may_write = Shop.objects.editable_by(user).filter(pk=shop.pk).exists()
        return redirect(
            "messaging:promo" if may_write and promos.live(shop) is None else "home:today", shop.slug
        )
    return render(request, "home/start.html", {"rows": _rows(shops)})


def _rows(shops: Sequence[Shop]) -> list[dict[str, str]]:
    """Each shop with a word of how it is doing."""
    now = timezone.now()
    states = (sending.state_words(shop, now) for shop in shops)
    return [
        {"slug": shop.slug, "name": shop.name, "address": shop.address, "tone": tone, "state": state}
        for shop, (tone, state) in zip(shops, states, strict=True)
    ]


@never_cache
@owner_required
@require_safe
def today(request: HttpRequest, slug: str) -> HttpResponse:
    """What needs a hand, today and this week in numbers, what callers get, the last calls."""
    page = open_page(request, slug)
    now = timezone.now()
    board = dashboard(page.shop, now)
    context = page.context(
        "today",
        board=board,
        day=kst_day(now),
        funnel=_funnel(page, board),
        heaps=_heaps(page, board),
        chart=charts.week_chart(board.week),
        warnings=_warnings(page, board),
        stopped=any(warning.stops_sending for warning in board.warnings),
        phone=_phone(page, board),
        is_owner=any(
            getattr(each, "my_role", "") == MemberRole.OWNER for each in page.shops if each.pk == page.shop.pk
        ),
    )
    return render(request, "home/today.html", context)


def _funnel(page: ShopPage, board: Dashboard) -> tuple[charts.Stage, ...]:
    """Today from call to coupon; calls and messages lead to their lists."""
    return charts.funnel(
        stages_of([board.numbers]),
        urls={"calls": _calls_url(page, board, Show.ALL), "sent": _calls_url(page, board, Show.SENT)},
    )


def _heaps(page: ShopPage, board: Dashboard) -> list[dict[str, str]]:
    """Today's calls that brought no message, or none yet."""
    shown = (("기다림", board.waiting, Show.WAITING), ("안 보냄", board.numbers.not_sent, Show.NOT_SENT))
    return [
        {"label": f"{label} {value:,}건", "url": _calls_url(page, board, show)}
        for label, value, show in shown
    ]


def _calls_url(page: ShopPage, board: Dashboard, show: Show) -> str:
    """Today's calls of one heap. What waits may have been called in before midnight."""
    day = board.numbers.day.isoformat()
    asked = {"show": show.value} if show == Show.WAITING else {"show": show.value, "first": day, "last": day}
    return f"{reverse('messaging:calls', args=[page.shop.slug])}?{urlencode(asked)}"


def _warnings(page: ShopPage, board: Dashboard) -> list[dict[str, str]]:
    """Warnings with the address of their one button; a viewer is shown none that only an editor can press."""
    slug = page.shop.slug
    urls = {
        Step.CALL_US: f"tel:{settings.HELP_PHONE}",
        Step.SENDING_ON: "",
        Step.PROMO: reverse("messaging:promo", args=[slug]) if page.can_edit else "",
        Step.GALLERY: reverse("messaging:gallery", args=[slug]) if page.can_edit else "",
        Step.CALLS_NOT_SENT: f"{reverse('messaging:calls', args=[slug])}?show={Show.NOT_SENT.value}",
    }
    return [
        {
            "tone": "failed" if warning.stops_sending else "held",
            "title": warning.title,
            "text": warning.text,
            "button": warning.button,
            "step": warning.step.value,
            "url": urls[warning.step],
        }
        for warning in board.warnings
    ]


def _phone(page: ShopPage, board: Dashboard) -> Phone | None:
    """What the next caller gets."""
    if board.promo is None:
        return None
    composed = promos.preview(content_of(board.promo), promos.sender_of(page.shop, board.contact))
    picture = board.promo.picture
    return phone_of(
        composed,
        sender=board.contact,
        now=timezone.now(),
        picture_url=small_url(picture) if picture else "",
        picture_size=(picture.width, picture.height) if picture else (0, 0),
        trust_mark=True,
    )
