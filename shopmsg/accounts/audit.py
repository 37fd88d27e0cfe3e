"""The audit log: who did what, hash-chained, kept two years (design.md §7)."""

import hashlib
import ipaddress
import json
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import connection, transaction
from django.http import HttpRequest
from django.utils import timezone

from shopmsg.accounts.models import AuditEntry, Shop, User

KEPT: Final = timedelta(days=731)
PURGED: Final = "audit.purged"
_GENESIS: Final = bytes(32)
# Any constant will do: whoever holds it is the only one adding to the chain.
_CHAIN_LOCK: Final = 5_348_415_544


def record(
    action: str,
    *,
    actor: User | None,
    shop: Shop | None = None,
    subject: str = "",
    reason: str = "",
    detail: dict[str, Any] | None = None,
    address: str | None = None,
    on_behalf_of: User | None = None,
) -> AuditEntry:
    """Append one entry, e.g. record("number.changed", actor=agent, subject="user:7", reason="신분증 확인").

    `detail` is what JSON can hold, without floats; no phone number in the clear belongs into it. Entries are
    added one at a time in the whole installation until the surrounding transaction ends, so call this last.
    What a member of staff does in a shop during a delegation of theirs is on behalf of its owner without saying so.
    """
    if on_behalf_of is None and shop is not None and actor is not None and actor.is_staff:
        on_behalf_of = _owner_acted_for(actor, shop, timezone.now())
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_CHAIN_LOCK])
        last = AuditEntry.objects.order_by("-pk").values_list("hash", flat=True).first()
        entry = AuditEntry(
            at=timezone.now(),
            actor=actor,
            on_behalf_of=on_behalf_of,
            shop=shop,
            action=action,
            subject=subject,
            reason=reason,
            detail=detail or {},
            address=address,
            previous_hash=_GENESIS if last is None else bytes(last),
        )
        entry.hash = _digest(entry)
        entry.save(force_insert=True)
    return entry


def verify() -> int | None:
    """The id of the first entry that was changed, or that stands where an entry is missing; None when all is well.

    What was cut off the young end leaves no trace in the table: compare `head()` with one written down elsewhere.
    """
    expected: bytes | None = None
    for entry in AuditEntry.objects.order_by("pk").iterator(chunk_size=2000):
        previous = bytes(entry.previous_hash)
        if expected is None:
            linked = previous == _GENESIS or _purged_up_to(previous)
        else:
            linked = previous == expected
        if not linked or bytes(entry.hash) != _digest(entry):
            return entry.pk
        expected = bytes(entry.hash)
    return None


def head() -> str:
    """The hash of the newest entry, hexadecimal; it stands for the whole chain before it."""
    last = AuditEntry.objects.order_by("-pk").values_list("hash", flat=True).first()
    return (_GENESIS if last is None else bytes(last)).hex()


def purge(now: datetime) -> int:
    """Delete entries past their two years, oldest first; returns how many.

    An entry about the purge carries the hash the remaining chain begins from.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_CHAIN_LOCK])
        first_kept = AuditEntry.objects.filter(at__gte=now - KEPT).order_by("pk").first()
        old = AuditEntry.objects.order_by("-pk")
        last_old = (old if first_kept is None else old.filter(pk__lt=first_kept.pk)).first()
        if last_old is None:
            return 0
        record(PURGED, actor=None, detail={"up_to": bytes(last_old.hash).hex()})
        deleted, _ = AuditEntry.objects.filter(pk__lte=last_old.pk).delete()
    return deleted


def address_of(request: HttpRequest) -> str | None:
    """The client's address as our outermost own proxy saw it; None when there is none (a Unix socket).

    settings.TRUSTED_PROXIES is how many proxies of ours stand in front: that many entries from the right of
    X-Forwarded-For were written by us, everything further left by whoever wrote the request.
    """
    seen = str(request.META.get("REMOTE_ADDR", ""))
    hops = settings.TRUSTED_PROXIES
    if hops:
        forwarded = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
        if len(forwarded) >= hops:
            seen = forwarded[-hops]
    return _plain_address(seen)


def _plain_address(text: str | None) -> str | None:
    try:
        address = ipaddress.ip_address(text or "")
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address):
        # A link-local one names its interface, which PostgreSQL takes for no address.
        return str(address.ipv4_mapped or ipaddress.IPv6Address(int(address)))
    return str(address)


def _owner_acted_for(staff: User, shop: Shop, now: datetime) -> User | None:
    """The shop's owner while `staff` works in their place; None without a delegation, and in a shop that has nobody
    yet."""
    working = shop.delegations.filter(staff=staff, ended_at__isnull=True, ends_at__gt=now).exists()
    return shop.first_owner() if working else None


def _purged_up_to(previous: bytes) -> bool:
    return AuditEntry.objects.filter(action=PURGED, detail__up_to=previous.hex()).exists()


def _digest(entry: AuditEntry) -> bytes:
    """SHA-256 over the hash before and the entry as JSON with sorted keys."""
    body = json.dumps(
        {
            "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
            "actor": entry.actor_id,
            "on_behalf_of": entry.on_behalf_of_id,
            "shop": entry.shop_id,
            "action": entry.action,
            "subject": entry.subject,
            "reason": entry.reason,
            "detail": entry.detail,
            "address": _plain_address(entry.address),
        },
        ensure_ascii=False,
        sort_keys=True,
        separators=(",", ":"),
    )
    return hashlib.sha256(bytes(entry.previous_hash) + body.encode()).digest()
