"""Reads the messages of one request and gives each its reception code (reference/gateways.md §1.8, §5.1)."""

import json
import re
from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import Any

from shopmsg.sandbox import codes
from shopmsg.sandbox.web import invalid

_RECIPIENT = re.compile(r"0\d{7,11}|1\d{7}")
_FOREIGN = re.compile(r"\d{5,15}")
_SENDER = re.compile(r"0\d{7,15}|1\d{7}")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_EXTRA = frozenset({"kakaoOptions", "rcsOptions", "faxOptions", "voiceOptions", "replacements"})


@dataclass(frozen=True, slots=True)
class Rules:
    """What one request is judged by. An empty ``senders`` means that any sender number is registered."""

    senders: Set[str]
    images: Set[str]
    refused_numbers: Mapping[str, str]
    allow_duplicates: bool


@dataclass(slots=True)
class Item:
    """One recipient's message. ``code`` is 2000 when it is accepted."""

    to: str | None
    sender: str | None
    type: str
    subject: str | None
    text: str | None
    image_id: str | None
    country: str
    custom: dict[str, Any] | None
    extra: str | None
    code: str = codes.ACCEPTED
    id: str = ""

    @property
    def ref(self) -> str | None:
        """Our own reference inside customFields, if the client sent one."""
        value = self.custom.get("ref") if self.custom else None
        return value.encode("utf-8", "replace").decode() if isinstance(value, str) else None


def euckr_bytes(text: str) -> int | None:
    """Bytes on the carrier's side, or None when a character is outside KS X 1001.

    ``str.encode("euc_kr")`` writes the 8,822 syllables it lacks as 8-byte jamo runs instead of raising, so
    the length is compared with one byte per ASCII character and two per other.
    """
    if text.isascii():
        return len(text)
    try:
        encoded = len(text.encode("euc_kr"))
    except UnicodeEncodeError:
        return None
    expected = 2 * len(text) - len(text.encode("ascii", "ignore"))
    return encoded if encoded == expected else None


def read(messages: object, rules: Rules) -> list[Item]:
    """Every recipient in order, each judged. Raises ApiError 400 when the list itself is wrong."""
    if not isinstance(messages, list) or not messages:
        raise invalid("messages에 메시지를 한 건 이상 넣어 주세요.")
    items: list[Item] = []
    seen: set[str] = set()
    for raw in messages:
        if not isinstance(raw, dict):
            raise invalid("messages의 각 항목은 객체여야 합니다.")
        to = raw.get("to")
        for number in to if isinstance(to, list) else [to]:
            item, damaged = _item(raw, number)
            item.code = "1027" if damaged else _judge(item, raw, number, rules)
            if item.code == codes.ACCEPTED and item.to is not None and not rules.allow_duplicates:
                if item.to in seen:
                    item.code = "1026"
                seen.add(item.to)
            items.append(item)
        if len(items) > codes.MAX_MESSAGES:
            raise invalid("한 번에 10,000건까지 보낼 수 있습니다.")
    if not items:
        raise invalid("수신번호가 없습니다.")
    return items


def image_ids(messages: object) -> set[str]:
    """The pictures a request names, to look them up once."""
    found: set[str] = set()
    for raw in messages if isinstance(messages, list) else []:
        value = raw.get("imageId") if isinstance(raw, dict) else None
        if isinstance(value, str) and value.isascii():
            found.add(value)
    return found


def _item(raw: dict[str, Any], number: object) -> tuple[Item, bool]:
    damaged = False

    def text(value: object) -> str | None:
        nonlocal damaged
        if value is None:
            return None
        word = value if isinstance(value, str) else json.dumps(value)
        if word.isascii():
            return word
        try:
            word.encode()
        except UnicodeEncodeError:  # a lone surrogate: no UTF-8 form, so SQLite could not keep it either
            damaged = True
            return word.encode("utf-8", "replace").decode()
        return word

    custom = raw.get("customFields")
    extra = None
    if not _EXTRA.isdisjoint(raw):
        extra = {name: raw[name] for name in sorted(_EXTRA) if raw.get(name) is not None}
    item = Item(
        to=text(number),
        sender=text(raw.get("from")),
        type="",
        subject=text(raw.get("subject")),
        text=text(raw.get("text")),
        image_id=text(raw.get("imageId")),
        country=text(raw.get("country")) or "82",
        custom=custom if isinstance(custom, dict) else None,
        extra=json.dumps(extra) if extra else None,
    )
    item.type = (text(raw.get("type")) or _detect(item, raw)).upper()
    return item, damaged


def _detect(item: Item, raw: dict[str, Any]) -> str:
    """The type the platform would choose from the content."""
    kakao = raw.get("kakaoOptions")
    if isinstance(kakao, dict):
        if kakao.get("bms"):
            return "BMS_FREE"
        if kakao.get("templateId"):
            return "ATA"
        return "CTI" if kakao.get("imageId") else "CTA"
    if item.image_id:
        return "MMS"
    if item.subject or (euckr_bytes(item.text or "") or 0) > codes.TEXT_TYPES["SMS"]:
        return "LMS"
    return "SMS"


def _judge(item: Item, raw: dict[str, Any], number: object, rules: Rules) -> str:
    needs_text = item.type != "ATA" and not item.type.startswith(("BMS_", "RCS_TPL", "FAX", "VOICE"))
    if not item.to or not item.sender or (needs_text and not item.text):
        return "1010"
    if raw.get("type") is None and raw.get("autoTypeDetect") is False:
        return "1010"
    if not (isinstance(number, str) and isinstance(raw["from"], str)):
        return "1011"
    for name in ("text", "subject", "imageId"):
        if raw.get(name) and not isinstance(raw[name], str):
            return "1011"
    shape = _RECIPIENT if item.country == "82" else _FOREIGN
    if not shape.fullmatch(item.to) or not _SENDER.fullmatch(item.sender):
        return "1011"
    if item.type not in codes.TYPES:
        return "1025"
    if rules.senders and item.sender not in rules.senders:
        return "1062"
    refused = rules.refused_numbers.get(item.to)
    if refused:
        return refused
    return _content(item, rules) or _custom_fields(raw.get("customFields")) or codes.ACCEPTED


def _content(item: Item, rules: Rules) -> str | None:
    text, subject = item.text or "", item.subject or ""
    if subject and item.type == "SMS":
        return "1013"
    if item.type == "MMS":
        if not item.image_id:
            return "1034"
        if item.image_id not in rules.images:
            return "1023"
    if _UNPRINTABLE.search(text) or _UNPRINTABLE.search(subject):
        return "1028"
    limit = codes.TEXT_TYPES.get(item.type)
    if limit is None:
        return "1031" if len(text) > codes.KAKAO_TYPES.get(item.type, codes.OTHER_LIMIT) else None
    size, subject_size = euckr_bytes(text), euckr_bytes(subject)
    if size is None or subject_size is None:
        return "1029"
    if subject_size > codes.SUBJECT_BYTES:
        return "1014"
    return "1031" if size > limit else None


def _custom_fields(fields: object) -> str | None:
    if fields is None:
        return None
    if not isinstance(fields, dict):
        return "1032"
    for name, value in fields.items():
        if not isinstance(value, str) or len(name) > 30 or len(value) > 100:
            return "1032"
    return None
