"""What an agent does with an application beside typing: send, receive, activate, end, open again."""

from collections.abc import Callable
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from eligibility import activation, applications, reviews
from eligibility.applications import OPEN_STATES
from eligibility.errors import ApplicationRefused
from eligibility.models import Application
from eligibility.views.access import application_or_404
from eligibility.views.desk import DESK_ROLES
from eligibility.views.desk_saving import answer, keep
from shopmsg.accounts import audit
from shopmsg.accounts.access import staff_required, user_of
from shopmsg.core.errors import ShopmsgError

#: Why an application may be withdrawn at the desk.
WITHDRAWALS: Final = ("마음이 바뀜", "요금이 부담됨", "연락이 끊김", "잘못 연 상담")


@never_cache
@staff_required(*DESK_ROLES)
@require_POST
def send(request: HttpRequest, pk: int) -> HttpResponse:
    """사장님 폰으로 보내기: received if it was not yet, and the draft's link is texted to the owner."""
    return _done(request, pk, "사장님 휴대폰으로 시안 문자를 보냈습니다.", reviews.send)


@never_cache
@staff_required(*DESK_ROLES)
@require_POST
def receive(request: HttpRequest, pk: int) -> HttpResponse:
    """접수만 하기: the draft goes to the producers."""
    return _done(request, pk, "접수했습니다. 시안은 제작에서 보냅니다.", applications.receive)


@never_cache
@staff_required(*DESK_ROLES)
@require_POST
def activate(request: HttpRequest, pk: int) -> HttpResponse:
    """개통, for an application whose owner has confirmed."""
    return _done(request, pk, "개통을 시작했습니다.", activation.activate)


@never_cache
@staff_required(*DESK_ROLES)
@require_POST
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """다시 열기: a refusal or a withdrawal is taken back."""
    return _done(request, pk, "다시 열었습니다. 이어서 적으면 됩니다.", applications.reopen, saves=False)


@never_cache
@staff_required(*DESK_ROLES)
@require_http_methods(["GET", "HEAD", "POST"])
def refuse(request: HttpRequest, pk: int) -> HttpResponse:
    """가입 불가로 마치기: asked once, with the reasons that are kept."""
    application = application_or_404(request, pk)
    if request.method == "POST":
        return _ended(request, pk, "가입 불가로 마쳤습니다. 잘못 눌렀으면 다시 열기.", applications.refuse)
    decision = applications.standing(application).decision
    if application.state not in OPEN_STATES or decision.eligible:
        return redirect("eligibility:desk_call", pk)
    facts = [
        *[("읽어 줄 이유", reason.message) for reason in decision.reasons if reason.code != "public_body"],
        ("일어나는 일", "신청이 끝나고 이유가 모두 남습니다. 사장님께 문자는 가지 않습니다."),
        ("되돌리기", "이 상담에서 ‘다시 열기’"),
    ]
    return _ask(
        request, application, "가입 불가로 마칠까요?", facts, "eligibility:desk_refuse", "가입 불가로 마치기"
    )


@never_cache
@staff_required(*DESK_ROLES)
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """신청 취소: asked once, with why."""
    application = application_or_404(request, pk)
    if request.method == "POST":
        given = request.POST.get("reason", "")
        reason = given if given in WITHDRAWALS else WITHDRAWALS[0]
        said = "신청을 취소했습니다. 잘못 눌렀으면 다시 열기."
        return _ended(request, pk, said, applications.withdraw, reason=reason)
    if application.state not in OPEN_STATES:
        return redirect("eligibility:desk_call", pk)
    facts = [
        (
            "일어나는 일",
            "신청이 끝나고, 보낸 시안의 링크는 쓸 수 없게 됩니다. 사장님께 문자는 가지 않습니다.",
        ),
        ("되돌리기", "이 상담에서 ‘다시 열기’"),
    ]
    return _ask(
        request, application, "신청을 취소할까요?", facts, "eligibility:desk_withdraw", "신청 취소하기",
        reasons=WITHDRAWALS,
    )  # fmt: skip


def _ask(
    request: HttpRequest,
    application: Application,
    title: str,
    facts: list[tuple[str, str]],
    action: str,
    submit: str,
    **more: Any,
) -> HttpResponse:
    context = {
        "application": application,
        "title": title,
        "facts": [("가게", application.shop_name or application.business_name or "이름 없음"), *facts],
        "action": reverse(action, args=[application.pk]),
        "submit": submit,
        "back": reverse("eligibility:desk_call", args=[application.pk]),
        **more,
    }
    return render(request, "eligibility/desk/end.html", context)


def _done(
    request: HttpRequest, pk: int, said: str, verb: Callable[..., object], *, saves: bool = True
) -> HttpResponse:
    """Keep what came along, do it, and say so; what stands against it is said instead."""
    application = application_or_404(request, pk)
    try:
        if saves:
            keep(request, application)
        verb(pk, by=user_of(request), address=audit.address_of(request), now=timezone.now())
    except ShopmsgError as refused:
        return answer(request, pk, said=refused.message, tone="failed")
    return answer(request, pk, said=said, tone="sent")


def _ended(
    request: HttpRequest, pk: int, said: str, verb: Callable[..., object], **more: str
) -> HttpResponse:
    """The end of an application, and the way to the next caller."""
    try:
        verb(pk, by=user_of(request), address=audit.address_of(request), now=timezone.now(), **more)
    except ApplicationRefused as refused:
        return answer(request, pk, said=refused.message, tone="failed")
    return answer(request, pk, said=said, tone="sent")
