"""Keeping what an agent types, field by field, and telling the page what follows from it."""

from collections.abc import Mapping
from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from eligibility import applications, conflicts, drafting, form, registry_checks
from eligibility.errors import ApplicationRefused
from eligibility.form import LABELS
from eligibility.form_log import Edit
from eligibility.models import Application
from eligibility.views.access import application_or_404
from eligibility.views.desk import DESK_ROLES, visit_of
from eligibility.views.desk_fields import ASKED
from eligibility.views.desk_parts import answer_of, desk_of, phone_of, stamp_of
from shopmsg.accounts import audit
from shopmsg.accounts.access import staff_required, user_of
from shopmsg.core import ksic
from shopmsg.core.keys import number_in

_LARGEST_REVISION: Final = 2**31 - 1
#: What a field says of its shop while nothing is saved yet (drafting.shop_of).
_SHOP_COLUMNS: Final = (
    ("name", "shop_name"), ("ksic", "ksic"), ("product", "product"), ("address", "address"), ("hours", "hours"),
)  # fmt: skip


@never_cache
@staff_required(*DESK_ROLES)
@require_POST
def save(request: HttpRequest, pk: int) -> HttpResponse:
    """The fields that changed, each with the revision its page had last seen (`base.<field>`, or `base` for all)."""
    application = application_or_404(request, pk)
    try:
        keep(request, application)
    except ApplicationRefused as refused:
        return answer(request, pk, said=refused.message, tone="failed")
    return answer(request, pk)


@never_cache
@staff_required(*DESK_ROLES)
@require_POST
def registry(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the tax office about the number; it has two seconds, and nobody waits for it with typing."""
    application = application_or_404(request, pk)
    if not wants_json(request):
        try:
            keep(request, application)
        except ApplicationRefused as refused:
            return answer(request, pk, said=refused.message, tone="failed")
        application = application_or_404(request, pk)
    registry_checks.check_now(application, timezone.now())
    return answer(request, pk)


@never_cache
@staff_required(*DESK_ROLES)
@require_safe
def state(request: HttpRequest, pk: int) -> HttpResponse:
    """What others did meanwhile; 204 when it is what the page has seen (`stamp`)."""
    application = application_or_404(request, pk)
    visit = visit_of(request.GET.get("visit", ""))
    now = timezone.now()
    if request.GET.get("stamp") == stamp_of(application, me=user_of(request), visit=visit, now=now):
        return HttpResponse(status=204)
    return JsonResponse(answer_of(request, desk_of(application, me=user_of(request), visit=visit, now=now)))


@never_cache
@staff_required(*DESK_ROLES)
@require_POST
def choose(request: HttpRequest, pk: int) -> HttpResponse:
    """One of two texts for a field: `side` is "mine" for the one that was set aside."""
    application_or_404(request, pk)
    given = request.POST.get("change", "")
    change = number_in(given) or 0
    try:
        conflicts.choose(
            pk,
            change,
            mine=request.POST.get("side") == "mine",
            by=user_of(request),
            address=audit.address_of(request),
            now=timezone.now(),
        )
    except ApplicationRefused as refused:
        return answer(request, pk, said=refused.message, tone="failed")
    return answer(request, pk)


@never_cache
@staff_required(*DESK_ROLES)
@require_POST
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """The phone as it is typed this moment; nothing is written."""
    application = application_or_404(request, pk)
    now = timezone.now()
    held = drafting.current_fields(application, now)
    by_hand = bool(
        application.shop_id and application.draft_made and held.to_json() != application.draft_made
    )
    picture = phone_of(application, held, now)
    typed = {**application.form, **_typed(request.POST)}
    for name, value in form.columns(form.read(typed).values).items():
        setattr(application, name, value)
    if application.shop is not None:
        for column, name in _SHOP_COLUMNS:
            setattr(application.shop, column, getattr(application, name))
    fields = held if by_hand else drafting.fields_of(application, now)
    # The picture is drawn from what is saved, and follows with the save.
    phone = drafting.phone_for(application, fields, now=now, picture_url=picture.picture_url)
    return render(request, "eligibility/desk/_phone.html", {"phone": phone})


@never_cache
@staff_required(*DESK_ROLES)
@require_safe
def trades(request: HttpRequest) -> HttpResponse:
    """The trades somebody may mean by `q`, as options of the combobox; one that may not join is named with why."""
    query = request.GET.get("q", "")[:100]
    context = {"found": ksic.search(query, 8), "other": ksic.not_eligible(query), "query": query.strip()}
    return render(request, "eligibility/desk/_trades.html", context)


def keep(request: HttpRequest, application: Application) -> None:
    """Save what the request carries: single fields from the scripts, or the whole form as a browser sends it. Raises
    ApplicationRefused as applications.save."""
    typed = _typed(request.POST)
    if not typed:
        return
    base = _revision(request.POST.get("base", ""))
    if "whole" in request.POST:
        typed = _touched(application, typed, base)
    edits = [
        Edit(field, value, _revision(request.POST.get(f"base.{field}", str(base))))
        for field, value in typed.items()
    ]
    applications.save(
        application.pk,
        edits,
        visit=visit_of(request.POST.get("visit", "")),
        by=user_of(request),
        address=audit.address_of(request),
        now=timezone.now(),
    )


def answer(request: HttpRequest, pk: int, *, said: str = "", tone: str = "") -> HttpResponse:
    """The application as it is now: as JSON for the scripts, as the page again for forms."""
    if wants_json(request):
        application = application_or_404(request, pk)
        desk = desk_of(
            application,
            me=user_of(request),
            visit=visit_of(request.POST.get("visit", "")),
            now=timezone.now(),
        )
        return JsonResponse(answer_of(request, desk, said=said, tone=tone))
    if said:
        (messages.error if tone == "failed" else messages.success)(request, said)
    return redirect("eligibility:desk_call", pk)


def wants_json(request: HttpRequest) -> bool:
    """Whether one of the desk's scripts asks, and not a form."""
    return request.headers.get("Accept", "").startswith("application/json")


def _typed(data: QueryDict) -> dict[str, str]:
    """The fields that came along, a group of boxes as one text; browsers send line ends as CR LF."""
    whole = "whole" in data
    typed: dict[str, str] = {}
    for field in LABELS:
        if ASKED[field].look in ("check", "checks") and (whole or field in data):
            typed[field] = ",".join(filter(None, data.getlist(field)))
        elif field in data:
            typed[field] = data.get(field, "").replace("\r\n", "\n")
    return typed


def _touched(application: Application, typed: Mapping[str, str], base: int) -> dict[str, str]:
    """Only what somebody changed on a page without scripts: not what it showed, nor an answer nobody has given."""
    held = conflicts.value_at(application, base, tuple(typed))
    return {
        field: value
        for field, value in typed.items()
        if value != held[field] and not (not held[field] and value == ASKED[field].default)
    }


def _revision(given: str) -> int:
    """A revision; whatever is none is the oldest, so that nothing is overwritten unseen."""
    fits = given.isascii() and given.isdecimal() and len(given) <= 10
    return min(int(given), _LARGEST_REVISION) if fits else 0
