"""상담: one screen on which an agent signs a shop up while talking (ux.md: four minutes, by keyboard alone).

Without JavaScript every button carries the whole form along, so that nothing typed is lost; the scripts in static/js/desk
make the same things happen at once.
"""

import json
import re
import uuid

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_POST, require_safe

from eligibility import applications
from eligibility.enums import Source
from eligibility.views.access import application_or_404, draft_picture
from eligibility.views.desk_fields import typed_values
from eligibility.views.desk_parts import context_of, desk_of, sections_of, stamp_of
from eligibility.views.documents import context_of as documents_context
from shopmsg.accounts import audit
from shopmsg.accounts.access import staff_required, user_of
from shopmsg.accounts.enums import Role

#: Who signs shops up.
DESK_ROLES = (Role.AGENT, Role.ADMIN)
#: The numbers people call; what comes in elsewhere begins elsewhere.
CALLED = {Source.CALL_100: "F2", Source.CALL_1588: "F4"}
_VISIT = re.compile(r"[0-9a-f]{32}")


def visit_of(given: str) -> str:
    """One open page: 32 hexadecimal digits; whatever is none begins another."""
    return given if _VISIT.fullmatch(given) else uuid.uuid4().hex


@never_cache
@staff_required(*DESK_ROLES)
@require_POST
def new(request: HttpRequest) -> HttpResponse:
    """새 상담: `source` is the number that was called."""
    if request.POST.get("source") not in CALLED:
        raise Http404
    made = applications.start(
        Source(request.POST["source"]),
        by=user_of(request),
        address=audit.address_of(request),
        now=timezone.now(),
    )
    return redirect("eligibility:desk_call", made.pk)


@never_cache
@staff_required(*DESK_ROLES)
@require_safe
def call(request: HttpRequest, pk: int) -> HttpResponse:
    """The screen."""
    application = application_or_404(request, pk)
    now = timezone.now()
    desk = desk_of(application, me=user_of(request), visit=uuid.uuid4().hex, now=now)
    context = {
        **documents_context(request, application),
        **context_of(desk),
        "sections": sections_of(desk),
        "known": json.dumps(typed_values(application.form), ensure_ascii=False),
        "held": json.dumps([each.field for each in desk.conflicts if each.visit == desk.visit]),
        "stamp": stamp_of(application, me=user_of(request), visit=desk.visit, now=now),
    }
    return render(request, "eligibility/desk/call.html", context)


@staff_required(*DESK_ROLES)
@require_safe
@cache_control(private=True, max_age=3600)
def picture(request: HttpRequest, pk: int) -> HttpResponse:
    """The draft's picture; its address changes with what is drawn."""
    return draft_picture(application_or_404(request, pk))
