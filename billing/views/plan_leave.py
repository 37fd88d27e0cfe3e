"""해지: what leaving costs today and in every coming month, the last day, and confirming it; alone, without a call, and taken
back with one button until that day is over."""

from datetime import date, datetime
from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from billing import dates, forecast, leaving, plan_change
from billing.changes import ContractRefused
from billing.drafting import CannotDraft
from billing.enums import ChangeKind, EntryKind
from billing.ledger import Posting
from billing.plan_change import Preview, Wanted
from billing.proration import month_end
from billing.queries.leaving_chart import leaving_chart, long_day
from billing.queries.plan import PlanState, plan_state
from billing.views.pages import MoneyPage, open_money
from billing.views.plan_refused import refused
from shopmsg.accounts import audit
from shopmsg.accounts.access import owner_required
from shopmsg.core.clock import add_months, format_day
from shopmsg.core.money import format_won

#: Why somebody leaves, in a tap; nobody has to say.
REASONS: Final = (
    "가게를 그만둬요",
    "요금이 부담돼요",
    "손님이 늘지 않았어요",
    "쓰기 어려워요",
    "다른 것을 쓰려고요",
)
#: Years ahead that a last day may be booked for.
_AHEAD: Final = 5


@never_cache
@owner_required
@require_http_methods(["GET", "HEAD", "POST"])
def plan_leave(request: HttpRequest, slug: str) -> HttpResponse:
    """What leaving costs, and the choice of a last day; `?last=2026-11-30` asks once more with all its consequences; POST with
    the seal of what was shown books it."""
    page = open_money(request, slug)
    now = timezone.now()
    state = plan_state(page.shop, now)
    if state is None:
        return redirect("billing:plan", page.shop.slug)
    if request.method == "POST":
        return _book(request, page, state, now)
    if state.last_day is not None:
        return redirect("billing:plan", page.shop.slug)
    if "last" in request.GET:
        return _ask(request, page, state, now, request.GET["last"])
    return _choose(request, page, state, now)


def _choose(
    request: HttpRequest, page: MoneyPage, state: PlanState, now: datetime, why: str = "", typed: str = ""
) -> HttpResponse:
    today = plan_change.preview(page.shop, Wanted(ChangeKind.CANCELLED, until=state.today), now)
    usage = _usage(page, now)
    context = page.context(
        state=state,
        today=today,
        usage=usage,
        total_krw=today.after.month_krw + sum(line.parts.total_krw for line in usage),
        choices=_choices(state),
        chart=leaving_chart(leaving.outlook(state.contract, state.catalogue, state.today)),
        why=why,
        typed=_day(typed),
        latest=_latest(state.today),
    )
    return render(request, "billing/owner/plan_leave.html", context, status=422 if why else 200)


def _usage(page: MoneyPage, now: datetime) -> list[Posting]:
    """What was used by the piece so far: it stands on the last bill too."""
    try:
        so_far = forecast.month_so_far(page.shop, now)
    except CannotDraft:
        return []
    return [line for line in so_far.lines if line.kind == EntryKind.USAGE]


def _choices(state: PlanState) -> list[tuple[date, str, str]]:
    """(last day, its name, what it costs): the month's end, today, the commitment's end. None is recommended: which is the
    cheapest depends on how long the owner needs us."""
    ends = month_end(state.today)
    found = [(ends, f"이번 달 말일, {format_day(ends)}까지")]
    found += [(state.today, "오늘까지")] if ends != state.today else []
    if state.bound is not None and state.bound.until > ends:
        found.append((state.bound.until, f"약정이 끝나는 {state.bound.until_words}까지"))
    return [(day, name, f"돌려주실 돈 {format_won(_cost(state, day))}") for day, name in found]


def _cost(state: PlanState, last: date) -> int:
    found = leaving.if_left(state.contract, state.catalogue, last)
    return found.won if found else 0


def _latest(today: date) -> date:
    return add_months(today, 12 * _AHEAD)


