"""Quota rows are the shops' locks: whoever takes several takes them in one order."""

import random
import threading
import time
from datetime import timedelta

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from messaging import quota
from messaging.models import QuotaDay
from messaging.rulebook import Window
from shopmsg.core.clock import kst_day
from tests.factories.accounts import ShopFactory

ALWAYS = Window(0, 24 * 60)


@pytest.mark.django_db(transaction=True)
def test_deciding_giving_back_and_moving_at_once_never_wait_for_each_other_in_a_circle():
    now = timezone.now()
    today, yesterday = kst_day(now), kst_day(now - timedelta(days=1))
    shops = [ShopFactory(line=None).pk for _ in range(40)]
    rows = [
        QuotaDay(shop_id=shop, day=day, used=1000, cap=5000) for shop in shops for day in (today, yesterday)
    ]
    random.Random(1).shuffle(rows)
    QuotaDay.objects.bulk_create(rows)
    errors: list[Exception] = []
    until = time.monotonic() + 4

    def some():
        return random.sample(shops, 25)

    def decide(cursor):
        quota.lock(cursor, some(), ALWAYS, now)

    def give_back(cursor):
        quota.add(cursor, {(shop, random.choice([today, yesterday])): -1 for shop in some()})

    def move(cursor):
        freed = [(shop, yesterday) for shop in some()]
        moved = quota.move(
            cursor, [(shop, random.choice([today, yesterday])) for shop in some()], today, freed
        )
        for shop in some():
            moved.take(shop, yesterday)
        quota.add(cursor, dict.fromkeys(freed, -1))

    def work(change):
        try:
            while time.monotonic() < until:
                with transaction.atomic(), connection.cursor() as cursor:
                    change(cursor)
                    transaction.set_rollback(True)
        except Exception as error:  # noqa: BLE001
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=(change,)) for change in (decide, give_back, move) * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []
