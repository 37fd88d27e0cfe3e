"""지난 내용: every version of a shop's promo, what was different about it, and the ways back to it."""

import uuid
from typing import Any, Final
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from messaging import promos
from messaging.content import content_of
from messaging.editor import drafts, publications
from messaging.editor.compare import Parts, changes
from messaging.editor.fields import KIND_NAMES, of_version
from messaging.models import PromoVersion
from messaging.preview import Phone, phone_of
from messaging.promos import PromoRefused
from messaging.small_pictures import SMALL
from messaging.template_kinds import TemplateKind
from messaging.views.media import small_url
from messaging.views.pages import ShopPage, key_of, open_page
from shopmsg.accounts import audit
from shopmsg.accounts.access import owner_required
from shopmsg.accounts.models import Shop
from shopmsg.core.clock import kst_day
from shopmsg.core.text import clean

_PAGE: Final = 20
_LONGEST_SEARCH: Final = 40
_NUMBER_ENDS: Final = 2**31


@never_cache
@owner_required
@require_safe
def versions(request: HttpRequest, slug: str) -> HttpResponse:
    """The list, newest first. `?words=` finds those that say something, `?before=` is the page below a number."""
    page = open_page(request, slug)
    words = clean(request.GET.get("words", "")).replace("\x00", "").strip()[:_LONGEST_SEARCH]
    before = key_of(request)
    found = _versions_of(page.shop)
    for word in words.split():
        found = found.filter(Q(headline__icontains=word) | Q(body__icontains=word))
    if before is not None:
        found = found.filter(number__lt=min(before, _NUMBER_ENDS - 1))
    rows = list(found.order_by("-number")[: _PAGE + 1])
    kept = {"words": words} if words else {}
    waits = publications.waiting(page.shop)
    context = page.context(
        "promo",
        rows=[(version, KIND_NAMES[TemplateKind(version.kind)]) for version in rows[:_PAGE]],
        waiting=waits.version_id if waits is not None else None,
        words=words,
        first_url=f"?{urlencode(kept)}" if before is not None else "",
        older_url=f"?{urlencode({**kept, 'before': rows[_PAGE - 1].number})}" if len(rows) > _PAGE else "",
    )
    return render(request, "messaging/owner/versions.html", context)


@never_cache
@owner_required
@require_http_methods(["GET", "HEAD", "POST"])
def version(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """One version beside what goes out now. POST brings it back: `to=now` a minute later, otherwise into the editor."""
    page = open_page(request, slug, edit=request.method == "POST")
    found = get_object_or_404(_versions_of(page.shop), number=min(number, _NUMBER_ENDS - 1))
    if request.method == "POST":
        return _back_now(request, page, found) if request.POST.get("to") == "now" else _edit(page, found)
    return render(request, "messaging/owner/version.html", _compared(page, found))


def _back_now(request: HttpRequest, page: ShopPage, found: PromoVersion) -> HttpResponse:
    now = timezone.now()
    try:
        made = publications.publish_again(found, by=page.user, now=now, address=audit.address_of(request))
    except PromoRefused as refused:
        messages.error(request, refused.message)
        return redirect("messaging:version", page.shop.slug, found.number)
    # One that waits is shown by the editor, with its 취소.
    if made.finished_at is not None:
        messages.success(request, "되돌렸어요. 다음 통화부터 이 내용이 나가요.")
    return redirect("messaging:promo", page.shop.slug)


def _edit(page: ShopPage, found: PromoVersion) -> HttpResponse:
    """Into the draft, where it can be changed first; the visit goes along so that the editor can undo it."""
    visit = uuid.uuid4().hex
    drafts.replace(page.shop, of_version(found), visit=visit, by=page.user, now=timezone.now())
    return redirect(f"{reverse('messaging:promo', args=[page.shop.slug])}?{urlencode({'visit': visit})}")


def _compared(page: ShopPage, found: PromoVersion) -> dict[str, Any]:
    """The version and what it is compared with: what is live, or for the live one the version before it."""
    now = timezone.now()
    others = _versions_of(page.shop)
    beside = (
        others.filter(number__lt=found.number).order_by("-number").first()
        if found.live
        else others.filter(live=True).first()
    )
    earlier, later = (beside, found) if found.live else (found, beside)
    compared = earlier is not None and later is not None
    rows = changes(of_version(earlier), of_version(later)) if earlier and later else ()
    return page.context(
        "promo",
        version=found,
        kind=KIND_NAMES[TemplateKind(found.kind)],
        changes=[
            {"label": row.label, "before": _marked(row.before), "after": _marked(row.after)} for row in rows
        ],
        compared=compared,
        earlier=_phone(page.shop, earlier) if earlier else None,
        later=_phone(page.shop, later) if later else None,
        over=found.ends_on is not None and found.ends_on < kst_day(now),
    )


def _marked(parts: Parts) -> SafeString:
    return format_html_join(
        "", "{}", ((format_html("<mark>{}</mark>", text) if differs else text,) for text, differs in parts)
    )


def _phone(shop: Shop, shown: PromoVersion) -> Phone:
    """As callers get it today: with the shop's name, number and hours of now."""
    sender = promos.sender_of(shop)
    composed = promos.preview(content_of(shown), sender)
    picture = shown.picture
    return phone_of(
        composed,
        sender=sender.contact,
        now=timezone.now(),
        picture_url=small_url(picture) if picture is not None else "",
        picture_alt=f"{shown.headline} 그림",
        picture_size=(SMALL, SMALL * picture.height // picture.width) if picture is not None else (0, 0),
    )


def _versions_of(shop: Shop) -> QuerySet[PromoVersion]:
    return PromoVersion.objects.filter(shop=shop).select_related("shop", "picture", "created_by")
