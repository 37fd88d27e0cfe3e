"""An agent offers a change, the owner says yes on the link they were texted, and nothing else changes a contract."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier

import pytest
import time_machine
from django.db import connection
from django.test import Client

from billing import change_offers, changes, plan_change, price_list, subscriptions
from billing.change_offers import OfferRefused
from billing.enums import ChangeKind
from billing.models import ChangeOffer, OfferState, SubscriptionChange
from billing.plan_change import Wanted
from shopmsg.accounts.enums import NoticeKind, Role
from shopmsg.accounts.models import AuditEntry, Notice, Shop, User
from tests.accounts.logged_in import staff_client
from tests.factories.accounts import MembershipFactory, ShopFactory, StaffFactory, UserFactory
from tests.factories.billing import noon, subscribed
from tests.markup import sound, text_of

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 16)
NOW = noon(TODAY)
RAISE = Wanted(ChangeKind.COMMITTED, 36)


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as moment:
        yield moment


@pytest.fixture
def owner() -> User:
    return UserFactory(name="김해숙")


@pytest.fixture
def agent() -> User:
    return StaffFactory(name="박상담")


@pytest.fixture
def shop(owner: User) -> Shop:
    return committed(owner)


def committed(owner: User) -> Shop:
    shop = ShopFactory(owner=owner, name="망원치킨")
    subscribed(shop, date(2026, 1, 1), term_months=12)
    return shop


def offered(shop: Shop, by: User, wanted: Wanted = RAISE) -> str:
    """The link's path in the text of an offer made now."""
    seal = plan_change.preview(shop, wanted, NOW).seal
    change_offers.send(shop, wanted, seal=seal, by=by, address=None, now=NOW)
    return link()


def link() -> str:
    notice = Notice.objects.filter(kind=NoticeKind.CHANGE_OFFERED).latest("pk")
    return "/" + notice.fields["link"].split("/", 3)[3]


def term(shop: Shop) -> int:
    running = subscriptions.current(shop)
    assert running is not None
    return running.term_months


def seal_on(page: str) -> str:
    return page.partition('name="seal" value="')[2].partition('"')[0]


def read(path: str, status: int = 200) -> str:
    response = Client().get(path)
    assert response.status_code == status
    return " ".join(text_of(sound(response)).split())


def answer(path: str, yes: bool = True, seal: str = "") -> tuple[int, str]:
    client = Client()
    seal = seal or seal_on(client.get(path).content.decode())
    response = client.post(path, {"answer": "yes" if yes else "no", "seal": seal})
    return response.status_code, " ".join(text_of(sound(response)).split())


def test_the_owner_reads_who_what_and_how_much_and_looking_changes_nothing(shop: Shop, agent: User) -> None:
    shown = read(offered(shop, agent))
    for said in (
        "망원치킨", "상담원 박○○이 통화하면서", "지금 17,600원", "바꾸면 13,200원", "오늘 해지하면 돌려주실 돈", "약정하신 뒤에 그만두시면", "바꾸기", "그대로 두기", "1877-3592",
        "이 링크는 11월 17일(화)",
    ):  # fmt: skip
        assert said in shown
    assert term(shop) == 12
    assert ChangeOffer.objects.get().state == OfferState.SENT


def test_the_owners_yes_does_exactly_what_was_shown_in_their_name(
    shop: Shop, agent: User, owner: User
) -> None:
    path = offered(shop, agent)
    status, said = answer(path)
    assert (status, term(shop)) == (200, 36)
    assert "바꿨어요" in said
    made = SubscriptionChange.objects.latest("pk")
    assert (made.by, made.reason) == (owner, "상담 뒤 문자 링크로 확인")
    entry = AuditEntry.objects.get(action="change_offer.confirmed")
    assert (entry.actor, entry.detail["by_link"]) == (owner, True)


def test_a_yes_of_one_of_two_owners_is_nobodys_name_but_the_links(
    shop: Shop, agent: User, owner: User
) -> None:
    MembershipFactory(shop=shop, user=UserFactory())
    path = offered(shop, agent)
    assert Notice.objects.filter(kind=NoticeKind.CHANGE_OFFERED).count() == 2
    answer(path)
    assert SubscriptionChange.objects.latest("pk").by is None
    assert AuditEntry.objects.get(action="change_offer.confirmed").detail["by_link"] is True


def test_said_yes_to_twice_it_is_done_once(shop: Shop, agent: User) -> None:
    path = offered(shop, agent)
    seal = seal_on(Client().get(path).content.decode())
    answer(path, seal=seal)
    status, said = answer(path, seal=seal)
    assert (status, SubscriptionChange.objects.count()) == (200, 2)
    assert "이미 확인하셨어요" in said
    assert not re.search(r"\d원", said), "whoever holds an answered link reads no figures"


def test_a_no_leaves_everything_and_the_link_is_worth_nothing_then(shop: Shop, agent: User) -> None:
    path = offered(shop, agent)
    seal = seal_on(Client().get(path).content.decode())
    assert "그대로 두었어요" in answer(path, yes=False)[1]
    answer(path, seal=seal)
    assert term(shop) == 12
    assert ChangeOffer.objects.get().state == OfferState.DECLINED


