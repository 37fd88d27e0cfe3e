"""The verbs of an opt-out: at once, for good, undone only by the person."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connections
from pytest_django.fixtures import Settings

from messaging import optouts
from messaging.enums import Channel, MessageKind, MessageState, OptOutSource, Priority
from messaging.links import new_token
from messaging.models import Message, OptOut
from shopmsg.accounts.enums import NoticeKind
from shopmsg.accounts.models import Notice, Shop
from shopmsg.accounts.sealing import keyring
from shopmsg.core.clock import kst_day
from tests.factories.accounts import ShopFactory
from tests.services import OPTOUT_080
from tests.telephone import Telephone, opt_out

CALLER = "01012345678"
NOW = datetime(2026, 11, 22, 16, 30, tzinfo=UTC)  # 01:30 of the 23rd in Korea


def message_to(shop: Shop, number: str = CALLER) -> Message:
    return Message.objects.create(
        created_at=NOW,
        shop=shop,
        kind=MessageKind.PROMO,
        priority=Priority.PROMO,
        channel=Channel.MMS,
        state=MessageState.DELIVERED,
        day=kst_day(NOW),
        sender="0212345678",
        recipient_sealed=keyring().seal(number),
        recipient_index=keyring().index(number),
        text="(광고)",
        token=new_token(),
        release_at=NOW,
        expires_at=NOW + timedelta(hours=2),
    )


def is_out(shop: Shop, number: str = CALLER) -> bool:
    return optouts.is_opted_out(shop.pk, keyring().index(number))


@pytest.mark.django_db
def test_the_link_refuses_its_own_shop_for_its_own_person_and_nobody_else() -> None:
    shop, neighbour = ShopFactory(), ShopFactory()
    message = message_to(shop)
    assert optouts.opt_out_by_link(message, NOW) is True
    assert is_out(shop)
    assert not is_out(neighbour)
    assert not is_out(shop, "01012345679")
    assert OptOut.objects.get().source == OptOutSource.LINK


@pytest.mark.django_db
def test_refusing_again_changes_nothing_and_the_result_is_told_once() -> None:
    shop = ShopFactory()
    message = message_to(shop)
    optouts.opt_out_by_link(message, NOW)
    assert optouts.opt_out_by_link(message, NOW + timedelta(days=1)) is False
    assert optouts.opt_out([shop.pk], CALLER, OptOutSource.GATEWAY, NOW, NOW + timedelta(days=2)) == 0
    assert (OptOut.objects.get().at, OptOut.objects.get().source) == (NOW, OptOutSource.LINK)
    notice = Notice.objects.get()
    assert notice.kind == NoticeKind.OPTOUT_RESULT
    assert notice.fields == {"shop": shop.name, "date": "11월 23일(월)"}
    assert notice.expires_at == NOW + timedelta(days=14)


@pytest.mark.django_db
def test_only_the_persons_own_word_brings_messages_back_and_each_word_is_told() -> None:
    shop = ShopFactory()
    message = message_to(shop)
    assert optouts.resubscribe(message, NOW) is False
    optouts.opt_out_by_link(message, NOW)
    assert optouts.resubscribe(message, NOW + timedelta(hours=1)) is True
    assert not is_out(shop)
    assert OptOut.objects.get().ended_at == NOW + timedelta(hours=1)
    assert optouts.opt_out_by_link(message, NOW + timedelta(hours=2)) is True
    assert is_out(shop)
    kinds = list(Notice.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds == [NoticeKind.OPTOUT_RESULT, NoticeKind.RESUBSCRIBE_RESULT, NoticeKind.OPTOUT_RESULT]


@pytest.mark.django_db
def test_one_persons_word_brings_back_nobody_else_and_no_other_shop() -> None:
    shop, neighbour = ShopFactory(), ShopFactory()
    for store in (shop, neighbour):
        optouts.opt_out([store.pk], CALLER, OptOutSource.CALL_080, NOW, NOW)
        optouts.opt_out([store.pk], "01099998888", OptOutSource.CALL_080, NOW, NOW)
    optouts.resubscribe(message_to(shop), NOW)
    assert not is_out(shop)
    assert is_out(neighbour)
    assert is_out(shop, "01099998888")


@pytest.mark.django_db
def test_no_later_event_undoes_a_refusal() -> None:
    shop = ShopFactory(optout_080=OPTOUT_080)
    optouts.opt_out([shop.pk], CALLER, OptOutSource.GATEWAY, NOW, NOW)
    phone = Telephone()
    phone.optouts(opt_out(CALLER), opt_out(CALLER, at=NOW - timedelta(days=400)))
    phone.call(shop.lines.get().number, CALLER)
    assert is_out(shop)
    assert OptOut.objects.get().ended_at is None


@pytest.mark.django_db
def test_a_link_whose_number_was_destroyed_refuses_nobody() -> None:
    message = message_to(ShopFactory())
    Message.objects.filter(pk=message.pk).update(recipient_sealed=None, recipient_index=b"")
    message.refresh_from_db()
    assert optouts.opt_out_by_link(message, NOW) is False
    assert optouts.resubscribe(message, NOW) is False
    assert not OptOut.objects.exists()


@pytest.mark.django_db
def test_a_refusal_survives_a_change_of_the_index_key(settings: Settings) -> None:
    shop = ShopFactory()
    message = message_to(shop)
    optouts.opt_out_by_link(message, NOW)
    new_key = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
    settings.INDEX_KEYS = [f"2:{new_key}", *settings.INDEX_KEYS]
    assert optouts.opt_out_by_link(message, NOW) is False
    assert OptOut.objects.count() == 1
    assert optouts.resubscribe(message, NOW) is True
    assert not OptOut.objects.filter(ended_at__isnull=True).exists()


@pytest.mark.django_db
def test_nothing_of_an_opt_out_holds_the_number() -> None:
    optouts.opt_out([ShopFactory().pk], CALLER, OptOutSource.LINK, NOW, NOW)
    row = OptOut.objects.values().get()
    assert row["last4"] == "5678"
    assert CALLER not in repr(row)
    assert CALLER.encode() not in bytes(row["recipient_index"])


@pytest.mark.django_db(transaction=True)
def test_refusing_at_once_from_many_sides_is_one_refusal_and_one_notice() -> None:
    shop = ShopFactory()
    barrier = threading.Barrier(6)

    def refuse(_: int) -> int:
        barrier.wait()
        try:
            return optouts.opt_out([shop.pk], CALLER, OptOutSource.CALL_080, NOW, NOW)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(refuse, range(6))) == 1
    assert OptOut.objects.count() == Notice.objects.count() == 1
