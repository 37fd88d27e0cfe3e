"""The audit log is append-only and shows when somebody went behind it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test import RequestFactory
from django.utils import timezone

from shopmsg.accounts import audit
from shopmsg.accounts.models import AuditEntry
from tests.factories.accounts import ShopFactory, UserFactory


def _behind_the_trigger(sql: str, *params: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(sql, params)
        cursor.execute("SET LOCAL session_replication_role = origin")


def _three() -> list[AuditEntry]:
    user, shop = UserFactory(), ShopFactory()
    return [
        audit.record("a", actor=user, shop=shop, subject="user:1", reason="이유", address="203.0.113.7"),
        audit.record("b", actor=None, detail={"old": "010-****-1234", "n": 3, "list": [1, None, True]}),
        audit.record("c", actor=user, on_behalf_of=user, address="2001:DB8::1"),
    ]


@pytest.mark.django_db
def test_an_untouched_chain_is_whole_and_the_command_prints_its_head(
    capsys: pytest.CaptureFixture[str],
) -> None:
    entries = _three()
    assert audit.verify() is None
    call_command("verify_audit")
    assert bytes(entries[-1].hash).hex() in capsys.readouterr().out


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change",
    [
        "reason = '다른 이유'",
        "at = at + interval '1 microsecond'",
        "actor_id = NULL",
        "shop_id = NULL",
        "address = '203.0.113.8'",
        "subject = ''",
        "detail = '{\"x\": 1}'",
    ],
)
def test_a_row_changed_behind_the_trigger_is_found(change: str) -> None:
    first, *_ = _three()
    _behind_the_trigger(f"UPDATE accounts_auditentry SET {change} WHERE id = %s", first.pk)
    assert audit.verify() == first.pk
    with pytest.raises(CommandError, match=str(first.pk)):
        call_command("verify_audit")


@pytest.mark.django_db
@pytest.mark.parametrize("missing", [0, 1])
def test_a_row_removed_behind_the_trigger_is_found_at_the_one_after_it(missing: int) -> None:
    entries = _three()
    _behind_the_trigger("DELETE FROM accounts_auditentry WHERE id = %s", entries[missing].pk)
    assert audit.verify() == entries[missing + 1].pk


@pytest.mark.django_db
@pytest.mark.parametrize(
    "act",
    [
        lambda entry: AuditEntry.objects.filter(pk=entry.pk).update(reason="x"),
        lambda entry: entry.delete(),
    ],
)
def test_postgresql_refuses_changes_and_deletes(act: Callable[[AuditEntry], object]) -> None:
    entry = audit.record("a", actor=None)
    with pytest.raises(IntegrityError, match="audit entries are"), transaction.atomic():
        act(entry)
    assert AuditEntry.objects.get().reason == ""


@pytest.mark.django_db
def test_postgresql_refuses_to_empty_the_log() -> None:
    audit.record("a", actor=None)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE accounts_auditentry ENABLE TRIGGER audit_no_truncate")
        with pytest.raises(IntegrityError, match="kept two years"), transaction.atomic():
            cursor.execute("TRUNCATE accounts_auditentry")


@pytest.mark.django_db
def test_two_years_later_old_entries_go_and_the_rest_still_verifies() -> None:
    for year in (2020, 2021):
        with time_machine.travel(datetime(year, 3, 1, tzinfo=UTC), tick=False):
            audit.record(f"old {year}", actor=None)
    recent = audit.record("recent", actor=None)

    assert audit.purge(timezone.now()) == 2

    assert list(AuditEntry.objects.order_by("pk").values_list("action", flat=True)) == [
        "recent",
        audit.PURGED,
    ]
    assert audit.verify() is None
    assert audit.purge(timezone.now()) == 0
    _behind_the_trigger("DELETE FROM accounts_auditentry WHERE id = %s", recent.pk)
    assert audit.verify() is not None


@pytest.mark.django_db
def test_a_log_of_only_old_entries_keeps_the_one_about_the_purge() -> None:
    with time_machine.travel(datetime(2020, 3, 1, tzinfo=UTC), tick=False):
        audit.record("old", actor=None)
    assert audit.purge(timezone.now()) == 1
    assert AuditEntry.objects.get().action == audit.PURGED
    assert audit.verify() is None


@pytest.mark.django_db(transaction=True)
def test_entries_recorded_at_once_on_many_connections_make_one_chain() -> None:
    def record(number: int) -> None:
        try:
            with transaction.atomic():
                audit.record("parallel", actor=None, subject=str(number))
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(record, range(20)))
    assert AuditEntry.objects.count() == 20
    assert audit.verify() is None


@pytest.mark.parametrize(
    ("proxies", "forwarded", "seen"),
    [
        (0, "198.51.100.9", "10.0.0.1"),
        (1, "198.51.100.9", "198.51.100.9"),
        (1, "1.1.1.1, 198.51.100.9", "198.51.100.9"),
        (2, "1.1.1.1, 198.51.100.9, 10.0.0.2", "198.51.100.9"),
        (2, "198.51.100.9", "10.0.0.1"),
        (1, "", None),
        (1, "::ffff:198.51.100.9", "198.51.100.9"),
        (1, "fe80::1%eth0", "fe80::1"),
        (1, "not an address", None),
    ],
)
def test_only_entries_of_our_own_proxies_are_believed(
    settings: Any, proxies: int, forwarded: str, seen: str | None
) -> None:
    settings.TRUSTED_PROXIES = proxies
    request = RequestFactory().get("/", REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR=forwarded)
    assert audit.address_of(request) == seen


@pytest.mark.django_db
def test_an_entry_may_be_written_far_in_the_past_without_breaking_the_order() -> None:
    audit.record("now", actor=None)
    with time_machine.travel(timezone.now() - timedelta(days=1), tick=False):
        audit.record("clock set back", actor=None)
    assert audit.verify() is None
