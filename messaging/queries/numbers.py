"""A shop's weeks in numbers: out of the daily rows the pipeline keeps, fourteen of them, never counted from messages."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from messaging.models import ShopNumbers

WEEK: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Stages:
    """What became of calls, stage by stage: 전화 → 보냄 → 도착 → 링크 열어 봄 → 쿠폰 씀.

    Links and coupons count on the day they were opened or used, so a day may show more of them than it delivered.
    """

    calls: int = 0
    sent: int = 0
    delivered: int = 0
    visited: int = 0
    redeemed: int = 0

    @property
    def empty(self) -> bool:
        """Nothing happened at all."""
        return not (self.calls or self.sent or self.delivered or self.visited or self.redeemed)


@dataclass(frozen=True, slots=True)
class Week:
    """Monday to Sunday. `total` is the week's, `before` that of the week before; `compared` says in a sentence how
    they differ, "" when there is nothing to compare."""

    start: date
    today: date
    days: tuple[ShopNumbers, ...]
    total: Stages
    before: Stages
    compared: str

    @property
    def end(self) -> date:
        """Its Sunday."""
        return self.start + WEEK - timedelta(days=1)

    @property
    def is_current(self) -> bool:
        return self.start <= self.today <= self.end

    def day(self, day: date) -> ShopNumbers:
        """One of its days."""
        return self.days[(day - self.start).days]


def monday_of(day: date) -> date:
    """The Monday of the day's week."""
    return day - timedelta(days=day.weekday())


def week_of(shop_id: int, day: date, today: date) -> Week:
    """The week `day` lies in, in one statement."""
    start = monday_of(day)
    rows = {
        row.day: row
        for row in ShopNumbers.objects.filter(shop_id=shop_id, day__gte=start - WEEK, day__lt=start + WEEK)
    }
    both = [
        rows.get(each) or ShopNumbers(shop_id=shop_id, day=each)
        for each in (start - WEEK + timedelta(days=number) for number in range(14))
    ]
    return Week(
        start=start,
        today=today,
        days=tuple(both[7:]),
        total=stages_of(both[7:]),
        before=stages_of(both[:7]),
        compared=_compared(both[:7], both[7:], today),
    )


def first_day(shop_id: int) -> date | None:
    """The first day anything is known of; None for a shop nobody has called yet."""
    return ShopNumbers.objects.filter(shop_id=shop_id).order_by("day").values_list("day", flat=True).first()


def calls_between(shop_id: int, first: date, last: date) -> int:
    """Calls of the days `first` through `last`, as the daily rows count them."""
    days = ShopNumbers.objects.filter(shop_id=shop_id, day__range=(first, last))
    return sum(days.values_list("calls", flat=True))


def stages_of(days: Iterable[ShopNumbers]) -> Stages:
    """The days added up."""
    kept = list(days)
    return Stages(
        calls=sum(day.calls for day in kept),
        sent=sum(day.sent for day in kept),
        delivered=sum(day.delivered for day in kept),
        visited=sum(day.visited for day in kept),
        redeemed=sum(day.redeemed for day in kept),
    )


def _compared(before: Sequence[ShopNumbers], week: Sequence[ShopNumbers], today: date) -> str:
    """Only days that are over are compared: a morning would always look worse than a whole day."""
    over = [number for number, day in enumerate(week) if day.day < today]
    earlier = sum(day.calls for day in before)
    if not over or not earlier:
        return ""
    than = "그 앞 주" if len(over) == 7 else "지난주 이맘때"
    until = "" if len(over) == 7 else "어제까지 "
    gained = sum(week[number].calls - before[number].calls for number in over)
    if gained == 0:
        return f"{until}전화가 {than}와 같아요."
    return f"{until}전화가 {than}보다 {abs(gained):,}건 {'많아요' if gained > 0 else '적어요'}."
