"""Login links (로그인 링크): the text that lets an owner in without a code, once, to a promo made for the shop."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from shopmsg.accounts import audit, notices, throttle
from shopmsg.accounts.enums import MemberRole, NoticeKind, Role
from shopmsg.accounts.errors import LoginRefused
from shopmsg.accounts.models import LoginLink, Shop, User

VALID: Final = timedelta(days=7)
KEPT: Final = timedelta(days=30)
#: 16 random bytes in base64url: nobody guesses one, so opening links needs no throttle.
_TOKEN_BYTES: Final = 16
_NO_LONGER: Final = "이 링크는 이미 썼거나 7일이 지났어요. 휴대폰 번호로 들어가 주세요."


def send(user: User, shop: Shop, *, by: User, address: str | None, now: datetime) -> LoginLink:
    """Text an owner a link into this shop; links sent before are void from then on.

    Raises LoginRefused: "not_owner" for who does not own the shop (or is one of us), "too_often" after five in a day.
    """
    owns = shop.memberships.filter(user=user, role=MemberRole.OWNER).exists()
    if not (owns and user.is_active and user.role == Role.OWNER):
        raise LoginRefused(
            "not_owner", "이 가게의 사장님에게만 보낼 수 있습니다. 가게와 사람을 확인해 주세요."
        )
    if not throttle.allow("link", str(user.pk), capacity=5, per=timedelta(days=1), now=now):
        raise LoginRefused("too_often", "오늘은 링크를 다섯 번 보냈습니다. 전화로 로그인을 안내해 주세요.")
    with transaction.atomic():
        link, url = _make(user, shop, now)
        notices.ask(
            NoticeKind.LOGIN_LINK,
            to=user.mobile,
            key=f"link:{link.pk}",
            fields={"shop": shop.name, "link": url},
            expires_at=now + timedelta(hours=1),
            shop_id=shop.pk,
        )
        audit.record(
            "login.link_sent",
            actor=by,
            on_behalf_of=user,
            shop=shop,
            subject=f"user:{user.pk}",
            address=address,
        )
    return link


def address_for(user: User, shop: Shop, now: datetime) -> str:
    """The whole address of a new link into this shop, for a text that says more; links made before are void from then
    on."""
    with transaction.atomic():
        return _make(user, shop, now)[1]


def find(token: str, now: datetime) -> LoginLink | None:
    """The link with this token while it still lets somebody in; looking uses nothing up."""
    return (
        LoginLink.objects.filter(
            token_hash=_hash(token), used_at__isnull=True, expires_at__gt=now, user__is_active=True
        )
        .select_related("user", "shop")
        .first()
    )


def use(token: str, now: datetime) -> LoginLink:
    """The link, used up by this call. Raises LoginRefused("used_link"), in the same words whether it was used, is old or
    never was."""
    link = find(token, now)
    if link is not None:
        # Asked again: another may have used it since, or made it void.
        usable = LoginLink.objects.filter(pk=link.pk, used_at__isnull=True, expires_at__gt=now)
        if usable.update(used_at=now):
            return link
    raise LoginRefused("used_link", _NO_LONGER)


def void(user: User, now: datetime) -> None:
    """No link sent to this user so far lets anybody in any more."""
    LoginLink.objects.filter(user=user, used_at__isnull=True, expires_at__gt=now).update(expires_at=now)


def last_sent(user: User) -> LoginLink | None:
    """The newest link of this user."""
    return LoginLink.objects.filter(user=user).order_by("-pk").first()


def purge(now: datetime) -> int:
    """Delete links that ended a month ago; returns how many."""
    deleted, _ = LoginLink.objects.filter(expires_at__lt=now - KEPT).delete()
    return deleted


def _make(user: User, shop: Shop, now: datetime) -> tuple[LoginLink, str]:
    """A link and its address, which nobody can make out later."""
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    # The lock leaves one open link when two are made at once.
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    void(user, now)
    link = LoginLink.objects.create(
        token_hash=_hash(token), user=user, shop=shop, created_at=now, expires_at=now + VALID
    )
    return link, f"{settings.BASE_URL}{reverse('accounts:link', args=[token])}"


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
