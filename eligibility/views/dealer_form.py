"""가입신청서: the paper form on one page, in its order; once handed in, how far it is."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from billing import price_list
from billing.catalogue import NotSold, Quote
from billing.enums import Bundle
from eligibility import applications, form_checks
from eligibility.applications import OPEN_STATES, Standing
from eligibility.enums import ApplicationState
from eligibility.errors import ApplicationRefused
from eligibility.form import LABELS
from eligibility.form_log import Conflict, Edit
from eligibility.models import Application
from eligibility.progress import STEPS, progress_of
from eligibility.views import documents
from eligibility.views.dealer import own
from eligibility.views.desk_fields import fields_of
from shopmsg.accounts import audit
from shopmsg.accounts.access import staff_required, user_of
from shopmsg.accounts.enums import Role
from shopmsg.core import business_number, ksic, phone
from shopmsg.core.clock import format_moment, kst_day
from shopmsg.core.money import format_won

#: The paper form, part by part, in its order.
PARTS: Final[Sequence[tuple[str, Sequence[str]]]] = (
    (
        "가게와 사업자",
        (
            "kind",
            "shop_name",
            "ksic",
            "business_number",
            "second_shop",
            "business_name",
            "owner_name",
            "owner_mobile",
        ),
    ),
    ("연 매출", ("annual_revenue", "revenue_proof")),
    ("매장 전화", ("line_number", "line_owner", "line_owner_name")),
    ("상품과 약정", ("product", "term_months", "bundle", "pack_internet", "pack_parts", "referral_code")),
    ("가게 소개", ("address", "hours", "specials")),
    ("메모", ("note",)),
)
_NOT_TYPED: Final = frozenset({"industry_missing", "revenue_missing"})
_LONGEST_KEY: Final = 18
_LONGEST_VISIT: Final = 32


@never_cache
@staff_required(Role.DEALER)
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def dealer_form(request: HttpRequest, pk: int) -> HttpResponse:
    """A form that is being written; once received, how far it is, and with `?edit` the form again while it may be
    changed. A POST keeps everything that was typed, readable or not, and with `do=receive` hands it in."""
    application = own(user_of(request), pk)
    if request.method == "POST":
        return _post(request, application)
    may_edit = application.state in OPEN_STATES
    if application.state == ApplicationState.FORM or (may_edit and "edit" in request.GET):
        return _form(request, application, applications.standing(application))
    context = {
        **documents.context_of(request, application),
        "progress": progress_of(application),
        "steps": STEPS,
        "may_edit": may_edit,
        "reasons": application.reasons if application.active_at is None else [],
        "facts": _facts(application, _quote(applications.standing(application))),
    }
    return render(request, "eligibility/dealer/progress.html", context)


def _post(request: HttpRequest, application: Application) -> HttpResponse:
    user, address, now = user_of(request), audit.address_of(request), timezone.now()
    try:
        saved = applications.save(
            application.pk, edits_of(request.POST), visit=_visit(request), by=user, address=address, now=now
        )
    except ApplicationRefused as refused:
        messages.error(request, refused.message)
        return redirect("eligibility:dealer_form", application.pk)
    if saved.conflicts:
        return _form(request, saved.application, saved.standing, conflicts=saved.conflicts)
    if request.POST.get("do") != "receive":
        messages.success(
            request, "저장했습니다. 아직 접수 전입니다." if not application.received_at else "저장했습니다."
        )
        edit = "?edit=1" if saved.application.state != ApplicationState.FORM else ""
        return redirect(reverse("eligibility:dealer_form", args=[application.pk]) + edit)
    try:
        applications.receive(application.pk, by=user, address=address, now=now)
    except ApplicationRefused as refused:
        application.refresh_from_db()
        return _form(request, application, applications.standing(application), refused=refused)
    messages.success(request, "접수했습니다.")
    return redirect("eligibility:dealer_form", application.pk)


def edits_of(posted: QueryDict) -> list[Edit]:
    """Every field of the form that was on the page, as it was typed; several answers joined by commas."""
    given = posted.get("revision", "")
    base = int(given) if given.isascii() and given.isdecimal() and len(given) < _LONGEST_KEY else 0
    return [
        Edit(name, ",".join(part for part in posted.getlist(name) if part), base)
        for name in LABELS
        if name in posted
    ]


def _form(
    request: HttpRequest,
    application: Application,
    standing: Standing,
    *,
    conflicts: Sequence[Conflict] = (),
    refused: ApplicationRefused | None = None,
) -> HttpResponse:
    values = standing.reading.values
    problems: Mapping[str, str] = {**standing.problems, **(refused.fields if refused else {})}
    customer = bool(form_checks.shops_of_business(application, values.business_number)) or values.second_shop
    known = bool(values.ksic and values.annual_revenue is not None) or refused is not None
    context: dict[str, Any] = {
        **documents.context_of(request, application),
        "parts": [
            (title, fields_of(names, application.form, values, problems, customer=customer))
            for title, names in PARTS
        ],
        "wrong": [(name, LABELS[name]) for name in LABELS if refused and name in problems],
        "refused": refused.message if refused else "",
        # What is not filled in yet stands at its field, and is no reason to refuse anybody.
        "reasons": [each for each in standing.decision.reasons if each.code not in _NOT_TYPED]
        if known and not standing.decision.eligible
        else (),
        "eligible": known and standing.decision.eligible,
        "conflicts": [(LABELS[each.field], each) for each in conflicts],
        "industries": sorted(ksic.INDUSTRIES.values(), key=lambda industry: industry.name),
        "quote": _quote(standing),
        "visit": _visit(request),
        "received": application.state != ApplicationState.FORM,
    }
    status = 409 if conflicts else 422 if refused else 200
    return render(request, "eligibility/dealer/form.html", context, status=status)


def _quote(standing: Standing) -> Quote | None:
    """What the form's choice costs a month as agreed today; None for what is not sold."""
    values = standing.reading.values
    try:
        return price_list.catalogue().quote(
            values.product, values.term_months, values.bundle, kst_day(timezone.now())
        )
    except NotSold:
        return None


def _facts(application: Application, quoted: Quote | None) -> list[tuple[str, str]]:
    """What was handed in, short."""
    term = f"{application.term_months}개월 약정" if application.term_months else "무약정"
    bundle = application.get_bundle_display() if application.bundle != Bundle.NONE else ""
    number = business_number.hyphenate(application.business_number)
    mobile, line = application.owner_mobile, application.line_number
    found = [
        ("대표자", f"{application.owner_name} {phone.mask(mobile) if mobile else ''}".strip()),
        ("사업자등록번호", f"{number} · {application.get_registry_display()}" if number else ""),
        ("매장 전화", phone.hyphenate(line) if line else ""),
        ("상품", " · ".join(part for part in (application.get_product_display(), term, bundle) if part)),
        ("월 요금", f"{format_won(quoted.monthly_krw)}(부가세 포함)" if quoted else ""),
        ("접수", format_moment(application.received_at) if application.received_at else ""),
        ("개통", format_moment(application.active_at) if application.active_at else ""),
    ]
    return [(label, value) for label, value in found if value]


def _visit(request: HttpRequest) -> str:
    """One open page of the form; what is typed into it never meets itself as another's change."""
    given = request.POST.get("visit", "")
    return given if given.isalnum() and len(given) == _LONGEST_VISIT else uuid.uuid4().hex
