"""공지: a few lines for a while."""

from datetime import date, timedelta
from typing import Any, Final

from django.db import transaction

from messaging.homepage import shelf
from messaging.homepage.shelf import HomepageRefused
from messaging.models import Announcement
from shopmsg.accounts.models import Shop, User

MOST: Final = 20
TEXT_LENGTH: Final = 200
#: Nobody plans a notice for longer; a slip of the finger in a year does.
_FURTHEST: Final = timedelta(days=366 * 2)


def add(
    shop: Shop,
    *,
    text: str,
    starts_on: date | None,
    ends_on: date | None,
    today: date,
    by: User,
    address: str | None,
) -> Announcement:
    """A new notice, from today when no day is given. Raises HomepageRefused."""
    fields = _read(text, starts_on or today, ends_on, today)
    with transaction.atomic():
        shelf.lock(shop)
        shelf.refuse_full(Announcement.objects.filter(shop=shop), MOST, "공지는")
        notice = Announcement.objects.create(shop=shop, **fields)
        shelf.write_down("announcement.added", shop, f"announcement:{notice.pk}", by=by, address=address)
    return notice


def change(
    notice: Announcement,
    *,
    text: str,
    starts_on: date | None,
    ends_on: date | None,
    today: date,
    by: User,
    address: str | None,
) -> bool:
    """Other words or days. False when nothing changed. Raises HomepageRefused."""
    fields = _read(text, starts_on or notice.starts_on, ends_on, today)
    with transaction.atomic():
        shelf.lock(notice.shop)
        before = {field: getattr(notice, field) for field in fields}
        if before == fields or not Announcement.objects.filter(pk=notice.pk).update(**fields):
            return False
        shelf.write_down(
            "announcement.changed", notice.shop, f"announcement:{notice.pk}", by=by, address=address
        )
    notice.refresh_from_db(fields=list(fields))
    return True


def remove(notice: Announcement, *, by: User, address: str | None) -> str:
    """Take it down; returns a token with which `restore` puts it back for ten minutes."""
    ends_on = notice.ends_on.isoformat() if notice.ends_on else None
    fields = {
        "id": notice.pk,
        "text": notice.text,
        "starts_on": notice.starts_on.isoformat(),
        "ends_on": ends_on,
    }
    with transaction.atomic():
        removed, _ = Announcement.objects.filter(pk=notice.pk).delete()
        if removed:
            shelf.write_down(
                "announcement.removed", notice.shop, f"announcement:{notice.pk}", by=by, address=address
            )
    return shelf.undo_token("announcement", notice.shop, fields)


def restore(shop: Shop, token: str, *, by: User, address: str | None) -> Announcement:
    """Undo of a removal. Raises HomepageRefused."""
    fields = shelf.undone("announcement", shop, token)
    notice: Announcement
    with transaction.atomic():
        shelf.lock(shop)
        notice, anew = shelf.put_back(shop, shop.announcements.all(), fields, MOST, "공지는")
        if anew:
            subject = f"announcement:{notice.pk}"
            shelf.write_down("announcement.restored", shop, subject, by=by, address=address)
    notice.refresh_from_db()
    return notice


def _read(text: str, starts_on: date, ends_on: date | None, today: date) -> dict[str, Any]:
    text = shelf.some_lines(text, TEXT_LENGTH, "text", "공지는")
    if not text:
        raise HomepageRefused("text", "공지가 비어 있어요. 손님에게 알릴 말을 적어 주세요.")
    if ends_on is not None and ends_on < starts_on:
        raise HomepageRefused(
            "period_backwards", "끝나는 날이 시작하는 날보다 빨라요. 날짜를 다시 골라 주세요."
        )
    if ends_on is not None and ends_on < today:
        raise HomepageRefused("period_over", "끝나는 날이 이미 지났어요. 오늘이나 그 뒤로 골라 주세요.")
    if max(starts_on, ends_on or starts_on) - today > _FURTHEST or today - starts_on > _FURTHEST:
        raise HomepageRefused("period_over", "날짜가 너무 멀어요. 해를 다시 봐 주세요.")
    return {"text": text, "starts_on": starts_on, "ends_on": ends_on}
