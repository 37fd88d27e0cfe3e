"""Two texts for one field of an application: what met another's change waits here until somebody chooses."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from eligibility import applications
from eligibility.form_log import NO_VISIT, Edit
from eligibility.models import Application, ApplicationChange
from shopmsg.accounts.models import User


@dataclass(frozen=True, slots=True)
class OpenConflict:
    """`mine` was put aside, typed by `by` in the visit `visit`; `theirs` is what the form holds."""

    change_id: int
    field: str
    mine: str
    theirs: str
    by: str
    at: datetime
    visit: str


def open_conflicts(application: Application) -> tuple[OpenConflict, ...]:
    """All that wait, the oldest first; the newest text of each visit and field. A text that the form holds by now has
    nothing left to choose."""
    rows = application.changes.filter(aside=True, settled=False).select_related("by").order_by("pk")
    newest = {(row.visit, row.field): row for row in rows}
    return tuple(
        OpenConflict(
            change_id=row.pk,
            field=row.field,
            mine=row.after,
            theirs=application.form.get(row.field, ""),
            by=row.by.name if row.by is not None else "",
            at=row.at,
            visit=row.visit,
        )
        for row in sorted(newest.values(), key=lambda row: row.pk)
        if row.after != application.form.get(row.field, "")
    )


def choose(
    application_id: int, change_id: int, *, mine: bool, by: User | None, address: str | None, now: datetime
) -> Application:
    """Settle one: `mine` puts the text that was set aside into the form, otherwise the form stays. Chosen twice, or of
    another application, changes nothing. Raises ApplicationRefused("wrong_state") as applications.save."""
    with transaction.atomic():
        application = applications.locked(application_id)
        aside = application.changes.filter(pk=change_id, aside=True, settled=False).first()
        if aside is None:
            return application
        _settle(application, aside)
        if not mine:
            return application
        edit = Edit(aside.field, aside.after, application.revision)
        # A choice is nobody's visit: whoever has the page open sees it as somebody else's change.
        saved = applications.save(application_id, [edit], visit=NO_VISIT, by=by, address=address, now=now)
        return saved.application


def value_at(application: Application, revision: int, fields: Sequence[str]) -> dict[str, str]:
    """What these fields held at an earlier revision of the form."""
    held = {field: application.form.get(field, "") for field in fields}
    later = application.changes.filter(field__in=fields, revision__gt=revision, aside=False)
    for change in later.order_by("-revision", "-pk"):
        held[change.field] = change.before
    return held


def _settle(application: Application, aside: ApplicationChange) -> None:
    """All the texts that this visit had set aside for this field."""
    application.changes.filter(field=aside.field, visit=aside.visit, aside=True, pk__lte=aside.pk).update(
        settled=True
    )
