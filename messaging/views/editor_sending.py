"""From the editor to phones: publishing with its minute of grace, calling back, and the message to one's own phone."""

from datetime import date, datetime, time
from typing import Final

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from messaging.editor import drafts, publications, test_sends
from messaging.editor.test_sends import TestRefused
from messaging.models import Publication
from messaging.promos import PromoRefused
from messaging.tasks import dispatch_messages
from messaging.views.editor import publication_context, visit_of
from messaging.views.editor_saving import editor_url, wants_json
from messaging.views.pages import open_page
from messaging.wakeups import wake
from shopmsg.accounts import audit
from shopmsg.accounts.access import owner_required
from shopmsg.core.clock import KST
from shopmsg.core.keys import number_in

#: The sheet to open for what a promo is refused for.
_SHEETS: Final = {
    "no_headline": "headline",
    "no_body": "body",
    "unsendable": "body",
    "too_long": "body",
    "period_backwards": "period",
    "period_over": "period",
    "foreign_picture": "picture",
    "moment_past": "schedule",
    "moment_far": "schedule",
}


@never_cache
@owner_required
@require_POST
def publish(request: HttpRequest, slug: str) -> HttpResponse:
    """이대로 보낼게요: the draft goes out, held back for a minute, or with `day` and `hour` at that KST moment.
    `revision` is the draft the person looked at; another one is shown first."""
    page = open_page(request, slug, edit=True)
    now = timezone.now()
    visit = visit_of(request.POST.get("visit", ""))
    saved = drafts.state(page.shop, visit=visit, now=now)
    if saved.revision != number_in(request.POST.get("revision", "")):
        messages.warning(request, "다른 곳에서 고친 내용이 있어요. 한 번 더 보고 눌러 주세요.")
        return redirect(editor_url(page, visit))
    at = None
    if "day" in request.POST:
        at = _moment(request.POST["day"], request.POST.get("hour", ""))
        if at is None:
            messages.error(request, "보낼 날짜와 시각을 골라 주세요.")
            return redirect(editor_url(page, visit, edit="schedule"))
    try:
        publications.publish(
            page.shop, saved.fields, at=at, by=page.user, now=now, address=audit.address_of(request)
        )
    except PromoRefused as refused:
        messages.error(request, refused.message)
        sheet = _SHEETS.get(refused.code, "")
        return redirect(editor_url(page, visit, **({"edit": sheet} if sheet else {})))
    return redirect(editor_url(page, visit))


@never_cache
@owner_required
@require_safe
def publication(request: HttpRequest, slug: str) -> HttpResponse:
    """Only the panel of what waits and what has just gone out: the page asks when a countdown is over."""
    page = open_page(request, slug, edit=True)
    visit = visit_of(request.GET.get("visit", ""))
    context = page.context("promo", visit=visit, **publication_context(page.shop, timezone.now()))
    return render(request, "messaging/owner/editor/_publication.html", context)


@never_cache
@owner_required
@require_POST
def call_back(request: HttpRequest, slug: str) -> HttpResponse:
    """취소: a publication that waits never goes out, one that has just gone out is taken back."""
    page = open_page(request, slug, edit=True)
    visit = visit_of(request.POST.get("visit", ""))
    number = number_in(request.POST.get("publication", ""))
    found = get_object_or_404(Publication.objects.select_related("shop"), shop=page.shop, pk=number)
    if publications.call_back(found, by=page.user, now=timezone.now(), address=audit.address_of(request)):
        messages.success(request, "취소했어요. 적으신 글은 그대로 있어요.")
    else:
        messages.warning(request, "이미 나가서 취소할 수 없어요. 지난 내용에서 되돌릴 수 있어요.")
    return redirect(editor_url(page, visit))


@never_cache
@owner_required
@require_POST
def test_send(request: HttpRequest, slug: str) -> HttpResponse:
    """내 폰으로 보내보기: the draft to the phone of whoever presses, counted nowhere."""
    page = open_page(request, slug, edit=True)
    now = timezone.now()
    visit = visit_of(request.POST.get("visit", ""))
    fields = drafts.state(page.shop, visit=visit, now=now).fields
    try:
        with transaction.atomic():
            test_sends.send_to_self(page.shop, fields, user=page.user, now=now)
            transaction.on_commit(lambda: wake(dispatch_messages))
    except TestRefused as refused:
        sent, words = False, refused.message
    else:
        sent, words = True, "보냈어요. 잠시 뒤 사장님 휴대폰에 와요."
    if wants_json(request):
        left = test_sends.left_today(page.shop, page.user, now)
        return JsonResponse({"sent": sent, "message": words, "left": left})
    (messages.success if sent else messages.error)(request, words)
    return redirect(editor_url(page, visit, edit="test"))


def _moment(day: str, hour: str) -> datetime | None:
    """That hour of that KST day, None when it is none."""
    try:
        return datetime.combine(date.fromisoformat(day), time(int(hour)), KST)
    except (ValueError, OverflowError):
        return None
