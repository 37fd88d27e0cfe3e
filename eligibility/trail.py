"""The audit trail of an application: every act names it the same way, so that its record page finds them all."""

from typing import Any

from django.db.models import QuerySet

from eligibility.models import Application
from shopmsg.accounts import audit
from shopmsg.accounts.models import AuditEntry, User


def record(
    application: Application,
    action: str,
    *,
    by: User | None,
    address: str | None,
    reason: str = "",
    **detail: Any,
) -> None:
    """Append one entry about this application and its shop. Call it last, as audit.record says."""
    audit.record(
        action,
        actor=by,
        shop=application.shop,
        subject=_subject(application),
        reason=reason[:200],
        detail=detail,
        address=address,
    )


def record_writing(application: Application, visit: str, *, by: User | None, address: str | None) -> None:
    """Somebody writes in a form that has been received: once for each opening of the page, since each field's change
    stands in the form's own log."""
    if not entries_of(application).filter(action="application.written", detail__visit=visit).exists():
        record(application, "application.written", by=by, address=address, visit=visit)


def entries_of(application: Application) -> QuerySet[AuditEntry]:
    """What the audit log says of this application."""
    return AuditEntry.objects.filter(subject=_subject(application))


def _subject(application: Application) -> str:
    return f"application:{application.pk}"
