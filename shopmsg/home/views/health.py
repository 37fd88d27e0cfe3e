"""What machines ask: is this process alive, and is everything it needs there."""

from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from messaging import health


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """The process answers; nothing else is asked, so that a database restart does not restart the web."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when database, Redis, migrations and a worker are there; otherwise 503, with a word for each."""
    state = health.readiness(timezone.now())
    ready = all(word == "ok" for word in state.values())
    return JsonResponse(state, status=200 if ready else 503)
