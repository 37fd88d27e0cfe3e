"""협의 단가 as admins see them: merchants, and what was agreed with each."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Final

from django.db.models import Q, QuerySet

from billing.contract import ONE_DAY
from billing.enums import UsageKind
from billing.models import AgreedFee
from billing.queries.prices import dated, state_of, who
from shopmsg.accounts.models import Merchant

PAGE: Final = 20
#: Fewer digits would find everybody.
_FEWEST_DIGITS: Final = 3


def merchants(words: str) -> QuerySet[Merchant, Merchant]:
    """Merchants with something agreed, by name; those with these words in their or a shop's name, or with these digits in
    the business number, whether or not anything is agreed."""
    if not words:
        return Merchant.objects.filter(agreed_fees__isnull=False).distinct().order_by("name", "pk")
    named = Q(name__icontains=words) | Q(shops__name__icontains=words)
    digits = "".join(char for char in words if char not in " -")
    if digits.isascii() and digits.isdigit() and len(digits) >= _FEWEST_DIGITS:
        named |= Q(business_number__contains=digits)
    return Merchant.objects.filter(named).distinct().order_by("name", "pk")


@dataclass(frozen=True, slots=True)
class Fee:
    """An agreed fee with its days; `state` as of an Entry."""

    label: str
    won: int
    days: str
    state: str
    who: str


def fees_by_merchant(found: Iterable[Merchant], today: date) -> dict[int, list[Fee]]:
    """What was agreed with each of them, by the merchant's id; one query."""
    by_merchant: dict[int, list[AgreedFee]] = {}
    ids = [merchant.pk for merchant in found]
    for fee in AgreedFee.objects.filter(merchant__in=ids).select_related("created_by"):
        by_merchant.setdefault(fee.merchant_id, []).append(fee)
    return {merchant: fees_of(fees, today) for merchant, fees in by_merchant.items()}


def fees_of(found: Iterable[AgreedFee], today: date) -> list[Fee]:
    """A merchant's fees, what holds and what is coming first; `created_by` fetched."""
    by_kind: dict[str, list[AgreedFee]] = {}
    for fee in sorted(found, key=lambda fee: fee.effective_from):
        by_kind.setdefault(fee.kind, []).append(fee)
    made = []
    for kind, fees in by_kind.items():
        ends = [following.effective_from - ONE_DAY for _, following in pairwise(fees)]
        for fee, last in zip(fees, [*ends, None], strict=True):
            days = dated(fee.effective_from) + (f" ~ {dated(last)}" if last else "부터")
            state = state_of(fee.effective_from, last, today)
            made.append(
                (state == "past", Fee(UsageKind(kind).label, fee.won, days, state, who(fee.created_by)))
            )
    return [fee for _, fee in sorted(made, key=lambda each: each[0])]
