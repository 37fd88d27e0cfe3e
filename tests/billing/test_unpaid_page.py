"""미납: the admin's list, and the two things that can be done about a shop."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from billing import dunning, subscriptions
from billing.enums import PayMethod
from billing.models import Account, Card, CardState
from billing.queries import unpaid
from shopmsg.accounts.enums import NoticeKind, Role
from shopmsg.accounts.models import AuditEntry, Notice, Shop, User
from tests.accounts.logged_in import staff_client
from tests.factories.accounts import ShopFactory, StaffFactory, UserFactory
from tests.factories.billing import billed, noon, subscribed
from tests.markup import sound, text_of

pytestmark = pytest.mark.django_db
DUE = date(2026, 11, 20)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(noon(date(2026, 9, 1)), tick=False) as moment:
        yield moment


def owing(**fields: Any) -> Shop:
    """A shop that owes October's 19,800 won since 20 November."""
    shop: Shop = ShopFactory(**{"owner": UserFactory(), **fields})
    with time_machine.travel(noon(date(2026, 9, 1)), tick=False):
        subscribed(shop, date(2026, 9, 1))
    billed(shop, date(2026, 10, 1))
    return shop


@pytest.fixture
def admin(clock: time_machine.Traveller) -> User:
    clock.move_to(noon(DUE + 5 * DAY))
    return StaffFactory(role=Role.ADMIN, name="이관리")


@pytest.fixture
def desk(admin: User) -> Client:
    return staff_client(admin)


def page(client: Client, path: str = "/billing/unpaid/") -> str:
    return " ".join(text_of(sound(client.get(path))).split())


def test_only_admins_see_it(clock: time_machine.Traveller) -> None:
    clock.move_to(noon(DUE))
    shop = owing()
    agent = staff_client(StaffFactory(role=Role.AGENT))
    paths = ["/billing/unpaid/", f"/billing/unpaid/{shop.slug}/remind/", f"/billing/unpaid/{shop.slug}/hold/"]
    assert [agent.get(path).status_code for path in paths] == [404, 404, 404]
    assert [Client().get(path).status_code for path in paths] == [302, 302, 302]


def test_a_row_says_what_is_owed_since_when_and_what_comes_next(
    clock: time_machine.Traveller, desk: Client
) -> None:
    shop = owing(name="망원치킨")
    Account.objects.filter(shop=shop).update(method=PayMethod.CARD)
    Card.objects.create(
        shop=shop, state=CardState.BROKEN, customer_key="c", billing_key_sealed=b"k", number="5365****", fingerprint=b"f" * 32, broken_for="유효기간이 지난 카드", created_at=noon(DUE)
    )  # fmt: skip
    dunning.take_due(noon(DUE + 5 * DAY))
    shown = page(desk)
    for said in (
        "망원치킨", "19,800원", "11월 20일(금)부터 5일째", "3일 알림 · 11월 25일(수)", "7일 알림 · 11월 27일(금)",
        "카드 자동 결제 유효기간이 지난 카드", "3~6일 19,800원 1곳", "모두 19,800원 1곳",
    ):  # fmt: skip
        assert said in shown
    clock.move_to(noon(DUE + 15 * DAY))
    assert "다음 정지 · 12월 20일(일)" in page(staff_client(StaffFactory(role=Role.ADMIN)))


def test_what_is_not_due_yet_is_not_counted(desk: Client, clock: time_machine.Traveller) -> None:
    shop = owing()
    billed(shop, date(2026, 11, 1))
    later = noon(date(2026, 12, 10))
    clock.move_to(later)
    assert Account.objects.get(shop=shop).balance_krw == 39_600
    shown = page(staff_client(StaffFactory(role=Role.ADMIN)))
    assert "14~29일 19,800원 1곳" in shown
    assert "39,600" not in shown


def test_an_empty_list_says_what_will_be_there(desk: Client) -> None:
    assert "납부 기한이 지난 가게가 다음 날부터 여기에 표시" in page(desk)


def test_steps_part_the_list(desk: Client) -> None:
    owing(name="세날가게")
    stopped = owing(name="멈춘가게")
    dunning.take_due(noon(DUE + 5 * DAY))
    Account.objects.filter(shop=stopped).update(stopped_at=noon(DUE))
    assert "세날가게" in page(desk, "/billing/unpaid/?step=3")
    assert "멈춘가게" not in page(desk, "/billing/unpaid/?step=3")
    assert "멈춘가게" in page(desk, "/billing/unpaid/?step=stop")
    assert "이 단계의 가게 없음" in page(desk, "/billing/unpaid/?step=14")


