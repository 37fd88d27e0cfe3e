"""Shops with a contract and bills, made through the verbs that make them in earnest."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from billing import changes, invoicing, subscriptions
from billing.catalogue import BASE
from billing.enums import Bundle, ChangeKind
from billing.models import Account, Invoice, Subscription, SubscriptionChange
from shopmsg.accounts.enums import MemberRole, Product
from shopmsg.accounts.models import Membership, Merchant, Shop, User
from shopmsg.core.clock import add_months
from tests.factories.accounts import MerchantFactory, ShopFactory, UserFactory

#: 성공팩 with what it is put together from, for `subscribed(shop, on, **PACK)`.
PACK: dict[str, Any] = {
    "bundle": Bundle.SUCCESS_PACK,
    "pack_internet": "internet",
    "pack_parts": ["phone"],
}


def noon(day: date) -> datetime:
    """12:00 in Korea."""
    return datetime(day.year, day.month, day.day, 3, tzinfo=UTC)


def subscribed(shop: Shop, on: date, **contract: Any) -> Subscription:
    """A contract begun on that KST day: soho without commitment unless said otherwise; the account is opened with it."""
    asked: dict[str, Any] = {"product": Product.SOHO, "term_months": 0, "bundle": Bundle.NONE, **contract}
    return subscriptions.start(shop, by=None, address=None, now=noon(on), **asked)


def billed(shop: Shop, month: date, now: datetime | None = None) -> Invoice:
    """The shop's invoice of the month that starts on `month`, made on the second of the next one unless said otherwise;
    months before it that are missing are made too."""
    made_at = now or noon(add_months(month, 1) + timedelta(days=1))
    invoicing.make([shop.pk], month, made_at)
    return Invoice.objects.get(shop=shop, month=month, kind="invoice")


def many_subscribed(count: int, on: date, *, term_months: int = 0, owners: bool = False) -> list[Shop]:
    """So many shops with a contract begun on that day, inserted in bulk as `subscribed` would leave them; without lines."""
    merchants = Merchant.objects.bulk_create([MerchantFactory.build() for _ in range(count)])
    shops = Shop.objects.bulk_create(
        [ShopFactory.build(merchant=merchant, line=None) for merchant in merchants]
    )
    if owners:
        users = User.objects.bulk_create([UserFactory.build() for _ in range(count)])
        Membership.objects.bulk_create(
            [
                Membership(shop=shop, user=user, role=MemberRole.OWNER)
                for shop, user in zip(shops, users, strict=True)
            ]
        )
    contract = changes.start(BASE, on, product=Product.SOHO, term_months=term_months)
    held = Subscription.objects.bulk_create(
        [
            Subscription(
                shop=shop,
                product=Product.SOHO,
                term_months=term_months,
                starts_on=on,
                free_until=contract.free_until,
                created_at=noon(on),
            )
            for shop in shops
        ]
    )
    SubscriptionChange.objects.bulk_create(
        [
            SubscriptionChange(
                subscription=row,
                number=1,
                kind=ChangeKind.STARTED,
                on=on,
                term_months=term_months,
                created_at=noon(on),
            )
            for row in held
        ]
    )
    # Codes with a letter never meet those that are drawn.
    Account.objects.bulk_create(
        [
            Account(
                shop=shop,
                deposit_code=f"D{number:05d}",
                referral_code=f"0{number:06d}",
                created_at=noon(on),
            )
            for number, shop in enumerate(shops, Account.objects.count())
        ]
    )
    return shops
