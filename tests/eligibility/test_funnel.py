"""The funnel's numbers are the rows: counted by hand they are the same, whatever the rows."""

import re
import statistics
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eligibility import rules
from eligibility.enums import (
    ApplicationState,
    ContentState,
    DocumentKind,
    RegistryState,
    ReviewAnswer,
    Source,
)
from eligibility.models import Application, Document, DraftReview
from eligibility.queries.funnel import STAGES, Reached, funnel, late
from eligibility.views.funnel import REASONS
from shopmsg.accounts.enums import Role
from shopmsg.accounts.models import Dealership
from shopmsg.core.clock import kst_day
from tests.accounts.logged_in import staff_client
from tests.factories.accounts import ShopFactory, StaffFactory
from tests.factories.eligibility import received
from tests.markup import sound

pytestmark = pytest.mark.django_db
#: 00:30 on 23 November in Korea, still the 22nd in UTC.
MIDNIGHT = datetime(2026, 11, 22, 15, 30, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FIRST, LAST = date(2026, 11, 21), date(2026, 11, 23)
CODES = ("registry_closed", "revenue", "ksic")

moments = st.integers(-60, 60).map(lambda hours: MIDNIGHT + hours * HOUR)
rows = st.lists(
    st.fixed_dictionaries(
        {
            "source": st.sampled_from([Source.CALL_100, Source.CALL_1588, Source.WEB, Source.DEALER]),
            "state": st.sampled_from([ApplicationState.ACTIVE, ApplicationState.REFUSED]),
            "received_at": st.none() | moments,
            "eligible_at": st.none() | moments,
            "drafted_at": st.none() | moments,
            "confirmed_at": st.none() | moments,
            "active_at": st.none() | moments,
            "reasons": st.lists(st.sampled_from(CODES), unique=True).map(
                lambda codes: [{"code": code, "message": code} for code in codes]
            ),
        }
    ),
    max_size=25,
)


def by_hand(made: list[dict[str, Any]]) -> Reached:
    hours: dict[str, float | None] = {"received": None}
    for (_, before), (stage, then) in pairwise(STAGES.items()):
        took = [
            max(0.0, (row[then] - row[before]).total_seconds() / 3600)
            for row in made
            if row[then] and row[before]
        ]
        hours[stage] = statistics.median(took) if took else None
    return Reached(
        {stage: sum(row[column] is not None for row in made) for stage, column in STAGES.items()}, hours
    )


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows)
def test_every_number_equals_the_rows(db: None, made: list[dict[str, Any]]) -> None:
    Application.objects.all().delete()
    dealership, _ = Dealership.objects.get_or_create(name="한빛통신")
    shop = ShopFactory(line=None)
    Application.objects.bulk_create(
        Application(
            created_at=MIDNIGHT,
            updated_at=MIDNIGHT,
            shop=shop,
            dealership=dealership if row["source"] == Source.DEALER else None,
            **row,
        )
        for row in made
    )
    inside = [row for row in made if row["received_at"] and FIRST <= kst_day(row["received_at"]) <= LAST]

    found = funnel(FIRST, LAST)

    assert found.total == by_hand(inside)
    for source in Source:
        of_it = [row for row in inside if row["source"] == source]
        assert found.by_source[source] == by_hand(of_it)
    days = {kst_day(row["received_at"]) for row in inside}
    assert set(found.by_day) == days
    for day in days:
        assert found.by_day[day] == by_hand([row for row in inside if kst_day(row["received_at"]) == day])
    refused = [row for row in inside if row["state"] == ApplicationState.REFUSED]
    counted = {
        code: sum(code in [each["code"] for each in row["reasons"]] for row in refused) for code in CODES
    }
    assert {row.code: row.count for row in found.refusals} == {code: n for code, n in counted.items() if n}


def test_the_numbers_cost_two_statements_however_many_there_are() -> None:
    for _ in range(3):
        received(now=MIDNIGHT)
    with CaptureQueriesContext(connection) as seen:
        assert funnel(FIRST, LAST).total.counts["received"] == 3
    assert len(seen) == 2


