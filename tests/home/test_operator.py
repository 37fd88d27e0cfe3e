"""The operator's page, and what machines ask."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from messaging import health
from messaging.enums import BreakerState, MessageState
from messaging.models import GatewayAccount, WorkerSeen
from shopmsg.accounts.enums import Role, ShopStatus
from shopmsg.accounts.models import AuditEntry
from tests.accounts.logged_in import staff_client
from tests.factories.accounts import ShopFactory, StaffFactory, UserFactory
from tests.factories.messaging import call_end, message_of, sent_call
from tests.messaging.owner_page import browser

pytestmark = pytest.mark.django_db


def _account(**fields: Any) -> GatewayAccount:
    now = timezone.now()
    values = {"name": "solapi", "next_request_at": now, "next_release_at": now}
    return GatewayAccount.objects.create(**{**values, **fields})


def _readings(answer: Any, group: str) -> dict[str, tuple[str, str]]:
    return {reading.label: (reading.value, reading.word) for reading in answer.context[group]}


def test_only_agents_and_admins_with_a_totp_see_it() -> None:
    for role in (Role.AGENT, Role.ADMIN):
        assert staff_client(StaffFactory(role=role)).get("/ops/").status_code == 200
    for role in (Role.PRODUCER, Role.DEALER):
        assert staff_client(StaffFactory(role=role)).get("/ops/").status_code == 404
    assert browser(UserFactory()).get("/ops/").status_code == 404
    assert browser(StaffFactory(role=Role.ADMIN)).get("/ops/").status_code == 302
    assert Client().get("/ops/").status_code == 302


def test_an_empty_installation_is_all_quiet() -> None:
    answer = staff_client(StaffFactory()).get("/ops/")
    queue = _readings(answer, "queue")
    assert {word for _, word in queue.values()} == {"정상"}
    assert queue["가장 오래된 판단 전 통화"][0] == "없음"


def test_what_waits_too_long_is_named_by_words() -> None:
    shop = ShopFactory()
    now = timezone.now()
    call_end(shop, ended_at=now - timedelta(minutes=5), reason="")
    sent_call(shop, MessageState.QUEUED, ended_at=now - timedelta(seconds=30))
    sent_call(shop, MessageState.HELD, release_at=now + timedelta(hours=9))
    sent_call(shop, MessageState.UNCERTAIN)
    queue = _readings(staff_client(StaffFactory()).get("/ops/"), "queue")
    assert queue["가장 오래된 판단 전 통화"][1] == "막힘"
    assert queue["가장 오래된 발송 전 문자"][1] == "느림"
    assert queue["아침까지 대기"] == ("1건", "정상")
    assert queue["결과 확인 중"] == ("1건", "확인 중")


def test_open_fates_show_reference_and_code_and_no_number() -> None:
    shop = ShopFactory()
    call = sent_call(shop, MessageState.UNKNOWN, caller="01098765432", gateway_code="timeout")
    sent_call(shop, MessageState.DELIVERED)
    message = message_of(call)
    page = staff_client(StaffFactory()).get("/ops/").content.decode()
    assert f"{message.pk}-{message.token}" in page
    assert "timeout" in page
    assert "5432" not in page
    assert page.count("접수 시도") == 1


@pytest.mark.parametrize("fates", [1, 3])
def test_the_page_costs_the_same_whatever_is_open(
    fates: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    shop = ShopFactory()
    for _ in range(fates):
        sent_call(shop, MessageState.UNCERTAIN)
    _account()
    client = staff_client(StaffFactory())
    client.get("/ops/")
    with django_assert_num_queries(18):
        client.get("/ops/")


def test_open_fates_are_paged_by_key() -> None:
    shop = ShopFactory()
    made = [sent_call(shop, MessageState.UNCERTAIN).message_id for _ in range(health.PAGE + 1)]
    first = health.open_fates()
    second = health.open_fates(first.older)
    assert [row.id for row in (*first.rows, *second.rows)] == made[::-1]


def test_a_stopped_account_is_resumed_by_a_person_and_written_down() -> None:
    _account(breaker=BreakerState.OPEN, failures=9, stop_reason="발신번호 확인")
    user = StaffFactory(role=Role.ADMIN)
    client = staff_client(user)
    page = client.get("/ops/").content.decode()
    assert "발송 멈춤" in page
    assert "발신번호 확인" in page
    client.post("/ops/accounts/solapi/resume/")
    assert GatewayAccount.objects.get().stop_reason == ""
    entry = AuditEntry.objects.get(action="gateway.resumed")
    assert (entry.actor, entry.subject) == (user, "account:solapi")
    assert client.post("/ops/accounts/nobody/resume/").status_code == 404
    assert client.get("/ops/accounts/solapi/resume/").status_code == 405
    assert Client().post("/ops/accounts/solapi/resume/").status_code == 302


@pytest.mark.parametrize(
    ("balance", "minutes", "word"),
    [
        (60_000, 1, "정상"),
        (49_999, 1, "적음"),
        (9_999, 1, "부족"),
        (60_000, 61, "오래된 값"),
        (None, 0, "확인 전"),
    ],
)
def test_the_balance_is_judged_with_its_age(balance: int | None, minutes: int, word: str) -> None:
    at = None if balance is None else timezone.now() - timedelta(minutes=minutes)
    _account(balance=balance, balance_at=at)
    accounts = staff_client(StaffFactory()).get("/ops/").context["accounts"]
    assert accounts[0]["balance"].word == word


def test_healthz_asks_nothing_of_the_database(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        answer = Client().get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_readyz_is_ready_with_a_worker_seen_within_thirty_seconds() -> None:
    assert Client().get("/readyz").json()["worker"] == "missing"
    seen = WorkerSeen.objects.create(name="w", seen_at=timezone.now() - timedelta(seconds=25))
    answer = Client().get("/readyz")
    assert answer.json() == {"database": "ok", "redis": "ok", "migrations": "ok", "worker": "ok"}
    assert answer.status_code == 200
    WorkerSeen.objects.filter(pk=seen.pk).update(seen_at=timezone.now() - timedelta(seconds=35))
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()["worker"]) == (503, "missing")


def test_readyz_says_which_neighbour_is_away(settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()["redis"]) == (503, "down")


def test_readyz_without_a_database_is_an_answer_and_no_error_page() -> None:
    with connection.execute_wrapper(_refuse):
        answer = Client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {"database": "down", "redis": "ok", "migrations": "unknown", "worker": "unknown"}


def _refuse(*_: Any) -> None:
    raise OperationalError("the database system is shutting down")


def test_a_stopped_shop_sends_again_once_an_admin_says_why() -> None:
    shop = ShopFactory(status=ShopStatus.SUSPENDED, status_reason="등록되지 않은 발신번호예요.")
    admin = staff_client(StaffFactory(role=Role.ADMIN))
    address = f"/ops/shops/{shop.slug}/resume/"
    page = admin.get("/ops/").content.decode()
    assert shop.name in page
    assert "등록되지 않은 발신번호예요." in page

    assert staff_client(StaffFactory()).post(address, {"reason": "확인"}).status_code == 404
    admin.post(address, {"reason": " \x00"})
    shop.refresh_from_db()
    assert shop.status == ShopStatus.SUSPENDED

    admin.post(address, {"reason": "이용증명원 확인"})
    shop.refresh_from_db()
    assert (shop.status, shop.status_reason) == (ShopStatus.ACTIVE, "")
    assert AuditEntry.objects.filter(action="shop.resumed", shop=shop, reason="이용증명원 확인").exists()
    assert admin.post(address, {"reason": "다시"}).status_code == 404
