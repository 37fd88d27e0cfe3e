"""다음 청구: the month under way as it would be invoiced if nothing more changed."""

from dataclasses import dataclass
from datetime import date, datetime

from billing import dates, price_list
from billing.drafting import Draft, ShopFacts, draft, drafts, without_a_fee
from billing.enums import UsageKind
from billing.invoice_facts import facts_of
from billing.ledger import Posting
from billing.models import Account
from billing.vat import Parts
from shopmsg.accounts.models import Shop
from shopmsg.core.clock import add_months, kst_day, month_start


@dataclass(frozen=True, slots=True)
class Forecast:
    """The bill of `month` (its first day) as far as it is known. `lines` as they will stand on it, each with its sentence; none
    when nothing will be charged. `waiting` are invoices of months that are over and not made yet, `balance_krw` what is owed
    by now without them, negative what stands to the shop's credit. `unpriced`: what was used and has no agreed price."""

    month: date
    lines: tuple[Posting, ...]
    parts: Parts
    due_on: date
    balance_krw: int
    waiting: tuple[Draft, ...]
    unpriced: tuple[UsageKind, ...]

    @property
    def total_krw(self) -> int:
        """Won with VAT, the sum of the lines."""
        return self.parts.total_krw

    @property
    def carried_krw(self) -> int:
        """What will be owed from before."""
        return self.balance_krw + sum(one.parts.total_krw for one in self.waiting)

    @property
    def to_pay_krw(self) -> int:
        """What is to be paid by the due day, at least 0."""
        return max(0, self.carried_krw + self.total_krw)


def next_bill(shop: Shop, now: datetime) -> Forecast:
    """The month under way to its end. Use is what is known by now. A shop that never had a contract has no lines. Raises
    CannotDraft as billing.drafting."""
    return _forecast(shop, now, whole=True)


def month_so_far(shop: Shop, now: datetime) -> Forecast:
    """The month under way to the end of today, as if today were its last day; nothing is given back or left by that."""
    return _forecast(shop, now, whole=False)


def _forecast(shop: Shop, now: datetime, *, whole: bool) -> Forecast:
    today = kst_day(now)
    month = month_start(today)
    catalogue = price_list.catalogue()
    facts = _facts(shop, month)
    waiting: tuple[Draft, ...] = ()
    found = None
    if facts is not None:
        waiting = drafts(facts, add_months(month, -1), catalogue)
        if facts.next_month is not None and facts.next_month <= month:
            found = draft(facts, month, catalogue, earlier=waiting, until=None if whole else today)
    return Forecast(
        month,
        found.postings if found else (),
        found.parts if found else Parts(0, 0),
        dates.due_on(month),
        facts.balance_krw if facts else 0,
        waiting,
        without_a_fee(facts, month, catalogue) if facts else (),
    )


def _facts(shop: Shop, month: date) -> ShopFacts | None:
    account = Account.objects.select_related("shop__merchant").filter(shop=shop).first()
    return facts_of([account], month)[0] if account is not None else None
