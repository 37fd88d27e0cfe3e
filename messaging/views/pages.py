"""What every page of a shop begins with: whose shop, and whether this person may change it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from messaging import sending
from messaging.views.calls_search import digits_of
from messaging.views.delegated import opened
from shopmsg.accounts import delegations
from shopmsg.accounts.access import EDITING_ROLES, shop_or_404, shops_of, user_of
from shopmsg.accounts.models import Delegation, Shop, User
from shopmsg.core.keys import number_in

LAST4_ERROR = "전화번호의 끝 네 자리를 숫자로 적어 주세요."


@dataclass(frozen=True, slots=True)
class ShopPage:
    """A person at a shop's page. Somebody who may only look gets no buttons, and 403 for what the buttons do.

    With a `delegation` the person is one of us who works in the owner's place: their pages show how long still, and
    nothing that sends.
    """

    shop: Shop
    user: User
    can_edit: bool
    shops: Sequence[Shop]
    delegation: Delegation | None = None

    def context(self, tab: str, **more: Any) -> dict[str, Any]:
        """The template's context: the shop, its tab, the person's shops for the switcher, and what the page adds."""
        return {
            "shop": self.shop,
            "can_edit": self.can_edit,
            "tab": tab,
            "shops": self.shops,
            "delegation": self.delegation,
            "time_left": delegations.time_left(self.delegation, timezone.now()) if self.delegation else "",
            **more,
        }


def open_page(request: HttpRequest, slug: str, *, edit: bool = False) -> ShopPage:
    """The shop as this person sees it, or with `edit` changes it; staff come in by a delegation of theirs alone. Raises
    MayOnlyLook for a member who may not change it, Http404 for everybody else."""
    user = user_of(request)
    if user.is_staff:
        delegation, can_edit = opened(request, user, slug, edit=edit)
        return ShopPage(
            sending.as_of(delegation.shop, timezone.now()), user, can_edit, shops=(), delegation=delegation
        )
    shop = sending.as_of(shop_or_404(user, slug, edit=edit), timezone.now())
    # Answers that show no page, such as a preview, are not to wait for the switcher's list.
    shops = cast(Sequence[Shop], SimpleLazyObject(lambda: shops_of(user)))
    can_edit = edit or any(
        getattr(each, "my_role", "") in EDITING_ROLES for each in shops if each.pk == shop.pk
    )
    return ShopPage(shop, user, can_edit, shops)


def last4_of(request: HttpRequest) -> tuple[str, str]:
    """(the four digits searched for or "", what was typed): only four digits are ever looked for."""
    typed = request.GET.get("last4", "").strip()
    return digits_of(typed), typed


def key_of(request: HttpRequest) -> int | None:
    """The key a page of a list begins below; whatever is no number is the first page."""
    return number_in(request.GET.get("before", ""))
