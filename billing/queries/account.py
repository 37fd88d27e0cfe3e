"""One screen of a shop's money for who is asked "왜 이 금액이에요?": the contract, the next bill and the newest ones by lines, what came in,
what is owed, what was changed by whom.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

from django.db.models import Count, Q, Sum

from billing import change_offers, dunning, forecast, leaving
from billing.change_offers import OfferStanding
from billing.drafting import CannotDraft
from billing.enums import Bundle, ChangeKind, EntryKind, EventPlan, UsageKind
from billing.forecast import Forecast
from billing.models import (
    Account,
    Adjustment,
    ChangeOffer,
    DunningStep,
    LedgerEntry,
    Referral,
    ReferralState,
    SubscriptionChange,
    Usage,
)
from billing.plan_change import Wanted
from billing.queries import bills
from billing.queries.leaving_chart import LeavingChart, leaving_chart
from billing.queries.pay import PayState, pay_state
from billing.queries.plan import PlanState, plan_state
from billing.queries.shops import chips_of
from shopmsg.accounts.enums import Product
from shopmsg.accounts.models import Shop
from shopmsg.core.clock import add_months, format_day, kst_day, month_start
from shopmsg.core.money import format_won

#: Bills with their lines; older ones have pages of their own.
BILLS: Final = 4
_PAYMENTS: Final = 8
_STEPS: Final = 6
_CHANGES: Final = 30
_ADJUSTMENTS: Final = 5
_OFFERS: Final = 4
_USAGE_MONTHS: Final = 2
_STANDING: Final = {
    OfferStanding.OPEN: ("waiting", "보냄 · 답 기다림"),
    OfferStanding.EXPIRED: ("skipped", "하루가 지남"),
    OfferStanding.CONFIRMED: ("sent", "확인함 · 바뀜"),
    OfferStanding.DECLINED: ("held", "원하지 않음"),
    OfferStanding.WITHDRAWN: ("skipped", "거둠"),
}


@dataclass(frozen=True, slots=True)
class ShownBill:
    """A bill of the list with its lines."""

    row: bills.Row
    lines: tuple[LedgerEntry, ...]


@dataclass(frozen=True, slots=True)
class Made:
    """A change of the contract: when, what, and by whom and why as far as it is known."""

    on: date
    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Moved:
    """Money that came in, or with `back` went back; `charge` is the card charge's key, 0 where it came another way."""

    day: date
    how: str
    won: int
    back: bool
    sentence: str
    charge: int


@dataclass(frozen=True, slots=True)
class Used:
    """Use by the piece: of a kind in a month, how much of it, and how much no bill has charged yet."""

    month: date
    label: str
    quantity: int
    open: int


@dataclass(frozen=True, slots=True)
class ShownOffer:
    """An offer as the agent follows it. `waits`: it may still be answered, or withdrawn; `changed`: the owner said yes, so the
    page is another by now."""

    offer: ChangeOffer
    name: str
    tone: str
    word: str
    waits: bool
    changed: bool


