"""Shops that owe something, with a card registered in the sandbox."""

from datetime import date, datetime, timedelta
from typing import Any

from billing import card_keys
from billing.models import Account, Card, CardCharge
from shopmsg.accounts.enums import MemberRole
from shopmsg.accounts.models import Shop, User
from tests.factories.accounts import ShopFactory, UserFactory
from tests.factories.billing import billed, noon, subscribed
from tests.services import Sandbox

#: Billed for October on the second of November: 13,200 won, the card's day is the fifth, due on the twentieth.
OWED = 13_200
CARD_DAY = noon(date(2026, 11, 5))
NOW = noon(date(2026, 11, 10))
LATER = timedelta(minutes=5)


def owing() -> Shop:
    """A shop of one owner that owes October."""
    shop = ShopFactory(owner=UserFactory())
    subscribed(shop, date(2026, 9, 1), term_months=36)
    billed(shop, date(2026, 10, 1))
    assert balance(shop) == OWED
    return shop


def with_card(shop: Shop, sandbox: Sandbox, card: str = "normal", now: datetime = NOW, **more: Any) -> Card:
    """Registered as its owner does, without the browser."""
    key = card_keys.begin()
    auth = sandbox.card_auth(key, card, **more)
    return card_keys.register(shop, auth, key, by=owner_of(shop), address=None, now=now)


def owner_of(shop: Shop) -> User:
    return shop.memberships.get(role=MemberRole.OWNER).user


def balance(shop: Shop) -> int:
    return Account.objects.get(shop=shop).balance_krw


def moved(sandbox: Sandbox) -> list[int]:
    """Won of every charge that took money, at the payment company."""
    return [row["amount"] for row in sandbox.card_payments() if row["status"] != "ABORTED"]


def as_it_is(charge: CardCharge) -> CardCharge:
    charge.refresh_from_db()
    return charge
