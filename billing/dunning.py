"""미납 단계 (issue 5): a bill that stays unpaid is reminded of on days 3, 7 and 14 after its due day, and on day 30 the shop stops
sending. Its homepage, its opt-out and its links stay alive, and neither the charge nor the commitment's clock stops. What the carrier is collecting with its own bill is not dunned
for before it has answered.

Locks go in one order, account before shop. What is written into the audit log comes last in each transaction.
"""

from datetime import date, datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import F, Max, Q, Sum

from billing import ledger, notify, shop_state, subscriptions
from billing.models import (
    Account,
    CardCharge,
    ChargeState,
    DunningStep,
    PhoneBillRow,
    PhoneBillState,
    Subscription,
)
from shopmsg.accounts import audit
from shopmsg.accounts.enums import MemberRole, NoticeKind, ShopStatus
from shopmsg.accounts.models import Shop, User
from shopmsg.core.clock import day_start, format_day, kst_day
from shopmsg.core.errors import ShopmsgError
from shopmsg.core.money import format_won

#: Days after the due day.
REMIND: Final = (3, 7, 14)
STOP: Final = 30
STEPS: Final = (*REMIND, STOP)
#: How far ahead the stop may be put off, days.
LONGEST_HOLD: Final = 30
#: The carrier's own bill and its answer take up to two of its months; after that silence is no payment.
CARRIER_ANSWERS: Final = timedelta(days=62)
_DAY: Final = timedelta(days=1)


class DunningRefused(ShopmsgError):
    """What an admin cannot do with an unpaid bill. Codes: "nothing_owed", "told_today", "nobody", "closed", "past",
    "too_long", "reason"."""


def step_of(days: int) -> int:
    """The step that holds so many days after the due day: 0, 3, 7, 14 or 30."""
    return max((step for step in STEPS if step <= days), default=0)


def stops_on(account: Account) -> date | None:
    """The day on which sending stops when nothing is paid: day 30, or the day after it was put off to. None when nothing is
    owed."""
    if account.unpaid_since is None:
        return None
    day = account.unpaid_since + STOP * _DAY
    return day if account.hold_until is None else max(day, account.hold_until + _DAY)


def is_late(account: Account, today: date) -> bool:
    """Whether a due day has passed unpaid."""
    return account.unpaid_since is not None and account.unpaid_since < today


def take_due(now: datetime) -> int:
    """Take every step that is due, each account in a transaction of its own; returns how many were taken. Who fell behind
    several steps gets the last of them alone. Harmless when repeated, and by two at once."""
    today = kst_day(now)
    this = Q(dunning_steps__unpaid_since=F("unpaid_since"))
    late = (
        Account.objects.filter(unpaid_since__lte=today - REMIND[0] * _DAY)
        .annotate(taken=Max("dunning_steps__step", filter=this))
        .order_by("unpaid_since", "pk")
        .values_list("shop_id", "unpaid_since", "taken", "stopped_at", "shop__status")
    )
    taken = 0
    for shop_id, since, done, stopped, status in late.iterator(chunk_size=2_000):
        step = step_of((today - since).days) if since else 0
        may_stop = step == STOP and stopped is None and status != ShopStatus.CLOSED
        if step > (done or 0) or may_stop:
            with transaction.atomic():
                taken += _take(shop_id, now)
    _mend(now)
    return taken


def after_payment(account: Account, now: datetime) -> None:
    """What follows when money came in, or a note in the shop's favour was posted; to be called after it, as the last thing
    of that transaction, with `account` locked. With nothing overdue any more the shop sends again at once; otherwise the
    steps count from the due day of what is left."""
    today = kst_day(now)
    if account.unpaid_since is None or not is_late(account, today):
        _settle(account, now)
        return
    steps = DunningStep.objects.filter(account=account, unpaid_since=account.unpaid_since)
    done = steps.aggregate(done=Max("step"))["done"] or 0
    if account.dunning_step != done:
        account.dunning_step = done
        account.save(update_fields=["dunning_step"])


