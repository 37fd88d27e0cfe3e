"""카드 결제 확인: what a person does about a charge that nobody could find out about, after asking the payment company by other
means."""

from datetime import datetime

from django.db import transaction

from billing import charges
from billing.cards import NotFound
from billing.cards.connect import gateway
from billing.charge_rounds import LOOKED_AT_AFTER
from billing.models import CardCharge, ChargeState
from shopmsg.accounts import audit
from shopmsg.accounts.models import User
from shopmsg.core.errors import ShopmsgError


class StillUnknown(ShopmsgError):
    """A charge that cannot be closed by hand. Codes: "reason", "decided", "too_soon", "not_gone"."""


def close_unpaid(charge_id: int, *, reason: str, by: User, address: str | None, now: datetime) -> None:
    """결제되지 않음: the company, asked once more, still knows nothing of it. Should money turn up later it is taken in all the
    same. Raises StillUnknown. Not inside a transaction."""
    reason = " ".join(reason.split())[:200]
    if not reason:
        raise StillUnknown("reason", "무엇을 보고 정했는지 적어 주세요.")
    charge = CardCharge.objects.get(pk=charge_id)
    if charge.state != ChargeState.UNCERTAIN:
        raise StillUnknown("decided", f"그사이 끝난 결제입니다: {charge.get_state_display()}")
    if now - (charge.submitted_at or charge.created_at) < LOOKED_AT_AFTER:
        raise StillUnknown("too_soon", "결제를 보낸 지 한 시간이 지나야 끝낼 수 있습니다.")
    found = gateway().lookup(charge.order_id, charge.amount_krw)
    if not isinstance(found, NotFound):
        charges.settle(charge_id, found, now, looked_up=True)
        raise StillUnknown(
            "not_gone", "결제 회사에 이 결제가 있거나 지금 물어볼 수 없습니다. 다시 확인해 주세요."
        )
    with transaction.atomic():
        if not charges.give_up(charge_id, now):
            raise StillUnknown("decided", "그사이 끝난 결제입니다.")
        audit.record(
            "card.settled_by_hand",
            actor=by,
            shop=charge.shop,
            subject=f"charge:{charge_id}",
            reason=reason,
            address=address,
        )
