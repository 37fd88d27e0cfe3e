"""What the staff's pages begin with: the application as this person may see it, and its draft's picture."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone

from eligibility import drafting
from eligibility.models import Application
from shopmsg.accounts.access import user_of


def application_or_404(request: HttpRequest, pk: int) -> Application:
    """The application, for who may see it."""
    visible = Application.objects.visible_to(user_of(request))
    rows = visible.select_related("shop__merchant", "dealership", "owner", "created_by")
    return get_object_or_404(rows, pk=pk)


def draft_picture(application: Application) -> HttpResponse:
    """The draft's picture as WebP; raises Http404 for a draft without one."""
    drawn = drafting.picture_webp(application, drafting.current_fields(application, timezone.now()))
    if drawn is None:
        raise Http404
    return HttpResponse(drawn, content_type="image/webp")
