"""A week in numbers: what is added up, what it is compared with, how long its bars are."""

from datetime import date, datetime, timedelta

import pytest
import time_machine
from pytest_django import DjangoAssertNumQueries

from messaging.charts import FULL, funnel, reading_of, week_chart
from messaging.models import ShopNumbers
from messaging.queries.numbers import Stages, week_of
from shopmsg.core.clock import KST
from tests.markup import sound, text_of, with_class
from tests.messaging.owner_page import Stage, stage

pytestmark = pytest.mark.django_db

MONDAY = date(2026, 11, 16)
WEDNESDAY = MONDAY + timedelta(days=2)


def _days(at: Stage, start: date, *calls: int) -> None:
    for number, count in enumerate(calls):
        ShopNumbers.objects.create(
            shop_id=at.shop.pk,
            day=start + timedelta(days=number),
            calls=count,
            sent=count // 2,
            delivered=count // 2,
            visited=count // 5,
            redeemed=count // 10,
        )


def _page(at: Stage, query: str = "", now: date = WEDNESDAY) -> str:
    with time_machine.travel(datetime(now.year, now.month, now.day, 15, tzinfo=KST), tick=False):
        at.owner.force_login(at.user)
        return text_of(sound(at.owner.get(at.url(f"numbers/{query}"))))


@pytest.mark.parametrize("days", [1, 7])
def test_a_week_costs_one_statement_however_full_it_is(
    days: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    at = stage()
    _days(at, MONDAY, *[10] * days)
    with django_assert_num_queries(1):
        week = week_of(at.shop.pk, WEDNESDAY, WEDNESDAY)
    assert week.total == Stages(10 * days, 5 * days, 5 * days, 2 * days, days)


def test_a_week_is_monday_to_sunday_and_of_one_shop_only() -> None:
    mine, other = stage(), stage()
    _days(mine, MONDAY - timedelta(days=1), 1_000, 10, 0, 0, 0, 0, 0, 20, 4_000)
    _days(other, MONDAY, 500)
    week = week_of(mine.shop.pk, MONDAY + timedelta(days=6), WEDNESDAY)
    assert (week.start, week.end) == (MONDAY, MONDAY + timedelta(days=6))
    assert (week.total.calls, week.before.calls) == (30, 1_000)


@pytest.mark.parametrize(
    ("before", "this", "today", "said"),
    [
        ((10, 10, 90), (14, 18, 1), WEDNESDAY, "어제까지 전화가 지난주 이맘때보다 12건 많아요."),
        ((10, 10), (4, 10), WEDNESDAY, "어제까지 전화가 지난주 이맘때보다 6건 적어요."),
        ((10, 10), (10, 10), WEDNESDAY, "어제까지 전화가 지난주 이맘때와 같아요."),
        ((10, 10), (500,), MONDAY, ""),
        ((), (10, 10), WEDNESDAY, ""),
        ((0, 0, 1_300), (100,), MONDAY + timedelta(days=7), "전화가 그 앞 주보다 1,200건 적어요."),
    ],
)
def test_only_days_that_are_over_are_compared(
    before: tuple[int, ...], this: tuple[int, ...], today: date, said: str
) -> None:
    at = stage()
    _days(at, MONDAY - timedelta(days=7), *before)
    _days(at, MONDAY, *this)
    assert week_of(at.shop.pk, MONDAY, today).compared == said


def test_bars_keep_their_proportion_and_something_is_never_drawn_as_nothing() -> None:
    at = stage()
    _days(at, MONDAY, 400, 200, 0)
    ShopNumbers.objects.create(shop_id=at.shop.pk, day=MONDAY + timedelta(days=3), calls=1)
    columns = week_chart(week_of(at.shop.pk, MONDAY, MONDAY + timedelta(days=5))).columns
    lengths = [[bar.length for bar in column.bars] for column in columns]
    assert lengths[0] == [FULL, FULL // 2, FULL // 5]
    assert lengths[1] == [FULL // 2, FULL // 4, FULL // 10]
    assert lengths[2] == [0, 0, 0]
    assert lengths[3][0] > 0
    assert columns[0].said == "전화 400건, 보냄 200건, 링크 80명"
    assert [column.ahead for column in columns] == [False] * 6 + [True]


def test_a_funnel_has_one_scale_even_when_last_weeks_messages_are_opened_today() -> None:
    stages = funnel(Stages(calls=4, sent=2, delivered=2, visited=8, redeemed=0))
    assert [stage.length for stage in stages] == [50, 25, 25, 100, 0]


@pytest.mark.parametrize(
    ("stages", "said"),
    [
        (
            Stages(40, 31, 30, 12, 3),
            "도착한 문자 30건 가운데 12건의 링크를 손님이 열어 봤어요. 쿠폰은 3명이 썼어요.",
        ),
        (Stages(40, 31, 30, 0, 0), "도착한 문자 30건의 링크는 아직 아무도 열어 보지 않았어요."),
        (Stages(1, 1, 1, 5, 0), ""),
        (Stages(), ""),
    ],
)
def test_the_week_is_read_out_in_a_sentence(stages: Stages, said: str) -> None:
    assert reading_of(stages) == said


def test_the_page_shows_any_week_and_walks_between_them() -> None:
    at = stage()
    _days(at, MONDAY - timedelta(days=14), 21)
    _days(at, MONDAY, 33, 44)
    this = _page(at)
    assert "이번 주" in this
    assert "전화 44건, 보냄 22건, 링크 8명" in this
    assert "앞 주" in this
    assert "다음 주" not in this
    oldest = _page(at, f"?week={MONDAY - timedelta(days=14)}")
    assert "전화 21건" in oldest
    assert "11월 2일(월) ~ 11월 8일(일)" in oldest
    assert "← 앞 주" not in oldest, "nothing is known before"
    assert "다음 주 →" in oldest


@pytest.mark.parametrize("asked", ["nonsense", "2026-13-01", "0001-01-01", "9999-12-31", "2027-01-01", ""])
def test_a_week_that_is_none_or_has_not_begun_is_this_week(asked: str) -> None:
    at = stage()
    _days(at, MONDAY, 33)
    assert "이번 주" in _page(at, f"?week={asked}")


def test_a_shop_nobody_has_called_is_told_what_will_be_there() -> None:
    page = _page(stage())
    assert "이 주에는 온 전화가 없어요" in page
    assert "막대로 보여요" in page


def test_every_figure_of_the_chart_is_text_and_the_shapes_are_hidden_from_readers() -> None:
    at = stage()
    _days(at, MONDAY, 33)
    with time_machine.travel(datetime(2026, 11, 18, 15, tzinfo=KST), tick=False):
        at.owner.force_login(at.user)
        tree = sound(at.owner.get(at.url("numbers/")))
    (chart,) = with_class(tree, "chart")
    drawings = [element for element in chart.iter() if str(element.tag).endswith("svg")]
    assert drawings
    for drawing in drawings:
        hidden = drawing.get("aria-hidden") == "true"
        assert hidden or drawing.get("class") == "swatch"
    assert "전화 33건, 보냄 16건, 링크 6명" in [
        text_of(each) for each in with_class(chart, "visually-hidden")
    ]
