"""대리점: the applications of a dealership, which sees its own and no other."""

from typing import Final
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from eligibility import applications
from eligibility.enums import ApplicationState, Source
from eligibility.errors import ApplicationRefused
from eligibility.models import Application
from eligibility.progress import progress_of
from shopmsg.accounts import audit
from shopmsg.accounts.access import staff_required, user_of
from shopmsg.accounts.enums import Role
from shopmsg.accounts.models import User
from shopmsg.core.keys import number_in

_PAGE: Final = 20
_LONGEST_QUERY: Final = 60


@never_cache
@staff_required(Role.DEALER)
@require_safe
def dealer(request: HttpRequest) -> HttpResponse:
    """The dealership's applications, newest first; `?q=` searches names and business numbers, `?before=` goes on below a
    key."""
    user = user_of(request)
    query = " ".join(request.GET.get("q", "").split())[:_LONGEST_QUERY]
    before = number_in(request.GET.get("before", ""))
    found = _search(Application.objects.visible_to(user), query).order_by("-pk")
    rows = list((found if before is None else found.filter(pk__lt=before))[: _PAGE + 1])
    kept = {"q": query} if query else {}
    context = {
        "dealership": user.dealership,
        "rows": [(row, progress_of(row)) for row in rows[:_PAGE]],
        "query": query,
        "first_url": f"?{urlencode(kept)}" if before is not None else "",
        "older_url": f"?{urlencode({**kept, 'before': rows[_PAGE - 1].pk})}" if len(rows) > _PAGE else "",
    }
    return render(request, "eligibility/dealer/list.html", context)


@never_cache
@staff_required(Role.DEALER)
@require_POST
def dealer_new(request: HttpRequest) -> HttpResponse:
    """새 신청서. One that this person has begun and left empty is used first."""
    user = user_of(request)
    blank = Application.objects.visible_to(user).filter(
        created_by=user, state=ApplicationState.FORM, form={}, documents__isnull=True
    )
    begun = blank.order_by("-pk").first()
    if begun is None:
        try:
            begun = applications.start(
                Source.DEALER, by=user, address=audit.address_of(request), now=timezone.now()
            )
        except ApplicationRefused as refused:
            messages.error(request, refused.message)
            return redirect("eligibility:dealer")
    return redirect("eligibility:dealer_form", begun.pk)


@never_cache
@staff_required(Role.DEALER)
@require_http_methods(["GET", "HEAD", "POST"])
def dealer_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """신청 취소: asked once."""
    user = user_of(request)
    application = own(user, pk)
    if request.method == "POST":
        try:
            applications.withdraw(
                application.pk,
                reason="대리점에서 취소",
                by=user,
                address=audit.address_of(request),
                now=timezone.now(),
            )
        except ApplicationRefused as refused:
            messages.error(request, refused.message)
            return redirect("eligibility:dealer_form", application.pk)
        messages.success(request, "신청을 취소했습니다.")
        return redirect("eligibility:dealer")
    context = {
        "application": application,
        "title": "이 신청을 취소할까요?",
        "facts": [
            ("신청", application.shop_name or "가게 이름 없음"),
            ("일어나는 일", "신청이 끝나고, 올린 서류는 6개월 뒤 지워집니다. 요금은 없습니다."),
            ("되돌리기", "상담원이 다시 열 수 있습니다. 1877-3592"),
        ],
        "action": reverse("eligibility:dealer_withdraw", args=[application.pk]),
        "cancel_url": reverse("eligibility:dealer_form", args=[application.pk]),
    }
    return render(request, "eligibility/dealer/withdraw.html", context)


def own(user: User, pk: int) -> Application:
    """An application of this dealer's own dealership; Http404 for every other."""
    rows = Application.objects.visible_to(user).select_related("shop", "dealership", "created_by")
    return get_object_or_404(rows, pk=pk)


def _search(rows: "QuerySet[Application]", query: str) -> "QuerySet[Application]":
    if not query:
        return rows
    number = "".join(char for char in query if char.isdigit())
    wanted = (
        Q(shop_name__icontains=query) | Q(business_name__icontains=query) | Q(owner_name__icontains=query)
    )
    if len(number) >= 3:
        wanted |= Q(business_number__startswith=number)
    return rows.filter(wanted)
