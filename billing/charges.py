"""카드 결제: charging what a shop owes (design.md §3 habits 3–5). A charge is a row before it is a request, and one whose outcome is
unknown is looked up under its own order id; another is never made beside it (PostgreSQL: one open charge a shop).

The amount is all that is owed at the moment of asking, never a part, and never more than the owner agreed to. Money that came
twice, by card and by transfer, stays to the shop's credit. Locks go account, charge, then shop.
"""

import secrets
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import structlog
from django.db import transaction

from billing import card_keys, dunning, ledger, notify
from billing.card_keys import OPEN
from billing.cards import ChargeOutcome, ChargeRequest, ChargeResult, NotFound, Reason, sentence
from billing.cards.connect import gateway
from billing.cards.toss import LEAST_AMOUNT
from billing.enums import PayMethod
from billing.models import Account, CardCharge, CardHint, CardState, ChargeState, Invoice, LedgerEntry
from shopmsg.accounts.enums import NoticeKind
from shopmsg.accounts.models import Shop, User
from shopmsg.core.clock import kst_day
from shopmsg.core.errors import ShopmsgError
from shopmsg.core.money import format_won

log = structlog.get_logger(__name__)

#: Longer than any call: who has not answered by then is dead.
LEASE: Final = timedelta(seconds=90)
#: How soon a charge without an answer is looked up, and how seldom at the end.
SOONEST: Final = timedelta(seconds=20)
RAREST: Final = timedelta(hours=1)
#: A charge unknown to the company so long after it was asked was never made.
SURELY_NOT: Final = timedelta(minutes=10)
#: The company remembers what it answered for fifteen days; until then the same request charges nothing anew.
REPEATED_WITHIN: Final = timedelta(days=14)
#: How long one that is refused for our own fault waits.
OURS_AGAIN: Final = timedelta(minutes=10)

PAID_OTHERWISE: Final = "그사이 다른 방법으로 내셔서 카드로 결제하지 않았어요."
CARD_GONE: Final = "카드를 바꾸거나 지우셔서 이 결제는 하지 않았어요."
#: Answers that say nothing was charged and would be given again to the same idempotency key.
REPLAYED: Final = frozenset({"PROVIDER_ERROR", "CARD_PROCESSING_ERROR"})


class ChargeRefused(ShopmsgError):
    """Why no charge is made. Codes: "nothing_owed", "too_little", "no_card", "under_way", "moved" (another amount is owed than
    the one that was agreed to)."""


def prepare(
    shop: Shop, invoice: Invoice | None, now: datetime, *, by: User | None, agreed_krw: int | None = None
) -> CardCharge:
    """결제 준비: a charge of all that is owed now, to be submitted at once. `invoice` is what it is called after, the newest that
    is open unless said. `agreed_krw`: what the owner was shown. Raises ChargeRefused."""
    with transaction.atomic():
        account = ledger.locked(shop.pk)
        owed = account.balance_krw
        if owed <= 0:
            raise ChargeRefused("nothing_owed", "지금 내실 요금이 없어요.")
        if owed < LEAST_AMOUNT:
            raise ChargeRefused(
                "too_little",
                f"카드는 {LEAST_AMOUNT}원부터 결제할 수 있어요. 다음 청구서와 함께 결제해 드릴게요.",
            )
        if CardCharge.objects.filter(shop=shop, state__in=OPEN).exists():
            raise ChargeRefused("under_way", "이미 결제하고 있어요. 다시 누르지 않으셔도 돼요.")
        card = card_keys.active(shop.pk)
        if card is None:
            raise ChargeRefused("no_card", "결제할 수 있는 카드가 없어요. 카드를 등록해 주세요.")
        if agreed_krw is not None and agreed_krw != owed:
            raise ChargeRefused(
                "moved", f"그사이 내실 금액이 {format_won(owed)}으로 바뀌었어요. 확인하고 다시 눌러 주세요."
            )
        if invoice is None:
            waiting = ledger.open_invoices(account)
            invoice = waiting[-1].invoice if waiting else None
        month = invoice.month if invoice is not None else kst_day(now)
        number = CardCharge.objects.filter(shop=shop).count() + 1
        return CardCharge.objects.create(
            shop=shop,
            card=card,
            invoice=invoice,
            amount_krw=owed,
            order_id=f"b{shop.pk}-{month:%Y%m}-{number}-{secrets.token_hex(4)}",
            idempotency_key=str(uuid.uuid4()),
            by=by,
            created_at=now,
            next_at=now,
        )


