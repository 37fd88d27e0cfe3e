"""콘텐츠제작센터: the producers' list of what is to be made, sent again or still to be confirmed."""

from typing import Final
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from eligibility.models import Application
from eligibility.queries import production as queries
from eligibility.queries.production import PARTS
from eligibility.views import desk_search
from eligibility.views.production_parts import row_of
from shopmsg.accounts.access import staff_required, user_of
from shopmsg.accounts.enums import Role
from shopmsg.core.keys import number_in

PAGE: Final = 20
#: Who makes content.
PRODUCTION_ROLES: Final = (Role.PRODUCER, Role.ADMIN)


@never_cache
@staff_required(*PRODUCTION_ROLES)
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """The queue or a part of it (`?part=`), or what was searched for among everything received, however far it is
    (POST `words`, then `?q=` a word that stands for them)."""
    if request.method == "POST":
        words = request.POST.get("words", "").strip()[: desk_search.LONGEST]
        query = urlencode({"q": desk_search.keep(request, words)}) if words else ""
        return redirect(f"{reverse('eligibility:production')}?{query}".rstrip("?"))
    now = timezone.now()
    part = next((part for part in PARTS if part.key == request.GET.get("part")), PARTS[0])
    words = desk_search.kept(request, request.GET.get("q", ""))
    if words:
        received = Application.objects.visible_to(user_of(request)).filter(received_at__isnull=False)
        found = queries.in_order(received.filter(desk_search.matching(words)))
    else:
        found = queries.queue(part)
    page = min(max(number_in(request.GET.get("page", "")) or 1, 1), 10_000)
    first = (page - 1) * PAGE
    rows = list(found[first : first + PAGE + 1])
    at_work = queries.working(rows, now)
    kept = {"q": request.GET["q"]} if words else {"part": part.key}
    counts = queries.counts()
    context = {
        "part": part,
        "parts": [(each, counts[each.key]) for each in PARTS],
        "words": words,
        "rows": [row_of(row, at_work.get(row.shop_id or 0), now) for row in rows[:PAGE]],
        "before_url": f"?{urlencode({**kept, 'page': page - 1})}" if page > 1 else "",
        "after_url": f"?{urlencode({**kept, 'page': page + 1})}" if len(rows) > PAGE else "",
    }
    return render(request, "eligibility/production/index.html", context)
