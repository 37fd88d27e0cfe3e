"""The fields of a promo while it is being written, each with a name the editor's page and the edit log share."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final, TypeAlias

from messaging.compose import Content
from messaging.editor.pictures import choice_of
from messaging.models import PromoVersion
from messaging.template_kinds import DETAILS, TemplateKind, details_of
from messaging.template_texts import template
from shopmsg.accounts.enums import Product
from shopmsg.accounts.models import Shop
from shopmsg.core import text as texts
from shopmsg.core.clock import kst_day
from shopmsg.core.errors import ShopmsgError
from shopmsg.core.ksic import UnknownIndustry

HEADLINE_LENGTH: Final = 60
#: Far beyond what a message holds: a long text pasted in is kept, so that it can be shortened.
BODY_LENGTH: Final = 10_000
_PICTURE: Final = re.compile(r"none|drawn:[0-9]|stored:[0-9]{1,18}")
_DETAIL: Final = "details."
_DETAIL_LENGTHS: Final[Mapping[str, int]] = {
    detail.key: detail.max_length for details in DETAILS.values() for detail in details
}
#: The kinds as owners know them.
KIND_NAMES: Final[Mapping[TemplateKind, str]] = {
    TemplateKind.COMMON: "평소 문자",
    TemplateKind.COUPON: "쿠폰 문자",
    TemplateKind.EVENT: "행사 문자",
    TemplateKind.CARD: "명함 문자",
}
#: Every field, in the order in which differences are shown.
FIELDS: Final[tuple[str, ...]] = (
    "kind",
    "picture",
    "headline",
    "body",
    *(f"{_DETAIL}{key}" for key in _DETAIL_LENGTHS),
    "starts_on",
    "ends_on",
    "shows_hours",
)

#: What one field holds: text, a day as "2026-11-22" or None, a switch.
FieldValue: TypeAlias = str | bool | None


class FieldRefused(ShopmsgError):
    """What was typed cannot be kept in that field. Codes: "unknown_field", "unreadable", "too_long", "bad_day",
    "bad_kind", "bad_picture", "bad_switch"."""


@dataclass(frozen=True, slots=True)
class DraftFields:
    """A promo as far as it is written. `picture` is "none", "drawn:<layout>" or "stored:<id of a Picture>"; `details`
    may hold those of other kinds too, so that nothing is lost while kinds are tried. 평소 문자 has no period: what is
    in `starts_on` and `ends_on` stays for the other kinds (`period`)."""

    kind: TemplateKind = TemplateKind.COMMON
    headline: str = ""
    body: str = ""
    details: Mapping[str, str] = field(default_factory=dict)
    starts_on: date | None = None
    ends_on: date | None = None
    shows_hours: bool = False
    picture: str = "none"

    @property
    def period(self) -> tuple[date | None, date | None]:
        """The days that go out: a 공통형 takes over whenever another promo ends, so it has none (rules.md §4)."""
        return (None, None) if self.kind == TemplateKind.COMMON else (self.starts_on, self.ends_on)

    def content(self, pictured: bool = True) -> Content:
        """What `compose` makes a message of. `pictured`: whether the picture chosen can be had."""
        starts_on, ends_on = self.period
        return Content(
            self.headline,
            self.body,
            starts_on,
            ends_on,
            pictured=pictured and self.picture != "none",
            details=details_of(self.kind, self.details),
            shows_hours=self.shows_hours,
        )

    def to_json(self) -> dict[str, Any]:
        """As a draft keeps it; equal fields give equal JSON."""
        return {
            "kind": self.kind.value,
            "headline": self.headline,
            "body": self.body,
            "details": {key: value for key, value in sorted(self.details.items()) if value},
            "starts_on": self.starts_on.isoformat() if self.starts_on else None,
            "ends_on": self.ends_on.isoformat() if self.ends_on else None,
            "shows_hours": self.shows_hours,
            "picture": self.picture,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "DraftFields":
        """Back from `to_json`. What an older or newer version of the code wrote is read as far as it is known."""
        kind, details, picture = data.get("kind"), data.get("details"), str(data.get("picture", "none"))
        return cls(
            kind=TemplateKind(kind) if kind in list(TemplateKind) else TemplateKind.COMMON,
            headline=str(data.get("headline") or ""),
            body=str(data.get("body") or ""),
            details={
                key: str(value)
                for key, value in (details if isinstance(details, Mapping) else {}).items()
                if key in _DETAIL_LENGTHS and value
            },
            starts_on=_day_or_none(data.get("starts_on")),
            ends_on=_day_or_none(data.get("ends_on")),
            shows_hours=data.get("shows_hours") is True,
            picture=picture if _PICTURE.fullmatch(picture) else "none",
        )


def value_of(data: Mapping[str, Any], name: str) -> FieldValue:
    """One field of a draft's JSON, by its name."""
    if name.startswith(_DETAIL):
        return str(data["details"].get(name.removeprefix(_DETAIL), ""))
    value: FieldValue = data[name]
    return value


