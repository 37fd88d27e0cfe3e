"""요금표 (admins): what holds, held and is announced; a new price looked at before it is announced; one that is taken back."""

from http import HTTPStatus
from typing import Any, Final

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from billing import price_list
from billing.catalogue import Bands, Catalogue, NotSold, PlanPrice, Price, UsagePrice
from billing.enums import UsageKind
from billing.models import CatalogueKind, CatalogueRow
from billing.price_forms import form_for
from billing.price_list import AnnouncementRefused, Row
from billing.queries import price_effect
from billing.queries import prices as queries
from billing.queries.price_effect import Effect
from billing.reminders import PRICE
from shopmsg.accounts import audit
from shopmsg.accounts.access import staff_required, user_of
from shopmsg.accounts.enums import Role
from shopmsg.core.clock import format_day, kst_day

#: The order of the page.
_KINDS: Final = (CatalogueKind.PRICE, CatalogueKind.PLAN, CatalogueKind.USAGE)


@never_cache
@staff_required(Role.ADMIN)
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The whole price list; `?page=` turns what held before."""
    found = queries.everything(kst_day(timezone.now()))
    page = Paginator(found.past, queries.PAGE).get_page(request.GET.get("page"))
    context = {
        "coming": found.coming,
        "groups": [(kind.label, found.now[kind]) for kind in _KINDS],
        "bands": found.now[CatalogueKind.BANDS][0],
        "page": page,
        "newer_url": f"?page={page.previous_page_number()}" if page.has_previous() else "",
        "older_url": f"?page={page.next_page_number()}" if page.has_next() else "",
    }
    return render(request, "billing/staff/prices.html", context)


@never_cache
@staff_required(Role.ADMIN)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, kind: str, code: str = "") -> HttpResponse:
    """Announce what follows: typed, looked at (POST), announced (POST with `confirmed`); POST with `edit` goes back to what was
    typed."""
    now, held = timezone.now(), price_list.catalogue()
    previous = _held_now(held, kind, code, now)
    form = form_for(previous, request.POST if request.method == "POST" else None, kst_day(now))
    context: dict[str, Any] = {"form": form, "label": queries.label_of(previous), "kind": kind}
    template = (
        "billing/staff/price_bands.html" if kind == CatalogueKind.BANDS else "billing/staff/price_new.html"
    )
    if request.method != "POST" or "edit" in request.POST:
        return render(request, template, context)
    if form.is_valid():
        row, source = form.row(), form.cleaned_data["source"]
        try:
            if "confirmed" not in request.POST:
                price_list.check(row, source, now)
                return _preview(request, row, held, context)
            with transaction.atomic():
                price_list.announce(
                    row, source=source, by=user_of(request), address=audit.address_of(request), now=now
                )
        except AnnouncementRefused as refused:
            form.refuse(refused.code, refused.message)
        else:
            messages.success(
                request, f"{queries.label_of(row)}: {queries.dated(row.effective_from)}부터로 예고했습니다."
            )
            return redirect("billing:prices")
    return render(request, template, context, status=HTTPStatus.UNPROCESSABLE_ENTITY)


@never_cache
@staff_required(Role.ADMIN)
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """예고 거두기: asks once. Announcing it again is the way back."""
    kept = get_object_or_404(CatalogueRow, pk=pk)
    if request.method == "POST":
        try:
            price_list.withdraw(
                pk, by=user_of(request), address=audit.address_of(request), now=timezone.now()
            )
        except AnnouncementRefused as refused:
            messages.error(request, refused.message)
        else:
            messages.success(request, "예고를 거뒀습니다. 다시 예고하면 되살아납니다.")
        return redirect("billing:prices")
    row = price_list.row_of(kept.kind, kept.code, kept.effective_from, kept.source, kept.data)
    told = price_effect.told_of(kept.code, kept.effective_from) if kept.code else 0
    facts = [
        ("무엇", queries.label_of(row)),
        ("시작하는 날", queries.dated(kept.effective_from)),
        ("거두면", "그날이 되어도 지금 요금 그대로"),
        ("이미 알린 가게", f"{told:,}곳. 거둔 일은 따로 알리지 않음" if told else "없음"),
        ("되돌리기", "다시 예고하기"),
    ]
    return render(request, "billing/staff/price_withdraw.html", {"title": "예고 거두기", "facts": facts})


def _preview(request: HttpRequest, row: Row, held: Catalogue, context: dict[str, Any]) -> HttpResponse:
    today = kst_day(timezone.now())
    effect = price_effect.effect_of(row, held, today)
    form = context["form"]
    context |= {
        "begins": queries.dated(row.effective_from),
        "changes": queries.differences(price_list.before(row, held), row),
        "effect": effect,
        "facts": [*_facts(row, effect, today), ("근거", form.cleaned_data["source"])],
        "hidden": [(name, value) for name in form.fields for value in form.data.getlist(name) if value],
    }
    return render(request, "billing/staff/price_preview.html", context)


def _facts(row: Row, effect: Effect, today: Any) -> list[tuple[str, str]]:
    facts = [("언제부터", queries.dated(row.effective_from))]
    if isinstance(row, Bands):
        facts.append(("이미 한 약정", f"{effect.kept:,}곳은 그대로. 약정한 날의 표가 끝까지 감"))
        facts.append(("새로 하는 약정", "그날부터 이 표로"))
    elif isinstance(row, Price):
        facts.append(("이미 한 약정", f"{effect.kept:,}곳은 약정이 끝날 때까지 그대로"))
        facts.append(("새로 하는 약정", "그날부터 새 금액으로"))
    if effect.tell_on is None:
        facts.append(("알림", "문자로 알리지 않음"))
    elif effect.tell_on > today:
        facts.append(
            ("알림", f"{format_day(effect.tell_on)}, {PRICE}일 전에 내는 금액이 달라지는 사장님께 문자로")
        )
    else:
        left = (row.effective_from - today).days
        facts.append(("알림", f"바로 문자로. {PRICE}일 전이어야 하는데 {left}일 남았음"))
    if effect.following is not None:
        facts.append(("그 뒤", f"{queries.dated(effect.following)}부터는 이미 예고한 금액"))
    facts.append(("되돌리기", "시작하기 전날까지 거둘 수 있음. 시작하면 새로 예고만 가능"))
    return facts


def _held_now(held: Catalogue, kind: str, code: str, now: Any) -> Row:
    """What holds today. Raises Http404 for what is not sold, and for what is agreed per merchant."""
    today = kst_day(now)
    found: Price | PlanPrice | UsagePrice | Bands
    try:
        match kind:
            case CatalogueKind.PRICE:
                found = held.price_of(code, today)
            case CatalogueKind.PLAN:
                found = held.plan_of(code, today)
            case CatalogueKind.USAGE:
                found = held.usage_of(code, today)
                if UsageKind(code) in queries.AGREED:
                    raise Http404
            case CatalogueKind.BANDS if not code:
                found = held.bands_on(today)
            case _:
                raise Http404
    except NotSold:
        raise Http404 from None
    return found
