"""The plan page: what is paid a month and why, the next bill line by line, until when it binds, and what leaving costs."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from billing import forecast, subscriptions
from billing.drafting import CannotDraft
from billing.queries.plan import plan_state
from billing.views.pages import open_money
from shopmsg.accounts.access import owner_required


@never_cache
@owner_required
@require_safe
def plan(request: HttpRequest, slug: str) -> HttpResponse:
    """요금제 of the shop; without a running contract how to get one."""
    page = open_money(request, slug)
    now = timezone.now()
    state = plan_state(page.shop, now)
    if state is None:
        ended = subscriptions.newest(page.shop)
        return render(request, "billing/owner/plan_none.html", page.context(ended=ended))
    try:
        bill = forecast.next_bill(page.shop, now)
    except CannotDraft:
        # The run names it to the admins; everything else on the page still holds.
        bill = None
    context = page.context(state=state, bill=bill)
    return render(request, "billing/owner/plan.html", context)
