"""세금계산서 (admins): a month's bills and why some need none, files for Hometax and what was in them."""

import io
import zipfile
from collections.abc import Sequence
from datetime import date
from typing import Any, Final
from urllib.parse import urlencode

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Count, Max, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from billing import dates, tax, tax_numbers, tax_sheet, tax_state
from billing.models import TaxInvoice
from billing.queries.months import with_bills
from billing.tax import TaxRefused
from billing.tax_numbers import Wanted
from billing.tax_sheet import FormRefused
from billing.tax_state import TaxState
from shopmsg.accounts import audit, kept_words
from shopmsg.accounts.access import staff_required, user_of
from shopmsg.accounts.enums import Role
from shopmsg.core.clock import add_months, format_day, kst_day, month_start
from shopmsg.core.keys import number_in
from shopmsg.core.spreadsheet_files import XLSX

_DRAWER: Final = "tax_searches"
_LONGEST: Final = 60
_MONTHS: Final = 24
#: A pasted list of a hundred lines with everything Hometax shows beside them.
_PASTED: Final = 60_000


@never_cache
@staff_required(Role.ADMIN)
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """A month (`?month=2026-11`, the newest that is over unless said): its bills by what becomes of them (`?state=`), its
    files, the day by which they must be issued."""
    today = kst_day(timezone.now())
    month = _month(request, today)
    if request.method == "POST":
        words = request.POST.get("words", "").strip()[:_LONGEST]
        kept = {"month": f"{month:%Y-%m}"} | (
            {"q": kept_words.keep(request, _DRAWER, words)} if words else {}
        )
        return redirect(f"{reverse('billing:tax')}?{urlencode(kept)}")
    counts = tax_state.counts(month, today)
    state = request.GET.get("state", "")
    chosen = TaxState(state) if state in TaxState.values else None
    key = request.GET.get("q", "")
    words = kept_words.kept(request, _DRAWER, key)
    page = number_in(request.GET.get("page", "")) or 1
    # Beyond it PostgreSQL would only count rows.
    page = min(page, 10_000)
    states = (chosen,) if chosen else tuple(TaxState) if words else tax_state.LEFT_OUT
    rows, more = tax_state.listed(month, today, states, words, page)
    kept = {
        name: value
        for name, value in (("month", f"{month:%Y-%m}"), ("q", key if words else ""), ("state", state if chosen else ""))
        if value
    }  # fmt: skip
    context = {
        "month": month,
        "months": with_bills(month, _MONTHS),
        "counts": counts,
        "ready": counts[TaxState.READY],
        "sent": counts[TaxState.SENT],
        "left_out": sum(counts[each].bills for each in tax_state.LEFT_OUT),
        "waiting": sum(counts[each].bills for each in tax_state.OPEN),
        "deadline": _deadline(month, today, counts[TaxState.READY].bills),
        "late": today > dates.tax_due_on(month) and counts[TaxState.READY].bills,
        "supplier_lacks": ", ".join(tax.supplier_lacks()),
        "files": _files(month),
        "corrections": tax.notes_to_correct(timezone.now()).count() + tax.waiting_corrections().count(),
        "rows": rows,
        "words": words,
        "state": chosen,
        "states": [
            (each, counts[each].bills, urlencode({**kept, "state": each.value}))
            for each in (*tax_state.LEFT_OUT, TaxState.READY, TaxState.SENT)
            if counts[each].bills or each == chosen
        ],
        "all_query": urlencode({name: value for name, value in kept.items() if name != "state"}),
        "newer_url": f"?{urlencode({**kept, 'page': page - 1})}" if page > 1 else "",
        "older_url": f"?{urlencode({**kept, 'page': page + 1})}" if more else "",
    }
    return render(request, "billing/staff/tax.html", context)


@never_cache
@staff_required(Role.ADMIN)
@require_POST
def make(request: HttpRequest) -> HttpResponse:
    """파일 만들기: of everything ready in that month."""
    month = _given(request.POST.get("month", ""))
    try:
        files = tax.export(month, by=user_of(request), address=audit.address_of(request), now=timezone.now())
    except TaxRefused as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, f"파일 {len(files):,}개를 만듦. 받아서 홈택스에 올리기")
    return redirect(f"{reverse('billing:tax')}?month={month:%Y-%m}")


@never_cache
@staff_required(Role.ADMIN)
@require_http_methods(["GET", "HEAD", "POST"])
def file(request: HttpRequest, name: str) -> HttpResponse:
    """A file: its lines, and the approval numbers Hometax gave them (POST: `pasted`, or `number-<id>` for each)."""
    rows = _lines(name)
    if request.method == "POST":
        return _keep_numbers(request, name, rows)
    return _file(request, name, rows)


@never_cache
@staff_required(Role.ADMIN)
@require_safe
def sheet(request: HttpRequest, name: str) -> HttpResponse:
    """The file itself, as xlsx. Audited: it names the merchants."""
    rows = _lines(name)
    made = io.BytesIO()
    if rows[0].reason:
        tax_sheet.write_corrections(rows, made)
    else:
        tax_sheet.write(rows, made)
    return _answer(request, made, f"tax-{name}.xlsx", XLSX)


@never_cache
@staff_required(Role.ADMIN)
@require_safe
def every(request: HttpRequest) -> HttpResponse:
    """All files of a month in one zip."""
    month = _given(request.GET.get("month", ""))
    names = [name for name, _, _, _ in _files(month)]
    if not names:
        raise Http404
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive:
        for name in names:
            one = io.BytesIO()
            tax_sheet.write(_lines(name), one)
            archive.writestr(f"tax-{name}.xlsx", one.getvalue())
    return _answer(request, made, f"tax-{month:%Y-%m}.zip", "application/zip")


