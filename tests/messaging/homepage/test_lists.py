"""The homepage's lists: ceilings, orders, undo, and what is written down."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from messaging.homepage import announcements, menu, photos
from messaging.homepage.shelf import HomepageRefused
from messaging.models import Announcement, MenuItem, Picture, ShopPhoto
from shopmsg.accounts import audit
from shopmsg.accounts.models import AuditEntry, Shop, User
from shopmsg.core.clock import kst_day
from tests.factories.accounts import ShopFactory, UserFactory

pytestmark = pytest.mark.django_db


def picture(shop: Shop, number: int) -> Picture:
    name = f"{number:064x}"
    return Picture.objects.create(shop=shop, sha256=name, file=f"pictures/{name}.jpg", width=1000, height=750)


def add_dish(shop: Shop, by: User, number: int) -> MenuItem:
    return menu.add(shop, name=f"메뉴 {number}", price="1000", note="", by=by, address=None)


def add_photo(shop: Shop, by: User, number: int) -> ShopPhoto:
    return photos.add(shop, picture(shop, number), by=by, address=None)


def add_notice(shop: Shop, by: User, number: int) -> Announcement:
    today = kst_day(timezone.now())
    return announcements.add(
        shop, text=f"공지 {number}", starts_on=None, ends_on=today, today=today, by=by, address=None
    )


LISTS = [
    (menu, add_dish, MenuItem),
    (photos, add_photo, ShopPhoto),
    (announcements, add_notice, Announcement),
]
Add = Callable[[Shop, User, int], Any]


@pytest.mark.parametrize(("kept", "add", "model"), LISTS)
def test_a_full_list_takes_nothing_more_not_even_by_undo(kept: Any, add: Add, model: Any) -> None:
    shop, other, by = ShopFactory(), ShopFactory(), UserFactory()
    first = add(shop, by, 0)
    token = kept.remove(first, by=by, address=None)
    for number in range(1, kept.MOST + 1):
        add(shop, by, number)
    for more in (lambda: add(shop, by, 99), lambda: kept.restore(shop, token, by=by, address=None)):
        with pytest.raises(HomepageRefused) as refused:
            more()
        assert refused.value.code == "full"
    assert model.objects.filter(shop=shop).count() == kept.MOST
    add(other, by, 0)


@pytest.mark.parametrize(("kept", "add", "model"), LISTS)
def test_undo_is_for_ten_minutes_for_its_shop_and_for_its_list(kept: Any, add: Add, model: Any) -> None:
    shop, other, by = ShopFactory(), ShopFactory(), UserFactory()
    token = kept.remove(add(shop, by, 0), by=by, address=None)
    strange = next(each for each, _, _ in LISTS if each is not kept)
    for wrong in (
        lambda: kept.restore(other, token, by=by, address=None),
        lambda: strange.restore(shop, token, by=by, address=None),
        lambda: kept.restore(shop, token + "x", by=by, address=None),
    ):
        with pytest.raises(HomepageRefused):
            wrong()
    with (
        time_machine.travel(timezone.now() + timedelta(minutes=11), tick=False),
        pytest.raises(HomepageRefused),
    ):
        kept.restore(shop, token, by=by, address=None)
    back = kept.restore(shop, token, by=by, address=None)
    assert model.objects.get().pk == back.pk
    assert audit.verify() is None
    assert [action.partition(".")[2] for action in _actions()] == ["added", "removed", "restored"]


@pytest.mark.parametrize(("kept", "add", "model"), LISTS)
def test_undo_tapped_twice_puts_back_one(kept: Any, add: Add, model: Any) -> None:
    shop, by = ShopFactory(), UserFactory()
    token = kept.remove(add(shop, by, 0), by=by, address=None)
    first, second = (kept.restore(shop, token, by=by, address=None) for _ in range(2))
    assert first.pk == second.pk == model.objects.get().pk
    assert [action.partition(".")[2] for action in _actions()] == ["added", "removed", "restored"]


def _actions() -> list[str]:
    return list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))


def test_order_survives_moves_at_the_ends_and_rows_at_the_same_place() -> None:
    shop, by = ShopFactory(), UserFactory()
    dishes = [add_dish(shop, by, number) for number in range(4)]
    MenuItem.objects.filter(shop=shop).update(position=0)
    menu.move(dishes[0], up=True)
    menu.move(dishes[3], up=False)
    menu.move(dishes[3], up=True)
    assert list(MenuItem.objects.filter(shop=shop)) == [dishes[0], dishes[1], dishes[3], dishes[2]]
    gone = MenuItem.objects.get(pk=dishes[1].pk)
    menu.remove(dishes[1], by=by, address=None)
    menu.move(gone, up=True)
    assert list(MenuItem.objects.filter(shop=shop)) == [dishes[0], dishes[3], dishes[2]]


@pytest.mark.parametrize(
    ("name", "note", "code"), [("", "", "name"), (" \n ", "", "name"), ("가" * 41, "", "name"), ("무", "가" * 61, "note")]
)  # fmt: skip
def test_a_dish_needs_a_name_and_short_words(name: str, note: str, code: str) -> None:
    with pytest.raises(HomepageRefused) as refused:
        menu.add(ShopFactory(), name=name, price="", note=note, by=UserFactory(), address=None)
    assert refused.value.code == code
    assert not MenuItem.objects.exists()


def test_words_are_kept_composed_and_on_one_line() -> None:
    decomposed = "\u110e\u1175\u110f\u1175\u11ab"
    dish = menu.add(
        ShopFactory(), name=f" {decomposed}\n반  반 ", price="", note="", by=UserFactory(), address=None
    )
    assert dish.name == "치킨 반 반"


def test_a_picture_of_another_shop_or_of_nobody_is_no_photo_here() -> None:
    shop, other, by = ShopFactory(), ShopFactory(), UserFactory()
    drawn = Picture.objects.create(sha256="f" * 64, file="pictures/x.jpg", width=1, height=1)
    for foreign in (picture(other, 1), drawn):
        with pytest.raises(HomepageRefused) as refused:
            photos.add(shop, foreign, by=by, address=None)
        assert refused.value.code == "foreign"
