"""가게 사진: the list, and one photo. Uploading is messaging:picture_upload's; what it stored is put up here."""

import re
from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from messaging.homepage import photos as album
from messaging.homepage.shelf import HomepageRefused
from messaging.models import Picture, ShopPhoto
from messaging.shop_forms import CaptionForm
from messaging.views.media import small_url
from messaging.views.pages import ShopPage, open_page
from messaging.views.shop_pages import TAB, ask, back_to, offer_undo, put_back, undo_of
from shopmsg.accounts import audit
from shopmsg.accounts.access import owner_required

_STORED: Final = re.compile(r"stored:([0-9]{1,18})")


@never_cache
@owner_required
@require_safe
def shop_photos(request: HttpRequest, slug: str) -> HttpResponse:
    """The shop's photos; `?picture=stored:<id>` is one just uploaded without a script, still to be put up."""
    page = open_page(request, slug)
    rows = list(ShopPhoto.objects.filter(shop=page.shop).select_related("picture"))
    fresh = _picture(page, request.GET.get("picture", "")) if page.can_edit else None
    context = page.context(
        TAB,
        photos=[(small_url(row.picture), row) for row in rows],
        full=len(rows) >= album.MOST,
        most=album.MOST,
        fresh=fresh,
        fresh_url=small_url(fresh) if fresh else "",
        undo=undo_of(request, "photo"),
    )
    return render(request, "messaging/owner/shop/photos.html", context)


@never_cache
@owner_required
@require_POST
def photo_add(request: HttpRequest, slug: str) -> HttpResponse:
    """Put up a stored picture."""
    page = open_page(request, slug, edit=True)
    picture = _picture(page, request.POST.get("picture", ""))
    if picture is None:
        messages.error(request, "사진을 다시 골라 주세요.")
        return redirect("messaging:shop_photos", page.shop.slug)
    try:
        photo = album.add(page.shop, picture, by=page.user, address=audit.address_of(request))
    except HomepageRefused as refused:
        messages.error(request, refused.message)
        return redirect("messaging:shop_photos", page.shop.slug)
    messages.success(request, "사진을 올렸어요. 홈페이지에 바로 나와요.")
    return back_to(page, "messaging:shop_photos", f"photo-{photo.pk}")


@never_cache
@owner_required
@require_http_methods(["GET", "HEAD", "POST"])
def photo(request: HttpRequest, slug: str, photo_id: int) -> HttpResponse:
    """What one photo shows."""
    page = open_page(request, slug, edit=True)
    row = get_object_or_404(ShopPhoto.objects.select_related("shop", "picture"), pk=photo_id, shop=page.shop)
    form = CaptionForm(request.POST or None, initial={"caption": row.caption})

    def save(answer: dict[str, Any]) -> str:
        album.describe(row, answer["caption"], by=page.user, address=audit.address_of(request))
        return "사진 설명을 바꿨어요."

    return ask(
        request,
        page,
        form,
        save,
        title="사진 설명",
        fields={},
        back="messaging:shop_photos",
        back_label="사진",
        picture=row.picture,
        picture_url=small_url(row.picture),
    )


@never_cache
@owner_required
@require_POST
def photo_do(request: HttpRequest, slug: str, photo_id: int) -> HttpResponse:
    """`action`: up, down, remove."""
    page = open_page(request, slug, edit=True)
    row = get_object_or_404(ShopPhoto.objects.select_related("shop"), pk=photo_id, shop=page.shop)
    match request.POST.get("action"):
        case "up" | "down" as way:
            album.move(row, up=way == "up")
            return back_to(page, "messaging:shop_photos", f"photo-{row.pk}")
        case "remove":
            token = album.remove(row, by=page.user, address=audit.address_of(request))
            offer_undo(request, "photo", token, "사진을 내렸어요.")
    return redirect("messaging:shop_photos", page.shop.slug)


@never_cache
@owner_required
@require_POST
def photo_undo(request: HttpRequest, slug: str) -> HttpResponse:
    """Undo of a removal."""
    page = open_page(request, slug, edit=True)
    return put_back(
        request, page, album.restore, lambda _: "사진을 되돌렸어요.", back="messaging:shop_photos"
    )


def _picture(page: ShopPage, value: str) -> Picture | None:
    """The shop's stored picture that "stored:<id>" names."""
    found = _STORED.fullmatch(value)
    return Picture.objects.filter(shop=page.shop, pk=int(found[1])).first() if found else None
