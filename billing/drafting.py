"""청구서 초안: what a shop's invoice of a month says, from facts read beforehand. Pure; billing.invoicing makes invoices of it,
billing.runs shows it as a dry run, billing.forecast as the next bill.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from billing import dates, leaving, vat
from billing.catalogue import Catalogue
from billing.contract import Contract
from billing.enums import EntryKind, UsageKind
from billing.ledger import Posting
from billing.models import AgreedFee, Subscription
from billing.proration import Line, lines_of_month, month_end
from billing.usage_lines import UsageLine, unpriced, usage_lines
from billing.vat import Parts
from shopmsg.core.errors import ShopmsgError


@dataclass(frozen=True, slots=True)
class Waiting:
    """사용량 that no invoice has charged for; `id` is its row's."""

    id: int
    shop_id: int
    kind: str
    used_on: date
    quantity: int


@dataclass(frozen=True, slots=True)
class Given:
    """A discount the ledger gave under a contract: see billing.leaving.Given."""

    subscription_id: int
    first: date
    last: date
    discount_krw: int
    anchor: date | None


@dataclass(frozen=True, slots=True)
class Held:
    """A contract of the shop, and the row it stands in."""

    subscription: Subscription
    contract: Contract


@dataclass(frozen=True, slots=True)
class ShopFacts:
    """All that a shop's invoices depend on. `next_month` is the first month (its first day) that was never invoiced, None for
    a shop that never had a contract; `held` are the contracts that touch it or later ones, `given` the discounts of those
    with a refund; `balance_krw` what is owed by now; `party` see billing.party."""

    shop_id: int
    next_month: date | None
    balance_krw: int
    held: tuple[Held, ...]
    given: tuple[Given, ...]
    usage: tuple[Waiting, ...]
    fees: tuple[AgreedFee, ...]
    party: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Draft:
    """An invoice as it would be. `usage`: (index of its posting, ids of the rows it charges for)."""

    shop_id: int
    month: date
    postings: tuple[Posting, ...]
    carried_krw: int
    usage: tuple[tuple[int, tuple[int, ...]], ...]
    party: dict[str, Any]

    @property
    def number(self) -> str:
        """청구서 번호, derived: the same month of the same shop is the same invoice."""
        return f"{self.month:%Y%m}-{self.shop_id:06d}"

    @property
    def parts(self) -> Parts:
        """The sums of its lines."""
        return Parts(
            sum(posting.parts.supply_krw for posting in self.postings),
            sum(posting.parts.vat_krw for posting in self.postings),
        )

    @property
    def charged(self) -> frozenset[int]:
        """The ids of the usage it charges for."""
        return frozenset(row for _, rows in self.usage for row in rows)


class CannotDraft(ShopmsgError):
    """An invoice that cannot be reckoned; one sentence for the admin. Code: "contract"."""


def drafts(facts: ShopFacts, month: date, catalogue: Catalogue) -> tuple[Draft, ...]:
    """The invoices to be made so that the shop is invoiced up to the month that starts on `month`: that one, and before it
    every earlier one that is missing, in order. Months in which nothing is charged for have none.

    Raises CannotDraft for a contract that the catalogue cannot price.
    """
    made: tuple[Draft, ...] = ()
    for each in _months(facts.next_month, month):
        try:
            found = draft(facts, each, catalogue, earlier=made, alone=each == month)
        except (ShopmsgError, ValueError) as error:
            raise CannotDraft("contract", f"{each.month}월 요금을 계산하지 못했습니다: {error}") from error
        if found is not None:
            made = (*made, found)
    return made


