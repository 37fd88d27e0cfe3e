"""Which money settled which bill. Pure; the counterpart of billing.ledger.open_invoices, which says only what is left.

Payments and notes in the shop's favour settle the oldest bill first, each in the order it came. Money that went back never
came: it is taken from the payment it belongs to, or where nobody can say which, from the newest.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Credit:
    """Won above 0 in the shop's favour; `key` is whatever the caller knows it by."""

    key: str
    won: int


@dataclass(frozen=True, slots=True)
class Back:
    """환불: won above 0 that went back, of the credit `of`; "" when that is not known."""

    won: int
    of: str = ""


def kept(moves: Iterable[Credit | Back]) -> tuple[Credit, ...]:
    """The credits in the order they came, less what went back of each; those that went back whole are left out. More that
    went back than ever came is a debt of nobody's and ignored."""
    order: list[str] = []
    left: dict[str, int] = {}
    for move in moves:
        if isinstance(move, Credit):
            order.append(move.key)
            left[move.key] = move.won
            continue
        rest = move.won
        for key in (*([move.of] if move.of in left else []), *reversed(order)):
            part = min(rest, left[key])
            left[key] -= part
            rest -= part
    return tuple(Credit(key, left[key]) for key in order if left[key])


def settle(bills: Sequence[tuple[int, int]], money: Sequence[Credit]) -> Mapping[int, tuple[Credit, ...]]:
    """For each bill, (its key, won above 0) oldest first, the parts of the money that settled it."""
    settled: dict[int, tuple[Credit, ...]] = {}
    waiting = list(money)
    for bill, won in bills:
        parts: list[Credit] = []
        rest = won
        while rest and waiting:
            first = waiting.pop(0)
            part = min(rest, first.won)
            parts.append(Credit(first.key, part))
            rest -= part
            if first.won > part:
                waiting.insert(0, Credit(first.key, first.won - part))
        settled[bill] = tuple(parts)
    return settled
