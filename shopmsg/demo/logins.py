"""One-click logins: everybody in the demo, as a list of buttons."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods
from django_otp.plugins.otp_totp.models import TOTPDevice

from shopmsg.accounts import sessions
from shopmsg.accounts.models import Membership, User
from shopmsg.demo.people import PEOPLE


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: HttpRequest) -> HttpResponse:
    """The people to be; POST `mobile` of one of them logs in as that person."""
    users = User.objects.filter(mobile__in=[person.mobile for person in PEOPLE], is_active=True)
    if request.method == "POST":
        mobile = request.POST.get("mobile", "")
        user = next((user for user in users if user.mobile == mobile), None)
        if user is None:
            raise Http404
        return _begin(request, user)
    places = {
        membership.user_id: f"{membership.shop.name} · {membership.get_role_display()}"
        for membership in Membership.objects.filter(user__in=users).select_related("shop")
    }
    people = [
        (user, places.get(user.pk) or _of_us(user))
        for user in users.select_related("dealership").order_by("mobile")
    ]
    return render(request, "demo/logins.html", {"people": people})


def _of_us(user: User) -> str:
    role = user.get_role_display()
    return f"{user.dealership.name} · {role}" if user.dealership else role


def _begin(request: HttpRequest, user: User) -> HttpResponse:
    now = timezone.now()
    if not user.is_staff:
        sessions.begin_owner(request, user, remember=False, now=now)
    else:
        device = TOTPDevice.objects.filter(user=user, confirmed=True).first()
        if device is None:
            raise Http404
        sessions.begin_staff(request, user, device, now=now)
    return redirect(resolve_url("home:start"))
