"""What is chosen of the list of calls, as its address says it."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils import timezone

from messaging.calls_forms import CallsFilterForm, reason_label
from messaging.queries.calls import Days, Show
from messaging.queries.numbers import monday_of
from messaging.rulebook import SkipReason
from shopmsg.core.clock import format_day, kst_day


@dataclass(frozen=True, slots=True)
class Pill:
    """One choice that is a link."""

    label: str
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class Chosen:
    """Outcome, days, reason and search of one page of the list. What an address says wrongly is left out of the list
    and stands at its field with the sentence."""

    show: Show
    days: Days
    reason: SkipReason | None
    search: str
    form: CallsFilterForm
    today: date
    _kept: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, request: HttpRequest) -> "Chosen":
        """Read out of the address."""
        asked = request.GET
        wanted = asked.get("show", "")
        form = CallsFilterForm({name: asked.get(name, "") for name in ("first", "last", "reason")})
        sound = form.is_valid()
        days = form.days() if sound else Days()
        reason = form.why()
        show = Show(wanted) if wanted in list(Show) else Show.ALL
        search = asked.get("search", "")[:20]
        values = {
            "show": show.value,
            "first": days.first.isoformat() if days.first else "",
            "last": days.last.isoformat() if days.last else "",
            "reason": reason.value if reason else "",
            "search": search,
        }
        kept = {name: value for name, value in values.items() if value}
        return cls(show, days, reason, search, form, kst_day(timezone.now()), kept)

    def query(self, **changes: str) -> str:
        """ "?…" with these changes, "" when nothing is chosen."""
        kept = {name: value for name, value in {**self._kept, **changes}.items() if value}
        return f"?{urlencode(kept)}" if kept else ""

    @property
    def everything(self) -> bool:
        """Nothing narrows the list."""
        return not self._kept

    @property
    def opened(self) -> bool:
        """Whether days or reason are chosen in a way the links above do not show."""
        return bool(
            self.form.errors
            or self.reason
            or (self._has_days and not any(pill.current for pill in self.day_pills))
        )

    @property
    def show_pills(self) -> tuple[Pill, ...]:
        """By outcome."""
        return tuple(Pill(each.label, self.query(show=each.value) or "?", each is self.show) for each in Show)

    @property
    def day_pills(self) -> tuple[Pill, ...]:
        """By day."""
        yesterday = self.today - timedelta(days=1)
        choices = (
            ("모든 날", Days()),
            ("오늘", Days(self.today, self.today)),
            ("어제", Days(yesterday, yesterday)),
            ("이번 주", Days(monday_of(self.today), self.today)),
        )
        return tuple(
            Pill(label, self.query(**_days(days)) or "?", days == self.days) for label, days in choices
        )

    @property
    def said(self) -> str:
        """Days and reason in words, for the empty list and for who cannot see the fields: "11월 1일(일)부터"."""
        parts = []
        if self.days.first and self.days.first == self.days.last:
            parts.append(format_day(self.days.first))
        elif self._has_days:
            first = f"{format_day(self.days.first)}부터" if self.days.first else ""
            last = f"{format_day(self.days.last)}까지" if self.days.last else ""
            parts.append(f"{first} {last}".strip())
        if self.reason:
            parts.append(f"‘{reason_label(self.reason)}’")
        return ", ".join(parts)

    @property
    def hidden(self) -> tuple[tuple[str, str], ...]:
        """What the form for days and reason hands on unseen."""
        return tuple((name, self._kept[name]) for name in ("show", "search") if name in self._kept)

    @property
    def _has_days(self) -> bool:
        return self.days != Days()


def _days(days: Days) -> dict[str, str]:
    return {
        "first": days.first.isoformat() if days.first else "",
        "last": days.last.isoformat() if days.last else "",
    }
