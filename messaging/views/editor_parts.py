"""The promo being written, as the editor draws it: the phone with its parts to tap, and what stands in the way.

Everything here comes from `compose`; the page's scripts only ask for it again.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from messaging import promos
from messaging.compose import Composed, Sender
from messaging.editor.fields import FIELDS, DraftFields
from messaging.editor.pictures import DRAWN, stored_picture
from messaging.enums import Channel
from messaging.pictures_store import DRAWN_SIZE
from messaging.preview import Handset, Phone, Place, phone_of, places_of
from messaging.small_pictures import SMALL
from messaging.template_kinds import DETAILS, TemplateKind
from messaging.views.editor_findings import Budget, Obstacle, Swap, budget_of, obstacles_of, swaps_of
from messaging.views.media import small_url
from shopmsg.accounts.models import Shop
from shopmsg.core.clock import kst_day

THUMBNAIL: Final = 240
#: A text longer than this is shown as far as it goes; it is far beyond what a message holds.
_SHOWN: Final = 12_000
_PLACE_LABELS: Final = {
    "ad": "광고 표시, 바꿀 수 없는 줄",
    "headline": "제목 고치기",
    "body": "내용 고치기",
    "period": "기간 고치기",
    "hours": "영업시간 고치기",
    "contact": "문의 번호",
    "link": "홈페이지 주소",
    "optout": "무료수신거부, 바꿀 수 없는 줄",
}


@dataclass(frozen=True, slots=True)
class Look:
    """What the editor shows of a draft. `adds`: (sheet, label) of what the message could have and has not;
    `from_shop`: characters of the shop's own name that no phone shows."""

    phone: Phone
    budget: Budget
    swaps: tuple[Swap, ...]
    obstacles: tuple[Obstacle, ...]
    from_shop: tuple[str, ...]
    adds: tuple[tuple[str, str], ...]
    kind: TemplateKind
    takes_picture: bool

    @property
    def troubled(self) -> frozenset[str]:
        """The sheets something is wrong with."""
        return frozenset(obstacle.sheet for obstacle in self.obstacles)


def typed_fields(data: QueryDict) -> DraftFields:
    """What the page's controls hold at this moment, whatever it is: shown, not kept."""
    values: dict[str, object] = {name: data.get(name, "")[:_SHOWN] for name in FIELDS if "." not in name}
    values["shows_hours"] = bool(data.get("shows_hours"))
    values["details"] = {
        name.removeprefix("details."): data.get(name, "")[:_SHOWN] for name in FIELDS if "." in name
    }
    return DraftFields.from_json(values)


