"""How a JPEG is laid out, read from its markers alone: what decoding would cost is known before it begins.

A JPEG whose one scan holds every colour is decoded line by line, at a fraction of its size. Any other (progressive, or
a scan for each colour) has to be held whole, two bytes a coefficient, and gone through once a scan.
"""

import re
from dataclasses import dataclass
from typing import Final

_SOS: Final = 0xDA
_EOI: Final = 0xD9
_PROGRESSIVE: Final = frozenset({0xC2, 0xC6, 0xCA, 0xCE})
#: SOF0 to SOF15: every C0 to CF but DHT, JPG and DAC.
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
#: Markers without a length: TEM, RST0 to RST7, SOI.
_BARE: Final = frozenset({0x01, *range(0xD0, 0xD9)})
#: The next marker after coded pixels, in which FF is followed by 00 or by a restart. Any number of FF may stand before
#: it; the last one is enough, and a pattern that took them all would walk a long row of them once for each.
_MARKER: Final = re.compile(rb"\xff([\x01-\xcf\xd8-\xfe])")
#: The fullest photographs have hundreds.
_MOST_MARKERS: Final = 10_000


@dataclass(frozen=True, slots=True)
class Scans:
    """`by_lines`: can be decoded line by line, in memory that does not grow with the picture; `count`: its scans."""

    by_lines: bool
    count: int


def scans_of(raw: bytes, most: int) -> Scans:
    """The scans of the first picture in `raw`, counted up to `most` + 1.

    A file that ends early, or whose markers make no sense, counts as far as it can be read: the decoder refuses it. One
    of nothing but markers counts as having too many scans.
    """
    count, components, progressive, at = 0, 0, False, 0
    for _ in range(_MOST_MARKERS):
        marker = _MARKER.search(raw, at)
        if count > most or marker is None or marker[1][0] == _EOI:
            return Scans(by_lines=False, count=count)
        kind, at = marker[1][0], marker.end()
        if kind in _BARE:
            continue
        segment = raw[at + 2 : at + int.from_bytes(raw[at : at + 2], "big")]
        at += 2 + len(segment)
        if kind in _FRAMES and len(segment) > 5:
            components, progressive = segment[5], kind in _PROGRESSIVE
        if kind == _SOS:
            count += 1
            if count == 1 and not progressive and segment[:1] == bytes([components]):
                return Scans(by_lines=True, count=1)
    return Scans(by_lines=False, count=most + 1)
