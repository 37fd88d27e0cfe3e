"""An agent finds a shop, answers "왜 이 금액이에요?" from one screen, and offers a change that only the owner can make true."""

import re
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
import time_machine
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from billing import adjustments, change_offers, dunning, ledger, plan_change, subscriptions
from billing.enums import ChangeKind, PayMethod
from billing.models import AdjustmentKind, ChangeOffer, OfferState
from billing.plan_change import Wanted
from shopmsg.accounts.enums import Role
from shopmsg.accounts.models import Shop, User
from tests.accounts.logged_in import staff_client
from tests.factories.accounts import ShopFactory, StaffFactory, UserFactory
from tests.factories.billing import billed, noon, subscribed
from tests.markup import sound, text_of

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
TODAY = date(2026, 11, 23)
NOW = noon(TODAY)


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as moment:
        yield moment


@pytest.fixture
def agent() -> User:
    return StaffFactory(name="박상담")


@pytest.fixture
def desk(agent: User) -> Client:
    return staff_client(agent)


@pytest.fixture
def shop() -> Shop:
    return committed("망원치킨")


def committed(name: str, owner: User | None = None) -> Shop:
    shop = ShopFactory(
        name=name, slug=f"shop-{Shop.objects.count()}", owner=owner or UserFactory(name="김해숙")
    )
    subscribed(shop, date(2026, 8, 1), term_months=12)
    return shop


def read(client: Client, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status
    return " ".join(text_of(sound(response)).split())


def found(client: Client, words: str) -> str:
    response = client.post("/billing/", {"words": words}, follow=True)
    # Past the list's heading: the search field has the words too.
    return " ".join(text_of(sound(response)).split()).partition("찾은 결과")[2]


@pytest.mark.parametrize("role", [Role.PRODUCER, Role.DEALER])
def test_other_staff_owners_and_strangers_find_nothing_here(role: Role, shop: Shop, agent: User) -> None:
    seal = plan_change.preview(shop, Wanted(ChangeKind.COMMITTED, 36), NOW).seal
    offer = change_offers.send(
        shop, Wanted(ChangeKind.COMMITTED, 36), seal=seal, by=agent, address=None, now=NOW
    )
    base = f"/billing/shops/{shop.slug}/"
    paths = ["/billing/", base, f"{base}quote/?kind=resumed", f"{base}offers/{offer.pk}/"]
    owner = Client()
    owner.force_login(shop.memberships.get().user)
    staff = staff_client(StaffFactory(role=role))
    assert {client.get(path).status_code for client in (owner, staff) for path in paths} == {404}
    assert {Client().get(path).status_code for path in paths} == {302}
    staff.post(f"{base}offers/{offer.pk}/withdraw/")
    assert ChangeOffer.objects.get().state == OfferState.SENT


@pytest.mark.parametrize("by", ["shop", "owner", "merchant", "last four", "line", "number", "bill"])
def test_a_shop_is_found_by_what_a_caller_can_say(by: str, desk: Client) -> None:
    shop = committed("행복국수", UserFactory(name="홍길동", mobile="01055556789"))
    committed("다른가게", UserFactory(name="성춘향", mobile="01011112222"))
    words = {
        "shop": "행복국",
        "owner": "홍길동",
        "merchant": shop.merchant.name,
        "last four": "6789",
        "line": shop.lines.get().number,
        "number": shop.merchant.business_number,
        "bill": billed(shop, date(2026, 9, 1)).number,
    }[by]
    shown = found(desk, words)
    assert "행복국수" in shown
    assert "다른가게" not in shown


def test_what_was_searched_for_is_not_in_the_address_and_nothing_found_says_so(
    desk: Client, shop: Shop
) -> None:
    response = desk.post("/billing/", {"words": "01012345678"})
    assert "0101" not in response["Location"]
    assert "찾은 가게 없음" in found(desk, "없는 가게")


def test_the_screen_says_why_it_is_so_much(desk: Client, shop: Shop) -> None:
    bill = billed(shop, date(2026, 10, 1))
    with transaction.atomic():
        ledger.pay(
            ledger.locked(shop.pk), 7_600, key="paid", method=PayMethod.TRANSFER, paid_on=TODAY - DAY, label="계좌 이체", sentence="", by=None, now=NOW,
        )  # fmt: skip
    adjustments.request(
        shop, kind=AdjustmentKind.CREDIT, amount_krw=-1_100, reason="점검으로 멈춤", by=StaffFactory(role=Role.ADMIN), address=None, now=NOW,
    )  # fmt: skip
    dunning.take_due(NOW)
    shown = read(desk, f"/billing/shops/{shop.slug}/")
    for said in (
        "지금은 한 달 17,600원이에요.", "원래 한 달 19,800원인데 1년 약정으로 2,200원 깎아 드려요.", "11월 청구서는 17,600원이 돼요.", "오늘 해지하시면 돌려주실 돈은",
        "1년, 12개월 가운데 4개월째", "2026년 10월 청구서 17,600원", bill.number, "계좌 이체 7,600원", "점검으로 멈춤", "개통: 소상공인형 1년 약정",
        "3일 알림", "김해숙 010-****-",
    ):  # fmt: skip
        assert said in shown


def test_agents_see_no_button_they_may_not_press(desk: Client, shop: Shop) -> None:
    billed(shop, date(2026, 10, 1))
    admin = staff_client(StaffFactory(role=Role.ADMIN))
    address = f"/billing/shops/{shop.slug}/"
    assert "정지 미루기" in read(admin, address)
    assert "정지 미루기" not in read(desk, address)
    for path in set(re.findall(r'href="(/billing/[^"#]*)"', desk.get(address).content.decode())):
        assert desk.get(path.replace("&amp;", "&")).status_code == 200, path


def test_every_change_on_the_screen_has_a_quote_to_read_aloud(desk: Client, shop: Shop) -> None:
    base = f"/billing/shops/{shop.slug}/quote/"
    page = desk.get(f"/billing/shops/{shop.slug}/").content.decode()
    links = [link.replace("&amp;", "&") for link in re.findall(rf'href="({base}[^"]*)"', page)]
    names = "약정 그만두기", "3년 약정", "이벤트 프로"
    assert all(name in page for name in names)
    assert "기본형으로 바꾸기" not in page, "basic and premium are public bodies' (rules.md §1)"
    for path in [*links, f"{base}?kind=paused&until=2026-12-10", f"{base}?kind=cancelled&until=2026-11-30"]:
        shown = read(desk, path)
        assert "이렇게 읽어 드리기" in shown
        assert "누르지 않으시면 그대로예요" in shown


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("kind=committed&term=12", "이미 1년 약정으로 쓰고 계세요"),
        ("kind=bundled&bundle=success_pack", "약정 없이만 결합할 수 있어요"),
        ("kind=paused&until=2027-12-31", "한 번에 90일까지"),
        ("kind=cancelled&until=2026-11-01", "지난 날로는 해지할 수 없어요"),
    ],
)
def test_what_cannot_be_says_why(query: str, said: str, desk: Client, shop: Shop) -> None:
    assert said in read(desk, f"/billing/shops/{shop.slug}/quote/?{query}", 422)


