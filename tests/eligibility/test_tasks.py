"""The tasks of signing up find by themselves what is due."""

from datetime import timedelta

import pytest
import redis
from django.utils import timezone

from eligibility import notice_orders, tasks
from eligibility.enums import RegistryState, Source
from eligibility.models import Application
from shopmsg.accounts.enums import NoticeState
from shopmsg.celery import app
from tests.factories.accounts import LineFactory
from tests.services import Sandbox

pytestmark = pytest.mark.django_db


def test_beat_rings_for_every_task_that_looks_for_due_work():
    rung = {
        entry["task"]: entry["options"]["queue"]
        for entry in app.conf.beat_schedule.values()
        if "queue" in entry["options"]
    }
    assert rung["eligibility.follow_notices"] == rung["eligibility.recheck_registry"] == "upkeep"
    assert {tasks.follow_notices.name, tasks.recheck_registry.name} <= set(app.tasks)


def test_an_application_nobody_asked_about_is_asked_about(sandbox: Sandbox):
    now = timezone.now()
    application = Application.objects.create(
        source=Source.WEB, business_number="2222222227", created_at=now, updated_at=now
    )
    tasks.recheck_registry()
    application.refresh_from_db()
    assert application.registry == RegistryState.ACTIVE


def test_an_order_is_made_and_followed(sandbox: Sandbox, broker: redis.Redis):
    sandbox.ringback(delay=0)
    line = LineFactory(notice_state=NoticeState.NONE, notice_active_since=None)
    notice_orders.request(line.pk, timezone.now() - timedelta(seconds=1))
    tasks.follow_notices()
    line.refresh_from_db()
    assert line.notice_state == NoticeState.ACTIVE
