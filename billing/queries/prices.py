"""요금표 as admins see it: what holds, what held, what is announced, each with its day, its source and who announced it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from billing import price_list
from billing.catalogue import BASE, TERMS, Bands, PlanPrice, Price, UsagePrice
from billing.contract import ONE_DAY
from billing.enums import Bundle, EventPlan, UsageKind
from billing.models import CatalogueKind, CatalogueRow
from billing.price_list import Row
from shopmsg.accounts.enums import Product
from shopmsg.accounts.models import User
from shopmsg.core.clock import format_day
from shopmsg.core.money import format_won

PAGE: Final = 20
#: Kakao messages have no price of the catalogue: theirs is agreed per merchant.
AGREED: Final = tuple(row.kind for row in BASE.usage if row.vat_outside)
BUNDLES: Final = (Bundle.SUCCESS_PACK, Bundle.ASSISTANT_PACK)
_NOT_SOLD: Final = "팔지 않음"
#: What the rules' own prices rest on (rules.md §3); bands name their own.
_BASE_SOURCES: Final = {
    CatalogueKind.PRICE: "KT 가게정보알림메시지 이용요금 안내",
    CatalogueKind.PLAN: "이벤트 사업 요금안",
    CatalogueKind.USAGE: "이벤트 사업 요금안",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the catalogue with its days: `last` is None while nothing follows, `pk` for the rules' own rows. `state`:
    "now", "coming", "past" or "withdrawn". `facts`: (what, how much) of what is sold; `changed`: what was otherwise before,
    (what, before, after)."""

    kind: CatalogueKind
    code: str
    label: str
    begins: date
    last: date | None
    state: str
    facts: Sequence[tuple[str, str]]
    changed: Sequence[tuple[str, str, str]]
    source: str
    who: str
    pk: int | None

    @property
    def days(self) -> str:
        """ "2026년 12월 1일(화)부터", with the last day where there is one."""
        if self.last is None or self.state == "withdrawn":
            return f"{dated(self.begins)}부터"
        return f"{dated(self.begins)} ~ {dated(self.last)}"

    @property
    def may_change(self) -> bool:
        """Whether another row may be announced: not for what is agreed per merchant."""
        return self.kind != CatalogueKind.USAGE or UsageKind(self.code) not in AGREED


@dataclass(frozen=True, slots=True)
class PriceList:
    """Everything: `now` by kind in the order of the rules, `coming` the soonest first, `past` (withdrawn ones too) the newest
    first."""

    now: dict[CatalogueKind, list[Entry]]
    coming: list[Entry]
    past: list[Entry]


def everything(today: date) -> PriceList:
    """The whole catalogue; one query."""
    entries = list(_entries(today))
    now: dict[CatalogueKind, list[Entry]] = {kind: [] for kind in CatalogueKind}
    for entry in entries:
        if entry.state == "now":
            now[entry.kind].append(entry)
    by_day = sorted(entries, key=lambda entry: (entry.begins, entry.pk or 0))
    return PriceList(
        now,
        [entry for entry in by_day if entry.state == "coming"],
        [entry for entry in reversed(by_day) if entry.state in ("past", "withdrawn")],
    )


def label_of(row: Row) -> str:
    """What it is the price of."""
    match row:
        case Price():
            return row.product.label
        case PlanPrice():
            return row.plan.label
        case UsagePrice():
            return row.kind.label
        case Bands():
            return "할인반환율"


def facts_of(row: Row) -> list[tuple[str, str]]:
    """What a row says, (what, how much)."""
    match row:
        case Price():
            found = [("약정 없음", format_won(row.list_krw))]
            for term in TERMS[1:]:
                found.append((f"{term}개월 약정", _less(row, row.commitments.get(term))))
            found += [(bundle.label, _less(row, row.bundles.get(bundle))) for bundle in BUNDLES]
            return [*found, ("첫 달", "무료" if row.first_month_free else "유료")]
        case PlanPrice():
            return [
                ("한 달", format_won(row.monthly_krw)),
                ("이벤트", "제한 없음" if row.events is None else f"한 달 {row.events:,}번"),
                ("고급 분석", "있음" if row.analysis else "없음"),
                ("가게", "여러 곳" if row.shops else "한 곳"),
            ]
        case UsagePrice():
            return [("값", f"{_piece(row)}, 부가세 {'별도' if row.vat_outside else '포함'}")]
        case Bands():
            return [(f"{term}개월 약정", ", ".join(band_words(row.rates[term]))) for term in TERMS[1:]]


