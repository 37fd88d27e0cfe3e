"""Keeping what is typed into the editor: from its scripts as JSON, from its plain forms with a redirect back."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final, TypeAlias
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from messaging.editor import drafts
from messaging.editor.drafts import Edit, Saved
from messaging.editor.fields import FIELDS, FieldRefused, parse
from messaging.editor.kinds import brought_along
from messaging.editor.pictures import stored_picture
from messaging.views.delegated import write_down_draft
from messaging.views.editor import visit_of
from messaging.views.editor_conflicts import shown_conflicts
from messaging.views.editor_findings import swapped
from messaging.views.editor_sheets import LABELS, SHEETS, sheet_of, values_of
from messaging.views.media import small_url
from messaging.views.pages import ShopPage, open_page
from shopmsg.accounts.access import owner_required
from shopmsg.core.keys import number_in

_LARGEST_REVISION: Final = 2**31 - 1
_Refusals: TypeAlias = list[tuple[str, str, str]]


@never_cache
@owner_required
@require_POST
def save(request: HttpRequest, slug: str) -> HttpResponse:
    """Keep fields by their names. `base` is the revision the page had last seen, `base.<field>` that of one field;
    `visit` the opening of the page. `period` ("2026-11-22~2026-12-05", or "none") sets both days; `swap` replaces one
    character no phone shows, or "all" of them; another `kind` brings its words along. What cannot be kept is named in the answer, the rest is kept."""
    page = open_page(request, slug, edit=True)
    now = timezone.now()
    visit = visit_of(request.POST.get("visit", ""))
    data = request.POST.dict()
    if "swap" in data:
        current = drafts.state(page.shop, visit=visit, now=now)
        data["base"] = str(current.revision)
        for field, text in swapped(current.fields, data["swap"]).items():
            data[field] = text
    if "period" in data:
        starts_on, _, ends_on = data["period"].partition("~")
        data["starts_on"], data["ends_on"] = (starts_on, ends_on) if ends_on else ("", "")
    refusals: _Refusals = []
    edits = list(_edits(data, refusals))
    for kind in [edit for edit in edits if edit.field == "kind"]:
        along = brought_along(page.shop, kind, visit=visit, now=now)
        given = data.keys() | ({"starts_on", "ends_on"} if data.keys() & {"starts_on", "ends_on"} else set())
        edits += [edit for edit in along if edit.field not in given]
    saved = drafts.save(page.shop, edits, visit=visit, by=page.user, now=now)
    return _answer(request, page, saved, visit, refusals)


@never_cache
@owner_required
@require_POST
def undo(request: HttpRequest, slug: str) -> HttpResponse:
    """방금 것 되돌리기: this visit's newest step."""
    page = open_page(request, slug, edit=True)
    visit = visit_of(request.POST.get("visit", ""))
    saved = drafts.undo(page.shop, visit=visit, by=page.user, now=timezone.now())
    return _answer(request, page, saved, visit, [])


@never_cache
@owner_required
@require_POST
def choose(request: HttpRequest, slug: str) -> HttpResponse:
    """Settle a conflict: `side` "aside" takes what was set aside, anything else keeps the draft."""
    page = open_page(request, slug, edit=True)
    visit = visit_of(request.POST.get("visit", ""))
    now: datetime = timezone.now()
    edit_id = number_in(request.POST.get("edit_id", ""))
    if edit_id is None:
        saved = drafts.state(page.shop, visit=visit, now=now)
    else:
        mine = request.POST.get("side") == "aside"
        saved = drafts.choose(page.shop, edit_id, mine=mine, by=page.user, now=now, visit=visit)
    return _answer(request, page, saved, visit, [])


def editor_url(page: ShopPage, visit: str, **query: str) -> str:
    """The editor again, in the same visit."""
    return f"{reverse('messaging:promo', args=[page.shop.slug])}?{urlencode({**query, 'visit': visit})}"


def wants_json(request: HttpRequest) -> bool:
    """Whether one of the editor's scripts asks, and not a form."""
    return request.headers.get("Accept", "").startswith("application/json")


def _edits(data: dict[str, str], refusals: _Refusals) -> Iterator[Edit]:
    for field in FIELDS:
        if field not in data:
            continue
        try:
            value = parse(field, data[field])
        except FieldRefused as refused:
            refusals.append((field, refused.code, refused.message))
            continue
        yield Edit(field, value, _revision(data.get(f"base.{field}", data.get("base", ""))))


def _revision(given: str) -> int:
    """A revision; whatever is none is the oldest, so that nothing is overwritten unseen."""
    fits = given.isascii() and given.isdecimal() and len(given) <= 10
    return min(int(given), _LARGEST_REVISION) if fits else 0


def _answer(
    request: HttpRequest, page: ShopPage, saved: Saved, visit: str, refusals: _Refusals
) -> HttpResponse:
    write_down_draft(request, page.delegation)
    conflicts = shown_conflicts(saved, visit)
    if wants_json(request):
        html = render_to_string(
            "messaging/owner/editor/_conflicts.html",
            {"shop": page.shop, "conflicts": conflicts, "visit": visit},
            request,
        )
        stored = stored_picture(page.shop, saved.fields.picture)
        return JsonResponse(
            {
                "revision": saved.revision,
                "fields": values_of(saved.fields),
                "picture_url": small_url(stored) if stored is not None else "",
                "can_undo": saved.can_undo,
                "unpublished": saved.unpublished,
                "conflicts": [{"id": found.edit_id, "field": found.field} for found in conflicts],
                "conflicts_html": html,
                "refused": [
                    {"field": field, "code": code, "message": message} for field, code, message in refusals
                ],
            }
        )
    for field, _, message in refusals:
        messages.error(request, f"{LABELS[field]}: {message}")
    sheet = request.POST.get("sheet", "")
    if refusals:
        return redirect(editor_url(page, visit, edit=sheet_of(refusals[0][0])))
    again = request.POST.get("stay") and sheet in SHEETS
    return redirect(editor_url(page, visit, **({"edit": sheet} if again else {})))
