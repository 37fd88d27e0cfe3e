"""What every owner's page about money begins with: whose shop, and that this person may see its bills."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from shopmsg.accounts.access import owned_shop_or_404, shops_of, user_of
from shopmsg.accounts.models import Shop, User

_ONLY_OWNERS = "요금과 청구서는 사장님만 볼 수 있어요. 사장님께 말씀해 주세요."


@dataclass(frozen=True, slots=True)
class MoneyPage:
    """An owner at a page about their shop's money. Other members get 403 with a sentence, everybody else 404: staff too,
    whose delegation is for content alone."""

    shop: Shop
    user: User
    shops: Sequence[Shop]

    def context(self, **more: Any) -> dict[str, Any]:
        """The template's context: the shop, its tab, the person's shops for the switcher, and what the page adds."""
        return {"shop": self.shop, "can_edit": True, "tab": "settings", "shops": self.shops, **more}


def open_money(request: HttpRequest, slug: str) -> MoneyPage:
    """Raises MayOnlyLook for a member who is no owner, Http404 for everybody else."""
    user = user_of(request)
    return MoneyPage(owned_shop_or_404(user, slug, otherwise=_ONLY_OWNERS), user, shops_of(user))
