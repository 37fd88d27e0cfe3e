"""조정 (admins): credits and corrections asked for, and decided by a second person."""

from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from billing import adjustments, bank_facts
from billing.adjustments import LIMIT, AdjustmentRefused
from billing.bank_match import owed
from billing.models import Account, Adjustment, AdjustmentKind, AdjustmentState, Invoice
from billing.price_forms import WonField
from billing.queries import adjustments as queries
from shopmsg.accounts import audit, kept_words
from shopmsg.accounts.access import staff_required, user_of
from shopmsg.accounts.enums import Role
from shopmsg.accounts.models import Shop
from shopmsg.core.clock import format_moment
from shopmsg.core.money import format_won

_DRAWER: Final = "adjustment_searches"
_SHOPS: Final = "adjustment_shop_searches"
_LONGEST: Final = 60
#: What is asked for: the kind, and which way the money goes.
_WAYS: Final = {
    "credit": (AdjustmentKind.CREDIT, -1, "돌려드림: 잘못은 없지만 깎아 드림"),
    "less": (AdjustmentKind.CORRECTION, -1, "바로잡음: 더 청구한 만큼 돌려줌"),
    "more": (AdjustmentKind.CORRECTION, 1, "바로잡음: 덜 청구한 만큼 더 청구"),
}
#: Whether a bill, an amount or a reason is what was refused; the others are about none.
_PLACES: Final = {
    "amount": "amount", "reason": "reason", "other_shop": "original", "too_much": "amount", "direction": "way"
}  # fmt: skip
#: Why one is turned down, by one key each.
CANNED: Final = (
    "금액이 청구서와 맞지 않음",
    "이유를 더 자세히 적어야 함",
    "이미 다른 조정으로 돌려준 금액",
)
TONES: Final = {
    AdjustmentState.REQUESTED: "waiting", AdjustmentState.POSTED: "sent", AdjustmentState.REJECTED: "failed"
}  # fmt: skip


class AdjustmentForm(forms.Form):
    """What is changed, by how much and why."""

    way = forms.ChoiceField(
        label="무엇",
        choices=[(name, label) for name, (_, _, label) in _WAYS.items()],
        widget=forms.RadioSelect,
        error_messages={
            "required": "돌려줄지 더 청구할지 골라 주세요.",
            "invalid_choice": "다시 골라 주세요.",
        },
    )
    amount = WonField(
        label="금액",
        help_text=f"부가세 포함. {format_won(LIMIT)}이 넘으면 두 번째 사람의 승인이 필요합니다",
        most=adjustments.MOST_KRW,
    )
    original = forms.ModelChoiceField(
        Invoice.objects.none(),
        label="바로잡을 청구서",
        to_field_name="number",
        required=False,
        empty_label="청구서와 상관없음",
        error_messages={"invalid_choice": "이 가게의 청구서를 골라 주세요."},
    )
    reason = forms.CharField(
        label="이유",
        help_text="사장님 청구서에 그대로 나오니 존댓말로",
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={
            "required": "왜 조정하는지 적어 주세요. 사장님 청구서에 그대로 나옵니다.",
            "max_length": "이유를 200자 안으로 줄여 주세요.",
        },
    )

    def __init__(self, data: Any, *, shop: Shop) -> None:
        super().__init__(data, label_suffix="")
        bills = queries.bills_of(shop)
        original: Any = self.fields["original"]
        original.queryset = Invoice.objects.filter(pk__in=[bill.pk for bill in bills])
        original.choices = [
            ("", "청구서와 상관없음"),
            *(
                (bill.number, f"{bill.month.year}년 {bill.month.month}월 · {format_won(bill.total_krw)}")
                for bill in bills
            ),
        ]

    def asked(self) -> dict[str, Any]:
        """What adjustments.request is asked for; for a valid form."""
        kind, sign, _ = _WAYS[self.cleaned_data["way"]]
        return {
            "kind": kind,
            "amount_krw": sign * self.cleaned_data["amount"],
            "reason": " ".join(self.cleaned_data["reason"].split()),
            "original": self.cleaned_data["original"],
        }


