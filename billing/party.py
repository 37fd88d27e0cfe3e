"""Who a bill is from and for, as it was on the day it was made: kept with every invoice and note."""

from django.conf import settings

from billing.models import Account


def snapshot(account: Account) -> dict[str, dict[str, str]]:
    """Invoice.party: "seller" (공급자: name, number, representative, address, business_type, business_item, email,
    bank_account) and "buyer" (공급받는자: the same but bank_account, and shop and deposit_code). The buyer is the merchant with
    what the account says beside it; fields nobody filled in are "". Load the account with shop__merchant."""
    shop = account.shop
    return {
        "seller": dict(settings.SUPPLIER),
        "buyer": {
            "name": account.tax_name or shop.merchant.name,
            "number": shop.merchant.business_number,
            "representative": account.tax_representative,
            "address": account.tax_address or shop.address,
            "business_type": account.tax_business_type,
            "business_item": account.tax_business_item,
            "email": account.tax_email,
            "shop": shop.name,
            "deposit_code": account.deposit_code,
        },
    }
