"""Opening and closing sessions: how long each kind of person stays logged in."""

from datetime import datetime, timedelta
from typing import Final

import django_otp
from django.contrib.auth import login as open_session
from django.db.models import F
from django.http import HttpRequest
from django_otp.plugins.otp_totp.models import TOTPDevice

from shopmsg.accounts import audit
from shopmsg.accounts.models import User

REMEMBERED: Final = timedelta(days=30)
STAFF: Final = timedelta(hours=8)
_BACKEND: Final = "django.contrib.auth.backends.ModelBackend"


def begin_owner(request: HttpRequest, user: User, *, remember: bool, now: datetime) -> None:
    """Log an owner in: on this phone for 30 days, or until the browser is closed."""
    _begin(request, user)
    request.session.set_expiry(now + REMEMBERED if remember else 0)
    audit.record("login.owner", actor=user, address=audit.address_of(request))


def begin_staff(request: HttpRequest, user: User, device: TOTPDevice, *, now: datetime) -> None:
    """Log a staff member in for one working day of eight hours, as verified by this TOTP device."""
    _begin(request, user)
    django_otp.login(request, device)
    request.session.set_expiry(now + STAFF)
    audit.record("login.staff", actor=user, address=audit.address_of(request))


def end_all(user: User) -> None:
    """Every session of this user, on every device, is over."""
    User.objects.filter(pk=user.pk).update(session_epoch=F("session_epoch") + 1)


def _begin(request: HttpRequest, user: User) -> None:
    # Nothing of an earlier session goes along, and its key is worthless from here on.
    request.session.flush()
    open_session(request, user, backend=_BACKEND)
