"""Money given back to a card: as much as was decided, once, whatever happens on the way."""

import pytest

from billing import charges, refunds
from billing.cards.connect import gateway
from billing.enums import EntryKind
from billing.models import CardCancel, CardCharge, ChargeState, LedgerEntry
from billing.refunds import RefundRefused
from shopmsg.accounts.models import User
from tests.billing.paying import LATER, NOW, OWED, as_it_is, balance, owing, with_card
from tests.factories.accounts import StaffFactory
from tests.services import Sandbox

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> User:
    return StaffFactory(role="admin")


@pytest.fixture
def paid(sandbox: Sandbox) -> CardCharge:
    shop = owing()
    with_card(shop, sandbox)
    charge = charges.prepare(shop, None, NOW, by=None)
    charges.submit(charge.pk, NOW)
    return as_it_is(charge)


def asked(charge: CardCharge, won: int, by: User, reason: str = "두 번 내심") -> CardCancel:
    return refunds.refund(charge.pk, won, reason, by=by, address=None, now=NOW)


def left(sandbox: Sandbox) -> int:
    return int(sandbox.card_payments()[0]["balance"])


def state(cancel: CardCancel) -> str:
    cancel.refresh_from_db()
    return cancel.state


def test_part_after_part_goes_back_until_nothing_is_left(
    paid: CardCharge, admin: User, sandbox: Sandbox
) -> None:
    for won, rest in ((3_200, 10_000), (10_000, 0)):
        cancel = asked(paid, won, admin)
        assert refunds.go_on_due(NOW) == 1
        assert state(cancel) == ChargeState.PAID
        assert cancel.entry is not None
        assert (cancel.entry.kind, cancel.entry.amount_krw, cancel.entry.by) == (
            EntryKind.PAYMENT_BACK, won, admin,
        )  # fmt: skip
        assert (left(sandbox), refunds.left_of(paid), balance(paid.shop)) == (rest, rest, OWED - rest)
    assert refunds.go_on_due(NOW) == 0


@pytest.mark.parametrize(
    ("won", "reason", "code"),
    [
        (OWED + 1, "두 번 내심", "too_much"),
        (0, "두 번 내심", "amount"),
        (-1, "x", "amount"),
        (1, " ", "reason"),
        (1, "가" * 151, "reason"),
    ],
)
def test_what_cannot_be_given_back_is_refused_before_anybody_is_asked(
    paid: CardCharge, admin: User, won: int, reason: str, code: str
) -> None:
    with pytest.raises(RefundRefused) as raised:
        asked(paid, won, admin, reason)
    assert (raised.value.code, CardCancel.objects.count()) == (code, 0)


def test_a_second_refund_waits_for_the_first(paid: CardCharge, admin: User) -> None:
    asked(paid, 1_000, admin)
    with pytest.raises(RefundRefused) as raised:
        asked(paid, 1_000, admin)
    assert raised.value.code == "under_way"


@pytest.mark.parametrize("kind", ["timeout_after_accept", "reset_after_accept", "reset_before", "status"])
def test_a_refund_without_an_answer_is_read_off_the_payment_and_goes_back_once(
    paid: CardCharge, admin: User, sandbox: Sandbox, kind: str
) -> None:
    cancel = asked(paid, 3_200, admin)
    sandbox.arm(on="card_cancel", kind=kind, seconds=0.2)
    refunds.go_on(cancel.pk, NOW)
    assert state(cancel) == ChargeState.UNCERTAIN
    assert balance(paid.shop) == 0
    assert refunds.go_on_due(NOW + LATER) == 1
    assert state(cancel) == ChargeState.PAID
    assert (left(sandbox), balance(paid.shop)) == (OWED - 3_200, 3_200)
    assert LedgerEntry.objects.filter(kind=EntryKind.PAYMENT_BACK).count() == 1


def test_a_worker_killed_after_the_money_went_back_is_made_up_for(
    paid: CardCharge, admin: User, sandbox: Sandbox
) -> None:
    cancel = asked(paid, OWED, admin)
    sandbox.arm(on="card_cancel", kind="reset_after_accept")
    refunds.go_on(cancel.pk, NOW)
    CardCancel.objects.update(state=ChargeState.SUBMITTING, next_at=NOW + refunds.LEASE)
    assert refunds.go_on_due(NOW + LATER) == 1
    assert (state(cancel), balance(paid.shop)) == (ChargeState.PAID, OWED)


def test_what_was_cancelled_behind_our_back_is_taken_in_and_not_given_again(
    paid: CardCharge, admin: User, sandbox: Sandbox
) -> None:
    gateway().cancel(paid.payment_key, 10_000, "상점관리자에서 취소", "by-hand")
    cancel = asked(paid, 5_000, admin)
    refunds.go_on(cancel.pk, NOW)
    assert state(cancel) == ChargeState.DECLINED
    assert (refunds.look_back(paid.pk, NOW), refunds.look_back(paid.pk, NOW)) == (1, 0)
    assert (refunds.left_of(paid), balance(paid.shop), left(sandbox)) == (3_200, 10_000, 3_200)
