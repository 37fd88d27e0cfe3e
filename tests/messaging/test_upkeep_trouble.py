"""Retention and partitions on a large table, beside a backup, and when one step fails."""

import base64
import threading
import time
from datetime import UTC, datetime

import pytest
import time_machine
from django.db import connection, connections, transaction
from django.db.utils import OperationalError
from django.utils import timezone

from messaging import partitions, tasks, upkeep
from messaging.models import Block, CallEnd, Message
from shopmsg.accounts.models import LoginCode
from shopmsg.accounts.sealing import keyring
from tests.factories.accounts import UserFactory
from tests.factories.messaging import block
from tests.pipeline import Network, decide_all, mobile, shop_with_promo

SLOW = """
CREATE FUNCTION slow_day() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.4); RETURN NEW; END $$;
CREATE TRIGGER slow_day BEFORE UPDATE ON messaging_call FOR EACH ROW EXECUTE FUNCTION slow_day();
SET LOCAL statement_timeout = '200ms';
"""


@pytest.mark.django_db
def test_a_day_of_more_rows_than_a_statement_may_take_is_destroyed_all_the_same():
    with time_machine.travel(datetime(2026, 11, 23, 3, tzinfo=UTC), tick=False) as now:
        Network(shop_with_promo()).ended(mobile(1))
        decide_all()
        now.move_to(datetime(2027, 5, 24, 3, tzinfo=UTC))
        with connection.cursor() as cursor:
            cursor.execute(SLOW)
        upkeep.destroy_old_numbers(timezone.now())
        assert CallEnd.objects.get().caller_sealed is None


@pytest.mark.django_db
def test_six_months_end_at_the_same_hour_in_korea_also_before_nine_in_the_morning():
    with time_machine.travel(
        datetime(2026, 11, 23, 17, tzinfo=UTC), tick=False
    ) as now:  # 02:00 KST on the 24th
        Network(shop_with_promo()).ended(mobile(1))
        decide_all()
        now.move_to(datetime(2027, 5, 22, 19, 30, tzinfo=UTC))  # 04:30 KST on the 23rd
        upkeep.destroy_old_numbers(timezone.now())
        assert Message.objects.get().recipient_sealed is not None
        now.move_to(datetime(2027, 5, 23, 19, 30, tzinfo=UTC))
        upkeep.destroy_old_numbers(timezone.now())
        assert Message.objects.get().recipient_sealed is None


@pytest.mark.django_db(transaction=True)
def test_partitions_do_not_wait_behind_a_backup_with_everybody_behind_them():
    then = datetime(2031, 3, 10, tzinfo=UTC)
    partitions.ensure(then)
    begun, done = threading.Event(), threading.Event()

    def backup():
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "LOCK TABLE messaging_call, messaging_message, messaging_report IN ACCESS SHARE MODE"
            )
            begun.set()
            done.wait(20)
        connections.close_all()

    thread = threading.Thread(target=backup)
    thread.start()
    assert begun.wait(5)
    started = time.monotonic()
    try:
        with pytest.raises(OperationalError):
            partitions.drop_before(datetime(2032, 1, 1, tzinfo=UTC).date())
        assert time.monotonic() - started < 6
    finally:
        done.set()
        thread.join()
    assert len(partitions.drop_before(datetime(2032, 1, 1, tzinfo=UTC).date())) >= 12


@pytest.mark.django_db
def test_a_step_of_the_night_that_fails_does_not_keep_the_others_from_running(monkeypatch):
    def fails(now):
        raise OperationalError

    monkeypatch.setattr("messaging.upkeep.destroy_old_numbers", fails)
    long_ago = datetime(2026, 1, 5, tzinfo=UTC)
    LoginCode.objects.create(user=UserFactory(), code_hash="x", created_at=long_ago, expires_at=long_ago)
    tasks.daily()
    assert not LoginCode.objects.exists()


@pytest.mark.django_db
def test_a_block_stays_in_force_after_the_keys_it_was_made_under_are_taken_out(settings):
    shop = shop_with_promo()
    block(shop, mobile(1))
    new = base64.b64encode(b"n" * 32).decode()
    newer = base64.b64encode(b"m" * 32).decode()
    old_index = settings.INDEX_KEYS
    settings.SEAL_KEYS = [f"9:{new}", *settings.SEAL_KEYS]
    settings.INDEX_KEYS = [f"9:{newer}", *old_index]
    tasks.daily()
    settings.SEAL_KEYS = [f"9:{new}"]
    settings.INDEX_KEYS = [f"9:{newer}"]
    network = Network(shop)
    network.ended(mobile(1))
    decide_all()
    assert CallEnd.objects.get().reason == "blocked"
    assert keyring().open(Block.objects.get().recipient_sealed) == mobile(1)