@pytest.mark.parametrize("by", ["shop", "owner", "merchant", "number"])
def test_a_shop_is_found_by_its_names_and_its_business_number(desk: Client, by: str) -> None:
    shop = owing(name="행복국수", owner=UserFactory(name="홍길동"))
    owing(name="다른가게")
    number = shop.merchant.business_number
    words = {
        "shop": "행복국수",
        "owner": "홍길동",
        "merchant": shop.merchant.name,
        "number": f"{number[:3]}-{number[3:5]}-{number[5:]}",
    }[by]
    answer = desk.post("/billing/unpaid/", {"words": words})
    assert words not in answer.headers["Location"]
    shown = page(desk, answer.headers["Location"])
    assert "행복국수" in shown
    assert "다른가게" not in shown
    assert "찾은 가게 없음" in page(
        desk, desk.post("/billing/unpaid/", {"words": "없는말"}).headers["Location"]
    )


@pytest.mark.parametrize("shops", [1, 3])
def test_the_list_asks_the_same_for_one_and_for_three(desk: Client, shops: int) -> None:
    for _ in range(shops):
        owing()
    desk.get("/billing/unpaid/")
    with CaptureQueriesContext(connection) as asked:
        desk.get("/billing/unpaid/")
    assert len(asked) == 6, [query["sql"][:90] for query in asked]


def test_pages_follow_each_other_without_losing_or_repeating_a_shop(desk: Client) -> None:
    names = {owing(name=f"가게{at}번").name for at in range(5)}
    now, seen, before = noon(DUE + 5 * DAY), [], ""
    while True:
        listed = unpaid.page(unpaid.late(now), before, now, size=2)
        seen += [row.name for row in listed.rows]
        before = listed.older
        if not before:
            break
    assert sorted(seen) == sorted(names)
    for nonsense in ("x", "20269999-1", "20261120-" + "9" * 30):
        assert desk.get("/billing/unpaid/", {"before": nonsense}).status_code == 200


def test_telling_again_asks_once_and_is_written_down(desk: Client, admin: User) -> None:
    shop = owing(name="망원치킨")
    path = f"/billing/unpaid/{shop.slug}/remind/"
    asked = page(desk, path)
    assert "19,800원" in asked
    assert not Notice.objects.filter(kind=NoticeKind.UNPAID).exists()
    assert "사장님 1명에게 다시 알립니다" in text_of(sound(desk.post(path, follow=True)))
    assert Notice.objects.get(kind=NoticeKind.UNPAID).fields["days"] == "5"
    assert "오늘 이미 다시 알렸습니다" in text_of(sound(desk.post(path, follow=True)))
    entry = AuditEntry.objects.get(action="account.reminded")
    assert (entry.actor, entry.shop) == (admin, shop)


def test_the_stop_is_put_off_with_a_reason_until_a_day(clock: time_machine.Traveller, desk: Client) -> None:
    shop = owing(name="망원치킨")
    path = f"/billing/unpaid/{shop.slug}/hold/"
    assert "멈추는 날 12월 20일(일)" in page(desk, path)
    for typed, sentence in (
        ({"until": "2026-12-24", "reason": ""}, "왜 미루는지 적어 주세요."),
        ({"until": "2026-11-24", "reason": "약속"}, "지난 날입니다."),
        ({"until": "2026-12-26", "reason": "약속"}, "12월 25일(금)까지 골라 주세요."),
        ({"until": "내일", "reason": "약속"}, "날짜를 다시 골라 주세요."),
    ):
        assert sentence in text_of(sound(desk.post(path, typed)))
    done = desk.post(path, {"until": "2026-12-24", "reason": "월말에 내기로"}, follow=True)
    assert "망원치킨의 정지를 12월 24일(목)까지 미뤘습니다." in text_of(sound(done))
    assert "12월 24일(목)까지 미룸" in page(desk)
    clock.move_to(noon(DUE + 20 * DAY))
    assert "정지 · 12월 25일(금)" in page(staff_client(StaffFactory(role=Role.ADMIN)))


def test_a_shop_that_left_has_no_stop_to_put_off(desk: Client) -> None:
    shop = owing(name="떠난가게")
    subscriptions.end(shop, reason="정리", by=None, address=None, now=noon(DUE + 2 * DAY))
    shown = page(desk)
    assert "떠난가게 해지" in shown
    assert "정지 미루기" not in shown
    refused = desk.post(f"/billing/unpaid/{shop.slug}/hold/", {"until": "2026-12-01", "reason": "약속"})
    assert "해지한 가게라서" in text_of(sound(refused))
