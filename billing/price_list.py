"""요금표 as it holds now: the rules' own prices and what admins announced (rules.md §3). A change never rewrites the past."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from django.db import IntegrityError, transaction

from billing.catalogue import BASE, TERMS, Bands, Catalogue, PlanPrice, Price, UsagePrice
from billing.enums import Bundle, EventPlan, UsageKind
from billing.models import CatalogueKind, CatalogueRow
from shopmsg.accounts import audit
from shopmsg.accounts.enums import Product
from shopmsg.accounts.models import User
from shopmsg.core.clock import format_day, kst_day
from shopmsg.core.errors import ShopmsgError


class AnnouncementRefused(ShopmsgError):
    """A row that cannot be announced or withdrawn. Codes: "past", "overlap", "source", "bundles",
    "withdrawn", "begun"."""


def catalogue() -> Catalogue:
    """Every price that holds, held or is announced; one query."""
    rows = CatalogueRow.objects.filter(withdrawn_at__isnull=True).order_by("effective_from", "pk")
    return with_rows(BASE, [(row.kind, row.code, row.effective_from, row.source, row.data) for row in rows])


def with_rows(base: Catalogue, rows: list[tuple[str, str, date, str, Mapping[str, Any]]]) -> Catalogue:
    """The catalogue with (kind, code, effective from, source, data) rows added. Raises KeyError and ValueError for data
    that is not what `data_of` writes."""
    prices, plans, usage, bands = list(base.prices), list(base.plans), list(base.usage), list(base.bands)
    for kind, code, begins, source, data in rows:
        match kind:
            case CatalogueKind.PRICE:
                prices.append(
                    Price(
                        Product(code),
                        begins,
                        int(data["list_krw"]),
                        MappingProxyType({int(term): int(won) for term, won in data["commitments"].items()}),
                        MappingProxyType({Bundle(name): int(won) for name, won in data["bundles"].items()}),
                        bool(data["first_month_free"]),
                    )
                )
            case CatalogueKind.PLAN:
                events = data["events"]
                plans.append(
                    PlanPrice(
                        EventPlan(code),
                        begins,
                        int(data["monthly_krw"]),
                        None if events is None else int(events),
                        bool(data["analysis"]),
                        bool(data["shops"]),
                    )
                )
            case CatalogueKind.USAGE:
                won, percent = data["won"], data["percent"]
                usage.append(
                    UsagePrice(
                        UsageKind(code),
                        begins,
                        None if won is None else int(won),
                        None if percent is None else int(percent),
                        bool(data["vat_outside"]),
                    )
                )
            case CatalogueKind.BANDS:
                rates = {
                    int(term): tuple((int(last), int(percent)) for last, percent in parts)
                    for term, parts in data["rates"].items()
                }
                bands.append(Bands(begins, source, MappingProxyType(rates)))
            case _:
                raise ValueError(kind)
    return replace(base, prices=tuple(prices), plans=tuple(plans), usage=tuple(usage), bands=tuple(bands))


def data_of(row: Price | PlanPrice | UsagePrice | Bands) -> dict[str, Any]:
    """A row as JSON, what `with_rows` reads."""
    match row:
        case Price():
            return {
                "list_krw": row.list_krw,
                "commitments": {str(term): won for term, won in row.commitments.items()},
                "bundles": {name.value: won for name, won in row.bundles.items()},
                "first_month_free": row.first_month_free,
            }
        case PlanPrice():
            return {
                "monthly_krw": row.monthly_krw,
                "events": row.events,
                "analysis": row.analysis,
                "shops": row.shops,
            }
        case UsagePrice():
            return {"won": row.won, "percent": row.percent, "vat_outside": row.vat_outside}
        case Bands():
            return {"rates": {str(term): [list(part) for part in parts] for term, parts in row.rates.items()}}


def announce(
    row: Price | PlanPrice | UsagePrice | Bands,
    *,
    source: str,
    by: User,
    address: str | None,
    now: datetime,
) -> CatalogueRow:
    """Make a row hold from its day on. Raises AnnouncementRefused: a day that has begun ("past": a change never rewrites the
    past), a second row on one day ("overlap"), no source ("source"), a bundle left out that shops may hold ("bundles")."""
    source = " ".join(source.split())[:200]
    if not source:
        raise AnnouncementRefused("source", "어디에서 온 금액인지 근거를 적어 주세요.")
    if row.effective_from <= kst_day(now):
        raise AnnouncementRefused(
            "past", "지난 날이나 오늘부터는 바꿀 수 없습니다. 내일이나 그 뒤를 골라 주세요."
        )
    if isinstance(row, Price):
        _check_bundles(row)
    kind, code = _named(row)
    with transaction.atomic():
        try:
            with transaction.atomic():
                made = CatalogueRow.objects.create(
                    kind=kind,
                    code=code,
                    effective_from=row.effective_from,
                    data=data_of(row),
                    source=source,
                    created_by=by,
                    created_at=now,
                )
        except IntegrityError:
            raise AnnouncementRefused(
                "overlap",
                f"{format_day(row.effective_from)}부터는 이미 다른 금액이 예고되어 있습니다. 먼저 거두거나 다른 날을 골라 주세요.",
            ) from None
        audit.record(
            "catalogue.announced",
            actor=by,
            subject=f"catalogue:{made.pk}",
            reason=source,
            detail={"kind": kind, "code": code, "from": row.effective_from.isoformat(), **made.data},
            address=address,
        )
    return made


def withdraw(row_id: int, *, by: User, address: str | None, now: datetime) -> CatalogueRow:
    """거두기, before its day. Raises AnnouncementRefused("withdrawn", "begun")."""
    with transaction.atomic():
        row = CatalogueRow.objects.select_for_update().get(pk=row_id)
        if row.withdrawn_at is not None:
            raise AnnouncementRefused("withdrawn", "이미 거둔 예고입니다.")
        if row.effective_from <= kst_day(now):
            raise AnnouncementRefused(
                "begun", "이미 시작한 금액은 거둘 수 없습니다. 새 금액을 예고해 주세요."
            )
        row.withdrawn_at, row.withdrawn_by = now, by
        row.save(update_fields=["withdrawn_at", "withdrawn_by"])
        audit.record("catalogue.withdrawn", actor=by, subject=f"catalogue:{row.pk}", address=address)
    return row


def bands_problem(rates: Mapping[int, tuple[tuple[int, int], ...]]) -> str:
    """Why these bands are no table, one sentence; "" when they are: every commitment, to its last month, in order."""
    for term in TERMS[1:]:
        parts = rates.get(term)
        if not parts:
            return f"{term}개월 약정의 표가 없습니다."
        ends = [last for last, _ in parts]
        if ends != sorted(set(ends)) or ends[0] < 1:
            return f"{term}개월 약정의 달이 차례대로가 아니거나 겹칩니다."
        if ends[-1] != term:
            return f"{term}개월 약정의 표가 {term}개월째에서 끝나지 않습니다."
    return ""


def _check_bundles(row: Price) -> None:
    """Shops hold bundles without a commitment, at each day's price: a bundle may come to nothing, but not vanish."""
    before = catalogue().price_of(row.product, row.effective_from)
    gone = [bundle.label for bundle in before.bundles if bundle not in row.bundles]
    if gone:
        raise AnnouncementRefused(
            "bundles",
            f"{', '.join(gone)} 할인을 빠뜨렸습니다. 할인을 없애려면 0원으로 적어 주세요.",
        )


def _named(row: Price | PlanPrice | UsagePrice | Bands) -> tuple[CatalogueKind, str]:
    match row:
        case Price():
            return CatalogueKind.PRICE, row.product.value
        case PlanPrice():
            return CatalogueKind.PLAN, row.plan.value
        case UsagePrice():
            return CatalogueKind.USAGE, row.kind.value
        case Bands():
            return CatalogueKind.BANDS, ""
