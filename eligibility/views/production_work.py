"""One application before its producer: what the owner told, what callers get, what is asked, and what to do next."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from eligibility import activation, production, reviews
from eligibility.applications import CONTENT_PROMISE
from eligibility.enums import ApplicationState, ContentState
from eligibility.errors import ApplicationRefused
from eligibility.form import industry_name, read
from eligibility.models import Application
from eligibility.production import CallOutcome
from eligibility.queries import production as queries
from eligibility.review_screen import Screen, screen_of
from eligibility.views import production_parts as parts
from eligibility.views.access import draft_picture
from eligibility.views.production import PRODUCTION_ROLES
from shopmsg.accounts import audit, delegations
from shopmsg.accounts.access import staff_required, user_of
from shopmsg.core.clock import format_moment
from shopmsg.core.errors import ShopmsgError
from shopmsg.core.money import format_won
from shopmsg.core.phone import hyphenate


@never_cache
@staff_required(*PRODUCTION_ROLES)
@require_safe
def work(request: HttpRequest, pk: int) -> HttpResponse:
    """The page."""
    return _page(request, _application_or_404(request, pk))


@staff_required(*PRODUCTION_ROLES)
@require_safe
@cache_control(private=True, max_age=3600)
def picture(request: HttpRequest, pk: int) -> HttpResponse:
    """The draft's picture; its address changes with what is drawn."""
    return draft_picture(_application_or_404(request, pk))


@never_cache
@staff_required(*PRODUCTION_ROLES)
@require_POST
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """시안 고치기: to the owner's editor, in their place."""
    application = _application_or_404(request, pk)
    try:
        delegation = production.take_up(
            pk,
            return_to=reverse("eligibility:production_work", args=[pk]),
            by=user_of(request),
            address=audit.address_of(request),
            now=timezone.now(),
        )
    except ShopmsgError as refused:
        return _page(request, application, problem=refused.message, status=409)
    return redirect("messaging:promo", delegation.shop.slug)


@never_cache
@staff_required(*PRODUCTION_ROLES)
@require_POST
def send(request: HttpRequest, pk: int) -> HttpResponse:
    """시안 보내기: the link is texted to the owner; one sent before is void."""
    return _done(request, pk, "사장님 휴대폰으로 시안 문자를 보냈습니다.", reviews.send)


@never_cache
@staff_required(*PRODUCTION_ROLES)
@require_POST
def call(request: HttpRequest, pk: int) -> HttpResponse:
    """전화 결과: `outcome` and a `note`; then the page with 되돌리기."""
    application = _application_or_404(request, pk)
    outcome, note = request.POST.get("outcome", ""), request.POST.get("note", "")
    if outcome not in CallOutcome.values:
        return _page(request, application, call_problem="통화 결과를 골라 주세요.", note=note, status=422)
    try:
        noted = production.note_try(
            pk,
            answered=outcome != CallOutcome.MISSED,
            changes=outcome == CallOutcome.CHANGES,
            note=note,
            by=user_of(request),
            address=audit.address_of(request),
            now=timezone.now(),
        )
    except ApplicationRefused as refused:
        return _page(
            request, application, call_problem=refused.message, outcome=outcome, note=note, status=422
        )
    return redirect(f"{_address(pk)}?{urlencode({'undo': noted.undo})}")


@never_cache
@staff_required(*PRODUCTION_ROLES)
@require_POST
def call_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """되돌리기 of a call that was noted."""
    application = _application_or_404(request, pk)
    try:
        production.take_back(
            request.POST.get("undo", ""), by=user_of(request), address=audit.address_of(request)
        )
    except ApplicationRefused as refused:
        return _page(request, application, problem=refused.message, status=409)
    messages.success(request, "전화 기록을 지웠습니다.")
    return redirect("eligibility:production_work", pk)


@never_cache
@staff_required(*PRODUCTION_ROLES)
@require_http_methods(["GET", "HEAD", "POST"])
def first(request: HttpRequest, pk: int) -> HttpResponse:
    """먼저 개통: asked once, with what happens, when, what it costs and how it ends."""
    if request.method == "POST":
        said = "먼저 개통을 시작했습니다. 시안은 확정될 때까지 ‘확인 대기’에 남습니다."
        return _done(request, pk, said, activation.activate_first)
    application = _application_or_404(request, pk)
    if not _may_go_first(application):
        return redirect("eligibility:production_work", pk)
    screen = screen_of(application, timezone.now())
    context = {
        "application": application,
        "name": parts.name_of(application),
        "facts": [
            ("가게", parts.name_of(application)),
            ("연락", f"답 없는 연락 {len(production.unanswered(application))}번"),
            ("손님이 받을 문자", "이달의 인사와 업종 기본 그림. 시안은 나가지 않음"),
            ("언제부터", "통화연결음 안내와 발신번호가 준비되는 대로 저절로"),
            ("요금", _price(screen)),
            ("사장님께", "개통되면 환영 문자 한 통"),
            ("그만두려면", "개통한 뒤에는 해지로만 끝남. 시안은 확정될 때까지 ‘확인 대기’에 남음"),
        ],
    }
    return render(request, "eligibility/production/first.html", context)


