"""납부 방법: how a shop pays. By card it begins with a card's registration (billing.card_keys); a transfer and the carrier's phone
bill are chosen. Also what its tax invoices say of the buyer.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from django.db import transaction

from billing import card_keys, ledger
from billing.enums import PayMethod
from billing.models import Account
from shopmsg.accounts import audit
from shopmsg.accounts.models import Line, Shop, User
from shopmsg.core.errors import ShopmsgError

#: Fields of Account that a tax invoice shows.
TAX_FIELDS: Final = (
    "tax_name",
    "tax_representative",
    "tax_address",
    "tax_business_type",
    "tax_business_item",
    "tax_email",
)
#: The number of a phone line that the account has room for, digits.
_LONGEST_LINE: Final = 11


class MethodRefused(ShopmsgError):
    """What cannot be chosen. Codes: "unknown", "no_card", "line"."""


def lines_of(shop: Shop) -> list[str]:
    """The shop's phone lines that a bill can be put on, digits."""
    numbers = Line.objects.filter(shop=shop).order_by("pk").values_list("number", flat=True)
    return [number for number in numbers if len(number) <= _LONGEST_LINE]


def choose(
    shop: Shop, method: str, *, line: str = "", by: User, address: str | None, now: datetime
) -> Account:
    """Pay that way from now on; a card on file stays. Raises MethodRefused."""
    if method not in (PayMethod.CARD, PayMethod.TRANSFER, PayMethod.PHONE_BILL):
        raise MethodRefused("unknown", "내는 방법을 골라 주세요.")
    with transaction.atomic():
        account = ledger.locked(shop.pk)
        if method == PayMethod.CARD and card_keys.active(shop.pk) is None:
            raise MethodRefused("no_card", "카드를 먼저 등록해 주세요.")
        if method == PayMethod.PHONE_BILL and line not in lines_of(shop):
            raise MethodRefused("line", "요금을 합칠 매장 전화를 골라 주세요.")
        before = account.method
        account.method = PayMethod(method)
        account.phone_bill_line = line if method == PayMethod.PHONE_BILL else ""
        account.save(update_fields=["method", "phone_bill_line"])
        audit.record(
            "account.method_changed",
            actor=by,
            shop=shop,
            subject=f"account:{account.pk}",
            detail={"before": str(before), "after": str(method)},
            address=address,
        )
    return account


def write_tax_details(
    shop: Shop, details: Mapping[str, str], *, by: User, address: str | None, now: datetime
) -> Account:
    """세금계산서 정보: from the next bill on. `details` are TAX_FIELDS, checked by the form."""
    with transaction.atomic():
        account = ledger.locked(shop.pk)
        for field in TAX_FIELDS:
            setattr(account, field, details[field])
        account.save(update_fields=list(TAX_FIELDS))
        audit.record(
            "account.tax_changed", actor=by, shop=shop, subject=f"account:{account.pk}", address=address
        )
    return account
