"""A contract's history as rows: read into billing.contract, and what is new kept."""

from collections.abc import Sequence
from datetime import datetime

from billing.contract import Change, Contract
from billing.enums import Bundle, ChangeKind, EventPlan
from billing.models import Subscription, SubscriptionChange
from shopmsg.accounts.enums import Product
from shopmsg.accounts.models import User


def contract_of(subscription: Subscription) -> Contract:
    """The contract by its rows; prefetch `changes` where there are many."""
    rows = sorted(subscription.changes.all(), key=lambda row: row.number)
    return Contract(tuple(_read(row) for row in rows), subscription.free_until is not None)


def keep(
    subscription: Subscription,
    contract: Contract,
    kept: int,
    *,
    by: User | None,
    reason: str,
    pack: tuple[str, Sequence[str]],
    now: datetime,
) -> None:
    """Store the changes after the first `kept`; `pack` is what a success pack is put together from."""
    SubscriptionChange.objects.bulk_create(
        SubscriptionChange(
            subscription=subscription,
            number=number,
            kind=made.kind,
            on=made.on,
            product=made.product,
            term_months=made.term_months,
            bundle=made.bundle,
            pack_internet=pack[0] if made.bundle == Bundle.SUCCESS_PACK else "",
            pack_parts=list(pack[1]) if made.bundle == Bundle.SUCCESS_PACK else [],
            plan=made.plan,
            until=made.until,
            reason=reason[:200],
            by=by,
            created_at=now,
        )
        for number, made in enumerate(contract.changes[kept:], kept + 1)
    )


def _read(row: SubscriptionChange) -> Change:
    return Change(
        ChangeKind(row.kind),
        row.on,
        Product(row.product),
        row.term_months,
        Bundle(row.bundle),
        EventPlan(row.plan),
        row.until,
    )
