"""요금표 and 협의 단가: what an admin sees, announces after having looked at it, and takes back."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from billing import changes, price_list, reminders, subscriptions, usage
from billing.catalogue import BASE
from billing.enums import EventPlan, UsageKind
from billing.models import AgreedFee, CatalogueRow
from billing.usage import Reported
from shopmsg.accounts.enums import Product, Role
from shopmsg.accounts.models import Shop
from tests.accounts.logged_in import staff_client
from tests.factories.accounts import MerchantFactory, ShopFactory, StaffFactory, UserFactory
from tests.factories.billing import PACK, billed, noon, subscribed
from tests.markup import sound, text_of

pytestmark = pytest.mark.django_db
TODAY = noon(date(2026, 11, 22))
SOHO = "/billing/prices/new/price/soho/"
BANDS = "/billing/prices/new/bands/"
DEARER = {
    "list_krw": "20,900원", "term_12": "2,200", "term_24": "4,400", "term_36": "6,600", "bundle_success_pack": "5,500",
    "bundle_assistant_pack": "0", "first_month_free": "on", "effective_from": "2027-01-01", "source": "KT 공문 12호",
}  # fmt: skip


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(TODAY, tick=False) as moment:
        yield moment


@pytest.fixture
def admin() -> Client:
    return staff_client(StaffFactory(role=Role.ADMIN, name="이관리"))


def shop_since(day: date, **contract: Any) -> Shop:
    shop: Shop = ShopFactory(owner=UserFactory())
    subscribed(shop, day, **contract)
    return shop


def words(response: Any) -> str:
    return " ".join(text_of(sound(response)).split())


def page(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return words(response)


@pytest.mark.parametrize("role", [Role.AGENT, Role.PRODUCER, Role.DEALER])
def test_prices_are_for_admins_alone(role: Role) -> None:
    client = staff_client(StaffFactory(role=role))
    for address in ("/billing/prices/", SOHO, BANDS, "/billing/prices/fees/"):
        assert client.get(address).status_code == 404
        assert Client().get(address).status_code == 302
    assert client.post(SOHO, {**DEARER, "confirmed": "1"}).status_code == 404
    assert not CatalogueRow.objects.exists()


def test_the_list_says_what_holds_with_its_day_source_and_who(admin: Client) -> None:
    shown = page(admin, "/billing/prices/")
    for said in (
        "예고한 요금 없음",
        "소상공인형 2021년 9월 1일(수)부터",
        "12개월 약정 17,600원 (2,200원 할인)",
        "사장님성공팩 14,300원 (5,500원 할인)",
        "한 번 20,000원, 부가세 포함",
        "경품값의 15%",
        "1~9개월 85%, 10~12개월 80%",
        "이미 한 약정은 그대로",
        "공개된 국내 통신 약정의 할인반환율 예시",
        "2021년 6월 1일(화) ~ 2021년 8월 31일(화)",
    ):
        assert said in shown


def test_a_price_is_looked_at_with_whom_it_touches_before_it_is_announced(admin: Client) -> None:
    for contract in ({}, {}, PACK, {"term_months": 36}):
        shop_since(date(2026, 8, 1), **contract)
    shop_since(date(2025, 12, 31), term_months=12)
    shop_since(date(2026, 1, 2), term_months=12)
    leaving = shop_since(date(2026, 8, 1))
    subscriptions.change(
        leaving, lambda c, on: changes.cancel(c, date(2026, 12, 31), on), by=None, address=None, now=TODAY
    )
    shop_since(date(2026, 8, 1), product=Product.BASIC)

    shown = words(admin.post(SOHO, DEARER))

    assert not CatalogueRow.objects.exists()
    assert "지금 쓰는 가게 4곳" in shown, "one whose commitment is over on the last of December is among them"
    assert "약정·결합 없음 3곳 19,800원 → 20,900원" in shown
    assert "사장님성공팩 1곳 14,300원 → 15,400원" in shown
    assert "2곳은 약정이 끝날 때까지 그대로" in shown
    assert "12월 2일(수), 30일 전" in shown

    done = admin.post(SOHO, {**DEARER, "confirmed": "1"}, follow=True)
    assert "예고했습니다" in words(done)
    assert "약정 없음 19,800원 → 20,900원" in words(done)
    assert "근거: KT 공문 12호 · 이관리" in words(done)
    assert price_list.catalogue().price_of(Product.SOHO, date(2027, 1, 1)).list_krw == 20_900


def test_a_commitment_that_was_raised_or_paused_is_counted_by_its_own_end(admin: Client) -> None:
    raised, paused = (shop_since(date(2025, 12, 1), term_months=12) for _ in range(2))
    subscriptions.change(
        raised, lambda c, on: changes.commit(c, BASE, 24, on), by=None, address=None, now=TODAY
    )
    subscriptions.change(
        paused, lambda c, on: changes.pause(c, on, date(2026, 12, 30)), by=None, address=None, now=TODAY
    )
    shown = words(admin.post(SOHO, {**DEARER, "effective_from": "2027-01-05"}))
    assert "약정·결합 없음 0곳" in shown
    shown = words(admin.post(SOHO, {**DEARER, "effective_from": "2027-01-10"}))
    assert "약정·결합 없음 1곳" in shown, "39 paused days after the first of December the clock is done"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"list_krw": "-20,900"}, "0원보다 작을 수 없습니다"),
        ({"list_krw": "20900.5"}, "소수점은 쓸 수 없습니다"),
        ({"list_krw": "비쌈"}, "19,800이나 만오천원처럼"),
        ({"list_krw": ""}, "금액을 적어 주세요"),
        ({"list_krw": "0"}, "1원부터"),
        ({"list_krw": "9" * 39}, "10,000,000원까지"),
        ({"term_36": "20,900"}, "20,900원보다 적게"),
        ({"bundle_success_pack": ""}, "할인을 없애려면 0을"),
        ({"effective_from": "2026-11-22"}, "내일이나 그 뒤를"),
        ({"effective_from": "2226-11-22"}, "까지 예고할 수 있습니다"),
        ({"effective_from": "내일"}, "날짜를 다시"),
        ({"source": "  "}, "근거를 적어"),
        ({"list_krw": "19,800"}, "그날 쓰고 있을 금액과 같습니다"),
    ],
)
def test_what_is_no_price_is_named_at_its_field_and_nothing_typed_is_lost(
    admin: Client, typed: dict[str, str], said: str
) -> None:
    for confirmed in ({}, {"confirmed": "1"}):
        refused = admin.post(SOHO, {**DEARER, **typed, **confirmed})
        assert refused.status_code == 422
        assert said in words(refused)
        if typed.get("source") is None:
            assert 'value="KT 공문 12호"' in refused.content.decode()
    assert not CatalogueRow.objects.exists()


def test_a_day_that_is_taken_is_refused_at_the_date(admin: Client) -> None:
    admin.post(SOHO, {**DEARER, "confirmed": "1"})
    refused = admin.post(SOHO, {**DEARER, "list_krw": "21,900", "confirmed": "1"})
    assert "이미 다른 금액이 예고되어" in words(refused)
    assert CatalogueRow.objects.count() == 1


def test_going_back_to_correct_keeps_what_was_typed(admin: Client) -> None:
    back = admin.post(SOHO, {**DEARER, "edit": "1"})
    assert back.status_code == 200
    assert 'value="20,900원"' in back.content.decode()


def test_an_announcement_can_be_withdrawn_once_and_says_who_was_told(
    admin: Client, clock: time_machine.Traveller
) -> None:
    shop_since(date(2026, 8, 1))
    admin.post(SOHO, {**DEARER, "confirmed": "1"})
    row = CatalogueRow.objects.get()
    clock.move_to(noon(date(2026, 12, 5)))
    reminders.remind(noon(date(2026, 12, 5)))
    fresh = staff_client(StaffFactory(role=Role.ADMIN))
    address = f"/billing/prices/{row.pk}/withdraw/"

    assert "1곳. 거둔 일은 따로 알리지 않음" in page(fresh, address)
    assert "거둔 예고" in words(fresh.post(address, follow=True))
    assert "이미 거둔 예고입니다" in words(fresh.post(address, follow=True))
    assert price_list.catalogue().price_of(Product.SOHO, date(2027, 1, 1)).list_krw == 19_800


def test_event_plans_tv_and_commissions_are_announced_too(admin: Client) -> None:
    shop = shop_since(date(2026, 8, 1))
    subscriptions.change(
        shop, lambda c, on: changes.change_plan(c, BASE, EventPlan.PRO, on), by=None, address=None, now=TODAY
    )
    when = {"effective_from": "2027-01-01", "source": "공지"}
    plan = {"monthly_krw": "59,000", "events": "", "analysis": "on", **when}
    assert "이벤트 프로 1곳 49,000원 → 59,000원" in words(admin.post("/billing/prices/new/plan/pro/", plan))
    for address, typed in (
        ("plan/pro/", plan),
        ("usage/town_tv/", {"won": "만이천원", **when}),
        ("usage/point_prize/", {"percent": "12", **when}),
    ):
        admin.post(f"/billing/prices/new/{address}", {**typed, "confirmed": "1"})
    held, day = price_list.catalogue(), date(2027, 1, 1)
    assert held.plan_of("pro", day).monthly_krw == 59_000
    assert (held.usage_of("town_tv", day).won, held.usage_of("point_prize", day).percent) == (12_000, 12)
    over = admin.post("/billing/prices/new/usage/point_prize/", {"percent": "101", **when})
    assert "100%까지" in words(over)
    for unknown in ("usage/alimtalk", "price/gold", "plan/none", "bands/x", "food/soho"):
        assert admin.get(f"/billing/prices/new/{unknown}/").status_code == 404


def test_a_new_table_of_bands_spares_the_commitments_that_are_agreed(admin: Client) -> None:
    shop_since(date(2026, 8, 1), term_months=24)
    typed = {
        "term_12": "1~12개월 50%", "term_24": "1~12개월 80%\n13~24개월 0%", "term_36": "1~36개월 10%",
        "effective_from": "2027-01-01", "source": "KT 산식",
    }  # fmt: skip
    gap = admin.post(BANDS, {**typed, "term_24": "1~12개월 80%\n14~24개월 0%"})
    assert "13개월째가 빠졌습니다" in words(gap)
    assert "14~24개월 0%" in gap.content.decode()
    shown = words(admin.post(BANDS, typed))
    assert "1곳은 그대로" in shown
    assert "1~12개월 50%" in shown
    admin.post(BANDS, {**typed, "confirmed": "1"})
    held = price_list.catalogue()
    assert held.bands_on(date(2026, 12, 31)) == BASE.bands[0]
    assert held.bands_on(date(2027, 1, 1)).rate(24, 12) == 80


def test_a_fee_is_agreed_after_a_look_at_what_waits_for_it(admin: Client) -> None:
    shop = shop_since(date(2026, 8, 1))
    usage.report([Reported(shop.pk, "a", UsageKind.ALIMTALK, date(2026, 11, 3), 100)], TODAY)
    address = f"/billing/prices/fees/{shop.merchant_id}/"
    typed = {"kind": "alimtalk", "won": "8", "effective_from": "2026-11-01"}

    assert "1줄이 이 단가로" in words(admin.post(address, typed))
    assert not AgreedFee.objects.exists()
    done = words(admin.post(address, {**typed, "confirmed": "1"}, follow=True))
    assert "8원 · 2026년 11월 1일(일)부터 · 이관리" in done
    assert "이미 정했습니다" in words(admin.post(address, {**typed, "won": "9"}))
    for wrong, said in (("0", "1원에서"), ("-8", "0원보다"), ("8.5", "소수점"), ("10,001", "10,000원까지")):
        assert said in words(admin.post(address, {**typed, "won": wrong, "effective_from": "2026-12-01"}))
    with time_machine.travel(noon(date(2026, 12, 2)), tick=False):
        billed(shop, date(2026, 11, 1))
    late = admin.post(address, {**typed, "effective_from": "2026-11-02"})
    assert "이미 청구했습니다" in words(late)


def test_merchants_are_found_by_name_or_number_whether_or_not_they_have_a_fee(admin: Client) -> None:
    found, _ = MerchantFactory(name="달빛상회"), MerchantFactory(name="별빛상회")
    assert "정한 단가 없음" in page(admin, "/billing/prices/fees/")
    for asked in ("달빛", found.business_number[:6]):
        listed = words(admin.post("/billing/prices/fees/", {"words": asked}, follow=True))
        assert "달빛상회" in listed
    assert "별빛상회" not in words(admin.post("/billing/prices/fees/", {"words": "달빛"}, follow=True))
    assert "찾은 사업자 없음" in words(admin.post("/billing/prices/fees/", {"words": "햇빛"}, follow=True))


@pytest.mark.parametrize("number", [1, 3])
def test_the_lists_are_read_in_as_many_queries_whatever_their_length(admin: Client, number: int) -> None:
    for month in range(number):
        admin.post(
            SOHO,
            {
                **DEARER,
                "list_krw": str(21_000 + month),
                "effective_from": f"2027-0{month + 1}-01",
                "confirmed": "1",
            },
        )
        fee = {"kind": "alimtalk", "won": "8", "effective_from": "2026-11-01", "confirmed": "1"}
        admin.post(f"/billing/prices/fees/{MerchantFactory().pk}/", fee)
    asked = {}
    for address in ("/billing/prices/", "/billing/prices/fees/"):
        page(admin, address)
        with CaptureQueriesContext(connection) as queries:
            page(admin, address)
        asked[address] = len(queries)
    assert asked == {"/billing/prices/": 4, "/billing/prices/fees/": 6}
