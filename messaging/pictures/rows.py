"""Rows of a label and a value, shared by the coupon and the event pictures."""

from dataclasses import dataclass

from messaging.pictures.canvas import Box
from messaging.pictures.lettering import Align, Style, Weight
from messaging.pictures.scene import Scene

_LABEL_WIDTH = 92


@dataclass(frozen=True, slots=True)
class Row:
    """`label` is a two-syllable Korean word, `role` names the value for whoever checks the layout."""

    label: str
    role: str
    value: str


def label_rows(scene: Scene, rows: list[Row], box: Box) -> None:
    """The rows that say something, evenly in the box: label on a tinted pill, value beside it."""
    p = scene.palette
    said = [row for row in rows if row.value.strip()]
    if not said:
        return
    pitch = min(92.0, box.height / len(said))
    top = box.top + (box.height - pitch * len(said)) / 2
    for row in said:
        middle = top + pitch / 2
        pill = Box(box.left, middle - 23, box.left + _LABEL_WIDTH, middle + 23)
        scene.canvas.rectangle(pill, p.deep, 23)
        label = Box(pill.left + 8, pill.top + 4, pill.right - 8, pill.bottom - 4)
        scene.write(f"{row.role} label", row.label, label, Style(28, 22, align=Align.CENTRE), p.paper)
        value = Box(pill.right + 20, top + 3, box.right, top + pitch - 3)
        scene.write(row.role, row.value, value, Style(36, 25, Weight.BOLD, lines=2), p.deep)
        top += pitch
