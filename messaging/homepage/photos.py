"""가게 사진: the shop's own pictures, in the owner's order."""

from typing import Final

from django.db import transaction

from messaging.homepage import shelf
from messaging.homepage.shelf import HomepageRefused
from messaging.models import Picture, ShopPhoto
from shopmsg.accounts.models import Shop, User

MOST: Final = 12
CAPTION_LENGTH: Final = 60


def add(shop: Shop, picture: Picture, *, by: User, address: str | None) -> ShopPhoto:
    """A stored picture of this shop, at the end. Raises HomepageRefused."""
    if picture.shop_id != shop.pk:
        raise HomepageRefused("foreign", "이 사진은 쓸 수 없어요. 사진을 다시 골라 주세요.")
    with transaction.atomic():
        shelf.lock(shop)
        rows = ShopPhoto.objects.filter(shop=shop)
        if rows.filter(picture=picture).exists():
            raise HomepageRefused("already", "이미 올린 사진이에요. 다른 사진을 골라 주세요.")
        shelf.refuse_full(rows, MOST, "사진은")
        photo = ShopPhoto.objects.create(shop=shop, picture=picture, position=shelf.end_of(rows))
        shelf.write_down("photo.added", shop, f"photo:{photo.pk}", by=by, address=address)
    return photo


def describe(photo: ShopPhoto, caption: str, *, by: User, address: str | None) -> bool:
    """What the picture shows, also for who cannot see it. False when nothing changed. Raises HomepageRefused."""
    caption = shelf.one_line(caption, CAPTION_LENGTH, "caption", "사진 설명은")
    with transaction.atomic():
        changed = ShopPhoto.objects.filter(pk=photo.pk).exclude(caption=caption).update(caption=caption)
        if changed:
            shelf.write_down("photo.described", photo.shop, f"photo:{photo.pk}", by=by, address=address)
    photo.caption = caption
    return changed == 1


def move(photo: ShopPhoto, *, up: bool) -> None:
    """One place up or down."""
    with transaction.atomic():
        shelf.lock(photo.shop)
        shelf.shift(photo, ShopPhoto.objects.filter(shop=photo.shop), up=up)


def remove(photo: ShopPhoto, *, by: User, address: str | None) -> str:
    """Take it off the homepage; returns a token with which `restore` puts it back for ten minutes."""
    fields = {
        "id": photo.pk,
        "picture_id": photo.picture_id,
        "caption": photo.caption,
        "position": photo.position,
    }
    with transaction.atomic():
        removed, _ = ShopPhoto.objects.filter(pk=photo.pk).delete()
        if removed:
            shelf.write_down("photo.removed", photo.shop, f"photo:{photo.pk}", by=by, address=address)
    return shelf.undo_token("photo", photo.shop, fields)


def restore(shop: Shop, token: str, *, by: User, address: str | None) -> ShopPhoto:
    """Undo of a removal, where it stood. Raises HomepageRefused."""
    fields = shelf.undone("photo", shop, token)
    photo: ShopPhoto
    with transaction.atomic():
        shelf.lock(shop)
        rows = shop.photos.all()
        if rows.filter(picture_id=fields["picture_id"]).exclude(pk=fields["id"]).exists():
            raise HomepageRefused("already", "이미 올린 사진이에요.")
        photo, anew = shelf.put_back(shop, rows, fields, MOST, "사진은")
        if anew:
            shelf.write_down("photo.restored", shop, f"photo:{photo.pk}", by=by, address=address)
    return photo
