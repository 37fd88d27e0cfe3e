"""The demo's signups: every state is there, made once, by the real verbs."""

import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from eligibility import activation, production
from eligibility.enums import (
    ApplicationState,
    ContentState,
    DocumentKind,
    DocumentState,
    ReviewAnswer,
    StepState,
)
from eligibility.models import Application, Document, DraftReview
from eligibility.queries import production as queries
from messaging import promos
from shopmsg.accounts.enums import Role, ShopStatus
from shopmsg.accounts.models import Dealership, Notice, User
from shopmsg.core.clock import kst_day
from shopmsg.demo.people import PEOPLE
from shopmsg.demo.signups import load_signups

pytestmark = pytest.mark.django_db


@pytest.fixture
def signups(settings: Any, tmp_path: Path) -> None:
    """The demo's staff and signups, without its shops."""
    settings.MEDIA_ROOT = tmp_path
    for person in PEOPLE:
        if person.is_staff:
            named = person.dealership
            dealership = Dealership.objects.create(name=named) if named else None
            User.objects.create_user(person.mobile, person.name, person.role, None, dealership)
    assert load_signups(timezone.now()) == 11


def test_every_state_somebody_meets_is_there(signups: None) -> None:
    states = {(row.state, row.content, row.callback_wanted) for row in Application.objects.all()}
    assert states == {
        (ApplicationState.FORM, ContentState.WAITING, False),
        (ApplicationState.FORM, ContentState.WAITING, True),
        (ApplicationState.RECEIVED, ContentState.WAITING, False),
        (ApplicationState.ELIGIBLE, ContentState.WAITING, False),
        (ApplicationState.ELIGIBLE, ContentState.SENT, False),
        (ApplicationState.ELIGIBLE, ContentState.CHANGES, False),
        (ApplicationState.ACTIVATING, ContentState.SENT, False),
        (ApplicationState.ACTIVATING, ContentState.CONFIRMED, False),
        (ApplicationState.REFUSED, ContentState.WAITING, False),
    }
    assert all(count > 0 for count in queries.counts().values())
    refused = Application.objects.get(state=ApplicationState.REFUSED)
    assert len(refused.reasons) >= 2


def test_the_queue_begins_with_what_is_late(signups: None) -> None:
    now = timezone.now()
    rows = list(queries.queue(queries.PARTS[1]))
    assert rows[0].shop_name == "골목분식"
    late, *others = [getattr(row, "due", now) for row in rows]
    assert late < now < min(others)


def test_the_dealer_sees_its_own_application_alone(signups: None) -> None:
    dealer = User.objects.get(role=Role.DEALER)
    assert [row.shop_name for row in Application.objects.visible_to(dealer)] == ["망원철물"]


def test_the_tries_in_vain_stand_where_they_lead_to(signups: None) -> None:
    twice = Application.objects.get(state=ApplicationState.ELIGIBLE, content=ContentState.SENT)
    assert len(production.unanswered(twice)) == 2
    assert activation.tries_missing(twice) == 1
    review = twice.reviews.get()
    now = timezone.now()
    assert review.sent_at < now - timedelta(hours=25) < now < review.expires_at
    assert Notice.objects.get(key=f"review:{review.pk}").expires_at > now
    asked = DraftReview.objects.get(answer=ReviewAnswer.CHANGES)
    assert set(asked.marks) == {"picture", "body"}


def test_who_was_activated_first_has_the_greeting_and_waits_for_the_carrier_alone(signups: None) -> None:
    row = Application.objects.get(state=ApplicationState.ACTIVATING, content=ContentState.SENT)
    waiting = {step.name for step in row.steps.exclude(state=StepState.DONE)}
    assert waiting == {"notice", "welcome"}
    assert row.shop is not None
    live = promos.current(row.shop, kst_day(timezone.now()))
    assert live is not None
    assert "시력 검사" not in live.body


def test_one_certificate_waits_for_an_admin(signups: None) -> None:
    paper = Document.objects.get(kind=DocumentKind.LINE, state=DocumentState.KEPT)
    assert paper.application.content == ContentState.CONFIRMED
    assert paper.application.shop is not None
    assert paper.application.shop.status != ShopStatus.CLOSED


def test_loading_again_changes_nothing_and_is_quick(signups: None) -> None:
    Application.objects.filter(shop_name="골목분식").update(owner_mobile="01007009999", shop_name="고친분식")
    before = Application.objects.count()
    began = time.monotonic()
    assert load_signups(timezone.now()) == 0
    assert time.monotonic() - began < 0.5
    assert Application.objects.count() == before
