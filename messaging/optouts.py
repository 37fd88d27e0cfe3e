"""Opt-outs, 수신거부: at once, for good, undone only by the person (rules.md §5).

The result is told to the person by an informational text (within 14 days by law; ours goes the same day).
"""

from collections.abc import Collection, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from django.db import connection, transaction

from messaging.enums import OptOutSource
from messaging.models import Message, OptOut
from shopmsg.accounts.enums import NoticeKind
from shopmsg.accounts.models import Shop
from shopmsg.accounts.notices import ask
from shopmsg.accounts.sealing import keyring
from shopmsg.core import phone
from shopmsg.core.clock import format_day, kst_day
from shopmsg.core.crypto import CryptoError

NOTIFY_WITHIN = timedelta(days=14)
_WROTE_WITHIN = timedelta(days=365)

_INSERT = """
INSERT INTO messaging_optout (shop_id, recipient_index, last4, source, at, notified_at)
SELECT t.shop_id, %s, %s, %s, %s, %s FROM unnest(%s::bigint[]) AS t(shop_id)
WHERE NOT EXISTS (SELECT 1 FROM messaging_optout o
                  WHERE o.shop_id = t.shop_id AND o.recipient_index = ANY(%s) AND o.ended_at IS NULL)
ORDER BY t.shop_id ON CONFLICT DO NOTHING RETURNING id, shop_id
"""


def opt_out(shop_ids: Collection[int], number: str, source: OptOutSource, at: datetime, now: datetime) -> int:
    """The person with this number refuses these shops; returns how many were not refused before."""
    ring = keyring()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            _INSERT,
            [ring.index(number), number[-4:], source, at, now, sorted(shop_ids), list(ring.indexes(number))],
        )
        added = cursor.fetchall()
        names = dict(Shop.objects.filter(pk__in=[shop_id for _, shop_id in added]).values_list("pk", "name"))
        for optout_id, shop_id in added:
            _tell(NoticeKind.OPTOUT_RESULT, shop_id, names[shop_id], number, f"optout:{optout_id}", at, now)
    return len(added)


def opt_out_unread(shop_id: int, recipient_index: bytes, source: OptOutSource, now: datetime) -> None:
    """The same for a person whose number cannot be opened any more: in force, but nobody can be told."""
    refused = OptOut(shop_id=shop_id, recipient_index=recipient_index, source=source, at=now)
    OptOut.objects.bulk_create([refused], ignore_conflicts=True)


def _tell(
    kind: NoticeKind, shop_id: int, shop_name: str, number: str, key: str, at: datetime, now: datetime
) -> None:
    if not phone.is_mobile(number):
        return
    ask(
        kind,
        to=number,
        key=key,
        fields={"shop": shop_name, "date": format_day(kst_day(at))},
        expires_at=now + NOTIFY_WITHIN,
        shop_id=shop_id,
    )


def opt_out_by_link(message: Message, now: datetime) -> bool:
    """Whoever holds this message's link refuses its shop. False when that was so already, or the number is gone."""
    if message.recipient_sealed is None or message.shop_id is None:
        return False
    number = keyring().open(message.recipient_sealed)
    return opt_out([message.shop_id], number, OptOutSource.LINK, now, now) == 1


def resubscribe(message: Message, now: datetime) -> bool:
    """ "다시 받기" by the person who holds this message's link. False when there was no opt-out in force."""
    if message.recipient_sealed is None or message.shop_id is None:
        return False
    number = keyring().open(message.recipient_sealed)
    with transaction.atomic():
        ended = OptOut.objects.filter(
            shop_id=message.shop_id, recipient_index__in=keyring().indexes(number), ended_at__isnull=True
        ).update(ended_at=now)
        if ended:
            shop = Shop.objects.get(pk=message.shop_id)
            key = f"again:{message.pk}:{now:%Y%m%d%H%M%S}"
            _tell(NoticeKind.RESUBSCRIBE_RESULT, shop.pk, shop.name, number, key, now, now)
    return bool(ended)


def is_opted_out(shop_id: int, *indexes: bytes | memoryview) -> bool:
    """Whether the person with one of these indexes refuses this shop now."""
    return OptOut.objects.filter(
        shop_id=shop_id, recipient_index__in=[bytes(index) for index in indexes], ended_at__isnull=True
    ).exists()


def has_refused(message: Message) -> bool:
    """Whether the person who got this message refuses its shop now, whatever key their index is under."""
    if message.shop_id is None:
        return False
    indexes = [bytes(message.recipient_index)]
    if message.recipient_sealed is not None:
        with suppress(CryptoError):
            indexes += keyring().indexes(keyring().open(message.recipient_sealed))
    return is_opted_out(message.shop_id, *indexes)


def shops_meant(number_080: str, shop_code: str | None, caller: str, now: datetime) -> list[int]:
    """The shops an opt-out call means (rules.md §5): the one of the code; on an 080 of one shop that shop; on a
    shared one without a known code, every shop on it that wrote to the caller within a year."""
    on_number = dict(Shop.objects.filter(optout_080=number_080).values_list("pk", "optout_code"))
    if shop_code:
        named = [shop_id for shop_id, code in on_number.items() if code == shop_code]
        if named:
            return named
    if len(on_number) == 1:
        return list(on_number)
    return _wrote_to(list(on_number), keyring().indexes(caller), now - _WROTE_WITHIN)


def _wrote_to(shop_ids: Sequence[int], indexes: Sequence[bytes], since: datetime) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT shop_id FROM messaging_recipientguard "
            "WHERE shop_id = ANY(%s) AND recipient_index = ANY(%s) AND last_sent_at >= %s",
            [list(shop_ids), list(indexes), since],
        )
        return [shop_id for (shop_id,) in cursor.fetchall()]


def is_known_080(number_080: str) -> bool:
    """Whether any shop's opt-outs come in on this number."""
    return Shop.objects.filter(optout_080=number_080).exists()
