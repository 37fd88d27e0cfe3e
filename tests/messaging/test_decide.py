"""Deciding against real rows: caps, guards, races and what is written."""

import threading
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from messaging import decide
from messaging.models import (
    Block,
    CallEnd,
    Message,
    OptOut,
    PromoVersion,
    QuotaDay,
    RecipientGuard,
    ShopNumbers,
)
from shopmsg.accounts.enums import MemberRole, NightPolicy, NoticeState, Product
from shopmsg.accounts.models import Notice
from shopmsg.accounts.sealing import keyring
from tests.factories.accounts import LineFactory, MembershipFactory, ShopFactory, UserFactory
from tests.pipeline import (
    Network,
    call_of,
    decide_all,
    message_of,
    mobile,
    shop_with_promo,
    verdicts,
    with_promo,
)

NOON = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)  # 12:00 KST

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def used_today(shop, day=None):
    row = QuotaDay.objects.filter(shop_id=shop.pk, day=day or date(2026, 11, 23)).first()
    return row.used if row else 0


def test_a_call_becomes_one_message_with_its_permit_and_its_own_link():
    shop = shop_with_promo()
    call_id = Network(shop).ended(mobile(1))
    decide_all()
    message = message_of(call_id)
    assert call_of(call_id).verdict == "send"
    assert message.text.startswith(f"(광고)[{shop.name}]\n")
    assert f"/m/{message.token}\n" in message.text
    assert message.text.splitlines()[-1].startswith("무료수신거부 080-")
    assert keyring().open(message.recipient_sealed or b"") == mobile(1)
    assert message.sender == shop.lines.get().number
    assert message.permit["basis"] == f"업종 예외 {shop.ksic}"
    assert message.permit["notice_since"] == f"{shop.lines.get().notice_active_since:%Y-%m-%dT%H:%M:%S+00:00}"
    assert message.promo == PromoVersion.objects.get(shop=shop)


def test_the_same_caller_gets_nothing_again_for_168_hours_and_something_after(noon):
    network = Network(shop_with_promo())
    for hours in (0, 1, 167.999, 168):
        noon.move_to(NOON + timedelta(hours=hours))
        network.ended(mobile(1))
        decide_all()
    assert verdicts(network) == ["send", "recent", "recent", "send"]
    assert call_of(network.told[1]).reason_at == NOON


def test_a_public_body_writes_to_the_same_person_once_in_thirty_days(noon):
    network = Network(shop_with_promo(product=Product.PREMIUM, daily_cap=50))
    for days in (0, 8, 29.99, 30):
        noon.move_to(NOON + timedelta(days=days))
        network.ended(mobile(1))
        decide_all()
    assert verdicts(network) == ["send", "recent", "recent", "send"]


def test_two_calls_of_one_caller_in_one_batch_bring_one_message():
    network = Network(shop_with_promo())
    network.ended(mobile(1))
    network.ended(mobile(1))
    decide_all()
    assert verdicts(network) == ["send", "recent"]
    assert Message.objects.filter(shop=network.shop).count() == 1


def test_the_cap_is_reached_exactly_and_the_next_call_says_so():
    network = Network(shop_with_promo(daily_cap=3))
    for caller in range(5):
        network.ended(mobile(caller))
    decide_all()
    assert verdicts(network) == ["send", "send", "send", "daily_cap", "daily_cap"]
    assert used_today(network.shop) == 3


def test_the_500th_call_is_sent_and_the_501st_is_not():
    network = Network(shop_with_promo(daily_cap=500))
    QuotaDay.objects.create(shop_id=network.shop.pk, day="2026-11-23", used=499, cap=500)
    network.ended(mobile(1))
    network.ended(mobile(2))
    decide_all()
    assert verdicts(network) == ["send", "daily_cap"]


