"""What admins do with an application after its receipt: put right, give to another owner, close; and take it back."""

from typing import Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from eligibility import closing, corrections, ownership
from eligibility.enums import ApplicationState
from eligibility.errors import ApplicationRefused
from eligibility.form import industry_name
from eligibility.models import Application
from eligibility.record_forms import CorrectionForm, ReasonForm, TransferForm
from eligibility.views.access import application_or_404
from eligibility.views.record import page_url, reason_page
from messaging.tasks import dispatch_messages
from messaging.wakeups import wake
from shopmsg.accounts import audit
from shopmsg.accounts.access import staff_required, user_of
from shopmsg.accounts.enums import Role
from shopmsg.core import phone
from shopmsg.core.clock import format_day, kst_day
from shopmsg.core.money import format_won

_TITLE: Final = "바로잡기"


@never_cache
@staff_required(Role.ADMIN)
@require_http_methods(["GET", "HEAD", "POST"])
def correct(request: HttpRequest, pk: int) -> HttpResponse:
    """바로잡기: the fields as they are; then old → new to look at; then done."""
    application = application_or_404(request, pk)
    if not corrections.may_correct(application):
        raise Http404
    form = CorrectionForm(request.POST or None, now=corrections.current(application))
    if application.state == ApplicationState.ACTIVE:
        form.fields["line_number"].help_text = "개통한 뒤에는 바꿀 수 없음. 해지하고 새로 신청."
    if request.method == "POST" and form.is_valid() and "back" not in request.POST:
        try:
            if "confirmed" in request.POST:
                return _corrected(request, application, form)
            changes = corrections.changes(application, form.typed)
        except ApplicationRefused as refused:
            _tell(form, refused)
        else:
            if changes:
                return _ask_correction(request, application, form, changes)
            form.add_error(None, "달라진 곳이 없습니다.")
    context = {"application": application, "form": form}
    return render(request, "eligibility/record/correct.html", context)


def _corrected(request: HttpRequest, application: Application, form: CorrectionForm) -> HttpResponse:
    done = corrections.correct(
        application.pk,
        form.typed,
        reason=form.cleaned_data["reason"],
        by=user_of(request),
        address=audit.address_of(request),
        now=timezone.now(),
    )
    named = ", ".join(change.label for change in done)
    messages.success(request, f"바로잡았습니다: {named}" if done else "달라진 곳이 없습니다.")
    return redirect(page_url(application.pk))


def _ask_correction(
    request: HttpRequest,
    application: Application,
    form: CorrectionForm,
    changes: tuple[corrections.Change, ...],
) -> HttpResponse:
    facts = [
        (change.label, f"{_shown(change, change.before)} → {_shown(change, change.after)}")
        for change in changes
    ]
    fields = {change.field for change in changes}
    if fields & {"shop_name", "ksic"}:
        facts.append(("홍보문자", "다음 문자부터 새 이름. 그림도 새로 그립니다."))
    if "line_number" in fields:
        facts.append(("매장 전화", "새 번호의 이용증명원과 통화연결음을 다시 받습니다."))
    facts += [
        ("이유", form.cleaned_data["reason"]),
        ("알림과 요금", "문자도 요금도 없음"),
        ("되돌리기", "같은 방법으로 다시 바로잡기"),
    ]
    return render(
        request,
        "eligibility/record/correct_confirm.html",
        {"application": application, "form": form, "facts": facts, "typed": form.typed.items()},
    )


