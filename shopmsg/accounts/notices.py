"""Asking for an informational text. Messaging sends it; whoever asks need not know how."""

from datetime import datetime

from shopmsg.accounts.enums import NoticeKind
from shopmsg.accounts.models import Notice
from shopmsg.accounts.sealing import keyring


def ask(
    kind: NoticeKind,
    *,
    to: str,
    key: str,
    fields: dict[str, str],
    expires_at: datetime,
    shop_id: int | None = None,
) -> bool:
    """Put one informational text into the outbox. `to` is national digits; the same `key` asks only once.

    Returns whether this call added it. Belongs inside the caller's transaction.
    """
    _, created = Notice.objects.get_or_create(
        key=key,
        defaults={
            "kind": kind,
            "shop_id": shop_id,
            "to_sealed": keyring().seal(to),
            "fields": fields,
            "expires_at": expires_at,
        },
    )
    return created
