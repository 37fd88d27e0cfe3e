"""카드 결제 돌리기: which shops are charged on which day, and the rounds that submit and look up what is waiting.

A card is charged on the fifth of the month after (billing.dates.charged_on); what is still owed when it was due is tried again one,
three and seven days later, and after that only the dunning goes on. A day that was missed is made up for. When our own key or
contract is refused everything stops but one charge, which is tried again every ten minutes: no card is to blame.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Final

import structlog
from django.db import DataError
from django.db.models import DateTimeField, Exists, F, Manager, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.fields.json import KT

from billing import charges, dates
from billing.card_keys import OPEN
from billing.cards.toss import LEAST_AMOUNT
from billing.charges import ChargeRefused
from billing.enums import EntryKind, PayMethod
from billing.models import Account, Card, CardCharge, CardState, ChargeState, Invoice, LedgerEntry
from shopmsg.core.clock import day_start, kst_day

log = structlog.get_logger(__name__)

#: Days after the due day on which what a card did not pay is tried once more.
RETRIES: Final = (1, 3, 7)
#: A charge that is unknown for longer is somebody's to look at.
LOOKED_AT_AFTER: Final = timedelta(hours=1)
_CHUNK: Final = 20


def charge_due(now: datetime) -> int:
    """Prepare a charge for every shop that pays by card and whose day it is; returns how many. Harmless when repeated, and by
    two at once."""
    made = 0
    for account in _candidates().iterator(chunk_size=2_000):
        if not _is_due(account, now):
            continue
        try:
            charges.prepare(account.shop, None, now, by=None)
        except ChargeRefused as refused:
            # Paid, or charged by somebody else, since the list was made.
            log.info("card_charge_not_prepared", shop=account.shop_id, code=refused.code)
        except DataError:
            # More than any card can be asked for: a person has to look at that bill, the others do not wait for it.
            log.exception("card_charge_impossible", shop=account.shop_id)
        else:
            made += 1
    return made


def submit_due(now: Callable[[], datetime], until: Callable[[], bool]) -> int:
    """Submit what is prepared, what owners wait for first, until nothing is left or `until` says so; returns how many were. Two at once share the
    work. While our own key is refused only the charge that met it is tried."""
    done = 0
    waiting = CardCharge.objects.filter(state=ChargeState.PREPARED)
    while not until():
        moment = now()
        due = waiting.filter(Q(next_at__isnull=True) | Q(next_at__lte=moment)).order_by(
            F("by").asc(nulls_last=True), "next_at", "pk"
        )
        refused = stopped()
        if refused is not None:
            due = due.filter(pk=refused.pk)
        found = list(due.values_list("pk", flat=True)[: 1 if refused else _CHUNK])
        for pk in found:
            if until() or (refused is None and stopped() is not None):
                break
            done += charges.submit(pk, now())
        if not found:
            break
    return done


def look_up_due(now: Callable[[], datetime], until: Callable[[], bool]) -> int:
    """Look up what is unknown and what a dead worker left, the longest waiting first; returns how many were."""
    moment = now()
    due = CardCharge.objects.filter(
        state__in=[ChargeState.SUBMITTING, ChargeState.UNCERTAIN], next_at__lte=moment
    ).order_by("next_at", "pk")
    done = 0
    for pk in list(due.values_list("pk", flat=True)[:_CHUNK]):
        if until():
            break
        done += charges.look_up(pk, now())
    return done


def stopped() -> CardCharge | None:
    """The charge that our own key or contract was refused for, so that no other is made; None when all is well."""
    return CardCharge.objects.filter(state=ChargeState.PREPARED).exclude(code="").order_by("pk").first()


def for_a_person(now: datetime) -> QuerySet[CardCharge, CardCharge]:
    """Charges whose outcome has been unknown for so long that somebody must ask the payment company, oldest first."""
    return (
        CardCharge.objects.filter(state=ChargeState.UNCERTAIN, submitted_at__lte=now - LOOKED_AT_AFTER)
        .select_related("shop", "card")
        .order_by("submitted_at", "pk")
    )


def planned_day(account: Account, now: datetime) -> date | None:
    """The next day on which this shop's card is charged without anybody doing anything; None when nothing is planned."""
    today = kst_day(now)
    found = _with_bills(Account.objects.filter(pk=account.pk)).get()
    return min((day for day in map(kst_day, _moments(found)) if day > today), default=None)


def _candidates() -> QuerySet[Account, Account]:
    """Who pays by card and owes, with the moment of the last charge and what `_moments` asks for."""
    shop = OuterRef("shop")
    last = CardCharge.objects.filter(shop=shop).order_by().values("shop").annotate(at=Max("created_at"))
    return (
        _with_bills(Account.objects)
        .filter(
            Exists(Card.objects.filter(shop=shop, state=CardState.ACTIVE)),
            ~Exists(CardCharge.objects.filter(shop=shop, state__in=OPEN)),
            method=PayMethod.CARD,
            balance_krw__gte=LEAST_AMOUNT,
        )
        .annotate(
            charged_at=Subquery(last.values("at"), output_field=DateTimeField()),
        )
        .select_related("shop")
        .order_by("pk")
    )


def _with_bills(accounts: Manager[Account] | QuerySet[Account, Account]) -> QuerySet[Account, Account]:
    """With month and moment of the newest bill and of the oldest open one (a correction may be newer than a bill whose card day
    is still to come), and the moment of the newest charge whose money went back. What is left of a balance lies on the newest bills
    (billing.ledger.open_invoices), so that the newest is open whenever something is owed."""
    bills = Invoice.objects.filter(shop=OuterRef("shop"), total_krw__gt=0)
    newest = bills.order_by("-due_on", "-pk")
    oldest = bills.filter(due_on=OuterRef("unpaid_since")).order_by("-month", "-pk")
    back = LedgerEntry.objects.annotate(order=KT("detail__order")).filter(
        shop=OuterRef("shop"), kind=EntryKind.PAYMENT_BACK, order=OuterRef("order_id")
    )
    returned = CardCharge.objects.filter(Exists(back), shop=OuterRef("shop"), state=ChargeState.PAID)
    return accounts.annotate(
        newest_month=Subquery(newest.values("month")[:1]),
        newest_at=Subquery(newest.values("created_at")[:1]),
        oldest_month=Subquery(oldest.values("month")[:1]),
        oldest_at=Subquery(oldest.values("created_at")[:1]),
        returned_at=Subquery(returned.order_by("-created_at").values("created_at")[:1]),
    )


def _moments(account: Account) -> list[datetime]:
    """Every moment a charge is planned for, past ones too. What went back to a card is not taken from it again before there is
    a newer bill: somebody decided that it goes back."""
    since: datetime | None = getattr(account, "returned_at", None)
    planned: list[datetime] = []
    for which in ("newest", "oldest"):
        month: date | None = getattr(account, f"{which}_month", None)
        made: datetime | None = getattr(account, f"{which}_at", None)
        if month is None or made is None or (since is not None and made <= since):
            continue
        planned.append(max(day_start(dates.charged_on(month)), made))
        if which == "oldest" and account.unpaid_since is not None:
            planned += [day_start(account.unpaid_since + timedelta(days=each)) for each in RETRIES]
    return planned


def _is_due(account: Account, now: datetime) -> bool:
    """Whether a planned moment has passed since the last charge."""
    passed = [moment for moment in _moments(account) if moment <= now]
    last: datetime | None = getattr(account, "charged_at", None)
    return bool(passed) and (last is None or last < max(passed))