def with_value(data: Mapping[str, Any], name: str, value: FieldValue) -> dict[str, Any]:
    """A draft's JSON with one field changed; an empty detail is one that is not there."""
    if not name.startswith(_DETAIL):
        return {**data, name: value}
    details = {**data["details"], name.removeprefix(_DETAIL): value}
    return {**data, "details": {key: kept for key, kept in sorted(details.items()) if kept}}


def parse(name: str, raw: str) -> FieldValue:
    """What was typed into a field, as a draft keeps it; empty is allowed. Raises FieldRefused."""
    if name not in FIELDS:
        raise FieldRefused("unknown_field", "이 칸은 고칠 수 없어요. 화면을 새로 열어 주세요.")
    match name:
        case "kind":
            if raw not in list(TemplateKind):
                raise FieldRefused("bad_kind", "문자 종류를 다시 골라 주세요.")
            return raw
        case "picture":
            if not _PICTURE.fullmatch(raw):
                raise FieldRefused("bad_picture", "그림을 다시 골라 주세요.")
            return raw
        case "shows_hours":
            if raw not in ("", "0", "false", "off", "1", "true", "on"):
                raise FieldRefused("bad_switch", "영업시간을 넣을지 다시 골라 주세요.")
            return raw in ("1", "true", "on")
        case "starts_on" | "ends_on":
            return _parse_day(raw)
        case "body":
            return _parse_text(raw, BODY_LENGTH)
        case "headline":
            return _parse_text(raw, HEADLINE_LENGTH, one_line=True)
    return _parse_text(raw, _DETAIL_LENGTHS[name.removeprefix(_DETAIL)], one_line=True)


def of_version(version: PromoVersion) -> DraftFields:
    """A version as a draft. One of our own drawings is named as such, so that it follows the words when they are
    changed."""
    return DraftFields(
        kind=TemplateKind(version.kind),
        headline=version.headline,
        body=version.body,
        details=dict(version.details),
        starts_on=version.starts_on,
        ends_on=version.ends_on,
        shows_hours=version.shows_hours,
        picture=choice_of(version),
    )


def first_fields(shop: Shop, now: datetime) -> DraftFields:
    """A finished promo for a shop that has none: its trade's words and picture, its hours, this month's greeting."""
    hours = texts.clean(shop.hours)
    shows_hours = bool(hours) and not texts.unsendable(hours)
    if shop.product == Product.BASIC:
        # 90 bytes with the shop's name, number and link leave room for little else.
        return DraftFields(headline="고맙습니다", body="또 뵐게요")
    try:
        text = template(
            shop.ksic, TemplateKind.COMMON, shop_name=shop.name, address=shop.address, today=kst_day(now)
        )
    except UnknownIndustry:
        return DraftFields(
            headline="전화 주셔서 고맙습니다",
            body="궁금한 점은 언제든 전화로 물어봐 주세요.",
            shows_hours=shows_hours,
        )
    return DraftFields(headline=text.headline, body=text.body, shows_hours=shows_hours, picture="drawn:0")


def too_long(fields: DraftFields) -> str:
    """The label of the first field that is longer than its column, "" when all fit."""
    if len(texts.clean(fields.headline)) > HEADLINE_LENGTH:
        return "제목"
    for detail in DETAILS[fields.kind]:
        if len(fields.details.get(detail.key, "")) > detail.max_length:
            return detail.label
    return ""


def _parse_text(raw: str, most: int, *, one_line: bool = False) -> str:
    # What a database cannot keep is never typed on a phone; everything else is kept, and pointed at where no phone
    # shows it.
    if "\x00" in raw or any("\ud800" <= char <= "\udfff" for char in raw):
        raise FieldRefused("unreadable", "읽을 수 없는 글자가 있어요. 지우고 다시 적어 주세요.")
    text = unicodedata.normalize("NFC", raw).replace("\r\n", "\n").replace("\r", "\n")
    if one_line:
        text = text.replace("\n", " ")
    if len(text) > most:
        raise FieldRefused("too_long", f"글이 길어요. {most:,}자 안으로 줄여 주세요.")
    return text


def _parse_day(raw: str) -> str | None:
    if not raw.strip():
        return None
    day = _day_or_none(raw.strip())
    if day is None or not 2000 <= day.year <= 2100:
        raise FieldRefused("bad_day", "날짜를 달력에서 골라 주세요.")
    return day.isoformat()


def _day_or_none(value: object) -> date | None:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        return None
