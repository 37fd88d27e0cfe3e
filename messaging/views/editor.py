"""The promo editor: the phone is the page, and every part of it that can be changed opens one question.

Without JavaScript the parts are links (`?edit=headline`) to the page with that question open, and its form saves and comes
back; the scripts in static/js/editor only make the same things happen at once.
"""

import json
import re
import uuid
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_POST, require_safe

from messaging import promos
from messaging.editor import drafts, publications, test_sends
from messaging.editor.drafts import Saved
from messaging.editor.fields import DraftFields, of_version
from messaging.editor.pictures import DRAWN, drawn_design, stored_picture
from messaging.models import PromoVersion
from messaging.pictures.designs import Layout
from messaging.pictures_store import small_drawing
from messaging.preview import Handset
from messaging.small_pictures import SMALL
from messaging.template_texts import suggestions
from messaging.views.editor_conflicts import shown_conflicts
from messaging.views.editor_parts import THUMBNAIL, drawn_url, look_of, typed_fields
from messaging.views.editor_sheets import (
    FIXED,
    KINDS,
    QUESTIONS,
    SENDING_SHEETS,
    SHEETS,
    quick_periods,
    values_of,
)
from messaging.views.media import small_url
from messaging.views.pages import ShopPage, open_page
from shopmsg.accounts.access import owner_required
from shopmsg.accounts.models import Shop
from shopmsg.core.clock import kst_day
from shopmsg.core.ksic import UnknownIndustry

HANDSETS: Final = tuple((handset.value, handset.label) for handset in Handset)
SCHEMES: Final = (("light", "밝게"), ("dark", "어둡게"))
#: Hours at which a publication can be scheduled, KST.
_HOURS: Final = tuple(
    (hour, f"{'오전' if hour < 12 else '오후'} {(hour - 1) % 12 + 1}시") for hour in range(24)
)
_UPLOADED: Final = re.compile(r"stored:[0-9]{1,18}")


@never_cache
@owner_required
@require_safe
def editor(request: HttpRequest, slug: str) -> HttpResponse:
    """The page; who may only look sees what goes out."""
    page = open_page(request, slug)
    now = timezone.now()
    if not page.can_edit:
        return _look_only(request, page, now)
    drafts.open_draft(page.shop, by=page.user, now=now)
    visit = visit_of(request.GET.get("visit", ""))
    saved = drafts.state(page.shop, visit=visit, now=now)
    wanted = request.GET.get("edit", "")
    context = page.context(
        "promo",
        **_page_of(page, saved, request, visit, now),
        **publication_context(page.shop, now),
        **sheets_context(page.shop, saved.fields, now, uploaded=request.GET.get("picture", "")),
        visit=visit,
        picture_next=f"{request.path}?{urlencode({'edit': 'picture', 'visit': visit})}",
        editing=wanted if wanted in SHEETS and not (page.delegation and wanted in SENDING_SHEETS) else "",
        left_today=test_sends.left_today(page.shop, page.user, now),
    )
    return render(request, "messaging/owner/editor/page.html", context)


@never_cache
@owner_required
@require_POST
def preview(request: HttpRequest, slug: str) -> HttpResponse:
    """The phone for what the page's controls hold at this moment. Nothing is kept."""
    page = open_page(request, slug, edit=True)
    visit = visit_of(request.POST.get("visit", ""))
    look = look_of(
        page.shop,
        typed_fields(request.POST),
        now=timezone.now(),
        handset=request.POST.get("handset", ""),
        scheme=request.POST.get("scheme", ""),
        visit=visit,
    )
    context = {"shop": page.shop, "look": look, "visit": visit}
    return render(request, "messaging/owner/editor/_look.html", context)


@owner_required
@require_safe
@cache_control(private=True, max_age=3600)
def design(request: HttpRequest, slug: str) -> HttpResponse:
    """One of the drawn designs with the words typed so far, as WebP."""
    page = open_page(request, slug)
    layout, width = request.GET.get("layout", ""), request.GET.get("width", "")
    if layout not in map(str, map(int, Layout)) or width not in (str(THUMBNAIL), str(SMALL)):
        raise Http404
    fields = typed_fields(request.GET)
    try:
        drawn = drawn_design(
            page.shop, replace(fields, headline=fields.headline[:60], picture=f"{DRAWN}{layout}")
        )
    except UnknownIndustry:
        raise Http404 from None
    return HttpResponse(small_drawing(drawn, int(width)), content_type="image/webp")


