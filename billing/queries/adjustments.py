"""조정 as admins see them: what waits for a second person first, then the newest."""

from typing import Final

from django.db.models import Case, Count, IntegerField, Q, QuerySet, Value, When

from billing.enums import InvoiceKind
from billing.models import Adjustment, AdjustmentState, Invoice
from shopmsg.accounts.models import Shop, User

PAGE: Final = 20
#: Bills of a shop to choose from: two years of them.
_BILLS: Final = 24
#: `?state=` and what it is called.
STATES: Final = (("", "모두"), *AdjustmentState.choices)


def listed(words: str, state: str) -> QuerySet[Adjustment, Adjustment]:
    """Those in that state ("" for all) with these words in the shop's name, the reason, the number of a bill or the name of
    who asked."""
    found = Adjustment.objects.select_related("shop", "requested_by", "decided_by", "note", "original")
    if state:
        found = found.filter(state=state)
    if words:
        found = found.filter(
            Q(shop__name__icontains=words)
            | Q(reason__icontains=words)
            | Q(requested_by__name__icontains=words)
            | Q(note__number__icontains=words)
            | Q(original__number__icontains=words)
        )
    waits = Case(
        When(state=AdjustmentState.REQUESTED, then=Value(0)), default=Value(1), output_field=IntegerField()
    )
    return found.order_by(waits, "-pk")


def counts() -> dict[str, int]:
    """How many there are by state; one query."""
    return dict(Adjustment.objects.values_list("state").annotate(number=Count("pk")))


def next_for(person: User, after: int = 0) -> Adjustment | None:
    """The one that has waited longest for somebody else's yes, behind that id."""
    waiting = Adjustment.objects.filter(state=AdjustmentState.REQUESTED).exclude(requested_by=person)
    return waiting.filter(pk__gt=after).order_by("pk").first()


def bills_of(shop: Shop) -> list[Invoice]:
    """The shop's bills that may be corrected, the newest first."""
    return list(shop.invoices.filter(kind=InvoiceKind.INVOICE).order_by("-month")[:_BILLS])
