"""The hours of a week as three forms: every day the same, weekdays and weekend, each day by itself."""

from dataclasses import replace
from enum import StrEnum
from typing import Any, Final

from django.http import QueryDict

from messaging.shop_forms import DayForm, WeekdaysForm
from shopmsg.core.opening import Week
from shopmsg.core.opening_day import WEEKDAYS, Day, OpeningRefused

#: What a shop of which nothing is known is asked about first.
_BEGIN: Final = Day.of(600, 1_260)


class Preset(StrEnum):
    """How alike the days of a week are."""

    SAME = "same"
    WEEKEND = "weekend"
    EACH = "each"

    @property
    def label(self) -> str:
        return {"same": "매일 같은 시간", "weekend": "평일·주말", "each": "요일마다"}[self.value]


_GROUPS: Final = {
    Preset.SAME: [("여는 날", range(7))],
    Preset.WEEKEND: [("평일 (월~금)", range(5)), ("주말 (토·일)", range(5, 7))],
    Preset.EACH: [(f"{name}요일", range(at, at + 1)) for at, name in enumerate(WEEKDAYS)],
}


class HoursForm:
    """`data` is what was posted, None for a fresh form. `week` is where it begins: the shop's, or what its line says."""

    def __init__(self, preset: Preset, week: Week | None, data: QueryDict | None = None) -> None:
        self.preset = preset
        self.week = week
        days = week.days if week else (_BEGIN,) * 7
        usual = next((day for day in days if day), _BEGIN)
        self.groups = [
            (
                label,
                weekdays,
                DayForm(
                    data,
                    prefix=f"d{at}",
                    day=next((days[weekday] for weekday in weekdays if days[weekday]), None),
                    begin=usual,
                    may_close=preset == Preset.EACH,
                ),
            )
            for at, (label, weekdays) in enumerate(_GROUPS[preset])
        ]
        closed = [weekday for weekday in range(7) if days[weekday] is None]
        self.weekdays = WeekdaysForm(data, initial={"closed": closed, "note": week.note if week else ""})
        self.refusal = ""

    def answer(self) -> Week | None:
        """The week, with the days off of the one before; None when something has to be put right (`refusal` says what,
        where it belongs to no field)."""
        valid = [form.is_valid() for _, _, form in self.groups]
        if not self.weekdays.is_valid() or not all(valid):
            return None
        closed = set() if self.preset == Preset.EACH else set(self.weekdays.cleaned_data["closed"])
        days: list[Day | None] = [None] * 7
        for _, weekdays, form in self.groups:
            for weekday in weekdays:
                days[weekday] = None if weekday in closed else form.day
        note = " ".join(str(self.weekdays.cleaned_data["note"]).split())
        try:
            if self.week is None:
                return Week(tuple(days), note=note)
            return replace(self.week, days=tuple(days), note=note)
        except OpeningRefused as refused:
            if refused.code.startswith("note"):
                self.weekdays.add_error("note", refused.message)
            else:
                self.refusal = refused.message
            return None

    @property
    def errors(self) -> bool:
        return bool(self.refusal or self.weekdays.errors or any(form.errors for _, _, form in self.groups))


def preset_of(week: Week | None, asked: str) -> Preset:
    """The preset asked for; otherwise the simplest that can say this week."""
    if asked in list(Preset):
        return Preset(asked)
    if week is None:
        return Preset.SAME
    kinds: list[set[Any]] = [{day for day in week.days[part] if day} for part in (slice(0, 5), slice(5, 7))]
    if len(kinds[0] | kinds[1]) == 1:
        return Preset.SAME
    return Preset.WEEKEND if all(len(kind) <= 1 for kind in kinds) else Preset.EACH
