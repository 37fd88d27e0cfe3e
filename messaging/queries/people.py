"""The owner's lists of people: who opted out, whom the owner blocked."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from messaging.models import Block, OptOut
from shopmsg.accounts.models import Shop
from shopmsg.accounts.sealing import keyring
from shopmsg.core import phone
from shopmsg.core.crypto import CryptoError

PAGE: Final = 30


@dataclass(frozen=True, slots=True)
class OptOutRow:
    """One opt-out in force; only the last four digits are known."""

    id: int
    number: str
    source: str
    at: datetime


@dataclass(frozen=True, slots=True)
class OptOutsPage:
    """`older` is the key of the next page, None on the last."""

    rows: tuple[OptOutRow, ...]
    older: int | None


@dataclass(frozen=True, slots=True)
class BlockRow:
    """One blocked number, masked."""

    id: int
    number: str
    label: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class BlocksPage:
    """`total` counts the whole list, `older` is the key of the next page, None on the last."""

    rows: tuple[BlockRow, ...]
    total: int
    older: int | None


def optouts_page(shop: Shop, *, last4: str = "", before: int | None = None) -> OptOutsPage:
    """Opt-outs in force, newest first; `last4` is "" or the last four digits."""
    found = OptOut.objects.filter(shop=shop, ended_at__isnull=True).order_by("-pk")
    if last4:
        found = found.filter(last4=last4)
    if before is not None:
        found = found.filter(pk__lt=before)
    rows = [OptOutRow(row.pk, row.last4, row.get_source_display(), row.at) for row in found[: PAGE + 1]]
    return OptOutsPage(tuple(rows[:PAGE]), rows[PAGE - 1].id if len(rows) > PAGE else None)


def blocks_page(shop: Shop, *, search: str = "", before: int | None = None) -> BlocksPage:
    """Blocked numbers, newest first. `search` is part of a memo, or digits a number ends with.

    The list is short (messaging.blocks.MOST), so it is opened and searched here: a sealed number has no other way.
    """
    everything = list(Block.objects.filter(shop=shop).order_by("-pk"))
    wanted = [block for block in everything if before is None or block.pk < before]
    # Only a search has to open more than one page shows.
    found = [(block, _opened(block)) for block in (wanted if search else wanted[: PAGE + 1])]
    if search:
        digits = "".join(char for char in search if char.isdecimal())
        found = [
            (block, number)
            for block, number in found
            if search.casefold() in block.label.casefold() or (len(digits) >= 2 and number.endswith(digits))
        ]
    rows = [BlockRow(block.pk, phone.mask(number), block.label, block.created_at) for block, number in found]
    return BlocksPage(tuple(rows[:PAGE]), len(everything), rows[PAGE - 1].id if len(rows) > PAGE else None)


def block_row(block: Block) -> BlockRow:
    """One block as its list shows it."""
    return BlockRow(block.pk, phone.mask(_opened(block)), block.label, block.created_at)


def _opened(block: Block) -> str:
    try:
        return keyring().open(bytes(block.recipient_sealed))
    except CryptoError:
        return ""
