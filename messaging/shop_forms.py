"""Forms of the owner's shop page. Lengths and meanings are judged by the verbs, whose sentences are shown; the templates
say novalidate."""

from datetime import date
from typing import Any, Final, cast

from django import forms

from shopmsg.core.opening import Week
from shopmsg.core.opening_day import DAY, WEEKDAYS, Day, OpeningRefused, digits, parse_time, spoken
from shopmsg.core.opening_rest import Closure, Holidays, Monthly

#: The choice that lets a time be typed.
TYPED: Final = "typed"
#: Days are listed from six in the morning: 새벽 1:00 is the end of an evening.
_MORNING: Final = 360
_WEEKDAY_CHOICES: Final = [(str(at), f"{name}요일") for at, name in enumerate(WEEKDAYS)]


def _time_choices(now: str) -> list[tuple[str, str]]:
    """Half hours, and the present time among them where it is none."""
    minutes = {_MORNING + 30 * step for step in range(48)}
    if now and now != TYPED:
        minute = parse_time(now)
        minutes.add(minute if minute >= _MORNING else minute + DAY)
    choices = [(_choice(minute), spoken(minute)) for minute in sorted(minutes)]
    return [*choices, (TYPED, "직접 적기")]


def _choice(minute: int) -> str:
    """A minute as the choices name it: midnight is the end of a day there, never the beginning."""
    return digits(minute if minute % DAY else DAY)


class DayForm(forms.Form):
    """One day's hours: chosen in half hours or typed. `day` is the answer once the form is valid."""

    closed = forms.BooleanField(label="쉬어요", required=False)
    around = forms.BooleanField(label="24시간 열어요", required=False)
    opens = forms.ChoiceField(label="여는 시각", required=False)
    closes = forms.ChoiceField(label="닫는 시각", required=False)
    rest = forms.BooleanField(label="쉬는 시간이 있어요", required=False)
    rest_from = forms.ChoiceField(label="쉬는 시간 시작", required=False)
    rest_to = forms.ChoiceField(label="쉬는 시간 끝", required=False)
    opens_typed = forms.CharField(label="여는 시각 적기", required=False)
    closes_typed = forms.CharField(label="닫는 시각 적기", required=False)
    rest_from_typed = forms.CharField(label="쉬는 시간 시작 적기", required=False)
    rest_to_typed = forms.CharField(label="쉬는 시간 끝 적기", required=False)

    TIMES: Final = ("opens", "closes", "rest_from", "rest_to")

    def __init__(self, *args: Any, day: Day | None, begin: Day, may_close: bool, **kwargs: Any) -> None:
        shown = day or begin
        pause = shown.rest or (900, 1_020)
        kept = dict(zip(self.TIMES, (shown.opens, shown.closes, *pause), strict=True))
        initial = {name: _choice(minute) for name, minute in kept.items()}
        super().__init__(*args, **kwargs)
        self.initial = {
            "closed": day is None,
            "around": shown.all_day,
            "rest": shown.rest is not None,
            **initial,
        }
        self.day: Day | None = None
        self.may_close = may_close
        for name in self.TIMES:
            field = cast(forms.ChoiceField, self.fields[name])
            field.choices = _time_choices(initial[name])
            field.error_messages["invalid_choice"] = "시각을 다시 골라 주세요."
            self.fields[f"{name}_typed"].widget.attrs.update(
                placeholder="11:40", inputmode="text", autocomplete="off"
            )

    def times(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """Opening and closing, each as (choice, typed)."""
        return [(self[name], self[f"{name}_typed"]) for name in self.TIMES[:2]]

    def rest_times(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """The break's beginning and end, each as (choice, typed)."""
        return [(self[name], self[f"{name}_typed"]) for name in self.TIMES[2:]]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.may_close and cleaned.get("closed"):
            return cleaned
        if cleaned.get("around"):
            self.day = Day(0, DAY)
            return cleaned
        wanted = self.TIMES if cleaned.get("rest") else self.TIMES[:2]
        minutes = {name: self._minute(name, cleaned) for name in wanted}
        if None in minutes.values():
            return cleaned
        opens, closes, *pause = cast(list[int], list(minutes.values()))
        try:
            self.day = Day.of(opens, closes, (pause[0], pause[1]) if pause else None)
        except OpeningRefused as refused:
            self.add_error("rest_from" if refused.code == "break" else "closes", refused.message)
        return cleaned

    def _minute(self, name: str, cleaned: dict[str, Any]) -> int | None:
        chosen = cleaned.get(name) or self.initial[name]
        at = f"{name}_typed" if chosen == TYPED else name
        if name in self.errors:
            return None
        try:
            return parse_time(str(cleaned.get(at, "")) if chosen == TYPED else str(chosen))
        except OpeningRefused as refused:
            self.add_error(at, refused.message)
            return None


class WeekdaysForm(forms.Form):
    """The weekdays on which the shop does not open, and a line of the owner's about the hours."""

    closed = forms.TypedMultipleChoiceField(
        label="쉬는 요일",
        required=False,
        choices=_WEEKDAY_CHOICES,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "쉬는 요일을 다시 골라 주세요."},
    )
    note = forms.CharField(
        label="한 줄 안내",
        required=False,
        help_text="‘마지막 주문 21:30’처럼 덧붙일 말이 있으면 적어 주세요. 비워 두셔도 돼요.",
        widget=forms.Textarea(attrs={"autocomplete": "off", "rows": 2}),
    )


class RestForm(forms.Form):
    """Public holidays and days off that come every month."""

    holidays = forms.ChoiceField(
        label="공휴일에는 어떻게 하나요?",
        choices=[
            (Holidays.USUAL.value, "평소대로 열어요"),
            (Holidays.FEASTS.value, "설·추석 연휴에만 쉬어요"),
            (Holidays.CLOSED.value, "공휴일은 모두 쉬어요"),
            (Holidays.OWN.value, "공휴일 시간이 따로 있어요"),
        ],
        widget=forms.RadioSelect,
        error_messages={
            "required": "공휴일에 어떻게 하는지 골라 주세요.",
            "invalid_choice": "공휴일에 어떻게 하는지 골라 주세요.",
        },
    )
    nths = forms.TypedMultipleChoiceField(
        label="매월 쉬는 주",
        required=False,
        choices=[(str(nth), word) for nth, word in enumerate(("첫째", "둘째", "셋째", "넷째", "다섯째"), 1)],
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        help_text="둘째·넷째 일요일처럼 쉬는 주를 모두 골라 주세요. 없으면 비워 두세요.",
        error_messages={"invalid_choice": "쉬는 주를 다시 골라 주세요."},
    )
    weekday = forms.TypedChoiceField(
        label="그 주 무슨 요일에 쉬나요?",
        choices=_WEEKDAY_CHOICES,
        coerce=int,
        error_messages={"required": "요일을 골라 주세요.", "invalid_choice": "요일을 골라 주세요."},
    )

    def monthly(self) -> Monthly | None:
        nths = tuple(sorted(self.cleaned_data["nths"]))
        return Monthly(self.cleaned_data["weekday"], nths) if nths else None

    @staticmethod
    def initial_of(week: Week) -> dict[str, Any]:
        monthly = week.monthly
        return {
            "holidays": week.holidays.value,
            "nths": monthly.nths if monthly else (),
            "weekday": monthly.weekday if monthly else 6,
        }


def _day_field(label: str, required: bool, help_text: str = "") -> forms.DateField:
    return forms.DateField(
        label=label,
        required=required,
        help_text=help_text,
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "날짜를 골라 주세요.", "invalid": "날짜를 달력에서 골라 주세요."},
    )


