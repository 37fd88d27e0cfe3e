"""What owners hear before it happens: the free month ends, the commitment ends, an announced price begins (rules.md §2–3).

Each is said once: the text's key names what it is about, so that a day that was missed is made up for and a repeated day says
nothing. Contracts are read in chunks, and who has been told is asked for a chunk at a time.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Prefetch, Q, QuerySet

from billing import history, notify, price_list
from billing.catalogue import Catalogue, NotSold
from billing.contract import ONE_DAY, Contract
from billing.models import CatalogueKind, CatalogueRow, Subscription, SubscriptionState
from billing.proration import plan_on, quote_on
from shopmsg.accounts.enums import MemberRole, NoticeKind
from shopmsg.accounts.models import Membership, Notice
from shopmsg.core.clock import add_months, format_day, kst_day
from shopmsg.core.money import format_won

log = logging.getLogger(__name__)

#: Days before.
FREE_MONTH: Final = 7
COMMITMENT: Final = (30, 7)
PRICE: Final = 30
#: Contracts read at once.
CHUNK: Final = 500
#: The shortest commitment, months: no contract can come to the end of one sooner.
_SHORTEST: Final = 12


@dataclass(frozen=True, slots=True)
class Saying:
    """One text about one contract."""

    subscription: Subscription
    kind: NoticeKind
    key: str
    fields: dict[str, str]


def remind(now: datetime) -> int:
    """Say what is to be said today; returns how many texts were asked for. Harmless when repeated."""
    catalogue = price_list.catalogue()
    return free_months(catalogue, now) + commitments(catalogue, now) + prices(catalogue, now)


def free_months(catalogue: Catalogue, now: datetime) -> int:
    """The free month ends in seven days or fewer, and what a month costs from then on."""
    today = kst_day(now)
    rows = Subscription.objects.filter(free_until__range=(today, today + timedelta(days=FREE_MONTH)))
    told = 0
    for chunk in _chunks(rows):
        said = []
        for row in chunk:
            contract = history.contract_of(row)
            if row.free_until is None or _gone_by(contract, row.free_until + ONE_DAY):
                continue
            price = _service(contract, catalogue, row.free_until + ONE_DAY)
            fields = {"date": format_day(row.free_until), "price": format_won(price)}
            said.append(Saying(row, NoticeKind.FREE_MONTH_ENDING, f"free-month:{row.pk}", fields))
        told += _tell(said, now)
    return told


def commitments(catalogue: Catalogue, now: datetime) -> int:
    """A commitment ends in thirty days, and again in seven, with the list price that follows. A pause that moves the end
    makes it another one, to be told of anew."""
    today = kst_day(now)
    soonest = add_months(today + timedelta(days=COMMITMENT[0] + 1), -_SHORTEST)
    rows = Subscription.objects.filter(term_months__gt=0, starts_on__lte=soonest)
    told = 0
    for chunk in _chunks(rows):
        said = []
        for row in chunk:
            contract = history.contract_of(row)
            held = contract.terms_on(today).commitment
            if held is None:
                continue
            over = contract.commitment_over_on(held)
            last, left = over - ONE_DAY, (over - ONE_DAY - today).days
            near = min((days for days in COMMITMENT if left <= days), default=None)
            if near is None or _gone_by(contract, over):
                continue
            fields = {"date": format_day(last), "price": format_won(_service(contract, catalogue, over))}
            key = f"commitment:{row.pk}:{last:%Y%m%d}:{near}"
            said.append(Saying(row, NoticeKind.COMMITMENT_ENDING, key, fields))
        told += _tell(said, now)
    return told


def prices(catalogue: Catalogue, now: datetime) -> int:
    """An announced price begins within thirty days and changes what this shop pays a month. Who has a commitment then keeps
    the price it was agreed at, and hears nothing."""
    today = kst_day(now)
    announced: dict[date, Q] = {}
    for row in CatalogueRow.objects.filter(
        kind__in=[CatalogueKind.PRICE, CatalogueKind.PLAN],
        withdrawn_at__isnull=True,
        effective_from__range=(today + ONE_DAY, today + timedelta(days=PRICE)),
    ):
        of = Q(product=row.code) if row.kind == CatalogueKind.PRICE else Q(plan=row.code)
        announced[row.effective_from] = announced.get(row.effective_from, Q(pk=None)) | of
    told = 0
    for day, affected in sorted(announced.items()):
        for chunk in _chunks(Subscription.objects.filter(affected)):
            said = [found for row in chunk if (found := _price_change(row, catalogue, day)) is not None]
            told += _tell(said, now)
    return told


def _price_change(row: Subscription, catalogue: Catalogue, day: date) -> Saying | None:
    contract = history.contract_of(row)
    if _gone_by(contract, day):
        return None
    before, after = contract.terms_on(day - ONE_DAY), contract.terms_on(day)
    try:
        service = (_service(contract, catalogue, day - ONE_DAY), _service(contract, catalogue, day))
        plan = (_plan(contract, catalogue, day - ONE_DAY), _plan(contract, catalogue, day))
    except NotSold as refused:
        log.error("price change cannot be told", extra={"subscription": row.pk, "code": refused.code})
        return None
    # A commitment that ends on that very day is another text's news.
    same_terms = before.commitment == after.commitment
    if plan[0] == plan[1] and not (same_terms and service[0] != service[1]):
        return None
    fields = {
        "date": format_day(day),
        "before": format_won(service[0] + plan[0]),
        "after": format_won(service[1] + plan[1]),
    }
    key = f"price:{row.pk}:{day:%Y%m%d}:{service[1] + plan[1]}"
    return Saying(row, NoticeKind.PRICE_CHANGING, key, fields)


def _service(contract: Contract, catalogue: Catalogue, day: date) -> int:
    return quote_on(contract, catalogue, day).monthly_krw


def _plan(contract: Contract, catalogue: Catalogue, day: date) -> int:
    plan = plan_on(contract, catalogue, day)
    return plan.monthly_krw if plan is not None else 0


def _gone_by(contract: Contract, day: date) -> bool:
    """Whether the shop will have left by then, so that it is none of its business."""
    return contract.last_day is not None and contract.last_day < day


def _chunks(rows: QuerySet[Subscription]) -> Iterator[list[Subscription]]:
    """Those that run, with their changes, shop and owners, four queries a chunk."""
    owners = Membership.objects.filter(role=MemberRole.OWNER, user__is_active=True)
    running = (
        rows.filter(state=SubscriptionState.RUNNING)
        .select_related("shop")
        .prefetch_related("changes", Prefetch("shop__memberships", owners))
        .order_by("pk")
    )
    last = 0
    while chunk := list(running.filter(pk__gt=last)[:CHUNK]):
        yield chunk
        last = chunk[-1].pk


def _tell(said: list[Saying], now: datetime) -> int:
    """Ask for those texts that nobody asked for yet."""
    wanted = {
        f"{one.key}:{owner.user_id}": one for one in said for owner in one.subscription.shop.memberships.all()
    }
    if not wanted:
        return 0
    known = set(Notice.objects.filter(key__in=list(wanted)).values_list("key", flat=True))
    new = {one.key: one for key, one in wanted.items() if key not in known}
    with transaction.atomic():
        return sum(
            notify.tell(one.subscription.shop, one.kind, key=one.key, fields=one.fields, now=now)
            for one in new.values()
        )