def test_the_cap_starts_anew_at_midnight_in_korea_on_a_utc_host(noon):
    network = Network(shop_with_promo(daily_cap=1, product=Product.PREMIUM))
    for caller, at in enumerate(
        [
            datetime(2026, 11, 23, 14, 59, 59, tzinfo=UTC),
            datetime(2026, 11, 23, 14, 59, 59, 999_999, tzinfo=UTC),
            datetime(2026, 11, 23, 15, 0, 0, tzinfo=UTC),
        ]
    ):
        noon.move_to(at)
        network.ended(mobile(caller))
        decide_all()
    assert verdicts(network) == ["send", "daily_cap", "send"]


def test_the_owner_hears_once_that_the_cap_comes_near():
    shop = shop_with_promo(daily_cap=10)
    MembershipFactory(shop=shop, role=MemberRole.OWNER)
    network = Network(shop)
    for caller in range(10):
        network.ended(mobile(caller))
        decide_all()
    told = Notice.objects.filter(shop=shop, kind="quota_near")
    assert [notice.fields for notice in told] == [{"shop": shop.name, "used": "9", "cap": "10"}]


def test_an_evening_call_is_held_until_eight_and_counted_under_that_day(noon):
    noon.move_to(datetime(2026, 11, 23, 12, 0, tzinfo=UTC))  # 21:00 KST
    network = Network(shop_with_promo())
    network.ended(mobile(1))
    decide_all()
    message = message_of(network.told[0])
    assert message.state == "held"
    assert message.release_at == datetime(2026, 11, 23, 23, 0, tzinfo=UTC)
    assert used_today(network.shop) == 0
    assert used_today(network.shop, message.release_at.date() + timedelta(days=1)) == 1
    numbers = ShopNumbers.objects.get(shop_id=network.shop.pk)
    assert (numbers.calls, numbers.held, numbers.not_sent) == (1, 1, 0)


def test_a_shop_that_sleeps_at_night_skips_instead(noon):
    noon.move_to(datetime(2026, 11, 23, 12, 0, tzinfo=UTC))
    network = Network(shop_with_promo(night_policy=NightPolicy.SKIP))
    network.ended(mobile(1))
    decide_all()
    assert verdicts(network) == ["night"]


def test_every_reason_a_row_can_give_is_given():
    shop = shop_with_promo()
    network = Network(shop)
    OptOut.objects.create(
        shop=shop, recipient_index=keyring().index(mobile(1)), source="link", at=timezone.now()
    )
    Block.objects.create(
        shop=shop, recipient_index=keyring().index(mobile(2)), recipient_sealed=keyring().seal(mobile(2))
    )
    network.ended(mobile(1))
    network.ended(mobile(2))
    network.ended(None)
    network.ended("0212345678")
    network.ended("+14155550100")
    network.ended(mobile(3), answered=False)
    network.ended(mobile(3), seconds=9)
    network.ended(mobile(3), ended_at=timezone.now() - timedelta(minutes=61))
    network.ended(mobile(3), line="0299998888")
    decide_all()
    assert verdicts(network) == [
        "opted_out",
        "blocked",
        "withheld",
        "not_mobile",
        "not_mobile",
        "unanswered",
        "too_short",
        "stale",
        "unknown_line",
    ]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"status": "suspended"}, "shop_inactive"),
        ({"status": "closed"}, "shop_inactive"),
        ({"sending_on": False}, "sending_off"),
    ],
)
def test_a_shop_that_may_not_send_says_why(change, reason):
    network = Network(shop_with_promo(**change))
    network.ended(mobile(1))
    decide_all()
    assert verdicts(network) == [reason]


def test_a_line_without_its_notice_or_certificate_sends_nothing():
    shop = ShopFactory(line=None)
    LineFactory(shop=shop, notice_state=NoticeState.REQUESTED, notice_active_since=None)
    with_promo(shop)
    other = ShopFactory(line=None)
    LineFactory(shop=other, sender_accepted_at=None)
    with_promo(other)
    for shop_, reason in ((shop, "notice_inactive"), (other, "sender_unregistered")):
        network = Network(shop_)
        network.ended(mobile(1))
        decide_all()
        assert verdicts(network) == [reason]