@pytest.mark.parametrize("query", ["", "kind=started", "kind=nonsense", "kind=bundled&bundle=x"])
def test_what_no_form_asks_for_is_not_there(query: str, desk: Client, shop: Shop) -> None:
    assert desk.get(f"/billing/shops/{shop.slug}/quote/?{query}").status_code == 404


def test_an_agent_sends_follows_and_withdraws_but_changes_nothing(desk: Client, shop: Shop) -> None:
    base = f"/billing/shops/{shop.slug}/"
    seal = plan_change.preview(shop, Wanted(ChangeKind.COMMITTED, 24), NOW).seal
    wanted = {"kind": "committed", "term": "24", "seal": seal}
    for _ in range(2):
        assert desk.post(f"{base}quote/", wanted).status_code == 302
    offer = ChangeOffer.objects.get()
    running = subscriptions.current(shop)
    assert running is not None
    assert running.term_months == 12
    part = f"{base}offers/{offer.pk}/"
    assert "보냄 · 답 기다림" in desk.get(part).content.decode()
    assert "every 4s" in desk.get(part).content.decode()
    desk.post(f"{part}withdraw/")
    assert "거둠" in desk.get(part).content.decode()
    assert "every" not in desk.get(part).content.decode(), "what is over is not asked for again"


def test_other_figures_than_were_read_aloud_are_not_sent(desk: Client, shop: Shop) -> None:
    response = desk.post(
        f"/billing/shops/{shop.slug}/quote/", {"kind": "committed", "term": "24", "seal": "0"}
    )
    assert response.status_code == 409
    assert "새 금액을 읽어 드리고" in text_of(sound(response))
    assert not ChangeOffer.objects.exists()


def test_a_contract_that_is_over_still_shows_its_bills(
    desk: Client, shop: Shop, clock: time_machine.Traveller
) -> None:
    billed(shop, date(2026, 10, 1))
    subscriptions.end(shop, reason="폐업", by=None, address=None, now=NOW)
    clock.move_to(NOW + 2 * DAY)
    shown = read(staff_client(StaffFactory()), f"/billing/shops/{shop.slug}/")
    assert "지금 쓰는 계약 없음" in shown
    assert "2026년 10월 청구서" in shown


def test_pages_ask_the_database_as_often_for_three_as_for_one(desk: Client, shop: Shop) -> None:
    billed(shop, date(2026, 9, 1))
    assert (asked(desk, "/billing/"), asked(desk, f"/billing/shops/{shop.slug}/")) == (6, 31)
    for each in range(2):
        committed(f"가게{each}")
    billed(shop, date(2026, 10, 1))
    assert (asked(desk, "/billing/"), asked(desk, f"/billing/shops/{shop.slug}/")) == (6, 31)


def asked(client: Client, path: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        client.get(path)
    return len(queries)
