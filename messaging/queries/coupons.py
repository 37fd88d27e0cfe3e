"""What the counter is shown of coupons: who holds one, how many were given, which were used."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from messaging.homepage.coupons import Coupon, Ticket, ticket_of
from messaging.models import CallEnd, CouponCode, Message
from shopmsg.accounts.models import Shop

PAGE: Final = 30
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Given:
    """How many phones took a coupon, and how many of them used it."""

    taken: int
    used: int


@dataclass(frozen=True, slots=True)
class UsedRow:
    """A used coupon; `by` is who took it at the counter, "" for somebody who is no member any more."""

    code: str
    benefit: str
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class UsedPage:
    """`older` is the key of the next page, None on the last."""

    rows: tuple[UsedRow, ...]
    older: int | None


def given(shop: Shop, coupon: Coupon) -> Given:
    """Of one coupon, through all versions of its promo."""
    codes = CouponCode.objects.filter(shop=shop, coupon_key=coupon.key)
    return Given(codes.count(), codes.filter(redeemed_at__isnull=False).count())


def used_page(shop: Shop, *, before: int | None = None) -> UsedPage:
    """Used coupons, the latest first; `before` are microseconds since 1970."""
    found = (
        CouponCode.objects.filter(shop=shop, redeemed_at__isnull=False)
        .select_related("promo", "redeemed_by")
        .order_by("-redeemed_at", "-pk")
    )
    if before is not None:
        found = found.filter(redeemed_at__lt=_EPOCH + timedelta(microseconds=min(before, 10**16)))
    rows = [
        UsedRow(
            row.code,
            ticket_of(row).coupon.benefit,
            row.redeemed_at,
            row.redeemed_by.name if row.redeemed_by else "",
        )
        for row in found[: PAGE + 1]
        if row.redeemed_at
    ]
    older = (rows[PAGE - 1].at - _EPOCH) // timedelta(microseconds=1) if len(rows) > PAGE else None
    return UsedPage(tuple(rows[:PAGE]), older)


def who(ticket: Ticket) -> str:
    """ "전화한 손님(끝 번호 5678)", "홈페이지를 본 손님": whose coupon it is, as far as the shop may know."""
    if ticket.message_id is None:
        return "홈페이지를 본 손님"
    call = Message.objects.filter(pk=ticket.message_id).values_list("call_id", flat=True).first()
    last4 = CallEnd.objects.filter(pk=call).values_list("caller_last4", flat=True).first() if call else ""
    return f"전화한 손님(끝 번호 {last4})" if last4 else "문자를 받은 손님"