def visit_of(given: str) -> str:
    """One opening of the editor on one device: what the page was told, or a new one."""
    fits = len(given) == 32 and given.isascii() and given.isalnum()
    return given if fits else uuid.uuid4().hex


def publication_context(shop: Shop, now: datetime) -> dict[str, Any]:
    """What waits to go out, what has just gone out and can be called back, and what is live."""
    waiting = publications.waiting(shop)
    recent = publications.recent(shop, now) if waiting is None else None
    live = promos.live(shop)
    return {
        "now": now,
        "waiting": waiting,
        "soon": waiting is not None and waiting.due_at - now <= publications.HOLD,
        "recent": recent,
        "recent_until": recent.finished_at + publications.HOLD if recent and recent.finished_at else None,
        "live": live,
    }


def sheets_context(shop: Shop, fields: DraftFields, now: datetime, *, uploaded: str = "") -> dict[str, Any]:
    """What the questions begin with. `uploaded`: the picture a plain form has just brought, to be chosen."""
    today = kst_day(now)
    values = values_of(fields)
    return {
        "values": values,
        "values_json": json.dumps(values, ensure_ascii=False),
        "questions": [(question, values[question.field]) for question in QUESTIONS],
        "fixed": FIXED,
        "suggestions": _suggestions(shop),
        "kinds": KINDS,
        "quick_periods": quick_periods(today),
        "pictures": _pictures(shop, fields, uploaded),
        "tomorrow": today + timedelta(days=1),
        "last_day": today + publications.FARTHEST,
        "today": today,
        "hours_of_day": _HOURS,
    }


def _page_of(page: ShopPage, saved: Saved, request: HttpRequest, visit: str, now: datetime) -> dict[str, Any]:
    handset, scheme = request.GET.get("handset", ""), request.GET.get("scheme", "")
    look = look_of(page.shop, saved.fields, now=now, handset=handset, scheme=scheme, visit=visit)
    return {
        "saved": saved,
        "look": look,
        "conflicts": shown_conflicts(saved, visit),
        "handsets": HANDSETS,
        "schemes": SCHEMES,
    }


def _look_only(request: HttpRequest, page: ShopPage, now: datetime) -> HttpResponse:
    version: PromoVersion | None = promos.current(page.shop, kst_day(now))
    look = None
    if version is not None:
        picture = small_url(version.picture) if version.picture else ""
        look = look_of(
            page.shop,
            of_version(version),
            now=now,
            handset=request.GET.get("handset", ""),
            scheme=request.GET.get("scheme", ""),
            editable=False,
            picture_url=picture,
        )
    context = page.context("promo", look=look, handsets=HANDSETS, schemes=SCHEMES, version=version)
    return render(request, "messaging/owner/editor/look.html", context)


def _suggestions(shop: Shop) -> tuple[str, ...]:
    """Benefits shops of this trade give, to be taken in one tap."""
    try:
        return suggestions(shop.ksic)
    except UnknownIndustry:
        return ()


def _pictures(shop: Shop, fields: DraftFields, uploaded: str) -> list[dict[str, Any]]:
    """The pictures to choose from: the shop's own first, then the drawn ones."""
    found = []
    chosen = uploaded if _UPLOADED.fullmatch(uploaded) else fields.picture
    stored = stored_picture(shop, chosen)
    if stored is not None:
        found.append(("stored", chosen, "지금 그림", small_url(stored)))
    for layout in Layout:
        url = drawn_url(shop, fields, int(layout), THUMBNAIL)
        found.append((str(int(layout)), f"{DRAWN}{int(layout)}", f"그림 {int(layout) + 1}", url))
    found.append(("none", "none", "그림 없이", ""))
    return [
        {"key": key, "value": value, "label": label, "url": url, "chosen": value == chosen}
        for key, value, label, url in found
    ]
