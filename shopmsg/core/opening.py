"""영업시간: when a shop is open. Pure; days are KST days and the clock is passed in.

A business day belongs to the weekday it begins on: a Friday that closes at 01:00 is still Friday's, also when the
Saturday is a day off.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any, Final

from shopmsg.core.clock import day_start, kst_day
from shopmsg.core.opening_day import DAY, WEEKDAYS, Day, OpeningRefused, plain_day, spoken
from shopmsg.core.opening_line import line_of
from shopmsg.core.opening_rest import Closure, Holidays, Monthly, check_words
from shopmsg.core.public_holidays import holiday_name, is_feast

MOST_CLOSURES: Final = 10
_SEARCHED: Final = 400
_ENGLISH: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class Status:
    """Open or not, as the homepage says it: `text` is `now` and `then` ("영업 중 · 오후 10:00에 닫아요"). `changes_at` is
    when it stops being true, None when nobody knows."""

    open: bool
    now: str
    then: str
    changes_at: datetime | None

    @property
    def text(self) -> str:
        return f"{self.now} · {self.then}" if self.then else self.now


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table of a week. `but` says how this week's day differs ("12월 25일은 쉬어요 - 성탄절")."""

    label: str
    text: str
    rest: str
    closed: bool
    today: bool
    but: str = ""


