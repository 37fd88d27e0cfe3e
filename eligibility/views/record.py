"""The record page of an application: facts, steps, tries, documents and history, for every member of staff who may see
it; and what agents and admins do from it."""

from collections.abc import Callable
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from eligibility import activation, applications, closing, corrections, ownership
from eligibility.chips import chips_of
from eligibility.enums import ApplicationState, ContentState, StepName
from eligibility.errors import ApplicationRefused
from eligibility.models import Application
from eligibility.queries import record, record_history
from eligibility.record_forms import ReasonForm
from eligibility.reviews import MARKS
from eligibility.tasks import follow_notices
from eligibility.views import documents
from eligibility.views.access import application_or_404
from messaging.tasks import dispatch_messages
from messaging.wakeups import wake
from shopmsg.accounts import audit
from shopmsg.accounts.access import staff_required, user_of
from shopmsg.accounts.enums import Role
from shopmsg.core.keys import number_in

#: Who does something here; the other staff read.
ACTING: Final = (Role.AGENT, Role.ADMIN)
#: Who reads from where and in whose place something was done.
_SEES_PLACES: Final = frozenset({Role.AGENT, Role.ADMIN})
_S: Final = ApplicationState


def page_url(pk: int) -> str:
    return reverse("eligibility:activation", args=[pk])


