"""KT 전화요금 합산 (admins): the month's file, made once and had again as often as needed, and the carrier's answer."""

from io import BytesIO
from typing import Final
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from billing import phone_bill, phone_bill_file
from billing.bank_read import FileRefused
from billing.models import PhoneBillBatch, PhoneBillState
from billing.phone_bill import PhoneBillRefused
from shopmsg.accounts import audit
from shopmsg.accounts.access import staff_required, user_of
from shopmsg.accounts.enums import Role
from shopmsg.core.clock import format_moment
from shopmsg.core.keys import number_in
from shopmsg.core.money import format_won
from shopmsg.core.spreadsheet_files import CSV, XLSX

PAGE: Final = 20
MONTHS: Final = 24
#: Payments made while somebody waits; the rest is billing.tasks'.
AT_ONCE: Final = 300
_PROBLEMS_SHOWN: Final = 20
_S: Final = PhoneBillState
#: `?part=`, what it is called, how its chip looks.
PARTS: Final = (
    (_S.EXPORTED, "답을 기다림", "waiting"),
    (_S.PAID, "받음", "sent"),
    (_S.FAILED, "못 받음", "failed"),
)


class AnswerForm(forms.Form):
    """KT 결과 파일 올리기."""

    file = forms.FileField(
        label="KT에서 받은 결과 파일",
        help_text="xlsx나 csv. 청구번호·청구 금액·결과·사유 칸. 같은 파일을 다시 올려도 한 번만 처리",
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv,.txt"}),
        error_messages={"required": "파일을 먼저 고르기", "invalid": "파일을 다시 고르기"},
    )


@never_cache
@staff_required(Role.ADMIN)
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The months, newest first, and the one that can be made now."""
    month = phone_bill.month_of(timezone.now())
    wanted = phone_bill.to_ask()
    batches = list(PhoneBillBatch.objects.select_related("by").order_by("-month")[:MONTHS])
    counts = phone_bill.counts(batches)
    context = {
        "month": month,
        "why_not": phone_bill.why_not(month),
        "wanted": wanted,
        "facts": [
            ("가게", f"{len(wanted.asked):,}곳"),
            ("금액", format_won(wanted.total_krw)),
            ("언제 것", "지금까지 밀린 것 모두. KT가 아직 답하지 않은 금액은 빼고"),
            ("되돌리기", "만든 뒤에는 금액이 굳음. 같은 파일을 몇 번이고 다시 받을 수 있음"),
        ],
        "batches": [(each, _sums(counts[each.pk])) for each in batches],
    }
    return render(request, "billing/staff/phone_bill.html", context)


@never_cache
@staff_required(Role.ADMIN)
@require_POST
def make(request: HttpRequest) -> HttpResponse:
    """이달 파일 만들기."""
    now = timezone.now()
    try:
        batch = phone_bill.make(
            phone_bill.month_of(now), by=user_of(request), address=audit.address_of(request), now=now
        )
    except PhoneBillRefused as refused:
        messages.error(request, refused.message)
        return redirect("billing:phone_bill")
    messages.success(request, f"{batch.month.month}월분 파일을 만듦. 받아서 KT에 보내기")
    return redirect("billing:phone_bill_month", batch.pk)


@never_cache
@staff_required(Role.ADMIN)
@require_http_methods(["GET", "HEAD", "POST"])
def month(request: HttpRequest, pk: int) -> HttpResponse:
    """One month: its file, its rows by state (`?part=`), and by POST what the carrier answered: paid rows become payments,
    owners of the others are told."""
    batch = get_object_or_404(PhoneBillBatch, pk=pk)
    if request.method == "POST":
        return _answer(request, batch)
    return _month(request, batch, AnswerForm(label_suffix=""))


@never_cache
@staff_required(Role.ADMIN)
@require_safe
def file(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """The file as xlsx or csv. Audited: it holds the shops' lines."""
    batch = get_object_or_404(PhoneBillBatch, pk=pk)
    if kind not in ("xlsx", "csv"):
        raise Http404
    if kind == "xlsx":
        made = BytesIO()
        phone_bill_file.as_xlsx(f"전화요금 합산 {batch.month:%Y-%m}", phone_bill.charges(batch), made)
        content, content_type = made.getvalue(), XLSX
    else:
        content, content_type = phone_bill_file.as_csv(phone_bill.charges(batch)), CSV
    audit.record(
        "phone_bill.downloaded",
        actor=user_of(request),
        subject=f"phone_bill:{batch.pk}",
        detail={"kind": kind},
        address=audit.address_of(request),
    )
    answer = HttpResponse(content, content_type=content_type)
    answer["Content-Disposition"] = f'attachment; filename="kt-phone-bill-{batch.month:%Y-%m}.{kind}"'
    return answer


def _answer(request: HttpRequest, batch: PhoneBillBatch) -> HttpResponse:
    form = AnswerForm(request.POST, request.FILES, label_suffix="")
    if not form.is_valid():
        return _month(request, batch, form, status=422)
    given, now = form.cleaned_data["file"], timezone.now()
    try:
        taken = phone_bill.take_answers(
            batch, given, given.size, by=user_of(request), address=audit.address_of(request), now=now
        )
    except FileRefused as refused:
        form.add_error("file", refused.message)
        return _month(request, batch, form, status=422)
    phone_bill.settle(now, most=AT_ONCE)
    messages.success(
        request,
        f"받음 {taken.paid:,}줄, 못 받음 {taken.failed:,}줄, 전에 처리한 것 {taken.repeated:,}줄",
    )
    return redirect("billing:phone_bill_month", batch.pk)


def _month(
    request: HttpRequest, batch: PhoneBillBatch, form: AnswerForm, *, status: int = 200
) -> HttpResponse:
    sums = _sums(phone_bill.counts([batch])[batch.pk])
    part = request.GET.get("part", "")
    part = part if part in _S.values else _S.FAILED if sums[_S.FAILED][0] else _S.EXPORTED
    after = number_in(request.GET.get("after", ""))
    found = batch.rows.filter(state=part).select_related("shop", "invoice").order_by("pk")
    rows = list((found.filter(pk__gt=after) if after is not None else found)[: PAGE + 1])
    context = {
        "batch": batch,
        "form": form,
        "sums": sums,
        "made": format_moment(batch.created_at),
        "answered": format_moment(batch.answered_at) if batch.answered_at else "",
        "part": part,
        "parts": [(value, label, sums[value][0]) for value, label, _ in PARTS],
        "tone": next(tone for value, _, tone in PARTS if value == part),
        "rows": rows[:PAGE],
        "first_url": f"?{urlencode({'part': part})}" if after is not None else "",
        "next_url": (
            f"{reverse('billing:phone_bill_month', args=[batch.pk])}?{urlencode({'part': part, 'after': rows[PAGE - 1].pk})}"
            if len(rows) > PAGE
            else ""
        ),
        "problems": batch.problems[:_PROBLEMS_SHOWN],
        "more_problems": max(0, len(batch.problems) - _PROBLEMS_SHOWN),
    }
    return render(request, "billing/staff/phone_bill_month.html", context, status=status)


def _sums(counted: dict[str, tuple[int, int]]) -> dict[str, tuple[int, int]]:
    """(rows, won) of each state and of "all"."""
    found = {str(value): counted.get(value, (0, 0)) for value, _, _ in PARTS}
    return {**found, "all": (sum(rows for rows, _ in found.values()), sum(won for _, won in found.values()))}
