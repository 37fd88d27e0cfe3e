"""요금제 바꾸기: one question a screen, then what the change would mean in won, then doing exactly that."""

from datetime import datetime
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from billing import leaving
from billing import plan_change as verbs
from billing.catalogue import PACK_INTERNET, PACK_PARTS
from billing.changes import ContractRefused
from billing.enums import Bundle, ChangeKind, EventPlan
from billing.plan_change import Wanted
from billing.queries.leaving_chart import LeavingChart, leaving_chart
from billing.queries.plan import PlanState, plan_state
from billing.queries.plan_choices import another_shop, event_plans, giving_up_krw, packs, raises
from billing.queries.plan_words import shown
from billing.views.pages import MoneyPage, open_money
from billing.views.plan_refused import refused
from shopmsg.accounts import audit
from shopmsg.accounts.access import owner_required
from shopmsg.core.keys import number_in

#: What an owner changes here; a pause is agreed by telephone, and leaving has a page of its own.
_KINDS: Final = (
    ChangeKind.COMMITTED,
    ChangeKind.COMMITMENT_LEFT,
    ChangeKind.BUNDLED,
    ChangeKind.UNBUNDLED,
    ChangeKind.PLAN_CHANGED,
    ChangeKind.RESUMED,
)
_QUESTIONS: Final = ("raise", "pack", "parts", "events", "shop")


@never_cache
@owner_required
@require_http_methods(["GET", "HEAD", "POST"])
def plan_change(request: HttpRequest, slug: str) -> HttpResponse:
    """Without anything the list of what can be changed; `?ask=` one question; with its answers (`kind` and its fields) the
    preview; POST with the preview's seal does it."""
    page = open_money(request, slug)
    now = timezone.now()
    if request.method == "POST":
        return _confirm(request, page, now)
    if "kind" in request.GET:
        return _preview(request, page, _wanted(request.GET), now)
    state = plan_state(page.shop, now)
    if state is None:
        return redirect("billing:plan", page.shop.slug)
    if state.last_day is not None or state.paused_until is not None:
        # Whatever is asked, the answer is the same: first take the cancellation back, or end the pause.
        try:
            verbs.preview(page.shop, Wanted(ChangeKind.COMMITMENT_LEFT), now)
        except ContractRefused as refusal:
            return refused(request, page, refusal)
    return _ask(request, page, state, request.GET.get("ask", ""))


def _ask(
    request: HttpRequest, page: MoneyPage, state: PlanState, asked: str, *, status: int = 200, **more: Any
) -> HttpResponse:
    question = asked if asked in _QUESTIONS else "list"
    choices: dict[str, Any] = {
        "list": lambda: {
            "raises": raises(state),
            "packs": packs(state),
            "giving_up_krw": giving_up_krw(state),
        },
        "raise": lambda: {"raises": raises(state)},
        "pack": lambda: {"packs": packs(state), "giving_up_krw": giving_up_krw(state)},
        "parts": lambda: {"internet": PACK_INTERNET.items(), "parts": PACK_PARTS.items()},
        "events": lambda: {"plans": event_plans(state)},
        "shop": lambda: {"facts": another_shop(state)},
    }
    context = page.context(state=state, **choices[question](), **more)
    return render(request, f"billing/owner/plan_change_{question}.html", context, status=status)


def _wanted(data: QueryDict) -> Wanted:
    """The change asked for. Raises Http404 for one that no page of ours asks for."""
    kind = data.get("kind", "")
    if kind not in _KINDS:
        raise Http404
    bundle, plan = data.get("bundle", Bundle.NONE), data.get("plan", EventPlan.NONE)
    if bundle not in Bundle.values or plan not in EventPlan.values:
        raise Http404
    return Wanted(
        ChangeKind(kind),
        term_months=number_in(data.get("term", "")) or 0,
        bundle=Bundle(bundle),
        pack_internet=data.get("internet", ""),
        pack_parts=tuple(dict.fromkeys(data.getlist("parts"))),
        plan=EventPlan(plan),
    )


def _preview(
    request: HttpRequest, page: MoneyPage, wanted: Wanted, now: datetime, why: str = ""
) -> HttpResponse:
    """`why`: other figures than these had been shown."""
    try:
        made = verbs.preview(page.shop, wanted, now)
    except ContractRefused as refusal:
        return _refused(request, page, wanted, refusal, now)
    context = page.context(preview=made, shown=shown(made), why=why, chart=_chart(page, wanted, now))
    return render(request, "billing/owner/plan_change_preview.html", context, status=409 if why else 200)


def _chart(page: MoneyPage, wanted: Wanted, now: datetime) -> LeavingChart | None:
    """What leaving would cost afterwards, before a commitment is agreed to."""
    state = plan_state(page.shop, now)
    if wanted.kind != ChangeKind.COMMITTED or state is None:
        return None
    after = verbs.step_of(wanted, state.catalogue)(state.contract, state.today)
    return leaving_chart(leaving.outlook(after, state.catalogue, state.today))


def _confirm(request: HttpRequest, page: MoneyPage, now: datetime) -> HttpResponse:
    wanted = _wanted(request.POST)
    try:
        done = verbs.confirm(
            page.shop,
            wanted,
            seal=request.POST.get("seal", ""),
            by=page.user,
            address=audit.address_of(request),
            now=now,
        )
    except ContractRefused as refusal:
        if refusal.code != "moved":
            return _refused(request, page, wanted, refusal, now)
        return _preview(request, page, wanted, now, refusal.message)
    messages.success(request, f"바꿨어요. {' '.join(done.sentences)}")
    return redirect("billing:plan", page.shop.slug)


def _refused(
    request: HttpRequest, page: MoneyPage, wanted: Wanted, refusal: ContractRefused, now: datetime
) -> HttpResponse:
    state = plan_state(page.shop, now)
    if refusal.code == "pack_incomplete" and state is not None:
        chosen = {"chosen_internet": wanted.pack_internet, "chosen_parts": wanted.pack_parts}
        return _ask(request, page, state, "parts", status=422, why=refusal.message, **chosen)
    return refused(request, page, refusal)
