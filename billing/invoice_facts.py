"""What shops' invoices depend on, read for many shops with a handful of queries."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from django.db.models import Q

from billing import dates, fees, history, party
from billing.drafting import Given, Held, ShopFacts, Waiting
from billing.enums import EntryKind
from billing.models import Account, LedgerEntry, Subscription, Usage
from billing.proration import month_end
from shopmsg.core.clock import month_start


def facts_of(accounts: Sequence[Account], month: date) -> list[ShopFacts]:
    """The facts for invoices up to the month that starts on `month`, in the accounts' order. Load the accounts with
    shop__merchant; lock them first when what is made of the facts is to be stored."""
    if not accounts:
        return []
    end = month_end(month)
    held = _held(accounts, end)
    usage = _usage(accounts, end)
    agreed = (
        fees.of_merchants(account.shop.merchant_id for account in accounts if account.shop_id in usage)
        if usage
        else {}
    )
    given = _given([one for found in held.values() for one in found])
    facts = []
    for account in accounts:
        mine = held.get(account.shop_id, [])
        following = _next_month(account, mine)
        touching = tuple(
            one
            for one in mine
            if following is not None and (one.contract.last_day is None or one.contract.last_day >= following)
        )
        facts.append(
            ShopFacts(
                account.shop_id,
                following,
                account.balance_krw,
                touching,
                tuple(row for one in touching for row in given.get(one.subscription.pk, ())),
                tuple(usage.get(account.shop_id, ())),
                agreed.get(account.shop.merchant_id, ()),
                party.snapshot(account),
            )
        )
    return facts


def _next_month(account: Account, held: Sequence[Held]) -> date | None:
    if account.billed_through is not None:
        return dates.following(account.billed_through)
    return min((month_start(one.contract.starts_on) for one in held), default=None)


def _held(accounts: Sequence[Account], end: date) -> dict[int, list[Held]]:
    rows = Subscription.objects.filter(shop__in=[account.shop_id for account in accounts], starts_on__lte=end)
    billed = [account.billed_through for account in accounts if account.billed_through is not None]
    if len(billed) == len(accounts):
        rows = rows.filter(Q(last_day__isnull=True) | Q(last_day__gt=min(billed)))
    found: dict[int, list[Held]] = defaultdict(list)
    for row in rows.prefetch_related("changes").order_by("starts_on", "pk"):
        found[row.shop_id].append(Held(row, history.contract_of(row)))
    return found


def _usage(accounts: Sequence[Account], end: date) -> dict[int, list[Waiting]]:
    rows = Usage.objects.filter(
        shop__in=[account.shop_id for account in accounts], entry__isnull=True, used_on__lte=end
    )
    found: dict[int, list[Waiting]] = defaultdict(list)
    for row in rows.order_by("pk").values_list("pk", "shop", "kind", "used_on", "quantity"):
        found[row[1]].append(Waiting(*row))
    return found


def _given(held: Sequence[Held]) -> dict[int, list[Given]]:
    """The discounts of contracts that have a refund; the others' are not asked for."""
    asked = [one.subscription.pk for one in held if any(True for _ in one.contract.left())]
    found: dict[int, list[Given]] = defaultdict(list)
    if not asked:
        return found
    rows = LedgerEntry.objects.filter(
        subscription__in=asked, kind=EntryKind.SERVICE, anchor__isnull=False
    ).order_by("first", "pk")
    for row in rows.values_list("subscription", "first", "last", "discount_krw", "anchor"):
        found[row[0]].append(Given(*row))
    return found
