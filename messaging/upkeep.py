"""Upkeep: what nobody asks for and everybody relies on — retention, partitions, warnings, balance, heartbeats."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from messaging import alerts, gateway_account, partitions
from messaging.gateways.base import Gateway, GatewayDown
from messaging.models import CallKey, LinkOpen, OptOut, OptOutEvent, PromoVersion, WorkerSeen
from shopmsg.accounts.models import Notice
from shopmsg.core.clock import KST, add_months, kst_day, month_start

log = logging.getLogger(__name__)

#: rules.md §5: caller numbers and message texts six months.
NUMBERS_KEPT_MONTHS = 6
#: Long enough that no sender still repeats a call; keys hold no number.
KEYS_KEPT = timedelta(days=90)
GUARDS_KEPT = timedelta(days=366)

_DESTROY = {
    "messaging_call": """
        UPDATE messaging_call SET caller_sealed = NULL, caller_index = NULL, caller_last4 = ''
        WHERE received_at < %s AND caller_sealed IS NOT NULL""",
    "messaging_message": """
        UPDATE messaging_message SET recipient_sealed = NULL, recipient_index = '', text = '', subject = ''
        WHERE created_at < %s AND recipient_sealed IS NOT NULL""",
    "messaging_report": """
        UPDATE messaging_report SET payload = '{}' WHERE received_at < %s AND payload <> '{}'""",
}


def destroy_old_numbers(now: datetime) -> int:
    """Destroy sealed numbers and texts past their six months, and drop months that hold nothing any more.

    The owner's daily numbers and opt-outs stay. Returns the rows emptied.
    """
    limit_day = add_months(kst_day(now), -NUMBERS_KEPT_MONTHS)
    limit = now.astimezone(KST).replace(year=limit_day.year, month=limit_day.month, day=limit_day.day)
    emptied = 0
    for statement in _DESTROY.values():
        with _a_long_time() as cursor:
            cursor.execute(statement, [limit])
            emptied += cursor.rowcount
    with _a_long_time() as cursor:
        cursor.execute("DELETE FROM messaging_recipientguard WHERE last_sent_at < %s", [now - GUARDS_KEPT])
    with _a_long_time():
        CallKey.objects.filter(received_at__lt=now - KEYS_KEPT).delete()
    with _a_long_time():
        LinkOpen.objects.filter(at__lt=limit).delete()
    OptOutEvent.objects.filter(received_at__lt=now - KEYS_KEPT).delete()
    OptOut.objects.filter(at__lt=limit).exclude(last4="").update(last4="")
    Notice.objects.filter(taken_at__lt=now - KEYS_KEPT).delete()
    dropped = partitions.drop_before(month_start(limit_day))
    log.info("retention", extra={"emptied": emptied, "dropped": dropped})
    return emptied


@contextmanager
def _a_long_time() -> Iterator[CursorWrapper]:
    """A transaction whose statements may take longer than a request's: a day of millions of rows does."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '2h'")
        yield cursor


def warn_of_ending_promos(now: datetime) -> int:
    """Tell owners of live promos that end in three days or today; returns how many promos."""
    today = kst_day(now)
    ending = PromoVersion.objects.filter(live=True, ends_on__in=[today, today + timedelta(days=3)])
    for promo in ending:
        if promo.ends_on is not None:
            alerts.promo_ending(promo.shop_id, promo.ends_on, promo.pk, today)
    return len(ending)


def read_balance(gateway: Gateway, account: str, now: datetime) -> int | None:
    """What is left at the gateway, remembered for the operator's page; None when it does not say."""
    try:
        balance = gateway.balance()
    except GatewayDown as error:
        log.warning("balance not read", extra={"code": error.code})
        return None
    gateway_account.remember_balance(account, balance, now)
    return balance


def seen(worker: str, now: datetime) -> None:
    """A worker ran its heartbeat."""
    WorkerSeen.objects.update_or_create(name=worker[:120], defaults={"seen_at": now})
    WorkerSeen.objects.filter(seen_at__lt=now - timedelta(days=1)).delete()
