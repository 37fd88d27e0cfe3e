"""협의 단가 (admins): what a Kakao message costs a merchant, and from when on."""

from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from billing import fees
from billing.enums import UsageKind
from billing.fees import FeeRefused
from billing.models import Usage
from billing.price_forms import WonField
from billing.queries import fees as queries
from billing.queries.prices import AGREED, dated
from shopmsg.accounts import audit, kept_words
from shopmsg.accounts.access import staff_required, user_of
from shopmsg.accounts.enums import Role
from shopmsg.accounts.models import Merchant
from shopmsg.core.clock import kst_day
from shopmsg.core.money import format_won

_DRAWER: Final = "fee_searches"
_LONGEST: Final = 60
_PLACES: Final = {
    "amount": "won",
    "overlap": "effective_from",
    "charged": "effective_from",
    "far": "effective_from",
}


class FeeForm(forms.Form):
    """What was agreed, and from when on."""

    kind = forms.ChoiceField(
        label="무엇",
        choices=[(kind.value, kind.label) for kind in AGREED],
        widget=forms.RadioSelect,
        error_messages={"required": "무엇의 단가인지 골라 주세요.", "invalid_choice": "다시 골라 주세요."},
    )
    won = WonField(label="한 건", help_text="부가세 별도", most=fees.MOST_KRW)
    effective_from = forms.DateField(
        label="언제부터",
        help_text="아직 청구하지 않은 날이면 지난 날도 가능",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "시작하는 날을 골라 주세요.", "invalid": "날짜를 다시 골라 주세요."},
    )


@never_cache
@staff_required(Role.ADMIN)
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """Merchants with something agreed, or those searched for (POST `words`, then `?q=` a word that stands for it)."""
    if request.method == "POST":
        words = request.POST.get("words", "").strip()[:_LONGEST]
        query = urlencode({"q": kept_words.keep(request, _DRAWER, words)}) if words else ""
        return redirect(f"{reverse('billing:fees')}?{query}".rstrip("?"))
    key = request.GET.get("q", "")
    words = kept_words.kept(request, _DRAWER, key)
    page = Paginator(queries.merchants(words), queries.PAGE).get_page(request.GET.get("page"))
    agreed = queries.fees_by_merchant(page.object_list, kst_day(timezone.now()))
    kept = {"q": key} if words else {}
    context: dict[str, Any] = {
        "words": words,
        "rows": [(merchant, agreed.get(merchant.pk, [])) for merchant in page],
        "newer_url": f"?{urlencode({**kept, 'page': page.previous_page_number()})}"
        if page.has_previous()
        else "",
        "older_url": f"?{urlencode({**kept, 'page': page.next_page_number()})}" if page.has_next() else "",
    }
    return render(request, "billing/staff/price_fees.html", context)


@never_cache
@staff_required(Role.ADMIN)
@require_http_methods(["GET", "HEAD", "POST"])
def merchant(request: HttpRequest, pk: int) -> HttpResponse:
    """One merchant's fees, and another one: typed, looked at (POST), agreed (POST with `confirmed`)."""
    found, now = get_object_or_404(Merchant, pk=pk), timezone.now()
    today = kst_day(now)
    form = FeeForm(
        request.POST if request.method == "POST" else None,
        label_suffix="",
        initial={"kind": AGREED[0].value, "effective_from": today},
    )
    context: dict[str, Any] = {"merchant": found, "form": form}
    status = HTTPStatus.OK
    if request.method == "POST" and "edit" not in request.POST:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        if form.is_valid():
            typed = form.cleaned_data
            agreeing: dict[str, Any] = {
                "kind": typed["kind"], "won": typed["won"], "effective_from": typed["effective_from"]
            }  # fmt: skip
            try:
                if "confirmed" not in request.POST:
                    fees.check(found, now=now, **agreeing)
                    return _preview(request, found, typed)
                fees.agree(found, by=user_of(request), address=audit.address_of(request), now=now, **agreeing)
            except FeeRefused as refused:
                form.add_error(_PLACES.get(refused.code), refused.message)
            else:
                messages.success(
                    request, f"{found.name}: {UsageKind(typed['kind']).label} 단가를 정했습니다."
                )
                return redirect("billing:fees_of", pk)
    context["fees"] = queries.fees_by_merchant([found], today).get(pk, [])
    return render(request, "billing/staff/price_fee.html", context, status=status)


def _preview(request: HttpRequest, found: Merchant, typed: dict[str, Any]) -> HttpResponse:
    kind, begins = UsageKind(typed["kind"]), typed["effective_from"]
    waiting = Usage.objects.filter(
        shop__merchant=found, kind=kind, used_on__gte=begins, entry__isnull=True
    ).count()
    facts = [
        ("사업자", found.name),
        ("무엇", kind.label),
        ("한 건", f"{format_won(typed['won'])}, 부가세 별도"),
        ("언제부터", dated(begins)),
        ("청구를 기다리는 사용량", f"{waiting:,}줄이 이 단가로" if waiting else "없음"),
        ("되돌리기", "지울 수 없음. 다른 날부터 새 단가를 정해 바꿈"),
    ]
    context = {
        "merchant": found,
        "title": "단가 정하기",
        "facts": facts,
        "hidden": [
            ("kind", kind.value),
            ("won", str(typed["won"])),
            ("effective_from", begins.isoformat()),
        ],
    }
    return render(request, "billing/staff/price_fee_preview.html", context)
