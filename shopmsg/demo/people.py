"""The people of the demo, who log in with one click. Numbers nobody has (010-9000-00xx)."""

from base64 import b32encode
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from django.conf import settings
from django.utils.crypto import salted_hmac

from shopmsg.accounts.enums import MemberRole, Role


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody to be: a member of the shop `slug`, or of our staff (no shop)."""

    mobile: str
    name: str
    slug: str = ""
    member: MemberRole = MemberRole.OWNER
    role: Role = Role.OWNER


ADMIN: Final = Person("01090000099", "관리자", role=Role.ADMIN)
PEOPLE: Final = (
    Person("01090000001", "김햇살", "haetsal"),
    Person("01090000002", "이결", "gyeol"),
    Person("01090000003", "박모퉁", "motungi"),
    Person("01090000004", "최봄날", "bomnal"),
    Person("01090000005", "정하얀", "hayan"),
    Person("01090000006", "한마음", "hanmaeum"),
    Person("01090000011", "오동료", "haetsal", MemberRole.VIEWER),
    ADMIN,
)


def admin_password() -> str:
    """The admin's password: this installation's own, the same at every start."""
    return salted_hmac("shopmsg.demo.password", ADMIN.mobile, algorithm="sha256").hexdigest()[:20]


def admin_totp_key() -> bytes:
    """The 20 bytes the admin's authenticator app is fed with."""
    return sha256(b"shopmsg.demo.totp" + settings.SECRET_KEY.encode()).digest()[:20]


def totp_secret(key: bytes) -> str:
    """A TOTP key as authenticator apps take it."""
    return b32encode(key).decode()
