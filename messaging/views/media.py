"""Promo pictures, by the hash of their content: public, because phones and the caller's page show them."""

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from messaging import picture_storage
from messaging.models import Picture
from messaging.small_pictures import small_picture

_FOR_GOOD = "public, max-age=31536000, immutable"


@require_safe
def picture(request: HttpRequest, sha256: str) -> HttpResponse:
    """The JPEG with this content. The route admits 64 hexadecimal digits and nothing else."""
    try:
        content = picture_storage.read(sha256)
    except FileNotFoundError:
        raise Http404 from None
    return HttpResponse(content, content_type="image/jpeg", headers={"Cache-Control": _FOR_GOOD})


@require_safe
def small(request: HttpRequest, sha256: str) -> HttpResponse:
    """The same picture at the size of our own pages, as WebP."""
    try:
        content = small_picture(sha256)
    except OSError:
        raise Http404 from None
    return HttpResponse(content, content_type="image/webp", headers={"Cache-Control": _FOR_GOOD})


def small_url(picture: Picture) -> str:
    """The address of a stored picture at the size of our own pages."""
    return reverse("messaging:picture_small", args=[picture.sha256])