@dataclass(frozen=True, slots=True)
class Week:
    """A shop's opening hours. `days` has seven, Monday first, None for a day off; `holiday` are the hours of public
    holidays when `holidays` is OWN; `note` is one line of the owner's. Raises OpeningRefused."""

    days: tuple[Day | None, ...]
    monthly: Monthly | None = None
    holidays: Holidays = Holidays.USUAL
    holiday: Day | None = None
    closures: tuple[Closure, ...] = ()
    note: str = ""

    def __post_init__(self) -> None:
        if len(self.days) != 7:
            raise OpeningRefused("shape", "영업시간을 읽을 수 없어요.")
        if not any(self.days):
            raise OpeningRefused("never_open", "여는 날이 하루도 없어요. 여는 요일을 하나 이상 골라 주세요.")
        if (self.holidays == Holidays.OWN) != (self.holiday is not None):
            raise OpeningRefused("holiday", "공휴일에 여는 시각과 닫는 시각을 골라 주세요.")
        every = [day for day in (*self.days, self.holiday) if day]
        if self.holiday and max(day.closes for day in every) - DAY > min(day.opens for day in every):
            raise OpeningRefused(
                "holiday", "공휴일 시각이 앞뒤 날의 시각과 겹쳐요. 공휴일 시각을 다시 골라 주세요."
            )
        for weekday, (one, following) in enumerate(pairwise((*self.days, self.days[0]))):
            if one and following and one.closes - DAY > following.opens:
                raise OpeningRefused(
                    "overlap",
                    f"{WEEKDAYS[weekday]}요일 영업이 끝나기 전에 {WEEKDAYS[(weekday + 1) % 7]}요일 문을 열어요."
                    " 시각을 다시 골라 주세요.",
                )
        if len(self.closures) > MOST_CLOSURES:
            raise OpeningRefused("closures", f"임시 휴무는 {MOST_CLOSURES}개까지 적어 둘 수 있어요.")
        check_words(self.note, "한 줄 안내는")

    @classmethod
    def from_json(cls, value: Any) -> "Week":
        """What `to_json` gave. Raises OpeningRefused for anything else."""
        try:
            monthly, holiday = value.get("monthly"), value.get("holiday")
            return cls(
                days=tuple(Day.from_json(day) if day is not None else None for day in value["days"]),
                monthly=Monthly(int(monthly["weekday"]), tuple(map(int, monthly["nths"])))
                if monthly
                else None,
                holidays=Holidays(value.get("holidays", "usual")),
                holiday=Day.from_json(holiday) if holiday else None,
                closures=tuple(
                    Closure(
                        date.fromisoformat(each["from"]),
                        date.fromisoformat(each["to"]),
                        each.get("reason", ""),
                    )
                    for each in value.get("closures", ())
                ),
                note=str(value.get("note", "")),
            )
        except (AttributeError, KeyError, TypeError, ValueError):
            raise OpeningRefused("shape", "영업시간을 읽을 수 없어요.") from None

    def to_json(self) -> dict[str, Any]:
        kept: dict[str, Any] = {"days": [day.to_json() if day else None for day in self.days]}
        if self.monthly:
            kept["monthly"] = {"weekday": self.monthly.weekday, "nths": list(self.monthly.nths)}
        if self.holidays != Holidays.USUAL:
            kept["holidays"] = self.holidays.value
        if self.holiday:
            kept["holiday"] = self.holiday.to_json()
        if self.closures:
            kept["closures"] = [
                {"from": each.first.isoformat(), "to": each.last.isoformat(), "reason": each.reason}
                for each in self.closures
            ]
        if self.note:
            kept["note"] = self.note
        return kept

    # --- what a day is -----------------------------------------------------------------------------------------------

    def on(self, day: date) -> Day | None:
        """The hours of that very day, everything considered; None when the shop does not open."""
        usual = self.days[day.weekday()]
        if usual is None or self.closure_on(day) or (self.monthly and self.monthly.falls_on(day)):
            return None
        match self.holidays:
            case Holidays.FEASTS if is_feast(day):
                return None
            case Holidays.CLOSED if holiday_name(day):
                return None
            case Holidays.OWN if holiday_name(day):
                return self.holiday
        return usual

    def closure_on(self, day: date) -> Closure | None:
        """The temporary closure a day falls into."""
        return next((each for each in self.closures if each.first <= day <= each.last), None)

    def closed_on(self, first: date, last: date, reason: str = "") -> "Week":
        """The same week with one more temporary closure, in order. Raises OpeningRefused."""
        return replace(
            self, closures=tuple(sorted({*self.closures, Closure(first, last, reason)}, key=_first_day))
        )

    def opened_on(self, first: date, last: date) -> "Week":
        """The same week without that temporary closure."""
        return replace(
            self, closures=tuple(each for each in self.closures if (each.first, each.last) != (first, last))
        )

    def without_past(self, today: date) -> "Week":
        """The same week without temporary closures that are over."""
        return replace(self, closures=tuple(each for each in self.closures if each.last >= today))

    # --- in words ----------------------------------------------------------------------------------------------------

    def summary(self) -> str:
        """One line ≤ 80 characters, always sendable: "월~금 11:00~22:00(쉬는 시간 15:00~17:00), 토·일 쉬어요".

        Temporary closures are not in it: a message cannot take back what it said last week.
        """
        return line_of(self)

    @property
    def holidays_text(self) -> str:
        """ "공휴일 쉬어요", "설·추석 연휴 쉬어요", "공휴일 12:00~18:00", "" for as usual."""
        match self.holidays:
            case Holidays.CLOSED:
                return "공휴일 쉬어요"
            case Holidays.FEASTS:
                return "설·추석 연휴 쉬어요"
            case Holidays.OWN if self.holiday:
                return f"공휴일 {self.holiday.text}"
        return ""

    def status(self, now: datetime) -> Status:
        """Open or not at that moment, and the next change in words."""
        today = kst_day(now)
        spans = self._spans(today - timedelta(days=1))
        for opens, closes, reopens in spans:
            if now < opens:
                return self._closed(now, opens)
            if now < closes:
                return self._open(now, closes, reopens, spans)
            if reopens is not None and now < reopens:
                return Status(False, "쉬는 시간", f"{_when(now, reopens)}에 다시 열어요", reopens)
        return Status(False, "오늘 쉬어요", "", None)

    def rows(self, today: date) -> tuple[Row, ...]:
        """The table of a week, Monday first; `but` where one of the seven days from today is another than usual."""
        made = []
        for weekday, usual in enumerate(self.days):
            coming = today + timedelta(days=(weekday - today.weekday()) % 7)
            actual = self.on(coming)
            made.append(
                Row(
                    label=f"{WEEKDAYS[weekday]}요일",
                    text=_hours(usual),
                    rest=usual.rest_text if usual else "",
                    closed=usual is None,
                    today=coming == today,
                    but="" if actual == usual else self._but(coming, actual),
                )
            )
        return tuple(made)

    def schema_org(self, today: date) -> list[dict[str, Any]]:
        """openingHoursSpecification of schema.org's LocalBusiness: the week, and temporary closures still to come."""
        made: list[dict[str, Any]] = []
        for day in dict.fromkeys(day for day in self.days if day):
            weekdays = [_ENGLISH[at] for at, each in enumerate(self.days) if each == day]
            made.extend(_specification(opens, closes, dayOfWeek=weekdays) for opens, closes in day.spans)
        made.extend(
            _specification(0, 0, validFrom=each.first.isoformat(), validThrough=each.last.isoformat())
            for each in self.closures
            if each.last >= today
        )
        return made

    # --- how -----------------------------------------------------------------------------------------------------

    def _spans(self, first: date) -> Iterator[tuple[datetime, datetime, datetime | None]]:
        """Every (opens, closes, opens again after the break) from that day on, in order."""
        for offset in range(_SEARCHED):
            date_of = first + timedelta(days=offset)
            day = self.on(date_of)
            if day is None:
                continue
            midnight = day_start(date_of)
            moments = [
                (midnight + timedelta(minutes=opens), midnight + timedelta(minutes=closes))
                for opens, closes in day.spans
            ]
            for at, (opens, closes) in enumerate(moments):
                yield opens, closes, moments[at + 1][0] if at + 1 < len(moments) else None

    def _open(
        self,
        now: datetime,
        closes: datetime,
        reopens: datetime | None,
        later: Iterator[tuple[datetime, datetime, datetime | None]],
    ) -> Status:
        while reopens is None:
            following = next(later, None)
            if following is None or following[0] > closes:
                break
            # Midnight is no end for a shop that opens again at midnight.
            closes, reopens = following[1], following[2]
            if closes - now > timedelta(days=7):
                return Status(True, "영업 중", "24시간 열어요", None)
        if reopens is not None:
            return Status(True, "영업 중", f"{_when(now, closes)}부터 쉬는 시간이에요", closes)
        return Status(True, "영업 중", f"{_when(now, closes)}에 닫아요", closes)

    def _closed(self, now: datetime, opens: datetime) -> Status:
        today = kst_day(now)
        hours = self.on(today)
        then = f"{_when(now, opens)}에 열어요"
        if hours is None:
            return Status(False, "오늘 쉬어요", then, opens)
        return Status(False, "영업 전" if kst_day(opens) == today else "영업 끝", then, opens)

    def _but(self, day: date, actual: Day | None) -> str:
        closure = self.closure_on(day)
        why = closure.reason if closure else holiday_name(day)
        said = "쉬어요" if actual is None else f"{_hours(actual)}"
        return f"{plain_day(day)}은 {said}" + (f" - {why}" if why else "")