def band_words(parts: Iterable[tuple[int, int]]) -> list[str]:
    """ "1~9개월 85%", a line for each band."""
    lines, begin = [], 1
    for last, percent in parts:
        months = f"{begin}~{last}" if begin < last else str(last)
        lines.append(f"{months}개월 {percent}%")
        begin = last + 1
    return lines


def differences(before: Row, after: Row) -> list[tuple[str, str, str]]:
    """What is otherwise, (what, before, after)."""
    return [
        (what, was, becomes)
        for (what, was), (_, becomes) in zip(facts_of(before), facts_of(after), strict=True)
        if was != becomes
    ]


def dated(day: date) -> str:
    """ "2026년 12월 1일(화)": prices live longer than a year."""
    return f"{day.year}년 {format_day(day)}"


def _entries(today: date) -> Iterable[Entry]:
    stored: dict[tuple[CatalogueKind, str], list[tuple[Row, CatalogueRow | None]]] = {
        key: [] for key in _subjects()
    }
    for base in price_list.rows_in(BASE):
        stored[price_list.named(base)].append((base, None))
    withdrawn = []
    for kept in CatalogueRow.objects.select_related("created_by", "withdrawn_by").order_by(
        "effective_from", "pk"
    ):
        row = price_list.row_of(kept.kind, kept.code, kept.effective_from, kept.source, kept.data)
        if kept.withdrawn_at is None:
            stored[price_list.named(row)].append((row, kept))
        else:
            withdrawn.append((row, kept))
    for key, rows in stored.items():
        rows.sort(key=lambda each: each[0].effective_from)
        starts = [row.effective_from for row, _ in rows]
        ends = [start - ONE_DAY for start in starts[1:]]
        befores: list[Row | None] = [None, *(row for row, _ in rows)]
        for (row, found), before, last in zip(rows, befores, [*ends, None], strict=False):
            yield _entry(key, row, found, last, state_of(row.effective_from, last, today), before)
    for row, kept in withdrawn:
        yield _entry(price_list.named(row), row, kept, None, "withdrawn", None)


def _entry(
    key: tuple[CatalogueKind, str],
    row: Row,
    kept: CatalogueRow | None,
    last: date | None,
    state: str,
    before: Row | None,
) -> Entry:
    kind, code = key
    if kept is not None:
        source, by = kept.source, who(kept.created_by)
        if kept.withdrawn_at is not None:
            by += f" · 거둠 {who(kept.withdrawn_by)}"
    else:
        source = row.source if isinstance(row, Bands) else _BASE_SOURCES[kind]
        if isinstance(row, UsagePrice) and row.kind in AGREED:
            source = "카카오 알림톡 이용 안내"
        by = "처음 요금표"
    return Entry(
        kind=kind,
        code=code,
        label=label_of(row),
        begins=row.effective_from,
        last=last,
        state=state,
        facts=[(what, said) for what, said in facts_of(row) if said != _NOT_SOLD],
        changed=differences(before, row) if before is not None else (),
        source=source,
        who=by,
        pk=kept.pk if kept is not None else None,
    )


def _subjects() -> Iterable[tuple[CatalogueKind, str]]:
    """In the order of the rules."""
    yield from ((CatalogueKind.PRICE, product.value) for product in Product)
    yield from ((CatalogueKind.PLAN, plan.value) for plan in EventPlan if plan != EventPlan.NONE)
    yield from ((CatalogueKind.USAGE, kind.value) for kind in UsageKind)
    yield (CatalogueKind.BANDS, "")


def state_of(begins: date, last: date | None, today: date) -> str:
    """ "now", "coming" or "past", of what holds on those days."""
    if begins > today:
        return "coming"
    return "past" if last is not None and last < today else "now"


def who(user: User | None) -> str:
    """Their name, "" where nobody is known."""
    return user.name if user is not None else ""


def _less(row: Price, discount: int | None) -> str:
    if discount is None:
        return _NOT_SOLD
    if not discount:
        return f"{format_won(row.list_krw)} (할인 없음)"
    return f"{format_won(row.list_krw - discount)} ({format_won(discount)} 할인)"


def _piece(row: UsagePrice) -> str:
    if row.percent is not None:
        return f"경품값의 {row.percent}%"
    return "가맹점마다 협의" if row.won is None else f"한 번 {format_won(row.won)}"
