"""What an announcement would do, before it is made: whom it is for, what they pay before and after, when they hear of it."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from billing import history, price_list
from billing.catalogue import TERMS, Catalogue, PlanPrice, Price, UsagePrice
from billing.contract import ONE_DAY
from billing.enums import Bundle, ChangeKind
from billing.models import Subscription, SubscriptionChange, SubscriptionState, Usage
from billing.price_list import Row
from billing.reminders import PRICE
from shopmsg.accounts.enums import NoticeKind
from shopmsg.accounts.models import Notice
from shopmsg.core.clock import add_months
from shopmsg.core.money import format_won

#: Contracts read at once.
_CHUNK: Final = 500
#: Who used a thing so lately is who its price is for.
_LATELY: Final = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Group:
    """Shops that pay alike: how many, and what a month (or a piece) costs them before and after."""

    label: str
    shops: int
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Effect:
    """`groups`: whom it is for from its day on; `kept`: running shops that keep theirs until their commitment is over; `tell_on`:
    the day they are told, None where nobody is; `following`: the day from which another announcement holds, None for none."""

    groups: Sequence[Group]
    kept: int
    tell_on: date | None
    following: date | None

    @property
    def shops(self) -> int:
        """How many it is for."""
        return sum(group.shops for group in self.groups)


def effect_of(row: Row, held: Catalogue, today: date) -> Effect:
    """What announcing it today would do; `held` is the catalogue without it."""
    day, before = row.effective_from, price_list.before(row, held)
    running = Subscription.objects.filter(state=SubscriptionState.RUNNING).exclude(last_day__lt=day)
    following = min((start for start in _days(row, held) if start > day), default=None)
    tell_on = max(today, day - timedelta(days=PRICE))
    if isinstance(row, Price) and isinstance(before, Price):
        sold = running.filter(product=row.product)
        committed = sold.filter(term_months__gt=0)
        over = _over_by(committed, day)
        counted = Counter({Bundle.NONE.value: over})
        for bundle, shops in sold.filter(term_months=0).values_list("bundle").annotate(shops=Count("pk")):
            counted[bundle] += shops
        groups = [
            Group(
                "약정·결합 없음" if bundle == Bundle.NONE else bundle.label,
                counted[bundle.value],
                format_won(before.list_krw - before.bundles.get(bundle, 0)),
                format_won(row.list_krw - row.bundles.get(bundle, 0)),
            )
            for bundle in Bundle
            if bundle == Bundle.NONE or bundle in before.bundles
        ]
        return Effect(groups, committed.count() - over, tell_on, following)
    if isinstance(row, PlanPrice) and isinstance(before, PlanPrice):
        shops = running.filter(plan=row.plan).count()
        group = Group(row.plan.label, shops, format_won(before.monthly_krw), format_won(row.monthly_krw))
        return Effect([group], 0, tell_on, following)
    if isinstance(row, UsagePrice) and isinstance(before, UsagePrice):
        used = Usage.objects.filter(kind=row.kind, used_on__gt=today - _LATELY)
        shops = used.values("shop").distinct().count()
        group = Group(f"석 달 안에 쓴 가게 · {row.kind.label}", shops, _piece(before), _piece(row))
        return Effect([group], 0, None, following)
    committed = running.filter(term_months__gt=0)
    return Effect((), committed.count() - _over_by(committed, day), None, following)


def told_of(code: str, day: date) -> int:
    """Shops that have already been told of an announced price of that product or event plan."""
    told = Notice.objects.filter(
        kind=NoticeKind.PRICE_CHANGING, key__startswith="price:", key__contains=f":{day:%Y%m%d}:"
    )
    held = Subscription.objects.filter(Q(product=code) | Q(plan=code), state=SubscriptionState.RUNNING)
    return told.filter(shop__in=held.values("shop")).values("shop").distinct().count()


def _days(row: Row, held: Catalogue) -> Iterator[date]:
    key = price_list.named(row)
    for each in price_list.rows_in(held):
        if price_list.named(each) == key:
            yield each.effective_from


def _over_by(committed: QuerySet[Subscription], day: date) -> int:
    """How many of these commitments have been served by that day. Most began with the contract and were never paused: their
    end follows from two columns. The rest is read, where it can have ended at all."""
    may_be_over = Q(pk=None)
    for term in TERMS[1:]:
        may_be_over |= Q(term_months=term, starts_on__lte=_begun_by(term, day))
    turned = SubscriptionChange.objects.filter(
        subscription=OuterRef("pk"), kind__in=[ChangeKind.COMMITTED, ChangeKind.PAUSED]
    )
    found = committed.filter(may_be_over).annotate(turned=Exists(turned))
    read = sum(
        history.contract_of(each).terms_on(day).commitment is None
        for each in found.filter(turned=True).prefetch_related("changes").iterator(_CHUNK)
    )
    return found.filter(turned=False).count() + read


def _begun_by(term_months: int, day: date) -> date:
    """The last day on which a commitment can have begun that is over on `day`: months end on days that shorter ones lack."""
    first = add_months(day, -term_months)
    begun = (first + step * ONE_DAY for step in range(4))
    return max(each for each in begun if add_months(each, term_months) <= day)


def _piece(row: UsagePrice) -> str:
    return f"{row.percent}%" if row.percent is not None else format_won(row.won or 0)