def remind_now(shop: Shop, *, by: User, address: str | None, now: datetime) -> int:
    """지금 다시 알리기: one more text to the owners, once a day; returns how many. Raises DunningRefused."""
    with transaction.atomic():
        account = _late_account(shop, now)
        if not shop.memberships.filter(role=MemberRole.OWNER, user__is_active=True).exists():
            raise DunningRefused("nobody", "알릴 사장님 계정이 없습니다. 매장 전화로 연락해 주세요.")
        told = notify_late(account, shop, f"unpaid-now:{account.pk}:{kst_day(now):%Y%m%d}", now)
        if not told:
            raise DunningRefused("told_today", "오늘 이미 다시 알렸습니다. 내일 다시 할 수 있습니다.")
        audit.record(
            "account.reminded", actor=by, shop=shop, subject=f"account:{account.pk}", address=address
        )
    return told


def hold(shop: Shop, until: date, *, reason: str, by: User, address: str | None, now: datetime) -> Account:
    """정지 미루기: the shop is not stopped through that day, and one that was stopped sends again until then. Raises
    DunningRefused."""
    today = kst_day(now)
    reason = " ".join(reason.split())[:200]
    if not reason:
        raise DunningRefused("reason", "왜 미루는지 적어 주세요.")
    if until < today:
        raise DunningRefused("past", "지난 날입니다. 오늘이나 그 뒤를 골라 주세요.")
    if until > today + LONGEST_HOLD * _DAY:
        last = format_day(today + LONGEST_HOLD * _DAY)
        raise DunningRefused("too_long", f"{LONGEST_HOLD}일까지 미룰 수 있습니다. {last}까지 골라 주세요.")
    with transaction.atomic():
        account = _late_account(shop, now)
        row = _locked_shop(shop.pk)
        running = subscriptions.current(row)
        if running is None:
            raise DunningRefused("closed", "해지한 가게라서 멈출 발송이 없습니다.")
        was, account.hold_until, account.stopped_at = account.stopped_at, until, None
        account.save(update_fields=["hold_until", "stopped_at"])
        if was is not None:
            shop_state.apply(row, running, now)
        audit.record(
            "account.held",
            actor=by,
            shop=row,
            subject=f"account:{account.pk}",
            reason=reason,
            detail={"until": until.isoformat(), "was_stopped": was is not None},
            address=address,
        )
    return account


def overdue_krw(account: Account, today: date) -> int:
    """Won whose due day has passed."""
    return sum(one.left_krw for one in ledger.open_invoices(account) if one.invoice.due_on < today)


def notify_late(account: Account, shop: Shop, key: str, now: datetime) -> int:
    """Tell the owners how much is late and what follows, once for `key`; returns how many texts were new."""
    today = kst_day(now)
    owed = format_won(overdue_krw(account, today))
    if account.stopped_at is not None:
        fields = {"amount": owed}
        return notify.tell(shop, NoticeKind.STOPPED_UNPAID, key=key, fields=fields, page="pay", now=now)
    since = account.unpaid_since or today
    fields = {"amount": owed, "days": str((today - since).days), "stop": _what_follows(account, shop, today)}
    return notify.tell(shop, NoticeKind.UNPAID, key=key, fields=fields, page="pay", now=now)


def _what_follows(account: Account, shop: Shop, today: date) -> str:
    if shop.status == ShopStatus.CLOSED:
        return "해지하시기 전에 쓰신 요금이에요."
    last = (stops_on(account) or today) - _DAY
    return f"{format_day(max(last, today))}까지 내지 않으시면 문자 발송이 멈춰요."


def _take(shop_id: int, now: datetime) -> int:
    """The step that is due for this account, if it still is."""
    today = kst_day(now)
    account = ledger.locked(shop_id)
    if account.unpaid_since is None or not is_late(account, today) or _carrier_collects(account, now):
        return 0
    shop = _locked_shop(shop_id)
    running = subscriptions.current(shop)
    step = step_of((today - account.unpaid_since).days)
    if step == STOP and running is not None and account.stopped_at is None:
        if not _spared(account, now):
            _stop(account, shop, running, now)
            return 1
        step = REMIND[-1]
    if not step or not _first_time(account, step, today, now):
        return 0
    notify_late(account, shop, f"unpaid:{account.pk}:{account.unpaid_since:%Y%m%d}:{step}", now)
    return 1


