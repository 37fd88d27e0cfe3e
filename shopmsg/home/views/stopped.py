"""Shops that may not send until a person looked: the operator reads why and lets one send again."""

from typing import Final

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from billing import shop_state
from messaging import stopping
from shopmsg.accounts import audit
from shopmsg.accounts.access import staff_required, user_of
from shopmsg.accounts.enums import Role, ShopStatus
from shopmsg.accounts.models import Shop

_SHOWN: Final = 50


def stopped_shops() -> QuerySet[Shop]:
    """The shops the gateway stopped, at most fifty: more than that is no list but an incident. Those that do not pay are on
    billing's list."""
    stopped = Shop.objects.filter(status=ShopStatus.SUSPENDED)
    return stopped.exclude(status_reason__in=shop_state.OURS).order_by("name")[:_SHOWN]


@never_cache
@staff_required(Role.ADMIN)
@require_POST
def resume(request: HttpRequest, slug: str) -> HttpResponse:
    """Let a shop send again; the reason is asked for and audited."""
    shop = get_object_or_404(Shop, slug=slug, status=ShopStatus.SUSPENDED)
    reason = request.POST.get("reason", "").replace("\x00", "").strip()[:200]
    if not reason:
        messages.error(request, f"{shop.name}: 재개 사유 입력 필요")
    elif stopping.resume(
        shop.pk, by=user_of(request), reason=reason, address=audit.address_of(request), now=timezone.now()
    ):
        messages.success(request, f"{shop.name} 발송 재개")
    return redirect("home:operator")
