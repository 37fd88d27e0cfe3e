"""공지: the list, and one notice."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from messaging.homepage import announcements as board
from messaging.models import Announcement
from messaging.shop_forms import AnnouncementForm
from messaging.views.pages import open_page
from messaging.views.shop_pages import TAB, ask, offer_undo, put_back, undo_of
from shopmsg.accounts import audit
from shopmsg.accounts.access import owner_required
from shopmsg.core.clock import kst_day

_FIELDS = {"period_backwards": "ends_on", "period_over": "ends_on"}


@never_cache
@owner_required
@require_safe
def shop_announcements(request: HttpRequest, slug: str) -> HttpResponse:
    """The notices, those that are over below the others."""
    page = open_page(request, slug)
    today = kst_day(timezone.now())
    rows = list(Announcement.objects.filter(shop=page.shop))
    over = [row for row in rows if row.ends_on is not None and row.ends_on < today]
    context = page.context(
        TAB,
        announcements=[row for row in rows if row not in over],
        over=over,
        full=len(rows) >= board.MOST,
        most=board.MOST,
        today=today,
        undo=undo_of(request, "announcement"),
    )
    return render(request, "messaging/owner/shop/announcements.html", context)


@never_cache
@owner_required
@require_http_methods(["GET", "HEAD", "POST"])
def announcement_add(request: HttpRequest, slug: str) -> HttpResponse:
    """A new notice."""
    page = open_page(request, slug, edit=True)
    today = kst_day(timezone.now())
    form = AnnouncementForm(request.POST or None, initial={"starts_on": today})

    def save(answer: dict[str, Any]) -> str:
        board.add(page.shop, **answer, today=today, by=page.user, address=audit.address_of(request))
        return "공지를 올렸어요."

    return ask(
        request,
        page,
        form,
        save,
        title="공지 올리기",
        lead="‘재료가 떨어져 일찍 닫아요’처럼 손님이 오기 전에 알면 좋은 것을 적어 주세요.",
        submit="올리기",
        fields=_FIELDS,
        back="messaging:shop_announcements",
        back_label="공지",
    )


@never_cache
@owner_required
@require_http_methods(["GET", "HEAD", "POST"])
def announcement(request: HttpRequest, slug: str, announcement_id: int) -> HttpResponse:
    """Other words or days for one notice."""
    page = open_page(request, slug, edit=True)
    row = get_object_or_404(Announcement.objects.select_related("shop"), pk=announcement_id, shop=page.shop)
    form = AnnouncementForm(
        request.POST or None,
        initial={"text": row.text, "starts_on": row.starts_on, "ends_on": row.ends_on},
    )

    def save(answer: dict[str, Any]) -> str:
        today = kst_day(timezone.now())
        board.change(row, **answer, today=today, by=page.user, address=audit.address_of(request))
        return "공지를 바꿨어요."

    return ask(
        request,
        page,
        form,
        save,
        title="공지 고치기",
        fields=_FIELDS,
        back="messaging:shop_announcements",
        back_label="공지",
    )


@never_cache
@owner_required
@require_POST
def announcement_remove(request: HttpRequest, slug: str, announcement_id: int) -> HttpResponse:
    """Take one down; the list offers to put it back."""
    page = open_page(request, slug, edit=True)
    row = get_object_or_404(Announcement.objects.select_related("shop"), pk=announcement_id, shop=page.shop)
    token = board.remove(row, by=page.user, address=audit.address_of(request))
    offer_undo(request, "announcement", token, "공지를 내렸어요.")
    return redirect("messaging:shop_announcements", page.shop.slug)


@never_cache
@owner_required
@require_POST
def announcement_undo(request: HttpRequest, slug: str) -> HttpResponse:
    """Undo of a removal."""
    page = open_page(request, slug, edit=True)
    return put_back(
        request, page, board.restore, lambda _: "공지를 되돌렸어요.", back="messaging:shop_announcements"
    )
