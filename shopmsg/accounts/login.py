"""Who may in: six-digit codes for owners; mobile number, password and TOTP for staff."""

import logging
import secrets
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import F
from django.utils.crypto import constant_time_compare, salted_hmac
from django_otp import verify_token
from django_otp.plugins.otp_totp.models import TOTPDevice

from shopmsg.accounts import notices, throttle
from shopmsg.accounts.enums import NoticeKind, Role
from shopmsg.accounts.errors import LoginRefused
from shopmsg.accounts.models import LoginCode, User
from shopmsg.core import phone

log = logging.getLogger(__name__)

CODE_VALID: Final = timedelta(minutes=3)
CODE_KEPT: Final = timedelta(days=1)
_WRONG_CODE: Final = (
    "인증번호가 맞지 않거나 3분이 지났어요. 가장 나중에 온 번호를 넣거나 새 번호를 받아 주세요."
)
_WRONG_STAFF: Final = (
    "휴대폰 번호, 비밀번호, 인증 앱 숫자 가운데 맞지 않는 것이 있습니다. 확인 후 다시 입력해 주세요."
)


def send_code(mobile: str, address: str | None, now: datetime) -> None:
    """Text a six-digit code to an owner; codes sent before are void from then on.

    A number nobody has, or a staff member's, gets the same answer and no text. Raises PhoneError, and
    LoginRefused("too_often") after 5 texts to a number in 50 minutes or 30 requests from an address in an hour.
    """
    number = phone.mobile(mobile)
    from_address = address is None or throttle.allow(
        "code.address", throttle.network(address), capacity=30, per=timedelta(hours=1), now=now
    )
    if not from_address or not throttle.allow(
        "code.number", number, capacity=5, per=timedelta(minutes=50), now=now
    ):
        raise LoginRefused(
            "too_often",
            f"인증번호를 너무 자주 요청했어요. 10분 뒤에 다시 받거나 {settings.HELP_PHONE}로 전화해 주세요.",
        )
    with transaction.atomic():
        # The lock leaves one open code when two requests come at once.
        user = User.objects.select_for_update().filter(mobile=number, is_active=True, role=Role.OWNER).first()
        if user is None:
            log.info("login code asked for a number without an owner")
            return
        void_codes(user, now)
        code = f"{secrets.randbelow(1_000_000):06d}"
        sent = LoginCode.objects.create(
            user=user, code_hash=_hash(user.pk, code), created_at=now, expires_at=now + CODE_VALID
        )
        notices.ask(
            NoticeKind.LOGIN_CODE,
            to=number,
            key=f"login:{sent.pk}",
            fields={"code": code},
            expires_at=sent.expires_at,
        )


def check_code(mobile: str, code: str, now: datetime) -> User:
    """The owner whose newest code this is; the code is used up. Five tries a code, three minutes.

    Raises LoginRefused("wrong_code"), in the same words whether the code is wrong, old, used or was never sent.
    """
    number = phone.mobile(mobile)
    open_code = (
        LoginCode.objects.filter(
            user__mobile=number, user__is_active=True, user__role=Role.OWNER, used_at__isnull=True
        )
        .order_by("-created_at", "-pk")
        .select_related("user")
        .first()
    )
    if open_code is None:
        raise LoginRefused("wrong_code", _WRONG_CODE)
    usable = LoginCode.objects.filter(pk=open_code.pk, used_at__isnull=True, expires_at__gt=now)
    # The try is taken before the comparison, so that simultaneous guesses cannot share one.
    taken = usable.filter(tries_left__gt=0).update(tries_left=F("tries_left") - 1)
    right = constant_time_compare(open_code.code_hash, _hash(open_code.user_id, code))
    if not taken or not right or not usable.update(used_at=now):
        raise LoginRefused("wrong_code", _WRONG_CODE)
    return open_code.user


def check_staff(
    mobile: str, password: str, totp: str, *, address: str | None, now: datetime
) -> tuple[User, TOTPDevice]:
    """The staff member and the device that made the TOTP. A TOTP works once.

    Raises PhoneError, LoginRefused("too_often") after 10 tries in 15 minutes of one account from one address
    (one mistyping agent must not lock out a call centre), LoginRefused("wrong") for everything else.
    """
    number = phone.mobile(mobile)
    origin = throttle.network(address) if address else ""
    if not throttle.allow("staff", number, origin, capacity=10, per=timedelta(minutes=15), now=now):
        raise LoginRefused("too_often", "로그인 시도가 너무 많습니다. 2분 뒤에 다시 시도해 주세요.")
    user = User.objects.filter(mobile=number, is_active=True).exclude(role=Role.OWNER).first()
    if user is None:
        make_password(password)  # as slow as a wrong password, so the time does not tell who works here
        raise LoginRefused("wrong", _WRONG_STAFF)
    # The TOTP is looked at only after the password: who lacks the password cannot use up the device's own tries.
    if user.check_password(password):
        for device in TOTPDevice.objects.filter(user=user, confirmed=True):
            verified = verify_token(user, device.persistent_id, totp)
            if verified is not None:
                return user, verified
    raise LoginRefused("wrong", _WRONG_STAFF)


def void_codes(user: User, now: datetime) -> None:
    """No code sent to this user so far lets anybody in any more."""
    LoginCode.objects.filter(user=user, used_at__isnull=True, expires_at__gt=now).update(expires_at=now)


def purge(now: datetime) -> int:
    """Delete codes that ended more than a day ago; returns how many."""
    deleted, _ = LoginCode.objects.filter(expires_at__lt=now - CODE_KEPT).delete()
    return deleted


def _hash(user_id: int, code: str) -> str:
    return salted_hmac("shopmsg.accounts.login", f"{user_id}:{code}", algorithm="sha256").hexdigest()
