"""영업시간 and days off: the week, public holidays and monthly days, and days the shop is closed once."""

from dataclasses import replace
from datetime import date

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from messaging.homepage.hours import change_hours
from messaging.homepage.shelf import HomepageRefused
from messaging.shop_forms import ClosureForm, DayForm, RestForm
from messaging.shop_hours_form import HoursForm, Preset, preset_of
from messaging.views.pages import ShopPage, open_page
from messaging.views.shop_pages import TAB
from shopmsg.accounts import audit
from shopmsg.accounts.access import owner_required
from shopmsg.accounts.models import Shop
from shopmsg.core.clock import kst_day
from shopmsg.core.opening import Week, read_week
from shopmsg.core.opening_day import Day, OpeningRefused
from shopmsg.core.opening_read import read_line
from shopmsg.core.opening_rest import Holidays


@never_cache
@owner_required
@require_http_methods(["GET", "HEAD", "POST"])
def shop_hours(request: HttpRequest, slug: str) -> HttpResponse:
    """The week's hours; `?how=` says how alike the days are."""
    page = open_page(request, slug, edit=True)
    week = read_week(page.shop.week) or read_line(page.shop.hours)
    preset = preset_of(week, request.GET.get("how", ""))
    form = HoursForm(preset, week, request.POST if request.method == "POST" else None)
    if request.method == "POST":
        answer = form.answer()
        form.refusal = form.refusal or (_save(request, page, answer) if answer else "")
        if answer and not form.refusal:
            messages.success(request, "영업시간을 바꿨어요. 다음 문자와 홈페이지에 이대로 나와요.")
            return redirect("messaging:shop_info", page.shop.slug)
    context = page.context(TAB, form=form, preset=preset, presets=list(Preset), line=page.shop.hours)
    return render(request, "messaging/owner/shop/hours.html", context)


@never_cache
@owner_required
@require_http_methods(["GET", "HEAD", "POST"])
def shop_rest(request: HttpRequest, slug: str) -> HttpResponse:
    """Public holidays, and days off that come every month."""
    page = open_page(request, slug, edit=True)
    week = read_week(page.shop.week)
    if week is None:
        return _hours_first(request, page)
    data = request.POST if request.method == "POST" else None
    usual = next(day for day in week.days if day)
    form = RestForm(data, initial=RestForm.initial_of(week))
    own = DayForm(data, prefix="own", day=week.holiday or usual, begin=usual, may_close=False)
    refusal = ""
    if request.method == "POST" and form.is_valid():
        holidays = Holidays(form.cleaned_data["holidays"])
        if holidays != Holidays.OWN or own.is_valid():
            refusal = _try(request, page, week, form, holidays, own.day)
            if not refusal:
                messages.success(request, "쉬는 날을 바꿨어요. 다음 문자와 홈페이지에 이대로 나와요.")
                return redirect("messaging:shop_info", page.shop.slug)
    context = page.context(TAB, form=form, own=own, refusal=refusal, line=page.shop.hours)
    return render(request, "messaging/owner/shop/rest.html", context)


@never_cache
@owner_required
@require_http_methods(["GET", "HEAD", "POST"])
def shop_closures(request: HttpRequest, slug: str) -> HttpResponse:
    """Days the shop is closed once, and the form that adds some."""
    page = open_page(request, slug, edit=request.method == "POST")
    today = kst_day(timezone.now())
    week = _week(page.shop, today)
    if week is None:
        return _hours_first(request, page)
    form = ClosureForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        problem = _add_closure(request, page, week, form, today)
        if not problem:
            messages.success(request, "쉬는 날을 올렸어요. 홈페이지에 바로 나와요.")
            return redirect("messaging:shop_closures", page.shop.slug)
        form.add_error(problem[0], problem[1])
    context = page.context(
        TAB,
        form=form,
        closures=week.closures,
        off_today=week.closure_on(today),
        opens_today=week.on(today) is not None,
        today=today,
    )
    return render(request, "messaging/owner/shop/closures.html", context)


@never_cache
@owner_required
@require_POST
def shop_closure_do(request: HttpRequest, slug: str) -> HttpResponse:
    """`action`: "today" closes today with one tap, "open" takes a closure (`first`, `last`) away, "close" puts it back."""
    page = open_page(request, slug, edit=True)
    today = kst_day(timezone.now())
    week = _week(page.shop, today)
    if week is None:
        return _hours_first(request, page)
    try:
        first = date.fromisoformat(request.POST.get("first", "") or today.isoformat())
        last = date.fromisoformat(request.POST.get("last", "") or first.isoformat())
        if request.POST.get("action") == "open":
            changed, said = week.opened_on(first, last), "다시 여는 날로 바꿨어요. 홈페이지에 바로 나와요."
        else:
            changed = week.closed_on(first, last, request.POST.get("reason", ""))
            said = "쉬는 날로 올렸어요. 홈페이지에 바로 나와요."
            if first == last == today:
                said = "오늘 쉰다고 홈페이지에 올렸어요. 문자 발송은 그대로예요."
        refusal = _save(request, page, changed)
    except ValueError:
        refusal, said = "날짜를 다시 골라 주세요.", ""
    except OpeningRefused as refused:
        refusal, said = refused.message, ""
    if refusal:
        messages.error(request, refusal)
    else:
        messages.success(request, said)
    back = "shop_info" if request.POST.get("back") == "info" else "shop_closures"
    return redirect(f"messaging:{back}", page.shop.slug)


def _week(shop: Shop, today: date) -> Week | None:
    """The shop's week without closures that are over: they take no room from new ones."""
    week = read_week(shop.week)
    return week.without_past(today) if week else None


def _try(
    request: HttpRequest, page: ShopPage, week: Week, form: RestForm, holidays: Holidays, own: Day | None
) -> str:
    try:
        changed = replace(
            week,
            monthly=form.monthly(),
            holidays=holidays,
            holiday=own if holidays == Holidays.OWN else None,
        )
    except OpeningRefused as refused:
        return refused.message
    return _save(request, page, changed)


def _add_closure(
    request: HttpRequest, page: ShopPage, week: Week, form: ClosureForm, today: date
) -> tuple[str, str] | None:
    """(field, why not), None when it was added."""
    try:
        closure = form.closure()
        if closure.last < today:
            return "first", "이미 지난 날이에요. 오늘이나 그 뒤로 골라 주세요."
        refusal = _save(request, page, week.closed_on(closure.first, closure.last, closure.reason))
    except OpeningRefused as refused:
        return {"closure": "last", "closures": "first"}.get(refused.code, "reason"), refused.message
    return ("first", refusal) if refusal else None


def _save(request: HttpRequest, page: ShopPage, week: Week) -> str:
    """Why not, "" when it is saved."""
    try:
        change_hours(page.shop, week, by=page.user, now=timezone.now(), address=audit.address_of(request))
    except HomepageRefused as refused:
        return refused.message
    return ""


def _hours_first(request: HttpRequest, page: ShopPage) -> HttpResponse:
    """Days off are days off something."""
    messages.warning(request, "영업시간을 먼저 정해 주세요. 쉬는 날은 그다음에 정할 수 있어요.")
    where = "messaging:shop_hours" if page.can_edit else "messaging:shop_info"
    return redirect(where, page.shop.slug)