def _ask(
    request: HttpRequest, page: MoneyPage, state: PlanState, now: datetime, typed: str, why: str = ""
) -> HttpResponse:
    last = _day(typed)
    if last is None:
        return _choose(request, page, state, now, "마지막으로 쓰실 날을 달력에서 골라 주세요.", typed)
    if last > _latest(state.today):
        return _choose(request, page, state, now, f"마지막 날은 {_AHEAD}년 안에서 골라 주세요.", typed)
    try:
        made = plan_change.preview(page.shop, Wanted(ChangeKind.CANCELLED, until=last), now)
    except ContractRefused as refusal:
        if refusal.code == "past":
            return _choose(request, page, state, now, refusal.message, typed)
        return refused(request, page, refusal)
    context = page.context(
        state=state,
        preview=made,
        facts=_facts(made, bool(_usage(page, now))),
        last=last,
        reasons=REASONS,
        why=why,
    )
    return render(request, "billing/owner/plan_leave_confirm.html", context, status=409 if why else 200)


def _facts(made: Preview, used: bool) -> list[tuple[str, str]]:
    """What happens, when, what it costs, what stays, how to take it back."""
    day = long_day(made.on)
    won = made.refund.won if made.refund else 0
    bill = f"{made.month.month}월 청구서 하나예요. {long_day(dates.due_on(made.month))}까지 내시면 돼요."
    if used:
        bill += " 그때까지 쓰신 만큼 내시는 사용료도 더해져요."
    return [
        ("언제까지 쓰나요?", f"{day}까지 문자가 나가고, 그다음 날부터 나가지 않아요."),
        ("돌려주실 돈은요?", made.refund.sentence if won and made.refund else "없어요. 0원이에요."),
        ("마지막 청구서는요?", bill),
        ("손님의 수신거부는요?", "그대로 지켜요. 이미 받으신 문자의 링크에서도 계속 수신거부하실 수 있어요."),
        ("가게 홈페이지는요?", "그다음 날부터 ‘이 가게는 이제 문자를 보내지 않아요’라고 보여요."),
        ("지난 청구서는요?", "해지하신 뒤에도 5년 동안 여기에서 보실 수 있어요."),
        ("되돌리려면요?", f"{day} 밤 12시 전까지 요금제 화면에서 ‘해지 되돌리기’를 누르시면 돼요."),
    ]


def _book(request: HttpRequest, page: MoneyPage, state: PlanState, now: datetime) -> HttpResponse:
    typed = request.POST.get("last", "")
    last, reason = _day(typed), request.POST.get("reason", "")
    if last is None or last > _latest(state.today):
        return _ask(request, page, state, now, typed)
    try:
        plan_change.confirm(
            page.shop,
            Wanted(ChangeKind.CANCELLED, until=last),
            seal=request.POST.get("seal", ""),
            by=page.user,
            address=audit.address_of(request),
            now=now,
            reason=reason if reason in REASONS else "",
        )
    except ContractRefused as refusal:
        if refusal.code in ("moved", "past"):
            return _ask(request, page, state, now, typed, refusal.message)
        return refused(request, page, refusal)
    messages.success(
        request, f"해지를 예약했어요. {long_day(last)}까지 그대로 쓰시고, 그때까지 되돌리실 수 있어요."
    )
    return redirect("billing:plan", page.shop.slug)


@never_cache
@owner_required
@require_POST
def plan_leave_back(request: HttpRequest, slug: str) -> HttpResponse:
    """해지 되돌리기: one button, nothing to think about; everything is as it was."""
    page = open_money(request, slug)
    now = timezone.now()
    wanted = Wanted(ChangeKind.CANCEL_TAKEN_BACK)
    try:
        shown = plan_change.preview(page.shop, wanted, now)
        plan_change.confirm(
            page.shop, wanted, seal=shown.seal, by=page.user, address=audit.address_of(request), now=now
        )
    except ContractRefused as refusal:
        return refused(request, page, refusal)
    messages.success(request, "해지를 되돌렸어요. 지금처럼 계속 쓰세요.")
    return redirect("billing:plan", page.shop.slug)


def _day(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        return None
