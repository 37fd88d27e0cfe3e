"""온라인 신청: the form, what it means before it is sent, and what comes next."""

from dataclasses import replace
from typing import Any, Final

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from eligibility import online
from eligibility.choices import PUBLIC_PRODUCTS, Choice, Plan, read_choice
from eligibility.enums import ApplicationState, LineOwner
from eligibility.errors import ApplicationRefused
from eligibility.form import LABELS, read
from eligibility.models import Application
from eligibility.online import TooOften
from eligibility.rules import Facts, decide
from eligibility.tasks import recheck_registry
from eligibility.views import public_prices
from eligibility.views.public_forms import TRAP, ApplyForm, read_submission
from messaging.tasks import dispatch_messages
from messaging.wakeups import wake
from shopmsg.accounts import audit
from shopmsg.accounts.enums import Product
from shopmsg.core import business_number
from shopmsg.core.clock import kst_day
from shopmsg.core.money import format_won
from shopmsg.core.phone import hyphenate

_PAGE: Final = "eligibility/public/apply.html"
_TRAPPED: Final = "신청을 받지 못했어요. 전화해 주시면 바로 도와 드릴게요."


@require_http_methods(["GET", "HEAD", "POST"])
def apply(request: HttpRequest) -> HttpResponse:
    """GET: the form, with what was chosen before. POST `step`: "review" looks it over, "send" sends it, "edit" goes back.

    Without a trade one begins at the check. Not kept from the browser's own memory, so that going back loses nothing.
    """
    posted = request.method == "POST"
    choice = read_choice(request.POST if posted else request.GET)
    if not choice.public_body and not choice.ksic:
        return redirect(reverse("eligibility:check") + choice.query())
    if request.POST.get("asks_revenue"):
        choice = replace(choice, revenue=None)
    submission = read_submission(request.POST.get("submission", ""))
    step = request.POST.get("step", "")
    if not posted or step == "edit":
        form = _form(request, choice)
        form.errors.clear()
        return _page(request, form, submission)
    return _sent(request, choice, submission, final=step == "send")


def _sent(request: HttpRequest, choice: Choice, submission: str, *, final: bool) -> HttpResponse:
    now, address = timezone.now(), audit.address_of(request)
    form = _form(request, choice)
    submission, before = online.sent_before(submission, form.typed())
    if before is not None:
        return redirect("eligibility:applied", submission)
    try:
        online.allow_look(address, now)
        if request.POST.get(TRAP):
            form.add_error(None, _TRAPPED)
        if not form.is_valid():
            return _page(request, form, submission)
        if _eligible(form) and not final:
            return _review(request, form, submission)
        online.allow_signup(read(form.typed()).values.owner_mobile, address, now)
        with transaction.atomic():
            online.apply(form.typed(), submission=submission, address=address, now=now)
            transaction.on_commit(lambda: wake(recheck_registry))
            transaction.on_commit(lambda: wake(dispatch_messages))
    except TooOften as refused:
        form.errors.clear()  # whether a number is known here is not said either
        form.add_error(None, refused.message)
        return _page(request, form, submission, status=429)
    except ApplicationRefused as refused:
        # Somebody else took the number between the look and the writing; the form says it now.
        form = _form(request, choice)
        if form.is_valid():
            form.add_error(None, refused.message)
        return _page(request, form, submission)
    return redirect("eligibility:applied", submission)


@require_POST
def field(request: HttpRequest) -> JsonResponse:
    """POST name, value, kind: what is unreadable about one field, as soon as it is left. {"problem": ""} when nothing."""
    name, value = request.POST.get("name", ""), request.POST.get("value", "")
    if name not in LABELS or not value.strip():
        return JsonResponse({"problem": ""})
    typed = {"kind": request.POST.get("kind", ""), name: value[:2_000]}
    return JsonResponse({"problem": online.problem_of(name, typed)})


@never_cache
@require_safe
def applied(request: HttpRequest, submission: str) -> HttpResponse:
    """What became of the application, and what comes next; for whoever has the form's own name."""
    application = get_object_or_404(Application, submission=submission)
    if application.callback_wanted or application.state == ApplicationState.WITHDRAWN:
        raise Http404
    refused = application.state == ApplicationState.REFUSED
    context = {
        "application": application,
        "refused": refused,
        "reasons": online.reasons((reason["code"], reason["message"]) for reason in application.reasons),
    }
    return render(request, "eligibility/public/applied.html", context)


def _form(request: HttpRequest, choice: Choice) -> ApplyForm:
    today = kst_day(timezone.now())
    return ApplyForm(
        request.POST if request.method == "POST" else None,
        choice=choice,
        plans=public_prices.plan_choices(public_prices.prices_for(choice, today)),
        products=public_prices.product_choices(today),
    )


def _eligible(form: ApplyForm) -> bool:
    values = read(form.typed()).values
    return decide(Facts(values.kind, values.ksic, values.annual_revenue)).eligible


def _page(request: HttpRequest, form: ApplyForm, submission: str, status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "choice": form.choice,
        "submission": submission,
        "trap": TRAP,
        "change": reverse("eligibility:check") + form.choice.query(),
    }
    return render(request, _PAGE, context, status=status)


def _review(request: HttpRequest, form: ApplyForm, submission: str) -> HttpResponse:
    """이대로 신청할까요: what was typed as it was understood, what it costs, what leaving costs."""
    values = read(form.typed()).values
    kept = [
        (name, value)
        for name in form.fields
        for value in _values(form[name].value())
        if value and name in request.POST
    ]
    own = "기관" if form.choice.public_body else "사장님"
    said = [
        (form["shop_name"].label, values.shop_name),
        ("업종", form.choice.industry),
        ("연 매출", band.label if (band := form.revenue_band()) else ""),
        (form["line_number"].label, hyphenate(values.line_number)),
        ("매장 전화 명의", values.line_owner_name if values.line_owner == LineOwner.OTHER else own),
        (form["address"].label, values.address),
        (form["owner_name"].label, values.owner_name),
        (form["owner_mobile"].label, hyphenate(values.owner_mobile)),
        (form["business_number"].label, business_number.hyphenate(values.business_number)),
        ("추천 코드", values.referral_code),
        (form["specials"].label, values.specials),
    ]
    context = {
        "facts": [(label, value) for label, value in said if value],
        "price": _price_facts(form, values.product),
        "kept": kept,
        "choice": form.choice,
        "submission": submission,
        "mobile": hyphenate(values.owner_mobile),
    }
    return render(request, "eligibility/public/review.html", context)


def _values(value: Any) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else [str(value or "")]


def _price_facts(form: ApplyForm, product: Product) -> list[tuple[str, str]]:
    today = kst_day(timezone.now())
    if form.choice.public_body:
        won = dict(public_prices.public_prices(today))[
            product if product in PUBLIC_PRODUCTS else PUBLIC_PRODUCTS[0]
        ]
        return [
            ("상품", product.label),
            ("한 달 요금", f"{format_won(won)} (부가세 포함)"),
            ("그만두시면", "언제 그만두셔도 더 내실 돈이 없어요."),
        ]
    prices = public_prices.prices_for(form.choice, today)
    card = prices.card(Plan(str(form["plan"].value() or Plan.NONE)))
    facts = [
        ("요금", card.plan.label),
        ("한 달 요금", f"{format_won(card.offer.quote.monthly_krw)} (부가세 포함)"),
        ("첫 달", public_prices.free_sentence(prices.free_until)),
        ("그만두시면", public_prices.leaving_sentence(card)),
    ]
    return [(label, value) for label, value in facts if value]
