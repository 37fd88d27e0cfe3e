"""The log of a draft's edits: what is written into it, what of it stands in the way, what of it can be undone."""

from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

from django.db import connection
from django.db.models import Max

from messaging.editor.fields import FIELDS, DraftFields, FieldValue, value_of, with_value
from messaging.models import DraftEdit, EditState, PromoDraft
from shopmsg.accounts.models import User

#: Edits kept of a draft, and how long one may wait aside for somebody to choose.
EDITS_KEPT: Final = 500
ASIDE_KEPT: Final = timedelta(days=30)

_PRUNE: Final = """
DELETE FROM messaging_draftedit e USING (
    SELECT id, row_number() OVER (PARTITION BY draft_id ORDER BY revision DESC, id DESC) AS place
    FROM messaging_draftedit WHERE state <> 'aside'
) AS numbered
WHERE e.id = numbered.id AND numbered.place > %s
"""


class Writing:
    """One verb's changes to a locked draft: all under the next revision, which is taken when there is a change."""

    def __init__(self, draft: PromoDraft, visit: str, by: User | None, now: datetime) -> None:
        self._draft, self._visit, self._by, self._now = draft, visit, by, now
        self._revision = draft.revision + 1
        self._rows: list[DraftEdit] = []
        self._touched = False

    def change(self, field: str, value: FieldValue) -> None:
        self._log(field, value_of(self._draft.fields, field), value, EditState.APPLIED)
        self._set(field, value)

    def change_all(self, fields: DraftFields) -> None:
        wanted = fields.to_json()
        for field in FIELDS:
            if value_of(self._draft.fields, field) != value_of(wanted, field):
                self.change(field, value_of(wanted, field))
        self.finish()

    def put_aside(self, field: str, value: FieldValue) -> None:
        """A visit has one text of a field aside: going on writing replaces it."""
        self._touched = True
        updated = self._draft.edits.filter(field=field, visit=self._visit, state=EditState.ASIDE).update(
            after=value, at=self._now
        )
        if not updated:
            self._log(field, value_of(self._draft.fields, field), value, EditState.ASIDE)

    def bring_in(self, aside: DraftEdit) -> None:
        before = value_of(self._draft.fields, aside.field)
        self._draft.edits.filter(pk=aside.pk).update(
            state=EditState.APPLIED,
            revision=self._revision,
            before=before,
            visit=self._visit,
            by=self._by,
            at=self._now,
        )
        self._set(aside.field, aside.after)

    def take_back(self, edit: DraftEdit) -> None:
        """Noted as a change that is undone already: other devices see it, and it is no step of its own."""
        self._draft.edits.filter(pk=edit.pk).update(state=EditState.UNDONE)
        self._log(edit.field, edit.after, edit.before, EditState.UNDONE)
        self._set(edit.field, edit.before)

    def settle_aside(self, field: str) -> None:
        """Texts aside that say what the draft says are no conflict any more."""
        value = value_of(self._draft.fields, field)
        for aside in self._draft.edits.filter(field=field, state=EditState.ASIDE):
            if aside.after == value:
                self._draft.edits.filter(pk=aside.pk).update(state=EditState.UNDONE)

    def finish(self) -> None:
        """Write it down; a verb that changed nothing leaves the revision as it was."""
        if not (self._rows or self._touched):
            return
        DraftEdit.objects.bulk_create(self._rows)
        draft = self._draft
        draft.revision, draft.updated_at, draft.updated_by = self._revision, self._now, self._by
        draft.save(update_fields=["fields", "revision", "updated_at", "updated_by"])

    def _set(self, field: str, value: FieldValue) -> None:
        self._touched = True
        self._draft.fields = with_value(self._draft.fields, field, value)
        self.settle_aside(field)

    def _log(self, field: str, before: FieldValue, after: FieldValue, state: EditState) -> None:
        self._rows.append(
            DraftEdit(
                draft=self._draft,
                revision=self._revision,
                field=field,
                before=before,
                after=after,
                visit=self._visit,
                state=state,
                by=self._by,
                at=self._now,
            )
        )


def changed_elsewhere(draft: PromoDraft, field: str, base: int, visit: str) -> bool:
    """Whether the field is not what the device had last seen, because of another visit."""
    log = draft.edits.exclude(state=EditState.ASIDE)
    oldest = log.order_by("revision").values_list("revision", flat=True).first()
    if oldest is not None and base + 1 < oldest:
        # The log does not reach back to what the device saw: it may not have seen what it would overwrite.
        return True
    since = log.filter(field=field, revision__gt=base)
    if not since.exclude(visit=visit).exists():
        return False
    seen = since.order_by("revision", "pk").values_list("before", flat=True)[0]
    return bool(seen != value_of(draft.fields, field))


def undoable(draft: PromoDraft, visit: str) -> list[DraftEdit]:
    """The newest step of this visit of which anything can be taken back, last change first."""
    others = draft.edits.exclude(visit=visit).exclude(state=EditState.ASIDE)
    overtaken = dict(others.order_by().values_list("field").annotate(Max("revision")))
    mine = draft.edits.filter(visit=visit, state=EditState.APPLIED).order_by("-revision", "-pk")
    # The texts themselves are read step by step: a day of typing holds megabytes of them.
    names = mine.values_list("revision", "pk", "field")[:EDITS_KEPT]
    ours = [(revision, pk) for revision, pk, field in names if revision > overtaken.get(field, 0)]
    for _, step in groupby(ours, key=itemgetter(0)):
        data: dict[str, Any] = draft.fields
        found = []
        for edit in mine.filter(pk__in=[pk for _, pk in step]):
            if value_of(data, edit.field) == edit.after:
                found.append(edit)
                data = with_value(data, edit.field, edit.before)
        if found:
            return found
    return []


def prune(now: datetime, kept: int = EDITS_KEPT) -> int:
    """Delete what no undo and no conflict needs any more: all but a draft's newest `kept` edits, and what waited aside
    for ASIDE_KEPT; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(_PRUNE, [kept])
        deleted: int = cursor.rowcount
    old, _ = DraftEdit.objects.filter(state=EditState.ASIDE, at__lt=now - ASIDE_KEPT).delete()
    return deleted + old