class ClosureForm(forms.Form):
    """Days on which the shop is closed once."""

    first = _day_field("쉬는 첫날", required=True)
    last = _day_field("쉬는 마지막 날", required=False, help_text="하루만 쉬면 비워 두셔도 돼요.")
    reason = forms.CharField(
        label="까닭",
        required=False,
        help_text="‘여름휴가’처럼 손님에게 보여 줄 말이에요. 비워 두셔도 돼요.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def closure(self) -> Closure:
        """Raises OpeningRefused."""
        first: date = self.cleaned_data["first"]
        reason = " ".join(str(self.cleaned_data["reason"]).split())
        return Closure(first, self.cleaned_data["last"] or first, reason)


class PlaceForm(forms.Form):
    """Where the shop is."""

    place = forms.CharField(
        label="주소",
        required=False,
        help_text="지도에서 찾을 수 있게 도로명과 번지까지 적어 주세요.",
        widget=forms.Textarea(attrs={"autocomplete": "street-address", "rows": 2}),
    )
    way = forms.CharField(
        label="찾아오는 길",
        required=False,
        help_text="‘2번 출구 앞 2층, 건물 뒤에 주차’처럼 적어 주세요. 비워 두셔도 돼요.",
        widget=forms.Textarea(attrs={"autocomplete": "off", "rows": 2}),
    )


class IntroForm(forms.Form):
    """What is special about the shop."""

    intro = forms.CharField(
        label="가게 소개",
        required=False,
        strip=False,
        help_text="무엇을 잘하는지, 얼마나 되었는지 두세 줄이면 넉넉해요.",
        widget=forms.Textarea(attrs={"rows": 5}),
    )


class SlugForm(forms.Form):
    """The homepage's address."""

    slug = forms.CharField(
        label="홈페이지 주소",
        required=False,
        help_text="영어 소문자, 숫자, 붙임표(-)로 3자부터 40자까지요.",
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false", "inputmode": "url"}
        ),
    )


class MenuItemForm(forms.Form):
    """One thing the shop sells."""

    name = forms.CharField(
        label="메뉴 이름", required=False, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    price = forms.CharField(
        label="값",
        required=False,
        help_text="15,000이나 만오천원처럼 적어 주세요. 값을 보이지 않으려면 비워 두세요.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    note = forms.CharField(
        label="설명",
        required=False,
        help_text="‘2인분, 국내산’처럼 짧게요. 비워 두셔도 돼요.",
        widget=forms.Textarea(attrs={"autocomplete": "off", "rows": 2}),
    )


class CaptionForm(forms.Form):
    """What a photo shows."""

    caption = forms.CharField(
        label="사진 설명",
        required=False,
        help_text="사진 아래에 나와요. 눈이 불편한 손님에게는 소리로 읽어 드려요.",
        widget=forms.Textarea(attrs={"autocomplete": "off", "rows": 2}),
    )


class AnnouncementForm(forms.Form):
    """A notice and its days."""

    text = forms.CharField(
        label="공지",
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    starts_on = _day_field("보이기 시작하는 날", required=False)
    ends_on = _day_field("보이는 마지막 날", required=False, help_text="비워 두면 내릴 때까지 보여요.")
