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
    """Somebody to be: a member of the shop `slug`, or of our staff (no shop); a dealer belongs to a `dealership`."""

    mobile: str
    name: str
    slug: str = ""
    member: MemberRole = MemberRole.OWNER
    role: Role = Role.OWNER
    dealership: str = ""

    @property
    def is_staff(self) -> bool:
        return self.role != Role.OWNER


ADMIN: Final = Person("01090000099", "관리자", role=Role.ADMIN)
PEOPLE: Final = (
    Person("01090000001", "김햇살", "haetsal"),
    Person("01090000002", "이결", "gyeol"),
    Person("01090000003", "박모퉁", "motungi"),
    Person("01090000004", "최봄날", "bomnal"),
    Person("01090000005", "정하얀", "hayan"),
    Person("01090000006", "한마음", "hanmaeum"),
    Person("01090000011", "오동료", "haetsal", MemberRole.VIEWER),
    Person("01090000091", "박상담", role=Role.AGENT),
    Person("01090000092", "이제작", role=Role.PRODUCER),
    Person("01090000093", "최대리", role=Role.DEALER, dealership="망원대리점"),
    ADMIN,
)


def staff_password(person: Person) -> str:
    """The password of one of our staff: this installation's own, the same at every start."""
    return salted_hmac("shopmsg.demo.password", person.mobile, algorithm="sha256").hexdigest()[:20]


def totp_key(person: Person) -> bytes:
    """The 20 bytes the staff member's authenticator app is fed with."""
    return sha256(f"shopmsg.demo.totp:{person.mobile}:{settings.SECRET_KEY}".encode()).digest()[:20]


def totp_secret(key: bytes) -> str:
    """A TOTP key as authenticator apps take it."""
    return b32encode(key).decode()