def _application_or_404(request: HttpRequest, pk: int) -> Application:
    received = Application.objects.visible_to(user_of(request)).filter(received_at__isnull=False)
    return get_object_or_404(queries.in_order(received).select_related("shop__merchant", "dealership"), pk=pk)


def _page(
    request: HttpRequest,
    application: Application,
    *,
    problem: str = "",
    call_problem: str = "",
    outcome: str = "",
    note: str = "",
    status: int = 200,
) -> HttpResponse:
    now = timezone.now()
    making = application.state in production.MAKING and application.content != ContentState.CONFIRMED
    screen = screen_of(application, now)
    newest = application.reviews.order_by("-pk").first()
    asked = parts.asked_of(newest) if application.content == ContentState.CHANGES else None
    draft = getattr(application.shop, "draft", None)
    link, link_note = parts.link_words(newest if making else None, draft.updated_at if draft else None, now)
    picture_url = reverse("eligibility:production_picture", args=[application.pk])
    before, after = queries.neighbours(application.pk)
    missing = activation.tries_missing(application)
    context = {
        "application": application,
        "name": parts.name_of(application),
        "trade": industry_name(application.ksic),
        "chips": parts.chips_of(application, getattr(application, "due", None), now),
        "working": _working(request, application, now),
        "making": making,
        "phone": parts.marked_phone(
            screen,
            marks=asked["marks"] if asked else (),
            now=now,
            picture_url=f"{picture_url}?{urlencode({'seal': screen.picture_seal})}",
        ),
        "asked": asked,
        "sent": newest is not None,
        "edits_first": _edits_first(application, draft.updated_at if draft else None),
        "running": making and application.state in parts.RUNNING,
        "link": link,
        "link_note": link_note,
        "facts": _facts(application),
        "told": read(application.form).values.note,
        "tries": parts.tried_steps(application),
        "outcomes": CallOutcome.choices,
        "outcome": outcome,
        "note": note,
        "note_length": production.NOTE_LENGTH,
        "problem": problem,
        "call_problem": call_problem,
        "undo": request.GET.get("undo", ""),
        "missing": missing,
        "may_go_first": _may_go_first(application),
        "unchecked": application.state == ApplicationState.RECEIVED,
        "before_url": _address(before) if before else "",
        "after_url": _address(after) if after else "",
    }
    return render(request, "eligibility/production/work.html", context, status=status)


def _edits_first(application: Application, changed_at: datetime | None) -> bool:
    """Whether what was asked for has not been written yet."""
    due: datetime | None = getattr(application, "due", None)
    if application.content != ContentState.CHANGES or due is None:
        return False
    return changed_at is None or changed_at <= due - CONTENT_PROMISE


def _working(request: HttpRequest, application: Application, now: datetime) -> list[str]:
    """Who else of us is at it, and whether it is oneself."""
    if application.shop is None:
        return []
    running = delegations.running(application.shop, now)
    mine = [each for each in running if each.staff_id == user_of(request).pk]
    own = [f"내가 작업 중, {delegations.time_left(each, now)} 남음" for each in mine]
    return own + [parts.at_it(each, now) for each in running if each not in mine]


def _facts(application: Application) -> list[tuple[str, str]]:
    came = application.dealership.name if application.dealership else application.get_source_display()
    received = format_moment(application.received_at) if application.received_at else "–"
    return [
        ("업종", industry_name(application.ksic) or application.get_kind_display()),
        ("영업시간", application.hours or "듣지 못함"),
        ("주소", application.address or "듣지 못함"),
        ("매장 전화", hyphenate(application.line_number) if application.line_number else "–"),
        ("접수", f"{received} · {came}"),
    ]


def _may_go_first(application: Application) -> bool:
    eligible = application.state == ApplicationState.ELIGIBLE
    unconfirmed = application.content != ContentState.CONFIRMED
    return eligible and unconfirmed and not activation.tries_missing(application)


def _price(screen: Screen) -> str:
    if screen.terms is None:
        return "신청서의 요금을 확인해야 함"
    free = "첫 달 무료, 그 뒤 " if screen.terms.first_month_free else ""
    term = f" · {screen.terms.term_months}개월 약정" if screen.terms.term_months else " · 약정 없음"
    return f"{free}한 달 {format_won(screen.terms.monthly_krw)}{term}"


def _done(request: HttpRequest, pk: int, said: str, verb: Callable[..., Any]) -> HttpResponse:
    application = _application_or_404(request, pk)
    try:
        verb(pk, by=user_of(request), address=audit.address_of(request), now=timezone.now())
    except ShopmsgError as refused:
        return _page(request, application, problem=refused.message, status=409)
    messages.success(request, said)
    return redirect("eligibility:production_work", pk)


def _address(pk: int) -> str:
    return reverse("eligibility:production_work", args=[pk])
