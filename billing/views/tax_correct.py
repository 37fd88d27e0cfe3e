"""수정세금계산서 (admins): what notes changed, what a person takes back, and the list for typing them in at Hometax."""

from datetime import date
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Max, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from billing import tax, tax_numbers
from billing.models import TaxInvoice, TaxReason
from billing.tax import TaxRefused
from shopmsg.accounts import audit
from shopmsg.accounts.access import staff_required, user_of
from shopmsg.accounts.enums import Role
from shopmsg.core.clock import format_day, kst_day
from shopmsg.core.money import format_won

PAGE: Final = 20
_LISTS: Final = 24
_MEANS: Final = {
    TaxReason.ERROR: "잘못 적은 것을 취소하고, 지금 정보로 다시 발급 (2장)",
    TaxReason.RESCINDED: "계약을 해제해서 전부 취소 (1장)",
    TaxReason.TWICE: "두 번 발급한 것을 취소 (1장)",
}


class CorrectForm(forms.Form):
    """Why a tax invoice is taken back, and for a rescission on which day."""

    reason = forms.ChoiceField(
        label="까닭",
        widget=forms.RadioSelect,
        choices=[(each.value, f"{each.label}: {_MEANS[each]}") for each in tax.CHOSEN],
        error_messages={"required": "까닭을 고르기", "invalid_choice": "까닭을 다시 고르기"},
    )
    on = forms.DateField(
        label="해제한 날",
        help_text="계약의 해제일 때만",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "날짜를 다시 고르기"},
    )


@never_cache
@staff_required(Role.ADMIN)
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """What is to be corrected, and the lists made so far. POST makes the next."""
    now = timezone.now()
    if request.method == "POST":
        try:
            name = tax.export_corrections(by=user_of(request), address=audit.address_of(request), now=now)
        except TaxRefused as refused:
            messages.error(request, refused.message)
            return redirect("billing:tax_corrections")
        return redirect("billing:tax_file", name)
    notes = tax.notes_to_correct(now)
    page = Paginator(notes, PAGE).get_page(request.GET.get("page"))
    chosen = list(tax.waiting_corrections()[:100])
    context = {
        "page": page,
        "chosen": chosen,
        "ready": sum(1 for row in chosen if row.corrects and row.corrects.approval_number)
        + notes.filter(~Q(approval="")).count(),
        "lists": TaxInvoice.objects.filter(exported_at__isnull=False)
        .exclude(reason="")
        .values_list("file")
        .annotate(rows=Count("pk"), known=Count("pk", filter=~Q(approval_number="")), at=Max("exported_at"))
        .order_by("-file")[:_LISTS],
        "newer_url": f"?page={page.previous_page_number()}" if page.has_previous() else "",
        "older_url": f"?page={page.next_page_number()}" if page.has_next() else "",
    }
    return render(request, "billing/staff/tax_corrections.html", context)


@never_cache
@staff_required(Role.ADMIN)
@require_http_methods(["GET", "HEAD", "POST"])
def correct(request: HttpRequest, pk: int) -> HttpResponse:
    """수정하기: one tax invoice as a whole; asks why."""
    row = get_object_or_404(TaxInvoice.objects.select_related("invoice__shop"), pk=pk)
    if row.reason or row.exported_at is None:
        raise Http404
    form = CorrectForm(request.POST or None, label_suffix="")
    if request.method == "POST" and form.is_valid():
        on: date | None = form.cleaned_data["on"]
        try:
            tax.correct(
                row.pk, form.cleaned_data["reason"], on,
                by=user_of(request), address=audit.address_of(request), now=timezone.now(),
            )  # fmt: skip
        except TaxRefused as refused:
            form.add_error("on" if refused.code == "day" else None, refused.message)
        else:
            messages.success(request, "정정 목록에 넣음")
            return redirect("billing:tax_corrections")
    form.fields["on"].widget.attrs |= {
        "min": row.written_on.isoformat(),
        "max": kst_day(timezone.now()).isoformat(),
    }
    context: dict[str, Any] = {
        "row": row,
        "form": form,
        "facts": [
            ("가게", row.invoice.shop.name),
            ("상호", row.said["buyer"]["name"]),
            ("작성일자", format_day(row.written_on)),
            ("공급가액·세액", f"{format_won(row.supply_krw)} · {format_won(row.vat_krw)}"),
            ("승인번호", tax_numbers.pretty(row.approval_number) or "아직 적지 않음"),
            ("하는 일", "정정 목록에 넣음. 홈택스에는 사람이 입력"),
            ("되돌리기", "되돌릴 수 없음. 한 장에 한 번"),
        ],
        "done": row.corrections.filter(reason__in=tax.CHOSEN).exists(),
    }
    return render(request, "billing/staff/tax_correct.html", context, status=422 if form.is_bound else 200)
