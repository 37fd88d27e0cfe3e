"""Asking the tax office about applications: at the desk, again and again, and before activation (rules.md §1)."""

import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from eligibility import applications, registry_checks
from eligibility.enums import ApplicationState, RegistryState, Source
from eligibility.form_log import Edit
from eligibility.models import Application
from eligibility.registry import connect
from tests.factories.accounts import business_number
from tests.messaging.conftest import Wire
from tests.services import Sandbox

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
STATUS = "POST /api/nts-businessman/v1/status"
pytestmark = pytest.mark.django_db


def started(serial: int = 0, now: datetime = NOW, **typed: str) -> Application:
    """An application whose form is complete, not yet received."""
    form = {
        "shop_name": f"망원 바삭치킨 {serial}",
        "ksic": "56193",
        "business_number": business_number(serial),
        "owner_name": "김바삭",
        "owner_mobile": f"0101{serial:07d}",
        "annual_revenue": "350000000",
        "line_number": f"02{31_000_000 + serial}",
        **typed,
    }
    return applications.start(Source.CALL_100, by=None, address=None, now=now, typed=form)


def received(serial: int = 0, now: datetime = NOW) -> Application:
    return applications.receive(started(serial, now).pk, by=None, address=None, now=now)


def asked(sandbox: Sandbox) -> int:
    return int(sandbox.stats()["requests"].get(STATUS, 0))


def again(application: Application) -> Application:
    return Application.objects.get(pk=application.pk)


@pytest.mark.parametrize("state", ["active", "suspended", "closed", "unregistered"])
def test_the_desk_sees_what_the_tax_office_says(sandbox: Sandbox, state: str) -> None:
    application = started()
    sandbox.business(application.business_number, state)
    assert registry_checks.check_now(application, NOW).registry == state
    assert again(application).registry_checked_at == NOW


def test_a_form_without_a_number_asks_nobody(sandbox: Sandbox) -> None:
    application = started(business_number="")
    assert registry_checks.check_now(application, NOW).registry == RegistryState.UNCHECKED
    assert asked(sandbox) == 0


def test_a_tax_office_that_hangs_does_not_hold_the_desk_up(sandbox: Sandbox) -> None:
    application = started()
    sandbox.arm(on="registry", kind="timeout", seconds=30)
    began = time.monotonic()
    assert registry_checks.check_now(application, NOW).registry == RegistryState.UNREACHABLE
    # The deadline is connect.DESK_DEADLINE; a busy machine adds its own, but nothing like the half minute.
    assert time.monotonic() - began < 15
    assert connect.DESK_DEADLINE < 2


def test_an_outage_at_the_desk_takes_no_answer_back(sandbox: Sandbox) -> None:
    application = started()
    registry_checks.check_now(application, NOW)
    sandbox.arm(on="registry", kind="status")
    assert registry_checks.check_now(application, NOW + MINUTE).registry == RegistryState.ACTIVE


@pytest.mark.django_db(transaction=True)
def test_an_answer_about_a_number_that_was_corrected_meanwhile_is_dropped(wire: Wire, settings: Any) -> None:
    application = started(0)
    first, second = application.business_number, business_number(1)
    pid = connection.cursor().connection.info.backend_pid
    in_transaction: list[str] = []

    def correct_the_form(_seen: object) -> tuple[int, dict[str, str], bytes]:
        """While the tax office thinks, a colleague corrects the number, on a connection of their own."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT state FROM pg_stat_activity WHERE pid = %s", [pid])
            in_transaction.append(cursor.fetchone()[0])
        edit = Edit("business_number", second, again(application).revision)
        applications.save(application.pk, [edit], visit="other", by=None, address=None, now=NOW)
        connection.close()
        answer = {"status_code": "OK", "data": [{"b_no": first, "b_stt_cd": "03", "end_dt": ""}]}
        return 200, {}, json.dumps(answer).encode()

    wire.answer = correct_the_form
    settings.NTS = {"base_url": wire.url, "key": "key"}
    after = registry_checks.check_now(application, NOW)
    assert in_transaction == ["idle"]
    assert (after.business_number, after.registry) == (second, RegistryState.UNCHECKED)


def test_a_received_application_waits_for_the_answer_and_becomes_eligible_with_it(sandbox: Sandbox) -> None:
    application = received()
    assert application.state == ApplicationState.RECEIVED
    assert registry_checks.recheck(NOW) == 1
    assert again(application).state == ApplicationState.ELIGIBLE


def test_an_hour_without_the_tax_office_loses_nothing_and_costs_few_calls(sandbox: Sandbox) -> None:
    waiting = [received(serial) for serial in range(3)]
    sandbox.arm(on="registry", kind="status", count=None)
    for minute in range(60):
        assert registry_checks.recheck(NOW + minute * MINUTE) == 0
    calls = asked(sandbox)
    assert calls <= 10
    assert {again(one).registry for one in waiting} == {RegistryState.UNREACHABLE}
    assert {again(one).state for one in waiting} == {ApplicationState.RECEIVED}

    sandbox.disarm()
    answered = [registry_checks.recheck(NOW + minute * MINUTE) for minute in range(60, 71)]
    assert sum(answered) == 3
    assert asked(sandbox) == calls + 1
    assert {again(one).state for one in waiting} == {ApplicationState.ELIGIBLE}


def test_a_hundred_and_one_businesses_are_two_calls(sandbox: Sandbox) -> None:
    for serial in range(101):
        started(serial)
    assert registry_checks.recheck(NOW) == 101
    assert asked(sandbox) == 2
    assert registry_checks.recheck(NOW + MINUTE) == 0
    assert asked(sandbox) == 2


def test_a_tax_office_that_is_down_is_asked_once_a_run(sandbox: Sandbox) -> None:
    for serial in range(101):
        started(serial)
    sandbox.arm(on="registry", kind="non_json", count=None)
    registry_checks.recheck(NOW)
    assert asked(sandbox) == 1
    assert registry_checks.due_for_check(NOW).count() == 1


def test_two_applications_of_one_business_share_the_answer(sandbox: Sandbox) -> None:
    number = business_number(7)
    both = [started(serial, business_number=number) for serial in (1, 2)]
    assert registry_checks.recheck(NOW) == 2
    assert [again(one).registry for one in both] == [RegistryState.ACTIVE] * 2


def test_a_business_that_closes_before_its_activation_is_found_a_day_later(sandbox: Sandbox) -> None:
    application = received()
    registry_checks.recheck(NOW)
    sandbox.business(application.business_number, "closed", end_dt="20261124")
    assert registry_checks.recheck(NOW + timedelta(hours=23)) == 0
    assert again(application).state == ApplicationState.ELIGIBLE
    assert registry_checks.recheck(NOW + timedelta(hours=25)) == 1
    found = again(application)
    assert (found.registry, found.state) == (RegistryState.CLOSED, ApplicationState.RECEIVED)
    assert [reason["code"] for reason in found.reasons] == ["business_closed"]


def test_nobody_asks_about_what_is_over(sandbox: Sandbox) -> None:
    applications.withdraw(received().pk, reason="", by=None, address=None, now=NOW)
    assert registry_checks.recheck(NOW + timedelta(days=2)) == 0
    assert asked(sandbox) == 0
