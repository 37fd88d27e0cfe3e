"""The counter (계산대): a coupon's code is looked up, used once, and for some minutes taken back."""

import re
import unicodedata
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from messaging import daily_numbers
from messaging.enums import MessageKind
from messaging.homepage.coupons import CODE_LENGTH, CouponRefused, Ticket, ticket_of
from messaging.models import CouponCode, Message
from shopmsg.accounts import audit
from shopmsg.accounts.models import Shop, User
from shopmsg.core.clock import format_day, format_time, kst_day

UNDO_FOR: Final = timedelta(minutes=10)
_SEPARATORS: Final = re.compile(r"[\s\-.]")


def find(shop: Shop, typed: str, *, by: User) -> Ticket:
    """The ticket whose code somebody at the counter typed. Raises CouponRefused; a code of another shop is named only
    to who belongs to that shop as well."""
    code = _SEPARATORS.sub("", unicodedata.normalize("NFKC", typed))
    if not (len(code) == CODE_LENGTH and code.isascii() and code.isdecimal()):
        raise CouponRefused(
            "malformed", "쿠폰 번호는 숫자 여섯 자리예요. 손님 화면의 큰 숫자를 그대로 적어 주세요."
        )
    row = CouponCode.objects.filter(shop=shop, code=code).select_related("promo").first()
    if row is not None:
        return ticket_of(row)
    other = (
        CouponCode.objects.filter(shop__in=Shop.objects.visible_to(by), code=code)
        .select_related("shop")
        .first()
    )
    if other is not None:
        raise CouponRefused("other_shop", f"{other.shop.name}에서 준 쿠폰이에요. 그 가게에서 쓸 수 있어요.")
    raise CouponRefused("unknown", "우리 가게가 준 쿠폰 번호가 아니에요. 손님 화면의 숫자를 다시 봐 주세요.")


def refusal(ticket: Ticket, now: datetime) -> CouponRefused | None:
    """Why this ticket cannot be used now; None when it can."""
    if ticket.used_at is not None:
        day = kst_day(ticket.used_at)
        when = "오늘" if day == kst_day(now) else format_day(day)
        return CouponRefused("used", f"이미 쓴 쿠폰이에요. {when} {format_time(ticket.used_at)}에 썼어요.")
    if ticket.until < kst_day(now):
        return CouponRefused(
            "over", f"기간이 끝난 쿠폰이에요. {format_day(ticket.until)}까지 쓸 수 있었어요."
        )
    return None


def redeem(shop: Shop, typed: str, *, by: User, now: datetime) -> Ticket:
    """쿠폰 사용하기: once, whoever else is at it at the same moment. Raises CouponRefused.

    Not audited: the row itself says who and when.
    """
    ticket = find(shop, typed, by=by)
    if (no := refusal(ticket, now)) is not None:
        raise no
    unused = CouponCode.objects.filter(pk=ticket.id, redeemed_at__isnull=True)
    with transaction.atomic():
        done = unused.update(redeemed_at=now, redeemed_by=by)
        if done and _counts(ticket):
            daily_numbers.bump(shop.pk, kst_day(now), redeemed=1)
    ticket = find(shop, ticket.code, by=by)
    if not done:
        raise refusal(ticket, now) or CouponRefused("used", "이미 쓴 쿠폰이에요.")
    return ticket


def undo(shop: Shop, typed: str, *, by: User, now: datetime, address: str | None) -> Ticket:
    """Take back a use of the last ten minutes; audited, because nothing else remembers it. Raises CouponRefused."""
    ticket = find(shop, typed, by=by)
    at = ticket.used_at
    with transaction.atomic():
        undone = (
            at is not None
            and at >= now - UNDO_FOR
            and CouponCode.objects.filter(pk=ticket.id, redeemed_at=at).update(
                redeemed_at=None, redeemed_by=None
            )
        )
        if at is None or not undone:
            raise CouponRefused("undo_over", "되돌릴 수 있는 시간이 지났거나 이미 되돌렸어요.")
        # The log before the numbers, as the pipeline does it (messaging.settle): else each may wait for the other.
        audit.record("coupon.undone", actor=by, shop=shop, subject=f"coupon:{ticket.id}", address=address)
        if _counts(ticket):
            daily_numbers.bump(shop.pk, kst_day(at), redeemed=-1)
    return find(shop, ticket.code, by=by)


def _counts(ticket: Ticket) -> bool:
    """The shop's own people trying it out are no customers (rules.md §4)."""
    if ticket.message_id is None:
        return True
    return not Message.objects.filter(pk=ticket.message_id, kind=MessageKind.TEST).exists()
