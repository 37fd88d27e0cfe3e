"""What an owner asks of the list of calls: which ones to see, which to take away as a file."""

from datetime import date, timedelta
from typing import Any, Final

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils import timezone

from messaging import reasons
from messaging.queries.calls import Days
from messaging.rulebook import SkipReason
from shopmsg.core.clock import kst_day

#: The longest period of one file (issue 3, item 6).
LONGEST_DAYS: Final = 92
_NO_DAY: Final = {"invalid": "날짜를 달력에서 골라 주세요.", "required": "날짜를 골라 주세요."}
# Beyond these lie the ends of the calendar, where a day has no day before or after it.
_DAYS_KNOWN: Final = (
    MinValueValidator(date(2000, 1, 1), _NO_DAY["invalid"]),
    MaxValueValidator(date(9000, 1, 1), _NO_DAY["invalid"]),
)


def reason_label(reason: SkipReason) -> str:
    """The reason's own sentence without its full stop: "통화가 너무 짧았어요"."""
    return reasons.explain(reason, None, timezone.now()).sentence.rstrip(".")


# A call to a line nobody has registered is in no shop's list.
_REASONS: Final = tuple(
    (reason.value, reason_label(reason)) for reason in SkipReason if reason != SkipReason.UNKNOWN_LINE
)


def _day_field(label: str, *, required: bool) -> forms.DateField:
    return forms.DateField(
        label=label,
        required=required,
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages=_NO_DAY,
        validators=_DAYS_KNOWN,
    )


class CallsFilterForm(forms.Form):
    """Days and reason of the list, out of its address."""

    first = _day_field("언제부터", required=False)
    last = _day_field("언제까지", required=False)
    reason = forms.ChoiceField(
        label="안 보낸 까닭",
        required=False,
        choices=[("", "모든 까닭"), *_REASONS],
        error_messages={"invalid_choice": "까닭을 목록에서 골라 주세요."},
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        _in_order(self, cleaned)
        return cleaned

    def days(self) -> Days:
        """The days asked for, as far as they make sense."""
        cleaned = self.cleaned_data
        return Days(cleaned.get("first"), cleaned.get("last"))

    def why(self) -> SkipReason | None:
        """The reason asked for."""
        value = self.cleaned_data.get("reason")
        return SkipReason(value) if value else None


class ExportForm(forms.Form):
    """A period of at most LONGEST_DAYS days, numbers masked unless a reason is given (rules.md §5)."""

    REASONS: Final = (
        ("예약·주문 확인", "예약이나 주문을 확인하려고요"),
        ("단골 관리", "단골손님을 챙기려고요"),
        ("other", "다른 까닭이에요"),
    )
    first = _day_field("언제부터", required=True)
    last = _day_field("언제까지", required=True)
    numbers = forms.ChoiceField(
        label="손님 번호",
        choices=[("masked", "가운데를 가려요 (010-****-1234)"), ("whole", "번호를 모두 적어요")],
        initial="masked",
        widget=forms.RadioSelect,
        error_messages={"required": "번호를 가릴지 골라 주세요."},
    )
    why = forms.ChoiceField(
        label="번호가 왜 필요하세요?",
        choices=REASONS,
        initial=REASONS[0][0],
        required=False,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": "번호가 필요한 까닭을 골라 주세요."},
    )
    other = forms.CharField(
        label="다른 까닭",
        required=False,
        max_length=100,
        help_text="‘다른 까닭’을 고르셨을 때만 적어 주세요.",
        error_messages={"max_length": "까닭은 100자 안으로 적어 주세요."},
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        _in_order(self, cleaned)
        first, last = cleaned.get("first"), cleaned.get("last")
        if first and last and (last - first).days >= LONGEST_DAYS:
            self.add_error("last", f"한 번에 {LONGEST_DAYS}일까지 받을 수 있어요. 기간을 나누어 받아 주세요.")
        if first and first > kst_day(timezone.now()):
            self.add_error("first", "아직 오지 않은 날이에요. 지난 날을 골라 주세요.")
        if cleaned.get("numbers") == "whole":
            if not cleaned.get("why") and "why" not in self.errors:
                self.add_error("why", "번호가 필요한 까닭을 골라 주세요.")
            if cleaned.get("why") == "other" and not cleaned.get("other", "").strip():
                self.add_error("other", "까닭을 짧게 적어 주세요.")
        return cleaned

    @property
    def whole_numbers(self) -> bool:
        """Whether the file shows numbers in the clear."""
        return bool(self.cleaned_data["numbers"] == "whole")

    def reason(self) -> str:
        """The sentence for the audit log."""
        why = str(self.cleaned_data["why"])
        return str(self.cleaned_data["other"]).strip() if why == "other" else why

    def period(self) -> tuple[date, date]:
        """First and last day."""
        return self.cleaned_data["first"], self.cleaned_data["last"]


def last_days(today: date, count: int = 30) -> tuple[date, date]:
    """The period a file is offered for."""
    return today - timedelta(days=count - 1), today


def _in_order(form: forms.Form, cleaned: dict[str, Any]) -> None:
    first, last = cleaned.get("first"), cleaned.get("last")
    if first and last and first > last:
        form.add_error("last", "끝나는 날이 시작하는 날보다 빨라요. 날짜를 다시 골라 주세요.")