def read_week(value: Any) -> Week | None:
    """The week kept in Shop.week; None for a shop that has none yet, or one that cannot be read."""
    try:
        return Week.from_json(value) if value else None
    except OpeningRefused:
        return None


def _first_day(closure: Closure) -> tuple[date, date]:
    return closure.first, closure.last


def _hours(day: Day | None) -> str:
    if day is None:
        return "쉬어요"
    return Day(day.opens, day.closes).text


def _when(now: datetime, then: datetime) -> str:
    """ "오후 10:00", "내일 오전 11:00", "화요일 오전 11:00", "12월 1일 오전 11:00". The small hours belong to the night
    before: at ten in the evening, one o'clock is "새벽 1:00"."""
    today, day = kst_day(now), kst_day(then)
    minute = int((then - day_start(day)).total_seconds()) // 60
    ahead = (day - today).days
    if ahead == 0 or (ahead == 1 and minute < 360 and then - now < timedelta(hours=12)):
        return spoken(minute)
    if ahead == 1:
        return f"내일 {spoken(minute)}"
    named = f"{WEEKDAYS[day.weekday()]}요일" if ahead < 7 else plain_day(day)
    return f"{named} {spoken(minute)}"


def _specification(opens: int, closes: int, **more: Any) -> dict[str, Any]:
    end = "23:59" if closes == DAY else f"{closes % DAY // 60:02d}:{closes % 60:02d}"
    return {
        "@type": "OpeningHoursSpecification",
        **more,
        "opens": f"{opens % DAY // 60:02d}:{opens % 60:02d}",
        "closes": end,
    }
