"""A message as a phone shows it, for every page that draws one (ux.md: "its text is byte for byte what is sent").

`Phone` fills templates/components/phone.html. Joining the texts of its parts, or of its places, gives the message's text
back.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from messaging.compose import Composed, Content, Sender, period_line
from shopmsg.core.clock import KST
from shopmsg.core.text import clean

_LINK = re.compile(r"https?://\S+")
_AD = "(광고)["
_OPTOUT = "무료수신거부 "


class Handset(StrEnum):
    """What kind of phone a message is looked at on; KT's shows the 안심마크."""

    KT = "kt"
    SKT = "skt"
    LGU = "lgu"
    IPHONE = "iphone"

    @property
    def label(self) -> str:
        """The name people know it by."""
        return _HANDSETS[self]


_HANDSETS: Final = {
    Handset.KT: "KT",
    Handset.SKT: "SKT",
    Handset.LGU: "LG U+",
    Handset.IPHONE: "아이폰",
}


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a message's text. `locked`: a line of the law's that nobody can edit; `href`: where it leads."""

    text: str
    locked: bool = False
    href: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Lines of a message that are changed as one. `name` is "ad", "headline", "body", "detail", "period", "hours",
    "contact", "link" or "optout"; the newline after the lines belongs to them."""

    name: str
    text: str

    @property
    def locked(self) -> bool:
        """The law's lines, shown and never edited (rules.md §5)."""
        return self.name in {"ad", "optout"}


@dataclass(frozen=True, slots=True)
class Phone:
    """What one phone shows: a message (`text`), or none and the `reason` with what to do (`action`).

    `sender` is national digits; `clock` stands in the status bar ("3:05"), `at` under the message. `handset` and `scheme`
    ("light", "dark") dress it as one kind of phone, "" as the page is. With `body` the text is drawn by somebody else
    (the editor's places), and `picture_href` makes its picture lead somewhere.
    """

    sender: str
    text: str = ""
    subject: str = ""
    picture_url: str = ""
    picture_alt: str = "홍보 그림"
    picture_width: int = 0
    picture_height: int = 0
    at: datetime | None = None
    clock: str = ""
    trust_mark: bool = False
    links: bool = False
    reason: str = ""
    action: str = ""
    handset: str = ""
    scheme: str = ""
    body: SafeString | None = None
    picture_href: str = ""

    @property
    def parts(self) -> tuple[Part, ...]:
        """The text in order: locked lines, links (leading somewhere only when `links`), and the rest."""
        parts: list[Part] = []
        rows = self.text.split("\n")
        for position, row in enumerate(rows):
            locked = (position == 0 and row.startswith(_AD)) or (
                position == len(rows) - 1 and row.startswith(_OPTOUT)
            )
            if locked:
                parts.append(Part(row, locked=True))
            else:
                parts.extend(self._with_links(row))
            if position < len(rows) - 1:
                parts.append(Part("\n"))
        return tuple(part for part in parts if part.text)

    @property
    def marked_text(self) -> SafeString:
        """The text as HTML for a <pre>: locked lines and links marked, not a character added or left out."""
        if self.body is not None:
            return self.body
        return format_html_join("", "{}", ((_marked(part),) for part in self.parts))

    def _with_links(self, row: str) -> list[Part]:
        if not self.links:
            return [Part(row)]
        parts: list[Part] = []
        end = 0
        for found in _LINK.finditer(row):
            parts += [Part(row[end : found.start()]), Part(found.group(), href=found.group())]
            end = found.end()
        return [*parts, Part(row[end:])]


def _marked(part: Part) -> str:
    if part.locked:
        return format_html('<span class="locked">{}</span>', part.text)
    if part.href:
        return format_html('<a href="{}" target="_blank" rel="noopener">{}</a>', part.href, part.text)
    return part.text


def phone_of(
    composed: Composed,
    *,
    sender: str,
    now: datetime,
    picture_url: str = "",
    picture_alt: str = "홍보 그림",
    picture_size: tuple[int, int] = (0, 0),
    trust_mark: bool = False,
    handset: str = "",
    scheme: str = "",
    body: SafeString | None = None,
    picture_href: str = "",
) -> Phone:
    """The phone that gets a composed message. `sender` is the number it is sent from, national digits; `picture_size`
    in pixels keeps the page still while the picture loads; the rest as in Phone."""
    return Phone(
        sender=sender,
        text=composed.text,
        subject=composed.subject,
        picture_url=picture_url,
        picture_alt=picture_alt,
        picture_width=picture_size[0],
        picture_height=picture_size[1],
        clock=clock_of(now),
        trust_mark=trust_mark,
        handset=handset,
        scheme=scheme,
        body=body,
        picture_href=picture_href,
    )


def places_of(content: Content, sender: Sender, composed: Composed) -> tuple[Place, ...]:
    """Which lines of a composed message come from what. The lines are the message's own, in compose's order; only how
    many each thing takes is known here. One "detail" stands for each of the content's details."""
    lines: list[tuple[str, int]] = [
        ("ad", 1),
        ("headline", _height(content.headline)),
        ("body", _height(content.body)),
        *[("detail", 1) for _ in content.details],
        ("period", 1 if period_line(content.starts_on, content.ends_on) else 0),
        ("hours", 1 if content.shows_hours and sender.hours else 0),
        ("contact", 1),
        ("link", 1),
        ("optout", _height(composed.last)),
    ]
    rows = [f"{row}\n" for row in composed.text.split("\n")]
    rows[-1] = rows[-1][:-1]
    return tuple(_cut(rows, [line for line in lines if line[1]]))


def _height(text: str) -> int:
    """How many lines of the message a text takes; an empty one is left out."""
    cleaned = clean(text)
    return cleaned.count("\n") + 1 if cleaned else 0


def _cut(rows: Sequence[str], lines: Sequence[tuple[str, int]]) -> list[Place]:
    places = []
    at = 0
    for position, (name, height) in enumerate(lines):
        end = len(rows) if position == len(lines) - 1 else at + height
        places.append(Place(name, "".join(rows[at:end])))
        at = end
    return places


def clock_of(moment: datetime) -> str:
    """A moment as a phone's status bar has it: "3:05"."""
    local = moment.astimezone(KST)
    return f"{(local.hour - 1) % 12 + 1}:{local.minute:02d}"
