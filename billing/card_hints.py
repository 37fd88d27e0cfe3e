"""알림 of the payment company: unsigned, so a hint and nothing more. Stored once by its transmission id; what it is about is then asked
of the company itself, and that answer counts. A card's withdrawal cannot be asked about: it is flagged, its next charge decides.
"""

import hashlib
from datetime import datetime, timedelta
from typing import Final

import structlog
from django.db import transaction
from django.db.models import Q

from billing import card_keys, charges, refunds
from billing.cards import CardError, Hint, HintKind, NotFound
from billing.cards.connect import gateway
from billing.models import CardCharge, CardHint, ChargeState

log = structlog.get_logger(__name__)

#: How long what concerned nobody is kept, to recognise its repetition: resends end after four days.
_KEPT: Final = timedelta(days=30)
_CHUNK: Final = 50
#: Until then a hint whose question brought no answer is followed again.
_FOLLOWED_FOR: Final = timedelta(days=2)


def store(hint: Hint, transmission_id: str, body: bytes, now: datetime) -> bool:
    """Keep it and say whether there is something to ask about. The same transmission twice is one; without an id the same body
    is."""
    name = transmission_id.strip()[:100] or f"sha256:{hashlib.sha256(body).hexdigest()}"
    with transaction.atomic():
        charge = _charge_of(hint)
        known = charge is not None or (
            hint.kind is HintKind.BILLING_DELETED and card_keys.mark_doubtful(hint.billing_key)
        )
        _, new = CardHint.objects.get_or_create(
            transmission_id=name,
            defaults={
                "event": hint.event_type[:60],
                "order_id": charge.order_id if charge is not None else "",
                "known": known,
                "received_at": now,
                "looked_at": None if charge is not None else now,
            },
        )
    if not known:
        log.warning("card_hint_unknown", event_type=hint.event_type[:60])
    return new and charge is not None


def follow(now: datetime) -> int:
    """Ask the company about what was hinted at, oldest first; returns how many hints were followed. Not inside a transaction."""
    waiting = CardHint.objects.filter(known=True, looked_at__isnull=True).order_by("pk")[:_CHUNK]
    followed = 0
    for hint in list(waiting):
        charge = CardCharge.objects.filter(order_id=hint.order_id).first()
        if charge is not None and not _asked(charge, now) and now - hint.received_at < _FOLLOWED_FOR:
            continue
        followed += CardHint.objects.filter(pk=hint.pk, looked_at__isnull=True).update(looked_at=now)
    return followed


def forget(now: datetime) -> int:
    """Delete what concerned nobody."""
    old = CardHint.objects.filter(known=False, received_at__lt=now - _KEPT)
    return old.delete()[0]


def _asked(charge: CardCharge, now: datetime) -> bool:
    """Whether the company's own word about this charge was heard and taken in."""
    if charge.state == ChargeState.PAID:
        try:
            refunds.look_back(charge.pk, now)
        except CardError:
            return False
        return True
    if charge.state in (ChargeState.PREPARED, ChargeState.SUBMITTING):
        return charge.state == ChargeState.PREPARED  # one under way brings its own answer first
    if charge.state == ChargeState.UNCERTAIN:
        return charges.look_up(charge.pk, now)
    found = gateway().lookup(charge.order_id, charge.amount_krw)
    if not isinstance(found, NotFound):
        charges.settle(charge.pk, found, now, looked_up=True)
    return True


def _charge_of(hint: Hint) -> CardCharge | None:
    if hint.kind is not HintKind.PAYMENT:
        return None
    named = Q(order_id=hint.order_id) if hint.order_id else Q(payment_key=hint.payment_key)
    if not (hint.order_id or hint.payment_key):
        return None
    return CardCharge.objects.filter(named).order_by("-pk").first()
