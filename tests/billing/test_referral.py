"""추천: a month free for both sides with the new shop's first payment; once a pair, and not within one household (rules.md §3)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction
from django.test import Client

from billing import changes, dunning, ledger, price_list, referral, subscriptions
from billing.enums import EntryKind, EventPlan, PayMethod
from billing.models import Account, Card, Invoice, LedgerEntry, Referral, ReferralState
from billing.referral import ReferralRefused
from eligibility.models import Application
from shopmsg.accounts.enums import NoticeKind, ShopStatus
from shopmsg.accounts.models import Membership, Merchant, Notice, Shop
from tests.eligibility.test_public_pages import form_of
from tests.factories.accounts import ShopFactory, UserFactory
from tests.factories.billing import billed, noon, subscribed
from tests.markup import named, sound

pytestmark = pytest.mark.django_db
BEGUN = date(2026, 9, 1)
BILLED = date(2026, 10, 1)
NOW = noon(date(2026, 11, 5))


def begun(on: date = BEGUN, **shop: Any) -> Shop:
    made: Shop = ShopFactory(**{"owner": UserFactory(), **shop})
    with time_machine.travel(noon(on), tick=False):
        subscribed(made, on)
    return made


def brought(new: Shop, by: Shop) -> Referral:
    return referral.bring(new, referral.code_of(by), noon(BEGUN))


def pay(shop: Shop, won: int) -> None:
    with transaction.atomic():
        ledger.pay(
            ledger.locked(shop.pk),
            won,
            key=f"test:{shop.pk}:{LedgerEntry.objects.count()}",
            method=PayMethod.TRANSFER,
            paid_on=NOW.date(),
            label="이체",
            sentence="이체해 주셨어요.",
            by=None,
            now=NOW,
        )


def first_bill_paid(shop: Shop) -> None:
    pay(shop, billed(shop, BILLED).total_krw)


def balance(shop: Shop) -> int:
    return Account.objects.get(shop=shop).balance_krw


@pytest.fixture
def pair() -> tuple[Shop, Shop]:
    """(the new shop, who brought it)."""
    old = begun(date(2026, 3, 1))
    new = begun()
    brought(new, old)
    return new, old


def test_both_get_a_month_of_what_holds_for_them_when_the_first_bill_is_paid(pair: tuple[Shop, Shop]) -> None:
    new, old = pair
    catalogue = price_list.catalogue()
    subscriptions.change(
        old,
        lambda c, on: changes.change_plan(c, catalogue, EventPlan.BASIC, on),
        by=None,
        address=None,
        now=noon(date(2026, 4, 1)),
    )
    assert referral.settle_due(NOW) == 0
    first_bill_paid(new)
    assert referral.settle_due(NOW) == 1
    assert referral.settle_due(NOW) == 0

    assert (balance(new), balance(old)) == (-19_800, -29_000)
    made = Referral.objects.get()
    assert (made.state, made.refused_for, made.settled_at) == (ReferralState.REWARDED, "", NOW)
    notes = Invoice.objects.filter(number__startswith="R").order_by("number")
    assert [note.number for note in notes] == [f"R202611-{made.pk}-1", f"R202611-{made.pk}-2"]
    assert [note.supply_krw + note.vat_krw for note in notes] == [-19_800, -29_000]
    sentences = list(
        LedgerEntry.objects.filter(kind=EntryKind.REFERRAL).order_by("key").values_list("sentence", flat=True)
    )
    assert (
        sentences[0] == f"‘{old.name}’ 가게의 추천으로 오셔서 소상공인형 한 달 요금 19,800원을 빼 드렸어요."
    )
    assert sentences[1] == f"‘{new.name}’ 가게를 추천해 주셔서 이벤트 기본 한 달 요금 29,000원을 빼 드렸어요."
    told = Notice.objects.filter(kind=NoticeKind.REFERRAL_REWARDED)
    assert {row.shop_id for row in told} == {new.pk, old.pk}


def test_a_part_of_the_first_bill_is_not_enough_and_a_bill_of_nothing_is_no_first_bill(
    pair: tuple[Shop, Shop],
) -> None:
    new, _ = pair
    billed(new, BEGUN)
    pay(new, 1_000)
    assert referral.settle_due(NOW) == 0
    billed(new, BILLED)
    assert referral.settle_due(NOW) == 0
    pay(new, 18_800)
    assert referral.settle_due(NOW) == 1


def test_money_that_went_back_was_no_payment(pair: tuple[Shop, Shop]) -> None:
    new, _ = pair
    first_bill_paid(new)
    with transaction.atomic():
        ledger.pay_back(
            ledger.locked(new.pk), 19_800, key="back", method=PayMethod.TRANSFER, paid_on=NOW.date(),
            label="환불", sentence="돌려드렸어요.", by=None, now=NOW,
        )  # fmt: skip
    assert referral.settle_due(NOW) == 0
    assert Referral.objects.get().state == ReferralState.WAITING


def same_merchant(new: Shop, old: Shop) -> None:
    new.merchant = old.merchant
    new.save()


def same_owner(new: Shop, old: Shop) -> None:
    Membership.objects.create(shop=new, user=old.memberships.get().user, role="owner")


def same_card(new: Shop, old: Shop) -> None:
    for shop in (new, old):
        Card.objects.create(
            shop=shop, customer_key=f"c{shop.pk}", billing_key_sealed=b"k", number="5365****", fingerprint=b"f" * 32, created_at=NOW
        )  # fmt: skip


def other_way_round(new: Shop, old: Shop) -> None:
    brought(old, new)


@pytest.mark.parametrize(
    ("make_so", "why", "known_before"),
    [
        (same_merchant, "같은 사업자", True),
        (same_merchant, "같은 사업자", False),
        (same_owner, "휴대폰 번호가 같아서", True),
        (same_owner, "휴대폰 번호가 같아서", False),
        (same_card, "같은 카드", True),
        (same_card, "같은 카드", False),
        (other_way_round, "이미 추천을 주고받아서", True),
    ],
)
def test_who_may_not_gets_nothing_and_the_reason_is_kept(
    make_so: Callable[[Shop, Shop], None], why: str, known_before: bool
) -> None:
    """Also what turns out only after the code was given."""
    old, new = begun(date(2026, 3, 1)), begun()
    if known_before:
        make_so(new, old)
    made = brought(new, old)
    if not known_before:
        make_so(new, old)
    first_bill_paid(new)
    referral.settle_due(NOW)
    made.refresh_from_db()
    assert made.state == ReferralState.REFUSED
    assert why in made.refused_for
    assert not Invoice.objects.filter(number__startswith="R").exists()


def test_a_second_shop_of_a_merchant_that_was_brought_before_brings_nothing(pair: tuple[Shop, Shop]) -> None:
    new, old = pair
    merchant: Merchant = new.merchant
    second = begun(merchant=merchant)
    assert brought(second, old).state == ReferralState.REFUSED


def test_a_code_that_is_nobodys_or_ones_own_is_named(pair: tuple[Shop, Shop]) -> None:
    lonely = begun()
    for code, expected in (
        ("ZZZZZZ", "unknown_code"),
        ("<b>", "unknown_code"),
        (referral.code_of(lonely), "oneself"),
    ):
        with pytest.raises(ReferralRefused) as refused:
            referral.bring(lonely, code, NOW)
        assert refused.value.code == expected


def test_a_code_is_read_as_people_type_it_and_the_first_one_counts(pair: tuple[Shop, Shop]) -> None:
    new, old = pair
    code = referral.code_of(old)
    third = begun()
    made = referral.bring(third, f" {code[:3].lower()}-{code[3:]} ", NOW)
    assert made.referrer == old
    assert referral.bring(third, referral.code_of(new), NOW) == made


def test_a_shop_that_left_gets_no_month_and_the_other_does(pair: tuple[Shop, Shop]) -> None:
    new, old = pair
    subscriptions.end(old, reason="정리", by=None, address=None, now=noon(date(2026, 10, 10)))
    first_bill_paid(new)
    assert referral.settle_due(NOW) == 1
    assert (balance(new), balance(old)) == (-19_800, 0)
    assert "새 가게에만" in Referral.objects.get().refused_for


@pytest.mark.django_db(transaction=True)
def test_two_payments_at_once_give_one_month_each() -> None:
    old, new = begun(date(2026, 3, 1)), begun()
    brought(new, old)
    first_bill_paid(new)

    def settle(_: int) -> int:
        try:
            return referral.settle_due(NOW)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(settle, range(2))) == 1
    assert (balance(new), balance(old)) == (-19_800, -19_800)


def test_a_reward_that_settles_what_is_late_lets_the_referrer_send_again(pair: tuple[Shop, Shop]) -> None:
    new, old = pair
    billed(old, date(2026, 4, 1))
    dunning.take_due(NOW)
    old.refresh_from_db()
    assert old.status == ShopStatus.SUSPENDED
    first_bill_paid(new)
    referral.settle_due(NOW)
    old.refresh_from_db()
    assert (balance(old), old.status) == (0, ShopStatus.ACTIVE)


# ---- where the code comes in ----


def test_a_followed_link_keeps_the_code_from_the_check_to_the_form(client: Client) -> None:
    led = client.get("/apply/?by=abc234")
    assert led.headers["Location"] == "/check/?by=ABC234"
    page = sound(client.get("/check/?by=ABC234&ksic=56193&revenue=500m"))
    links = [link.get("href") or "" for link in named(page, "a")]
    onward = next(link for link in links if link.startswith("/apply/"))
    assert "by=ABC234" in onward
    form = sound(client.get(onward))
    assert [field.get("value") for field in named(form, "input") if field.get("name") == "referral_code"] == [
        "ABC234"
    ]
    assert "by=" not in client.get("/apply/?by=%22%3E%3Cscript%3E").headers["Location"]


def test_an_application_of_the_public_form_keeps_the_code(client: Client) -> None:
    client.post("/apply/", form_of(referral_code="abc234"))
    assert Application.objects.get().form["referral_code"] == "abc234"
