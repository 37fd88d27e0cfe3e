"""협의 단가: what a Kakao message costs one merchant, agreed with them from a day on (rules.md §3)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Final

from django.db import IntegrityError, transaction

from billing import price_list
from billing.enums import UsageKind
from billing.models import AgreedFee, Usage
from billing.price_list import FARTHEST_MONTHS
from shopmsg.accounts import audit
from shopmsg.accounts.models import Merchant, User
from shopmsg.core.clock import add_months, format_day, kst_day
from shopmsg.core.errors import ShopmsgError

#: Won for one message; nobody agrees to more, who types more has slipped.
MOST_KRW: Final = 10_000


class FeeRefused(ShopmsgError):
    """A fee that cannot be agreed. Codes: "unknown_usage", "not_agreed" (it has a price for everybody), "amount",
    "far" (years away), "overlap", "charged"."""


def agree(
    merchant: Merchant,
    *,
    kind: str,
    won: int,
    effective_from: date,
    by: User,
    address: str | None,
    now: datetime,
) -> AgreedFee:
    """Keep what was agreed, whole won above 0 without VAT. It may reach back, for what waits without a price, but never to a
    day whose use is charged already: the past is not rewritten. Raises FeeRefused."""
    with transaction.atomic():
        Merchant.objects.select_for_update(no_key=True).get(pk=merchant.pk)
        check(merchant, kind=kind, won=won, effective_from=effective_from, now=now)
        chosen = UsageKind(kind)
        try:
            with transaction.atomic():
                made = AgreedFee.objects.create(
                    merchant=merchant,
                    kind=chosen,
                    effective_from=effective_from,
                    won=won,
                    created_by=by,
                    created_at=now,
                )
        except IntegrityError:
            raise _overlap(effective_from) from None
        audit.record(
            "fee.agreed",
            actor=by,
            subject=f"merchant:{merchant.pk}",
            detail={"kind": chosen.value, "won": won, "from": effective_from.isoformat()},
            address=address,
        )
    return made


def check(merchant: Merchant, *, kind: str, won: int, effective_from: date, now: datetime) -> None:
    """Whether it could be agreed now. Raises FeeRefused as `agree` does."""
    if kind not in UsageKind.values:
        raise FeeRefused("unknown_usage", "모르는 사용량 종류입니다.")
    chosen, today = UsageKind(kind), kst_day(now)
    price = price_list.catalogue().usage_of(chosen, max(effective_from, today))
    if price.won is not None or price.percent is not None:
        raise FeeRefused("not_agreed", f"{chosen.label} 값은 요금표에 있어서 따로 정하지 않습니다.")
    if type(won) is not int or not 0 < won <= MOST_KRW:
        raise FeeRefused("amount", f"단가는 1원에서 {MOST_KRW:,}원까지 원 단위로 적어 주세요.")
    first, last = add_months(today, -FARTHEST_MONTHS), add_months(today, FARTHEST_MONTHS)
    if not first <= effective_from <= last:
        raise FeeRefused(
            "far",
            f"{first.year}년 {format_day(first)}에서 {last.year}년 {format_day(last)} 사이의 날을 골라 주세요.",
        )
    charged = Usage.objects.filter(
        shop__merchant=merchant, kind=chosen, used_on__gte=effective_from, entry__isnull=False
    )
    if charged.exists():
        raise FeeRefused(
            "charged",
            f"{format_day(effective_from)}부터 쓴 것을 이미 청구했습니다. 그 뒤의 날을 골라 주세요.",
        )
    if AgreedFee.objects.filter(merchant=merchant, kind=chosen, effective_from=effective_from).exists():
        raise _overlap(effective_from)


def _overlap(begins: date) -> FeeRefused:
    return FeeRefused("overlap", f"{format_day(begins)}부터의 단가를 이미 정했습니다. 다른 날을 골라 주세요.")


def of_merchants(merchants: Iterable[int]) -> Mapping[int, tuple[AgreedFee, ...]]:
    """Everything agreed, by merchant; one query."""
    found: dict[int, list[AgreedFee]] = defaultdict(list)
    for fee in AgreedFee.objects.filter(merchant__in=set(merchants)):
        found[fee.merchant_id].append(fee)
    return {merchant: tuple(fees) for merchant, fees in found.items()}
