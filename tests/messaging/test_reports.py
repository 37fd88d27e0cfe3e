"""Delivery reports: any order, any number of times, before or after our own commit."""

import json
from datetime import timedelta
from itertools import permutations

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from messaging import reports, settle
from messaging.enums import MessageState, Outcome
from messaging.gateways.base import Answer, Report
from messaging.models import DeliveryReport, Message, ShopNumbers
from tests.pipeline import (
    Network,
    decide_all,
    dispatch_all,
    dispatch_once,
    fold_all,
    message_of,
    mobile,
    shop_with_promo,
)
from tests.services import SOLAPI_REPORT_SECRET

pytestmark = pytest.mark.django_db


@pytest.fixture
def accepted(sandbox, settings):
    settings.AD_HOURS = (0, 24 * 60)
    sandbox.reports(mode="off", delay_seconds=0)
    network = Network(shop_with_promo())
    call_id = network.ended(mobile(1))
    decide_all()
    dispatch_all()
    assert message_of(call_id).state == "accepted"
    return message_of(call_id)


def report(message, outcome, code, minutes=0):
    at = timezone.now() + timedelta(minutes=minutes)
    return Report(f"{message.pk}-{message.token}", "M4V1", outcome, code, at)


DELIVERED = (Outcome.DELIVERED, "4000")
HANDED = (Outcome.HANDED_OVER, "3000")
FAILED = (Outcome.FAILED, "3041")


def end_of(message, said):
    """The message's state after these reports, each folded in a transaction of its own."""
    for outcome, code in said:
        reports.store([report(message, outcome, code)], "solapi", timezone.now())
        fold_all()
    message.refresh_from_db()
    return message.state


def again(message):
    Message.objects.filter(pk=message.pk).update(state="accepted", finished_at=None)
    ShopNumbers.objects.update(delivered=0, failed=0)


def numbers(message):
    row = ShopNumbers.objects.get(shop_id=message.shop_id)
    return row.sent, row.delivered, row.failed


@pytest.mark.parametrize(
    ("said", "ends_as"),
    [
        ([HANDED, DELIVERED], "delivered"),
        ([HANDED, FAILED], "failed"),
        ([DELIVERED, FAILED], "delivered"),
        ([HANDED, DELIVERED, DELIVERED, HANDED], "delivered"),
        ([HANDED], "accepted"),
    ],
)
def test_the_end_is_the_same_whatever_the_order(accepted, said, ends_as):
    for order in set(permutations(said)):
        again(accepted)
        assert end_of(accepted, order) == ends_as
        expected = {"delivered": (1, 1, 0), "failed": (1, 0, 1), "accepted": (1, 0, 0)}[ends_as]
        assert numbers(accepted) == expected


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    said=st.lists(
        st.sampled_from([HANDED, DELIVERED, FAILED, (Outcome.UNKNOWN, "9")]), min_size=1, max_size=6
    ),
    split=st.integers(0, 6),
)
def test_one_fold_of_many_ends_like_many_folds_of_one(accepted, said, split):
    again(accepted)
    one_by_one = end_of(accepted, said)
    counted = numbers(accepted)
    again(accepted)
    for part in (said[:split], said[split:]):
        reports.store([report(accepted, *item) for item in part], "solapi", timezone.now())
        fold_all()
    accepted.refresh_from_db()
    assert (accepted.state, numbers(accepted)) == (one_by_one, counted)


def test_a_report_that_comes_before_our_own_commit_is_not_overwritten(accepted):
    Message.objects.filter(pk=accepted.pk).update(state="submitting")
    ShopNumbers.objects.update(sent=0)
    assert end_of(accepted, [DELIVERED]) == "delivered"
    late = settle.News(accepted.pk, "", Answer(Outcome.ACCEPTED, "2000", "M4V1"))
    settle.apply([late], "solapi", accepted.created_at)
    accepted.refresh_from_db()
    assert accepted.state == "delivered"
    assert numbers(accepted) == (1, 1, 0)


def test_a_report_settles_an_uncertain_message(accepted):
    Message.objects.filter(pk=accepted.pk).update(state="uncertain")
    assert end_of(accepted, [HANDED]) == "accepted"


def test_a_very_late_delivery_corrects_a_message_shown_as_unknown(accepted):
    Message.objects.filter(pk=accepted.pk).update(state="unknown")
    assert end_of(accepted, [DELIVERED]) == "delivered"


def test_a_report_for_another_installations_message_changes_nothing(accepted):
    foreign = Report(f"{accepted.pk}-AAAAAAAAAA", "M4V1", Outcome.FAILED, "3041", timezone.now())
    reports.store([foreign], "solapi", timezone.now())
    fold_all()
    accepted.refresh_from_db()
    assert accepted.state == "accepted"


@pytest.mark.parametrize("ref", ["", "x", "1", "1-", "-abcdefghij", "9" * 30 + "-abcdefghij", "1-short"])
def test_references_that_are_not_ours_are_left_alone(ref):
    assert (
        reports.store([Report(ref, "M", Outcome.DELIVERED, "4000", timezone.now())], "solapi", timezone.now())
        == 0
    )


def test_the_webhook_stores_without_numbers_and_refuses_a_forged_secret(accepted, client):
    body = json.dumps(
        [
            {
                "messageId": "M4V20261122120000AAAAAAAAAAAAAAA",
                "to": mobile(1),
                "from": accepted.sender,
                "statusCode": "4000",
                "dateReported": "2026-11-23T03:00:00.000Z",
                "customFields": {"ref": f"{accepted.pk}-{accepted.token}"},
            }
        ]
    )
    post = {"path": "/hooks/solapi/reports", "data": body, "content_type": "application/json"}
    assert client.post(**post, headers={"X-Solapi-Secret": "wrong"}).status_code == 401
    assert client.post(**post).status_code == 401
    answer = client.post(
        **post, headers={"X-Solapi-Secret": SOLAPI_REPORT_SECRET, "X-Solapi-Event-Name": "SINGLE-REPORT"}
    )
    assert (answer.status_code, answer.json()) == (200, {"stored": 1})
    [stored] = DeliveryReport.objects.all()
    assert mobile(1) not in json.dumps(stored.payload)
    fold_all()
    accepted.refresh_from_db()
    assert accepted.state == "delivered"


def test_folding_costs_the_same_statements_whatever_the_number(
    sandbox, settings, django_assert_max_num_queries
):
    settings.AD_HOURS = (0, 24 * 60)
    sandbox.reports(mode="off")
    network = Network(shop_with_promo())
    for caller in range(30):
        network.ended(mobile(caller))
    decide_all()
    dispatch_once()
    for messages in (list(Message.objects.all()[:1]), list(Message.objects.all()[1:])):
        reports.store([report(message, *DELIVERED) for message in messages], "solapi", timezone.now())
        with django_assert_max_num_queries(9):
            assert reports.fold_batch(timezone.now()) == len(messages)


def test_every_outcome_has_a_transition_and_none_leads_back_from_a_delivery():
    assert set(settle.TRANSITIONS) == set(Outcome)
    assert all(MessageState.DELIVERED not in table for table in settle.TRANSITIONS.values())
    ends = {MessageState.SKIPPED, MessageState.EXPIRED, MessageState.HELD, MessageState.QUEUED}
    assert not any(ends & set(table) for table in settle.TRANSITIONS.values())


def test_unfolded_reports_wait_in_an_index_of_their_own():
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'report_unfolded'")
        assert "NOT folded" in cursor.fetchone()[0]