def test_a_promo_whose_period_is_over_gives_way_to_the_shops_common_one():
    shop = ShopFactory()
    standing = with_promo(shop, live=False, standing=True, headline="늘 하는 인사")
    with_promo(shop, kind="event", standing=False, headline="행사", ends_on="2026-11-22")
    network = Network(shop)
    network.ended(mobile(1))
    decide_all()
    assert message_of(network.told[0]).promo == standing


def test_a_shop_without_any_promo_or_with_an_unsendable_one_says_so():
    network = Network(ShopFactory())
    network.ended(mobile(1))
    decide_all()
    with_promo(network.shop, body="오늘만 😀")
    network.ended(mobile(1))
    decide_all()
    assert verdicts(network) == ["no_promo", "promo_unsendable"]


def test_members_may_try_as_often_as_they_like_at_any_hour_and_are_never_counted(noon):
    noon.move_to(datetime(2026, 11, 23, 17, 0, tzinfo=UTC))  # 02:00 KST
    network = Network(shop_with_promo())
    owner = UserFactory()
    MembershipFactory(shop=network.shop, user=owner)
    for _ in range(3):
        network.ended(owner.mobile, seconds=1)
    decide_all()
    assert verdicts(network) == ["send", "send", "send"]
    assert set(Message.objects.filter(shop=network.shop).values_list("kind", "state")) == {("test", "queued")}
    assert used_today(network.shop) == 0
    assert not RecipientGuard.objects.filter(shop_id=network.shop.pk).exists()
    assert not ShopNumbers.objects.filter(shop_id=network.shop.pk).exists()


def test_an_opt_out_under_an_older_index_key_still_counts(settings):
    network = Network(shop_with_promo())
    OptOut.objects.create(
        shop=network.shop, recipient_index=keyring().index(mobile(1)), source="080", at=timezone.now()
    )
    settings.INDEX_KEYS = ["9:" + "QUJD" * 10 + "QUI=", *settings.INDEX_KEYS]
    network.ended(mobile(1))
    decide_all()
    assert verdicts(network) == ["opted_out"]


def test_a_batch_costs_the_same_statements_whatever_its_size():
    counts = []
    for size in (1, 40):
        network = Network(shop_with_promo())
        for caller in range(size):
            network.ended(mobile(caller))
        with CaptureQueriesContext(connection) as queries:
            assert decide.decide_batch(timezone.now()) == size
        counts.append(len(queries))
    assert counts[0] >= counts[1]


def test_one_call_that_cannot_be_decided_does_not_stop_the_others():
    from messaging.tasks import decide_calls

    network = Network(shop_with_promo())
    for caller in range(3):
        network.ended(mobile(caller))
    # A year Python has no date for makes this row poison for whoever reads it.
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE messaging_call SET ended_at = '20000-01-01' WHERE call_id = %s", [network.told[1]]
        )
    decide_calls()
    with connection.cursor() as cursor:
        cursor.execute("SELECT verdict, reason FROM messaging_call ORDER BY id")
        assert cursor.fetchall() == [("send", ""), ("skip", "fault"), ("send", "")]


@pytest.mark.django_db(transaction=True)
def test_sixteen_deciders_at_once_keep_the_cap_and_one_message_a_caller():
    networks = [Network(shop_with_promo(daily_cap=20)) for _ in range(3)]
    for network in networks:
        for caller in range(30):
            network.ended(mobile(caller))
            network.ended(mobile(caller))
    errors = []

    def work():
        try:
            while decide.decide_batch(timezone.now(), 7):
                pass
        except Exception as error:  # noqa: BLE001
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []
    assert CallEnd.objects.filter(state="waiting").count() == 0
    for network in networks:
        assert Counter(verdicts(network))["send"] == 20
        assert used_today(network.shop) == 20
        sent = Message.objects.filter(shop=network.shop)
        assert sent.count() == sent.values("recipient_index").distinct().count() == 20
        numbers = ShopNumbers.objects.get(shop_id=network.shop.pk)
        assert (numbers.calls, numbers.not_sent) == (60, 40)
