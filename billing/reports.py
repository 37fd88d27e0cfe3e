"""매출: what twelve billing months came to. Set-based: each question is one statement over the ledger, however many shops.

Every figure says what it counts (`MEANS`), and they reconcile: what was charged less what was received is what is owed.
Months of charges are billing months; months of money are the KST months in which it was entered, so that a closed month
never changes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

from django.db import connection

from billing.enums import Bundle, EntryKind, EventPlan, PayMethod
from shopmsg.accounts.enums import Product
from shopmsg.core.clock import add_months, day_start

MONTHS: Final = 12
#: 청구 항목, and the kinds of entries that make it.
CHARGES: Final[Mapping[str, tuple[str, ...]]] = {
    "이용료": (EntryKind.SERVICE,),
    "이벤트 요금제": (EntryKind.PLAN,),
    "할인반환금": (EntryKind.REFUND,),
    "사용료": (EntryKind.USAGE,),
    "정정": (EntryKind.CREDIT, EntryKind.CORRECTION, EntryKind.REFERRAL),
}
WAYS: Final[Mapping[str, str]] = {
    PayMethod.CARD: "카드",
    PayMethod.TRANSFER: "계좌 이체",
    PayMethod.PHONE_BILL: "KT 전화요금",
    "": "다른 방법",
}
#: Days since the due day: from, to (None: whatever is older).
AGES: Final = ((None, 0), (1, 30), (31, 60), (61, 90), (91, None))
#: What each figure counts.
MEANS: Final[Mapping[str, str]] = {
    "청구": "그 달 이용분 청구서와 그 달에 만든 정정 청구서의 합",
    "받은 돈": "그 달에 원장에 적은 납부. 언제 이용분인지는 따지지 않음",
    "돌려준 돈": "그 달에 원장에 적은 환불",
    "월 정기 매출": "달 마지막 날에 이용료를 내는 계약의 한 달 요금(부가세 포함). 무료 첫 달과 일시정지는 빼고",
    "이용": "그 달 청구서를 만든 가게 가운데 달 마지막 날에 계약이 있는 곳",
    "새 가게": "그 달에 개통한 계약",
    "해지": "그 달이 마지막 이용일인 계약",
    "일시정지": "달 마지막 날에 쉬는 가게",
    "가게당 청구": "정정을 뺀 청구 합계 ÷ 0원이 아닌 청구서 수",
    "유료 전환": "그 달에 무료 기간이 끝난 계약 가운데 다음 날에도 쓴 계약",
    "미수": "오늘까지 받지 못한 청구 금액, 납부 기한에서 지난 날로 나눔",
}

# What stands on a bill's last day holds at the end of the month. What was charged late, in a later month's bill for an
# earlier month, recurs in neither.
_CHARGED: Final = """
SELECT i.month, e.kind, SUM(e.supply_krw), SUM(e.vat_krw), COUNT(*) FILTER (WHERE held.is),
  COUNT(*) FILTER (WHERE held.is AND e.detail ? 'paused'),
  SUM((e.detail->>'monthly_krw')::bigint) FILTER (WHERE held.is AND NOT e.detail ?| array['paused', 'free'])
FROM billing_invoice i JOIN billing_ledgerentry e ON e.invoice_id = i.id
CROSS JOIN LATERAL (SELECT i.kind = 'invoice' AND e.kind IN ('service', 'plan')
  AND e.last = (i.month + INTERVAL '1 month' - INTERVAL '1 day')::date AS is) held
WHERE i.month BETWEEN %(first)s AND %(last)s GROUP BY 1, 2"""

_BILLS: Final = """
SELECT month, COUNT(*) FROM billing_invoice
WHERE month BETWEEN %(first)s AND %(last)s AND kind = 'invoice' AND total_krw <> 0 GROUP BY 1"""

_MONEY: Final = """
SELECT date_trunc('month', posted_at AT TIME ZONE 'Asia/Seoul')::date, kind, method, SUM(amount_krw)
FROM billing_ledgerentry
WHERE invoice_id IS NULL AND posted_at >= %(from)s AND posted_at < %(until)s GROUP BY 1, 2, 3"""

_PARTS: Final = """
SELECT COALESCE(e.detail->>'product', ''), COALESCE((e.detail->>'term_months')::int, 0),
  COALESCE(e.detail->>'bundle', ''), COALESCE(e.detail->>'plan', ''), COUNT(*), SUM((e.detail->>'monthly_krw')::bigint)
