"""What was typed into an application's form, field by field: the log that makes two people at one form notice each other
and that loses no text. Everything here happens under the application's lock."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from eligibility.form import LABELS, LONGEST
from eligibility.models import Application, ApplicationChange
from shopmsg.accounts.models import User

#: Changes of nobody's visit of the page: what an application began with.
NO_VISIT: Final = ""


@dataclass(frozen=True, slots=True)
class Edit:
    """One field as somebody typed it; `base` is the revision their page had last seen."""

    field: str
    typed: str
    base: int


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two people at one field: `mine` was put aside, `theirs` is in the form, written by `by` at `at`."""

    field: str
    mine: str
    theirs: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Hand:
    """Whose writing it is: one opening of the page (`visit`) by one person from one address at one moment."""

    visit: str
    by: User | None
    address: str | None
    now: datetime

    def take(self, application: Application, edit: Edit) -> Conflict | None:
        """Write the edit into the form, or put it aside when another visit changed the field after the edit's `base`."""
        typed = _kept(edit.typed)
        if edit.field not in LABELS or application.form.get(edit.field, "") == typed:
            return None
        other = self._others_change(application, edit)
        if other is None:
            self.write(application, edit.field, typed)
            return None
        theirs = application.form.get(edit.field, "")
        self._log(application, edit.field, theirs, typed, aside=True)
        return Conflict(edit.field, typed, theirs, other.by.name if other.by else "", other.at)

    def write(self, application: Application, field: str, typed: str) -> None:
        """Put a text into the form; the caller saves the row."""
        typed, before = _kept(typed), application.form.get(field, "")
        application.revision += 1
        application.form = {**application.form, field: typed}
        self._log(application, field, before, typed)

    def _others_change(self, application: Application, edit: Edit) -> ApplicationChange | None:
        newer = application.changes.filter(field=edit.field, revision__gt=edit.base, aside=False)
        return newer.exclude(visit=self.visit).select_related("by").order_by("-revision").first()

    def _log(
        self, application: Application, field: str, before: str, after: str, *, aside: bool = False
    ) -> None:
        ApplicationChange.objects.create(
            application=application,
            revision=application.revision,
            field=field,
            before=before,
            after=after,
            visit=self.visit,
            aside=aside,
            by=self.by,
            address=self.address,
            at=self.now,
        )


def _kept(typed: str) -> str:
    """As the database can keep it."""
    return typed.replace("\x00", "")[:LONGEST]
