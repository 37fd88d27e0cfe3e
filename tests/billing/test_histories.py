"""Whatever happens to a contract, the engine bills what an independent reckoning of rules.md §3 says, to the won."""

import json
from datetime import date
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings

from tests.billing import oracle
from tests.billing.histories import Json, Tally, disagreement, histories, tell

STRICT = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@STRICT
@given(histories(most_months=18))
def test_every_bill_refund_and_refusal_is_what_the_oracle_says(told: tuple[Json, date]) -> None:
    story, until = told
    assert disagreement(story, until, Random(0)) == "", json.dumps(story, ensure_ascii=False)


def test_long_histories_agree_and_are_worth_comparing() -> None:
    tally = Tally()
    for seed in range(150):
        story, until = tell(Random(seed))
        assert disagreement(story, until, Random(seed), tally) == "", f"seed {seed}"
    taken = tally.changes - tally.refused
    assert tally.months > 2_500
    assert taken > tally.refused > 50, "most changes are made, and refusals are met too"
    assert tally.refunds > 25


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        ("2024-01-31", 1, "2024-02-29"),
        ("2023-01-31", 1, "2023-02-28"),
        ("2024-01-31", 2, "2024-03-31"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2024-02-29", 48, "2028-02-29"),
        ("2026-12-30", 2, "2027-02-28"),
        ("2026-10-31", 1, "2026-11-30"),
    ],
)
def test_the_oracle_knows_the_calendar(day: str, months: int, later: str) -> None:
    assert oracle.months_after(date.fromisoformat(day), months) == date.fromisoformat(later)


def test_the_oracle_itself_finds_the_worked_case() -> None:
    story: Json = {
        "product": "soho",
        "activated": "2026-01-01",
        "term_months": 36,
        "changes": [{"on": "2026-12-01", "do": "cancel", "last_day": "2026-12-31"}],
    }
    lived = oracle.live(story, date(2026, 12, 31))
    assert lived.months[2026, 12].refunds == [60_720]
    assert [won for _, _, won in lived.months[2026, 1].service] == [0]
    assert sum(won for bill in lived.months.values() for _, _, won in bill.service) == 11 * 13_200
