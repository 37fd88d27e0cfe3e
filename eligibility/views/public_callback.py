"""전화 요청: a name, a number and a time; the desk calls."""

from collections.abc import Mapping
from typing import Any, Final

from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from eligibility import online
from eligibility.choices import Choice, read_choice, won_of
from eligibility.models import Application
from eligibility.online import TooOften
from eligibility.views.public_forms import TRAP, consent_field, read_submission, text_field
from shopmsg.accounts import audit
from shopmsg.core.phone import mobile


class CallForm(forms.Form):
    """전화 요청: who, which number, and when."""

    WHEN: Final = (
        ("now", "지금", "지금 전화해 주세요"),
        ("morning", "오전", "오전 9시~12시에 전화해 주세요"),
        ("afternoon", "오후", "오후 12시~6시에 전화해 주세요"),
        ("evening", "저녁", "저녁 6시 이후에 전화해 주세요"),
    )

    owner_name = text_field("이름", autocomplete="name", maxlength="40")
    owner_mobile = text_field("휴대폰 번호", inputmode="tel", autocomplete="tel", placeholder="010-1234-5678")
    when = forms.ChoiceField(
        label="언제 전화드릴까요?",
        choices=[(key, label) for key, label, _ in WHEN],
        initial="now",
        widget=forms.RadioSelect,
        error_messages={
            "required": "언제 전화드릴지 골라 주세요.",
            "invalid_choice": "언제 전화드릴지 골라 주세요.",
        },
    )
    consent = consent_field("동의하셔야 전화를 드릴 수 있어요.")

    def __init__(self, data: Mapping[str, Any] | None, *, choice: Choice) -> None:
        super().__init__(data, label_suffix="")
        self.choice = choice

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        name, number = str(data.get("owner_name", "")), str(data.get("owner_mobile", ""))
        if not name:
            self.add_error("owner_name", "이름을 적어 주세요.")
        elif len(name) > 40:
            self.add_error("owner_name", "이름을 40자 안으로 줄여 주세요.")
        problem = online.mobile_problem(number)
        if problem:
            self.add_error("owner_mobile", problem)
        return data

    def typed(self) -> dict[str, str]:
        """What is known so far, by the names of eligibility.form.LABELS, for a form that is valid."""
        band = self.choice.revenue
        when = {key: said for key, _, said in self.WHEN}[self.cleaned_data["when"]]
        notes = [f"전화 요청: {when}"]
        if band:
            notes.append(f"홈페이지에서 고른 연 매출: {band.label}")
        said = {
            "kind": self.choice.kind.value,
            "owner_name": str(self.cleaned_data["owner_name"]),
            "owner_mobile": str(self.cleaned_data["owner_mobile"]),
            "ksic": "" if self.choice.public_body else self.choice.ksic,
            "annual_revenue": won_of(band),
            "referral_code": self.choice.by,
            "note": "\n".join(notes),
        }
        return {name: text for name, text in said.items() if text}


@require_http_methods(["GET", "HEAD", "POST"])
def callback(request: HttpRequest) -> HttpResponse:
    """GET: the form, knowing what was chosen before. POST: the wish is on the desk's list."""
    posted = request.method == "POST"
    choice = read_choice(request.POST if posted else request.GET)
    form = CallForm(request.POST if posted else None, choice=choice)
    submission = read_submission(request.POST.get("submission", ""))
    status = 200
    if posted and request.POST.get(TRAP):
        form.add_error(None, "전화 요청을 받지 못했어요. 저희에게 전화해 주세요.")
    elif posted and form.is_valid():
        now, address = timezone.now(), audit.address_of(request)
        try:
            submission, before = online.sent_before(submission, form.typed())
            if before is None:
                online.allow_signup(mobile(form.cleaned_data["owner_mobile"]), address, now)
                with transaction.atomic():
                    before = online.ask_for_call(
                        form.typed(), submission=submission, address=address, now=now
                    )
            return redirect("eligibility:callback_wanted", before.submission)
        except TooOften as refused:
            form.add_error(None, refused.message)
            status = 429
    context = {"form": form, "choice": choice, "submission": submission, "trap": TRAP}
    return render(request, "eligibility/public/callback.html", context, status=status)


@never_cache
@require_safe
def wanted(request: HttpRequest, submission: str) -> HttpResponse:
    """전화드릴게요. Says nothing of anybody."""
    get_object_or_404(Application, submission=submission)
    return render(request, "eligibility/public/callback_wanted.html")
