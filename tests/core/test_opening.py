"""When a shop is open, said in words: checked against a clock that looks at every minute."""

import re
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shopmsg.core.clock import KST, day_start, kst_day
from shopmsg.core.opening import Week, read_week
from shopmsg.core.opening_day import DAY, WEEKDAYS, Day, OpeningRefused, digits, parse_time
from shopmsg.core.opening_line import ELSEWHERE, LIMIT
from shopmsg.core.opening_read import read_line
from shopmsg.core.opening_rest import Closure, Holidays, Monthly
from shopmsg.core.public_holidays import holiday_name
from shopmsg.core.text import unsendable

LUNCH = Day.of(660, 1_320, (900, 1_020))
NIGHT = Day.of(960, 60)
#: A Monday without a public holiday near it.
MONDAY = date(2026, 11, 16)


def at(day: date, text: str) -> datetime:
    return day_start(day) + timedelta(minutes=parse_time(text))


def day(offset: int) -> date:
    return MONDAY + timedelta(days=offset)


@st.composite
def days(draw: st.DrawFn) -> Day:
    """Half hours, sometimes past midnight, sometimes with a break, sometimes around the clock."""
    opens = draw(st.integers(0, 47)) * 30
    length = draw(st.integers(1, 47)) * 30
    if opens == 0 and draw(st.booleans()):
        return Day(0, DAY)
    rest = None
    if length >= 90 and draw(st.booleans()):
        start = draw(st.integers(1, length // 30 - 2)) * 30
        end = draw(st.integers(start // 30 + 1, length // 30 - 1)) * 30
        rest = (opens + start, opens + end)
    return Day(opens, opens + length, rest)


@st.composite
def weeks(draw: st.DrawFn) -> Week:
    chosen = draw(st.lists(days(), min_size=1, max_size=3))
    first = MONDAY + timedelta(days=draw(st.integers(-3, 20)))
    length = timedelta(days=draw(st.integers(0, 9)))
    holidays = draw(st.sampled_from(Holidays))
    try:
        return Week(
            tuple(draw(st.sampled_from([*chosen, None])) for _ in range(7)),
            monthly=draw(
                st.none()
                | st.builds(
                    Monthly,
                    st.integers(0, 6),
                    st.sets(st.integers(1, 5), min_size=1).map(lambda nths: tuple(sorted(nths))),
                )
            ),
            holidays=holidays,
            holiday=chosen[0] if holidays == Holidays.OWN else None,
            closures=draw(st.sampled_from([(), (Closure(first, first + length, "휴가"),)])),
            note=draw(st.sampled_from(["", "마지막 주문 21:30", "가" * 40])),
        )
    except OpeningRefused as refused:
        # Days that run into each other or never open are refused, as they should be.
        if refused.code not in ("overlap", "never_open", "holiday"):
            raise
        return Week((LUNCH,) * 5 + (NIGHT, None))


def open_by_the_minute(week: Week, moment: datetime) -> bool:
    """Naive: does any business day of today or yesterday cover this minute?"""
    for back in (0, 1):
        on = kst_day(moment) - timedelta(days=back)
        hours = week.on(on)
        minute = int((moment - day_start(on)).total_seconds()) // 60
        if hours is None or not hours.opens <= minute < hours.closes:
            continue
        if hours.rest is None or not hours.rest[0] <= minute < hours.rest[1]:
            return True
    return False


@settings(deadline=None)
@given(weeks(), st.integers(-5, 45), st.integers(0, DAY - 1))
def test_the_status_is_what_a_clock_looking_at_every_minute_says(
    week: Week, offset: int, minute: int
) -> None:
    now = day_start(day(offset)) + timedelta(minutes=minute)
    status = week.status(now)
    assert status.open == open_by_the_minute(week, now)
    if status.changes_at is None:
        return
    # Nothing changes before the announced moment, and something does at it.
    steps = min(int((status.changes_at - now).total_seconds()) // 60, 60 * 48)
    assert all(
        open_by_the_minute(week, now + timedelta(minutes=i)) == status.open for i in range(0, steps, 7)
    )
    assert open_by_the_minute(week, status.changes_at) != status.open
    assert open_by_the_minute(week, status.changes_at - timedelta(minutes=1)) == status.open


def days_told(line: str) -> dict[int, str]:
    """The weekdays a line tells of, read back as a person does: {0: "11:00~22:00", 6: "쉬어요"}."""
    told = {}
    for part in line.split(", "):
        found = re.fullmatch(r"(매일|[월화수목금토일]([~·][월화수목금토일])*) (.+)", part)
        if found is None:
            continue
        named: set[int] = set(range(7)) if found[1] == "매일" else set()
        for run in found[1].split("·") if found[1] != "매일" else ():
            first, _, last = run.partition("~")
            named |= set(range(WEEKDAYS.index(first), WEEKDAYS.index(last or first) + 1))
        for weekday in named:
            assert weekday not in told, line
            told[weekday] = found[3]
    return told


def hours_told(text: str) -> Day:
    """ "11~22시(휴식 15~17시)" and "11:00~22:00(쉬는 시간 15:00~17:00)" as hours."""
    if text.startswith("24시간"):
        return Day(0, DAY)
    times = [parse_time(time) for time in re.findall(r"\d\d:\d\d|\d+(?=~|시)", text)]
    return Day.of(times[0], times[1], (times[2], times[3]) if len(times) == 4 else None)


@given(weeks())
def test_the_line_says_the_whole_week_or_says_that_it_does_not(week: Week) -> None:
    line = week.summary()
    assert len(line) <= LIMIT
    assert unsendable(line) == []
    told = days_told(line)
    if ELSEWHERE in line:
        return
    assert [hours_told(told[at]) if told[at] != "쉬어요" else None for at in range(7)] == list(week.days)
    assert (week.monthly is None) == ("매월" not in line)
    assert (week.holidays == Holidays.USUAL) == (not re.search("공휴일|연휴", line))


@given(weeks())
def test_a_week_survives_being_kept(week: Week) -> None:
    assert Week.from_json(week.to_json()) == week


@pytest.mark.parametrize(
    ("week", "line"),
    [
        (Week((LUNCH,) * 5 + (Day.of(720, 1_200), None)),
         "월~금 11:00~22:00(쉬는 시간 15:00~17:00), 토 12:00~20:00, 일 쉬어요"),
        (Week((NIGHT,) * 7, holidays=Holidays.CLOSED), "매일 16:00~01:00, 공휴일 쉬어요"),
        (Week((Day(0, DAY),) * 7), "매일 24시간"),
        (Week((LUNCH, None, LUNCH, None, LUNCH, None, None)),
         "월·수·금 11:00~22:00(쉬는 시간 15:00~17:00), 화·목·토·일 쉬어요"),
        (Week((Day.of(600, 1_200),) * 7, monthly=Monthly(6, (2, 4)), note="마지막 주문 19:30"),
         "매일 10:00~20:00, 매월 2·4째 일요일 쉬어요, 마지막 주문 19:30"),
    ],
)  # fmt: skip
def test_the_line_reads_as_a_shop_would_write_it(week: Week, line: str) -> None:
    assert week.summary() == line


def test_a_week_too_various_for_a_line_points_to_the_homepage() -> None:
    week = Week(tuple(Day.of(600 + 30 * at, 1_200 + 30 * at, (840, 870 + 30 * at)) for at in range(7)))
    assert week.summary() == f"요일마다 달라요, {ELSEWHERE}"


USUAL = Week((LUNCH,) * 5 + (NIGHT, None), closures=(Closure(day(8), day(9), "가족 여행"),))


@pytest.mark.parametrize(
    ("offset", "time", "text"),
    [
        (0, "08:00", "영업 전 · 오전 11:00에 열어요"),
        (0, "12:00", "영업 중 · 오후 3:00부터 쉬는 시간이에요"),
        (0, "15:00", "쉬는 시간 · 오후 5:00에 다시 열어요"),
        (0, "17:00", "영업 중 · 오후 10:00에 닫아요"),
        (0, "22:00", "영업 끝 · 내일 오전 11:00에 열어요"),
        (5, "23:30", "영업 중 · 새벽 1:00에 닫아요"),
        (6, "00:30", "영업 중 · 새벽 1:00에 닫아요"),
        (6, "01:00", "오늘 쉬어요 · 내일 오전 11:00에 열어요"),
        (7, "22:30", "영업 끝 · 목요일 오전 11:00에 열어요"),
        (8, "12:00", "오늘 쉬어요 · 목요일 오전 11:00에 열어요"),
    ],
)
def test_the_status_is_said_as_a_person_would(offset: int, time: str, text: str) -> None:
    assert USUAL.status(at(day(offset), time)).text == text


def test_a_shop_that_never_closes_says_so_and_one_away_for_long_names_the_day() -> None:
    around = Week((Day(0, DAY),) * 7)
    assert around.status(at(day(0), "03:00")).text == "영업 중 · 24시간 열어요"
    away = around.closed_on(day(0), day(20), "공사")
    assert away.status(at(day(1), "12:00")).text == "오늘 쉬어요 · 12월 7일 자정에 열어요"
    gone = around.closed_on(day(0), day(360)).closed_on(day(361), day(720))
    assert gone.status(at(day(1), "12:00")).text == "오늘 쉬어요"


@pytest.mark.parametrize(
    ("holidays", "christmas", "seollal", "substitute"),
    [
        (Holidays.USUAL, LUNCH, LUNCH, LUNCH),
        (Holidays.FEASTS, LUNCH, None, LUNCH),
        (Holidays.CLOSED, None, None, None),
        (Holidays.OWN, NIGHT, NIGHT, NIGHT),
    ],
)
def test_public_holidays_and_their_substitutes_are_as_the_owner_said(
    holidays: Holidays, christmas: Day | None, seollal: Day | None, substitute: Day | None
) -> None:
    own = NIGHT if holidays == Holidays.OWN else None
    week = Week((LUNCH,) * 6 + (None,), holidays=holidays, holiday=own)
    assert week.on(date(2026, 12, 25)) == christmas
    assert week.on(date(2026, 2, 17)) == seollal
    assert week.on(date(2026, 8, 17)) == substitute  # for Liberation Day on a Saturday
    assert week.on(date(2026, 5, 24)) is None  # Buddha's birthday on a Sunday, when the shop rests anyway
    assert holiday_name(date(2026, 8, 17)).startswith("광복절 대체")


def test_the_second_and_fourth_sunday_are_counted_within_the_month() -> None:
    week = Week((LUNCH,) * 7, monthly=Monthly(6, (2, 4)))
    sundays = [date(2026, 11, number) for number in (1, 8, 15, 22, 29)]
    assert [week.on(sunday) is None for sunday in sundays] == [False, True, False, True, False]


def test_the_table_tells_how_the_coming_days_differ() -> None:
    week = Week((LUNCH,) * 5 + (NIGHT, None), holidays=Holidays.CLOSED)
    rows = week.rows(date(2026, 12, 24))
    assert [row.label for row in rows if row.today] == ["목요일"]
    assert [row.but for row in rows if row.but] == ["12월 25일은 쉬어요 - 성탄절"]
    assert (rows[0].text, rows[0].rest, rows[6].closed) == ("11:00~22:00", "15:00~17:00", True)


def test_search_engines_are_told_breaks_nights_and_closures_to_come() -> None:
    told = USUAL.schema_org(day(0))
    assert {(each["opens"], each["closes"]) for each in told} == {
        ("11:00", "15:00"), ("17:00", "22:00"), ("16:00", "01:00"), ("00:00", "00:00"),
    }  # fmt: skip
    assert told[-1]["validFrom"] == day(8).isoformat()
    assert len(USUAL.schema_org(day(30))) == 3


@pytest.mark.parametrize(
    ("typed", "minute"),
    [("11:00", 660), ("1130", 690), ("11시 반", 690), ("오후 3:05", 905), ("밤 12시", 1_440), ("24:00", 1_440),
     ("9", 540), ("오전 12시", 0), ("저녁 7시", 1_140), ("１１：００", 660), ("9시30분", 570)],
)  # fmt: skip
def test_times_are_read_as_owners_type_them(typed: str, minute: int) -> None:
    assert parse_time(typed) == minute
    assert parse_time(digits(minute)) == minute


@pytest.mark.parametrize(
    "typed", ["", "열한시", "25:00", "11:60", "오후 13:00", "-1", "11:00:00", "24:30", "9" * 900]
)
def test_what_is_no_time_is_refused_with_a_sentence(typed: str) -> None:
    with pytest.raises(OpeningRefused) as refused:
        parse_time(typed)
    assert refused.value.code == "time"


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda: Day.of(660, 660), "same"),
        (lambda: Day.of(660, 1_320, (600, 900)), "break"),
        (lambda: Day.of(660, 1_320, (900, 900)), "break"),
        (lambda: Week((None,) * 7), "never_open"),
        (lambda: Week((Day.of(960, 720), LUNCH) + (None,) * 5), "overlap"),
        (lambda: Week((LUNCH,) * 7, holidays=Holidays.OWN), "holiday"),
        (lambda: Monthly(6, ()), "monthly"),
        (lambda: Monthly(6, (6,)), "monthly"),
        (lambda: Closure(day(2), day(1)), "closure"),
        (lambda: Closure(day(0), day(400)), "closure"),
        (lambda: Week((LUNCH,) * 7, note="쉬는 날 😀"), "note_unsendable"),
        (lambda: Week((LUNCH,) * 7, note="가" * 41), "note"),
        (lambda: Week((LUNCH,) * 7, closures=tuple(Closure(day(n), day(n)) for n in range(11))), "closures"),
    ],
)  # fmt: skip
def test_hours_that_cannot_be_are_refused(make: object, code: str) -> None:
    assert callable(make)
    with pytest.raises(OpeningRefused) as refused:
        make()
    assert refused.value.code == code


@pytest.mark.parametrize(
    "kept", [{}, None, [], "월~금", {"days": [None] * 6}, {"days": [["a", "b"]] * 7}, {"days": 7}]
)
def test_a_week_that_cannot_be_read_is_no_week(kept: object) -> None:
    assert read_week(kept) is None


def test_moments_are_korean_whatever_zone_they_come_in() -> None:
    utc = at(day(0), "12:00").astimezone(tz=None)
    assert USUAL.status(utc) == USUAL.status(utc.astimezone(KST))


@pytest.mark.parametrize(
    ("line", "summary"),
    [
        ("매일 14:00~23:00", "매일 14:00~23:00"),
        ("매일 오후 4:00~새벽 1:00", "매일 16:00~01:00"),
        ("월요일~금요일 오전 9시~오후 6시, 토·일 휴무", "월~금 09:00~18:00, 토·일 쉬어요"),
        ("평일 10~20시, 주말 11~18시, 공휴일 휴무", "월~금 10:00~20:00, 토·일 11:00~18:00, 공휴일 쉬어요"),
        ("월~토 11:00~22:00, 일 쉬어요, 공휴일은 전화로 물어봐 주세요", "월~토 11:00~22:00, 일 쉬어요"),
        ("오후 5시~11시", "매일 17:00~23:00"),
    ],
)
def test_a_line_from_signup_is_a_beginning_for_the_form(line: str, summary: str) -> None:
    week = read_line(line)
    assert week is not None
    assert week.summary() == summary


@pytest.mark.parametrize(
    "line", ["", "전화로 물어보세요", "일요일 휴무 10:00~19:00", "매일 25:00~30:00", "월" * 3_000]
)
def test_a_line_that_says_no_hours_is_none(line: str) -> None:
    assert read_line(line) is None
