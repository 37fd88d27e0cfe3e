"""A message as a phone shows it, for every page that draws one (ux.md: "its text is byte for byte what is sent").

`Phone` fills templates/components/phone.html. Joining the texts of its parts gives the message's text back.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from messaging.compose import Composed
from shopmsg.core.clock import KST

_LINK = re.compile(r"https?://\S+")
_AD = "(광고)["
_OPTOUT = "무료수신거부 "


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a message's text. `locked`: a line of the law's that nobody can edit; `href`: where it leads."""

    text: str
    locked: bool = False
    href: str = ""


@dataclass(frozen=True, slots=True)
class Phone:
    """What one phone shows: a message (`text`), or none and the `reason` with what to do (`action`).

    `sender` is national digits; `clock` stands in the status bar ("3:05"), `at` under the message.
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
) -> Phone:
    """The phone that gets a composed message. `sender` is the number it is sent from, national digits; `picture_size`
    in pixels keeps the page still while the picture loads."""
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
    )


def clock_of(moment: datetime) -> str:
    """A moment as a phone's status bar has it: "3:05"."""
    local = moment.astimezone(KST)
    return f"{(local.hour - 1) % 12 + 1}:{local.minute:02d}"
