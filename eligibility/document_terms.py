"""How long documents are kept: six months from activation, or from the end of an application that came to nothing
(rules.md §5)."""

import logging
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction

from eligibility import trail
from eligibility.enums import DocumentState
from eligibility.models import Application, Document
from eligibility.models.document import document_storage
from shopmsg.core import clock

log = logging.getLogger(__name__)

MONTHS: Final = 6
#: Where the storage keeps them.
FOLDER: Final = "documents"
#: A file without a row is an upload that is just being written, or one that died before its row; after this the latter.
_ORPHANED: Final = timedelta(days=1)


def term_of(application: Application) -> datetime | None:
    """When documents of this application go; None while it is neither active nor over."""
    over = application.ended_at or application.active_at
    return clock.day_start(clock.add_months(clock.kst_day(over), MONTHS)) if over else None


def set_terms(application: Application, now: datetime) -> None:
    """Give the application's documents the term of its state as it is now; none when it is open again. Under the
    application's lock."""
    Document.objects.filter(application=application, deleted_at__isnull=True).update(
        delete_after=term_of(application)
    )


def delete_due(now: datetime) -> int:
    """Delete what is past its term: the file, then its row says so. Who dies between the two repeats it without harm.
    Returns how many documents went."""
    due = Document.objects.filter(delete_after__lte=now, deleted_at__isnull=True)
    gone = sum(_delete(pk, now) for pk in due.order_by("pk").values_list("pk", flat=True))
    _delete_orphans(now)
    return gone


def _delete(document_id: int, now: datetime) -> bool:
    with transaction.atomic():
        rows = Document.objects.select_for_update(of=("self",), skip_locked=True).select_related(
            "application__shop"
        )
        document = rows.filter(pk=document_id, delete_after__lte=now, deleted_at__isnull=True).first()
        if document is None:
            return False
        try:
            document_storage().delete(document.file.name)
        except OSError:
            log.exception("document not deleted", extra={"document": document.pk})
            return False
        document.file = ""
        document.original_name = document.business_number = document.verdict = ""
        document.state = DocumentState.DELETED
        document.deleted_at = now
        document.save()
        told: dict[str, Any] = {"document": document.pk, "kind": document.kind}
        trail.record(document.application, "document.deleted", by=None, address=None, **told)
    return True


def _delete_orphans(now: datetime) -> None:
    """Files whose row never came."""
    storage = document_storage()
    try:
        _, files = storage.listdir(FOLDER)
    except FileNotFoundError:
        return
    names = {f"{FOLDER}/{file}" for file in files}
    names -= set(Document.objects.filter(file__in=names).values_list("file", flat=True))
    for name in names:
        try:
            if storage.get_modified_time(name) < now - _ORPHANED:
                storage.delete(name)
        except OSError:
            log.exception("orphaned document not deleted")
