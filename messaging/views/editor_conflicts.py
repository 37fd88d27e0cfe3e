"""Two texts for one field, as the editor shows them side by side."""

from dataclasses import dataclass
from datetime import date, datetime

from messaging.editor.drafts import Saved
from messaging.editor.fields import KIND_NAMES, FieldValue
from messaging.models import DraftEdit
from messaging.template_kinds import TemplateKind
from messaging.views.editor_sheets import LABELS
from shopmsg.core.clock import format_day


@dataclass(frozen=True, slots=True)
class ShownConflict:
    """`kept`: what the draft holds, written by `by` at `at`; `aside`: what was set aside, by `aside_by`, `mine` when
    that was this visit."""

    edit_id: int
    field: str
    label: str
    aside: str
    kept: str
    by: str
    aside_by: str
    at: datetime
    mine: bool


def shown_conflicts(saved: Saved, visit: str) -> list[ShownConflict]:
    """Everything that waits for somebody to choose, as this visit sees it."""
    ids = [conflict.edit_id for conflict in saved.conflicts]
    own = (
        set(DraftEdit.objects.filter(pk__in=ids, visit=visit).values_list("pk", flat=True)) if ids else set()
    )
    return [
        ShownConflict(
            edit_id=conflict.edit_id,
            field=conflict.field,
            label=LABELS.get(conflict.field, "내용"),
            aside=words_of(conflict.field, conflict.mine),
            kept=words_of(conflict.field, conflict.theirs),
            by=conflict.by_name,
            aside_by=conflict.mine_by,
            at=conflict.at,
            mine=conflict.edit_id in own,
        )
        for conflict in saved.conflicts
    ]


def words_of(field: str, value: FieldValue) -> str:
    """A field's value as people read it."""
    if field == "shows_hours":
        return "넣음" if value else "넣지 않음"
    text = "" if value is None or isinstance(value, bool) else value
    if field == "kind" and text in list(TemplateKind):
        return KIND_NAMES[TemplateKind(text)]
    if field in {"starts_on", "ends_on"} and text:
        return format_day(date.fromisoformat(text))
    if field == "picture":
        if text.startswith("drawn:"):
            return f"그림 {int(text.removeprefix('drawn:')) + 1}"
        return "내 사진" if text.startswith("stored:") else "그림 없이"
    return text
