"""What an owner decides about sending: on or off and until when, which calls count, what a night brings (rules.md §4).

A shop sends when its sending is on or its rest (쉬기) is over: `is_on`. The pipeline asks the same in SQL, so the
moment itself counts; `end_rests` only writes it down.
"""

from datetime import date, datetime, timedelta
from typing import Final

from django.db import transaction

from shopmsg.accounts import audit
from shopmsg.accounts.enums import NightPolicy, ShopStatus
from shopmsg.accounts.models import Shop, User
from shopmsg.core.clock import day_start, format_day, format_time, kst_day, minute_of_day
from shopmsg.core.errors import ShopmsgError

MIN_CALL_SECONDS: Final = range(601)
#: KST hours at which a night's promos may leave: within the law's, and before the evening.
RELEASE_HOURS: Final = range(8, 21)
LONGEST_REST: Final = timedelta(days=90)


class SendingRefused(ShopmsgError):
    """A choice that does not exist. Codes: "call_seconds", "release_hour", "until_past", "until_far"."""


def is_on(shop: Shop, now: datetime) -> bool:
    """Whether the owner lets this shop send at that moment."""
    return shop.sending_on or (shop.off_until is not None and shop.off_until <= now)


def as_of(shop: Shop, now: datetime) -> Shop:
    """The same shop with `sending_on` and `off_until` as they are at that moment, for pages; nothing is written."""
    if is_on(shop, now):
        shop.sending_on, shop.off_until = True, None
    return shop


def turn_on(shop: Shop, *, by: User, address: str | None) -> bool:
    """Calls bring messages again from the next one on. False when it was on already."""
    with transaction.atomic():
        changed = Shop.objects.filter(pk=shop.pk, sending_on=False).update(sending_on=True, off_until=None)
        if changed:
            audit.record("shop.sending_on", actor=by, shop=shop, subject=f"shop:{shop.pk}", address=address)
    shop.refresh_from_db(fields=["sending_on", "off_until"])
    return changed == 1


def turn_off(
    shop: Shop, *, until: datetime | None = None, by: User, address: str | None, now: datetime
) -> bool:
    """No call brings a message until `until`, or without it until somebody turns sending on. What waits and would
    leave while it is off is not sent. False when it was off until then already.

    Raises SendingRefused when `until` is over, or more than 90 days away.
    """
    if until is not None and until <= now:
        raise SendingRefused("until_past", "이미 지난 때예요. 지금보다 뒤의 날짜와 시각을 골라 주세요.")
    if until is not None and until - now > LONGEST_REST:
        raise SendingRefused(
            "until_far", "90일 안에서 골라 주세요. 더 오래 쉬려면 ‘계속 끄기’를 골라 주세요."
        )
    with transaction.atomic():
        row = Shop.objects.select_for_update(no_key=True).get(pk=shop.pk)
        changed = is_on(row, now) or row.off_until != until
        if changed:
            Shop.objects.filter(pk=shop.pk).update(sending_on=False, off_until=until)
            audit.record(
                "shop.sending_off",
                actor=by,
                shop=shop,
                subject=f"shop:{shop.pk}",
                detail={"until": until.isoformat() if until else None},
                address=address,
            )
    shop.refresh_from_db(fields=["sending_on", "off_until"])
    return changed


def end_rests(now: datetime) -> int:
    """Write down that the rest of a shop is over; returns of how many."""
    ended = 0
    over = Shop.objects.filter(sending_on=False, off_until__lte=now).order_by("pk")
    for shop in over:
        with transaction.atomic():
            changed = Shop.objects.filter(pk=shop.pk, sending_on=False, off_until__lte=now).update(
                sending_on=True, off_until=None
            )
            if changed:
                audit.record(
                    "shop.sending_on",
                    actor=None,
                    shop=shop,
                    subject=f"shop:{shop.pk}",
                    reason="정해 둔 때가 되어 다시 켜짐",
                )
        ended += changed
    return ended