@never_cache
@staff_required(Role.ADMIN)
@require_POST
def fill(request: HttpRequest, name: str) -> HttpResponse:
    """The form somebody downloaded from Hometax, with the file's lines in it."""
    rows = _lines(name)
    form = request.FILES.get("form")
    if rows[0].reason:
        raise Http404
    if not isinstance(form, UploadedFile):
        return _file(request, name, rows, form_problem="양식 파일을 먼저 고르기", status=422)
    made = io.BytesIO()
    try:
        tax_sheet.fill(form, form.size or 0, rows, made)
    except FormRefused as refused:
        return _file(request, name, rows, form_problem=refused.message, status=422)
    return _answer(request, made, f"hometax-{name}.xlsx", XLSX)


def _file(
    request: HttpRequest,
    name: str,
    rows: Sequence[TaxInvoice],
    *,
    form_problem: str = "",
    problems: Sequence[str] = (),
    typed: dict[int, str] | None = None,
    pasted: str = "",
    status: int = 200,
) -> HttpResponse:
    known = sum(1 for row in rows if row.approval_number)
    context = {
        "name": name,
        "rows": [
            (row, (typed or {}).get(row.pk, tax_numbers.pretty(row.approval_number)), _number_of(row))
            for row in rows
        ],
        "first": rows[0],
        "known": known,
        "corrections": bool(rows[0].reason),
        "month": rows[0].invoice.month,
        "supply": sum(row.supply_krw for row in rows),
        "vat": sum(row.vat_krw for row in rows),
        "form_problem": form_problem,
        "problems": problems[:20],
        "pasted": pasted,
    }
    return render(request, "billing/staff/tax_file.html", context, status=status)


def _keep_numbers(request: HttpRequest, name: str, rows: Sequence[TaxInvoice]) -> HttpResponse:
    today = kst_day(timezone.now())
    pasted = request.POST.get("pasted", "")[:_PASTED]
    typed = {
        row.pk: request.POST[f"number-{row.pk}"].strip()[:40]
        for row in rows
        if f"number-{row.pk}" in request.POST
    }
    if pasted.strip():
        read = tax_numbers.pasted(pasted, [_wanted(row) for row in rows], today)
        numbers, problems = read.numbers, list(read.problems)
        if not numbers and not problems:
            problems.append("붙여넣은 것에 24자리 승인번호가 없음")
    else:
        numbers, problems = {}, []
        for row in (row for row in rows if row.pk in typed):
            said = typed[row.pk]
            try:
                number = tax_numbers.parse(said, today) if said else ""
            except ValueError as error:
                problems.append(f"{row.invoice.number}: {error}")
                continue
            if number and number in numbers.values():
                problems.append(f"{row.invoice.number}: 같은 승인번호가 두 번 있음")
            numbers[row.pk] = number
    known = tax.taken([number for number in numbers.values() if number], list(numbers))
    problems += [
        f"{tax_numbers.pretty(number)}: 다른 세금계산서에 이미 적힌 승인번호" for number in sorted(known)
    ]
    if problems:
        return _file(request, name, rows, problems=problems, typed=typed, pasted=pasted, status=422)
    changed = tax.keep_numbers(numbers, by=user_of(request), address=audit.address_of(request))
    messages.success(request, f"승인번호 {changed:,}개를 적음")
    return redirect("billing:tax_file", name)


def _wanted(row: TaxInvoice) -> Wanted:
    return Wanted(row.pk, _number_of(row), row.said["buyer"]["number"], row.written_on)


def _number_of(row: TaxInvoice) -> str:
    return str(row.said["number"])


def _lines(name: str) -> list[TaxInvoice]:
    rows = list(tax.lines(name))
    if not rows:
        raise Http404
    return rows


def _files(month: date) -> list[tuple[str, int, int, Any]]:
    """(name, lines, of those with an approval number, when made) of a month's files, newest first."""
    return list(
        TaxInvoice.objects.filter(invoice__month=month, reason="", exported_at__isnull=False)
        .values_list("file")
        .annotate(rows=Count("pk"), known=Count("pk", filter=~Q(approval_number="")), at=Max("exported_at"))
        .order_by("-file")
        .values_list("file", "rows", "known", "at")
    )


def _deadline(month: date, today: date, ready: int) -> str:
    due = dates.tax_due_on(month)
    left = (due - today).days
    said = f"{format_day(due)}까지"
    if left < 0:
        late = f"{said} · {-left:,}일 지남"
        return f"{late}. 늦게 발급하면 공급가액의 1% 가산세" if ready else late
    return f"{said} · 오늘까지" if not left else f"{said} · {left:,}일 남음"


def _month(request: HttpRequest, today: date) -> date:
    given = request.POST.get("month") or request.GET.get("month", "")
    return _given(given) if given else add_months(month_start(today), -1)


def _given(typed: str) -> date:
    try:
        return date.fromisoformat(f"{typed}-01")
    except ValueError:
        raise Http404 from None


def _answer(request: HttpRequest, made: io.BytesIO, name: str, content_type: str) -> HttpResponse:
    audit.record(
        "tax.downloaded", actor=user_of(request), subject=f"tax:{name}", address=audit.address_of(request)
    )
    answer = HttpResponse(made.getvalue(), content_type=content_type)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
