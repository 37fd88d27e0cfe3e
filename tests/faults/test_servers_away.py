"""PostgreSQL and Redis going away and coming back, for the processes that use them all day."""

import threading
import time
from datetime import timedelta

import pytest
from django.db import connection, connections
from django.utils import timezone

from messaging import dispatch, gateway_account, lookups
from messaging.models import Message, WorkerSeen
from shopmsg.celery import app
from tests.pipeline import (
    Network,
    call_of,
    decide_all,
    look_up,
    message_of,
    mobile,
    received,
    shop_with_promo,
)
from tests.stack import Stack, eventually

pytestmark = pytest.mark.django_db(transaction=True)


def cut_connections():
    """What a restart of PostgreSQL does to everybody connected to this test's database, but for the test itself."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
        return cursor.fetchone()[0]


@pytest.fixture
def network(sandbox):
    sandbox.reports(mode="off", delay_seconds=0)
    return Network(shop_with_promo())


def test_workers_whose_connections_were_cut_go_on_by_themselves(network, sandbox, broker, tmp_path):
    stack = Stack(tmp_path)
    try:
        stack.start_worker()
        first = network.ended(mobile(1))
        assert eventually(lambda: WorkerSeen.objects.exists(), 30), stack.log()
        ask_workers("messaging.decide_calls", "messaging.look_up")
        assert eventually(lambda: call_of(first).state == "decided", 20), stack.log()
        cut_connections()
        # Every process of the worker meets its dead connection in a statement outside a transaction.
        ask_workers("messaging.look_up")
        second = network.ended(mobile(2))
        ask_workers("messaging.decide_calls")
        assert eventually(lambda: call_of(second).state == "decided", 15), stack.log()
    finally:
        for process in stack.processes:
            process.kill()


def ask_workers(*tasks):
    """Each task often enough for every process or thread of a worker to run it."""
    for task in tasks:
        for _ in range(12):
            app.send_task(task, queue="pipeline")
    time.sleep(1.5)


def test_a_database_gone_while_the_gateway_accepts_leaves_an_uncertain_message_that_is_found(
    network, sandbox, settings
):
    settings.AD_HOURS = (0, 24 * 60)  # also when the suite runs at night
    call_id = network.ended(mobile(1))
    decide_all()
    sandbox.clock(timezone.now())
    sandbox.arm(on="send", kind="slow", seconds=1.5, count=1)
    errors = []

    def submit():
        try:
            dispatch.dispatch_batch(gateway_account.gateway(), gateway_account.account_name(), timezone.now())
        except Exception as error:  # noqa: BLE001
            errors.append(error)
        finally:
            connections.close_all()

    thread = threading.Thread(target=submit)
    thread.start()
    assert eventually(lambda: message_of(call_id).state == "submitting", 5)
    cut_connections()
    thread.join(20)
    assert [type(error).__name__ for error in errors] == ["OperationalError"]
    assert message_of(call_id).state == "submitting"
    assert lookups.find_abandoned(timezone.now() + timedelta(minutes=2)) == 1
    Message.objects.update(lookup_at=timezone.now())
    look_up()
    assert message_of(call_id).state in {"accepted", "delivered"}
    assert len(received(mobile(1))) == 1
