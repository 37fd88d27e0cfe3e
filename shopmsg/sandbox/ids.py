"""Identifiers in the gateway's own form: prefix, second, 15 characters (reference/gateways.md §1.3)."""

import os

from shopmsg.sandbox import dates


def many(prefix: str, count: int, now: int) -> list[str]:
    """``count`` ids of 32 characters, e.g. ``M4V20261122120000ABCDEFGHIJKLMNO``."""
    head = prefix + dates.stamp(now)
    noise = os.urandom(8 * count).hex().upper()
    return [head + noise[i : i + 15] for i in range(0, 16 * count, 16)]


def group(now: int) -> str:
    return many("G4V", 1, now)[0]


def file(now: int) -> str:
    return many("ST0", 1, now)[0]
