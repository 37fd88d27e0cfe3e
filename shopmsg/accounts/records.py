"""The record tables under /admin/: Unfold behind our staff login, with a Content-Security-Policy of its own."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Final, TypeVar, cast

from csp.constants import SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from unfold.sites import UnfoldAdminSite

from shopmsg.accounts.access import otp_verified, staff_required
from shopmsg.accounts.enums import Role
from shopmsg.accounts.models import User

# Unfold's Alpine.js evaluates expressions, and its pages carry inline styles (design.md §6).
_POLICY: Final = {"script-src": [SELF, UNSAFE_EVAL], "style-src": [SELF, UNSAFE_INLINE]}


_View = TypeVar("_View", bound=Callable[..., HttpResponseBase])


class RecordSite(UnfoldAdminSite):
    """For admins whose session was opened with a TOTP; everybody else gets 404 or the staff login."""

    def has_permission(self, request: HttpRequest) -> bool:
        user = request.user
        return isinstance(user, User) and user.is_active and user.role == Role.ADMIN and otp_verified(request)

    def admin_view(self, view: _View, cacheable: bool = False) -> _View:
        inner = cast(Callable[..., HttpResponse], super().admin_view(view, cacheable))
        guarded = staff_required(Role.ADMIN)(inner)

        @wraps(guarded)
        def own_policy(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            response = guarded(request, *args, **kwargs)
            response._csp_replace = _POLICY  # type: ignore[attr-defined]  # read by django-csp's middleware
            return response

        return cast(_View, own_policy)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        wanted = request.GET.get("next", "")
        return redirect_to_login(wanted or reverse("admin:index"), reverse("accounts:staff_login"))
