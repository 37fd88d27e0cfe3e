"""rules.md §4, one test a rule, and what holds for every call there can be."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.rulebook import (
    CallFacts,
    Decision,
    ShopFacts,
    SkipReason,
    Window,
    decide,
)

KST = timezone(timedelta(hours=9))
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=KST)
LAW = Window(8 * 60, 21 * 60)
WEEK = timedelta(hours=168)
TICK = timedelta(microseconds=1)

SHOP = ShopFacts(
    active=True,
    sending_on=True,
    sender_accepted=True,
    notice_active=True,
    advertises=True,
    min_call_seconds=10,
    repeat_after=WEEK,
    daily_cap=500,
    hold_at_night=True,
    release_minute=8 * 60,
    has_promo=True,
    promo_sendable=True,
)
#: A public body's shop: basic or premium (rules.md §4).
NOTICES = replace(SHOP, advertises=False, notice_active=False, repeat_after=timedelta(days=30), daily_cap=50)
CALL = CallFacts(
    now=NOON,
    received_at=NOON,
    answered=True,
    seconds=30,
    ended_at=NOON,
    shop=SHOP,
    withheld=False,
    mobile=True,
    member=False,
    own_number=False,
    opted_out=False,
    blocked=False,
    last_sent_at=None,
    used_today=0,
)


def shop(**facts: Any) -> ShopFacts:
    return replace(SHOP, **facts)


def verdict(facts: CallFacts = CALL, window: Window = LAW, **changes: Any) -> Decision:
    return decide(replace(facts, **changes), window)


def at(hour: int, minute: int = 0, second: int = 0, microsecond: int = 0) -> CallFacts:
    now = datetime(2026, 11, 23, hour, minute, second, microsecond, tzinfo=KST)
    return replace(CALL, now=now, received_at=now, ended_at=now)


def test_an_ordinary_call_in_the_daytime_is_sent_at_once() -> None:
    assert verdict() == Decision(None, release_at=NOON)


# 1–9, in the rule's words


def test_1_a_line_that_belongs_to_no_shop_sends_nothing() -> None:
    assert verdict(shop=None).reason == SkipReason.UNKNOWN_LINE


@pytest.mark.parametrize(
    ("fact", "reason"),
    [
        ("active", SkipReason.SHOP_INACTIVE),
        ("sending_on", SkipReason.SENDING_OFF),
        ("sender_accepted", SkipReason.SENDER_UNREGISTERED),
    ],
)
def test_1_a_shop_that_may_not_send_sends_nothing(fact: str, reason: SkipReason) -> None:
    assert verdict(shop=shop(**{fact: False})).reason == reason


def test_2_no_promo_goes_out_for_a_line_whose_ringback_notice_is_not_active() -> None:
    assert verdict(shop=shop(notice_active=False)).reason == SkipReason.NOTICE_INACTIVE


def test_3_the_call_was_answered_and_lasted_at_least_the_shops_minimum() -> None:
    assert verdict(answered=False, seconds=600).reason == SkipReason.UNANSWERED
    assert verdict(seconds=9).reason == SkipReason.TOO_SHORT
    assert verdict(seconds=10).sends
    assert verdict(seconds=0, shop=shop(min_call_seconds=0)).sends
    assert verdict(seconds=59, shop=shop(min_call_seconds=60)).reason == SkipReason.TOO_SHORT


def test_4_the_caller_is_a_korean_mobile_number_and_not_withheld() -> None:
    assert verdict(withheld=True, mobile=False).reason == SkipReason.WITHHELD
    assert verdict(mobile=False).reason == SkipReason.NOT_MOBILE


def test_5_who_opted_out_is_blocked_or_is_the_shop_itself_gets_nothing() -> None:
    assert verdict(opted_out=True).reason == SkipReason.OPTED_OUT
    assert verdict(blocked=True).reason == SkipReason.BLOCKED
    assert verdict(own_number=True).reason == SkipReason.OWN_NUMBER


def test_6_a_live_promo_that_can_be_sent_exists() -> None:
    assert verdict(shop=shop(has_promo=False, promo_sendable=False)).reason == SkipReason.NO_PROMO
    assert verdict(shop=shop(promo_sendable=False)).reason == SkipReason.PROMO_UNSENDABLE


def test_7_the_same_recipient_got_nothing_for_168_hours_to_the_microsecond() -> None:
    last = NOON - WEEK
    assert verdict(last_sent_at=last).sends
    early = verdict(last_sent_at=last + TICK)
    assert (early.reason, early.reason_at) == (SkipReason.RECENT, last + TICK)
    assert verdict(last_sent_at=NOON).reason == SkipReason.RECENT


def test_7_for_basic_and_premium_it_is_30_days() -> None:
    last = NOON - timedelta(days=30)
    assert verdict(shop=NOTICES, last_sent_at=last).sends
    assert verdict(shop=NOTICES, last_sent_at=last + TICK).reason == SkipReason.RECENT
    assert verdict(shop=NOTICES, last_sent_at=NOON - timedelta(days=8)).reason == SkipReason.RECENT


def test_8_the_500th_of_the_day_goes_and_the_501st_does_not() -> None:
    assert verdict(used_today=499).sends
    assert verdict(used_today=500).reason == SkipReason.DAILY_CAP
    assert verdict(used_today=501).reason == SkipReason.DAILY_CAP
    assert verdict(shop=NOTICES, used_today=49).sends
    assert verdict(shop=NOTICES, used_today=50).reason == SkipReason.DAILY_CAP


@pytest.mark.parametrize(
    ("facts", "release"),
    [
        (at(20, 59, 59, 999_999), None),
        (at(21), datetime(2026, 11, 24, 8, tzinfo=KST)),
        (at(23, 59, 59), datetime(2026, 11, 24, 8, tzinfo=KST)),
        (at(0), datetime(2026, 11, 23, 8, tzinfo=KST)),
        (at(7, 59, 59, 999_999), datetime(2026, 11, 23, 8, tzinfo=KST)),
        (at(8), None),
    ],
)
def test_9_at_night_advertising_is_held_until_eight(facts: CallFacts, release: datetime | None) -> None:
    held = verdict(facts)
    assert held.sends
    assert held.release_at == (release or facts.now)


def test_9_a_shop_may_choose_to_skip_instead_of_hold() -> None:
    skips = shop(hold_at_night=False)
    assert verdict(at(21), shop=skips).reason == SkipReason.NIGHT
    assert verdict(at(7, 59, 59), shop=skips).reason == SkipReason.NIGHT
    assert verdict(at(20, 59, 59), shop=skips).sends
    assert verdict(at(8), shop=skips).sends


def test_notices_of_public_bodies_need_no_ringback_notice_and_no_window() -> None:
    midnight = at(0)
    assert verdict(midnight, shop=NOTICES) == Decision(None, release_at=midnight.now)
    assert verdict(midnight, shop=replace(NOTICES, hold_at_night=False)).sends


def test_a_call_heard_of_more_than_60_minutes_after_it_ended_is_too_old() -> None:
    assert verdict(ended_at=NOON - timedelta(minutes=60)).sends
    assert verdict(ended_at=NOON - timedelta(minutes=60) - TICK).reason == SkipReason.STALE


def test_what_counts_is_when_we_heard_of_a_call_and_not_how_long_we_took() -> None:
    ended = NOON - timedelta(minutes=90)
    assert verdict(ended_at=ended, received_at=ended + timedelta(minutes=1)).sends


# Members of the shop


def test_members_may_try_it_as_often_as_they_like_at_any_hour_and_length() -> None:
    late = at(3)
    tried = verdict(
        late,
        member=True,
        answered=False,
        seconds=0,
        last_sent_at=late.now - TICK,
        used_today=500,
        blocked=True,
        own_number=True,
        shop=shop(notice_active=False, hold_at_night=False),
    )
    assert tried == Decision(None, release_at=late.now, test=True)


def test_a_members_try_still_needs_a_shop_that_may_send_and_something_to_send() -> None:
    for change, reason in (
        ({"shop": shop(active=False)}, SkipReason.SHOP_INACTIVE),
        ({"shop": shop(sending_on=False)}, SkipReason.SENDING_OFF),
        ({"shop": shop(has_promo=False)}, SkipReason.NO_PROMO),
        ({"opted_out": True}, SkipReason.OPTED_OUT),
    ):
        tried = verdict(member=True, **change)
        assert (tried.reason, tried.test) == (reason, True)


def test_a_member_who_hides_the_number_is_a_caller_like_any_other() -> None:
    assert verdict(member=True, withheld=True).reason == SkipReason.WITHHELD


# The order of the checks: the first that fails is the reason

Change = Callable[[CallFacts], CallFacts]
IN_ORDER: list[tuple[SkipReason, Change]] = [
    (SkipReason.SHOP_INACTIVE, lambda f: replace(f, shop=replace(f.shop or SHOP, active=False))),
    (SkipReason.SENDING_OFF, lambda f: replace(f, shop=replace(f.shop or SHOP, sending_on=False))),
    (SkipReason.NOTICE_INACTIVE, lambda f: replace(f, shop=replace(f.shop or SHOP, notice_active=False))),
    (SkipReason.UNANSWERED, lambda f: replace(f, answered=False)),
    (SkipReason.TOO_SHORT, lambda f: replace(f, seconds=1)),
    (SkipReason.NOT_MOBILE, lambda f: replace(f, mobile=False)),
    (SkipReason.OPTED_OUT, lambda f: replace(f, opted_out=True)),
    (SkipReason.BLOCKED, lambda f: replace(f, blocked=True)),
    (SkipReason.OWN_NUMBER, lambda f: replace(f, own_number=True)),
    (SkipReason.NO_PROMO, lambda f: replace(f, shop=replace(f.shop or SHOP, has_promo=False))),
    (SkipReason.RECENT, lambda f: replace(f, last_sent_at=f.now - timedelta(hours=1))),
    (SkipReason.DAILY_CAP, lambda f: replace(f, used_today=500)),
    (
        SkipReason.NIGHT,
        lambda f: replace(
            f,
            now=NOON + timedelta(hours=10),
            received_at=NOON + timedelta(hours=10),
            ended_at=NOON + timedelta(hours=10),
            shop=replace(f.shop or SHOP, hold_at_night=False),
        ),
    ),
]


@given(st.sets(st.integers(0, len(IN_ORDER) - 1), min_size=1))
def test_of_all_checks_that_fail_the_first_is_the_reason(failing: set[int]) -> None:
    facts = CALL
    for number in sorted(failing, reverse=True):
        facts = IN_ORDER[number][1](facts)
    assert decide(facts, LAW).reason == IN_ORDER[min(failing)][0]


# Whatever the call

moments = st.datetimes(
    datetime(2026, 1, 1),  # noqa: DTZ001
    datetime(2027, 12, 31),  # noqa: DTZ001
    timezones=st.sampled_from([UTC, KST, timezone(timedelta(hours=-11)), timezone(timedelta(hours=14))]),
)
shops = st.builds(
    ShopFacts,
    active=st.booleans(),
    sending_on=st.booleans(),
    sender_accepted=st.booleans(),
    notice_active=st.booleans(),
    advertises=st.booleans(),
    min_call_seconds=st.integers(0, 60),
    repeat_after=st.sampled_from([WEEK, timedelta(days=30)]),
    daily_cap=st.integers(0, 3),
    hold_at_night=st.booleans(),
    release_minute=st.integers(8, 20).map(lambda hour: hour * 60),
    has_promo=st.booleans(),
    promo_sendable=st.booleans(),
)


@st.composite
def calls(draw: st.DrawFn) -> CallFacts:
    now = draw(moments)
    ago = st.timedeltas(timedelta(minutes=-5), timedelta(days=40))
    return CallFacts(
        now=now,
        received_at=now - draw(st.timedeltas(timedelta(0), timedelta(hours=3))),
        answered=draw(st.booleans()),
        seconds=draw(st.integers(0, 120)),
        ended_at=now - draw(ago),
        shop=draw(st.one_of(st.none(), shops)),
        withheld=draw(st.booleans()),
        mobile=draw(st.booleans()),
        member=draw(st.booleans()),
        own_number=draw(st.booleans()),
        opted_out=draw(st.booleans()),
        blocked=draw(st.booleans()),
        last_sent_at=draw(st.one_of(st.none(), ago.map(lambda past: now - past))),
        used_today=draw(st.integers(0, 4)),
    )


#: Calls good enough that most are sent.
good_calls = st.builds(
    lambda now, advertises, hold: replace(
        CALL, now=now, received_at=now, ended_at=now, shop=shop(advertises=advertises, hold_at_night=hold)
    ),
    moments,
    st.booleans(),
    st.booleans(),
)


@given(st.one_of(calls(), good_calls))
def test_every_call_gets_exactly_one_verdict(facts: CallFacts) -> None:
    made = decide(facts, LAW)
    assert made.sends is (made.reason is None) is (made.release_at is not None)
    if made.reason is not None:
        assert isinstance(made.reason, SkipReason)
    if made.sends:
        assert facts.shop is not None
        assert facts.mobile
        assert not facts.withheld
        assert not facts.opted_out
        assert made.release_at is not None
        assert made.release_at >= facts.now
    assert made.test is (facts.member and facts.mobile and not facts.withheld and facts.shop is not None)


@given(st.one_of(calls(), good_calls))
def test_the_verdict_is_the_same_whatever_zone_its_moments_are_written_in(facts: CallFacts) -> None:
    def elsewhere(moment: datetime) -> datetime:
        return moment.astimezone(timezone(timedelta(hours=-7, minutes=-30)))

    moved = replace(
        facts,
        now=elsewhere(facts.now),
        received_at=elsewhere(facts.received_at),
        ended_at=elsewhere(facts.ended_at),
        last_sent_at=elsewhere(facts.last_sent_at) if facts.last_sent_at else None,
    )
    assert decide(moved, LAW) == decide(facts, LAW)


def by_hand(moment: datetime, window: Window) -> bool:
    korean = moment.astimezone(KST)
    return window.opens <= korean.hour * 60 + korean.minute < window.closes


windows = (
    st.tuples(st.integers(0, 1_439), st.integers(1, 1_440))
    .filter(lambda w: w[0] < w[1])
    .map(lambda w: Window(*w))
)


@given(moments, windows)
def test_a_held_message_goes_at_the_earliest_moment_inside_the_window(now: datetime, window: Window) -> None:
    own = shop(release_minute=window.opens)
    released = decide(replace(CALL, now=now, received_at=now, ended_at=now, shop=own), window).release_at
    assert released is not None
    assert by_hand(released, window)
    if by_hand(now, window):
        assert released == now
    else:
        assert timedelta(0) < released - now <= timedelta(days=1)
        assert not by_hand(released - TICK, window)
        step = now
        while step < released:
            assert not by_hand(step, window)
            step += timedelta(minutes=17)


def next_opening(moment: datetime, window: Window) -> datetime:
    """The first minute from `moment` on that lies in the window, found by looking at every one."""
    step = moment.astimezone(KST).replace(second=0, microsecond=0)
    while not by_hand(step, window):
        step += timedelta(minutes=1)
    return step


@given(moments, st.integers(8, 20))
def test_what_a_night_brought_leaves_at_the_shops_own_hour_of_the_day_the_law_opens(
    now: datetime, hour: int
) -> None:
    own = shop(release_minute=hour * 60)
    released = decide(replace(CALL, now=now, received_at=now, ended_at=now, shop=own), LAW).release_at
    assert released is not None
    if by_hand(now, LAW):
        assert released == now
    else:
        opens = next_opening(now, LAW)
        assert released == opens.replace(hour=hour, minute=0)
        assert by_hand(released, LAW)


@given(moments, st.timedeltas(timedelta(0), timedelta(hours=14)), st.integers(8, 20))
def test_a_late_verdict_neither_overtakes_the_shops_hour_nor_leaves_the_day_its_cap_is_counted_on(
    received: datetime, late: timedelta, hour: int
) -> None:
    now = received + late
    own = shop(release_minute=hour * 60)
    made = decide(replace(CALL, now=now, received_at=received, ended_at=received, shop=own), LAW)
    if made.release_at is None:
        assert made.reason == SkipReason.EXPIRED
        return
    assert made.release_at >= now
    assert by_hand(made.release_at, LAW)
    assert made.release_at.astimezone(KST).date() == LAW.next_open(now).astimezone(KST).date()
    if not by_hand(received, LAW) and made.release_at.astimezone(KST).hour < hour:
        raise AssertionError("a call of the night left before the shop's hour")


def test_in_the_morning_before_the_shops_hour_a_new_call_is_answered_at_once() -> None:
    early = at(8, 30)
    assert verdict(early, shop=shop(release_minute=10 * 60)).release_at == early.now


def test_a_demo_window_around_the_clock_never_holds() -> None:
    midnight = at(0)
    assert decide(midnight, Window(0, 1_440)).release_at == midnight.now


@pytest.fixture(params=["UTC", "America/Los_Angeles", "Pacific/Kiritimati"])
def host(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


def test_the_hosts_own_zone_makes_no_difference(host: str) -> None:
    nine_pm = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)  # 21:00 in Korea
    facts = replace(CALL, now=nine_pm, received_at=nine_pm, ended_at=nine_pm)
    assert decide(facts, LAW).release_at == datetime(2026, 11, 23, 23, 0, tzinfo=UTC)
    just_before = nine_pm - TICK
    facts = replace(CALL, now=just_before, received_at=just_before, ended_at=just_before)
    assert decide(facts, LAW).release_at == just_before


def test_the_rulebook_sees_no_table_no_setting_and_no_clock() -> None:
    seen = subprocess.run(
        [sys.executable, "-c", "import sys, messaging.rulebook; print(*sorted(sys.modules))"],
        capture_output=True,
        text=True,
        check=True,
        env={name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"},
    ).stdout.split()
    assert not [name for name in seen if name.startswith(("django", "messaging.models", "shopmsg.settings"))]