def submit(charge_id: int, now: datetime) -> bool:
    """Ask for a prepared charge and settle what comes back; False when it was not (any more) to be submitted. Not inside a
    transaction."""
    with transaction.atomic():
        account, charge = _locked(charge_id)
        if charge.state != ChargeState.PREPARED or (charge.next_at is not None and charge.next_at > now):
            return False
        card = card_keys.active(charge.shop_id)
        if account.balance_krw < LEAST_AMOUNT or card is None:
            _abandon(charge, CARD_GONE if card is None else PAID_OTHERWISE, now)
            return False
        charge.card = card
        # What an owner agreed to is not raised; what nobody was shown is whatever is owed.
        owed = account.balance_krw
        charge.amount_krw = owed if charge.by_id is None else min(charge.amount_krw, owed)
        charge.submitted_at = now
        request = _asked(charge, now)
    settle(charge_id, gateway().charge(request), now, fresh=True)
    return True


def look_up(charge_id: int, now: datetime) -> bool:
    """Find out what became of a charge whose answer never came, or was not clear; False when there was nothing to find out.
    One that the company does not know is asked for again, under the same order id, and where it could have been taken
    in, under the same idempotency key. Not inside a transaction."""
    with transaction.atomic():
        _, charge = _locked(charge_id)
        left_alone = (
            charge.state == ChargeState.SUBMITTING and charge.next_at is not None and charge.next_at <= now
        )
        if charge.state != ChargeState.UNCERTAIN and not left_alone:
            return False
        charge.state, charge.next_at = ChargeState.UNCERTAIN, now + LEASE
        charge.save(update_fields=["state", "next_at"])
    found = gateway().lookup(charge.order_id, charge.amount_krw)
    if isinstance(found, NotFound):
        _unknown(charge_id, now)
    else:
        settle(charge_id, found, now, looked_up=True)
    return True


def settle(
    charge_id: int, result: ChargeResult, now: datetime, *, fresh: bool = False, looked_up: bool = False
) -> None:
    """What a charge's answer means; `fresh`: it had never been asked for before, `looked_up`: it was only looked at. Harmless
    when repeated. Money that came is taken in whatever we thought of the charge; everything else is heard only while it is
    open."""
    with transaction.atomic():
        account, charge = _locked(charge_id)
        came = result.outcome is ChargeOutcome.PAID or result.reason is Reason.REFUNDED
        if came and result.amount == charge.amount_krw:
            if charge.state != ChargeState.PAID:
                _paid(account, charge, result, now)
        elif charge.state not in OPEN:
            return
        elif result.outcome in (ChargeOutcome.DECLINED_SOFT, ChargeOutcome.DECLINED_DEAD):
            _declined(charge, result, now, tell=charge.by_id is None or looked_up)
        elif result.outcome is ChargeOutcome.FATAL:
            log.error("card_charge_senseless", order=charge.order_id, code=result.code)
            charge.code = result.code[:60]
            _abandon(charge, result.message, now)
        elif result.outcome is ChargeOutcome.CONFIG and fresh:
            log.error("card_charges_stopped", order=charge.order_id, code=result.code)
            _wait(charge, ChargeState.PREPARED, result, now + OURS_AGAIN)
        elif looked_up and result.code != "mismatch":
            # Nothing was learned: what the charge itself was answered is worth more.
            _again_at(charge, now)
        else:
            _wait(charge, ChargeState.UNCERTAIN, result, _next_look(charge, now))


def give_up(charge_id: int, now: datetime) -> bool:
    """A person found that an unknown charge was never made; False when it is not unknown any more."""
    with transaction.atomic():
        _, charge = _locked(charge_id)
        if charge.state != ChargeState.UNCERTAIN:
            return False
        _abandon(charge, "카드사에 확인했더니 결제되지 않았어요.", now)
    return True


def _locked(charge_id: int) -> tuple[Account, CardCharge]:
    shop_id = CardCharge.objects.values_list("shop_id", flat=True).get(pk=charge_id)
    account = ledger.locked(shop_id)
    rows = CardCharge.objects.select_for_update(no_key=True, of=("self",))
    return account, rows.select_related("card", "shop", "invoice").get(pk=charge_id)


def _asked(charge: CardCharge, now: datetime) -> ChargeRequest:
    """The request, once the row says that it is being made."""
    charge.state, charge.next_at, charge.tries = ChargeState.SUBMITTING, now + LEASE, charge.tries + 1
    charge.save(update_fields=["state", "next_at", "tries", "card", "amount_krw", "submitted_at"])
    month = charge.invoice.month if charge.invoice is not None else kst_day(charge.created_at)
    return ChargeRequest(
        billing_key=card_keys.billing_key_of(charge.card),
        customer_key=charge.card.customer_key,
        order_id=charge.order_id,
        order_name=f"우리가게 문자 {month.month}월 요금",
        amount=charge.amount_krw,
        idempotency_key=charge.idempotency_key,
    )