def look_of(
    shop: Shop,
    fields: DraftFields,
    *,
    now: datetime,
    handset: str = Handset.KT,
    scheme: str = "light",
    visit: str = "",
    editable: bool = True,
    picture_url: str | None = None,
) -> Look:
    """The draft as a phone shows it, composed like every message that is sent. `visit` goes along in the links of its
    places; `picture_url`: where its picture is when it is not to be looked up."""
    href = f"?visit={visit}&edit=" if visit else "?edit="
    sender = promos.sender_of(shop)
    stored = stored_picture(shop, fields.picture) if picture_url is None else None
    pictured = stored is not None or fields.picture.startswith(DRAWN) or bool(picture_url)
    content = fields.content(pictured)
    composed = promos.preview(content, sender)
    finding = promos.check(content, composed)
    takes_picture = composed.channel != Channel.SMS
    obstacles = tuple(obstacles_of(fields, finding, kst_day(now)))
    if not takes_picture or not pictured:
        url, size = "", (0, 0)
    elif stored is not None:
        url, size = small_url(stored), (SMALL, SMALL * stored.height // stored.width)
    else:
        url = picture_url or drawn_url(shop, fields, int(fields.picture.removeprefix(DRAWN)), SMALL)
        size = (SMALL, SMALL * DRAWN_SIZE[1] // DRAWN_SIZE[0])
    troubled = {obstacle.sheet for obstacle in obstacles}
    body = (
        _drawn(places_of(content, sender, composed), fields, composed, troubled, href) if editable else None
    )
    return Look(
        phone=phone_of(
            composed,
            sender=sender.contact,
            now=now,
            picture_url=url,
            picture_size=size,
            trust_mark=True,
            handset=handset if handset in list(Handset) else Handset.KT,
            scheme="dark" if scheme == "dark" else "light",
            body=body,
            picture_href=f"{href}picture" if editable and url else "",
        ),
        budget=budget_of(composed, finding),
        swaps=swaps_of(fields, finding),
        obstacles=obstacles,
        from_shop=tuple(problem.char for problem in finding.from_shop),
        adds=tuple(_adds(fields, sender, takes_picture=takes_picture, pictured=bool(url))),
        kind=fields.kind,
        takes_picture=takes_picture,
    )


def drawn_url(shop: Shop, fields: DraftFields, layout: int, width: int) -> str:
    """Where a drawn design with these words is, `width` pixels wide."""
    starts_on, ends_on = fields.period
    query = {
        "kind": fields.kind.value,
        "layout": layout,
        "width": width,
        "headline": fields.headline.strip()[:60],
        "starts_on": starts_on or "",
        "ends_on": ends_on or "",
        **{
            f"details.{detail.key}": value
            for detail in DETAILS[fields.kind]
            if (value := fields.details.get(detail.key, "").strip()[: detail.max_length])
        },
    }
    return f"{reverse('messaging:promo_design', args=[shop.slug])}?{urlencode(query)}"


def _drawn(
    places: tuple[Place, ...], fields: DraftFields, composed: Composed, troubled: set[str], href: str
) -> SafeString:
    """The message's text as places to tap, not a character added or left out; what no phone shows is marked."""
    wrong = {problem.index for problem in composed.problems}
    filled = _filled(fields)
    drawn = []
    at = 0
    for place in places:
        key, label = next(filled) if place.name == "detail" else ("", "")
        sheet = f"details-{key}" if key else place.name
        text = place.text.removesuffix("\n")
        marked = _marked(text, {index - at for index in wrong if at <= index < at + len(text)})
        if place.locked:
            marked = format_html('<span class="locked">{}</span>', marked)
        drawn.append(
            format_html(
                '<a class="place" href="{}" data-edit="{}"{} aria-label="{}: {}">{}{}</a>',
                href + sheet,
                sheet,
                SafeString(' data-tone="held"') if sheet in troubled else "",
                f"{label} 고치기" if key else _PLACE_LABELS[place.name],
                text.strip(),
                marked,
                place.text[len(text) :],
            )
        )
        at += len(place.text)
    return format_html_join("", "{}", ((part,) for part in drawn))


def _filled(fields: DraftFields) -> Iterator[tuple[str, str]]:
    for detail in DETAILS[fields.kind]:
        if fields.details.get(detail.key, "").strip():
            yield detail.key, detail.label


def _marked(text: str, wrong: set[int]) -> str:
    """The text with single characters marked."""
    pieces: list[str] = []
    end = 0
    for index in sorted(wrong):
        pieces += [text[end:index], format_html("<mark>{}</mark>", text[index])]
        end = index + 1
    return format_html_join("", "{}", ((piece,) for piece in [*pieces, text[end:]]))


def _adds(
    fields: DraftFields, sender: Sender, *, takes_picture: bool, pictured: bool
) -> Iterator[tuple[str, str]]:
    if takes_picture and not pictured:
        yield "picture", "그림"
    if not fields.headline.strip():
        yield "headline", "제목"
    if not fields.body.strip():
        yield "body", "내용"
    for detail in DETAILS[fields.kind]:
        if not fields.details.get(detail.key, "").strip():
            yield f"details-{detail.key}", detail.label
    if fields.kind != TemplateKind.COMMON and fields.period == (None, None):
        yield "period", "기간"
    if not (fields.shows_hours and sender.hours):
        yield "hours", "영업시간"
