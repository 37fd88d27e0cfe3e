"""The internal page that shows every component with its states."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from shopmsg.accounts.access import staff_required
from shopmsg.home.specimens import specimens


@never_cache
@staff_required()
@require_safe
def styleguide(request: HttpRequest) -> HttpResponse:
    """화면 부품: whoever makes a page looks here first. It shows made-up shops only."""
    return render(request, "home/styleguide.html", specimens(timezone.now()))
