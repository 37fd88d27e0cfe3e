"""사진 올리기: a shop's own picture, from a script with its progress or from a plain form.

Every answer to a script is JSON, every refusal one sentence. The body is always read to its end before the answer: a
browser that is cut off while it still sends shows its own error instead of ours.
"""

import contextlib
import logging
from http import HTTPStatus
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.http.request import UnreadablePostError
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST

from messaging.models import Picture
from messaging.pictures.framing import WHOLE, Crop, Shape
from messaging.pictures.sanitize import MAX_BRIGHTNESS, PictureRefused, RefusalCode, sanitize_upload
from messaging.pictures_store import store
from messaging.views.media import small_url
from messaging.views.pages import open_page
from shopmsg.accounts.access import MayOnlyLook

log = logging.getLogger(__name__)

_CROP: Final = ("crop_x", "crop_y", "crop_w", "crop_h")
_STATUSES: Final = {
    "logged_out": HTTPStatus.UNAUTHORIZED,
    "may_only_look": HTTPStatus.FORBIDDEN,
    "not_found": HTTPStatus.NOT_FOUND,
    "interrupted": HTTPStatus.BAD_REQUEST,
    "no_file": HTTPStatus.BAD_REQUEST,
    "bad_number": HTTPStatus.BAD_REQUEST,
    "storage_down": HTTPStatus.SERVICE_UNAVAILABLE,
    RefusalCode.BUSY: HTTPStatus.SERVICE_UNAVAILABLE,
    RefusalCode.TOO_MANY_BYTES: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
}


# The body is read here, before the CSRF check would read it and fail with a page of its own.
@csrf_exempt
@never_cache
@require_POST
def picture_upload(request: HttpRequest, slug: str) -> HttpResponse:
    """Keep `upload`, framed by `shape` ("message", "photo"), `crop_x`, `crop_y`, `crop_w`, `crop_h` (fractions of the
    upright picture, all or none) and `brightness` (-50 to 50).

    JSON for a script: {"value": "stored:<id>", "url", "width", "height"}, or {"error": {"code", "message"}}. For a
    plain form: back to `next`, with `picture=stored:<id>` added, or with why not.
    """
    if not request.user.is_authenticated:
        _read_to_the_end(request)
        if _from_script(request):
            return _error("logged_out", "로그인한 지 오래되었어요. 다시 로그인하면 이어서 할 수 있어요.")
        return redirect_to_login(reverse("messaging:promo", args=[slug]), reverse("accounts:login"))
    try:
        request.FILES.get("upload")  # parses the body
    except (MultiPartParserError, UnreadablePostError, SuspiciousOperation, BadRequest):
        _read_to_the_end(request)
        return _refused(
            request, slug, "interrupted", "사진이 올라오다가 끊겼어요. 인터넷을 확인하고 다시 올려 주세요."
        )
    return _upload(request, slug)


@csrf_protect
def _upload(request: HttpRequest, slug: str) -> HttpResponse:
    try:
        page = open_page(request, slug, edit=True)
    except (MayOnlyLook, Http404) as error:
        if not _from_script(request):
            raise
        if isinstance(error, MayOnlyLook):
            return _error("may_only_look", error.message)
        return _error("not_found", "이 가게를 찾을 수 없어요. 첫 화면에서 가게를 다시 골라 주세요.")
    upload = request.FILES.get("upload")
    if upload is None:
        return _refused(request, slug, "no_file", "사진이 없어요. 올릴 사진을 골라 주세요.")
    try:
        shape, crop, brightness = _framing(request)
        made = sanitize_upload(upload, shape=shape, crop=crop, brightness=brightness)
        picture = store(page.shop, made.jpeg, made.width, made.height, made.sha256)
    except PictureRefused as refused:
        return _refused(request, slug, refused.code, refused.message)
    except ValueError:
        return _refused(
            request, slug, "bad_number", "사진을 맞춘 값을 알 수 없어요. 사진을 다시 골라 올려 주세요."
        )
    except OSError:
        log.exception("picture not stored")
        return _refused(
            request, slug, "storage_down", "지금은 사진을 보관할 수 없어요. 잠시 뒤에 다시 올려 주세요."
        )
    return _kept(request, slug, picture)


def _framing(request: HttpRequest) -> tuple[Shape, Crop, int]:
    """Shape, crop and brightness as asked for; raises ValueError."""
    typed = request.POST
    shape = Shape(typed.get("shape") or Shape.MESSAGE)
    corners = [float(typed[name]) for name in _CROP if typed.get(name)]
    if len(corners) not in (0, len(_CROP)):
        raise ValueError("a crop is four numbers")
    brightness = int(typed.get("brightness") or 0)
    if abs(brightness) > MAX_BRIGHTNESS:
        raise ValueError("brightness out of range")
    return shape, Crop(*corners) if corners else WHOLE, brightness


def _kept(request: HttpRequest, slug: str, picture: Picture) -> HttpResponse:
    value = f"stored:{picture.pk}"
    if _from_script(request):
        return JsonResponse(
            {"value": value, "url": small_url(picture), "width": picture.width, "height": picture.height}
        )
    messages.success(request, "사진을 올렸어요.")
    parts = urlsplit(_next(request, slug))
    query = [pair for pair in parse_qsl(parts.query) if pair[0] != "picture"]
    return HttpResponseRedirect(urlunsplit(parts._replace(query=urlencode([*query, ("picture", value)]))))


def _refused(request: HttpRequest, slug: str, code: str, message: str) -> HttpResponse:
    if _from_script(request):
        return _error(code, message)
    messages.error(request, message)
    return HttpResponseRedirect(_next(request, slug))


def _error(code: str, message: str) -> JsonResponse:
    status = _STATUSES.get(code, HTTPStatus.UNPROCESSABLE_ENTITY)
    return JsonResponse({"error": {"code": code, "message": message}}, status=status)


def _next(request: HttpRequest, slug: str) -> str:
    """Where the form stands: an address of ours, or the shop's promo."""
    asked = request.POST.get("next", "")
    if asked.startswith("/") and url_has_allowed_host_and_scheme(asked, None):
        return asked
    return reverse("messaging:promo", args=[slug])


def _from_script(request: HttpRequest) -> bool:
    return request.get_preferred_type(["text/html", "application/json"]) == "application/json"


def _read_to_the_end(request: HttpRequest) -> None:
    """Throw the rest of the body away; a line that breaks meanwhile is nobody's trouble any more."""
    with contextlib.suppress(OSError):
        while request.read(65_536):
            pass
