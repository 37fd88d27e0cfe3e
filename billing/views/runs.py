"""청구 (admins): the month that is next, a dry run of it, the run itself, and what differs from the month before."""

from datetime import date
from typing import Any, Final
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from billing import dates, invoicing, runs, tasks
from billing.models import BillingRun
from billing.queries import runs as queries
from billing.runs import RunRefused
from shopmsg.accounts import audit, kept_words
from shopmsg.accounts.access import staff_required, user_of
from shopmsg.accounts.enums import Role
from shopmsg.core.clock import add_months, format_day, kst_day, month_start
from shopmsg.core.money import format_won

_DRAWER: Final = "run_searches"
_LONGEST: Final = 60


@never_cache
@staff_required(Role.ADMIN)
@require_http_methods(["GET", "HEAD"])
def index(request: HttpRequest) -> HttpResponse:
    """What is next, and every run there was."""
    now = timezone.now()
    month = add_months(month_start(kst_day(now)), -1)
    page = Paginator(queries.past(), queries.PAGE).get_page(request.GET.get("page"))
    context = {
        "next": queries.next_month(now, runs.waiting(month)),
        "page": page,
        **_turning(page, {}),
    }
    return render(request, "billing/staff/runs.html", context)


@never_cache
@staff_required(Role.ADMIN)
@require_POST
def begin_dry(request: HttpRequest) -> HttpResponse:
    """미리 보기: writes nothing but what it found."""
    return _begin(request, _month(request.POST.get("month", "")), dry=True)


@never_cache
@staff_required(Role.ADMIN)
@require_http_methods(["GET", "HEAD", "POST"])
def begin(request: HttpRequest) -> HttpResponse:
    """청구서 만들기: asks once."""
    month = _month(request.POST.get("month") or request.GET.get("month", ""))
    if request.method == "POST":
        return _begin(request, month, dry=False)
    now = timezone.now()
    found, today = queries.next_month(now, runs.waiting(month)), kst_day(now)
    dry = found.dry if found.month == month else None
    facts = [("대상", f"가게 {runs.waiting(month):,}곳")]
    if dry is not None and dry.state == "done":
        facts.append(("미리 보기", f"청구서 {dry.invoices:,}장 · {format_won(dry.total_krw)}"))
        if found.stale:
            facts.append(("주의", "미리 본 뒤에 계약이나 요금이 바뀌어 금액이 달라질 수 있음"))
    else:
        facts.append(("미리 보기", "아직 하지 않음"))
    facts += [
        ("문자", "낼 금액이 있는 사장님께 낮에 한 통씩"),
        ("납부 기한", format_day(invoicing.due_on(month, today))),
        (
            "카드 결제",
            format_day(dates.charged_on(month)) if dates.charged_on(month) >= today else "다음 날 아침",
        ),
        ("되돌리기", "만든 청구서는 고칠 수 없음. 잘못은 정정 청구서로 바로잡음"),
    ]
    context = {
        "title": f"{month.month}월 청구서 만들기",
        "facts": facts,
        "hidden": [("month", f"{month:%Y-%m}")],
    }
    return render(request, "billing/staff/run_begin.html", context)


@never_cache
@staff_required(Role.ADMIN)
@require_http_methods(["GET", "HEAD", "POST"])
def run(request: HttpRequest, pk: int) -> HttpResponse:
    """One run: how far it is, what it came to, what differs (`?way=`, `?q=` a word that stands for what was searched)."""
    found = get_object_or_404(BillingRun.objects.select_related("started_by"), pk=pk)
    if request.method == "POST":
        words = request.POST.get("words", "").strip()[:_LONGEST]
        query = urlencode({"q": kept_words.keep(request, _DRAWER, words)}) if words else ""
        return redirect(f"{reverse('billing:run', args=[pk])}?{query}".rstrip("?"))
    now, moving = timezone.now(), found.state in queries.OPEN
    context: dict[str, Any] = {
        "run": found,
        "moving": moving,
        "progress": queries.progress(found, now) if moving else None,
    }
    if moving and context["progress"].left_seconds is not None:
        context["left"] = queries.time_words(context["progress"].left_seconds)
    if request.headers.get("HX-Request") and moving:
        return render(request, "billing/staff/_run_progress.html", context)
    response = render(request, "billing/staff/run.html", {**context, **_results(request, found)})
    if request.headers.get("HX-Request"):
        # It is over: the page with its results in place of the one that was waiting.
        response["HX-Refresh"] = "true"
    return response


@never_cache
@staff_required(Role.ADMIN)
@require_POST
def stop(request: HttpRequest, pk: int) -> HttpResponse:
    """멈추기: begun anew it goes on where it was."""
    get_object_or_404(BillingRun, pk=pk)
    try:
        runs.stop(pk, by=user_of(request), address=audit.address_of(request), now=timezone.now())
    except RunRefused as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, "멈췄습니다. 다시 시작하면 남은 가게부터 이어서 합니다.")
    return redirect("billing:run", pk)


def _begin(request: HttpRequest, month: date, *, dry: bool) -> HttpResponse:
    try:
        with transaction.atomic():
            made = runs.begin(
                month,
                dry=dry,
                by=user_of(request),
                address=audit.address_of(request),
                now=timezone.now(),
            )
            transaction.on_commit(lambda: tasks.go_on.apply_async((made.pk,), queue="upkeep"))
    except RunRefused as refused:
        messages.error(request, refused.message)
        return redirect("billing:runs")
    return redirect("billing:run", made.pk)


def _results(request: HttpRequest, found: BillingRun) -> dict[str, Any]:
    way = request.GET.get("way", "")
    way = way if way in dict(queries.WAYS) else ""
    key = request.GET.get("q", "")
    words = kept_words.kept(request, _DRAWER, key)
    page = Paginator(queries.differences(found, words, way), queries.PAGE).get_page(request.GET.get("page"))
    kept = {name: value for name, value in (("q", key if words else ""), ("way", way)) if value}
    return {
        "problems": queries.problems(found),
        "stale": found.dry and queries.is_stale(found),
        "page": page,
        "words": words,
        "way": way,
        "ways": [(value, label, urlencode({**kept, "way": value})) for value, label in queries.WAYS],
        **_turning(page, kept),
    }


def _turning(page: Any, kept: dict[str, str]) -> dict[str, str]:
    """Addresses of the pages before and after, "" where there is none."""
    numbers = {
        "newer_url": page.previous_page_number() if page.has_previous() else 0,
        "older_url": page.next_page_number() if page.has_next() else 0,
    }
    return {
        name: f"?{urlencode({**kept, 'page': number})}" if number else "" for name, number in numbers.items()
    }


def _month(typed: str) -> date:
    """Raises Http404 for what is no month."""
    try:
        return date.fromisoformat(f"{typed}-01")
    except ValueError:
        raise Http404 from None