@never_cache
@staff_required()
@require_safe
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything about one application. `?history=` is the page of its history."""
    application, user, now = application_or_404(request, pk), user_of(request), timezone.now()
    number = max(1, number_in(request.GET.get("history", "")) or 1)
    events, older = record_history.history_of(application, number)
    reviews = application.reviews.select_related("sent_by").order_by("-pk")
    context = documents.context_of(request, application) | {
        "name": application.shop_name
        or application.business_name
        or application.owner_name
        or "이름 아직 없음",
        "chips": chips_of(application),
        "next": record.next_of(application, now),
        "steps": record.steps_shown(application),
        "facts": record.facts_of(application),
        "moments": record.moments_of(application),
        "reasons": [reason["message"] for reason in application.reasons],
        "tries": application.tries.select_related("by").order_by("-at", "-pk"),
        "reviews": [(row, [MARKS[mark] for mark in row.marks if mark in MARKS]) for row in reviews],
        "events": events,
        "newer_url": f"?history={number - 1}#history" if number > 1 else "",
        "older_url": f"?history={number + 1}#history" if older else "",
        "sees_places": user.role in _SEES_PLACES,
        "acts": user.role in ACTING,
        **_buttons(application, Role(user.role)),
    }
    return render(request, "eligibility/record/page.html", context)


def _buttons(application: Application, role: Role) -> dict[str, Any]:
    """What this person may do with it now."""
    now, admin, acts = timezone.now(), role == Role.ADMIN, role in ACTING
    ready = application.state == _S.ELIGIBLE
    confirmed = application.content == ContentState.CONFIRMED
    first = acts and ready and not confirmed
    return {
        "may_activate": acts and ready and confirmed,
        "may_first": first,
        "tries_missing": activation.tries_missing(application) if first else 0,
        "may_withdraw": acts and application.state in (_S.RECEIVED, _S.ELIGIBLE),
        "may_reopen": acts and application.state in (_S.REFUSED, _S.WITHDRAWN),
        "may_desk": acts and application.state in applications.OPEN_STATES,
        "may_produce": role in (Role.PRODUCER, Role.ADMIN) and application.received_at is not None,
        "may_correct": admin and corrections.may_correct(application),
        "may_transfer": admin and ownership.may_transfer(application),
        "gives_back": ownership.last_owner(application)
        if admin and ownership.may_transfer(application)
        else None,
        "may_close": admin and closing.may_close(application),
        "may_take_back": admin and closing.may_take_back(application, now),
    }


@never_cache
@staff_required(*ACTING)
@require_POST
def repeat(request: HttpRequest, pk: int) -> HttpResponse:
    """다시 하기: one step alone."""
    application_or_404(request, pk)
    name = request.POST.get("step", "")
    if name not in StepName.values:
        raise Http404
    step = StepName(name)
    done = activation.repeat(
        pk, step, by=user_of(request), address=audit.address_of(request), now=timezone.now()
    )
    _wake()
    row = next((each for each in record.steps_shown(done) if each.name == name), None)
    if row is not None:
        said = f"{row.label}: {row.word}. {row.problem}".strip()
        (messages.error if row.tone == "failed" else messages.success)(request, said)
    return redirect(f"{page_url(pk)}#steps")


@never_cache
@staff_required(*ACTING)
@require_http_methods(["GET", "HEAD", "POST"])
def activate(request: HttpRequest, pk: int) -> HttpResponse:
    """개통하기, asked once."""
    facts = [
        ("일어나는 일", "요금제가 시작되고 홍보문자가 걸립니다. 끝나면 사장님께 환영 문자가 갑니다."),
        ("언제", "바로. 통화연결음과 발신번호는 답이 오는 대로 저절로 이어집니다."),
        ("요금", "소상공인형은 첫 달 무료, 다음 달 같은 날부터"),
        ("되돌리기", "관리자가 오늘 안에 해지"),
    ]
    return _ask(
        request, pk, "activate", "개통할까요?", facts, "개통하기", activation.activate, "개통을 시작했습니다."
    )


@never_cache
@staff_required(*ACTING)
@require_http_methods(["GET", "HEAD", "POST"])
def activate_first(request: HttpRequest, pk: int) -> HttpResponse:
    """먼저 개통, asked once."""
    facts = [
        ("일어나는 일", "사장님의 확정 없이 요금제가 시작되고 이달의 인사가 홍보문자로 나갑니다."),
        ("그 뒤", "시안은 확인 대기로 제작 목록에 돌아옵니다."),
        ("요금", "소상공인형은 첫 달 무료, 다음 달 같은 날부터"),
        ("되돌리기", "관리자가 오늘 안에 해지"),
    ]
    return _ask(
        request, pk, "activate_first", "먼저 개통할까요?", facts, "먼저 개통", activation.activate_first,
        "먼저 개통을 시작했습니다. 시안은 확인 대기입니다.",
    )  # fmt: skip


@never_cache
@staff_required(*ACTING)
@require_http_methods(["GET", "HEAD", "POST"])
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """다시 열기, asked once."""
    facts = [
        ("일어나는 일", "신청서가 ‘작성 중’으로 돌아가고 다시 접수할 수 있습니다."),
        ("알림", "사장님께 문자는 가지 않습니다."),
        ("되돌리기", "신청 취소"),
    ]
    return _ask(
        request, pk, "reopen", "다시 열까요?", facts, "다시 열기", applications.reopen, "다시 열었습니다."
    )


@never_cache
@staff_required(*ACTING)
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """접수 취소, with its reason."""
    application = application_or_404(request, pk)
    if application.state not in (_S.RECEIVED, _S.ELIGIBLE):
        messages.error(request, "접수한 뒤, 개통하기 전의 신청만 취소할 수 있습니다.")
        return redirect(page_url(pk))
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            applications.withdraw(
                pk,
                reason=form.cleaned_data["reason"],
                by=user_of(request),
                address=audit.address_of(request),
                now=timezone.now(),
            )
        except ApplicationRefused as refused:
            messages.error(request, refused.message)
        else:
            messages.success(request, "접수를 취소했습니다. 잘못 눌렀으면 다시 열기.")
        return redirect(page_url(pk))
    facts = [
        ("일어나는 일", "신청이 끝나고, 예약된 매장 전화와 홈페이지 주소가 풀립니다."),
        ("알림", "사장님께 문자는 가지 않습니다."),
        ("되돌리기", "이 화면에서 ‘다시 열기’"),
    ]
    return reason_page(request, application, form, "접수를 취소할까요?", facts, "접수 취소")


def reason_page(
    request: HttpRequest,
    application: Application,
    form: ReasonForm,
    title: str,
    facts: list[tuple[str, str]],
    submit: str,
) -> HttpResponse:
    """The question before something that ends, with its reason."""
    context = {"application": application, "form": form, "title": title, "facts": facts, "submit": submit}
    return render(request, "eligibility/record/reason.html", context)


def _ask(
    request: HttpRequest,
    pk: int,
    address: str,
    title: str,
    facts: list[tuple[str, str]],
    submit: str,
    verb: Callable[..., object],
    done: str,
) -> HttpResponse:
    """GET asks, POST does."""
    application = application_or_404(request, pk)
    if request.method == "POST":
        try:
            verb(pk, by=user_of(request), address=audit.address_of(request), now=timezone.now())
        except ApplicationRefused as refused:
            messages.error(request, refused.message)
        else:
            _wake()
            messages.success(request, done)
        return redirect(page_url(pk))
    context = {
        "title": title,
        "facts": [("가게", application.shop_name), *facts],
        "action": reverse(f"eligibility:{address}", args=[pk]),
        "submit": submit,
        "cancel_url": page_url(pk),
    }
    return render(request, "eligibility/record/ask.html", context)


def _wake() -> None:
    """The carrier and the welcome need not wait for the next tick."""
    wake(follow_notices)
    wake(dispatch_messages)