def _spared(account: Account, now: datetime) -> bool:
    """Not stopped today: it was put off, or a charge of the card is under way."""
    today = kst_day(now)
    if account.hold_until is not None and today <= account.hold_until:
        return True
    moving = Q(state__in=[ChargeState.SUBMITTING, ChargeState.UNCERTAIN])
    about_to = Q(state=ChargeState.PREPARED) & (
        Q(next_at__isnull=True) | Q(next_at__lt=day_start(today + _DAY))
    )
    return CardCharge.objects.filter(moving | about_to, shop_id=account.shop_id).exists()


def _carrier_collects(account: Account, now: datetime) -> bool:
    """Whether all that is late has been handed over for the phone bill and not answered: who is told to pay it would pay
    twice."""
    asked = PhoneBillRow.objects.filter(
        shop=account.shop_id, entry__isnull=True, batch__created_at__gt=now - CARRIER_ANSWERS
    ).exclude(state=PhoneBillState.FAILED)
    handed_over: int = asked.aggregate(won=Sum("amount_krw"))["won"] or 0
    return handed_over > 0 and handed_over >= overdue_krw(account, kst_day(now))


def _first_time(account: Account, step: int, today: date, now: datetime) -> bool:
    _, new = DunningStep.objects.get_or_create(
        account=account,
        unpaid_since=account.unpaid_since,
        step=step,
        defaults={"owed_krw": overdue_krw(account, today), "taken_at": now},
    )
    if new and account.dunning_step != step:
        account.dunning_step = step
        account.save(update_fields=["dunning_step"])
    return new


def _stop(account: Account, shop: Shop, running: Subscription, now: datetime) -> None:
    """정지. Stopped again after it was put off, the owners hear of it again."""
    today = kst_day(now)
    _first_time(account, STOP, today, now)
    account.stopped_at = now
    account.save(update_fields=["stopped_at"])
    shop_state.apply(shop, running, now)
    held = f":{account.hold_until:%Y%m%d}" if account.hold_until else ""
    notify_late(account, shop, f"stopped-unpaid:{account.pk}:{account.unpaid_since:%Y%m%d}{held}", now)
    audit.record(
        "account.stopped",
        actor=None,
        shop=shop,
        subject=f"account:{account.pk}",
        detail={"unpaid_since": f"{account.unpaid_since}", "owed_krw": overdue_krw(account, today)},
    )


def _settle(account: Account, now: datetime) -> None:
    stopped = account.stopped_at
    if not account.dunning_step and stopped is None and account.hold_until is None:
        return
    account.dunning_step, account.stopped_at, account.hold_until = 0, None, None
    account.save(update_fields=["dunning_step", "stopped_at", "hold_until"])
    if stopped is None:
        return
    shop = _locked_shop(account.shop_id)
    running = subscriptions.current(shop)
    if running is None:
        return
    shop_state.apply(shop, running, now)
    if shop.status == ShopStatus.ACTIVE:
        key = f"resumed-paid:{account.pk}:{stopped:%Y%m%d%H%M%S}"
        notify.tell(shop, NoticeKind.RESUMED_PAID, key=key, fields={}, now=now)
    audit.record("account.resumed", actor=None, shop=shop, subject=f"account:{account.pk}")


def _mend(now: datetime) -> None:
    """Accounts whose steps say otherwise than their money: settled by something else than a payment, or stopped while the
    shop was let send by another door."""
    today = kst_day(now)
    settled = Q(unpaid_since__isnull=True) | Q(unpaid_since__gte=today)
    stepped = Q(stopped_at__isnull=False) | Q(dunning_step__gt=0)
    sending = Q(stopped_at__isnull=False, shop__status=ShopStatus.ACTIVE)
    for shop_id in list(
        Account.objects.filter(settled & stepped | sending).values_list("shop_id", flat=True)
    ):
        with transaction.atomic():
            account = ledger.locked(shop_id)
            if not is_late(account, today):
                _settle(account, now)
            elif account.stopped_at is not None:
                shop = _locked_shop(shop_id)
                running = subscriptions.current(shop)
                if running is not None:
                    shop_state.apply(shop, running, now)


def _late_account(shop: Shop, now: datetime) -> Account:
    account = ledger.locked(shop.pk)
    if not is_late(account, kst_day(now)):
        raise DunningRefused("nothing_owed", "밀린 요금이 없습니다. 그사이 납부했습니다.")
    return account


def _locked_shop(shop_id: int) -> Shop:
    return Shop.objects.select_for_update(no_key=True).get(pk=shop_id)
