"""내는 방법: the owner's pay pages, and the admin's refund."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from billing import charge_rounds, charges, refunds
from billing.enums import PayMethod
from billing.models import Account, Card, CardCharge, ChargeState
from shopmsg.accounts.enums import MemberRole
from shopmsg.accounts.models import Line, Membership, Shop
from tests.accounts.logged_in import staff_client
from tests.billing.paying import NOW, OWED, as_it_is, balance, moved, owing, owner_of, with_card
from tests.factories.accounts import ShopFactory, StaffFactory, UserFactory
from tests.services import Sandbox

pytestmark = pytest.mark.django_db


def client_of(user: Any, **more: Any) -> Client:
    client = Client(**more)
    client.force_login(user)
    return client


def at(shop: Shop, name: str = "pay", *more: Any) -> str:
    return reverse(f"billing:{name}", args=[shop.slug, *more])


def read(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


@pytest.fixture
def shop() -> Shop:
    return owing()


@pytest.fixture
def owner(shop: Shop) -> Client:
    return client_of(owner_of(shop))


PAGES = ["pay", "pay_now", "pay_card", "pay_card_back", "pay_card_failed", "pay_card_remove", "pay_tax"]


@pytest.mark.parametrize("name", PAGES)
def test_money_is_for_owners_alone(shop: Shop, name: str) -> None:
    colleague = UserFactory()
    Membership.objects.create(shop=shop, user=colleague, role=MemberRole.EDITOR)
    assert client_of(colleague).get(at(shop, name)).status_code == 403
    assert client_of(UserFactory()).get(at(shop, name)).status_code == 404
    assert staff_client(StaffFactory(role="admin")).get(at(shop, name)).status_code == 404
    assert "/login/" in Client().get(at(shop, name))["Location"]


def test_no_address_that_is_only_looked_at_charges_anything(
    shop: Shop, owner: Client, sandbox: Sandbox
) -> None:
    with_card(shop, sandbox)
    for name in PAGES[:-2]:
        owner.get(at(shop, name))
    assert not CardCharge.objects.exists()
    assert client_of(owner_of(shop), enforce_csrf_checks=True).post(at(shop, "pay_now")).status_code == 403


def test_the_page_says_what_is_owed_until_when_and_the_three_ways(shop: Shop, owner: Client) -> None:
    page = read(owner.get(at(shop)))
    account = Account.objects.get(shop=shop)
    for words in (
        "13,200원",
        "11월 20일(금)",
        account.deposit_code,
        "계좌 이체",
        "KT 전화요금",
        "카드 등록하고 내기",
    ):
        assert words in page
    assert "아직 내신 기록이 없어요" in page


def test_a_shop_without_a_contract_owes_nothing_and_is_told_so() -> None:
    shop = ShopFactory(owner=UserFactory())
    owner = client_of(owner_of(shop))
    assert "아직 내실 요금이 없어요" in read(owner.get(at(shop)))
    assert {owner.get(at(shop, name)).status_code for name in PAGES[1:]} == {404}


def test_paying_asks_once_and_then_says_what_became_of_it(
    shop: Shop, owner: Client, sandbox: Sandbox
) -> None:
    with_card(shop, sandbox)
    asked = read(owner.get(at(shop, "pay_now")))
    assert "이 카드로 지금 낼까요?" in asked
    assert 'name="won" value="13200"' in asked
    result = owner.post(at(shop, "pay_now"), {"won": OWED})["Location"]
    waiting = owner.get(result)
    assert "다시 누르지 않으셔도 돼요" in read(waiting)
    assert owner.post(at(shop, "pay_now"), {"won": OWED})["Location"] == result
    assert CardCharge.objects.count() == 1
    part = owner.get(result, headers={"HX-Request": "true"})
    assert (part.status_code, "<html" in part.content.decode()) == (200, False)
    charges.submit(CardCharge.objects.get().pk, CardCharge.objects.get().created_at)
    paid = owner.get(result, headers={"HX-Request": "true"})
    assert paid.status_code == 286
    assert "13,200원을 냈어요" in read(paid)
    assert moved(sandbox) == [OWED]
    assert "영수증 보기" in read(owner.get(at(shop)))


def test_another_amount_than_the_one_that_was_shown_is_shown_again(
    shop: Shop, owner: Client, sandbox: Sandbox
) -> None:
    with_card(shop, sandbox)
    answer = owner.post(at(shop, "pay_now"), {"won": 1})
    assert (answer.status_code, CardCharge.objects.count()) == (409, 0)
    assert "그사이 내실 금액이 13,200원으로 바뀌었어요" in read(answer)


@pytest.mark.parametrize(
    ("card", "why", "button"), [("limit", "한도", "다시 내기"), ("expired", "유효기간", "다른 카드 등록하기")]
)
def test_a_declined_card_says_why_and_has_one_button(
    shop: Shop, owner: Client, sandbox: Sandbox, card: str, why: str, button: str
) -> None:
    with_card(shop, sandbox, card)
    charge = charges.prepare(shop, None, NOW, by=owner_of(shop))
    charges.submit(charge.pk, NOW)
    page = read(owner.get(at(shop, "pay_charge", charge.pk))).split("<h1>")[1]
    assert why in page
    assert page.count("btn btn-main") == 1
    assert page.split("btn btn-main")[1].split("</a>")[0].endswith(f">{button}")
    assert why in read(owner.get(at(shop)))


def test_another_shops_charge_is_not_there(shop: Shop, sandbox: Sandbox) -> None:
    with_card(shop, sandbox)
    charge = charges.prepare(shop, None, NOW, by=None)
    other = owing()
    assert client_of(owner_of(other)).get(at(other, "pay_charge", charge.pk)).status_code == 404


def test_our_own_fault_is_never_called_the_cards(
    shop: Shop, owner: Client, sandbox: Sandbox, settings: Any
) -> None:
    with_card(shop, sandbox)
    settings.CARDS = {**settings.CARDS, "secret_key": "test_sk_wrong"}
    charge = charges.prepare(shop, None, NOW, by=owner_of(shop))
    charges.submit(charge.pk, NOW)
    for page in (at(shop), at(shop, "pay_charge", charge.pk)):
        assert "카드에는 문제가 없으니 그대로 두세요" in read(owner.get(page))
    desk = read(staff_client(StaffFactory(role="admin")).get(reverse("billing:charges")))
    assert "카드 결제가 모두 멈춤" in desk
    assert as_it_is(charge).code in desk
    assert charge_rounds.stopped() == charge


def test_a_card_is_registered_only_from_the_page_where_it_was_begun(
    shop: Shop, owner: Client, sandbox: Sandbox
) -> None:
    page = owner.get(at(shop, "pay_card"))
    key = page.context["customer_key"]
    auth = sandbox.card_auth(key)
    back = {"customerKey": key, "authKey": auth}
    stranger = client_of(owner_of(shop))
    assert stranger.get(at(shop, "pay_card_back"), back).status_code == 400
    foreign = {"customerKey": "7d0b4a52-7c1e-4a0e-9f2e-6f1b2d1c8a11", "authKey": auth}
    assert owner.get(at(shop, "pay_card_back"), foreign).status_code == 400
    assert not Card.objects.exists()
    for _ in range(2):
        assert owner.get(at(shop, "pay_card_back"), back)["Location"] == at(shop)
    assert Card.objects.count() == 1
    assert owner.get(at(shop, "pay_card")).context["customer_key"] != key


def test_a_registration_that_brings_no_answer_offers_to_look_again_with_the_same_keys(
    shop: Shop, owner: Client, sandbox: Sandbox
) -> None:
    key = owner.get(at(shop, "pay_card")).context["customer_key"]
    back = f"{at(shop, 'pay_card_back')}?customerKey={key}&authKey={sandbox.card_auth(key)}"
    sandbox.arm(on="card_issue", kind="reset_after_accept")
    answer = owner.get(back)
    assert answer.status_code == 503
    assert f'href="{back.replace("&", "&amp;")}"' in read(answer)
    assert "돈은 나가지 않았어요" in read(answer)
    assert owner.get(back).status_code == 302
    assert Card.objects.count() == 1


def test_only_the_card_page_may_load_the_payment_companys_script(
    shop: Shop, owner: Client, sandbox: Sandbox, settings: Any
) -> None:
    def policy(name: str) -> str:
        return str(owner.get(at(shop, name))["Content-Security-Policy"])

    assert f"script-src 'self' {sandbox.url}" in policy("pay_card")
    assert sandbox.url not in policy("pay")
    settings.CARDS = {**settings.CARDS, "sdk_url": "https://js.example.com/v2/standard"}
    named = policy("pay_card")
    assert "script-src 'self' https://js.example.com;" in named + ";"
    assert "frame-src https://*.example.com" in named
    assert "unsafe" not in named


def test_who_turns_back_reads_why_in_our_words(shop: Shop, owner: Client) -> None:
    page = read(
        owner.get(at(shop, "pay_card_failed"), {"code": "PAY_PROCESS_CANCELED", "message": "<script>"})
    )
    assert "카드 등록을 그만두셨어요" in page
    assert "&lt;script" not in page


def test_ways_are_chosen_and_a_phone_line_must_be_the_shops_own(shop: Shop, owner: Client) -> None:
    line = Line.objects.get(shop=shop).number
    refused = owner.post(at(shop, "pay_method"), {"method": "phone_bill", "line": "021234567"})
    assert (refused.status_code, "매장 전화를 골라 주세요" in read(refused)) == (422, True)
    owner.post(at(shop, "pay_method"), {"method": "phone_bill", "line": line})
    account = Account.objects.get(shop=shop)
    assert (account.method, account.phone_bill_line) == (PayMethod.PHONE_BILL, line)
    owner.post(at(shop, "pay_method"), {"method": "transfer"})
    account.refresh_from_db()
    assert (account.method, account.phone_bill_line) == (PayMethod.TRANSFER, "")
    for method in ("card", "none", "gold"):
        assert owner.post(at(shop, "pay_method"), {"method": method}).status_code == 422


def test_each_tax_detail_has_its_own_error_and_is_kept(shop: Shop, owner: Client) -> None:
    wrong = {"tax_name": "", "tax_representative": "가" * 31, "tax_address": "", "tax_email": "nobody"}
    page = owner.post(at(shop, "pay_tax"), wrong)
    assert page.status_code == 422
    for words in (
        "상호를 적어 주세요",
        "30자 안으로",
        "사업장 주소를 적어 주세요",
        "이메일 주소를 다시 확인해",
    ):
        assert words in read(page)
    right = {
        "tax_name": "행복상사", "tax_representative": "김행복", "tax_address": "서울 종로구 1", "tax_business_type": "음식점업",
        "tax_business_item": "치킨", "tax_email": "shop@example.com",
    }  # fmt: skip
    assert owner.post(at(shop, "pay_tax"), right).status_code == 302
    account = Account.objects.get(shop=shop)
    assert {field: getattr(account, field) for field in right} == right


def test_a_card_that_pays_twice_over_leaves_a_credit_that_the_page_names(
    shop: Shop, owner: Client, sandbox: Sandbox
) -> None:
    from tests.billing.test_charges import by_transfer

    by_transfer(shop, OWED + 5_000)
    assert "남아 있는 5,000원은 다음 청구서에서 저절로 빼 드려요." in read(owner.get(at(shop)))


def test_an_admin_gives_money_back_and_nobody_else_does(shop: Shop, sandbox: Sandbox) -> None:
    with_card(shop, sandbox)
    charge = charges.prepare(shop, None, NOW, by=None)
    charges.submit(charge.pk, NOW)
    address = reverse("billing:card_refund", args=[charge.pk])
    assert staff_client(StaffFactory(role="agent")).get(address).status_code == 404
    assert client_of(owner_of(shop)).get(address).status_code == 404
    admin = staff_client(StaffFactory(role="admin"))
    too_much = admin.post(address, {"amount": OWED + 1, "reason": "두 번 내심"})
    assert (too_much.status_code, "13,200원입니다" in read(too_much)) == (422, True)
    assert admin.post(address, {"amount": "3.5", "reason": ""}).status_code == 422
    assert admin.post(address, {"amount": "3200", "reason": "두 번 내심"}).status_code == 302
    assert "확인 중" in read(admin.get(address))
    cancel = charge.cancels.get()
    refunds.go_on(cancel.pk, cancel.created_at)
    assert "환불함" in read(admin.get(address))
    assert (balance(shop), as_it_is(charge).state) == (3_200, ChargeState.PAID)
