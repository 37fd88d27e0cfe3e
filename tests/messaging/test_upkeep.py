"""What nobody asks for and everybody relies on: retention, partitions, warnings."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from messaging import partitions, stopping, upkeep
from messaging.models import CallEnd, Message, OptOut, ShopNumbers
from messaging.notices import render
from shopmsg.accounts.enums import NoticeKind
from shopmsg.accounts.models import Notice
from shopmsg.accounts.sealing import keyring
from tests.factories.accounts import MembershipFactory
from tests.pipeline import Network, decide_all, mobile, shop_with_promo, with_promo

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


def test_numbers_and_texts_are_destroyed_after_six_months_and_counts_stay():
    with time_machine.travel(NOON, tick=False) as now:
        partitions.ensure(timezone.now())
        network = Network(shop_with_promo())
        network.ended(mobile(1))
        decide_all()
        OptOut.objects.create(
            shop=network.shop, recipient_index=keyring().index(mobile(1)), source="link", at=timezone.now()
        )
        now.move_to(datetime(2027, 5, 23, 2, 59, tzinfo=UTC))
        upkeep.destroy_old_numbers(timezone.now())
        assert Message.objects.get().recipient_sealed is not None
        now.move_to(datetime(2027, 5, 23, 3, 1, tzinfo=UTC))
        upkeep.destroy_old_numbers(timezone.now())
        message, call = Message.objects.get(), CallEnd.objects.get()
        assert (message.recipient_sealed, message.text, bytes(message.recipient_index)) == (None, "", b"")
        assert (call.caller_sealed, call.caller_index, call.caller_last4) == (None, None, "")
        assert (call.verdict, message.shop_id) == ("send", network.shop.pk)
        assert ShopNumbers.objects.get().calls == 1
        assert OptOut.objects.count() == 1
        now.move_to(datetime(2027, 6, 2, 3, tzinfo=UTC))
        upkeep.destroy_old_numbers(timezone.now())
        assert not CallEnd.objects.exists()
        assert ShopNumbers.objects.get().calls == 1
        assert OptOut.objects.count() == 1


def test_partitions_are_bounded_at_midnight_in_korea():
    partitions.ensure(NOON)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO messaging_report (received_at, account, message_id, token, gateway_id, outcome, code, "
            "reported_at) SELECT at, '', 0, '', '', 'unknown', '', at FROM unnest(%s::timestamptz[]) AS at "
            "RETURNING tableoid::regclass::text",
            [["2026-11-30 23:59:59.999+09", "2026-12-01 00:00+09"]],
        )
        assert [name for (name,) in cursor.fetchall()] == [
            "messaging_report_202611",
            "messaging_report_202612",
        ]


def test_partitions_are_ready_two_months_ahead_and_a_row_outside_is_noticed():
    partitions.ensure(NOON)
    assert partitions.months_ready(NOON) >= 2
    assert partitions.strays() == 0
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO messaging_report (received_at, account, message_id, token, gateway_id, outcome, code, "
            "reported_at) VALUES ('2099-01-01', '', 0, '', '', 'unknown', '', '2099-01-01')"
        )
    assert partitions.strays() == 1


def test_rows_of_a_month_made_too_late_move_out_of_the_default_partition():
    partitions.ensure(NOON)
    network = Network(shop_with_promo())
    with connection.cursor() as cursor:
        for table in partitions.TABLES:
            cursor.execute(
                f"DROP TABLE {partitions.partition_name(table, timezone.now().date().replace(day=1))}"
            )
    network.ended(mobile(1))
    decide_all()
    assert partitions.strays() == 2
    partitions.ensure(timezone.now())
    assert partitions.strays() == 0
    assert Message.objects.get().call_id == CallEnd.objects.get().pk


def test_making_partitions_twice_makes_nothing_new():
    partitions.ensure(NOON)
    assert partitions.ensure(NOON) == []


@pytest.mark.parametrize(("days", "told"), [(4, 0), (3, 1), (2, 0), (1, 0), (0, 1)])
def test_the_owner_hears_of_an_ending_promo_three_days_before_and_on_the_day(days, told):
    shop = shop_with_promo()
    MembershipFactory(shop=shop, role="owner")
    shop.promos.update(live=False)
    with_promo(shop, kind="event", standing=False, ends_on=date(2026, 11, 23) + timedelta(days=days))
    for _ in range(2):
        upkeep.warn_of_ending_promos(NOON)
    notices = Notice.objects.filter(shop=shop, kind="promo_ending")
    assert notices.count() == told
    if told:
        day = "오늘" if days == 0 else "11월 26일(목)에"
        said = render(NoticeKind.PROMO_ENDING, notices.get().fields)
        assert f"{shop.name}의 홍보 기간이 {day} 끝나요." in said


def test_every_stop_is_told_also_the_second_of_a_day():
    shop = shop_with_promo()
    owner = MembershipFactory(shop=shop, role="owner").user
    for minutes in (0, 5, 30):
        stopping.stop_by_gateway(shop.pk, "1026", NOON + timedelta(minutes=minutes))
        if minutes != 0:
            stopping.resume(shop.pk, by=owner, reason="발신번호를 다시 등록함", address=None, now=NOON)
    assert Notice.objects.filter(shop=shop, kind="sending_stopped").count() == 2
