"""요금, 가게 찾기 (agents and admins)."""

from typing import Final
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from billing.queries import shops
from shopmsg.accounts import kept_words
from shopmsg.accounts.access import staff_required
from shopmsg.accounts.enums import Role
from shopmsg.core.clock import kst_day

_DRAWER: Final = "account_searches"
_LONGEST: Final = 60


@never_cache
@staff_required(Role.AGENT, Role.ADMIN)
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """Every shop with a contract, or those that were searched for (POST `words`, then `?q=` a word that stands for it)."""
    if request.method == "POST":
        words = request.POST.get("words", "").replace("\x00", "").strip()[:_LONGEST]
        query = urlencode({"q": kept_words.keep(request, _DRAWER, words)}) if words else ""
        return redirect(f"{reverse('billing:shops')}?{query}".rstrip("?"))
    key, before = request.GET.get("q", ""), request.GET.get("before", "")
    words = kept_words.kept(request, _DRAWER, key)
    listed = shops.page(words, before, kst_day(timezone.now()))
    kept = {"q": key} if words else {}
    context = {
        "rows": listed.rows,
        "words": words,
        "first_url": f"?{urlencode(kept)}" if before else "",
        "older_url": f"?{urlencode({**kept, 'before': listed.older})}" if listed.older else "",
    }
    return render(request, "billing/staff/shops.html", context)
