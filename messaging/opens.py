"""링크 열어 봄: the first time a person opens the link in a message, counted once a message.

Link previews, robots, browsers that fetch ahead, test messages and the shop's own people are not customers who looked.
Opening a link never opts anybody out (rules.md §5).
"""

import logging
from datetime import datetime
from typing import Final

from django.db import DatabaseError, connection, transaction
from django.http import HttpRequest

from messaging.daily_numbers import bump
from messaging.enums import MessageKind
from messaging.models import Message
from messaging.robots import is_robot
from shopmsg.accounts.models import Shop, User
from shopmsg.core.clock import kst_day

log = logging.getLogger(__name__)

#: What browsers say when they fetch a page nobody has asked for yet: MDN, Sec-Purpose, and the names before it.
_AHEAD_HEADERS: Final = ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")
_AHEAD: Final = ("prefetch", "prerender", "preview", "instant")
#: The page does not wait longer for a counter's row; the next opening is counted instead.
_PATIENCE: Final = "SET LOCAL lock_timeout = '500ms'"

_FIRST = """
INSERT INTO messaging_linkopen (message_id, shop_id, at) VALUES (%s, %s, %s) ON CONFLICT (message_id) DO NOTHING
"""


def record_open(message: Message, request: HttpRequest, now: datetime) -> bool:
    """Note that a person opened this message's page; True when it is the first time.

    Never raises for want of a database: the failure is logged and the page is shown.
    """
    if message.kind != MessageKind.PROMO or message.shop_id is None or not by_a_person(request):
        return False
    try:
        return not _is_ours(request, message.shop_id) and _record(message.pk, message.shop_id, now)
    except DatabaseError:
        log.exception("link opening not counted", extra={"message_id": message.pk})
        return False


def by_a_person(request: HttpRequest) -> bool:
    """Whether somebody looks at what this request fetches, as far as its headers tell."""
    headers = request.headers
    if request.method != "GET" or is_robot(headers.get("User-Agent", "")):
        return False
    if headers.get("Sec-Fetch-Dest", "document").lower() != "document":
        return False
    said = " ".join(headers.get(name, "") for name in _AHEAD_HEADERS).lower()
    return not any(word in said for word in _AHEAD)


def _is_ours(request: HttpRequest, shop_id: int) -> bool:
    """Staff and the shop's own members, looking at what they send."""
    user = request.user
    if not isinstance(user, User):
        return False
    return user.is_staff or Shop.objects.visible_to(user).filter(pk=shop_id).exists()


def _record(message_id: int, shop_id: int, now: datetime) -> bool:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_PATIENCE)
        cursor.execute(_FIRST, [message_id, shop_id, now])
        if cursor.rowcount != 1:
            return False
        bump(shop_id, kst_day(now), visited=1)
    return True