def test_what_is_late_is_named_by_what_it_waits_for() -> None:
    now = MIDNIGHT + 30 * DAY
    made = [received(now=MIDNIGHT) for _ in range(4)]
    drafted, unanswered, unfinished, waiting = made
    rows = Application.objects
    rows.filter(pk=drafted.pk).update(content_due_at=now - HOUR, registry=RegistryState.ACTIVE)
    rows.filter(pk=unanswered.pk).update(received_at=now - 2 * HOUR, content_due_at=now + HOUR)
    rows.filter(pk=unfinished.pk).update(
        state=ApplicationState.ELIGIBLE, content=ContentState.CONFIRMED, confirmed_at=now - 2 * HOUR
    )
    rows.filter(pk=waiting.pk).update(content=ContentState.SENT, registry=RegistryState.ACTIVE)
    Document.objects.create(
        application=waiting, kind=DocumentKind.LINE, original_name="증명원.pdf", content_type="application/pdf",
        size=1, sha256="0" * 64, uploaded_at=now - 2 * DAY,
    )  # fmt: skip

    found = {each.key: [row.pk for row, _ in each.rows] for each in late(now)}

    assert found == {
        "draft": [drafted.pk],
        "registry": [unanswered.pk],
        "activation": [unfinished.pk],
        "certificate": [waiting.pk],
    }
    rows.update(ended_at=now, state=ApplicationState.WITHDRAWN)
    assert [each.count for each in late(now)] == [0, 0, 0, 0]


def test_a_draft_to_be_changed_is_late_a_day_after_the_owner_asked_as_the_producers_read_it() -> None:
    asked = MIDNIGHT + 10 * DAY
    made = received(now=MIDNIGHT)
    Application.objects.filter(pk=made.pk).update(content=ContentState.CHANGES)
    DraftReview.objects.create(
        application=made, token_hash="0" * 64, mobile=made.owner_mobile, sent_at=asked - HOUR,
        expires_at=asked + 6 * DAY, answer=ReviewAnswer.CHANGES, answered_at=asked,
    )  # fmt: skip

    def late_drafts(now: datetime) -> int:
        return next(each.count for each in late(now) if each.key == "draft")

    assert late_drafts(asked + 23 * HOUR) == 0
    assert late_drafts(asked + 25 * HOUR) == 1


def test_nothing_is_late_that_is_in_time() -> None:
    received(now=MIDNIGHT)
    assert [each.count for each in late(MIDNIGHT + HOUR)] == [0, 0, 0, 0]


def test_the_page_shows_the_numbers_with_a_table_and_leads_to_what_is_late() -> None:
    admin = staff_client(StaffFactory(role=Role.ADMIN))
    empty = admin.get("/funnel/")
    sound(empty)
    made = received(now=MIDNIGHT)
    Application.objects.filter(pk=made.pk).update(content_due_at=timezone.now() - HOUR)
    answer = admin.get("/funnel/?first=2026-11-21&last=2026-11-23")
    sound(answer)
    page = answer.content.decode()
    assert "<table" in page
    assert f"/applications/{made.pk}/" in page
    assert "고객센터 100" in page


@pytest.mark.parametrize(
    "query", ["days=30", "days=90", "days=x", "first=x&last=y", "first=2026-11-23&last=2026-11-21", "first=2000-01-01&last=2026-11-23", "first=2026-11-20"]
)  # fmt: skip
def test_every_range_somebody_may_ask_for_is_a_page(query: str) -> None:
    sound(staff_client(StaffFactory(role=Role.ADMIN)).get(f"/funnel/?{query}"))


def test_the_funnel_is_admins() -> None:
    for role in (Role.AGENT, Role.PRODUCER):
        assert staff_client(StaffFactory(role=role)).get("/funnel/").status_code == 404


def test_every_reason_of_the_rules_has_a_short_name() -> None:
    source = Path(rules.__file__).read_text("utf-8")
    codes = set(re.findall(r'Reason\(\s*"([a-z_]+)"', source))
    assert "revenue_too_high" in codes
    assert codes == set(REASONS)
