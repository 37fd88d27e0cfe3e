"""Who may see what: the one helper for a shop's pages, and the doors of owner and staff pages."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from shopmsg.accounts.enums import Role
from shopmsg.accounts.models import Shop, User

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def shop_or_404(user: User, slug: str, *, edit: bool = False) -> Shop:
    """The shop as this person may see it, or with `edit` change it. Raises Http404 for everybody else: a stranger
    learns nothing, not even that the shop exists."""
    shops = Shop.objects.editable_by(user) if edit else Shop.objects.visible_to(user)
    return get_object_or_404(shops, slug=slug)


def user_of(request: HttpRequest) -> User:
    """Who is logged in; raises PermissionDenied when nobody is."""
    if isinstance(request.user, User):
        return request.user
    raise PermissionDenied


def otp_verified(request: HttpRequest) -> bool:
    """Whether this session was opened with a TOTP."""
    return getattr(request.user, "otp_device", None) is not None


def owner_required(view: View[P]) -> View[P]:
    """Only for who is logged in; others log in first. Which shop they may see is `shop_or_404`'s answer."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path(), reverse("accounts:login"))
        return view(request, *args, **kwargs)

    return guarded


def staff_required(*roles: Role) -> Callable[[View[P]], View[P]]:
    """Only for staff of these roles (none named: any staff) whose session was opened with a TOTP.

    Anonymous people and sessions without a TOTP are sent to the staff login; an owner, and staff of another role,
    get 404.
    """

    def door(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            user = request.user
            if isinstance(user, User) and not (user.is_staff and (not roles or user.role in roles)):
                raise Http404
            if not user.is_authenticated or not otp_verified(request):
                return redirect_to_login(request.get_full_path(), reverse("accounts:staff_login"))
            return view(request, *args, **kwargs)

        return guarded

    return door
