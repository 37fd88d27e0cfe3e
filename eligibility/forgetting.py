"""What is forgotten of applications that came to nothing: who applied, six months after the end (rules.md §5). The counts of
the funnel stay."""

import logging
from datetime import datetime
from typing import Final

from django.db import transaction

from eligibility import applications
from eligibility.document_terms import MONTHS
from eligibility.enums import ApplicationState
from eligibility.models import Application
from shopmsg.core.clock import add_months, day_start, kst_day

log = logging.getLogger(__name__)

_OVER: Final = (ApplicationState.REFUSED, ApplicationState.WITHDRAWN)
_ABANDONED: Final = "여섯 달 동안 이어지지 않은 신청"
#: What a form says about people and their business.
_PERSONAL: Final = (
    "business_number", "business_name", "owner_name", "owner_mobile", "shop_name", "address", "hours",
    "line_number", "line_owner_name", "specials",
)  # fmt: skip


def forget(now: datetime) -> int:
    """End forms that nobody has touched for six months, and empty what ended six months ago; returns how many were
    emptied. Killed on the way, the next run goes on."""
    limit = day_start(add_months(kst_day(now), -MONTHS))
    abandoned = Application.objects.filter(state=ApplicationState.FORM, updated_at__lt=limit)
    for pk in list(abandoned.values_list("pk", flat=True)):
        applications.withdraw(pk, reason=_ABANDONED, by=None, address=None, now=now)
    old = Application.objects.filter(state__in=_OVER, ended_at__lt=limit).exclude(form={})
    return sum(_empty(pk, limit) for pk in list(old.values_list("pk", flat=True)))


def _empty(application_id: int, limit: datetime) -> bool:
    with transaction.atomic():
        application = applications.locked(application_id)
        if application.state not in _OVER or application.ended_at is None or application.ended_at >= limit:
            return False  # reopened meanwhile
        for name in _PERSONAL:
            setattr(application, name, "")
        application.form, application.draft_made, application.annual_revenue = {}, {}, None
        application.save()
        application.changes.all().delete()
        application.reviews.update(mobile="", note="", agreed={})
        application.tries.update(note="")
    log.info("application forgotten", extra={"application": application_id})
    return True
