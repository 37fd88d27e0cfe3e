"""Tasks of billing: each looks at what PostgreSQL says is due. A lost one is found again by the next tick of beat."""

import logging
import time
from typing import Final

from celery import shared_task
from django.utils import timezone

from billing import (
    bank,
    card_hints,
    card_keys,
    charge_rounds,
    charges,
    dunning,
    phone_bill,
    referral,
    refunds,
    reminders,
    runs,
    subscriptions,
)
from billing.alone import alone

log = logging.getLogger(__name__)

#: Seconds a task works at a run before others get their turn.
_TURN: Final = 3.0
#: Lines of an upload settled before others get their turn.
_LINES: Final = 500
#: Seconds after which a task begins no further call to the payment company.
_CARD_TURN: Final = 40.0
#: Any constants will do.
_SUBMITTING: Final = 5_348_415_571
_LOOKING_UP: Final = 5_348_415_572


@shared_task(name="billing.go_on")
def go_on(run_id: int | None = None) -> None:
    """Work at that billing run, or take up those that nobody works at."""
    waiting = runs.left_alone(timezone.now()) if run_id is None else [run_id]
    for waits in waiting:
        if runs.go_on(waits, time.monotonic() + _TURN, timezone.now()):
            go_on.apply_async((waits,), queue="upkeep")


@shared_task(name="billing.keep_states")
def keep_states() -> None:
    """End what was booked for yesterday, and let shops send or not as their pause begins or is over."""
    ended = subscriptions.end_due(timezone.now())
    if ended:
        log.info("booked ends came", extra={"subscriptions": ended})
    subscriptions.refresh_states(timezone.now())


@shared_task(name="billing.settle_referrals")
def settle_referrals() -> None:
    """A month free for the pairs whose new shop has paid its first bill."""
    settled = referral.settle_due(timezone.now())
    if settled:
        log.info("referrals settled", extra={"referrals": settled})


@shared_task(name="billing.dun")
def dun() -> None:
    """The steps of unpaid bills that are due."""
    taken = dunning.take_due(timezone.now())
    if taken:
        log.info("dunning steps taken", extra={"steps": taken})


@shared_task(name="billing.remind")
def remind() -> None:
    """Tell owners what is about to change in what they pay."""
    told = reminders.remind(timezone.now())
    if told:
        log.info("owners told ahead", extra={"texts": told})


@shared_task(name="billing.charge_due")
def charge_due() -> None:
    """Prepare a charge for every card whose day it is."""
    made = charge_rounds.charge_due(timezone.now())
    if made:
        log.info("card charges prepared", extra={"charges": made})
        submit_charges.apply_async(queue="upkeep")


@shared_task(name="billing.submit_charge")
def submit_charge(charge_id: int) -> None:
    """Submit the one that its owner waits for."""
    if charge_rounds.stopped() is None:
        charges.submit(charge_id, timezone.now())


@shared_task(name="billing.submit_charges")
def submit_charges() -> None:
    """Submit prepared charges, then let refunds go on."""
    until = time.monotonic() + _CARD_TURN
    with alone(_SUBMITTING) as entered:
        if entered:
            charge_rounds.submit_due(timezone.now, lambda: time.monotonic() > until)
            refunds.go_on_due(timezone.now())


@shared_task(name="billing.look_up_charges")
def look_up_charges() -> None:
    """Find out about charges without an answer, and about what the payment company hinted at."""
    until = time.monotonic() + _CARD_TURN
    with alone(_LOOKING_UP) as entered:
        if entered:
            charge_rounds.look_up_due(timezone.now, lambda: time.monotonic() > until)
            card_hints.follow(timezone.now())


@shared_task(name="billing.forget_cards")
def forget_cards() -> None:
    """Removed cards are forgotten at the payment company, old hints here."""
    card_keys.forget_removed(timezone.now())
    card_hints.forget(timezone.now())


@shared_task(name="billing.settle_deposits")
def settle_deposits() -> None:
    """Deposits nobody has looked at yet go to the shops they are surely from."""
    if bank.settle(timezone.now(), most=_LINES).waiting:
        settle_deposits.apply_async(queue="upkeep")


@shared_task(name="billing.settle_phone_bill")
def settle_phone_bill() -> None:
    """What came by phone bill becomes payments."""
    if phone_bill.settle(timezone.now(), most=_LINES):
        settle_phone_bill.apply_async(queue="upkeep")
