"""청구 계정: opened with a shop's first subscription; how it pays, and what its tax invoices say of it."""

import secrets
from datetime import datetime
from typing import Final

from django.db import IntegrityError, transaction

from billing.models import Account
from shopmsg.accounts.models import Shop

#: Digits for who writes them on a transfer; letters and digits that cannot be taken for one another for who tells a friend.
_CODE: Final = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"


def open_for(shop: Shop, now: datetime) -> Account:
    """The shop's account, made when there is none; its codes are random, and drawn again when taken."""
    for _ in range(20):
        try:
            with transaction.atomic():
                found, _made = Account.objects.get_or_create(
                    shop=shop,
                    defaults={
                        "deposit_code": f"{secrets.randbelow(1_000_000):06d}",
                        "referral_code": "".join(secrets.choice(_CODE) for _ in range(6)),
                        "created_at": now,
                    },
                )
            return found
        except IntegrityError:
            continue
    raise RuntimeError("no free deposit code in twenty draws")
