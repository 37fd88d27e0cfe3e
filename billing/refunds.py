"""카드 결제 취소: money that goes back to a card, whole or in part, decided by an admin. A row before it is a request; one without an
answer is read off the payment itself, in which ours is known by the reference in its reason.

What was cancelled at the payment company behind our back is found the same way, and taken into the ledger as what it is.
"""

import uuid
from datetime import datetime, timedelta
from typing import Final

import structlog
from django.db import transaction
from django.db.models import Sum

from billing import ledger
from billing.card_keys import OPEN
from billing.cards import Cancellation, CancelOutcome, CancelResult, CardError, NotFound, Payment
from billing.cards.connect import gateway
from billing.charges import REPLAYED
from billing.enums import EntryKind, PayMethod
from billing.models import Account, CardCancel, CardCharge, ChargeState, LedgerEntry
from shopmsg.accounts import audit
from shopmsg.accounts.models import User
from shopmsg.core.clock import kst_day
from shopmsg.core.errors import ShopmsgError
from shopmsg.core.money import format_won

log = structlog.get_logger(__name__)

LEASE: Final = timedelta(seconds=90)
AGAIN: Final = timedelta(minutes=2)
REASON_LENGTH: Final = 150
_CHUNK: Final = 50


class RefundRefused(ShopmsgError):
    """Why money cannot be given back. Codes: "not_paid", "amount", "too_much", "reason", "under_way"."""


def left_of(charge: CardCharge) -> int:
    """Won of a paid charge that have not gone back."""
    back = LedgerEntry.objects.filter(
        shop_id=charge.shop_id, kind=EntryKind.PAYMENT_BACK, detail__of=charge.entry_id
    )
    return charge.amount_krw - (back.aggregate(won=Sum("amount_krw"))["won"] or 0)


def refund(
    charge_id: int, amount_krw: int, reason: str, *, by: User, address: str | None, now: datetime
) -> CardCancel:
    """환불 준비: to be submitted at once. Raises RefundRefused."""
    reason = " ".join(reason.split())
    if not reason or len(reason) > REASON_LENGTH or not reason.isprintable():
        raise RefundRefused("reason", f"왜 돌려주는지 {REASON_LENGTH}자 안으로 적어 주세요.")
    if amount_krw <= 0:
        raise RefundRefused("amount", "돌려줄 금액을 1원부터 적어 주세요.")
    with transaction.atomic():
        _, charge = _locked_charge(charge_id)
        if charge.state != ChargeState.PAID:
            raise RefundRefused("not_paid", "결제된 것만 돌려줄 수 있습니다.")
        if charge.cancels.filter(state__in=OPEN).exists():
            raise RefundRefused("under_way", "앞의 환불을 확인하고 있습니다. 끝난 다음에 다시 해 주세요.")
        left = left_of(charge)
        if amount_krw > left:
            raise RefundRefused("too_much", f"이 결제에서 돌려줄 수 있는 금액은 {format_won(left)}입니다.")
        cancel = CardCancel.objects.create(
            charge=charge,
            amount_krw=amount_krw,
            reason=reason,
            idempotency_key=str(uuid.uuid4()),
            left_before_krw=left,
            by=by,
            created_at=now,
            next_at=now,
        )
        audit.record(
            "card.refunded",
            actor=by,
            shop=charge.shop,
            subject=f"charge:{charge.pk}",
            reason=reason,
            detail={"won": amount_krw},
            address=address,
        )
    return cancel


def go_on_due(now: datetime) -> int:
    """Submit and look up every refund that waits; returns how many moved."""
    due = CardCancel.objects.filter(state__in=OPEN, next_at__lte=now).order_by("next_at", "pk")
    return sum(go_on(pk, now) for pk in list(due.values_list("pk", flat=True)[:_CHUNK]))


def go_on(cancel_id: int, now: datetime) -> bool:
    """The next step of a refund: ask for it, or where it may have been taken in, read the payment and only then ask again under
    the same idempotency key. False when there was nothing to do. Not inside a transaction."""
    with transaction.atomic():
        _, cancel = _locked(cancel_id)
        if cancel.state not in OPEN or (cancel.next_at is not None and cancel.next_at > now):
            return False
        fresh = cancel.state == ChargeState.PREPARED
        cancel.state, cancel.next_at, cancel.tries = ChargeState.SUBMITTING, now + LEASE, cancel.tries + 1
        cancel.save(update_fields=["state", "next_at", "tries"])
    charge = cancel.charge
    result = None if fresh else _as_it_stands(cancel, now)
    if result is None:
        reason = f"{cancel.reason} {_reference(cancel)}"
        result = gateway().cancel(charge.payment_key, cancel.amount_krw, reason, cancel.idempotency_key)
    if result.outcome is CancelOutcome.DONE:
        _done(cancel_id, now)
    else:
        _settle(cancel_id, result, now)
    return True


