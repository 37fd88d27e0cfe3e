"""Shops that may send, and what the bench asks the database about."""

from datetime import datetime
from io import BytesIO
from typing import Any

from django.core.files.base import ContentFile
from django.db import connection
from django.utils import timezone
from PIL import Image

from messaging import partitions
from messaging.models import Picture, PromoVersion
from messaging.partitions import TABLES
from shopmsg.accounts.enums import NoticeState
from shopmsg.accounts.models import Line, Merchant, Shop
from tests.factories.accounts import LONG_AGO, MerchantFactory, ShopFactory

_CAP = 500
_SHA256 = "0" * 64


def seed(count: int) -> list[str]:
    """Shops with one line, a live promo and a picture each has in common with the others; returns their lines."""
    partitions.ensure(timezone.now())
    shared = _new_picture()
    merchants = Merchant.objects.bulk_create([MerchantFactory.build() for _ in range(count)])
    shops = Shop.objects.bulk_create(
        [ShopFactory.build(merchant=merchant, daily_cap=_CAP, line=None) for merchant in merchants]
    )
    lines = [
        Line(
            shop=shop,
            number=f"02{40_000_000 + number}",
            notice_state=NoticeState.ACTIVE,
            notice_active_since=LONG_AGO,
            sender_accepted_at=LONG_AGO,
        )
        for number, shop in enumerate(shops)
    ]
    Line.objects.bulk_create(lines)
    PromoVersion.objects.bulk_create(
        [
            PromoVersion(
                shop=shop,
                number=1,
                kind="common",
                headline="바삭한 치킨, 오늘도 새 기름",
                body="전화 주셔서 고맙습니다. 이 문자를 보여 주시면 콜라를 드려요.\n매일 오후 4시에 열어요.",
                picture=shared,
                live=True,
                standing=True,
                created_at=LONG_AGO,
            )
            for shop in shops
        ]
    )
    return [line.number for line in lines]


def picture() -> Picture:
    """The one picture of all shops."""
    return Picture.objects.get(sha256=_SHA256)


def _new_picture() -> Picture:
    buffer = BytesIO()
    Image.linear_gradient("L").convert("RGB").resize((640, 640)).save(buffer, "JPEG", quality=85)
    file = ContentFile(buffer.getvalue(), "bench.jpg")
    return Picture.objects.create(sha256=_SHA256, file=file, width=640, height=640)


def forget_calls() -> None:
    """Back to before the first call: no calls, messages, reports, guards or used quota."""
    tables = [
        *TABLES,
        "messaging_callkey",
        "messaging_recipientguard",
        "messaging_quotaday",
        "messaging_shopnumbers",
    ]
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(tables)}")
        cursor.execute("ANALYZE")


def stored_calls() -> int:
    return int(_one("SELECT count(*) FROM messaging_callkey"))


def accepted() -> int:
    """Messages the gateway has accepted; a sum of the owners' daily numbers, cheap enough to ask often."""
    return int(_one("SELECT coalesce(sum(sent), 0) FROM messaging_shopnumbers"))


def delivered() -> int:
    return int(_one("SELECT coalesce(sum(delivered), 0) FROM messaging_shopnumbers"))


def last_accepted() -> datetime:
    found: datetime = _one("SELECT max(accepted_at) FROM messaging_message")
    return found


def acceptance_moments(name: str) -> dict[int, float]:
    """{number of the call in its lot: epoch seconds at which its message was known to be accepted}."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.call_id, extract(epoch FROM m.accepted_at) FROM messaging_call c "
            "JOIN messaging_message m ON m.id = c.message_id "
            "WHERE c.call_id LIKE %s AND m.accepted_at IS NOT NULL",
            [f"{name}-%"],
        )
        return {int(call_id.rpartition("-")[2]): float(moment) for call_id, moment in cursor.fetchall()}


def _one(sql: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        (value,) = cursor.fetchone()
        return value
