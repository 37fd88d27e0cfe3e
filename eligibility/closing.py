"""해지: a shop leaves. Nothing is sent from that moment on; the same day it can be taken back as if nothing had been."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.db import transaction

from billing import history, leaving, price_list, subscriptions
from billing.changes import ContractRefused
from billing.models import Subscription, SubscriptionState
from eligibility import applications, notice_orders, trail
from eligibility.enums import ApplicationState
from eligibility.errors import ApplicationRefused
from eligibility.models import Application
from shopmsg.accounts import delegations, notices
from shopmsg.accounts.enums import MemberRole, NoticeKind, NoticeState, ShopStatus
from shopmsg.accounts.models import Line, Shop, User
from shopmsg.core.clock import kst_day

REASON_LENGTH: Final = 5
_BEGUN: Final = frozenset({ApplicationState.ACTIVATING, ApplicationState.ACTIVE})


@dataclass(frozen=True, slots=True)
class Terms:
    """What leaving on a day would mean: in the `months`th month of the commitment, `refund` won are to be paid back
    (할인반환금), to the won what the last invoice will say."""

    subscription: Subscription | None
    months: int
    refund: int


def may_close(application: Application) -> bool:
    """Whether there is a shop that can leave."""
    shop = application.shop
    return application.state in _BEGUN and shop is not None and shop.status != ShopStatus.CLOSED


def terms(shop: Shop, on: date) -> Terms:
    """What leaving on that KST day would cost."""
    running = subscriptions.current(shop)
    if running is None:
        return Terms(None, 0, 0)
    found = leaving.if_left(history.contract_of(running), price_list.catalogue(), on)
    return Terms(running, found.months, found.won) if found else Terms(running, 0, 0)


def close(application_id: int, *, reason: str, by: User, address: str | None, now: datetime) -> Application:
    """End the subscription and tell the owners. An activation under way is called off. The ringback notice ends with the
    day (`end_notices`), so that taking it back costs the shop nothing. Closed twice is closed once.

    Raises ApplicationRefused: "no_reason", "wrong_state".
    """
    reason = " ".join(reason.split())
    if len(reason) < REASON_LENGTH:
        raise ApplicationRefused("no_reason", f"해지하는 이유를 {REASON_LENGTH}자 넘게 적어 주세요.")
    with transaction.atomic():
        application = applications.locked(application_id)
        shop = application.shop
        if shop is not None and shop.status == ShopStatus.CLOSED:
            return application
        if shop is None or not may_close(application):
            raise ApplicationRefused("wrong_state", "개통한 가게만 해지할 수 있습니다.")
        applications.call_off(application, now)
        for member in shop.memberships.filter(role=MemberRole.OWNER).select_related("user"):
            notices.ask(
                NoticeKind.SHOP_CLOSED,
                to=member.user.mobile,
                key=f"closed:{shop.pk}:{member.user_id}:{int(now.timestamp())}",
                fields={"shop": shop.name},
                expires_at=now + timedelta(days=1),
                shop_id=shop.pk,
            )
        subscriptions.end(shop, reason=reason, by=by, address=address, now=now)
        delegations.end_of_shop(shop, now, by=by, address=address)
        trail.record(application, "application.closed", reason=reason, by=by, address=address)
    return application


def may_take_back(application: Application, now: datetime) -> bool:
    """Whether the shop left today and still has its line."""
    shop = application.shop
    if shop is None or shop.status != ShopStatus.CLOSED:
        return False
    return subscriptions.ended_today(shop, now) and shop.lines.exists()


def take_back(application_id: int, *, by: User, address: str | None, now: datetime) -> Application:
    """해지 되돌리기, on the same KST day. Raises ApplicationRefused("wrong_state")."""
    with transaction.atomic():
        application = applications.locked(application_id)
        if application.shop is None or not may_take_back(application, now):
            raise ApplicationRefused(
                "wrong_state",
                "오늘 해지했고 매장 전화가 그대로인 가게만 되돌릴 수 있습니다. 새로 신청해 주세요.",
            )
        applications.call_on(application, now)
        try:
            subscriptions.take_back_end(application.shop, by=by, address=address, now=now)
        except ContractRefused as refused:
            raise ApplicationRefused("wrong_state", refused.message) from None
        trail.record(application, "application.close_taken_back", reason="", by=by, address=address)
    return application


def end_notices(now: datetime) -> int:
    """End the ringback notices of shops that left before today; returns how many lines that were. Harmless when
    repeated."""
    today = kst_day(now)
    lines = Line.objects.filter(
        shop__status=ShopStatus.CLOSED, notice_state__in=[NoticeState.REQUESTED, NoticeState.ACTIVE]
    )
    left_today = Subscription.objects.filter(state=SubscriptionState.ENDED, ended_on=today)
    due = list(lines.exclude(shop__in=left_today.values("shop")).values_list("pk", flat=True))
    for pk in due:
        notice_orders.end(pk, now)
    return len(due)
