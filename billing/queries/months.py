"""The months a page lets somebody choose from."""

from datetime import date

from django.db.models import Max, Min

from billing import dates
from billing.models import Invoice
from shopmsg.core.clock import add_months


def with_bills(chosen: date, most: int) -> list[date]:
    """Billing months from the first with bills to the last, newest first and at most so many, and the one looked at."""
    ends = Invoice.objects.aggregate(first=Min("month"), last=Max("month"))
    found = {chosen}
    if ends["first"] is not None:
        month = max(ends["first"], add_months(ends["last"], 1 - most))
        while month <= ends["last"]:
            found.add(month)
            month = dates.following(month)
    return sorted(found, reverse=True)
