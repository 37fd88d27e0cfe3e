"""메뉴와 가격: the list, and one item."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from messaging.homepage import menu as menus
from messaging.models import MenuItem
from messaging.shop_forms import MenuItemForm
from messaging.views.pages import open_page
from messaging.views.shop_pages import TAB, ask, back_to, offer_undo, put_back, undo_of
from shopmsg.accounts import audit
from shopmsg.accounts.access import owner_required


@never_cache
@owner_required
@require_safe
def shop_menu(request: HttpRequest, slug: str) -> HttpResponse:
    """What the shop sells."""
    page = open_page(request, slug)
    items = list(MenuItem.objects.filter(shop=page.shop))
    context = page.context(
        TAB, items=items, full=len(items) >= menus.MOST, most=menus.MOST, undo=undo_of(request, "menu")
    )
    return render(request, "messaging/owner/shop/menu.html", context)


@never_cache
@owner_required
@require_http_methods(["GET", "HEAD", "POST"])
def menu_add(request: HttpRequest, slug: str) -> HttpResponse:
    """A new item; "save and one more" keeps the form open."""
    page = open_page(request, slug, edit=True)
    form = MenuItemForm(request.POST or None)

    def save(answer: dict[str, Any]) -> str:
        item = menus.add(page.shop, **answer, by=page.user, address=audit.address_of(request))
        return f"‘{item.name}’ 올렸어요."

    return ask(
        request,
        page,
        form,
        save,
        title="메뉴 올리기",
        submit="올리기",
        fields={"price": "price", "note": "note"},
        back="messaging:menu_add" if request.POST.get("then") == "more" else "messaging:shop_menu",
        back_label="메뉴",
        again="올리고 하나 더",
    )


@never_cache
@owner_required
@require_http_methods(["GET", "HEAD", "POST"])
def menu_item(request: HttpRequest, slug: str, item_id: int) -> HttpResponse:
    """Other words or another price for one item."""
    page = open_page(request, slug, edit=True)
    item = get_object_or_404(MenuItem.objects.select_related("shop"), pk=item_id, shop=page.shop)
    price = "" if item.price is None else f"{item.price:,}"
    form = MenuItemForm(request.POST or None, initial={"name": item.name, "price": price, "note": item.note})

    def save(answer: dict[str, Any]) -> str:
        menus.change(item, **answer, by=page.user, address=audit.address_of(request))
        return f"‘{item.name}’ 바꿨어요."

    return ask(
        request,
        page,
        form,
        save,
        title="메뉴 고치기",
        fields={"price": "price", "note": "note"},
        back="messaging:shop_menu",
        back_label="메뉴",
    )


@never_cache
@owner_required
@require_POST
def menu_do(request: HttpRequest, slug: str, item_id: int) -> HttpResponse:
    """`action`: up, down, sold_out, in_stock, remove."""
    page = open_page(request, slug, edit=True)
    item = get_object_or_404(MenuItem.objects.select_related("shop"), pk=item_id, shop=page.shop)
    match request.POST.get("action"):
        case "up" | "down" as way:
            menus.move(item, up=way == "up")
            return back_to(page, "messaging:shop_menu", f"item-{item.pk}")
        case "sold_out" | "in_stock" as state:
            menus.set_sold_out(item, state == "sold_out")
            return back_to(page, "messaging:shop_menu", f"item-{item.pk}")
        case "remove":
            token = menus.remove(item, by=page.user, address=audit.address_of(request))
            offer_undo(request, "menu", token, f"‘{item.name}’ 지웠어요.")
    return redirect("messaging:shop_menu", page.shop.slug)


@never_cache
@owner_required
@require_POST
def menu_undo(request: HttpRequest, slug: str) -> HttpResponse:
    """Undo of a removal."""
    page = open_page(request, slug, edit=True)
    return put_back(
        request, page, menus.restore, lambda item: f"‘{item.name}’ 되돌렸어요.", back="messaging:shop_menu"
    )
