"""협의 단가: what a Kakao message costs one merchant, agreed with them from a day on (rules.md §3)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Final

from django.db import IntegrityError, transaction

from billing import price_list
from billing.enums import UsageKind
from billing.models import AgreedFee, Usage
from shopmsg.accounts import audit
from shopmsg.accounts.models import Merchant, User
from shopmsg.core.clock import format_day, kst_day
from shopmsg.core.errors import ShopmsgError

#: Won for one message; nobody agrees to more, who types more has slipped.
_MOST: Final = 10_000


class FeeRefused(ShopmsgError):
    """A fee that cannot be agreed. Codes: "unknown_usage", "not_agreed" (it has a price for everybody), "amount",
    "overlap", "charged"."""


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
    if kind not in UsageKind.values:
        raise FeeRefused("unknown_usage", "모르는 사용량 종류입니다.")
    chosen = UsageKind(kind)
    price = price_list.catalogue().usage_of(chosen, max(effective_from, kst_day(now)))
    if price.won is not None or price.percent is not None:
        raise FeeRefused("not_agreed", f"{chosen.label} 값은 요금표에 있어서 따로 정하지 않습니다.")
    if type(won) is not int or not 0 < won <= _MOST:
        raise FeeRefused("amount", f"단가는 1원에서 {_MOST:,}원까지 원 단위로 적어 주세요.")
    with transaction.atomic():
        Merchant.objects.select_for_update(no_key=True).get(pk=merchant.pk)
        charged = Usage.objects.filter(
            shop__merchant=merchant, kind=chosen, used_on__gte=effective_from, entry__isnull=False
        )
        if charged.exists():
            raise FeeRefused(
                "charged",
                f"{format_day(effective_from)}부터 쓴 것을 이미 청구했습니다. 그 뒤의 날을 골라 주세요.",
            )
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
            raise FeeRefused(
                "overlap",
                f"{format_day(effective_from)}부터의 단가를 이미 정했습니다. 다른 날을 골라 주세요.",
            ) from None
        audit.record(
            "fee.agreed",
            actor=by,
            subject=f"merchant:{merchant.pk}",
            detail={"kind": chosen.value, "won": won, "from": effective_from.isoformat()},
            address=address,
        )
    return made


def of_merchants(merchants: Iterable[int]) -> Mapping[int, tuple[AgreedFee, ...]]:
    """Everything agreed, by merchant; one query."""
    found: dict[int, list[AgreedFee]] = defaultdict(list)
    for fee in AgreedFee.objects.filter(merchant__in=set(merchants)):
        found[fee.merchant_id].append(fee)
    return {merchant: tuple(fees) for merchant, fees in found.items()}
