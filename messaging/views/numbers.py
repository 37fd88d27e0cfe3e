"""What happened: a shop's week at a glance, and any week before."""

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from messaging import charts
from messaging.queries.numbers import WEEK, Week, first_day, monday_of, stages_of, week_of
from messaging.views.pages import ShopPage, open_page
from shopmsg.accounts.access import owner_required
from shopmsg.core.clock import format_day, kst_day


@never_cache
@owner_required
@require_safe
def numbers(request: HttpRequest, slug: str) -> HttpResponse:
    """The week `?week=2026-11-16` lies in, this one when the address says none or one that has not begun."""
    page = open_page(request, slug)
    today = kst_day(timezone.now())
    oldest = monday_of(first_day(page.shop.pk) or today)
    asked = _day_of(request.GET.get("week", "")) or today
    week = week_of(page.shop.pk, min(max(asked, oldest), today), today)
    context = page.context(
        "today",
        week=week,
        title=_title(week, today),
        chart=charts.week_chart(week),
        funnel=charts.funnel(week.total),
        reading=charts.reading_of(week.total),
        today_funnel=charts.funnel(stages_of([week.day(today)])) if week.is_current else (),
        days=_days(page, week, today),
        earlier_url=f"?week={(week.start - WEEK).isoformat()}" if week.start > oldest else "",
        later_url=f"?week={(week.start + WEEK).isoformat()}" if week.end < today else "",
    )
    return render(request, "messaging/owner/numbers.html", context)


def _title(week: Week, today: date) -> str:
    """ "이번 주", "지난주", or the week's Monday for one further back."""
    ago = (monday_of(today) - week.start) // WEEK
    return {0: "이번 주", 1: "지난주"}.get(ago, f"{format_day(week.start)} 주")


def _days(page: ShopPage, week: Week, today: date) -> list[dict[str, str]]:
    """The days that have begun, newest first, each leading to its calls."""
    calls_url = reverse("messaging:calls", args=[page.shop.slug])
    return [
        {
            "name": format_day(day.day),
            "said": f"{charts.in_words(day)}, 쿠폰 {day.redeemed:,}명",
            "url": f"{calls_url}?first={day.day.isoformat()}&last={day.day.isoformat()}",
        }
        for day in reversed(week.days)
        if day.day <= today
    ]


def _day_of(typed: str) -> date | None:
    """The day an address names; None for whatever is none or lies at an end of the calendar."""
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        return None
    return day if date(2000, 1, 1) <= day <= date(9000, 1, 1) else None
