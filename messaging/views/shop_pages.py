"""What the small pages below the shop page share: one question with one answer, and undo of a removal."""

from collections.abc import Callable
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from messaging.views.pages import ShopPage
from shopmsg.accounts import audit
from shopmsg.core.errors import ShopmsgError

TAB: Final = "shop"
_UNDO: Final = "shop_undo"


def ask(
    request: HttpRequest,
    page: ShopPage,
    form: forms.Form,
    save: Callable[[dict[str, Any]], str],
    *,
    title: str,
    fields: dict[str, str],
    lead: str = "",
    submit: str = "저장하기",
    back: str = "messaging:shop_info",
    back_label: str = "가게",
    **more: Any,
) -> HttpResponse:
    """One question: shown, or answered by `save`, which returns the sentence for the person and may raise our errors.

    `fields` says to which field the error of a code belongs; `back` is where the answer leads.
    """
    if request.method == "POST" and form.is_valid():
        try:
            said = save(form.cleaned_data)
        except ShopmsgError as refused:
            form.add_error(fields.get(refused.code, next(iter(form.fields))), refused.message)
            more["offers"] = getattr(refused, "offers", [])
        else:
            messages.success(request, said)
            return redirect(back, page.shop.slug)
    context = page.context(
        TAB,
        form=form,
        title=title,
        lead=lead,
        submit=submit,
        back_url=reverse(back, args=[page.shop.slug]),
        back_label=back_label,
        **more,
    )
    return render(request, "messaging/owner/shop/ask.html", context)


def back_to(page: ShopPage, name: str, where: str) -> HttpResponse:
    """Back to the list, at the row where the thumb was."""
    return redirect(f"{reverse(name, args=[page.shop.slug])}#{where}")


def offer_undo(request: HttpRequest, what: str, token: str, sentence: str) -> None:
    """The next page of this list offers to put back what was removed. The token waits in the session."""
    request.session[_UNDO] = {"what": what, "token": token, "sentence": sentence}


def put_back(
    request: HttpRequest,
    page: ShopPage,
    restore: Callable[..., Any],
    said: Callable[[Any], str],
    *,
    back: str,
) -> HttpResponse:
    """Undo of a removal: `restore` is the list's verb, `said` the sentence for what it put back, `back` the list."""
    try:
        row = restore(
            page.shop, request.POST.get("undo", ""), by=page.user, address=audit.address_of(request)
        )
    except ShopmsgError as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, said(row))
    return redirect(back, page.shop.slug)


def undo_of(request: HttpRequest, what: str) -> dict[str, str] | None:
    """What can be put back here, once."""
    kept = request.session.get(_UNDO)
    if not isinstance(kept, dict) or kept.get("what") != what:
        return None
    del request.session[_UNDO]
    return kept
