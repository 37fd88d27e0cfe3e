"""차단 목록: numbers an owner never wants to send to, such as a supplier or family (rules.md §4 check 5)."""

import base64
from datetime import datetime, timedelta
from typing import Final

from django.core import signing
from django.db import transaction

from messaging.models import Block
from shopmsg.accounts import audit
from shopmsg.accounts.models import Shop, User
from shopmsg.accounts.sealing import keyring
from shopmsg.core import phone
from shopmsg.core.crypto import CryptoError
from shopmsg.core.errors import ShopmsgError

MOST: Final = 5_000
UNDO_FOR: Final = timedelta(minutes=10)
_SALT: Final = "messaging.blocks.undo"


class BlockRefused(ShopmsgError):
    """A number that cannot be put on the list, or back on it. Codes: "already", "full", "undo_over"."""


def add(shop: Shop, number: str, label: str, *, by: User, address: str | None) -> Block:
    """Block a mobile number from the next call on. Raises PhoneError, BlockRefused."""
    digits = phone.mobile(number)
    ring = keyring()
    with transaction.atomic():
        # The lock keeps two simultaneous additions from passing the ceiling together.
        Shop.objects.select_for_update(no_key=True).get(pk=shop.pk)
        if Block.objects.filter(shop=shop, recipient_index__in=ring.indexes(digits)).exists():
            raise BlockRefused("already", "이미 차단 목록에 있는 번호예요.")
        if Block.objects.filter(shop=shop).count() >= MOST:
            raise BlockRefused(
                "full", f"차단은 {MOST:,}개까지 할 수 있어요. 쓰지 않는 번호를 먼저 빼 주세요."
            )
        block = Block.objects.create(
            shop=shop,
            recipient_index=ring.index(digits),
            recipient_sealed=ring.seal(digits),
            label=label.strip(),
        )
        audit.record("block.added", actor=by, shop=shop, subject=f"block:{block.pk}", address=address)
    return block


def remove(block: Block, *, by: User, address: str | None) -> str:
    """Take a number off the list; returns a token with which `restore` puts it back for ten minutes.

    The token holds the sealed number, never the number.
    """
    sealed = base64.b64encode(bytes(block.recipient_sealed)).decode()
    token = signing.dumps({"shop": block.shop_id, "sealed": sealed, "label": block.label}, salt=_SALT)
    with transaction.atomic():
        removed, _ = Block.objects.filter(pk=block.pk).delete()
        if removed:
            audit.record(
                "block.removed", actor=by, shop=block.shop, subject=f"block:{block.pk}", address=address
            )
    return token


def restore(shop: Shop, token: str, *, by: User, address: str | None) -> Block:
    """Undo a removal. Raises BlockRefused when the ten minutes are over or the number is back already."""
    try:
        kept = signing.loads(token, salt=_SALT, max_age=UNDO_FOR)
    except signing.BadSignature:
        raise BlockRefused(
            "undo_over", "되돌릴 수 있는 시간이 지났어요. 번호를 다시 추가해 주세요."
        ) from None
    if kept["shop"] != shop.pk:
        raise BlockRefused("undo_over", "이 가게의 차단이 아니에요. 번호를 다시 추가해 주세요.")
    number = keyring().open(base64.b64decode(kept["sealed"]))
    return add(shop, number, kept["label"], by=by, address=address)


def renew(_now: datetime) -> int:
    """Bring the lists under the keys used for new values, so that an old one can be taken out; returns how many
    entries. Blocks alone keep a number for longer than the six months of calls and messages."""
    ring = keyring()
    renewed = 0
    for block in Block.objects.iterator(chunk_size=1_000):
        if ring.is_current(block.recipient_sealed, block.recipient_index):
            continue
        try:
            number = ring.open(block.recipient_sealed)
        except CryptoError:
            continue
        renewed += Block.objects.filter(pk=block.pk).update(
            recipient_sealed=ring.seal(number), recipient_index=ring.index(number)
        )
    return renewed