def test_a_day_later_the_link_changes_nothing(shop: Shop, agent: User, clock: time_machine.Traveller) -> None:
    path = offered(shop, agent)
    seal = seal_on(Client().get(path).content.decode())
    clock.move_to(NOW + timedelta(hours=24))
    assert "하루가 지나서" in read(path, 410)
    assert answer(path, seal=seal)[0] == 410
    assert term(shop) == 12


def test_other_figures_than_those_of_the_call_are_said_so_and_confirmed_anew(
    shop: Shop, agent: User, clock: time_machine.Traveller
) -> None:
    path = offered(shop, agent)
    seal = seal_on(Client().get(path).content.decode())
    clock.move_to(NOW + timedelta(hours=20))
    status, said = answer(path, seal=seal)
    assert (status, term(shop)) == (409, 12)
    assert "그사이 금액이 바뀌었어요" in said
    assert answer(path)[0] == 200
    assert term(shop) == 36


def test_an_offer_the_contract_no_longer_takes_says_why_and_changes_nothing(
    shop: Shop, agent: User, owner: User
) -> None:
    path = offered(shop, agent)
    seal = seal_on(Client().get(path).content.decode())
    catalogue = price_list.catalogue()
    subscriptions.change(
        shop, lambda held, on: changes.commit(held, catalogue, 36, on), by=owner, address=None, now=NOW
    )
    assert "이미 3년 약정으로 쓰고 계세요" in read(path, 409)
    assert answer(path, seal=seal)[0] == 409
    assert SubscriptionChange.objects.count() == 2


@pytest.mark.parametrize("token", ["", "x", "a" * 22, "가나다", "../plan"])
def test_a_guessed_link_is_not_there(token: str, shop: Shop, agent: User) -> None:
    offered(shop, agent)
    assert Client().get(f"/change/{token}/").status_code == 404
    assert Client().post(f"/change/{token}/", {"answer": "yes"}).status_code == 404


def test_a_new_offer_withdraws_the_one_before(shop: Shop, agent: User) -> None:
    first = offered(shop, agent)
    second = offered(shop, agent, Wanted(ChangeKind.COMMITTED, 24))
    assert "상담원이 거둔 제안" in read(first, 410)
    assert answer(second)[0] == 200
    assert term(shop) == 24


def test_a_pause_and_a_cancellation_are_agreed_by_link_too(shop: Shop, agent: User) -> None:
    answer(offered(shop, agent, Wanted(ChangeKind.PAUSED, until=date(2026, 12, 15))))
    running = subscriptions.current(shop)
    assert running is not None
    assert running.changes.latest("number").kind == ChangeKind.PAUSED
    other = committed(UserFactory())
    path = offered(other, agent, Wanted(ChangeKind.CANCELLED, until=date(2026, 11, 30)))
    assert "해지할까요" in read(path)
    answer(path)
    ends = subscriptions.current(other)
    assert ends is not None
    assert ends.last_day == date(2026, 11, 30)


def test_staff_who_hold_the_link_can_only_look(shop: Shop, agent: User) -> None:
    path = offered(shop, agent)
    desk = staff_client(StaffFactory(role=Role.ADMIN))
    assert "바꾸기</button>" not in desk.get(path).content.decode()
    seal = plan_change.preview(shop, RAISE, NOW).seal
    assert desk.post(path, {"answer": "yes", "seal": seal}).status_code == 403
    assert term(shop) == 12


def test_a_shop_without_an_owners_account_gets_no_offer(agent: User) -> None:
    shop = ShopFactory()
    subscribed(shop, date(2026, 1, 1))
    with pytest.raises(OfferRefused, match="사장님 계정이 없습니다"):
        offered(shop, agent)


def test_the_token_is_kept_nowhere_but_in_the_text(shop: Shop, agent: User) -> None:
    token = offered(shop, agent).strip("/").split("/")[-1]
    stored = ChangeOffer.objects.get()
    assert token.encode() not in bytes(stored.token_hash)
    assert not AuditEntry.objects.filter(detail__icontains=token).exists()


@pytest.mark.django_db(transaction=True)
def test_confirmed_while_it_is_withdrawn_one_of_both_holds(agent: User, owner: User) -> None:
    shop = committed(owner)
    path = offered(shop, agent)
    offer, token = ChangeOffer.objects.get(), path.strip("/").split("/")[-1]
    seal, together = plan_change.preview(shop, RAISE, NOW).seal, Barrier(2)

    def confirm() -> str:
        try:
            together.wait(10)
            change_offers.confirm(token, seal=seal, address=None, now=NOW)
        except OfferRefused as refused:
            return refused.code
        finally:
            connection.close()
        return "done"

    def withdraw() -> str:
        try:
            together.wait(10)
            change_offers.withdraw(offer.pk, by=agent, address=None, now=NOW)
        except OfferRefused as refused:
            return refused.code
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(2) as pool:
        confirmed, withdrawn = (each.result(30) for each in [pool.submit(confirm), pool.submit(withdraw)])
    offer.refresh_from_db()
    if confirmed == "done":
        assert (withdrawn, offer.state, term(shop)) == ("confirmed", OfferState.CONFIRMED, 36)
    else:
        assert (confirmed, withdrawn) == ("withdrawn", "done")
        assert (offer.state, term(shop)) == (OfferState.WITHDRAWN, 12)
