"""Real workers, killed while a card is being charged: the money moves once, and the ledger ends up knowing it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from billing import charges
from billing.enums import EntryKind
from billing.models import CardCharge, ChargeState, LedgerEntry
from billing.tasks import look_up_charges, submit_charges
from tests.billing.paying import OWED, as_it_is, balance, moved, owing, with_card
from tests.services import Sandbox
from tests.stack import eventually, running

pytestmark = pytest.mark.django_db(transaction=True)


def let_time_pass() -> None:
    """What a dead worker was charging is looked up after ninety seconds; here they have passed already."""
    past = timezone.now() - timedelta(minutes=3)
    CardCharge.objects.filter(state=ChargeState.SUBMITTING).update(next_at=past)


def test_a_worker_killed_while_the_card_company_works_charges_nobody_twice(
    sandbox: Sandbox, broker: object
) -> None:
    shops = [owing() for _ in range(3)]
    for shop in shops:
        with_card(shop, sandbox)
    sandbox.arm(on="card_charge", kind="slow", seconds=1.5, count=3)
    charged = [charges.prepare(shop, None, timezone.now(), by=None) for shop in shops]
    with running() as stack:
        for _ in range(2):
            submit_charges.apply_async(queue="upkeep")
            assert eventually(lambda: CardCharge.objects.filter(state=ChargeState.SUBMITTING).exists(), 60), (
                stack.log()
            )
            stack.processes[-1].kill()
            let_time_pass()
            stack.start_worker()
            look_up_charges.apply_async(queue="upkeep")
        assert eventually(
            lambda: all(as_it_is(charge).state == ChargeState.PAID for charge in charged), 90
        ), stack.log()
    assert moved(sandbox) == [OWED] * 3
    assert [balance(shop) for shop in shops] == [0] * 3
    assert LedgerEntry.objects.filter(kind=EntryKind.PAYMENT).count() == 3
