"""Token buckets: how often, how they grow back, and what they keep."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from shopmsg.accounts import throttle
from shopmsg.accounts.models import Throttle

NOW = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def _allow(*who: str, at: datetime = NOW) -> bool:
    return throttle.allow("try", *who, capacity=3, per=HOUR, now=at)


@pytest.mark.django_db
def test_three_tries_then_none_until_one_has_grown_back() -> None:
    assert [_allow("a") for _ in range(4)] == [True, True, True, False]
    assert not _allow("a", at=NOW + timedelta(minutes=19, seconds=59))
    assert _allow("a", at=NOW + timedelta(minutes=20))
    assert not _allow("a", at=NOW + timedelta(minutes=20))


@pytest.mark.django_db
def test_a_long_wait_fills_the_bucket_and_no_more() -> None:
    _allow("a")
    later = NOW + timedelta(hours=20)
    assert [_allow("a", at=later) for _ in range(4)] == [True, True, True, False]


@pytest.mark.django_db
def test_a_clock_set_back_gives_nothing_extra() -> None:
    assert [_allow("a") for _ in range(3)] == [True] * 3
    assert not _allow("a", at=NOW - HOUR)
    assert not _allow("a", at=NOW)


@pytest.mark.django_db
def test_everybody_has_a_bucket_of_their_own_and_pairs_do_not_run_together() -> None:
    assert [_allow("a", "b") for _ in range(4)][-1] is False
    assert _allow("ab")
    assert _allow("b", "a")


@pytest.mark.django_db
def test_the_row_names_nobody() -> None:
    _allow("01012345678", "203.0.113.7")
    key = Throttle.objects.get().key
    assert "01012345678" not in key
    assert "203.0.113" not in key


@pytest.mark.django_db
def test_buckets_untouched_for_a_day_are_forgotten_and_longer_memories_refused() -> None:
    _allow("old", at=NOW - timedelta(days=1, seconds=1))
    _allow("new")
    assert throttle.purge(NOW) == 1
    assert Throttle.objects.count() == 1
    with pytest.raises(ValueError, match="day"):
        throttle.allow("try", "a", capacity=1, per=timedelta(days=2), now=NOW)


@pytest.mark.django_db(transaction=True)
def test_simultaneous_tries_never_exceed_the_capacity() -> None:
    def attempt(_: int) -> bool:
        try:
            return _allow("a")
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(attempt, range(16))) == 3


def test_an_ipv6_line_counts_as_one() -> None:
    assert throttle.network("2001:db8:1:2:aaaa::1") == throttle.network("2001:db8:1:2:bbbb::2")
    assert throttle.network("2001:db8:1:3::1") != throttle.network("2001:db8:1:2::1")
    assert throttle.network("203.0.113.7") == "203.0.113.7"
