"""요금표 as it holds now: the rules' own prices and what admins announced (rules.md §3). A change never rewrites the past."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, Final

from django.db import IntegrityError, transaction

from billing.catalogue import (
    BASE,
    TERMS,
    Bands,
    Catalogue,
    PlanPrice,
    Price,
    UsagePrice,
    bands_problem,
    discount_problem,
)
from billing.enums import Bundle, EventPlan, UsageKind
from billing.models import CatalogueKind, CatalogueRow
from shopmsg.accounts import audit
from shopmsg.accounts.enums import Product
from shopmsg.accounts.models import User
from shopmsg.core.clock import add_months, format_day, kst_day
from shopmsg.core.errors import ShopmsgError
from shopmsg.core.money import format_won

#: How far ahead a row may be announced, months: a mistyped year is another century.
FARTHEST_MONTHS: Final = 36
#: No price of the catalogue exceeds this, won; who types more has slipped.
MOST_KRW: Final = 10_000_000
#: A row of the catalogue, of whichever table.
Row = Price | PlanPrice | UsagePrice | Bands


class AnnouncementRefused(ShopmsgError):
    """A row that cannot be announced or withdrawn. Codes: "source" (none given), "past" (a day that has begun: a change never
    rewrites the past), "far", "amount", "discount" (all of the price, or more), "bands" (not every month in order), "overlap"
    (a second row on one day), "bundles" (one left out that shops may hold), "later_bundles" (… that a row announced for later
    leaves out), "same" (nothing changes); "withdrawn", "begun"."""


def catalogue() -> Catalogue:
    """Every price that holds, held or is announced; one query."""
    rows = CatalogueRow.objects.filter(withdrawn_at__isnull=True).order_by("effective_from", "pk")
    return with_rows(BASE, [(row.kind, row.code, row.effective_from, row.source, row.data) for row in rows])


def with_rows(base: Catalogue, rows: Iterable[tuple[str, str, date, str, Mapping[str, Any]]]) -> Catalogue:
    """The catalogue with (kind, code, effective from, source, data) rows added. Raises KeyError and ValueError for data
    that is not what `data_of` writes."""
    prices, plans, usage, bands = list(base.prices), list(base.plans), list(base.usage), list(base.bands)
    for each in rows:
        match row_of(*each):
            case Price() as price:
                prices.append(price)
            case PlanPrice() as plan:
                plans.append(plan)
            case UsagePrice() as piece:
                usage.append(piece)
            case Bands() as table:
                bands.append(table)
    return replace(base, prices=tuple(prices), plans=tuple(plans), usage=tuple(usage), bands=tuple(bands))


def row_of(kind: str, code: str, begins: date, source: str, data: Mapping[str, Any]) -> Row:
    """One row of them. Raises KeyError and ValueError as `with_rows` does."""
    match kind:
        case CatalogueKind.PRICE:
            return Price(
                Product(code),
                begins,
                int(data["list_krw"]),
                MappingProxyType({int(term): int(won) for term, won in data["commitments"].items()}),
                MappingProxyType({Bundle(name): int(won) for name, won in data["bundles"].items()}),
                bool(data["first_month_free"]),
            )
        case CatalogueKind.PLAN:
            events = data["events"]
            return PlanPrice(
                EventPlan(code),
                begins,
                int(data["monthly_krw"]),
                None if events is None else int(events),
                bool(data["analysis"]),
                bool(data["shops"]),
            )
        case CatalogueKind.USAGE:
            won, percent = data["won"], data["percent"]
            return UsagePrice(
                UsageKind(code),
                begins,
                None if won is None else int(won),
                None if percent is None else int(percent),
                bool(data["vat_outside"]),
            )
        case CatalogueKind.BANDS:
            rates = {
                int(term): tuple((int(last), int(percent)) for last, percent in parts)
                for term, parts in data["rates"].items()
            }
            return Bands(begins, source, MappingProxyType(rates))
    raise ValueError(kind)


def data_of(row: Row) -> dict[str, Any]:
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


def check(row: Row, source: str, now: datetime) -> None:
    """Whether it could be announced now. Raises AnnouncementRefused as `announce` does."""
    if not source.strip():
        raise AnnouncementRefused("source", "어디에서 온 금액인지 근거를 적어 주세요.")
    if row.effective_from <= kst_day(now):
        raise AnnouncementRefused(
            "past", "지난 날이나 오늘부터는 바꿀 수 없습니다. 내일이나 그 뒤를 골라 주세요."
        )
    last = add_months(kst_day(now), FARTHEST_MONTHS)
    if row.effective_from > last:
        raise AnnouncementRefused("far", f"{last.year}년 {format_day(last)}까지 예고할 수 있습니다.")
    _check_amounts(row)
    kind, code = named(row)
    if CatalogueRow.objects.filter(
        kind=kind, code=code, effective_from=row.effective_from, withdrawn_at__isnull=True
    ).exists():
        raise _overlap(row)
    held = catalogue()
    if isinstance(row, Price):
        _check_bundles(row, held)
    if not isinstance(row, Bands) and data_of(row) == data_of(before(row, held)):
        raise AnnouncementRefused("same", "그날 쓰고 있을 금액과 같습니다. 바꿀 금액을 적어 주세요.")


def before(row: Row, held: Catalogue) -> Row:
    """What would hold on its day without it. Raises NotSold for what was never sold."""
    match row:
        case Price():
            return held.price_of(row.product, row.effective_from)
        case PlanPrice():
            return held.plan_of(row.plan, row.effective_from)
        case UsagePrice():
            return held.usage_of(row.kind, row.effective_from)
        case Bands():
            return held.bands_on(row.effective_from)


def announce(
    row: Row,
    *,
    source: str,
    by: User,
    address: str | None,
    now: datetime,
) -> CatalogueRow:
    """Make a row hold from its day on. Raises AnnouncementRefused."""
    source = " ".join(source.split())[:200]
    check(row, source, now)
    kind, code = named(row)
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
            raise _overlap(row) from None
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


def _overlap(row: Row) -> AnnouncementRefused:
    return AnnouncementRefused(
        "overlap",
        f"{format_day(row.effective_from)}부터는 이미 다른 금액이 예고되어 있습니다. 먼저 거두거나 다른 날을 골라 주세요.",
    )


def _check_amounts(row: Row) -> None:
    match row:
        case Price():
            if not 0 < row.list_krw <= MOST_KRW or not set(row.commitments) <= set(TERMS[1:]):
                raise AnnouncementRefused("amount", f"월 요금은 1원에서 {format_won(MOST_KRW)}까지입니다.")
            for discount in (*row.commitments.values(), *row.bundles.values()):
                if problem := discount_problem(row.list_krw, discount):
                    raise AnnouncementRefused("discount", problem)
        case PlanPrice():
            if not 0 <= row.monthly_krw <= MOST_KRW or (row.events is not None and row.events < 1):
                raise AnnouncementRefused("amount", f"월 요금은 0원에서 {format_won(MOST_KRW)}까지입니다.")
        case UsagePrice():
            if row.vat_outside or (row.won is None) == (row.percent is None):
                raise AnnouncementRefused("amount", "가맹점마다 협의하는 단가는 예고하지 않습니다.")
            if not 0 <= (row.won or 0) <= MOST_KRW or not 0 <= (row.percent or 0) <= 100:
                raise AnnouncementRefused("amount", f"0원에서 {format_won(MOST_KRW)}, 0%에서 100%까지입니다.")
        case Bands():
            for term in TERMS[1:]:
                if problem := bands_problem(term, row.rates.get(term, ())):
                    raise AnnouncementRefused("bands", problem)


def _check_bundles(row: Price, held: Catalogue) -> None:
    """Shops hold bundles without a commitment, at each day's price: a bundle may come to nothing, but not vanish, neither on
    this day nor on the day of a row that was announced for later."""
    gone = _left_out(held.price_of(row.product, row.effective_from), row)
    if gone:
        raise AnnouncementRefused(
            "bundles",
            f"{gone} 할인을 빠뜨렸습니다. 할인을 없애려면 0원으로 적어 주세요.",
        )
    later = [each for each in held.prices if each.product == row.product]
    following = min(
        (each for each in later if each.effective_from > row.effective_from),
        key=lambda each: each.effective_from,
        default=None,
    )
    if following is not None and (gone := _left_out(row, following)):
        raise AnnouncementRefused(
            "later_bundles",
            f"{format_day(following.effective_from)}부터로 예고한 금액에 {gone} 할인이 없습니다. 그 예고를 먼저 거둬 주세요.",
        )


def _left_out(earlier: Price, later: Price) -> str:
    return ", ".join(bundle.label for bundle in earlier.bundles if bundle not in later.bundles)


def rows_in(held: Catalogue) -> Iterator[Row]:
    """Every row of it, table by table."""
    yield from held.prices
    yield from held.plans
    yield from held.usage
    yield from held.bands


def named(row: Row) -> tuple[CatalogueKind, str]:
    """Its kind and code, as CatalogueRow has them."""
    match row:
        case Price():
            return CatalogueKind.PRICE, row.product.value
        case PlanPrice():
            return CatalogueKind.PLAN, row.plan.value
        case UsagePrice():
            return CatalogueKind.USAGE, row.kind.value
        case Bands():
            return CatalogueKind.BANDS, ""
