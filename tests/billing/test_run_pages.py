"""청구: what an admin sees before, while and after a month's invoices are made."""

import time
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from billing import changes, price_list, runs, subscriptions
from billing.models import BillingRun, Invoice
from shopmsg.accounts.enums import Role
from shopmsg.accounts.models import Shop
from tests.accounts.logged_in import staff_client
from tests.factories.accounts import ShopFactory, StaffFactory, UserFactory
from tests.factories.billing import billed, noon, subscribed
from tests.markup import sound, text_of

pytestmark = pytest.mark.django_db
MONTH = date(2026, 10, 1)
TODAY = noon(date(2026, 11, 3))


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(TODAY, tick=False) as moment:
        yield moment


@pytest.fixture
def admin() -> Client:
    return staff_client(StaffFactory(role=Role.ADMIN, name="이관리"))


def shop_since(day: date, name: str) -> Shop:
    shop = ShopFactory(owner=UserFactory(), name=name)
    subscribed(shop, day)
    return shop


def worked(dry: bool) -> BillingRun:
    """The newest run, worked to its end as a worker does."""
    run = BillingRun.objects.filter(dry=dry).latest("pk")
    while runs.go_on(run.pk, time.monotonic() + 5, TODAY):
        continue
    run.refresh_from_db()
    return run


def page(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return text_of(sound(response))


@pytest.mark.parametrize("role", [Role.AGENT, Role.PRODUCER, Role.DEALER])
def test_runs_are_for_admins_alone(role: Role) -> None:
    client = staff_client(StaffFactory(role=role))
    assert client.get("/billing/runs/").status_code == 404
    assert client.post("/billing/runs/begin/", {"month": "2026-10"}).status_code == 404
    assert not BillingRun.objects.exists()


def test_a_dry_run_shows_what_would_come_and_writes_no_invoice(admin: Client) -> None:
    billed(shop_since(date(2026, 8, 15), "오래된 가게"), date(2026, 9, 1))
    shop_since(date(2026, 10, 20), "새 가게")
    assert "2026년 10월 청구" in page(admin, "/billing/runs/")

    begun = admin.post("/billing/runs/dry/", {"month": "2026-10"})
    run = worked(dry=True)
    shown = page(admin, begun["Location"])

    assert (run.state, run.invoices, run.total_krw) == ("done", 2, 19_800)
    assert not Invoice.objects.filter(month=MONTH).exists()
    assert "19,800원" in shown
    assert "오래된 가게" in shown
    assert "새 가게" not in admin.get(f"{begun['Location']}?way=up").content.decode()


def test_making_the_invoices_asks_once_and_a_second_press_makes_no_second_run(admin: Client) -> None:
    shop_since(date(2026, 8, 1), "가게")
    asked = page(admin, "/billing/runs/begin/?month=2026-10")
    assert "가게 1곳" in asked
    assert "고칠 수 없음" in asked

    admin.post("/billing/runs/begin/", {"month": "2026-10"})
    again = admin.post("/billing/runs/begin/", {"month": "2026-10"}, follow=True)

    assert "이미 하고 있는 작업이 있습니다" in again.content.decode()
    assert BillingRun.objects.count() == 1
    assert worked(dry=False).invoices == 3, "August and September were missing"
    assert "청구서를 모두 만들었음" in page(admin, "/billing/runs/")


def test_a_dry_run_says_so_when_a_contract_changed_after_it(
    admin: Client, clock: time_machine.Traveller
) -> None:
    shop = shop_since(date(2026, 8, 1), "가게")
    admin.post("/billing/runs/dry/", {"month": "2026-10"})
    run = worked(dry=True)
    assert "바뀌었음" not in page(admin, f"/billing/runs/{run.pk}/")

    clock.shift(timedelta(minutes=5))
    subscriptions.change(
        shop,
        lambda contract, on: changes.commit(contract, price_list.catalogue(), 12, on),
        by=None,
        address=None,
        now=TODAY + timedelta(minutes=5),
    )
    assert "바뀌었음" in page(admin, f"/billing/runs/{run.pk}/")


def test_a_run_under_way_shows_how_far_it_is_and_can_be_stopped(admin: Client) -> None:
    shop_since(date(2026, 8, 1), "가게")
    admin.post("/billing/runs/begin/", {"month": "2026-10"})
    run = BillingRun.objects.get()
    moving = admin.get(f"/billing/runs/{run.pk}/", headers={"HX-Request": "true"})
    assert "0 / 1곳" in moving.content.decode()

    admin.post(f"/billing/runs/{run.pk}/stop/")
    assert "이어서 함" in page(admin, f"/billing/runs/{run.pk}/")
    over = admin.get(f"/billing/runs/{run.pk}/", headers={"HX-Request": "true"})
    assert over["HX-Refresh"] == "true"


def test_a_month_that_is_not_over_is_refused_with_a_sentence(admin: Client) -> None:
    shop_since(date(2026, 8, 1), "가게")
    refused = admin.post("/billing/runs/begin/", {"month": "2026-11"}, follow=True)
    assert "아직 끝나지 않은 달" in refused.content.decode()
    assert admin.post("/billing/runs/begin/", {"month": "다음달"}).status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_a_run_reads_its_differences_in_as_many_queries_whatever_their_number(
    admin: Client, count: int
) -> None:
    for number in range(count):
        shop_since(date(2026, 8, 15), f"가게 {number}")
    admin.post("/billing/runs/dry/", {"month": "2026-10"})
    run = worked(dry=True)
    page(admin, f"/billing/runs/{run.pk}/")
    with CaptureQueriesContext(
        connection,
    ) as queries:
        page(admin, f"/billing/runs/{run.pk}/")
    assert len(queries) == 11
