"""Who applied in vain is forgotten after six months (rules.md §5); the funnel still counts them."""

from datetime import UTC, datetime, timedelta

import pytest

from eligibility import applications, forgetting
from eligibility.enums import ApplicationState
from eligibility.models import Application, ApplicationChange
from tests.factories.eligibility import ADDRESS, application, received

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=190)
pytestmark = pytest.mark.django_db


def ended(at: datetime) -> Application:
    made = received(now=at)
    return applications.withdraw(made.pk, reason="마음이 바뀜", by=None, address=ADDRESS, now=at)


def test_what_ended_six_months_ago_names_nobody_any_more_and_is_still_counted() -> None:
    old, recent = ended(LONG_AGO), ended(NOW - timedelta(days=150))

    assert forgetting.forget(NOW) == 1
    assert forgetting.forget(NOW) == 0

    old.refresh_from_db()
    assert (old.form, old.owner_mobile, old.owner_name, old.business_number) == ({}, "", "", "")
    assert not ApplicationChange.objects.filter(application=old).exists()
    assert old.received_at == LONG_AGO
    recent.refresh_from_db()
    assert recent.owner_mobile


def test_a_form_nobody_touched_for_six_months_ends_and_one_that_runs_stays() -> None:
    left, running = application(now=LONG_AGO), received(now=LONG_AGO)

    forgetting.forget(NOW)

    left.refresh_from_db()
    running.refresh_from_db()
    assert left.state == ApplicationState.WITHDRAWN
    assert running.state == ApplicationState.RECEIVED
    assert running.owner_mobile
