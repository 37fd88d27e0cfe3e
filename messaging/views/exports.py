"""The list of calls as a file: who takes whole numbers along says why, and it is written down."""

from contextlib import ExitStack
from datetime import timedelta
from tempfile import TemporaryFile
from typing import Final, cast

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from messaging import exports
from messaging.calls_forms import ExportForm, last_days
from messaging.queries.numbers import calls_between
from messaging.views.pages import ShopPage, open_page
from shopmsg.accounts import audit, throttle
from shopmsg.accounts.access import owner_required
from shopmsg.core.clock import kst_day

_FILES_AN_HOUR: Final = 20


@never_cache
@owner_required
@require_http_methods(["GET", "HEAD", "POST"])
def export(request: HttpRequest, slug: str) -> HttpResponse:
    """The form, and with a POST the file. Who may only look gets the file with masked numbers."""
    page = open_page(request, slug, edit=request.POST.get("numbers") == "whole")
    if request.method != "POST":
        first, last = last_days(kst_day(timezone.now()))
        return _form(request, page, ExportForm(initial={"first": first, "last": last}))
    form = ExportForm(request.POST)
    if not form.is_valid():
        return _form(request, page, form)
    first, last = form.period()
    calls = calls_between(page.shop.pk, first, last)
    if calls > exports.MOST_ROWS:
        form.add_error(
            "last",
            f"이 기간에는 통화가 {calls:,}건 있어요. 한 번에 {exports.MOST_ROWS:,}건까지 받을 수 있으니 기간을 줄여 주세요.",
        )
        return _form(request, page, form)
    if not throttle.allow(
        "export", str(page.user.pk), capacity=_FILES_AN_HOUR, per=timedelta(hours=1), now=timezone.now()
    ):
        form.add_error(None, "파일을 한 시간에 너무 많이 받으셨어요. 조금 뒤에 다시 눌러 주세요.")
        return _form(request, page, form)
    return _file(request, page, form) or _form(request, page, form)


def _form(request: HttpRequest, page: ShopPage, form: ExportForm) -> HttpResponse:
    return render(request, "messaging/owner/export.html", page.context("calls", form=form))


def _file(request: HttpRequest, page: ShopPage, form: ExportForm) -> HttpResponse | None:
    """The file; None, and why at the form, when it would be empty."""
    first, last = form.period()
    with ExitStack() as closing:
        file = closing.enter_context(TemporaryFile())
        rows = exports.write_calls(
            page.shop, first, last, timezone.now(), whole_numbers=form.whole_numbers, to=file
        )
        if not rows:
            form.add_error("last", "이 기간에는 통화가 없어요. 날짜를 넓혀 보세요.")
            return None
        if form.whole_numbers:
            audit.record(
                "calls.exported",
                actor=page.user,
                shop=page.shop,
                subject=f"shop:{page.shop.pk}",
                reason=form.reason(),
                detail={"first": first.isoformat(), "last": last.isoformat(), "rows": rows},
                address=audit.address_of(request),
            )
        # From here on the response closes it, once it is sent.
        closing.pop_all()
    file.seek(0)
    answer = FileResponse(
        file,
        as_attachment=True,
        filename=exports.file_name(page.shop, first, last),
        content_type=exports.CONTENT_TYPE,
    )
    # The door (accounts.access) knows pages; a streamed file goes through it all the same.
    return cast(HttpResponse, answer)