def change_rules(
    shop: Shop,
    *,
    night_policy: NightPolicy,
    min_call_seconds: int,
    release_hour: int,
    by: User,
    address: str | None,
) -> bool:
    """How long a call must be (seconds, 0–600), what a night's call brings, and at which KST hour (8–20) what was held
    leaves. False when nothing changed.

    Raises SendingRefused. Calls decided before keep their verdict, and what is held the time its owner was told.
    """
    if min_call_seconds not in MIN_CALL_SECONDS:
        raise SendingRefused("call_seconds", "최소 통화 시간은 0초부터 600초까지 고를 수 있어요.")
    if release_hour not in RELEASE_HOURS:
        raise SendingRefused("release_hour", "아침에 보내는 때는 오전 8시부터 오후 8시까지 고를 수 있어요.")
    wanted = {
        "night_policy": night_policy.value,
        "min_call_seconds": min_call_seconds,
        "release_hour": release_hour,
    }
    with transaction.atomic():
        row = Shop.objects.select_for_update(no_key=True).get(pk=shop.pk)
        before = {name: getattr(row, name) for name in wanted}
        if before == wanted:
            return False
        Shop.objects.filter(pk=shop.pk).update(**wanted)
        audit.record(
            "shop.rules_changed",
            actor=by,
            shop=shop,
            subject=f"shop:{shop.pk}",
            detail={"before": before, "after": wanted},
            address=address,
        )
    shop.refresh_from_db(fields=list(wanted))
    return True


def midnight_after(now: datetime, days: int = 0) -> datetime:
    """The end of today (KST), or of the day `days` later: until when "오늘만 쉬기" lasts."""
    return day_start(kst_day(now) + timedelta(days=days + 1))


def until_words(until: datetime, now: datetime) -> str:
    """ "오늘 밤 12시", "내일 오후 3:00", "11월 22일(일) 오전 9:00"."""
    midnight = minute_of_day(until) == 0
    day = kst_day(until) - timedelta(days=1) if midnight else kst_day(until)
    return f"{_day_words(day, kst_day(now))} {'밤 12시' if midnight else format_time(until)}"


def hour_words(hour: int) -> str:
    """ "아침 8시", "오전 10시", "낮 12시", "오후 3시", "저녁 8시": an hour of the KST day."""
    if hour < 12:
        return f"{'새벽' if hour < 6 else '아침' if hour < 10 else '오전'} {hour}시"
    if hour == 12:
        return "낮 12시"
    return f"{'오후' if hour < 18 else '저녁' if hour < 21 else '밤'} {hour - 12}시"


def talk_sentence(seconds: int) -> str:
    """Which calls bring a message."""
    if seconds == 0:
        return "전화를 받기만 하면 문자를 보내요."
    length = f"{seconds // 60}분" if seconds % 60 == 0 else f"{seconds}초"
    return f"{length} 이상 통화하면 문자를 보내요."


def night_sentence(policy: NightPolicy, release_hour: int, *, short: bool = False) -> str:
    """What a call of the night brings; `short` leaves out when the night is."""
    night = "밤에 온 전화" if short else "밤 9시부터 아침 8시 사이에 온 전화"
    if policy == NightPolicy.SKIP:
        return f"{night}에는 보내지 않아요."
    return f"{night}에는 {hour_words(release_hour)}에 보내요."


def state_words(shop: Shop, now: datetime) -> tuple[str, str]:
    """(tone of a chip, how the shop is doing in a word or two), for lists of shops."""
    if shop.status != ShopStatus.ACTIVE:
        return "failed", ShopStatus(shop.status).label
    if is_on(shop, now):
        return "sent", "보내는 중"
    if shop.off_until is None:
        return "failed", "꺼 둠"
    return "waiting", f"{until_words(shop.off_until, now)}까지 쉼"


def off_sentence(shop: Shop, now: datetime) -> str:
    """What follows from sending being off, and until when."""
    if shop.off_until is None:
        return "지금은 전화가 와도 문자가 나가지 않아요. 다시 켤 때까지 그대로예요."
    until = until_words(shop.off_until, now)
    return f"지금은 전화가 와도 문자가 나가지 않아요. {until}까지 쉬고, 그 뒤에는 저절로 다시 보내요."


def _day_words(day: date, today: date) -> str:
    return {0: "오늘", 1: "내일"}.get((day - today).days, format_day(day))
