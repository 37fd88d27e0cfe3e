"""청구서 안내: telling owners that their bill is there, a whole batch with two statements."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import connection
from django.urls import reverse

from billing.models import Invoice
from shopmsg.accounts.enums import MemberRole, NoticeKind
from shopmsg.accounts.models import Membership
from shopmsg.accounts.sealing import keyring
from shopmsg.core.clock import format_day
from shopmsg.core.money import format_won

#: What could not be sent by then says nothing new any more (as billing.notify).
_LASTS: Final = timedelta(days=3)
#: shopmsg.accounts.notices.ask for many: a row each would cost more than the invoice it is about.
_ASK: Final = """
INSERT INTO accounts_notice (key, kind, shop_id, to_sealed, fields, created_at, expires_at)
SELECT key, %s, shop_id, to_sealed, fields::jsonb, %s, %s
FROM unnest(%s::text[], %s::bigint[], %s::bytea[], %s::text[]) AS told (key, shop_id, to_sealed, fields)
ON CONFLICT (key) DO NOTHING
"""


def tell(invoices: Sequence[Invoice], now: datetime) -> int:
    """One text to every owner of the shops whose newest invoice here, with what was carried over, leaves something to pay.
    Belongs inside the transaction that made them. Repeated it asks for nothing new; returns how many were new."""
    newest = {invoice.shop_id: invoice for invoice in invoices}
    told = {shop: bill for shop, bill in newest.items() if bill.total_krw + bill.carried_krw > 0}
    if not told:
        return 0
    owners = Membership.objects.filter(shop__in=told, role=MemberRole.OWNER, user__is_active=True)
    ring = keyring()
    keys, shops, sealed, fields = [], [], [], []
    for shop, name, slug, user, mobile in owners.order_by("pk").values_list(
        "shop", "shop__name", "shop__slug", "user", "user__mobile"
    ):
        bill = told[shop]
        keys.append(f"invoice:{bill.number}:{user}")
        shops.append(shop)
        sealed.append(ring.seal(mobile))
        said = {
            "shop": name,
            "link": f"{settings.BASE_URL}{reverse('billing:bills', args=[slug])}",
            "month": f"{bill.month.month}월",
            "amount": format_won(bill.total_krw + bill.carried_krw),
            "due": format_day(bill.due_on),
        }
        fields.append(json.dumps(said, ensure_ascii=False))
    with connection.cursor() as cursor:
        cursor.execute(_ASK, [NoticeKind.INVOICE_READY, now, now + _LASTS, keys, shops, sealed, fields])
        return int(cursor.rowcount)
