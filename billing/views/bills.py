"""청구서: an owner's bills, one of them with a sentence for each amount, as a file to keep, and what was paid for it. Staff
open the same bill by its number."""

from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import content_disposition_header, urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from billing import bill_pdf
from billing.bill import Bill
from billing.bill_sheet import carried_words
from billing.models import Invoice
from billing.queries import bills as queries
from billing.views.pages import MoneyPage, open_money
from shopmsg.accounts.access import owner_required, staff_required
from shopmsg.accounts.enums import Role
from shopmsg.core.clock import kst_day
from shopmsg.core.money import format_won

#: What anybody looks for by: more than a number has.
_LONGEST_SEARCH = 40


@never_cache
@owner_required
@require_safe
def bills(request: HttpRequest, slug: str) -> HttpResponse:
    """The shop's bills, newest first; `?q=` finds by month or number, `?page=` turns."""
    page = open_money(request, slug)
    words = request.GET.get("q", "").strip()[:_LONGEST_SEARCH]
    wanted = request.GET.get("page", "")
    number = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 5 else 1
    listed = queries.listed(page.shop, words, number, kst_day(timezone.now()))
    balance = queries.balance_of(page.shop)
    context = page.context(
        listed=listed,
        words=words,
        newer_url=_page_url(words, listed.newer),
        older_url=_page_url(words, listed.older),
        where=f"{listed.first}–{listed.last} / {listed.found}" if listed.newer or listed.older else "",
        owed_krw=max(0, balance),
        credit_words=f"남아 있는 {format_won(-balance)}은 다음 요금에서 빼 드려요." if balance < 0 else "",
    )
    return render(request, "billing/owner/bills.html", context)


@never_cache
@owner_required
@require_safe
def bill(request: HttpRequest, slug: str, number: str) -> HttpResponse:
    """One bill; a number that is not this shop's is 404."""
    page = open_money(request, slug)
    found = _bill_or_404(page, number)
    return render(request, "billing/owner/bill.html", page.context(**_shown(found, "")))


@never_cache
@owner_required
@require_safe
def bill_pdf_file(request: HttpRequest, slug: str, number: str) -> HttpResponse:
    """The bill as a file, named by its shop and month."""
    page = open_money(request, slug)
    return _file(_bill_or_404(page, number), page.shop.name)


@never_cache
@owner_required
@require_safe
def receipt(request: HttpRequest, slug: str, number: str) -> HttpResponse:
    """납부 확인: what came in for the bill, by day and way."""
    page = open_money(request, slug)
    found = _bill_or_404(page, number)
    return render(request, "billing/owner/receipt.html", page.context(**_shown(found, "")))


@never_cache
@staff_required(Role.AGENT, Role.ADMIN)
@require_safe
def staff_bill(request: HttpRequest, number: str) -> HttpResponse:
    """Any shop's bill, as its owner sees it."""
    try:
        shop, found = queries.bill_by_number(number)
    except Invoice.DoesNotExist:
        raise Http404 from None
    return render(request, "billing/staff/bill.html", {"of_shop": shop, **_shown(found, "staff_")})


@never_cache
@staff_required(Role.AGENT, Role.ADMIN)
@require_safe
def staff_bill_pdf(request: HttpRequest, number: str) -> HttpResponse:
    """The file of it."""
    try:
        shop, found = queries.bill_by_number(number)
    except Invoice.DoesNotExist:
        raise Http404 from None
    return _file(found, shop.name)


def _bill_or_404(page: MoneyPage, number: str) -> Bill:
    try:
        return queries.bill_for(page.shop, number)
    except Invoice.DoesNotExist:
        raise Http404 from None


def _shown(found: Bill, whose: str) -> dict[str, Any]:
    """What the templates say beside the bill; `whose` is "" for the owner's pages, "staff_" for staff's."""
    today = kst_day(timezone.now())
    return {
        "bill": found,
        "headline": found.headline,
        "tone": found.tone(today),
        "late": bool(found.left_krw) and found.due_on < today,
        "chip": found.chip(today),
        "carried_words": carried_words(found.carried_krw),
        "bill_page": f"billing:{whose}bill",
        "card_receipts": any(payment.receipt_url for payment in found.payments),
    }


def _file(found: Bill, shop_name: str) -> HttpResponse:
    name = content_disposition_header(True, f"{shop_name} {found.title} {found.number}.pdf")
    headers = {"Content-Disposition": name or "attachment"}
    return HttpResponse(
        bill_pdf.pdf_of(found), status=HTTPStatus.OK, content_type="application/pdf", headers=headers
    )


def _page_url(words: str, number: int) -> str:
    if not number:
        return ""
    asked = {"q": words} if words else {}
    return f"?{urlencode({**asked, 'page': str(number)})}"
