"""Whether a shop may send, as far as its contract and its bills say: all that billing ever sets in `Shop` (design.md §2).

A shop that the gateway stopped stays stopped: only a person lets it send again (messaging.stopping).
"""

from datetime import datetime
from typing import Final

from billing.history import contract_of
from billing.models import Account, Subscription
from shopmsg.accounts.enums import Product, ShopStatus
from shopmsg.accounts.models import Shop
from shopmsg.core.clock import kst_day

#: Promos a day (rules.md §4 check 8).
DAILY_CAPS: Final = {Product.SOHO: 500, Product.BASIC: 50, Product.PREMIUM: 50}
UNPAID: Final = "요금이 밀려서 문자 발송이 멈췄어요. 내시면 바로 다시 나가요."
PAUSED: Final = "일시정지 중이에요. ‘다시 쓰기’를 누르시면 바로 다시 나가요."
#: Reasons by which a suspended shop is known as stopped by billing.
OURS: Final = (UNPAID, PAUSED)


def apply(shop: Shop, running: Subscription, now: datetime) -> bool:
    """Make a shop with a running subscription send or not, as its pause and its account say; the caller has locked the shop's
    row. Returns whether something changed."""
    account = Account.objects.filter(shop=shop).first()
    if contract_of(running).is_paused(kst_day(now)):
        wanted = (ShopStatus.SUSPENDED, PAUSED)
    elif account is not None and account.stopped_at is not None:
        wanted = (ShopStatus.SUSPENDED, UNPAID)
    else:
        wanted = (ShopStatus.ACTIVE, "")
    return set_state(shop, *wanted)


def set_state(shop: Shop, status: ShopStatus, reason: str) -> bool:
    """The one place where billing writes a running shop's state. What the gateway stopped is left alone."""
    if shop.status == ShopStatus.SUSPENDED and shop.status_reason not in OURS:
        return False
    changed = Shop.objects.filter(pk=shop.pk).exclude(status=status, status_reason=reason[:120])
    if not changed.update(status=status, status_reason=reason[:120]):
        return False
    shop.status, shop.status_reason = status, reason[:120]
    return True
