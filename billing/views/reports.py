"""매출 (admins): twelve months of what was charged, received and is owed, on a page and as xlsx."""

import io
from datetime import date
from typing import Final

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from billing import reports, reports_sheet, runs
from billing.queries.money_chart import money_chart
from billing.queries.months import with_bills
from billing.reports import MEANS, WAYS, Month
from shopmsg.accounts import audit
from shopmsg.accounts.access import staff_required, user_of
from shopmsg.accounts.enums import Role
from shopmsg.core.clock import add_months, kst_day, month_start
from shopmsg.core.spreadsheet_files import XLSX

_MONTHS: Final = 36


@never_cache
@staff_required(Role.ADMIN)
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The twelve months up to one (`?month=2026-11`, the newest that is over unless said)."""
    today = kst_day(timezone.now())
    given = request.GET.get("month", "")
    month = _given(given) if given else add_months(month_start(today), -1)
    found = reports.report(month, today)
    context = {
        "month": month,
        "months": with_bills(month, _MONTHS),
        "report": found,
        "newest": found.newest,
        "months_newest_first": found.months[::-1],
        "ways": [
            (name, found.newest.received[way])
            for way, name in WAYS.items()
            if way or found.newest.received[way]
        ],
        "chart": money_chart(
            [(each.month, each.total.total_krw, each.received_krw) for each in found.months]
        ),
        "charged_means": MEANS["청구"],
        "received_means": MEANS["받은 돈"],
        "back_means": MEANS["돌려준 돈"],
        "recurring_means": MEANS["월 정기 매출"],
        "unpaid_means": MEANS["미수"],
        "numbers": _numbers(found.newest, found.months[-2]),
        "waiting": runs.waiting(month) if month < month_start(today) else 0,
        "empty": not any(each.bills or each.received_krw or each.begun for each in found.months),
    }
    return render(request, "billing/staff/reports.html", context)


@never_cache
@staff_required(Role.ADMIN)
@require_safe
def download(request: HttpRequest, month: str) -> HttpResponse:
    """The same as xlsx."""
    asked = _given(month)
    made = io.BytesIO()
    reports_sheet.write(reports.report(asked, kst_day(timezone.now())), made)
    audit.record(
        "reports.downloaded",
        actor=user_of(request),
        subject=f"reports:{asked:%Y-%m}",
        address=audit.address_of(request),
    )
    answer = HttpResponse(made.getvalue(), content_type=XLSX)
    answer["Content-Disposition"] = f'attachment; filename="sales-{asked:%Y-%m}.xlsx"'
    return answer


def _numbers(newest: Month, before: Month) -> list[tuple[str, str, str, str]]:
    """(what, how many, how many the month before, what it counts)."""

    def percent(value: int | None) -> str:
        return "없음" if value is None else f"{value}%"

    def won(value: int | None) -> str:
        return "없음" if value is None else f"{value:,}원"

    rows = [
        ("월 정기 매출", won(newest.recurring_krw), won(before.recurring_krw)),
        ("가게당 청구", won(newest.per_shop_krw), won(before.per_shop_krw)),
        ("이용", f"{newest.running:,}곳", f"{before.running:,}곳"),
        ("새 가게", f"{newest.begun:,}곳", f"{before.begun:,}곳"),
        ("해지", f"{newest.ended:,}곳", f"{before.ended:,}곳"),
        ("일시정지", f"{newest.paused:,}곳", f"{before.paused:,}곳"),
        ("유료 전환", percent(newest.stayed_percent), percent(before.stayed_percent)),
    ]
    return [(name, now, then, MEANS[name]) for name, now, then in rows]


def _given(typed: str) -> date:
    try:
        found = date.fromisoformat(f"{typed}-01")
    except ValueError:
        raise Http404 from None
    # Twelve months back must be days too.
    if not 2000 <= found.year <= 9000:
        raise Http404
    return found
