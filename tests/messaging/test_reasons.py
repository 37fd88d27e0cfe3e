"""Every reason is one polite Korean sentence, and days are counted as Koreans count them."""

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest

from messaging.enums import MessageState
from messaging.reasons import explain
from messaging.rulebook import SkipReason

KST = timezone(timedelta(hours=9))
NOW = datetime(2026, 11, 23, 10, 0, tzinfo=KST)
FALLBACK = explain("no such reason", None, NOW)


def polite(sentence: str) -> bool:
    return re.fullmatch(r"[가-힣0-9 .,'\-]+요\.", sentence) is not None


@pytest.mark.parametrize("reason", list(SkipReason))
def test_every_skip_reason_has_a_sentence_of_its_own(reason: SkipReason) -> None:
    said = explain(reason, NOW - timedelta(days=3), NOW)
    assert said != FALLBACK
    assert polite(said.sentence)
    assert not said.action or polite(said.action)


def test_no_two_skip_reasons_say_the_same() -> None:
    sentences = [explain(reason, None, NOW).sentence for reason in SkipReason]
    assert len(set(sentences)) == len(sentences)


@pytest.mark.parametrize("state", list(MessageState))
def test_every_state_of_a_message_has_a_sentence(state: MessageState) -> None:
    said = explain(state, None, NOW)
    assert polite(said.sentence)
    assert (said == FALLBACK) is (state == MessageState.SKIPPED)  # its own reason says more


def test_an_unknown_reason_is_no_empty_page() -> None:
    assert polite(FALLBACK.sentence)
    assert FALLBACK.action


@pytest.mark.parametrize(
    ("last", "sentence"),
    [
        (datetime(2026, 11, 23, 9, 59, tzinfo=KST), "오늘 이미 보냈어요."),
        (datetime(2026, 11, 23, 0, 0, tzinfo=KST), "오늘 이미 보냈어요."),
        (datetime(2026, 11, 22, 23, 59, 59, tzinfo=KST), "어제 이미 보냈어요."),
        (datetime(2026, 11, 22, 0, 0, tzinfo=KST), "어제 이미 보냈어요."),
        (datetime(2026, 11, 20, 10, 0, tzinfo=KST), "3일 전에 이미 보냈어요."),
        (datetime(2026, 11, 19, 15, 0, tzinfo=UTC), "3일 전에 이미 보냈어요."),  # midnight in Korea
        (datetime(2026, 11, 19, 14, 59, 59, tzinfo=UTC), "4일 전에 이미 보냈어요."),
        (datetime(2026, 11, 16, 10, 1, tzinfo=KST), "7일 전에 이미 보냈어요."),
        (None, "얼마 전에 이미 보냈어요."),
    ],
)
def test_days_since_the_last_message_are_calendar_days_in_korea(last: datetime | None, sentence: str) -> None:
    assert explain(SkipReason.RECENT, last, NOW).sentence == sentence
    assert explain(SkipReason.RECENT, last, NOW.astimezone(UTC)).sentence == sentence


def test_a_held_message_says_when_it_goes() -> None:
    eight = datetime(2026, 11, 23, 8, 0, tzinfo=KST)
    evening, small_hours = eight - timedelta(hours=11), eight - timedelta(hours=2)
    assert explain(MessageState.HELD, eight, evening).sentence == "내일 오전 8:00에 보내요."
    assert explain(MessageState.HELD, eight, small_hours).sentence == "오늘 오전 8:00에 보내요."
    assert explain(MessageState.HELD, None, evening).sentence == "아침이 되면 보내요."


def test_nobody_is_told_that_delivered_means_read() -> None:
    assert "읽" not in explain(MessageState.DELIVERED, None, NOW).sentence
    assert "두 번" in explain(MessageState.UNCERTAIN, None, NOW).action
