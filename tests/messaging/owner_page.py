"""A shop with its people, for the tests of the owner's pages: owner, colleague who may look, stranger."""

from dataclasses import dataclass

from django.test import Client

from shopmsg.accounts.enums import MemberRole
from shopmsg.accounts.models import Shop, User
from tests.factories.accounts import MembershipFactory, ShopFactory, UserFactory


@dataclass
class Stage:
    """A shop and three logged-in browsers."""

    shop: Shop
    owner: Client
    colleague: Client
    stranger: Client
    user: User

    def url(self, path: str = "") -> str:
        return f"/shops/{self.shop.slug}/{path}"


def stage(**fields: object) -> Stage:
    user = UserFactory()
    shop = ShopFactory(owner=user, **fields)
    colleague = UserFactory()
    MembershipFactory(shop=shop, user=colleague, role=MemberRole.VIEWER)
    other = UserFactory()
    ShopFactory(owner=other)
    return Stage(shop, browser(user), browser(colleague), browser(other), user)


def browser(user: User) -> Client:
    """A browser in which this person is logged in."""
    client = Client()
    client.force_login(user)
    return client
