"""A card from its registration to its end, against the payment company's stand-in."""

import pytest

from billing import card_keys, charges
from billing.card_keys import CardRefused
from billing.cards import CardError, ChargeOutcome
from billing.enums import PayMethod
from billing.models import Account, Card, CardState, ChargeState
from tests.billing.paying import LATER, NOW, as_it_is, owing, owner_of, with_card
from tests.services import Sandbox

pytestmark = pytest.mark.django_db


def test_a_registered_card_pays_from_then_on_and_its_key_is_sealed(sandbox: Sandbox) -> None:
    shop = owing()
    card = with_card(shop, sandbox, number="94100012****789*")
    account = Account.objects.get(shop=shop)
    assert (account.method, card.state, card.number, card.issuer) == (
        PayMethod.CARD, CardState.ACTIVE, "94100012****789*", "하나카드",
    )  # fmt: skip
    key = card_keys.billing_key_of(card)
    assert key.encode() not in bytes(card.billing_key_sealed) + bytes(card.key_index)


def test_coming_back_from_the_card_page_twice_is_one_registration(sandbox: Sandbox) -> None:
    shop = owing()
    key = card_keys.begin()
    auth = sandbox.card_auth(key)
    owner = owner_of(shop)
    cards = {card_keys.register(shop, auth, key, by=owner, address=None, now=NOW).pk for _ in range(2)}
    assert len(cards) == 1
    assert len(sandbox.call("GET", "/sandbox/cards")["keys"]) == 1


def test_a_registration_without_an_answer_is_finished_by_asking_again(sandbox: Sandbox) -> None:
    shop = owing()
    key = card_keys.begin()
    auth = sandbox.card_auth(key)
    sandbox.arm(on="card_issue", kind="reset_after_accept")
    with pytest.raises(CardError) as raised:
        card_keys.register(shop, auth, key, by=owner_of(shop), address=None, now=NOW)
    assert raised.value.outcome is ChargeOutcome.UNCERTAIN
    assert not Card.objects.exists()
    card_keys.register(shop, auth, key, by=owner_of(shop), address=None, now=NOW)
    assert Card.objects.get().state == CardState.ACTIVE
    assert len(sandbox.call("GET", "/sandbox/cards")["keys"]) == 1


def test_a_new_card_replaces_the_old_one_which_the_company_forgets_too(sandbox: Sandbox) -> None:
    shop = owing()
    old = with_card(shop, sandbox)
    new = with_card(shop, sandbox)
    assert card_keys.active(shop.pk) == new
    sandbox.arm(on="card_remove", kind="status")
    assert card_keys.forget_removed(NOW) == 0
    assert card_keys.forget_removed(NOW) == 1
    assert [row["removed"] for row in sandbox.call("GET", "/sandbox/cards")["keys"]] == [True, False]
    old.refresh_from_db()
    assert (old.state, bytes(old.billing_key_sealed), bytes(old.key_index)) == (CardState.REMOVED, b"", b"")
    assert card_keys.forget_removed(NOW) == 0


def test_a_card_whose_charge_is_still_open_is_neither_removed_nor_forgotten(sandbox: Sandbox) -> None:
    shop = owing()
    owner = owner_of(shop)
    with_card(shop, sandbox)
    sandbox.arm(on="card_charge", kind="reset_after_accept")
    charge = charges.prepare(shop, None, NOW, by=owner)
    charges.submit(charge.pk, NOW)
    with pytest.raises(CardRefused) as raised:
        card_keys.remove(shop, by=owner, address=None, now=NOW)
    assert raised.value.code == "under_way"
    with_card(shop, sandbox)
    assert card_keys.forget_removed(NOW) == 0
    charges.look_up(charge.pk, NOW + LATER)
    assert as_it_is(charge).state == ChargeState.PAID
    assert card_keys.forget_removed(NOW) == 1


def test_a_removed_card_leaves_the_owner_to_choose_another_way(sandbox: Sandbox) -> None:
    shop = owing()
    with_card(shop, sandbox)
    card_keys.remove(shop, by=owner_of(shop), address=None, now=NOW)
    assert Account.objects.get(shop=shop).method == PayMethod.NONE
    with pytest.raises(CardRefused) as raised:
        card_keys.remove(shop, by=owner_of(shop), address=None, now=NOW)
    assert raised.value.code == "no_card"


def test_the_same_card_at_two_shops_is_recognised(sandbox: Sandbox) -> None:
    cards = [with_card(owing(), sandbox, number="94100012****789*") for _ in range(2)]
    cards.append(with_card(owing(), sandbox))
    prints = [bytes(card.fingerprint) for card in cards]
    assert prints[0] == prints[1] != prints[2]
