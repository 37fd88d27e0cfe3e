"""Login pages of owners and staff. None of them needs JavaScript."""

import base64
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import logout as close_session
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from shopmsg.accounts import audit, login, sessions
from shopmsg.accounts.access import otp_verified
from shopmsg.accounts.errors import LoginRefused
from shopmsg.accounts.forms import CodeForm, MobileForm, StaffLoginForm
from shopmsg.accounts.models import User
from shopmsg.accounts.sealing import keyring
from shopmsg.core import phone
from shopmsg.core.crypto import CryptoError

_PENDING = "login_mobile"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def owner_login(request: HttpRequest) -> HttpResponse:
    """Step one: the mobile number. The same next page whoever's number it is."""
    if request.method != "POST" and request.user.is_authenticated:
        return redirect(_next(request))
    form = MobileForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        mobile = form.cleaned_data["mobile"]
        try:
            login.send_code(mobile, audit.address_of(request), timezone.now())
        except LoginRefused as refusal:
            return _refused(request, "accounts/login.html", form, refusal)
        # Sealed: a session row must not tell who tried to log in.
        request.session[_PENDING] = base64.b64encode(keyring().seal(mobile)).decode()
        return redirect(_with_next(request, "accounts:code"))
    return render(request, "accounts/login.html", {"form": form, "next": _next(request, default="")})


@never_cache
@sensitive_post_parameters("code")
@sensitive_variables("form")
@require_http_methods(["GET", "HEAD", "POST"])
def owner_code(request: HttpRequest) -> HttpResponse:
    """Step two: the six digits."""
    mobile = _pending_mobile(request)
    if mobile is None:
        return redirect(_with_next(request, "accounts:login"))
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        try:
            user = login.check_code(mobile, form.cleaned_data["code"], now)
        except LoginRefused as refusal:
            form.add_error("code", refusal.message)
        else:
            sessions.begin_owner(request, user, remember=form.cleaned_data["remember"], now=now)
            return redirect(_next(request))
    context = {
        "form": form,
        "mobile": phone.hyphenate(mobile),
        "sent_again": "again" in request.GET,
        "next": _next(request, default=""),
    }
    return render(request, "accounts/code.html", context)


@never_cache
@require_POST
def send_again(request: HttpRequest) -> HttpResponse:
    """Another code to the same number."""
    mobile = _pending_mobile(request)
    if mobile is None:
        return redirect(_with_next(request, "accounts:login"))
    try:
        login.send_code(mobile, audit.address_of(request), timezone.now())
    except LoginRefused as refusal:
        form = CodeForm()
        return _refused(request, "accounts/code.html", form, refusal, mobile=phone.hyphenate(mobile))
    return redirect(_with_next(request, "accounts:code", again="1"))


@require_POST
def log_out(request: HttpRequest) -> HttpResponse:
    close_session(request)
    return HttpResponseRedirect(resolve_url(settings.LOGOUT_REDIRECT_URL or "/"))


@never_cache
@sensitive_post_parameters("password", "totp")
@sensitive_variables("form", "password", "totp")
@require_http_methods(["GET", "HEAD", "POST"])
def staff_login(request: HttpRequest) -> HttpResponse:
    """Mobile number, password and TOTP, all at once: a refusal does not tell which was wrong."""
    if request.method != "POST" and isinstance(request.user, User) and otp_verified(request):
        return redirect(_next(request))
    form = StaffLoginForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        try:
            user, device = login.check_staff(
                form.cleaned_data["mobile"],
                form.cleaned_data["password"],
                form.cleaned_data["totp"],
                address=audit.address_of(request),
                now=now,
            )
        except LoginRefused as refusal:
            return _refused(request, "accounts/staff_login.html", form, refusal)
        sessions.begin_staff(request, user, device, now=now)
        return redirect(_next(request))
    return render(request, "accounts/staff_login.html", {"form": form, "next": _next(request, default="")})


def _refused(
    request: HttpRequest,
    template: str,
    form: MobileForm | CodeForm | StaffLoginForm,
    refusal: LoginRefused,
    **context: str,
) -> HttpResponse:
    """The page again with the refusal above its form."""
    status = 429 if refusal.code == "too_often" else 200
    context |= {"refusal": refusal.message, "next": _next(request, default="")}
    return render(request, template, {"form": form, **context}, status=status)


def _pending_mobile(request: HttpRequest) -> str | None:
    try:
        return keyring().open(base64.b64decode(request.session.get(_PENDING, "")))
    except (CryptoError, ValueError):
        return None


def _next(request: HttpRequest, *, default: str | None = None) -> str:
    """Where to go after logging in: `next` when it is a path of ours."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    if url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) and wanted.startswith("/"):
        return wanted
    return resolve_url(settings.LOGIN_REDIRECT_URL) if default is None else default


def _with_next(request: HttpRequest, view: str, **query: str) -> str:
    wanted = _next(request, default="")
    if wanted:
        query["next"] = wanted
    return reverse(view) + (f"?{urlencode(query)}" if query else "")
