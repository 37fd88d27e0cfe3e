"""A promo as the text a phone gets: one function for the preview and for sending (rules.md §5).

The first and the last line are the law's and are added here; nothing an owner types can remove or imitate them away.
"""

from dataclasses import dataclass
from datetime import date

from messaging.enums import Channel
from shopmsg.accounts.enums import Product
from shopmsg.core import phone
from shopmsg.core.text import (
    MMS_BYTES,
    SMS_BYTES,
    SUBJECT_BYTES,
    Unsendable,
    byte_length,
    clean,
    truncate,
    unsendable,
)

RULES_VERSION = 1
#: A link as long as every real one, for counting and previews.
SAMPLE_TOKEN = "0123456789"


@dataclass(frozen=True, slots=True)
class Content:
    """What the owner wrote. A period line is shown when either date is set. `details` are the (label, value) lines of
    the promo's kind."""

    headline: str
    body: str
    starts_on: date | None = None
    ends_on: date | None = None
    pictured: bool = True
    details: tuple[tuple[str, str], ...] = ()
    shows_hours: bool = False


@dataclass(frozen=True, slots=True)
class Sender:
    """What the shop is. `contact` and `optout_080` are national digits; `hours` is one line, shown by contents that
    want it, so that a message and the shop's homepage never disagree."""

    name: str
    product: Product
    contact: str
    optout_080: str
    optout_code: str = ""
    hours: str = ""

    @property
    def is_advertising(self) -> bool:
        """Promos of 소상공인형 are advertising; basic and premium carry notices of public bodies (rules.md §4)."""
        return self.product == Product.SOHO


@dataclass(frozen=True, slots=True)
class Composed:
    """A message ready to send. `first` and `last` are the locked lines, empty where the law asks for none."""

    channel: Channel
    subject: str
    text: str
    first: str
    last: str
    byte_length: int
    byte_limit: int
    problems: tuple[Unsendable, ...]

    @property
    def sendable(self) -> bool:
        return not self.problems and self.byte_length <= self.byte_limit


def compose(content: Content, sender: Sender, link: str) -> Composed:
    """The message of one promo: `(광고)[가게]`, headline, body, details, period, hours, contact, link, free opt-out.

    `problems` index characters of `text`. Nothing is stripped or cut: what does not fit is said.
    """
    channel = _channel(content, sender)
    name = _one_line(sender.name)
    first = f"(광고)[{name}]" if sender.is_advertising else f"[{name}]"
    last = _optout_line(sender) if sender.is_advertising else ""
    rows = [
        first,
        clean(content.headline),
        clean(content.body),
        *(_one_line(f"{label} {value}") for label, value in content.details),
        period_line(content.starts_on, content.ends_on),
        _one_line(f"영업시간 {sender.hours}") if content.shows_hours and sender.hours else "",
        f"문의 {phone.hyphenate(sender.contact)}",
        link,
        last,
    ]
    text = "\n".join(row for row in rows if row)
    subject = "" if channel == Channel.SMS else truncate(name, SUBJECT_BYTES)
    return Composed(
        channel=channel,
        subject=subject,
        text=text,
        first=first,
        last=last,
        byte_length=byte_length(text),
        byte_limit=SMS_BYTES if channel == Channel.SMS else MMS_BYTES,
        problems=tuple(unsendable(text)),
    )


def _one_line(text: str) -> str:
    return clean(text).replace("\n", " ")


def _channel(content: Content, sender: Sender) -> Channel:
    """기본형 sends short texts; the others send pictures, and a promo without one goes as a long text."""
    if sender.product == Product.BASIC:
        return Channel.SMS
    return Channel.MMS if content.pictured else Channel.LMS


def period_line(starts_on: date | None, ends_on: date | None) -> str:
    """ "기간 11월 1일 ~ 11월 30일", or "" for a promo without a period."""
    if starts_on is None and ends_on is None:
        return ""
    start = f"{starts_on.month}월 {starts_on.day}일" if starts_on else ""
    end = f"{ends_on.month}월 {ends_on.day}일" if ends_on else ""
    return f"기간 {start} ~ {end}".replace("  ", " ").rstrip()


def _optout_line(sender: Sender) -> str:
    code = f" 가게번호 {sender.optout_code}" if sender.optout_code else ""
    # "ends with 무료수신거부 080-…": the shop's code, where an 080 is shared, stands before it.
    return f"{code.strip()}\n무료수신거부 {phone.hyphenate(sender.optout_080)}".strip()


def compose_notice(body: str) -> Composed:
    """An informational text: no ad mark, no opt-out line; SMS when it fits, LMS otherwise (rules.md §5)."""
    text = clean(body)
    length = byte_length(text)
    short = length <= SMS_BYTES
    return Composed(
        channel=Channel.SMS if short else Channel.LMS,
        subject="" if short else "안내",
        text=text,
        first="",
        last="",
        byte_length=length,
        byte_limit=SMS_BYTES if short else MMS_BYTES,
        problems=tuple(unsendable(text)),
    )
