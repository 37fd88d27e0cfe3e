"""내는 방법: what is owed now, three ways of paying it, paying by card at a press, and what the tax invoice says."""

from functools import partial
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from billing import card_keys, charges, methods
from billing.card_keys import OPEN
from billing.charges import ChargeRefused
from billing.enums import PayMethod
from billing.methods import MethodRefused
from billing.models import Account, CardCharge, CardState, ChargeState
from billing.queries.pay import PayState, pay_state
from billing.tasks import submit_charge
from billing.views.pages import MoneyPage, open_money
from shopmsg.accounts import audit
from shopmsg.accounts.access import owner_required
from shopmsg.core import business_number
from shopmsg.core.clock import format_day
from shopmsg.core.keys import number_in
from shopmsg.core.money import format_won

#: htmx stops asking when it gets this status.
_STOP_ASKING: Final = 286


class TaxForm(forms.ModelForm):  # type: ignore[type-arg]  # cannot be subscripted when it runs
    """세금계산서 정보: what a tax invoice says of the buyer beside its number."""

    class Meta:
        model = Account
        fields = methods.TAX_FIELDS
        widgets = {"tax_address": forms.Textarea(attrs={"rows": 3})}
        labels = {
            "tax_name": "상호",
            "tax_representative": "대표자 이름",
            "tax_address": "사업장 주소",
            "tax_business_type": "업태",
            "tax_business_item": "종목",
            "tax_email": "받으실 이메일",
        }
        help_texts = {
            "tax_name": "사업자등록증에 적힌 대로 적어 주세요.",
            "tax_business_type": "예: 음식점업. 모르시면 비워 두셔도 돼요.",
            "tax_business_item": "예: 치킨. 모르시면 비워 두셔도 돼요.",
            "tax_email": "비워 두시면 홈택스에서 보실 수 있어요.",
        }

    def __init__(self, data: Any, *, instance: Account) -> None:
        super().__init__(data, instance=instance, label_suffix="")
        for name in ("tax_name", "tax_representative", "tax_address"):
            field = self.fields[name]
            field.required = True
            field.error_messages["required"] = f"{_with_object(str(field.label))} 적어 주세요."
        for name, field in self.fields.items():
            most = getattr(Account._meta.get_field(name), "max_length", None)
            field.error_messages["max_length"] = f"{field.label}: {most}자 안으로 줄여 주세요."
            field.widget.attrs["autocomplete"] = "off"
        self.fields["tax_email"].error_messages["invalid"] = (
            "이메일 주소를 다시 확인해 주세요. 예: shop@example.com"
        )

    def clean_tax_address(self) -> str:
        """One line, however many it was typed on."""
        return " ".join(str(self.cleaned_data["tax_address"]).split())


@never_cache
@owner_required
@require_safe
def pay(request: HttpRequest, slug: str) -> HttpResponse:
    """The page; without a contract ever how to get one."""
    page = open_money(request, slug)
    return _shown(request, page)


@never_cache
@owner_required
@require_POST
def pay_method(request: HttpRequest, slug: str) -> HttpResponse:
    """이 방법으로 내기: `method`, and `line` for the phone bill."""
    page = open_money(request, slug)
    _account_or_404(page)
    try:
        account = methods.choose(
            page.shop,
            request.POST.get("method", ""),
            line=request.POST.get("line", ""),
            by=page.user,
            address=audit.address_of(request),
            now=timezone.now(),
        )
    except MethodRefused as refused:
        return _shown(request, page, status=422, why=refused.message)
    messages.success(request, f"이제 {PayMethod(account.method).label}{_by(account)} 내요.")
    return redirect("billing:pay", page.shop.slug)


@never_cache
@owner_required
@require_http_methods(["GET", "HEAD", "POST"])
def pay_now(request: HttpRequest, slug: str) -> HttpResponse:
    """지금 내기: asks once what goes off which card; POST with the amount that was shown makes the charge. GET charges nothing."""
    page = open_money(request, slug)
    state = pay_state(page.shop, timezone.now())
    if state is None:
        raise Http404
    if state.moving and state.charge is not None:
        return redirect("billing:pay_charge", page.shop.slug, state.charge.pk)
    if request.method != "POST":
        if not state.can_pay:
            return redirect("billing:pay", page.shop.slug)
        return _sure(request, page, state)
    try:
        charge = charges.prepare(
            page.shop,
            None,
            timezone.now(),
            by=page.user,
            agreed_krw=number_in(request.POST.get("won", "")) or 0,
        )
    except ChargeRefused as refused:
        if refused.code == "moved":
            return _sure(request, page, state, status=409, why=refused.message)
        return _shown(request, page, status=409, why=refused.message)
    transaction.on_commit(partial(_wake, charge.pk), robust=True)
    return redirect("billing:pay_charge", page.shop.slug, charge.pk)


