"""The draft of a shop's promo: merged field by field, undone within a visit, and nothing of it ever lost.

Every verb holds the draft's row, so edits of two devices happen one after the other; what one of them overwrites stays
in the log, and what met another device's edit is kept ASIDE until somebody chooses.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction

from messaging import promos
from messaging.editor.edit_log import Writing, changed_elsewhere, undoable
from messaging.editor.fields import DraftFields, FieldValue, first_fields, of_version, value_of
from messaging.models import DraftEdit, EditState, PromoDraft, PromoVersion, Publication, PublicationState
from shopmsg.accounts.models import Shop, User

#: Edits of nobody's visit: a draft made anew.
_NO_VISIT: Final = ""


@dataclass(frozen=True, slots=True)
class Edit:
    """One field as a device wants it. `value` has been through `fields.parse`; `base` is the revision the device had
    last seen."""

    field: str
    value: FieldValue
    base: int


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two texts for one field: `mine`, set aside, by `mine_by`; `theirs`, which the draft holds, by `by_name` at `at`.
    Names are "" when nobody is known."""

    edit_id: int
    field: str
    mine: FieldValue
    theirs: FieldValue
    by_name: str
    at: datetime
    mine_by: str = ""


@dataclass(frozen=True, slots=True)
class Saved:
    """The draft after a verb. `conflicts` are all that wait for somebody to choose, also other visits';
    `unpublished`: it holds something that has not gone out."""

    revision: int
    fields: DraftFields
    conflicts: tuple[Conflict, ...]
    can_undo: bool
    unpublished: bool = True


def open_draft(shop: Shop, *, by: User | None, now: datetime) -> PromoDraft:
    """The shop's draft: as it was left; made from what is live, or for a new shop from its trade, when there is none
    or when it holds nothing that has not gone out."""
    with transaction.atomic():
        return _locked(shop, by, now, renew=True)


def state(shop: Shop, *, visit: str, now: datetime) -> Saved:
    """The draft as this visit sees it."""
    with transaction.atomic():
        return _saved(_locked(shop, None, now), visit)


def save(shop: Shop, edits: Sequence[Edit], *, visit: str, by: User | None, now: datetime) -> Saved:
    """Merge edits into the draft, field by field. An edit of a field that another visit changed after the edit's
    `base` is kept aside instead, and shows as a Conflict; the same value from both is none."""
    with transaction.atomic():
        draft = _locked(shop, by, now)
        writing = Writing(draft, visit, by, now)
        for edit in edits:
            if value_of(draft.fields, edit.field) == edit.value:
                writing.settle_aside(edit.field)
            elif changed_elsewhere(draft, edit.field, edit.base, visit):
                writing.put_aside(edit.field, edit.value)
            else:
                writing.change(edit.field, edit.value)
        writing.finish()
        return _saved(draft, visit)


def undo(shop: Shop, *, visit: str, by: User | None, now: datetime) -> Saved:
    """Take back this visit's newest step, as far as no other visit has changed the same field since. What cannot be
    taken back is passed over; with nothing left, nothing happens."""
    with transaction.atomic():
        draft = _locked(shop, by, now)
        writing = Writing(draft, visit, by, now)
        for edit in undoable(draft, visit):
            writing.take_back(edit)
        writing.finish()
        return _saved(draft, visit)


def choose(shop: Shop, edit_id: int, *, mine: bool, by: User | None, now: datetime, visit: str) -> Saved:
    """Settle a conflict: `mine` puts what was set aside into the draft, otherwise the draft stays. One that somebody
    has settled already changes nothing."""
    with transaction.atomic():
        draft = _locked(shop, by, now)
        aside = draft.edits.filter(pk=edit_id, state=EditState.ASIDE).first()
        if aside is not None:
            writing = Writing(draft, visit, by, now)
            if mine:
                writing.bring_in(aside)
            else:
                draft.edits.filter(pk=aside.pk).update(state=EditState.UNDONE)
            writing.finish()
        return _saved(draft, visit)


def replace(shop: Shop, fields: DraftFields, *, visit: str, by: User | None, now: datetime) -> Saved:
    """Take over a template or an earlier version whole: one step, which `undo` takes back at once."""
    with transaction.atomic():
        draft = _locked(shop, by, now)
        Writing(draft, visit, by, now).change_all(fields)
        return _saved(draft, visit)


def went_out(version: PromoVersion, fields: DraftFields) -> None:
    """This version was made of these fields: a draft that still says the same holds nothing that has not gone out."""
    PromoDraft.objects.filter(shop_id=version.shop_id, fields=fields.to_json()).update(
        base=version, base_fields=fields.to_json()
    )


