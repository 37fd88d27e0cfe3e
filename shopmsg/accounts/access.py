"""Who may see what: the one helper for a shop's pages, and the doors of owner and staff pages."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, Final, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from shopmsg.accounts.enums import MemberRole, Role
from shopmsg.accounts.models import Shop, User

P = ParamSpec("P")
#: Who may change a shop; who else is a member may look.
EDITING_ROLES: Final = frozenset({MemberRole.OWNER, MemberRole.EDITOR})
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


class MayOnlyLook(PermissionDenied):
    """A member of the shop wants what their right does not reach (issue 3: "403 with a sentence"). `message` says
    who can change it."""

    def __init__(self, message: str = "보기만 할 수 있어요. 바꾸려면 사장님께 말씀해 주세요.") -> None:
        super().__init__(message)
        self.message = message


def shop_or_404(user: User, slug: str, *, edit: bool = False) -> Shop:
    """The shop as this person may see it, or with `edit` change it.

    Raises MayOnlyLook for a member who may not change it, and Http404 for everybody else: a stranger learns nothing,
    not even that the shop exists.
    """
    visible = Shop.objects.visible_to(user)
    if not edit:
        return get_object_or_404(visible, slug=slug)
    shop = Shop.objects.editable_by(user).filter(slug=slug).first()
    if shop is not None:
        return shop
    get_object_or_404(visible, slug=slug)
    raise MayOnlyLook


def owned_shop_or_404(
    user: User,
    slug: str,
    *,
    otherwise: str = "함께 보는 사람은 사장님만 정할 수 있어요. 사장님께 말씀해 주세요.",
) -> Shop:
    """The shop whose people this person may decide about: an owner's. Raises MayOnlyLook with the sentence `otherwise`
    for other members, Http404 for everybody else."""
    shop = shop_or_404(user, slug)
    if not shop.memberships.filter(user=user, role=MemberRole.OWNER).exists():
        raise MayOnlyLook(otherwise)
    return shop


def shops_of(user: User) -> list[Shop]:
    """All shops this person may look at, by name, for the shop switcher and the start page; each with `my_role`, the
    MemberRole the person has there."""
    return list(Shop.objects.visible_to(user).annotate(my_role=F("memberships__role")).order_by("name", "pk"))


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
