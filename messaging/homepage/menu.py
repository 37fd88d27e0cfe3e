"""메뉴와 가격: what the shop sells, in the owner's order."""

from typing import Any, Final

from django.db import transaction

from messaging.homepage import shelf
from messaging.homepage.shelf import HomepageRefused
from messaging.models import MenuItem
from shopmsg.accounts.models import Shop, User
from shopmsg.core.money import MoneyRefused, parse_won

MOST: Final = 60
MOST_WON: Final = 99_999_999
NAME_LENGTH: Final = 40
NOTE_LENGTH: Final = 60


def add(shop: Shop, *, name: str, price: str, note: str, by: User, address: str | None) -> MenuItem:
    """A new item at the end. `price` is as typed, "" for an item shown without one. Raises HomepageRefused."""
    fields = _read(name, price, note)
    with transaction.atomic():
        shelf.lock(shop)
        rows = MenuItem.objects.filter(shop=shop)
        shelf.refuse_full(rows, MOST, "메뉴는")
        item = MenuItem.objects.create(shop=shop, position=shelf.end_of(rows), **fields)
        shelf.write_down("menu.added", shop, f"menu:{item.pk}", by=by, address=address, after=fields)
    return item


def change(item: MenuItem, *, name: str, price: str, note: str, by: User, address: str | None) -> bool:
    """Other words or another price. False when nothing changed. Raises HomepageRefused."""
    fields = _read(name, price, note)
    with transaction.atomic():
        shelf.lock(item.shop)
        before = {field: getattr(item, field) for field in fields}
        if before == fields or not MenuItem.objects.filter(pk=item.pk).update(**fields):
            return False
        shelf.write_down(
            "menu.changed",
            item.shop,
            f"menu:{item.pk}",
            by=by,
            address=address,
            before=before,
            after=fields,
        )
    item.refresh_from_db(fields=list(fields))
    return True


def move(item: MenuItem, *, up: bool) -> None:
    """One place up or down."""
    with transaction.atomic():
        shelf.lock(item.shop)
        shelf.shift(item, MenuItem.objects.filter(shop=item.shop), up=up)


def set_sold_out(item: MenuItem, sold_out: bool) -> None:
    """품절: shown, and said to be out."""
    MenuItem.objects.filter(pk=item.pk).update(sold_out=sold_out)
    item.sold_out = sold_out


def remove(item: MenuItem, *, by: User, address: str | None) -> str:
    """Take it off; returns a token with which `restore` puts it back for ten minutes."""
    fields = {
        "id": item.pk,
        "name": item.name,
        "price": item.price,
        "note": item.note,
        "sold_out": item.sold_out,
        "position": item.position,
    }
    with transaction.atomic():
        shelf.lock(item.shop)
        removed, _ = MenuItem.objects.filter(pk=item.pk).delete()
        if removed:
            shelf.write_down(
                "menu.removed", item.shop, f"menu:{item.pk}", by=by, address=address, before=fields
            )
    return shelf.undo_token("menu", item.shop, fields)


def restore(shop: Shop, token: str, *, by: User, address: str | None) -> MenuItem:
    """Undo of a removal, where it stood. Raises HomepageRefused."""
    fields = shelf.undone("menu", shop, token)
    item: MenuItem
    with transaction.atomic():
        shelf.lock(shop)
        item, anew = shelf.put_back(shop, shop.menu.all(), fields, MOST, "메뉴는")
        if anew:
            shelf.write_down("menu.restored", shop, f"menu:{item.pk}", by=by, address=address)
    return item


def _read(name: str, price: str, note: str) -> dict[str, Any]:
    name = shelf.one_line(name, NAME_LENGTH, "name", "메뉴 이름은")
    if not name:
        raise HomepageRefused("name", "메뉴 이름이 비어 있어요. 이름을 적어 주세요.")
    try:
        won = parse_won(price, MOST_WON) if price.strip() else None
    except MoneyRefused as refused:
        raise HomepageRefused("price", refused.message) from None
    return {"name": name, "price": won, "note": shelf.one_line(note, NOTE_LENGTH, "note", "설명은")}