@dataclass(frozen=True, slots=True)
class Owed:
    """What is owed: in all, of that overdue, since when; the steps taken and what comes next."""

    total_krw: int
    late_krw: int
    since: date | None
    days: int
    next: str
    steps: tuple[DunningStep, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Screen:
    """All of it. `state` is None once the contract is over, `bill` when the next one cannot be reckoned, `chart` without a
    commitment; `aloud` answers "왜 이 금액이에요?" in sentences to read."""

    account: Account
    state: PlanState | None
    chips: tuple[tuple[str, str], ...]
    bill: Forecast | None
    aloud: tuple[str, ...]
    bills: tuple[ShownBill, ...]
    more_bills: int
    pay: PayState | None
    payments: tuple[Moved, ...]
    owed: Owed
    changes: tuple[Made, ...]
    usage: tuple[Used, ...]
    adjustments: tuple[Adjustment, ...]
    referrals: tuple[tuple[str, str], ...]
    chart: LeavingChart | None


def screen_of(account: Account, now: datetime) -> Screen:
    """Everything about the money of this account's shop (with `shop` read)."""
    shop, today = account.shop, kst_day(now)
    state, bill = plan_state(shop, now), _next_bill(shop, now)
    listed = bills.listed(shop, "", 1, today)
    shown = _bills(shop, listed.rows[:BILLS])
    outlook = leaving.outlook(state.contract, state.catalogue, today) if state else []
    return Screen(
        account=account,
        state=state,
        chips=chips_of(account, state.subscription if state else None, today),
        bill=bill,
        aloud=_aloud(state, bill, account.balance_krw),
        bills=shown,
        more_bills=max(0, listed.found - len(shown)),
        pay=pay_state(shop, now),
        payments=_payments(shop),
        owed=_owed(account, today),
        changes=_changes(shop),
        usage=_usage(shop, today),
        adjustments=_adjustments(shop),
        referrals=_referrals(shop),
        chart=leaving_chart(outlook),
    )


def offers_of(shop: Shop, now: datetime) -> list[ShownOffer]:
    """The newest offers, the newest first."""
    rows = ChangeOffer.objects.filter(shop=shop).select_related("made_by").order_by("-pk")
    return [shown_offer(row, now) for row in rows[:_OFFERS]]


def shown_offer(offer: ChangeOffer, now: datetime) -> ShownOffer:
    """One of them (with `made_by` read)."""
    stands = change_offers.standing(offer, now)
    tone, word = _STANDING[stands]
    name = change_offers.named(change_offers.wanted_of(offer))
    waits = stands == OfferStanding.OPEN
    return ShownOffer(offer, name, tone, word, waits, stands == OfferStanding.CONFIRMED)


def _next_bill(shop: Shop, now: datetime) -> Forecast | None:
    try:
        return forecast.next_bill(shop, now)
    except CannotDraft:
        return None


def _aloud(state: PlanState | None, bill: Forecast | None, balance_krw: int) -> tuple[str, ...]:
    said = []
    if state is not None:
        said.append(f"지금은 한 달 {format_won(state.monthly_krw)}이에요. {state.parts[0].sentence}")
    if bill is not None and bill.lines:
        said.append(f"{bill.month.month}월 청구서는 {format_won(bill.total_krw)}이 돼요.")
        said += [f"{line.label}, {line.sentence}" for line in bill.lines]
    elif bill is not None:
        said.append(f"{bill.month.month}월에는 내실 돈이 없어요.")
    if balance_krw > 0:
        said.append(f"지금까지 청구한 돈 가운데 {format_won(balance_krw)}이 남아 있어요.")
    elif balance_krw < 0:
        said.append(f"먼저 내셨거나 돌려드릴 돈 {format_won(-balance_krw)}은 다음 청구서에서 빼 드려요.")
    if state is not None:
        said.append(f"오늘 해지하시면 돌려주실 돈은 {format_won(state.leaving_krw)}이에요.")
    return tuple(said)


def _bills(shop: Shop, rows: Sequence[bills.Row]) -> tuple[ShownBill, ...]:
    numbers = [row.number for row in rows]
    entries = LedgerEntry.objects.filter(shop=shop, invoice__number__in=numbers).select_related("invoice")
    by_number: dict[str, list[LedgerEntry]] = {number: [] for number in numbers}
    for entry in entries.order_by("position", "pk"):
        if entry.invoice is not None:
            by_number[entry.invoice.number].append(entry)
    return tuple(ShownBill(row, tuple(by_number[row.number])) for row in rows)


def _payments(shop: Shop) -> tuple[Moved, ...]:
    kinds = [EntryKind.PAYMENT, EntryKind.PAYMENT_BACK]
    rows = LedgerEntry.objects.filter(shop=shop, kind__in=kinds).select_related("charge")
    return tuple(_moved(entry) for entry in rows.order_by("-posted_at", "-pk")[:_PAYMENTS])


def _moved(entry: LedgerEntry) -> Moved:
    charge = getattr(entry, "charge", None)
    return Moved(
        entry.first,
        entry.label,
        abs(entry.amount_krw),
        entry.kind == EntryKind.PAYMENT_BACK,
        entry.sentence,
        charge.pk if charge is not None else 0,
    )


def _owed(account: Account, today: date) -> Owed:
    steps = tuple(account.dunning_steps.order_by("-pk")[:_STEPS])
    since = account.unpaid_since if dunning.is_late(account, today) else None
    if since is None:
        return Owed(max(0, account.balance_krw), 0, None, 0, "", steps)
    late = dunning.overdue_krw(account, today)
    days = (today - since).days
    stop = dunning.stops_on(account)
    coming = next((step for step in dunning.REMIND if step > days), None)
    following = ""
    if account.stopped_at is not None:
        following = "발송 정지 중. 납부하면 바로 다시 발송."
    elif coming is not None:
        following = f"{coming}일 알림 {format_day(since + timedelta(days=coming))}"
    elif stop is not None:
        following = f"발송 정지 {format_day(max(stop, today))}"
    return Owed(account.balance_krw, late, since, days, following, steps)


def _changes(shop: Shop) -> tuple[Made, ...]:
    rows = SubscriptionChange.objects.filter(subscription__shop=shop).select_related("by")
    return tuple(
        Made(row.on, _what(row), " · ".join(filter(None, [row.by.shown_name if row.by else "", row.reason])))
        for row in rows.order_by("-created_at", "-pk")[:_CHANGES]
    )


def _what(row: SubscriptionChange) -> str:
    if row.kind == ChangeKind.STARTED:
        said = [f"개통: {Product(row.product).label}"]
        said += [f"{row.term_months // 12}년 약정"] if row.term_months else []
        said += [Bundle(row.bundle).label] if row.bundle != Bundle.NONE else []
        return " ".join(said)
    return change_offers.named(
        Wanted(
            ChangeKind(row.kind),
            row.term_months,
            Bundle(row.bundle),
            product=Product(row.product),
            plan=EventPlan(row.plan),
            until=row.until,
        )
    )


def _usage(shop: Shop, today: date) -> tuple[Used, ...]:
    since = add_months(month_start(today), -_USAGE_MONTHS)
    rows = (
        Usage.objects.filter(Q(used_on__gte=since) | Q(entry__isnull=True), shop=shop)
        .values("kind", "used_on__year", "used_on__month")
        .annotate(sum=Sum("quantity"), open=Sum("quantity", filter=Q(entry__isnull=True)))
        .order_by("-used_on__year", "-used_on__month", "kind")
    )
    return tuple(
        Used(
            date(row["used_on__year"], row["used_on__month"], 1),
            UsageKind(row["kind"]).label,
            row["sum"],
            row["open"] or 0,
        )
        for row in rows
    )


def _adjustments(shop: Shop) -> tuple[Adjustment, ...]:
    rows = Adjustment.objects.filter(shop=shop).select_related("requested_by", "decided_by", "note")
    return tuple(rows.order_by("-pk")[:_ADJUSTMENTS])


def _referrals(shop: Shop) -> tuple[tuple[str, str], ...]:
    """Who brought the shop, and how many it brought, as labelled facts."""
    facts = []
    brought = Referral.objects.filter(shop=shop).select_related("referrer").first()
    if brought is not None:
        why = f" ({brought.refused_for})" if brought.refused_for else ""
        facts.append(("추천해 준 가게", f"{brought.referrer.name} · {brought.get_state_display()}{why}"))
    counted = Referral.objects.filter(referrer=shop).aggregate(
        all=Count("pk"), rewarded=Count("pk", filter=Q(state=ReferralState.REWARDED))
    )
    if counted["all"]:
        facts.append(("추천한 가게", f"{counted['all']}곳, 한 달 무료 {counted['rewarded']}곳"))
    return tuple(facts)
