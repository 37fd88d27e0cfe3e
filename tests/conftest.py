"""Fixtures for every test."""

from collections.abc import Iterator

import pytest
import redis
from django.conf import settings
from django.db import connection
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from pytest_django import DjangoDbBlocker

from messaging.partitions import TABLES
from tests.scheduling import Scheduling
from tests.services import Sandbox, running_sandbox

# How long an example takes says something of the machine, not of what is tested.
hypothesis_settings.register_profile("ours", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("ours")


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> Scheduling:
    """Which process of a parallel run gets which tests."""
    return Scheduling(config, log)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """The gateway stand-in, empty and well-behaved before and after each test that asks for it."""
    running = running_sandbox()
    running.reset()
    yield running
    running.reset()


@pytest.fixture
def broker() -> Iterator[redis.Redis]:
    """This worker's Redis, emptied before and after."""
    client = redis.Redis.from_url(settings.REDIS_URL)
    client.flushdb()
    yield client
    client.flushdb()
    client.close()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Tests that commit are cleaned up by TRUNCATE, which the audit log and the ledger refuse; their own tests switch that
    back on.

    At the end the connections of threads and of Playwright's loop are cut: they would keep the database from being
    dropped.
    """
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE accounts_auditentry DISABLE TRIGGER audit_no_truncate")
        for table in ("ledgerentry", "invoice", "subscriptionchange"):
            cursor.execute(f"ALTER TABLE billing_{table} DISABLE TRIGGER {table}_no_truncate")
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.fixture(autouse=True)
def _empty_partitioned_tables(request: pytest.FixtureRequest) -> Iterator[None]:
    """Django truncates the tables it manages after a test that commits; the partitioned ones are ours to empty."""
    yield
    marker = request.node.get_closest_marker("django_db")
    commits = {"transactional_db", "live_server"} & set(request.fixturenames)
    if commits or (marker is not None and marker.kwargs.get("transaction")):
        with request.getfixturevalue("django_db_blocker").unblock(), connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {', '.join(TABLES)}")
