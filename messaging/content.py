"""Promo versions and pictures as the hot path needs them: read once, then kept, because they never change."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from messaging.compose import SAMPLE_TOKEN, Composed, Content, Sender, compose
from messaging.links import message_link
from messaging.models import PromoVersion
from messaging.template_kinds import TemplateKind, details_of

_KEPT = 20_000
_contents: "dict[int, PromoContent]" = {}


@dataclass(frozen=True, slots=True)
class PromoContent:
    """An immutable promo version."""

    id: int
    content: Content
    picture_id: int | None


def promo_contents(ids: Iterable[int]) -> "dict[int, PromoContent]":
    """The versions with these ids: from memory, and one query for those not seen yet."""
    wanted = set(ids)
    # Taken out at once: another thread may clear the memory at any moment.
    known = {promo_id: found for promo_id in wanted if (found := _contents.get(promo_id)) is not None}
    missing = wanted - known.keys()
    if missing:
        if len(_contents) + len(missing) > _KEPT:
            _contents.clear()
        for version in PromoVersion.objects.filter(pk__in=missing):
            known[version.pk] = _contents[version.pk] = PromoContent(
                version.pk, content_of(version), version.picture_id
            )
    return known


def content_of(version: PromoVersion) -> Content:
    """What the owner wrote in this version."""
    return Content(
        version.headline,
        version.body,
        version.starts_on,
        version.ends_on,
        pictured=version.picture_id is not None,
        details=details_of(TemplateKind(version.kind), version.details),
        shows_hours=version.shows_hours,
    )


@lru_cache(maxsize=5_000)
def composed(content: Content, sender: Sender) -> Composed:
    """The message of a promo with a sample link as long as every real one."""
    return compose(content, sender, message_link(SAMPLE_TOKEN))


def with_link(text: str, token: str) -> str:
    """A composed text with the message's own link in the place of the sample."""
    head, _, tail = text.rpartition(message_link(SAMPLE_TOKEN))
    return f"{head}{message_link(token)}{tail}"