def _unknown(charge_id: int, now: datetime) -> None:
    """The company knows no such order: soon after the request that proves nothing."""
    with transaction.atomic():
        account, charge = _locked(charge_id)
        if charge.state != ChargeState.UNCERTAIN:
            return
        age = now - (charge.submitted_at or charge.created_at)
        wanted = account.balance_krw >= charge.amount_krw and charge.card.state == CardState.ACTIVE
        if not wanted and age >= SURELY_NOT:
            gone = charge.card.state != CardState.ACTIVE
            _abandon(charge, CARD_GONE if gone else PAID_OTHERWISE, now)
            return
        if not wanted or age > REPEATED_WITHIN:
            _again_at(charge, now)
            return
        request = _asked(charge, now)
    settle(charge_id, gateway().charge(request), now)


def _paid(account: Account, charge: CardCharge, result: ChargeResult, now: datetime) -> None:
    key = f"card:{charge.order_id}"
    card = f"{charge.card.issuer} {charge.card.number}".strip()
    entry = ledger.pay(
        account,
        charge.amount_krw,
        key=key,
        method=PayMethod.CARD,
        paid_on=kst_day(result.approved_at or now),
        label="카드 결제",
        sentence=f"{card} 카드로 {format_won(charge.amount_krw)}을 내셨어요.",
        by=charge.by,
        now=now,
        detail={"order": charge.order_id, "card": card},
    )
    charge.entry = entry or LedgerEntry.objects.get(key=key)
    charge.state, charge.settled_at, charge.next_at = ChargeState.PAID, now, None
    charge.payment_key, charge.receipt_url = result.payment_key[:200], result.receipt_url[:500]
    charge.code, charge.why, charge.raw = result.code[:60], "", dict(result.raw)
    charge.save()
    card_keys.mark_working(charge.card)
    if result.reason is Reason.REFUNDED:
        # It came and went back before we knew of it: what went back is read off the payment next.
        CardHint.objects.get_or_create(
            transmission_id=f"refunded:{charge.order_id}",
            defaults={
                "event": result.code[:60],
                "order_id": charge.order_id,
                "known": True,
                "received_at": now,
            },
        )
    dunning.after_payment(account, now)


def _declined(charge: CardCharge, result: ChargeResult, now: datetime, *, tell: bool) -> None:
    charge.state, charge.settled_at, charge.next_at = ChargeState.DECLINED, now, None
    charge.code, charge.why, charge.raw = result.code[:60], result.message[:200], dict(result.raw)
    charge.payment_key = result.payment_key[:200]
    charge.save()
    if result.outcome is ChargeOutcome.DECLINED_DEAD:
        card_keys.mark_broken(charge.card, result.message, now)
    if tell:
        fields = {"amount": format_won(charge.amount_krw), "reason": result.message}
        key = f"payment-failed:{charge.pk}"
        notify.tell(charge.shop, NoticeKind.PAYMENT_FAILED, key=key, fields=fields, page="pay", now=now)


def _wait(charge: CardCharge, state: ChargeState, result: ChargeResult, until: datetime) -> None:
    charge.state, charge.next_at = state, until
    charge.code, charge.why = result.code[:60], (result.message or sentence(Reason.CHECKING))[:200]
    charge.payment_key, charge.raw = result.payment_key[:200], dict(result.raw)
    if result.outcome is ChargeOutcome.CONFIG or result.code in REPLAYED:
        charge.idempotency_key = str(uuid.uuid4())
    charge.save()


def _again_at(charge: CardCharge, now: datetime) -> None:
    charge.next_at = _next_look(charge, now)
    charge.save(update_fields=["next_at"])


def _next_look(charge: CardCharge, now: datetime) -> datetime:
    """Half as long again as it has been unknown."""
    age = now - (charge.submitted_at or charge.created_at)
    return now + min(max(age / 2, SOONEST), RAREST)


def _abandon(charge: CardCharge, why: str, now: datetime) -> None:
    charge.state, charge.why = ChargeState.ABANDONED, why[:200]
    charge.settled_at, charge.next_at = now, None
    charge.save(update_fields=["state", "why", "code", "settled_at", "next_at"])


def newest(shop: Shop, most: int) -> Sequence[CardCharge]:
    """The shop's last charges, newest first."""
    return list(CardCharge.objects.filter(shop=shop).select_related("card").order_by("-pk")[:most])
