"""할인반환금: what leaving a commitment early costs (rules.md §3).

Σ over the past months of the commitment of the discount given in that month × the month's band rate, never below 0,
rounded down to the won once. Bands are dated data with their source, and those of the day the commitment was made hold
to its end: a new table never changes an old agreement.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final

from billing.catalogue import TERMS, quote
from billing.enums import Bundle
from shopmsg.accounts.enums import Product


@dataclass(frozen=True, slots=True)
class Bands:
    """Rates by commitment: for each, (last month of the band, percent), in order, up to the commitment's last month."""

    effective_from: date
    source: str
    rates: Mapping[int, tuple[tuple[int, int], ...]]


@dataclass(frozen=True, slots=True)
class Leaving:
    """Leaving after so many whole months of the commitment costs so many won."""

    month: int
    won: int


BANDS: Final = (
    Bands(
        date(2021, 6, 1),
        "공개된 국내 통신 약정의 할인반환율 예시. KT의 할인반환금 산식(서비스 가입신청서)을 받을 때까지의 기본값",
        MappingProxyType(
            {
                12: ((10, 100), (12, -5)),
                24: ((4, 95), (8, 85), (12, 80), (14, 70), (16, 50), (20, 0), (22, -10), (24, -25)),
                36: (
                    *((9, 85), (12, 80), (18, 30), (21, 25), (24, 0)),
                    *((28, -10), (32, -25), (34, -85), (36, -170)),
                ),
            }
        ),
    ),
)


def bands_on(on: date) -> Bands:
    """The table for a commitment made on that KST day. Raises ValueError before the first one."""
    rows = [row for row in BANDS if row.effective_from <= on]
    if not rows:
        raise ValueError(f"no bands on {on}")
    return max(rows, key=lambda row: row.effective_from)


def rate(term_months: int, month: int, on: date) -> int:
    """Percent of the discount given in that month (1 is the first) that leaving asks back. Raises ValueError for a
    month outside the commitment, and for none."""
    for last, percent in bands_on(on).rates.get(term_months, ()):
        if 1 <= month <= last:
            return percent
    raise ValueError(f"no month {month} in a commitment of {term_months}")


def refund_of(given: Iterable[tuple[int, int]], term_months: int, on: date) -> int:
    """Won to pay back for the discounts really given: (month of the commitment it was given in, won) each.

    `on`: the day the commitment was made. Raises ValueError for a month outside the commitment.
    """
    hundredths = sum(won * rate(term_months, month, on) for month, won in given)
    return max(0, hundredths // 100)


def refund_after(term_months: int, months: int, on: date) -> int:
    """Won to pay back when soho is left after so many whole months of a commitment made on that day at that day's
    price: 36 months left after 12 is 60,720. 0 with no commitment, and from its end on.

    The first month is free, so no discount was given in it. Raises ValueError for an unknown term or negative months.
    """
    if term_months not in TERMS or months < 0:
        raise ValueError(f"no commitment of {term_months} months left after {months}")
    if months >= term_months:
        return 0
    offer = quote(Product.SOHO, term_months, Bundle.NONE, on)
    first_paid = 2 if offer.first_month_free else 1
    return refund_of(
        ((month, offer.discount_krw) for month in range(first_paid, months + 1)), term_months, on
    )


def schedule(term_months: int, on: date) -> tuple[Leaving, ...]:
    """What leaving costs after each whole month, from the first to the last, which costs nothing; () without a
    commitment. Raises ValueError as `refund_after`."""
    if term_months not in TERMS:
        raise ValueError(f"no commitment of {term_months} months")
    return tuple(Leaving(month, refund_after(term_months, month, on)) for month in range(1, term_months + 1))
