"""Staff in a shop's place open what makes content, nothing else, and only while their delegation lasts. The addresses are
walked from the URL table: one that comes later stays shut until somebody names it in messaging.views.delegated."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from messaging.editor import drafts
from messaging.gallery import Visitor, samples
from messaging.models import Announcement, DraftEdit, MenuItem, PromoVersion, Publication, ShopPhoto
from messaging.pictures_store import store
from messaging.views.delegated import LOOKED_AT, WORKED_ON
from shopmsg.accounts import delegations
from shopmsg.accounts.enums import DelegationScope, Role, ShopStatus
from shopmsg.accounts.models import AuditEntry, Delegation, Shop, User
from shopmsg.core.clock import kst_day
from tests.accounts.logged_in import staff_client
from tests.factories.accounts import ShopFactory, StaffFactory, UserFactory
from tests.factories.messaging import promo_version
from tests.markup import sound, text_of
from tests.messaging.owner_page import browser
from tests.messaging.test_rights import ADDRESSES, path_at

pytestmark = pytest.mark.django_db

_WORKED_ON = WORKED_ON[DelegationScope.CONTENT]
_LOOKED_AT = LOOKED_AT[DelegationScope.CONTENT]
#: What an address needs to be asked for before it answers.
_QUERIES = {"messaging:promo_design": "?layout=0&width=240"}


def begin(staff: User, shop: Shop, return_to: str = "/production/") -> Delegation:
    return delegations.begin(
        staff,
        shop,
        scope=DelegationScope.CONTENT,
        reason="시안 제작",
        return_to=return_to,
        address=None,
        now=timezone.now(),
    )


def furnished(**fields: object) -> Shop:
    """A shop with one row, numbered 1, in each list that has addresses of its own."""
    shop = ShopFactory(**fields)
    MenuItem.objects.create(pk=1, shop=shop, name="칼국수", price=9000, position=0)
    Announcement.objects.create(pk=1, shop=shop, text="내일 쉬어요", starts_on=kst_day(timezone.now()))
    picture = store(shop, b"jpeg", 640, 480, "0" * 64)
    ShopPhoto.objects.create(pk=1, shop=shop, picture=picture, position=0)
    promo_version(shop)
    return shop


def opens(client: Client, name: str, route: str, shop: Shop) -> set[str]:
    """The methods by which the address can be opened."""
    path = path_at(route, shop)
    if name == "messaging:gallery_picture":
        visitor = Visitor(
            ksic=shop.ksic, name=shop.name, address="", owner_name="", line="", today=kst_day(timezone.now())
        )
        path = path.replace("x.webp", f"{samples(visitor)[0].key}.webp")
    path += _QUERIES.get(name, "")
    answers = {"GET": client.get(path), "POST": client.post(path)}
    shut = {
        method
        for method, answer in answers.items()
        if answer.status_code in (404, 405)
        or answer.get("Location", "").startswith(("/login/", "/staff/login/"))
    }
    return set(answers) - shut


@pytest.mark.parametrize(("name", "route"), ADDRESSES)
def test_a_delegate_opens_exactly_what_is_named(name: str, route: str) -> None:
    shop, staff = furnished(), StaffFactory(role=Role.PRODUCER)
    begin(staff, shop)
    found = opens(staff_client(staff), name, route, shop)
    if name in _WORKED_ON:
        assert found
    elif name in _LOOKED_AT:
        assert found == {"GET"}
    else:
        assert not found


@pytest.mark.parametrize(
    "below",
    [
        "", "promo/publish/", "promo/publication/", "promo/call-back/", "promo/test/", "calls/", "numbers/", "coupons/",
        "optouts/", "blocks/", "settings/", "sending/", "people/", "staff/", "shop/address/",
    ],
)  # fmt: skip
def test_what_sends_or_tells_of_customers_or_decides_is_on_no_list(below: str) -> None:
    under = {
        name
        for name, route in ADDRESSES
        if route.startswith(f"shops/<slug:slug>/{below}") and (below or route == "shops/<slug:slug>/")
    }
    assert under
    assert not under & (_WORKED_ON | _LOOKED_AT)


def test_every_name_in_the_list_is_an_address_of_a_shop() -> None:
    assert {name for name, _ in ADDRESSES} >= (_WORKED_ON | _LOOKED_AT)
    assert not _WORKED_ON & _LOOKED_AT


@pytest.mark.parametrize("why", ["none", "ended", "two hours over", "another shop", "another's", "no TOTP"])
def test_otherwise_nothing_opens(why: str) -> None:
    shop, staff = furnished(), StaffFactory(role=Role.ADMIN)
    if why != "none":
        made = begin(
            StaffFactory() if why == "another's" else staff, ShopFactory() if why == "another shop" else shop
        )
        if why == "ended":
            delegations.end(made, by=staff, address=None, now=timezone.now())
        if why == "two hours over":
            past = timezone.now() - delegations.LASTS
            Delegation.objects.filter(pk=made.pk).update(began_at=past, ends_at=past + delegations.LASTS)
    client = browser(staff) if why == "no TOTP" else staff_client(staff)
    opened = [name for name, route in ADDRESSES if opens(client, name, route, shop)]
    assert opened == []


def test_a_shop_that_waits_and_has_nobody_yet_can_be_worked_on() -> None:
    shop, staff = (
        ShopFactory(status=ShopStatus.PENDING, line=None, optout_code=""),
        StaffFactory(role=Role.PRODUCER),
    )
    begin(staff, shop)
    client = staff_client(staff)
    page = sound(client.get(f"/shops/{shop.slug}/promo/"))
    assert "작업 마치고 돌아가기" in text_of(page)
    client.post(f"/shops/{shop.slug}/promo/save/", {"headline": "칼국수 시작했어요"})
    assert drafts.state(shop, visit="", now=timezone.now()).fields.headline == "칼국수 시작했어요"
    for path in ("promo/gallery/", "promo/versions/", "shop/", "shop/menu/"):
        assert client.get(f"/shops/{shop.slug}/{path}").status_code == 200


def test_the_editor_says_whose_shop_it_is_and_how_long_still_and_has_nothing_that_sends() -> None:
    shop, staff = ShopFactory(name="햇살치킨"), StaffFactory(role=Role.PRODUCER)
    made = begin(staff, shop)
    moved = timezone.now() - timedelta(minutes=7, seconds=30)
    Delegation.objects.filter(pk=made.pk).update(began_at=moved, ends_at=moved + delegations.LASTS)
    client = staff_client(staff)
    answer = client.get(f"/shops/{shop.slug}/promo/?edit=schedule")
    words = " ".join(text_of(sound(answer)).split())
    assert "햇살치킨 대신 작업 중 남은 시간 1시간 52분" in words
    html = answer.content.decode()
    for sends in (
        "/promo/publish/",
        "/promo/test/",
        "/promo/call-back/",
        "/promo/publication/",
        'data-edit="test"',
    ):
        assert sends not in html
    assert f'action="/staff/delegations/{made.pk}/finish/"' in html
    for shut in ("", "calls/", "settings/"):
        assert f'href="/shops/{shop.slug}/{shut}"' not in html
    assert f'href="/shops/{shop.slug}/shop/"' in html
    info = client.get(f"/shops/{shop.slug}/shop/").content.decode()
    assert "대신 작업 중" in text_of(sound(client.get(f"/shops/{shop.slug}/shop/")))
    assert f"/shops/{shop.slug}/shop/address/" not in info


def test_an_owner_sees_no_word_of_it_on_their_own_pages() -> None:
    owner, staff = UserFactory(), StaffFactory(role=Role.PRODUCER)
    shop = ShopFactory(owner=owner)
    begin(staff, shop)
    page = text_of(sound(browser(owner).get(f"/shops/{shop.slug}/promo/")))
    assert "대신 작업 중" not in page
    assert "이대로 보낼게요" in page


def test_a_version_is_looked_at_and_not_brought_back() -> None:
    shop, staff = ShopFactory(), StaffFactory(role=Role.PRODUCER)
    promo_version(shop, live=True)
    promo_version(shop)
    begin(staff, shop)
    client = staff_client(staff)
    assert "바로 되돌리기" not in text_of(sound(client.get(f"/shops/{shop.slug}/promo/versions/2/")))
    assert client.post(f"/shops/{shop.slug}/promo/versions/2/", {"to": "now"}).status_code == 404
    assert not Publication.objects.exists()
    assert PromoVersion.objects.get(shop=shop, live=True).number == 1


def test_the_draft_is_written_down_once_and_what_changes_for_customers_each_time() -> None:
    owner, staff = UserFactory(), StaffFactory(role=Role.PRODUCER, name="이제작")
    shop = ShopFactory(owner=owner)
    begin(staff, shop)
    client = staff_client(staff)
    for headline in ("하나", "둘", "셋"):
        client.post(f"/shops/{shop.slug}/promo/save/", {"headline": headline})
    for name in ("칼국수", "수제비"):
        client.post(f"/shops/{shop.slug}/shop/menu/add/", {"name": name, "price": "9000", "note": ""})
    done = AuditEntry.objects.filter(shop=shop, actor=staff).exclude(action="delegation.began")
    assert list(done.order_by("pk").values_list("action", "on_behalf_of")) == [
        ("draft.written", owner.pk),
        ("menu.added", owner.pk),
        ("menu.added", owner.pk),
    ]
    assert set(DraftEdit.objects.values_list("by", flat=True)) == {staff.pk}
    conflict = browser(owner).get(f"/shops/{shop.slug}/promo/").content.decode()
    assert "이제작" not in conflict


def test_a_script_is_told_that_the_time_is_over() -> None:
    shop, staff = ShopFactory(), StaffFactory(role=Role.PRODUCER)
    made = begin(staff, shop)
    client = staff_client(staff)
    assert "data-delegated" in client.get(f"/shops/{shop.slug}/promo/").content.decode()
    delegations.end(made, by=None, address=None, now=timezone.now())
    headers = {"Accept": "application/json"}
    for path in ("promo/save/", "pictures/"):
        assert client.post(f"/shops/{shop.slug}/{path}", headers=headers).status_code == 404
