"""현황: how applications come in and how far they get, for admins."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from eligibility.queries.funnel import LABELS, STAGES, Funnel, Late, Reached, funnel, late
from messaging.charts import FULL, Stage
from shopmsg.accounts.access import staff_required
from shopmsg.accounts.enums import Role
from shopmsg.core.clock import format_day, format_moment, kst_day
from shopmsg.core.keys import number_in

#: The spans offered, in days; the second is the usual one.
SPANS: Final = (7, 30, 90)
LONGEST: Final = timedelta(days=366)
#: The reasons of eligibility.rules, in short: their own sentences speak of one applicant.
REASONS: Final = {
    "public_body": "지자체·공공기관이 소상공인형을 신청",
    "business_suspended": "휴업 중인 사업자",
    "business_closed": "폐업한 사업자",
    "business_unregistered": "등록되지 않은 사업자등록번호",
    "industry_missing": "업종을 모름",
    "industry_not_eligible": "58개 업종이 아님",
    "industry_other_revision": "11차 업종 코드",
    "revenue_missing": "연 매출을 모름",
    "revenue_negative": "연 매출이 0원보다 작음",
    "revenue_too_high": "연 매출 10억 원 초과",
}
#: What is drawn and written stands for this many units of the drawing's width.
_STEP: Final = 10


@dataclass(frozen=True, slots=True)
class DayBars:
    """One day of the chart: its place from the left, and the heights of what was received and of what is active."""

    x: int
    received: int
    active: int


@never_cache
@staff_required(Role.ADMIN)
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The funnel of `?days=` up to today, or of `?first=` to `?last=`; and what is late now."""
    now = timezone.now()
    first, last, problem = _span(request, kst_day(now))
    found = funnel(first, last)
    top = max((each.counts["received"] for each in found.by_day.values()), default=0)
    days = [first + timedelta(days=place) for place in range((last - first).days + 1)]
    context = {
        "first": first,
        "last": last,
        "problem": problem,
        "spans": [(span, _is_span(span, first, last, kst_day(now))) for span in SPANS],
        "stages": _stages(found.total),
        "labels": list(LABELS.values()),
        "sources": [(source.label, _cells(reached)) for source, reached in found.by_source.items()],
        "total": _cells(found.total),
        "bars": _bars(found, days, top),
        "width": len(days) * _STEP,
        "top": top,
        "days": [(format_day(day), _cells(reached)) for day, reached in reversed(list(found.by_day.items()))],
        "refusals": [(REASONS.get(row.code, row.message), row.count) for row in found.refusals],
        "late": [_shown(each) for each in late(now)],
        "now": now,
    }
    return render(request, "eligibility/funnel/page.html", context)


def _span(request: HttpRequest, today: date) -> tuple[date, date, str]:
    """(first day, last day, what was wrong with those asked for)."""
    usual = today - timedelta(days=SPANS[1] - 1)
    asked = [request.GET.get(name, "").strip() for name in ("first", "last")]
    if any(asked):
        try:
            first, last = (date.fromisoformat(text) if text else today for text in asked)
        except ValueError:
            return usual, today, "날짜를 달력에서 골라 주세요."
        if first > last:
            return usual, today, "첫날이 마지막 날보다 늦습니다."
        if last - first > LONGEST or not 2000 <= first.year <= last.year <= 2100:
            return usual, today, "한 번에 1년까지 볼 수 있습니다."
        return first, last, ""
    days = number_in(request.GET.get("days", "")) or SPANS[1]
    return today - timedelta(days=(days if days in SPANS else SPANS[1]) - 1), today, ""


def _is_span(span: int, first: date, last: date, today: date) -> bool:
    return last == today and (last - first).days == span - 1


def _stages(total: Reached) -> list[Stage]:
    longest = max(total.counts.values())
    found, before = [], None
    for stage in STAGES:
        count = total.counts[stage]
        note = []
        if before and total.counts[before]:
            note.append(f"{LABELS[before]}의 {_share(count, total.counts[before])}")
        hours = total.hours[stage]
        if hours is not None:
            note.append(f"절반은 {_took(hours)} 안에")
        length = max(2, round(count * FULL / longest)) if count else 0
        found.append(Stage(LABELS[stage], f"{count:,}", "건", length, ", ".join(note)))
        before = stage
    return found


def _share(count: int, of: int) -> str:
    return f"{round(count * 100 / of)}%"


def _took(hours: float) -> str:
    """ "12분", "3.2시간", "2.5일"."""
    if hours < 1:
        return f"{max(1, round(hours * 60))}분"
    return f"{hours:.1f}시간" if hours < 48 else f"{hours / 24:.1f}일"


def _cells(reached: Reached) -> list[tuple[str, str]]:
    """(label, number) of every stage."""
    return [(LABELS[stage], f"{reached.counts[stage]:,}") for stage in STAGES]


def _bars(found: Funnel, days: list[date], top: int) -> list[DayBars]:
    bars = []
    for place, day in enumerate(days):
        reached = found.by_day.get(day)
        if reached is not None and top:
            heights = [
                max(2, round(reached.counts[stage] * FULL / top)) if reached.counts[stage] else 0
                for stage in ("received", "active")
            ]
            bars.append(DayBars(place * _STEP, *heights))
    return bars


def _shown(each: Late) -> dict[str, Any]:
    rows = [
        (row.pk, row.shop_name or row.business_name or "이름 아직 없음", format_moment(since))
        for row, since in each.rows
    ]
    return {"label": each.label, "count": each.count, "rows": rows, "more": each.count - len(rows)}