@never_cache
@owner_required
@require_safe
def pay_charge(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """결제 결과: asks for itself again until it is known."""
    page = open_money(request, slug)
    charge = get_object_or_404(CardCharge.objects.select_related("card", "entry"), pk=pk, shop=page.shop)
    moving = charge.state in OPEN
    account = _account_or_404(page)
    context = page.context(
        charge=charge,
        moving=moving,
        paid=charge.state == ChargeState.PAID,
        ours=charge.state == ChargeState.PREPARED and bool(charge.code),
        needs_card=charge.card.state != CardState.ACTIVE and card_keys.active(page.shop.pk) is None,
        owed_krw=max(0, account.balance_krw),
        credit_krw=max(0, -account.balance_krw),
    )
    if request.headers.get("HX-Request"):
        status = 200 if moving else _STOP_ASKING
        return render(request, "billing/owner/_pay_charge.html", context, status=status)
    return render(request, "billing/owner/pay_charge.html", context)


@never_cache
@owner_required
@require_http_methods(["GET", "HEAD", "POST"])
def pay_tax(request: HttpRequest, slug: str) -> HttpResponse:
    """세금계산서 정보: holds from the next bill on."""
    page = open_money(request, slug)
    account = _account_or_404(page)
    if not account.tax_name:
        account.tax_name = page.shop.merchant.name
    if not account.tax_address:
        account.tax_address = page.shop.address[:150]
    form = TaxForm(request.POST if request.method == "POST" else None, instance=account)
    if request.method == "POST" and form.is_valid():
        details = {field: str(form.cleaned_data[field]) for field in methods.TAX_FIELDS}
        methods.write_tax_details(
            page.shop, details, by=page.user, address=audit.address_of(request), now=timezone.now()
        )
        messages.success(request, "세금계산서 정보를 적어 두었어요. 다음 청구서부터 이대로 나가요.")
        return redirect("billing:pay", page.shop.slug)
    context = page.context(form=form, number=business_number.hyphenate(page.shop.merchant.business_number))
    return render(request, "billing/owner/pay_tax.html", context, status=422 if form.is_bound else 200)


def _sure(
    request: HttpRequest, page: MoneyPage, state: PayState, *, status: int = 200, why: str = ""
) -> HttpResponse:
    card = state.card
    facts = [
        ("내실 금액", format_won(state.owed_krw)),
        ("카드", f"{card.issuer} {card.number}".strip() if card is not None else ""),
        ("언제", "지금 바로"),
        ("되돌리기", "잘못 내셨으면 고객센터로 전화해 주세요. 카드 결제를 취소해 드려요."),
    ]
    context = page.context(
        facts=facts, hidden=[("won", state.owed_krw)], title="이 카드로 지금 낼까요?", why=why
    )
    return render(request, "billing/owner/pay_now.html", context, status=status)


def _shown(request: HttpRequest, page: MoneyPage, *, status: int = 200, why: str = "") -> HttpResponse:
    state = pay_state(page.shop, timezone.now())
    context = page.context(state=state, why=why)
    if state is not None:
        context["planned"] = format_day(state.planned_on) if state.planned_on else ""
    return render(request, "billing/owner/pay.html", context, status=status)


def _account_or_404(page: MoneyPage) -> Account:
    return get_object_or_404(Account, shop=page.shop)


def _wake(charge_id: int) -> None:
    submit_charge.apply_async((charge_id,), queue="upkeep", retry=False)


def _by(account: Account) -> str:
    """The particle behind the method's name."""
    return "해서" if account.method == PayMethod.PHONE_BILL else "로"


def _with_object(word: str) -> str:
    """The word with 을 or 를."""
    last = ord(word[-1]) - 0xAC00
    return word + ("을" if 0 <= last < 11_172 and last % 28 else "를")
