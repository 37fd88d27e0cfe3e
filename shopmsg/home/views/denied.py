"""403: who is known but may not, told in the form the request can show."""

from typing import Final

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse

from shopmsg.accounts.access import MayOnlyLook

_OTHERWISE: Final = "로그인한 분의 권한으로는 열 수 없어요. 다른 번호로 로그인하거나 도움 전화로 알려 주세요."


def denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """A page with a way back; for a part of a page one notice; for a script {"error": {"code", "message"}}."""
    known = isinstance(exception, MayOnlyLook)
    message = exception.message if isinstance(exception, MayOnlyLook) else _OTHERWISE
    if request.headers.get("HX-Request") == "true":
        return render(request, "components/notice.html", {"tone": "error", "text": message}, status=403)
    if request.get_preferred_type(["text/html", "application/json"]) == "application/json":
        return JsonResponse(
            {"error": {"code": "may_only_look" if known else "denied", "message": message}}, status=403
        )
    return render(
        request, "403.html", {"message": message, "known": known, "back": _back(request)}, status=403
    )


def _back(request: HttpRequest) -> str:
    """The first page of the shop the request was about, or of the portal."""
    slug = request.resolver_match.kwargs.get("slug") if request.resolver_match else None
    return reverse("home:today", args=[slug]) if slug else "/"
