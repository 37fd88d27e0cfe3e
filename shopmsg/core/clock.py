"""Korean time. Days are KST days whatever the host's zone; every moment is an aware datetime."""

from datetime import date, datetime, time, timedelta, timezone

KST = timezone(timedelta(hours=9), "KST")
_WEEKDAYS = "월화수목금토일"


def kst_day(moment: datetime) -> date:
    """The KST calendar day a moment falls on."""
    return moment.astimezone(KST).date()


def day_start(day: date) -> datetime:
    """00:00 KST of that day."""
    return datetime.combine(day, time(), KST)


def minute_of_day(moment: datetime) -> int:
    """Minutes since 00:00 KST, 0–1439."""
    local = moment.astimezone(KST)
    return local.hour * 60 + local.minute


def month_start(day: date) -> date:
    """The first day of the day's month."""
    return day.replace(day=1)


def add_months(anchor: date, months: int) -> date:
    """The same day `months` later; a day that month lacks becomes its last day (rules.md §3)."""
    index = anchor.year * 12 + anchor.month - 1 + months
    year, month = divmod(index, 12)
    next_month = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    last = (next_month - timedelta(days=1)).day
    return date(year, month + 1, min(anchor.day, last))


def format_time(moment: datetime) -> str:
    """ "오후 3:05"."""
    local = moment.astimezone(KST)
    half = "오전" if local.hour < 12 else "오후"
    return f"{half} {(local.hour - 1) % 12 + 1}:{local.minute:02d}"


def format_day(day: date) -> str:
    """ "11월 22일(일)"."""
    return f"{day.month}월 {day.day}일({_WEEKDAYS[day.weekday()]})"


def format_moment(moment: datetime) -> str:
    """ "11월 22일(일) 오후 3:05"."""
    return f"{format_day(kst_day(moment))} {format_time(moment)}"