def is_out(version: PromoVersion, fields: DraftFields) -> bool:
    """Whether this version went out last of the shop's draft, made of just these fields."""
    return PromoDraft.objects.filter(
        shop_id=version.shop_id, base=version, base_fields=fields.to_json()
    ).exists()


def follow(version: PromoVersion, fields: DraftFields, now: datetime) -> None:
    """An earlier version is on its way out again: a draft that holds nothing that has not gone out becomes it, so that
    the editor shows what callers will get; one that says the same holds nothing else. `fields` are the version's."""
    with transaction.atomic():
        draft = PromoDraft.objects.select_for_update(no_key=True).filter(shop_id=version.shop_id).first()
        if draft is not None and draft.fields in (draft.base_fields, fields.to_json()):
            _make_anew(draft, fields, version, now)


def came_back(version: PromoVersion) -> None:
    """This version did not go live, or not for long: what the draft says is only there again."""
    PromoDraft.objects.filter(shop_id=version.shop_id, base=version).update(base_fields={})


def _locked(shop: Shop, by: User | None, now: datetime, *, renew: bool = False) -> PromoDraft:
    """The draft under this transaction's lock, made when there is none."""
    found = PromoDraft.objects.select_for_update(no_key=True).filter(shop=shop).first()
    if found is None:
        fields, base = _fresh(shop, now)
        data = fields.to_json()
        made = PromoDraft(shop=shop, fields=data, base=base, base_fields=data, updated_at=now, updated_by=by)
        # Two devices may open a shop's first draft at once: the second finds the first one's.
        PromoDraft.objects.bulk_create([made], ignore_conflicts=True)
        found = PromoDraft.objects.select_for_update(no_key=True).get(shop=shop)
    found.fields = DraftFields.from_json(found.fields).to_json()
    if renew and found.fields == found.base_fields and not _waits(shop, found.base_id):
        _renew(shop, found, now)
    return found


def _renew(shop: Shop, draft: PromoDraft, now: datetime) -> None:
    """What is live now in the place of a draft that nobody has written in since it went out."""
    live = promos.live(shop)
    if live is not None and live.pk == draft.base_id:
        return
    _make_anew(draft, *_fresh(shop, now), now)


def _make_anew(draft: PromoDraft, fields: DraftFields, base: PromoVersion | None, now: datetime) -> None:
    draft.fields = DraftFields.from_json(draft.fields).to_json()
    draft.base, draft.base_fields = base, fields.to_json()
    draft.save(update_fields=["base", "base_fields"])
    Writing(draft, _NO_VISIT, None, now).change_all(fields)


def _fresh(shop: Shop, now: datetime) -> tuple[DraftFields, PromoVersion | None]:
    live = promos.live(shop)
    return (first_fields(shop, now), None) if live is None else (of_version(live), live)


def _waits(shop: Shop, version_id: int | None) -> bool:
    return Publication.objects.filter(
        shop=shop, version_id=version_id, state=PublicationState.WAITING
    ).exists()


def _saved(draft: PromoDraft, visit: str) -> Saved:
    asides = list(draft.edits.filter(state=EditState.ASIDE).select_related("by").order_by("pk"))
    return Saved(
        revision=draft.revision,
        fields=DraftFields.from_json(draft.fields),
        conflicts=tuple(_conflicts(draft, asides)),
        can_undo=bool(undoable(draft, visit)),
        unpublished=draft.base_id is None or draft.fields != draft.base_fields,
    )


def _conflicts(draft: PromoDraft, asides: Sequence[DraftEdit]) -> Iterable[Conflict]:
    newest = (
        draft.edits.filter(field__in={aside.field for aside in asides})
        .exclude(state=EditState.ASIDE)
        .select_related("by")
        .order_by("field", "-revision", "-pk")
        .distinct("field")
    )
    theirs_of = {edit.field: edit for edit in newest} if asides else {}
    for aside in asides:
        theirs = theirs_of.get(aside.field)
        yield Conflict(
            edit_id=aside.pk,
            field=aside.field,
            mine=aside.after,
            theirs=value_of(draft.fields, aside.field),
            by_name=_name(theirs),
            at=theirs.at if theirs is not None else draft.updated_at,
            mine_by=_name(aside),
        )


def _name(edit: DraftEdit | None) -> str:
    return edit.by.shown_name if edit is not None and edit.by is not None else ""