def draft(
    facts: ShopFacts,
    month: date,
    catalogue: Catalogue,
    *,
    earlier: Sequence[Draft] = (),
    alone: bool = True,
    until: date | None = None,
) -> Draft | None:
    """The invoice of one month, `earlier` being those drafted before it; None when nothing of a contract lies in the month and
    nothing used is waiting. A month of 0 won has one: it explains why.

    `alone`: whether use alone makes an invoice. It does not in a month that is made up for: use that arrived after its
    contract had ended belongs on the invoice that is made now. `until`: no day after that one, for what a month came to so
    far. Raises NotSold and ValueError as billing.proration.
    """
    postings: list[Posting] = []
    for held in facts.held:
        lines = lines_of_month(held.contract, catalogue, month, until)
        postings += [_of_line(held, line) for line in lines]
        given = [row for row in facts.given if row.subscription_id == held.subscription.pk]
        before = [
            posting
            for one in earlier
            for posting in one.postings
            if posting.subscription is not None and posting.subscription.pk == held.subscription.pk
        ]
        refunds = leaving.refund_lines(held.contract, catalogue, month, (*given, *before, *lines))
        postings += [_of_line(held, line) for line in refunds if until is None or line.last <= until]
    if not postings and not alone:
        return None
    charged = {row for one in earlier for row in one.charged}
    usage = []
    waiting = [row for row in ripe(facts, month, charged) if until is None or row.used_on <= until]
    for line in usage_lines(waiting, month, catalogue, facts.fees):
        usage.append((len(postings), tuple(row.id for row in line.rows)))
        postings.append(_of_usage(facts.shop_id, line, month))
    if not postings:
        return None
    carried = facts.balance_krw + sum(one.parts.total_krw for one in earlier)
    return Draft(facts.shop_id, month, tuple(postings), carried, tuple(usage), facts.party)


def ripe(facts: ShopFacts, month: date, charged: frozenset[int] | set[int] = frozenset()) -> list[Waiting]:
    """What was used up to the end of that month and is not charged for."""
    last = month_end(month)
    return [row for row in facts.usage if row.used_on <= last and row.id not in charged]


def without_a_fee(facts: ShopFacts, month: date, catalogue: Catalogue) -> tuple[UsageKind, ...]:
    """What was used and waits because its price was never agreed with the merchant."""
    return unpriced(ripe(facts, month), catalogue, facts.fees)


def _months(first: date | None, last: date) -> Iterator[date]:
    month = first
    while month is not None and month <= last:
        yield month
        month = dates.following(month)


def _of_line(held: Held, line: Line) -> Posting:
    subscription, contract = held.subscription, held.contract
    terms = contract.terms_on(line.first)
    detail: dict[str, Any] = {"monthly_krw": line.monthly_krw, "list_krw": line.list_krw, "days": line.days}
    match line.kind:
        case EntryKind.REFUND:
            key = f"refund:{subscription.pk}:{line.first}:{line.last}"
            detail = {}
        case EntryKind.PLAN:
            key = f"plan:{subscription.pk}:{line.first}"
            detail["plan"] = terms.plan.value
        case _:
            key = f"service:{subscription.pk}:{line.first}"
            detail["product"] = terms.product.value
            detail["term_months"] = terms.commitment.term_months if terms.commitment else 0
            detail["bundle"] = terms.bundle.value
            if contract.is_free(line.first):
                detail["free"] = True
    if line.kind != EntryKind.REFUND and contract.is_paused(line.first):
        detail["paused"] = True
    return Posting(
        line.kind,
        key,
        vat.split(line.amount_krw),
        line.first,
        line.last,
        line.label,
        line.sentence,
        line.discount_krw,
        line.anchor,
        detail,
        subscription,
    )


def _of_usage(shop_id: int, line: UsageLine[Waiting], month: date) -> Posting:
    unit = line.unit
    return Posting(
        EntryKind.USAGE,
        f"usage:{shop_id}:{line.kind}:{line.used:%Y%m}:{month:%Y%m}:{unit.key}",
        line.parts,
        line.first,
        line.last,
        line.label,
        line.sentence,
        detail={
            "kind": line.kind.value,
            "quantity": line.quantity,
            "unit_krw": unit.won,
            "percent": unit.percent,
            "vat_outside": unit.vat_outside,
        },
    )