@never_cache
@staff_required(Role.ADMIN)
@require_http_methods(["GET", "HEAD", "POST"])
def transfer(request: HttpRequest, pk: int) -> HttpResponse:
    """사장님 바꾸기: who and on what proof; then what will happen; then done."""
    application = application_or_404(request, pk)
    if not ownership.may_transfer(application):
        raise Http404
    form = TransferForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and "back" not in request.POST:
        given = {name: form.cleaned_data[name] for name in ("name", "mobile", "proof")}
        try:
            if "confirmed" in request.POST:
                new = ownership.transfer(
                    pk, by=user_of(request), address=audit.address_of(request), now=timezone.now(), **given
                )
                wake(dispatch_messages)
                messages.success(request, f"사장님을 {new.name} 님으로 바꿨습니다. 두 분께 문자를 보냅니다.")
                return redirect(page_url(pk))
            ownership.check(**given)
        except ApplicationRefused as refused:
            _tell(form, refused)
        else:
            before = application.owner
            facts = [
                ("가게", application.shop_name),
                ("지금 사장님", f"{before.name} · {phone.mask(before.mobile)}" if before else "없음"),
                ("새 사장님", f"{given['name'].strip()} · {phone.hyphenate(phone.mobile(given['mobile']))}"),
                ("확인한 것", given["proof"]),
                ("바로", "지금 사장님은 이 가게를 더 볼 수 없습니다. 요금제와 홍보문자는 그대로입니다."),
                ("알림", "두 번호 모두에 안내 문자. 요금 없음."),
                ("되돌리기", "이 화면에서 ‘이전 사장님께 되돌리기’"),
            ]
            context = {"application": application, "facts": facts, "given": given.items()}
            return render(request, "eligibility/record/transfer_confirm.html", context)
    return render(request, "eligibility/record/transfer.html", {"application": application, "form": form})


@never_cache
@staff_required(Role.ADMIN)
@require_POST
def transfer_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the shop back to who owned it before."""
    application_or_404(request, pk)
    try:
        owner = ownership.give_back(
            pk, by=user_of(request), address=audit.address_of(request), now=timezone.now()
        )
    except ApplicationRefused as refused:
        messages.error(request, refused.message)
    else:
        wake(dispatch_messages)
        messages.success(request, f"{owner.name} 님께 되돌렸습니다. 두 분께 문자를 보냅니다.")
    return redirect(page_url(pk))


@never_cache
@staff_required(Role.ADMIN)
@require_http_methods(["GET", "HEAD", "POST"])
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """해지: what happens, when, what it costs, why; then done."""
    application = application_or_404(request, pk)
    shop = application.shop
    if shop is None or not closing.may_close(application):
        raise Http404
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            closing.close(
                pk,
                reason=form.cleaned_data["reason"],
                by=user_of(request),
                address=audit.address_of(request),
                now=timezone.now(),
            )
        except ApplicationRefused as refused:
            messages.error(request, refused.message)
        else:
            wake(dispatch_messages)
            messages.success(request, "해지했습니다. 오늘 안에는 되돌릴 수 있습니다.")
        return redirect(page_url(pk))
    today = kst_day(timezone.now())
    terms = closing.terms(shop, today)
    running = terms.subscription
    contract, cost = "요금제 없음", "없음"
    if running is not None:
        term = f"{running.term_months}개월 약정" if running.term_months else "무약정"
        contract = f"{running.get_product_display()} · {term} · {format_day(running.starts_on)} 시작"
        cost = (
            f"할인반환금 {format_won(terms.refund)} (약정 {terms.months}개월째)"
            if terms.refund
            else "할인반환금 없음"
        )
    facts = [
        ("요금제", contract),
        ("드는 돈", cost),
        ("바로", "홍보문자가 더 나가지 않습니다. 홈페이지는 닫히고 수신거부는 그대로 받습니다."),
        ("오늘이 지나면", "통화연결음 안내가 해지되고 전화번호가 풀립니다."),
        ("알림", "사장님께 안내 문자"),
        ("되돌리기", f"{format_day(today)} 안에 이 화면에서"),
    ]
    return reason_page(request, application, form, f"{shop.name}, 해지할까요?", facts, "해지")


@never_cache
@staff_required(Role.ADMIN)
@require_POST
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """해지 되돌리기, on the same day."""
    application_or_404(request, pk)
    try:
        closing.take_back(pk, by=user_of(request), address=audit.address_of(request), now=timezone.now())
    except ApplicationRefused as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, "해지를 되돌렸습니다. 사장님께 직접 알려 주세요.")
    return redirect(page_url(pk))


def _tell(form: CorrectionForm | TransferForm, refused: ApplicationRefused) -> None:
    """The refusal at its fields, or above them all."""
    for name, sentence in refused.fields.items():
        form.add_error(name if name in form.fields else None, sentence)
    if not refused.fields:
        form.add_error("reason" if refused.code == "no_reason" else None, refused.message)


def _shown(change: corrections.Change, text: str) -> str:
    if change.field == "ksic":
        return f"{industry_name(text)} ({text})" if text else "없음"
    if change.field == "line_number":
        return phone.hyphenate("".join(char for char in text if char.isdigit())) if text else "없음"
    return text or "빈칸"
