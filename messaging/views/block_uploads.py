"""Many numbers for the block list at once: a file or pasted lines, what could not be taken, and the way back."""

from io import BytesIO
from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from messaging import block_uploads, blocks
from messaging.settings_forms import BlockUploadForm
from messaging.views.pages import open_page
from shopmsg.accounts import audit
from shopmsg.accounts.access import owner_required
from shopmsg.accounts.models import Shop
from shopmsg.core.spreadsheets import SpreadsheetRefused, rows

_UNDO: Final = "block_upload_undo"
_ERRORS_SHOWN: Final = 50
_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@never_cache
@owner_required
@sensitive_post_parameters("pasted")
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest, slug: str) -> HttpResponse:
    """The form; after a POST what was taken, and row by row what was not."""
    page = open_page(request, slug, edit=True)
    form = BlockUploadForm(*((request.POST, request.FILES) if request.method == "POST" else ()))
    outcome = None
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            read = (
                block_uploads.of_file(rows(file, file.size))
                if file
                else block_uploads.of_text(form.cleaned_data["pasted"])
            )
        except SpreadsheetRefused as refusal:
            form.add_error("file" if file else "pasted", refusal.message)
        else:
            outcome = block_uploads.block_all(
                page.shop, read, form.cleaned_data["tag"], by=page.user, address=audit.address_of(request)
            )
            if outcome.undo:
                # The sealed way back of the last upload waits in the session.
                request.session[_UNDO] = {"shop": page.shop.pk, "token": outcome.undo}
            # Lines that were taken need not be seen again, and a file cannot be.
            form = BlockUploadForm(initial={"tag": form.cleaned_data["tag"]})
    context = page.context(
        "settings",
        form=form,
        outcome=outcome,
        errors=outcome.errors[:_ERRORS_SHOWN] if outcome else (),
        more_errors=max(0, len(outcome.errors) - _ERRORS_SHOWN) if outcome else 0,
    )
    return render(request, "messaging/owner/block_upload.html", context)


@never_cache
@owner_required
@require_POST
def take_back(request: HttpRequest, slug: str) -> HttpResponse:
    """All of the last upload off the list again."""
    page = open_page(request, slug, edit=True)
    try:
        removed = block_uploads.take_back(
            page.shop, request.POST.get("undo", ""), by=page.user, address=audit.address_of(request)
        )
    except blocks.BlockRefused as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, f"올린 번호 {removed:,}개를 다시 풀었어요. 이제 이 번호에도 문자가 나가요.")
    if way_back(request, page.shop):
        del request.session[_UNDO]
    return redirect("messaging:blocks", page.shop.slug)


def way_back(request: HttpRequest, shop: Shop) -> str:
    """The token that undoes the last upload, when it was one to this shop's list; "" otherwise."""
    kept = request.session.get(_UNDO)
    return str(kept["token"]) if isinstance(kept, dict) and kept.get("shop") == shop.pk else ""


@never_cache
@owner_required
@require_safe
def sample(request: HttpRequest, slug: str) -> HttpResponse:
    """An empty list to fill in, whose number column is text so that no leading zero is lost."""
    # Half a second of modules that only this needs.
    from openpyxl import Workbook

    open_page(request, slug)
    book = Workbook()
    sheet = book.active
    if sheet is None:
        raise RuntimeError("a new workbook has a sheet")
    sheet.title = "차단 목록"
    sheet.append(("휴대폰", "메모"))
    sheet.column_dimensions["A"].width = 20
    sheet.column_dimensions["B"].width = 30
    for number in range(1, 501):
        sheet.cell(row=number, column=1).number_format = "@"
    file = BytesIO()
    book.save(file)
    response = HttpResponse(file.getvalue(), content_type=_XLSX)
    response["Content-Disposition"] = (
        "attachment; filename*=UTF-8''%EC%B0%A8%EB%8B%A8%20%EB%AA%A9%EB%A1%9D.xlsx"
    )
    return response
