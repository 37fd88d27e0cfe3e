"""What the homepage's lists have in common: an order, a ceiling, and undo of a removal."""

from datetime import timedelta
from typing import Any, Final, TypeVar

from django.core import signing
from django.db.models import Max, QuerySet

from messaging.models import MenuItem, ShopPhoto
from shopmsg.accounts import audit
from shopmsg.accounts.models import Shop, User
from shopmsg.core.errors import ShopmsgError
from shopmsg.core.text import clean

UNDO_FOR: Final = timedelta(minutes=10)
_SALT: Final = "messaging.homepage.undo"

Placed = TypeVar("Placed", MenuItem, ShopPhoto)


class HomepageRefused(ShopmsgError):
    """What cannot stand on a homepage. Codes: "name", "price", "note", "full", "already", "foreign", "caption", "text",
    "period_backwards", "period_over", "intro", "way", "undo_over"."""


def lock(shop: Shop) -> None:
    """Until the transaction ends nobody else changes this shop's lists: ceilings and orders hold."""
    Shop.objects.select_for_update(no_key=True).get(pk=shop.pk)


def one_line(text: str, most: int, code: str, what: str) -> str:
    """A cleaned line of at most `most` characters. `what` is its topic, "이름은". Raises HomepageRefused."""
    line = " ".join(clean(text).split())
    if len(line) > most:
        raise HomepageRefused(code, f"{what} {most}자 안으로 적어 주세요.")
    return line


def some_lines(text: str, most: int, code: str, what: str) -> str:
    """The same for a few lines, with no more than one empty line between them."""
    lines = clean(text)
    while "\n\n\n" in lines:
        lines = lines.replace("\n\n\n", "\n\n")
    if len(lines) > most:
        raise HomepageRefused(code, f"{what} {most}자 안으로 적어 주세요.")
    return lines


def refuse_full(rows: "QuerySet[Any]", most: int, what: str) -> None:
    """Raises HomepageRefused when the list has `most` already. `what` is its topic, "메뉴는"."""
    if rows.count() >= most:
        raise HomepageRefused("full", f"{what} {most}개까지 올릴 수 있어요. 쓰지 않는 것을 먼저 지워 주세요.")


def end_of(rows: "QuerySet[Placed]") -> int:
    """The position after the last."""
    last: int | None = rows.aggregate(last=Max("position"))["last"]
    return 0 if last is None else last + 1


def shift(row: Placed, rows: "QuerySet[Placed]", *, up: bool) -> None:
    """One place up or down; at the end it stays where it is. Call it under `lock`."""
    ordered = list(rows)
    at = next((index for index, each in enumerate(ordered) if each.pk == row.pk), None)
    if at is None:
        return
    to = max(0, min(len(ordered) - 1, at - 1 if up else at + 1))
    ordered.insert(to, ordered.pop(at))
    for position, each in enumerate(ordered):
        each.position = position
    rows.model._default_manager.bulk_update(ordered, ["position"])


def undo_token(kind: str, shop: Shop, fields: dict[str, Any]) -> str:
    """What puts a removed row back for ten minutes."""
    return signing.dumps({"kind": kind, "shop": shop.pk, "fields": fields}, salt=_SALT)


def undone(kind: str, shop: Shop, token: str) -> dict[str, Any]:
    """The fields of a removed row. Raises HomepageRefused when the ten minutes are over or it was another's."""
    try:
        kept = signing.loads(token, salt=_SALT, max_age=UNDO_FOR)
    except signing.BadSignature:
        kept = {}
    if (kept.get("kind"), kept.get("shop")) != (kind, shop.pk):
        raise HomepageRefused("undo_over", "되돌릴 수 있는 시간이 지났어요. 다시 올려 주세요.")
    fields: dict[str, Any] = kept["fields"]
    return fields


def put_back(
    shop: Shop, rows: "QuerySet[Any]", fields: dict[str, Any], most: int, what: str
) -> tuple[Any, bool]:
    """(the removed row as it was, whether this put it back): undo tapped twice finds what the first tap put back. Call
    it under `lock`. Raises HomepageRefused when the list is full."""
    there = rows.filter(pk=fields["id"]).first()
    if there is not None:
        return there, False
    refuse_full(rows, most, what)
    return rows.create(shop=shop, **fields), True


def write_down(
    action: str, shop: Shop, subject: str, *, by: User, address: str | None, **detail: Any
) -> None:
    """One line of the audit log, last in its transaction."""
    audit.record(action, actor=by, shop=shop, subject=subject, detail=detail, address=address)
