"""직원이 도와드린 일: the owner reads it and stops who is at it; staff finish what they do in a shop's place."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from shopmsg.accounts import acts, audit, delegations
from shopmsg.accounts.access import (
    owned_shop_or_404,
    owner_required,
    shop_or_404,
    shops_of,
    staff_required,
    user_of,
)
from shopmsg.accounts.enums import MemberRole
from shopmsg.accounts.models import Delegation
from shopmsg.core.keys import number_in


@never_cache
@owner_required
@require_safe
def staff_acts(request: HttpRequest, slug: str) -> HttpResponse:
    """The list, newest first; `?mine=1` shows only what was done in an owner's place, `?before=` the page below a key."""
    user = user_of(request)
    shop = shop_or_404(user, slug)
    now = timezone.now()
    before = number_in(request.GET.get("before", ""))
    mine = "mine" in request.GET
    rows, older = acts.of_shop(shop, user, before=before, only_for_owner=mine)
    kept = {"mine": "1"} if mine else {}
    context = {
        "shop": shop,
        "shops": shops_of(user),
        "tab": "settings",
        "owns": shop.memberships.filter(user=user, role=MemberRole.OWNER).exists(),
        "at_work": [
            (each.pk, each.staff.shown_name, each.began_at, delegations.time_left(each, now), each.reason)
            for each in delegations.running(shop, now)
        ],
        "rows": rows,
        "mine": mine,
        "first_url": f"?{urlencode(kept)}" if before is not None else "",
        "older_url": f"?{urlencode({**kept, 'before': older})}" if older else "",
    }
    return render(request, "accounts/staff_acts.html", context)


@never_cache
@owner_required
@require_POST
def stop(request: HttpRequest, slug: str, delegation_id: int) -> HttpResponse:
    """그만하게 하기: whoever of us works in the owner's place is out with their next tap."""
    user = user_of(request)
    shop = owned_shop_or_404(
        user, slug, otherwise="직원이 그만하게 하는 것은 사장님만 할 수 있어요. 사장님께 말씀해 주세요."
    )
    found = get_object_or_404(Delegation.objects.select_related("shop"), pk=delegation_id, shop=shop)
    if delegations.end(found, by=user, address=audit.address_of(request), now=timezone.now()):
        messages.success(request, "그만하게 했어요. 이제 직원이 대신 고칠 수 없어요.")
    else:
        messages.info(request, "이미 끝난 일이에요.")
    return redirect("accounts:staff_acts", shop.slug)


@never_cache
@staff_required()
@require_POST
def finish(request: HttpRequest, delegation_id: int) -> HttpResponse:
    """작업 마치기: back to where the member of staff came from, also when the time was over already."""
    user = user_of(request)
    found = get_object_or_404(Delegation.objects.select_related("shop"), pk=delegation_id, staff=user)
    delegations.end(found, by=user, address=audit.address_of(request), now=timezone.now())
    return HttpResponseRedirect(found.return_to)
