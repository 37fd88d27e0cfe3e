"""Coupons (쿠폰): what a coupon promo gives, taken once a phone, used at the counter once.

A code keeps the promise of the version it was taken from, also when the owner has changed the promo since.
"""

import hashlib
import re
import secrets
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.utils.crypto import salted_hmac

from messaging import promos
from messaging.compose import period_line
from messaging.models import CouponCode, Message, PromoVersion
from messaging.template_kinds import TemplateKind
from shopmsg.accounts import throttle
from shopmsg.accounts.enums import ShopStatus
from shopmsg.accounts.models import Shop
from shopmsg.core.clock import add_months, day_start, kst_day
from shopmsg.core.errors import ShopmsgError

CODE_LENGTH: Final = 6
HOLDER_BYTES: Final = 16
#: Whom a code was given to is kept no longer than numbers and texts are (rules.md §5), and no ticket promises more.
KEPT_MONTHS: Final = 6
#: Phones behind one address of a carrier or of the shop's own Wi-Fi, and no more than that.
_ISSUES_AN_HOUR: Final = 60
_TRIES: Final = 50


class CouponRefused(ShopmsgError):
    """A coupon that cannot be taken or used. Codes: "no_coupon", "too_many", "malformed", "unknown", "other_shop",
    "over", "used", "undo_over"."""


@dataclass(frozen=True, slots=True)
class Coupon:
    """What a coupon promo gives. `key` stays the same over edits that change neither the benefit nor the period;
    `period` is "기간 11월 1일 ~ 11월 30일" or ""."""

    key: str
    promo_id: int
    benefit: str
    where: str
    how: str
    ends_on: date | None
    period: str


@dataclass(frozen=True, slots=True)
class Ticket:
    """One phone's copy of a coupon. `until` is the last day it can be used."""

    id: int
    code: str
    coupon: Coupon
    until: date
    issued_at: datetime
    used_at: datetime | None
    message_id: int | None

    @property
    def spaced(self) -> str:
        """ "482 917", as it is read aloud."""
        return f"{self.code[:3]} {self.code[3:]}"


def coupon_key(benefit: str, starts_on: date | None, ends_on: date | None) -> str:
    """What makes a coupon the same coupon: 32 hexadecimal digits of its benefit and its period."""
    words = " ".join(unicodedata.normalize("NFKC", benefit).casefold().split())
    return hashlib.sha256(f"{words}\x1f{starts_on}\x1f{ends_on}".encode()).hexdigest()[:32]


def coupon_of(version: PromoVersion | None, today: date) -> Coupon | None:
    """The coupon a promo gives on that day; None for another kind, before its period and after it."""
    if version is None or version.kind != TemplateKind.COUPON:
        return None
    if (version.starts_on and today < version.starts_on) or (version.ends_on and version.ends_on < today):
        return None
    return _coupon(version)


def current_coupon(shop: Shop, today: date) -> Coupon | None:
    """What the shop gives today."""
    if shop.status == ShopStatus.CLOSED:
        return None
    return coupon_of(promos.current(shop, today), today)


def holder_of(message: Message) -> bytes | None:
    """The phone a message went to; None once its number is destroyed. Not the blind index itself: a browser's cookie
    may hold it."""
    index = bytes(message.recipient_index)
    return (
        salted_hmac("messaging.coupon", index.hex(), algorithm="sha256").digest()[:HOLDER_BYTES]
        if index
        else None
    )


def new_holder() -> bytes:
    """A browser that came without a message."""
    return secrets.token_bytes(HOLDER_BYTES)


def tickets(shop: Shop, holders: Collection[bytes], today: date) -> list[Ticket]:
    """What these holders have taken in this shop, newest first: used or not, as long as it is in force."""
    found = CouponCode.objects.filter(shop=shop, holder__in=holders).select_related("promo").order_by("-pk")
    return [ticket for row in found if (ticket := ticket_of(row)).until >= today]


def issue(
    shop: Shop,
    holder: bytes,
    *,
    now: datetime,
    known_as: Collection[bytes] = (),
    message: Message | None = None,
    address: str | None = None,
) -> Ticket:
    """Today's coupon for this phone: the code it has, under this name or another it is `known_as`, or a new one. Only
    browsers without a message are counted by `address`, since a message is one phone whatever its line. Raises
    CouponRefused."""
    coupon = current_coupon(shop, kst_day(now))
    if coupon is None:
        raise CouponRefused("no_coupon", "지금은 받을 수 있는 쿠폰이 없어요. 가게에 전화로 물어봐 주세요.")
    own = CouponCode.objects.filter(
        shop=shop, coupon_key=coupon.key, holder__in=[holder, *known_as]
    ).select_related("promo")
    if (held := own.first()) is not None:
        return ticket_of(held)
    where = throttle.network(address) if address else ""
    if message is None and not throttle.allow(
        "coupon", str(shop.pk), where, capacity=_ISSUES_AN_HOUR, per=timedelta(hours=1), now=now
    ):
        raise CouponRefused(
            "too_many",
            "이곳에서 쿠폰을 너무 많이 받았어요. 조금 뒤에 다시 눌러 주시거나 가게에 말씀해 주세요.",
        )
    for _ in range(_TRIES):
        # One of the two constraints stands in the way: this phone has it by now, or the code is somebody else's.
        CouponCode.objects.bulk_create(
            [
                CouponCode(
                    shop=shop,
                    promo_id=coupon.promo_id,
                    coupon_key=coupon.key,
                    holder=holder,
                    code=_new_code(),
                    message_id=message.pk if message else None,
                    issued_at=now,
                )
            ],
            ignore_conflicts=True,
        )
        if (held := own.first()) is not None:
            return ticket_of(held)
    raise CouponRefused("too_many", "쿠폰이 모두 나갔어요. 가게에 말씀해 주세요.")


def purge(now: datetime) -> int:
    """Forget codes six months after they were given; returns how many. The daily numbers stay."""
    limit = day_start(add_months(kst_day(now), -KEPT_MONTHS))
    deleted, _ = CouponCode.objects.filter(issued_at__lt=limit).delete()
    return deleted


def ticket_of(row: CouponCode) -> Ticket:
    """A stored code with what it promises; `row.promo` should be loaded."""
    coupon = _coupon(row.promo)
    kept_until = add_months(kst_day(row.issued_at), KEPT_MONTHS) - timedelta(days=1)
    until = min(coupon.ends_on, kept_until) if coupon.ends_on else kept_until
    return Ticket(row.pk, row.code, coupon, until, row.issued_at, row.redeemed_at, row.message_id)


def _coupon(version: PromoVersion) -> Coupon:
    # A benefit nobody filled in still stands in the headline.
    benefit = version.details.get("benefit", "").strip() or version.headline.strip()
    return Coupon(
        key=coupon_key(benefit, version.starts_on, version.ends_on),
        promo_id=version.pk,
        benefit=benefit,
        where=version.details.get("where", "").strip(),
        how=version.details.get("how", "").strip(),
        ends_on=version.ends_on,
        period=period_line(version.starts_on, version.ends_on),
    )


def _new_code() -> str:
    """Six digits for ear and eye: none begins with 0, which gets lost, or has a digit three times running, which gets
    miscounted."""
    while True:
        code = str(100_000 + secrets.randbelow(900_000))
        if not re.search(r"(\d)\1\1", code):
            return code
