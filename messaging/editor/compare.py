"""무엇이 달랐나요: two promos field by field, with the words that differ marked."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final, TypeAlias

from messaging.editor.fields import KIND_NAMES, DraftFields
from messaging.editor.pictures import DRAWN
from messaging.template_kinds import DETAILS
from shopmsg.core.clock import format_day

#: (text, whether it differs), in order; joined they are the whole text.
Parts: TypeAlias = tuple[tuple[str, bool], ...]
#: A word with what parts it from the next: spaces of their own would be alike everywhere, and comparing takes minutes.
_WORDS: Final = re.compile(r"\S+\s*")
_NOTHING: Final = "없음"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs. A side without it says "없음"."""

    label: str
    before: Parts
    after: Parts


def changes(before: DraftFields, after: DraftFields) -> tuple[Change, ...]:
    """What differs in what callers get, in the order of the message; nothing for two promos that say the same."""
    pairs = {**_said(before), **_said(after)}
    first, second = _said(before), _said(after)
    return tuple(
        Change(label, *_marked(first.get(label, ""), second.get(label, "")))
        for label in sorted(pairs, key=_place)
        if first.get(label, "") != second.get(label, "")
    )


def _said(fields: DraftFields) -> dict[str, str]:
    """What each part of the message says, by its label; what a kind lacks is not in it."""
    starts_on, ends_on = fields.period
    said = {
        "종류": KIND_NAMES[fields.kind],
        "그림": _picture(fields.picture),
        "제목": fields.headline.strip(),
        "내용": fields.body.strip(),
        "시작하는 날": format_day(starts_on) if starts_on else "",
        "끝나는 날": format_day(ends_on) if ends_on else "",
        "영업시간": "넣음" if fields.shows_hours else "",
    }
    for detail in DETAILS[fields.kind]:
        said[detail.label] = fields.details.get(detail.key, "").strip()
    return said


_ORDER: Final = (
    "종류",
    "그림",
    "제목",
    "내용",
    *dict.fromkeys(detail.label for details in DETAILS.values() for detail in details),
    "시작하는 날",
    "끝나는 날",
    "영업시간",
)


def _place(label: str) -> int:
    return _ORDER.index(label)


def _picture(choice: str) -> str:
    if choice == "none":
        return ""
    if choice.startswith(DRAWN):
        return f"그려 드린 그림 {int(choice.removeprefix(DRAWN)) + 1}"
    return f"올린 사진 {choice.rpartition(':')[2]}"


def _marked(before: str, after: str) -> tuple[Parts, Parts]:
    """Both texts cut into words, those that differ marked."""
    if not before or not after:
        return ((before or _NOTHING, True),), ((after or _NOTHING, True),)
    one, other = _WORDS.findall(before), _WORDS.findall(after)
    left: list[tuple[str, bool]] = []
    right: list[tuple[str, bool]] = []
    matcher = SequenceMatcher(a=[word.rstrip() for word in one], b=[word.rstrip() for word in other])
    for what, i1, i2, j1, j2 in matcher.get_opcodes():
        left += _cut("".join(one[i1:i2]), what != "equal")
        right += _cut("".join(other[j1:j2]), what != "equal")
    return tuple(left), tuple(right)


def _cut(text: str, differs: bool) -> Parts:
    """The text as parts; spaces and line ends around what differs are not marked with it."""
    if not differs:
        return ((text, False),) if text else ()
    bare = text.strip()
    if not bare:
        return ((text, False),) if text else ()
    before, _, after = text.partition(bare)
    return tuple((part, place == 1) for place, part in enumerate((before, bare, after)) if part)