FROM billing_invoice i JOIN billing_ledgerentry e ON e.invoice_id = i.id
WHERE i.month = %(last)s AND i.kind = 'invoice' AND e.kind IN ('service', 'plan') AND e.last = %(end)s
  AND NOT e.detail ? 'paused' AND NOT e.detail ? 'free'
GROUP BY 1, 2, 3, 4"""

_MOVED: Final = """
SELECT date_trunc('month', starts_on)::date, 'new', COUNT(*) FROM billing_subscription
WHERE starts_on BETWEEN %(first)s AND %(end)s GROUP BY 1
UNION ALL
SELECT date_trunc('month', ended_on)::date, 'left', COUNT(*) FROM billing_subscription
WHERE ended_on BETWEEN %(first)s AND %(end)s GROUP BY 1
UNION ALL
SELECT date_trunc('month', free_until)::date, 'freed', COUNT(*) FROM billing_subscription
WHERE free_until BETWEEN %(first)s AND %(end)s AND free_until < %(today)s GROUP BY 1
UNION ALL
SELECT date_trunc('month', free_until)::date, 'stayed', COUNT(*) FROM billing_subscription
WHERE free_until BETWEEN %(first)s AND %(end)s AND free_until < %(today)s
  AND (ended_on IS NULL OR ended_on > free_until) GROUP BY 1"""

# What is left of a balance lies on the newest bills (billing.ledger.open_invoices); none older than `unpaid_since` is open.
_UNPAID: Final = """
WITH open AS (
  SELECT i.shop_id, i.due_on, LEAST(i.total_krw, a.balance_krw - COALESCE(SUM(i.total_krw) OVER (
    PARTITION BY i.shop_id ORDER BY i.due_on DESC, i.id DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)) AS won
  FROM billing_account a
  JOIN billing_invoice i ON i.shop_id = a.shop_id AND i.total_krw > 0 AND i.due_on >= a.unpaid_since
  WHERE a.balance_krw > 0
)
SELECT %(today)s - due_on, SUM(won), COUNT(DISTINCT shop_id) FROM open WHERE won > 0 GROUP BY 1"""

_BALANCES: Final = """
SELECT COALESCE(SUM(balance_krw) FILTER (WHERE balance_krw > 0), 0),
  COALESCE(-SUM(balance_krw) FILTER (WHERE balance_krw < 0), 0) FROM billing_account"""


@dataclass(frozen=True, slots=True)
class Won:
    """공급가액 and 세액, won."""

    supply_krw: int = 0
    vat_krw: int = 0

    @property
    def total_krw(self) -> int:
        """Both."""
        return self.supply_krw + self.vat_krw

    def __add__(self, other: "Won") -> "Won":
        return Won(self.supply_krw + other.supply_krw, self.vat_krw + other.vat_krw)


@dataclass(slots=True)
class Month:
    """One month. `charged` by the names of CHARGES, `received` by PayMethod, won. `freed`: contracts whose free month ended,
    `stayed`: of those the ones that went on."""

    month: date
    charged: dict[str, Won] = field(default_factory=lambda: dict.fromkeys(CHARGES, Won()))
    received: dict[str, int] = field(default_factory=lambda: dict.fromkeys(WAYS, 0))
    paid_back_krw: int = 0
    bills: int = 0
    recurring_krw: int = 0
    running: int = 0
    paused: int = 0
    begun: int = 0
    ended: int = 0
    freed: int = 0
    stayed: int = 0

    @property
    def total(self) -> Won:
        """Everything charged."""
        return sum(self.charged.values(), Won())

    @property
    def received_krw(self) -> int:
        """Everything received, before what was paid back."""
        return sum(self.received.values())

    @property
    def per_shop_krw(self) -> int | None:
        """가게당 청구, rounded down; None without bills."""
        bills = self.total.total_krw - self.charged["정정"].total_krw
        return bills // self.bills if self.bills else None

    @property
    def stayed_percent(self) -> int | None:
        """유료 전환, rounded down; None when no free month ended."""
        return self.stayed * 100 // self.freed if self.freed else None


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the recurring amount: "소상공인형 · 36개월 약정", its contracts and won a month."""

    label: str
    shops: int
    won: int


@dataclass(frozen=True, slots=True)
class Age:
    """What has been unpaid for so long."""

    label: str
    shops: int
    won: int


@dataclass(frozen=True, slots=True)
class Report:
    """`months` oldest first; `parts` of the last month's recurring amount, the greatest first; `ages` and the two balances are
    of today: what is owed, and what stands to shops' credit."""

    months: Sequence[Month]
    parts: Sequence[Part]
    ages: Sequence[Age]
    owed_krw: int
    credit_krw: int

    @property
    def newest(self) -> Month:
        """The month that was asked for."""
        return self.months[-1]


def report(month: date, today: date) -> Report:
    """The twelve months up to that one; seven statements."""
    first = add_months(month, 1 - MONTHS)
    after = add_months(month, 1)
    months = {add_months(first, number): Month(add_months(first, number)) for number in range(MONTHS)}
    asked: dict[str, Any] = {
        "first": first,
        "last": month,
        "end": after - timedelta(days=1),
        "from": day_start(first),
        "until": day_start(after),
        "today": today,
    }
    group = {kind: name for name, kinds in CHARGES.items() for kind in kinds}
    for at, kind, supply, vat, held, paused, recurring in _ask(_CHARGED, asked):
        found = months[at]
        found.charged[group[kind]] += Won(int(supply), int(vat))
        found.recurring_krw += int(recurring or 0)
        if kind == EntryKind.SERVICE:
            found.running, found.paused = held, paused
    for at, bills in _ask(_BILLS, asked):
        months[at].bills = bills
    for at, kind, method, won in _ask(_MONEY, asked):
        if kind == EntryKind.PAYMENT:
            months[at].received[method if method in WAYS else ""] -= int(won)
        else:
            months[at].paid_back_krw += int(won)
    names = {"new": "begun", "left": "ended", "freed": "freed", "stayed": "stayed"}
    for at, what, number in _ask(_MOVED, asked):
        setattr(months[at], names[what], number)
    ((owed, credit),) = _ask(_BALANCES, asked)
    return Report(list(months.values()), _parts(asked), _ages(asked), int(owed), int(credit))


def _parts(asked: Mapping[str, Any]) -> list[Part]:
    found = [
        Part(_label(product, term, bundle, plan), number, int(won))
        for product, term, bundle, plan, number, won in _ask(_PARTS, asked)
    ]
    return sorted(found, key=lambda part: (-part.won, part.label))


def _label(product: str, term: int, bundle: str, plan: str) -> str:
    if plan:
        return EventPlan(plan).label
    name = Product(product).label
    if bundle and bundle != Bundle.NONE:
        return f"{name} · {Bundle(bundle).label}"
    return f"{name} · {term}개월 약정" if term else f"{name} · 약정 없음"


def _ages(asked: Mapping[str, Any]) -> list[Age]:
    rows = _ask(_UNPAID, asked)
    return [
        Age(
            _age_label(low, high),
            sum(shops for days, _, shops in rows if _within(days, low, high)),
            sum(int(won) for days, won, _ in rows if _within(days, low, high)),
        )
        for low, high in AGES
    ]


def _within(days: int, low: int | None, high: int | None) -> bool:
    return (low is None or days >= low) and (high is None or days <= high)


def _age_label(low: int | None, high: int | None) -> str:
    if low is None:
        return "기한 전"
    return f"{low}~{high}일" if high else f"{low}일부터"


def _ask(question: str, asked: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(question, asked)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
