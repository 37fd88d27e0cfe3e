"""A login link lets one owner in once; whoever only looks at it uses nothing up."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection, transaction
from django.test import Client

from messaging import notices
from messaging.models import Message
from shopmsg.accounts import login_links, numbers
from shopmsg.accounts.enums import MemberRole, NoticeKind, Role
from shopmsg.accounts.errors import LoginRefused
from shopmsg.accounts.models import AuditEntry, LoginLink, Membership, Notice, Shop, User
from tests.accounts.logged_in import staff_client
from tests.factories.accounts import ShopFactory, StaffFactory, UserFactory
from tests.factories.messaging import promo_version

NOW = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)


def owned_shop() -> tuple[Shop, User]:
    shop, owner = ShopFactory(), UserFactory()
    Membership.objects.create(shop=shop, user=owner, role=MemberRole.OWNER)
    return shop, owner


def sent(shop: Shop, owner: User, now: datetime = NOW) -> str:
    """The path of the link an owner was texted."""
    login_links.send(owner, shop, by=StaffFactory(), address=None, now=now)
    link = str(Notice.objects.filter(kind=NoticeKind.LOGIN_LINK).latest("pk").fields["link"])
    return "/in/" + link.partition("/in/")[2]


@pytest.mark.django_db
def test_looking_at_the_link_uses_nothing_up_and_the_button_lets_in_once() -> None:
    shop, owner = owned_shop()
    with time_machine.travel(NOW):
        path = sent(shop, owner)
        for _ in range(3):
            assert shop.name in Client().get(path).content.decode()
            assert Client().head(path).status_code == 200
        phone = Client()
        answer = phone.post(path)
        assert answer["Location"] == f"/start/?shop={shop.slug}"
        assert phone.get(answer["Location"])["Location"] == f"/shops/{shop.slug}/promo/"

        again = Client().post(path)
        assert again.status_code == 410
        assert "이미 썼거나" in again.content.decode()
        assert phone.get(path)["Location"] == "/start/"
    assert set(AuditEntry.objects.values_list("action", flat=True)) == {"login.link_sent", "login.owner"}


@pytest.mark.django_db
def test_a_shop_whose_callers_get_something_opens_with_its_day() -> None:
    shop, owner = owned_shop()
    promo_version(shop, live=True)
    phone = Client()
    phone.force_login(owner)
    assert phone.get("/start/")["Location"] == f"/shops/{shop.slug}/"


@pytest.mark.django_db
def test_a_link_is_worth_nothing_after_a_week_a_newer_link_or_a_new_number() -> None:
    shop, owner = owned_shop()
    token = sent(shop, owner).strip("/").partition("/")[2]
    assert login_links.find(token, NOW + timedelta(days=7) - timedelta(seconds=1)) is not None
    assert login_links.find(token, NOW + timedelta(days=7)) is None

    newer = sent(shop, owner, NOW + timedelta(hours=1)).strip("/").partition("/")[2]
    assert login_links.find(token, NOW + timedelta(hours=2)) is None
    assert login_links.find(newer, NOW + timedelta(hours=2)) is not None

    admin = StaffFactory(role=Role.ADMIN)
    numbers.change_mobile(
        owner,
        "01077778888",
        by=admin,
        proof="신분증과 사업자등록증 대조",
        address=None,
        now=NOW + timedelta(hours=3),
    )
    assert login_links.find(newer, NOW + timedelta(hours=4)) is None


@pytest.mark.django_db
def test_the_token_is_kept_nowhere_once_the_text_has_left() -> None:
    shop, owner = owned_shop()
    path = sent(shop, owner)
    token = path.strip("/").partition("/")[2]
    assert token not in LoginLink.objects.get().token_hash
    notices.take(NOW)
    assert Notice.objects.get().fields == {}
    text = Message.objects.get().text
    assert path in text
    assert not text.startswith("(광고)")


@pytest.mark.django_db
def test_only_an_owner_of_that_shop_gets_a_link_and_five_a_day() -> None:
    shop, owner = owned_shop()
    agent = StaffFactory()
    colleague = UserFactory()
    Membership.objects.create(shop=shop, user=colleague, role=MemberRole.EDITOR)
    for person in (colleague, UserFactory(), agent):
        with pytest.raises(LoginRefused) as refused:
            login_links.send(person, shop, by=agent, address=None, now=NOW)
        assert refused.value.code == "not_owner"
    for _ in range(5):
        login_links.send(owner, shop, by=agent, address=None, now=NOW)
    with pytest.raises(LoginRefused) as refused:
        login_links.send(owner, shop, by=agent, address=None, now=NOW)
    assert refused.value.code == "too_often"


@pytest.mark.django_db(transaction=True)
def test_two_phones_pressing_at_once_let_one_in() -> None:
    shop, owner = owned_shop()
    token = sent(shop, owner).strip("/").partition("/")[2]

    def press(_: int) -> bool:
        try:
            login_links.use(token, NOW)
        except LoginRefused:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(8) as phones:
        assert sum(phones.map(press, range(8))) == 1


@pytest.mark.django_db(transaction=True)
def test_two_links_sent_at_once_leave_one_that_lets_in() -> None:
    shop, owner = owned_shop()
    sent(shop, owner)
    agent = StaffFactory()
    with ThreadPoolExecutor(2) as desks:
        with transaction.atomic():
            LoginLink.objects.select_for_update().get()
            both = [
                desks.submit(_closing, login_links.send, owner, shop, by=agent, address=None, now=NOW)
                for _ in range(2)
            ]
            _until_waiting(2)
        for one in both:
            one.result(20)
    assert LoginLink.objects.filter(used_at__isnull=True, expires_at__gt=NOW).count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_link_made_void_while_it_is_pressed_lets_nobody_in() -> None:
    shop, owner = owned_shop()
    token = sent(shop, owner).strip("/").partition("/")[2]
    with ThreadPoolExecutor(1) as phone:
        with transaction.atomic():
            login_links.void(owner, NOW)
            pressed = phone.submit(_closing, login_links.use, token, NOW)
            _until_waiting(1)
        with pytest.raises(LoginRefused):
            pressed.result(20)


def _closing(act: Callable[..., object], *args: object, **more: object) -> object:
    try:
        return act(*args, **more)
    finally:
        connection.close()


def _until_waiting(people: int) -> None:
    until = time.monotonic() + 10
    while time.monotonic() < until:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0] >= people:
                return
        time.sleep(0.02)
    raise AssertionError("nobody waits")


@pytest.mark.django_db
def test_the_desk_sends_a_link_after_saying_to_whom() -> None:
    shop, owner = owned_shop()
    desk = staff_client(StaffFactory())
    address = f"/staff/numbers/{owner.pk}/link/"
    page = desk.get(address, {"shop": shop.slug}).content.decode()
    assert owner.name in page
    assert not LoginLink.objects.exists()

    assert desk.post(address, {"shop": shop.slug})["Location"] == f"/staff/numbers/{owner.pk}/"
    assert LoginLink.objects.get().user == owner
    assert "마지막 발송" in desk.get(f"/staff/numbers/{owner.pk}/").content.decode()
    assert desk.get(address, {"shop": ShopFactory().slug}).status_code == 404
    assert desk.get(address, {"shop": "\x00"}).status_code == 404
    assert Client().get(address)["Location"].startswith("/staff/login/")
