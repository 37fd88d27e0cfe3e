"""카드 결제 (admins): charges that somebody has to look at, and money given back to a card."""

from typing import Any, Final

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from billing import charge_desk, charge_rounds, refunds
from billing.card_keys import OPEN
from billing.charge_desk import StillUnknown
from billing.models import CardCharge, ChargeState
from billing.queries.bills import balance_of
from billing.refunds import RefundRefused
from billing.tasks import submit_charges
from shopmsg.accounts import audit
from shopmsg.accounts.access import staff_required, user_of
from shopmsg.accounts.enums import Role
from shopmsg.core.clock import format_moment
from shopmsg.core.money import format_won

#: Charges of the list.
_MOST: Final = 50


class RefundForm(forms.Form):
    """환불: how much, and why."""

    amount = forms.IntegerField(
        label="돌려줄 금액(원)",
        min_value=1,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={
            "required": "돌려줄 금액을 적어 주세요.",
            "invalid": "금액은 숫자만, 원 단위로 적어 주세요.",
            "min_value": "돌려줄 금액을 1원부터 적어 주세요.",
        },
    )
    reason = forms.CharField(
        label="이유",
        help_text="카드사에도 이대로 남음",
        max_length=refunds.REASON_LENGTH,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={
            "required": "왜 돌려주는지 적어 주세요.",
            "max_length": f"이유를 {refunds.REASON_LENGTH}자 안으로 줄여 주세요.",
        },
    )


class UnpaidForm(forms.Form):
    """결제되지 않음: what was seen."""

    reason = forms.CharField(
        label="확인한 것",
        help_text="예: 결제 회사 상점관리자에 이 주문번호가 없음",
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={
            "required": "무엇을 보고 정했는지 적어 주세요.",
            "max_length": "200자 안으로 줄여 주세요.",
        },
    )


@never_cache
@staff_required(Role.ADMIN)
@require_http_methods(["GET", "HEAD"])
def index(request: HttpRequest) -> HttpResponse:
    """확인할 카드 결제: whether charging has stopped for a fault of ours, and every charge whose outcome stays unknown."""
    stopped = charge_rounds.stopped()
    waiting = CardCharge.objects.filter(state=ChargeState.PREPARED).count()
    context = {
        "stopped": stopped,
        "waiting": waiting,
        "rows": charge_rounds.for_a_person(timezone.now())[:_MOST],
    }
    return render(request, "billing/staff/charges.html", context)


@never_cache
@staff_required(Role.ADMIN)
@require_http_methods(["GET", "HEAD", "POST"])
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """결제되지 않음으로 끝내기: the company is asked once more first."""
    charge = get_object_or_404(CardCharge.objects.select_related("shop", "card"), pk=pk)
    form = UnpaidForm(request.POST if request.method == "POST" else None, label_suffix="")
    if request.method == "POST" and form.is_valid():
        try:
            charge_desk.close_unpaid(
                charge.pk,
                reason=form.cleaned_data["reason"],
                by=user_of(request),
                address=audit.address_of(request),
                now=timezone.now(),
            )
        except StillUnknown as refused:
            form.add_error("reason" if refused.code == "reason" else None, refused.message)
        else:
            messages.success(request, f"{charge.shop.name}의 결제를 끝냈습니다.")
            return redirect("billing:charges")
    facts = [*_facts(charge), ("되돌리기", "나중에 결제된 것으로 밝혀지면 저절로 납부로 들어감")]
    context = {"charge": charge, "form": form, "facts": facts}
    return render(request, "billing/staff/charge_close.html", context, status=422 if form.errors else 200)


@never_cache
@staff_required(Role.ADMIN)
@require_http_methods(["GET", "HEAD", "POST"])
def refund(request: HttpRequest, pk: int) -> HttpResponse:
    """환불: how much of a card payment goes back, and what became of what was given back before."""
    charge = get_object_or_404(CardCharge.objects.select_related("shop", "card", "entry"), pk=pk)
    left = refunds.left_of(charge) if charge.state == ChargeState.PAID else 0
    form = RefundForm(
        request.POST if request.method == "POST" else None, initial={"amount": left}, label_suffix=""
    )
    if request.method == "POST" and form.is_valid():
        try:
            refunds.refund(
                charge.pk,
                form.cleaned_data["amount"],
                form.cleaned_data["reason"],
                by=user_of(request),
                address=audit.address_of(request),
                now=timezone.now(),
            )
        except RefundRefused as refused:
            fields = {"amount": "amount", "too_much": "amount", "reason": "reason"}
            form.add_error(fields.get(refused.code), refused.message)
        else:
            transaction.on_commit(_wake, robust=True)
            messages.success(request, "카드사에 환불을 요청합니다. 결과는 이 화면에서 볼 수 있습니다.")
            return redirect("billing:card_refund", charge.pk)
    cancels = list(charge.cancels.select_related("by").order_by("-pk"))
    context: dict[str, Any] = {
        "charge": charge,
        "form": form,
        "left_krw": left,
        "cancels": cancels,
        "moving": any(cancel.state in OPEN for cancel in cancels),
        "facts": [
            *_facts(charge),
            ("돌려줄 수 있는 금액", format_won(left)),
            ("지금 잔액", _balance_words(charge)),
            ("주의", "돌려준 만큼 가게의 미납이 늘어남. 요금을 깎아 주려면 조정을 먼저 할 것"),
        ],
    }
    return render(request, "billing/staff/card_refund.html", context, status=422 if form.errors else 200)


def _facts(charge: CardCharge) -> list[tuple[str, str]]:
    return [
        ("가게", charge.shop.name),
        ("금액", format_won(charge.amount_krw)),
        ("카드", f"{charge.card.issuer} {charge.card.number}".strip()),
        ("보낸 때", format_moment(charge.submitted_at or charge.created_at)),
        ("주문번호", charge.order_id),
        ("상태", charge.get_state_display()),
    ]


def _balance_words(charge: CardCharge) -> str:
    balance = balance_of(charge.shop)
    if balance > 0:
        return f"{format_won(balance)} 미납"
    return f"{format_won(-balance)} 먼저 냄" if balance else "0원"


def _wake() -> None:
    submit_charges.apply_async(queue="upkeep", retry=False)
