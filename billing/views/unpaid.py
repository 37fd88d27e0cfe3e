"""미납 (admins): who owes, since when, what comes next; tell them again, put the stop off."""

from datetime import date, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from billing import dunning
from billing.dunning import DunningRefused
from billing.models import Account
from billing.queries import unpaid
from shopmsg.accounts import audit, kept_words
from shopmsg.accounts.access import staff_required, user_of
from shopmsg.accounts.enums import Role, ShopStatus
from shopmsg.core.clock import format_day, kst_day
from shopmsg.core.money import format_won

_DRAWER: Final = "unpaid_searches"
_LONGEST: Final = 60
#: `?step=` and what it is called.
STEPS: Final = (
    ("", "모두"),
    *((str(step), f"{step}일 알림") for step in dunning.REMIND),
    ("stop", "정지"),
)


class HoldForm(forms.Form):
    """정지 미루기: until when, and why."""

    until = forms.DateField(
        label="언제까지",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "날을 골라 주세요.", "invalid": "날짜를 다시 골라 주세요."},
    )
    reason = forms.CharField(
        label="이유",
        help_text="사장님과 한 약속을 한 줄로",
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={
            "required": "왜 미루는지 적어 주세요.",
            "max_length": "이유를 200자 안으로 줄여 주세요.",
        },
    )

    def __init__(self, data: Any, *, today: date) -> None:
        super().__init__(data, label_suffix="", initial={"until": today + timedelta(days=7)})
        last = today + timedelta(days=dunning.LONGEST_HOLD)
        self.fields["until"].widget.attrs |= {"min": today.isoformat(), "max": last.isoformat()}
        self.fields["until"].help_text = f"{format_day(last)}까지 고를 수 있음"


@never_cache
@staff_required(Role.ADMIN)
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """The list of one step (`?step=`), of those who were searched for (POST `words`, then `?q=` a word that stands for it)."""
    step = request.GET.get("step", "")
    step = step if step in dict(STEPS) else ""
    if request.method == "POST":
        words = request.POST.get("words", "").strip()[:_LONGEST]
        query = urlencode({"q": kept_words.keep(request, _DRAWER, words)}) if words else ""
        return redirect(f"{reverse('billing:unpaid')}?{query}".rstrip("?"))
    now, key = timezone.now(), request.GET.get("q", "")
    words = kept_words.kept(request, _DRAWER, key)
    found = unpaid.late(now).filter(unpaid.at_step(step))
    if words:
        found = found.filter(unpaid.matching(words))
    before = request.GET.get("before", "")
    listed = unpaid.page(found, before, now)
    kept = {name: value for name, value in (("q", key if words else ""), ("step", step)) if value}
    context = {
        "ages": unpaid.ages(now),
        "rows": listed.rows,
        "words": words,
        "step": step,
        "step_word": dict(STEPS)[step],
        "steps": [
            (value, label, urlencode({**kept, "step": value}) if value else urlencode({**kept, "step": ""}))
            for value, label in STEPS
        ],
        "first_url": f"?{urlencode(kept)}" if before else "",
        "older_url": f"?{urlencode({**kept, 'before': listed.older})}" if listed.older else "",
    }
    return render(request, "billing/staff/unpaid.html", context)


@never_cache
@staff_required(Role.ADMIN)
@require_http_methods(["GET", "HEAD", "POST"])
def remind(request: HttpRequest, slug: str) -> HttpResponse:
    """지금 다시 알리기: asks once."""
    account, now = _account(slug), timezone.now()
    if request.method == "POST":
        try:
            told = dunning.remind_now(
                account.shop, by=user_of(request), address=audit.address_of(request), now=now
            )
        except DunningRefused as refused:
            messages.error(request, refused.message)
        else:
            messages.success(request, f"{account.shop.name} 사장님 {told}명에게 다시 알립니다.")
        return redirect("billing:unpaid")
    context = {
        "title": "지금 다시 알리기",
        "facts": [
            *_facts(account, now),
            ("받는 사람", "사장님 모두, 문자 한 통씩"),
            ("언제", "낮에는 바로, 밤이면 아침 8시"),
            ("요금", "없음"),
            ("되돌리기", "보낸 문자는 되돌릴 수 없음. 하루에 한 번만 가능"),
        ],
    }
    return render(request, "billing/staff/unpaid_remind.html", context)


@never_cache
@staff_required(Role.ADMIN)
@require_http_methods(["GET", "HEAD", "POST"])
def hold(request: HttpRequest, slug: str) -> HttpResponse:
    """정지 미루기: until a day, with a reason."""
    account, now = _account(slug), timezone.now()
    form = HoldForm(request.POST if request.method == "POST" else None, today=kst_day(now))
    if request.method == "POST" and form.is_valid():
        try:
            dunning.hold(
                account.shop,
                form.cleaned_data["until"],
                reason=form.cleaned_data["reason"],
                by=user_of(request),
                address=audit.address_of(request),
                now=now,
            )
        except DunningRefused as refused:
            fields = {"past": "until", "too_long": "until", "reason": "reason"}
            form.add_error(fields.get(refused.code), refused.message)
        else:
            until = format_day(form.cleaned_data["until"])
            messages.success(request, f"{account.shop.name}의 정지를 {until}까지 미뤘습니다.")
            return redirect("billing:unpaid")
    stop = dunning.stops_on(account)
    facts = _facts(account, now)
    if account.stopped_at is not None:
        facts.append(("지금", "발송 정지 중. 미루면 바로 다시 발송"))
    elif stop is not None:
        facts.append(("멈추는 날", format_day(max(stop, kst_day(now)))))
    facts += [
        ("그대로인 것", "밀린 금액, 3·7·14일 알림, 다음 청구"),
        ("되돌리기", "오늘까지로 다시 미루면 원래 날에 멈춤"),
    ]
    return render(
        request, "billing/staff/unpaid_hold.html", {"form": form, "facts": facts, "name": account.shop.name}
    )


def _account(slug: str) -> Account:
    return get_object_or_404(Account.objects.select_related("shop"), shop__slug=slug)


def _facts(account: Account, now: Any) -> list[tuple[str, str]]:
    today = kst_day(now)
    facts = [("가게", account.shop.name), ("밀린 금액", format_won(dunning.overdue_krw(account, today)))]
    if account.unpaid_since is not None and dunning.is_late(account, today):
        days = (today - account.unpaid_since).days
        facts.append(("납부 기한", f"{format_day(account.unpaid_since)} · {days}일 지남"))
    if account.shop.status == ShopStatus.CLOSED:
        facts.append(("계약", "해지"))
    return facts
