"""The owner's lists of people: opt-outs to look at, blocks to keep."""

from typing import Final
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from messaging import blocks as block_list
from messaging.models import Block
from messaging.queries.people import block_row, blocks_page, optouts_page
from messaging.settings_forms import BlockForm
from messaging.views.block_uploads import way_back
from messaging.views.pages import LAST4_ERROR, key_of, last4_of, open_page
from shopmsg.accounts import audit
from shopmsg.accounts.access import owner_required

_UNDO: Final = "block_undo"


@never_cache
@owner_required
@require_safe
def optouts(request: HttpRequest, slug: str) -> HttpResponse:
    """Who does not want this shop's messages; nobody but the person can change that."""
    page = open_page(request, slug)
    last4, typed = last4_of(request)
    before = key_of(request)
    found = optouts_page(page.shop, last4=last4, before=before)
    kept = {"last4": last4} if last4 else {}
    context = page.context(
        "settings",
        rows=found.rows,
        last4=last4,
        typed=typed,
        search_error=LAST4_ERROR if typed and not last4 else "",
        first_url=f"?{urlencode(kept)}" if before is not None else "",
        older_url=f"?{urlencode({**kept, 'before': found.older})}" if found.older else "",
    )
    return render(request, "messaging/owner/optouts.html", context)


@never_cache
@owner_required
@sensitive_post_parameters("number")
@require_http_methods(["GET", "HEAD", "POST"])
def blocks(request: HttpRequest, slug: str) -> HttpResponse:
    """The block list, and the form that adds to it."""
    page = open_page(request, slug, edit=request.method == "POST")
    form = BlockForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            block_list.add(
                page.shop,
                form.cleaned_data["number"],
                form.memo(),
                by=page.user,
                address=audit.address_of(request),
            )
        except block_list.BlockRefused as refusal:
            form.add_error("number", refusal.message)
        else:
            messages.success(request, "차단했어요. 이 번호에는 문자를 보내지 않아요.")
            return redirect("messaging:blocks", page.shop.slug)
    search = request.GET.get("q", "").strip()[:30]
    before = key_of(request)
    found = blocks_page(page.shop, search=search, before=before)
    kept = {"q": search} if search else {}
    context = page.context(
        "settings",
        rows=found.rows,
        total=found.total,
        search=search,
        form=form,
        undo=request.session.pop(_UNDO, "") if page.can_edit and request.method != "POST" else "",
        upload_undo=way_back(request, page.shop) if page.can_edit else "",
        first_url=f"?{urlencode(kept)}" if before is not None else "",
        older_url=f"?{urlencode({**kept, 'before': found.older})}" if found.older else "",
    )
    return render(request, "messaging/owner/blocks.html", context)


@never_cache
@owner_required
@require_http_methods(["GET", "HEAD", "POST"])
def remove_block(request: HttpRequest, slug: str, block_id: int) -> HttpResponse:
    """Asks once, then takes the number off the list; the list offers to put it back."""
    page = open_page(request, slug, edit=True)
    block = get_object_or_404(Block.objects.select_related("shop"), pk=block_id, shop=page.shop)
    if request.method == "POST":
        # The undo token waits in the session, not in an address; it holds the number sealed.
        request.session[_UNDO] = block_list.remove(block, by=page.user, address=audit.address_of(request))
        return redirect("messaging:blocks", page.shop.slug)
    row = block_row(block)
    context = page.context(
        "settings",
        action=reverse("messaging:block_remove", args=[page.shop.slug, block.pk]),
        cancel_url=reverse("messaging:blocks", args=[page.shop.slug]),
        facts=[
            ("번호", row.number),
            ("메모", row.label or "없음"),
            ("어떻게 되나요?", "이 번호와 통화가 끝나면 다시 문자가 나가요."),
        ],
    )
    return render(request, "messaging/owner/block_remove.html", context)


@never_cache
@owner_required
@require_POST
def restore_block(request: HttpRequest, slug: str) -> HttpResponse:
    """Undo of a removal."""
    page = open_page(request, slug, edit=True)
    try:
        block_list.restore(
            page.shop, request.POST.get("undo", ""), by=page.user, address=audit.address_of(request)
        )
    except block_list.BlockRefused as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, "되돌렸어요. 이 번호는 다시 차단되어 있어요.")
    return redirect("messaging:blocks", page.shop.slug)
