"""친구 가게 추천: the shop's own code and link, what both sides get, and who came."""

from typing import Final
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from billing import price_list, referral
from billing.queries.referrals import came
from billing.views.pages import open_money
from shopmsg.accounts.access import owner_required
from shopmsg.core.keys import number_in

#: Pages of the list that may be asked for.
_MOST: Final = 1_000


@never_cache
@owner_required
@require_safe
def refer(request: HttpRequest, slug: str) -> HttpResponse:
    """The code is made with the first subscription; before it the page says so."""
    page = open_money(request, slug)
    code = referral.code_of(page.shop)
    number = min(max(number_in(request.GET.get("page", "")) or 1, 1), _MOST)
    rows, more = came(page.shop, number)
    context = page.context(
        code=code,
        link=f"{settings.BASE_URL}{reverse('eligibility:check')}?{urlencode({'by': code})}",
        month=referral.month_of(page.shop, price_list.catalogue(), timezone.now()) if code else None,
        rows=rows,
        newer=number - 1,
        older=number + 1 if more else 0,
    )
    return render(request, "billing/owner/refer.html", context)