@never_cache
@staff_required(Role.ADMIN)
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """The list in one state (`?state=`), searched (POST `words`, then `?q=` a word that stands for it)."""
    state = request.GET.get("state", "")
    state = state if state in AdjustmentState.values else ""
    if request.method == "POST":
        words = request.POST.get("words", "").strip()[:_LONGEST]
        kept = {"q": kept_words.keep(request, _DRAWER, words) if words else "", "state": state}
        return redirect(_address(kept))
    key = request.GET.get("q", "")
    words = kept_words.kept(request, _DRAWER, key)
    page = Paginator(queries.listed(words, state), queries.PAGE).get_page(request.GET.get("page"))
    kept = {"q": key if words else "", "state": state}
    counts = queries.counts()
    context = {
        "page": page,
        "rows": [(each, TONES[AdjustmentState(each.state)]) for each in page],
        "words": words,
        "state": state,
        "states": [
            (
                value,
                label,
                counts.get(value, 0) if value else sum(counts.values()),
                _address({**kept, "state": value}),
            )
            for value, label in queries.STATES
        ],
        "next": queries.next_for(user_of(request)) if counts.get(AdjustmentState.REQUESTED) else None,
        "newer_url": _address({**kept, "page": str(page.previous_page_number())})
        if page.has_previous()
        else "",
        "older_url": _address({**kept, "page": str(page.next_page_number())}) if page.has_next() else "",
    }
    return render(request, "billing/staff/adjustments.html", context)


