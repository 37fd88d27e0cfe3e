"""조정: asked for by one admin, decided by another, with the note to be seen."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from billing.models import Account, Adjustment
from shopmsg.accounts.enums import Product, Role
from shopmsg.accounts.models import Shop
from tests.accounts.logged_in import staff_client
from tests.factories.accounts import ShopFactory, StaffFactory, UserFactory
from tests.factories.billing import billed, noon, subscribed
from tests.markup import sound, text_of

pytestmark = pytest.mark.django_db
LIST = "/billing/adjustments/"
SMALL = {"way": "credit", "amount": "3,000", "original": "", "reason": "하루 쓰지 못하셔서 돌려드려요."}
LARGE = {**SMALL, "amount": "6만원"}


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(noon(date(2026, 11, 22)), tick=False) as moment:
        yield moment


@pytest.fixture
def first() -> Client:
    return staff_client(StaffFactory(role=Role.ADMIN, name="이관리"))


@pytest.fixture
def second() -> Client:
    return staff_client(StaffFactory(role=Role.ADMIN, name="박둘째"))


@pytest.fixture
def shop() -> Shop:
    made: Shop = ShopFactory(owner=UserFactory(), name="망원치킨", slug="mangwon")
    subscribed(made, date(2026, 9, 1), product=Product.BASIC)
    return made


def new(shop: Shop) -> str:
    return f"{LIST}new/?shop={shop.slug}"


def ask(client: Client, shop: Shop, typed: dict[str, str]) -> Adjustment:
    client.post(new(shop), {**typed, "confirmed": "1"})
    return Adjustment.objects.latest("pk")


def words(response: Any) -> str:
    return " ".join(text_of(sound(response)).split())


def balance(shop: Shop) -> int:
    return Account.objects.get(shop=shop).balance_krw


def test_adjustments_are_for_admins_alone(shop: Shop, first: Client) -> None:
    made = ask(first, shop, LARGE)
    agent = staff_client(StaffFactory(role=Role.AGENT))
    for address in (LIST, f"{LIST}new/", new(shop), f"{LIST}{made.pk}/"):
        assert agent.get(address).status_code == 404
        assert Client().get(address).status_code == 302
    assert agent.post(f"{LIST}{made.pk}/", {"verdict": "approve"}).status_code == 404
    assert agent.post(new(shop), {**SMALL, "confirmed": "1"}).status_code == 404
    assert Adjustment.objects.get().state == "requested"


def test_a_small_one_is_looked_at_then_posted_and_leads_to_its_note(shop: Shop, first: Client) -> None:
    bill = billed(shop, date(2026, 10, 1))
    owed = balance(shop)
    typed = {**SMALL, "way": "less", "original": bill.number}
    shown = words(first.post(new(shop), typed))
    assert f"2026년 10월 청구서({bill.number})를 바로잡아 3,000원을 돌려드려요. 하루 쓰지" in shown
    assert f"낼 금액 {owed:,}원" in shown
    assert f"낼 금액 {owed - 3_000:,}원" in shown
    assert "없이 바로 반영" in shown
    assert not Adjustment.objects.exists()

    done = first.post(new(shop), {**typed, "confirmed": "1"}, follow=True)
    made = Adjustment.objects.get()
    assert made.note is not None
    assert f"/billing/bills/{made.note.number}/" in done.content.decode()
    assert f"/billing/bills/{made.note.number}/" in first.get(LIST).content.decode()
    assert first.get(f"/billing/bills/{made.note.number}/").status_code == 200
    assert balance(shop) == owed - 3_000


def test_the_button_pressed_twice_adjusts_once(shop: Shop, first: Client) -> None:
    ask(first, shop, SMALL)
    again = first.post(new(shop), {**SMALL, "confirmed": "1"})
    assert again.status_code == 422
    assert "방금 똑같은 조정을 올렸습니다" in words(again)
    assert balance(shop) == -3_000


def test_above_the_limit_who_asked_sees_no_button_and_somebody_else_decides(
    shop: Shop, first: Client, second: Client
) -> None:
    assert "두 번째 사람의 승인이 필요합니다" in words(first.post(new(shop), LARGE))
    made = ask(first, shop, LARGE)
    address = f"{LIST}{made.pk}/"

    own = first.get(address)
    assert "두 번째 사람의 승인이 필요합니다" in words(own)
    assert "data-key" not in own.content.decode()
    assert f'href="{address}">기다리는 조정' not in first.get(LIST).content.decode()
    first.post(address, {"verdict": "approve"})
    assert balance(shop) == 0

    assert "data-key" in second.get(address).content.decode()
    done = second.post(address, {"verdict": "approve"}, follow=True)
    assert "승인했습니다" in words(done)
    assert balance(shop) == -60_000
    assert "이미 처리한 조정입니다" in words(second.post(address, {"verdict": "approve"}, follow=True))


def test_a_rejection_needs_a_reason_and_the_next_one_follows(
    shop: Shop, first: Client, second: Client
) -> None:
    made = ask(first, shop, LARGE)
    later = ask(first, shop, {**LARGE, "way": "more", "reason": "덜 청구했어요."})
    decide = f"{LIST}{made.pk}/"

    empty = second.post(decide, {"verdict": "reject", "own": "  "})
    assert empty.status_code == 422
    assert "반려하는 이유를 적어" in words(empty)
    done = second.post(decide, {"reason": "금액이 청구서와 맞지 않음"})
    assert done["Location"] == f"{LIST}{later.pk}/"
    assert "반려한 이유 금액이 청구서와 맞지 않음" in words(second.get(f"{LIST}{made.pk}/"))
    assert balance(shop) == 0


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"amount": "-3,000"}, "0원보다 작을 수 없습니다"),
        ({"amount": "3000.5"}, "소수점은 쓸 수 없습니다"),
        ({"amount": ""}, "금액을 적어 주세요"),
        ({"amount": "0"}, "1원에서"),
        ({"amount": "10,000,001"}, "10,000,000원까지"),
        ({"reason": " "}, "왜 조정하는지"),
        ({"reason": "가" * 201}, "200자 안으로"),
        ({"way": "both"}, "다시 골라"),
        ({"original": "202610-999999"}, "이 가게의 청구서를"),
    ],
)
def test_what_cannot_be_adjusted_is_named_at_its_field(
    shop: Shop, first: Client, typed: dict[str, str], said: str
) -> None:
    refused = first.post(new(shop), {**SMALL, **typed, "confirmed": "1"})
    assert refused.status_code == 422
    assert said in words(refused)
    assert not Adjustment.objects.exists()


def test_another_shops_bill_and_more_than_the_bill_are_refused(shop: Shop, first: Client) -> None:
    other: Shop = ShopFactory(owner=UserFactory())
    subscribed(other, date(2026, 9, 1), product=Product.BASIC)
    theirs, own = billed(other, date(2026, 10, 1)), billed(shop, date(2026, 10, 1))
    foreign = first.post(new(shop), {**SMALL, "original": theirs.number})
    assert "이 가게의 청구서를" in words(foreign)
    most = first.post(new(shop), {**SMALL, "amount": "16,501", "original": own.number})
    assert "더 돌려드릴 수 있는 금액은 16,500원" in words(most)
    assert 'value="16,501"' in most.content.decode()


def test_the_shop_is_found_first_and_one_without_a_contract_says_so(shop: Shop, first: Client) -> None:
    found = first.post(f"{LIST}new/", {"words": "망원"}, follow=True)
    assert f'href="{new(shop)}"' in found.content.decode()
    assert "찾은 가게 없음" in words(first.post(f"{LIST}new/", {"words": "아무도"}, follow=True))
    bare: Shop = ShopFactory(owner=UserFactory())
    assert "요금제를 쓴 적이 없는 가게" in words(first.get(new(bare), follow=True))
    assert first.get(f"{LIST}new/?shop=nobody").status_code == 404


def test_the_list_has_what_waits_first_and_is_searched_and_divided(shop: Shop, first: Client) -> None:
    assert "조정 없음" in words(first.get(LIST))
    waiting = ask(first, shop, LARGE)
    ask(first, shop, SMALL)
    shown = first.get(LIST).content.decode()
    assert shown.index("-60,000원") < shown.index("-3,000원")
    assert "-60,000원" not in words(first.get(f"{LIST}?state=posted"))
    assert "이 상태의 조정 없음" in words(first.get(f"{LIST}?state=rejected"))
    found = first.post(LIST, {"words": "망원"}, follow=True)
    assert f"{LIST}{waiting.pk}/" in found.content.decode()
    assert "망원" not in found.redirect_chain[0][0]
    assert "찾은 조정 없음" in words(first.post(LIST, {"words": "합정"}, follow=True))


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_is_read_in_as_many_queries_whatever_its_length(
    shop: Shop, first: Client, second: Client, number: int
) -> None:
    for each in range(number):
        ask(first, shop, {**SMALL, "reason": f"{each}번째"})
        ask(first, shop, {**LARGE, "reason": f"{each}번째"})
    second.get(LIST)
    with CaptureQueriesContext(connection) as queries:
        second.get(LIST)
    assert len(queries) == 7
