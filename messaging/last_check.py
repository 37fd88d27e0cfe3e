"""What is checked again at submission, because it may have changed since the decision (rules.md §4)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from django.db.backends.utils import CursorWrapper

from messaging.arrays import array
from messaging.enums import MessageKind
from messaging.rulebook import SkipReason
from shopmsg.accounts.enums import NoticeState, Product, ShopStatus
from shopmsg.accounts.sealing import keyring
from shopmsg.core.crypto import CryptoError


class Waiting(Protocol):
    """A claimed message with what its shop, its line and its recipient are at this moment."""

    id: int
    created_at: datetime
    shop_id: int | None
    kind: str
    sealed: bytes | None
    expires_at: datetime
    shop_status: str | None
    sending_on: bool | None
    product: str | None
    notice_state: str | None
    sender_accepted: bool
    opted_out: bool
    blocked: bool


_UNDER_ANY_KEY = """
SELECT t.id,
    EXISTS (SELECT 1 FROM messaging_optout o
            WHERE o.shop_id = t.shop_id AND o.recipient_index = t.index AND o.ended_at IS NULL),
    EXISTS (SELECT 1 FROM messaging_block b WHERE b.shop_id = t.shop_id AND b.recipient_index = t.index)
FROM unnest(%s::bigint[], %s::bigint[], %s::bytea[]) AS t(id, shop_id, index)
"""

_OF_NO_CALL = """
SELECT m.id FROM messaging_message m JOIN unnest(%s::bigint[], %s::timestamptz[]) AS t(id, created_at)
    ON m.id = t.id AND m.created_at = t.created_at
WHERE m.call_id IS NULL
"""


def read_refusals(cursor: CursorWrapper, messages: Sequence[Waiting]) -> None:
    """Note what the claim could not see: a look at a draft, which goes while sending is off, and opt-outs and blocks
    that stand under another index key than the message's own. Asks nothing while there is neither."""
    _let_drafts_go(cursor, messages)
    ring = keyring()
    if not ring.several_index_keys:
        return
    by_id = {message.id: message for message in messages if message.kind != MessageKind.INFO}
    rows = []
    for message in by_id.values():
        try:
            number = ring.open(message.sealed or b"")
        except CryptoError:
            continue  # it cannot be sent either, and submission says so
        rows += [(message.id, message.shop_id, index) for index in ring.indexes(number)]
    if not rows:
        return
    cursor.execute(_UNDER_ANY_KEY, [array(column) for column in zip(*rows, strict=True)])
    for message_id, opted_out, blocked in cursor.fetchall():
        by_id[message_id].opted_out |= opted_out
        by_id[message_id].blocked |= blocked


def _let_drafts_go(cursor: CursorWrapper, messages: Sequence[Waiting]) -> None:
    """Sending is switched off for callers. A member who sends a draft to the own phone (editor.test_sends) has asked
    for just that message; it is the only TEST without a call."""
    stopped = {m.id: m for m in messages if m.kind == MessageKind.TEST and not m.sending_on}
    if not stopped:
        return
    cursor.execute(_OF_NO_CALL, [array(stopped), array(m.created_at for m in stopped.values())])
    for (message_id,) in cursor.fetchall():
        stopped[message_id].sending_on = True


def refusal(message: Waiting, now: datetime) -> SkipReason | None:
    """Why the message may not go any more, in the order of rules.md §4; hours, guard and cap come after this."""
    if now > message.expires_at:
        return SkipReason.EXPIRED
    if message.kind == MessageKind.INFO:
        return None
    counted = message.kind == MessageKind.PROMO
    if message.shop_status != ShopStatus.ACTIVE:
        return SkipReason.SHOP_INACTIVE
    if not message.sending_on:
        return SkipReason.SENDING_OFF
    if not message.sender_accepted:
        return SkipReason.SENDER_UNREGISTERED
    if counted and message.product == Product.SOHO and message.notice_state != NoticeState.ACTIVE:
        return SkipReason.NOTICE_INACTIVE
    if message.opted_out:
        return SkipReason.OPTED_OUT
    return SkipReason.BLOCKED if message.blocked and counted else None