def look_back(charge_id: int, now: datetime) -> int:
    """Ask for a paid charge as it stands now and take in what went back without us; returns how many cancellations were new.
    Raises CardError when nothing was learned. Not inside a transaction."""
    charge = CardCharge.objects.get(pk=charge_id)
    found = gateway().payment(charge.payment_key) if charge.payment_key else NotFound()
    return take_in(charge_id, found, now) if isinstance(found, Payment) else 0


def take_in(charge_id: int, payment: Payment, now: datetime) -> int:
    """Cancellations that are none of ours become money given back."""
    taken = 0
    with transaction.atomic():
        account, charge = _locked_charge(charge_id)
        if charge.state != ChargeState.PAID:
            return 0
        ours = [_reference(cancel) for cancel in charge.cancels.all()]
        for each in payment.cancels:
            if any(mark in each.reason for mark in ours) or not each.amount or not each.transaction_key:
                continue
            taken += _went_back(account, charge, each, now)
    return taken


def _as_it_stands(cancel: CardCancel, now: datetime) -> CancelResult | None:
    """What the payment says of a refund that was asked for; None when it was not made and may be asked for again."""
    told = _read(cancel.charge)
    if told is None:
        return CancelResult(CancelOutcome.UNCERTAIN, code=cancel.code or "unknown")
    if any(_reference(cancel) in each.reason for each in told.cancels):
        return CancelResult(CancelOutcome.DONE, cancel.amount_krw, told.balance)
    if told.balance < cancel.amount_krw:
        take_in(cancel.charge_id, told, now)
        return CancelResult(CancelOutcome.REFUSED, code="gone_already")
    return None


def _went_back(account: Account, charge: CardCharge, each: Cancellation, now: datetime) -> bool:
    entry = _pay_back(
        account,
        charge,
        each.amount,
        key=f"cardback:{charge.order_id}:{each.transaction_key}"[:120],
        at=each.cancelled_at or now,
        by=None,
        now=now,
    )
    if entry is not None:
        log.error("card_cancelled_outside", order=charge.order_id, won=each.amount)
    return entry is not None


def _done(cancel_id: int, now: datetime) -> None:
    with transaction.atomic():
        account, cancel = _locked(cancel_id)
        if cancel.state not in OPEN:
            return
        key = f"cardback:{cancel.charge.order_id}:{cancel.pk}"
        entry = _pay_back(account, cancel.charge, cancel.amount_krw, key=key, at=now, by=cancel.by, now=now)
        cancel.entry = entry
        cancel.state, cancel.settled_at, cancel.next_at, cancel.code = ChargeState.PAID, now, None, ""
        cancel.save()


def _settle(cancel_id: int, result: CancelResult, now: datetime) -> None:
    """An answer that is not "done"."""
    with transaction.atomic():
        _, cancel = _locked(cancel_id)
        if cancel.state not in OPEN:
            return
        cancel.code = result.code[:60]
        if result.outcome in (CancelOutcome.REFUSED, CancelOutcome.FATAL):
            cancel.state, cancel.settled_at, cancel.next_at = ChargeState.DECLINED, now, None
            log.warning("card_refund_refused", cancel=cancel.pk, code=result.code)
        else:
            cancel.state, cancel.next_at = ChargeState.UNCERTAIN, now + AGAIN
            if result.code in REPLAYED:
                cancel.idempotency_key = str(uuid.uuid4())
        cancel.save()


def _pay_back(
    account: Account,
    charge: CardCharge,
    won: int,
    *,
    key: str,
    at: datetime,
    by: User | None,
    now: datetime,
) -> LedgerEntry | None:
    card = f"{charge.card.issuer} {charge.card.number}".strip()
    return ledger.pay_back(
        account,
        won,
        key=key,
        method=PayMethod.CARD,
        paid_on=kst_day(at),
        label="카드 결제 취소",
        sentence=f"{card} 카드 결제 가운데 {format_won(won)}을 돌려드렸어요.",
        by=by,
        now=now,
        detail={"of": charge.entry_id, "order": charge.order_id, "card": card},
    )


def _read(charge: CardCharge) -> Payment | None:
    """The payment as the company has it; None when nothing was learned."""
    try:
        found = gateway().payment(charge.payment_key)
    except CardError:
        return None
    return found if isinstance(found, Payment) else None


def _reference(cancel: CardCancel) -> str:
    """What tells ours among a payment's cancellations."""
    return f"[r{cancel.pk}]"


def _locked_charge(charge_id: int) -> tuple[Account, CardCharge]:
    shop_id = CardCharge.objects.values_list("shop_id", flat=True).get(pk=charge_id)
    account = ledger.locked(shop_id)
    rows = CardCharge.objects.select_for_update(no_key=True, of=("self",))
    return account, rows.select_related("card", "shop").get(pk=charge_id)


def _locked(cancel_id: int) -> tuple[Account, CardCancel]:
    charge_id = CardCancel.objects.values_list("charge_id", flat=True).get(pk=cancel_id)
    account, charge = _locked_charge(charge_id)
    cancel = CardCancel.objects.select_for_update(no_key=True).get(pk=cancel_id)
    cancel.charge = charge
    return account, cancel