@never_cache
@staff_required(Role.ADMIN)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Ask for one: the shop first (searched by POST `words`, chosen by `?shop=`), then what, looked at (POST), asked for (POST
    with `confirmed`)."""
    if request.method == "POST" and "words" in request.POST:
        words = request.POST["words"].strip()[:_LONGEST]
        query = urlencode({"q": kept_words.keep(request, _SHOPS, words)}) if words else ""
        return redirect(f"{reverse('billing:adjustment_new')}?{query}".rstrip("?"))
    slug = request.GET.get("shop", "")
    if not slug:
        return _choose_shop(request)
    account = Account.objects.filter(shop__slug=slug).select_related("shop").first()
    if account is None:
        get_object_or_404(Shop, slug=slug)
        messages.error(request, "요금제를 쓴 적이 없는 가게입니다.")
        return redirect("billing:adjustment_new")
    form = AdjustmentForm(request.POST if request.method == "POST" else None, shop=account.shop)
    status = HTTPStatus.OK
    if request.method == "POST" and "edit" not in request.POST:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        if form.is_valid():
            try:
                if "confirmed" not in request.POST:
                    adjustments.check(account.shop, **form.asked())
                    return _preview(request, account, form)
                return _ask(request, account.shop, form)
            except AdjustmentRefused as refused:
                form.add_error(_PLACES.get(refused.code), refused.message)
    context = {"form": form, "shop": account.shop, "owes": owed(account.balance_krw)}
    return render(request, "billing/staff/adjustment_new.html", context, status=status)


@never_cache
@staff_required(Role.ADMIN)
@require_http_methods(["GET", "HEAD", "POST"])
def adjustment(request: HttpRequest, pk: int) -> HttpResponse:
    """One of them, with the decision where this person may make it: POST `verdict=approve`, or a `reason` (or `own`) to turn
    it down; then comes the next that waits."""
    found, person = _found(pk), user_of(request)
    if request.method != "POST":
        return _page(request, found)
    who: dict[str, Any] = {"by": person, "address": audit.address_of(request), "now": timezone.now()}
    try:
        with transaction.atomic():
            if request.POST.get("verdict") == "approve":
                adjustments.approve(pk, **who)
                said = f"{found.shop.name}: {format_won(abs(found.amount_krw))} 조정을 승인했습니다."
            else:
                reason = request.POST.get("reason") or request.POST.get("own", "")
                adjustments.reject(pk, reason, **who)
                said = f"{found.shop.name}: 조정을 반려했습니다."
    except AdjustmentRefused as refused:
        if refused.code == "reason":
            return _page(request, found, refused.message, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        messages.error(request, refused.message)
        return redirect("billing:adjustment", pk)
    messages.success(request, said)
    following = queries.next_for(person, after=pk) or queries.next_for(person)
    if following is None:
        return redirect("billing:adjustments")
    return redirect("billing:adjustment", following.pk)


def _choose_shop(request: HttpRequest) -> HttpResponse:
    words = kept_words.kept(request, _SHOPS, request.GET.get("q", ""))
    facts = bank_facts.found_for(words) if words else []
    shops = bank_facts.shops_by_id(each.shop_id for each in facts)
    context = {
        "words": words,
        "found": [(shops[each.shop_id], owed(each.owed_krw)) for each in facts],
    }
    return render(request, "billing/staff/adjustment_shop.html", context)


def _preview(request: HttpRequest, account: Account, form: AdjustmentForm) -> HttpResponse:
    asked = form.asked()
    amount, original = asked["amount_krw"], asked["original"]
    second = abs(amount) > LIMIT
    facts = [
        ("가게", account.shop.name),
        ("무엇", f"{asked['kind'].label} · {_signed(amount)}"),
        ("청구서", str(original.number) if original else "상관없음"),
        ("사장님이 보는 글", adjustments.sentence_of(amount, original, asked["reason"])),
        ("지금", owed(account.balance_krw)),
        ("반영하면", owed(account.balance_krw + amount)),
        ("승인", "두 번째 사람의 승인이 필요합니다" if second else "없이 바로 반영"),
        ("되돌리기", "반려하면 없던 일" if second else "지울 수 없음. 반대로 한 번 더 조정"),
    ]
    context = {
        "facts": facts,
        "submit": "승인 요청하기" if second else "조정하기",
        "hidden": [(name, form.data[name]) for name in form.fields if form.data.get(name)],
    }
    return render(request, "billing/staff/adjustment_preview.html", context)


def _ask(request: HttpRequest, shop: Shop, form: AdjustmentForm) -> HttpResponse:
    made = adjustments.request(
        shop,
        by=user_of(request),
        address=audit.address_of(request),
        now=timezone.now(),
        **form.asked(),
    )
    if made.state == AdjustmentState.POSTED:
        messages.success(request, "조정했습니다. 정정 청구서를 만들었습니다.")
    else:
        messages.success(request, "올렸습니다. 두 번째 사람의 승인이 필요합니다.")
    return redirect("billing:adjustment", made.pk)


def _page(
    request: HttpRequest, found: Adjustment, problem: str = "", *, status: int = HTTPStatus.OK
) -> HttpResponse:
    person = user_of(request)
    waits = found.state == AdjustmentState.REQUESTED
    account = Account.objects.get(shop=found.shop)
    facts = [
        ("가게", found.shop.name),
        ("무엇", f"{found.get_kind_display()} · {_signed(found.amount_krw)}"),
        ("사장님이 보는 글", adjustments.sentence_of(found.amount_krw, found.original, found.reason)),
        ("올림", f"{format_moment(found.requested_at)} · {found.requested_by.name}"),
    ]
    if waits:
        facts += [
            ("지금", owed(account.balance_krw)),
            ("반영하면", owed(account.balance_krw + found.amount_krw)),
        ]
    elif found.decided_by is not None and found.decided_at is not None:
        facts.append(("처리", f"{format_moment(found.decided_at)} · {found.decided_by.name}"))
    if found.decision_reason:
        facts.append(("반려한 이유", found.decision_reason))
    following = queries.next_for(person, after=found.pk)
    context = {
        "adjustment": found,
        "tone": TONES[AdjustmentState(found.state)],
        "facts": facts,
        "may_decide": waits and found.requested_by_id != person.pk,
        "own": waits and found.requested_by_id == person.pk,
        "canned": CANNED,
        "problem": problem,
        "typed": request.POST.get("own", ""),
        "following": following,
    }
    return render(request, "billing/staff/adjustment.html", context, status=status)


def _found(pk: int) -> Adjustment:
    related = ("shop", "requested_by", "decided_by", "note", "original")
    return get_object_or_404(Adjustment.objects.select_related(*related), pk=pk)


def _signed(amount_krw: int) -> str:
    return f"{format_won(-amount_krw)} 돌려줌" if amount_krw < 0 else f"{format_won(amount_krw)} 더 청구"


def _address(query: dict[str, str]) -> str:
    kept = {name: value for name, value in query.items() if value}
    return f"{reverse('billing:adjustments')}?{urlencode(kept)}".rstrip("?")
