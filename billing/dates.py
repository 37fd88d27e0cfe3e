"""The days of a bill, each derived from its billing month alone (rules.md §3).

The invoice of month M is due on the 20th of M+1, its tax invoice is written on the last day of M and issued by the 10th of
M+1. Either moves to the next business day when it falls on a Saturday, a Sunday or a holiday, substitute holidays and the
first of May included (국세기본법 5조, 민법 161조).
"""

from datetime import date
from typing import Final

from billing.proration import month_end
from shopmsg.core.clock import add_months
from shopmsg.core.public_holidays import next_business_day

_TAX_DAY: Final = 10
_DUE_DAY: Final = 20
_CARD_DAY: Final = 5


def following(month: date) -> date:
    """The first day of the month after."""
    return add_months(month.replace(day=1), 1)


def due_on(month: date) -> date:
    """납부 기한 of that billing month."""
    return next_business_day(following(month).replace(day=_DUE_DAY))


def tax_due_on(month: date) -> date:
    """세금계산서 발급 기한 of that billing month."""
    return next_business_day(following(month).replace(day=_TAX_DAY))


def tax_written_on(month: date) -> date:
    """작성일자: the month's sum is written on its last day (부가가치세법 34조)."""
    return month_end(month)


def charged_on(month: date) -> date:
    """카드 결제일 of that billing month: cards are charged on any day, holidays too."""
    return following(month).replace(day=_CARD_DAY)
