"""청구 작업: every shop once, whoever is killed in the middle; a dry run shows what a real one makes."""

import subprocess
import sys
import time
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from billing import changes, ledger, price_list, runs, subscriptions, tasks, usage
from billing.enums import EventPlan
from billing.models import Account, BillingRun, Invoice, LedgerEntry, RunDifference, RunState
from billing.runs import RunRefused
from billing.usage import Reported
from shopmsg.accounts.enums import NoticeKind, Product, Role
from shopmsg.accounts.models import AuditEntry, Notice, Shop
from shopmsg.core.clock import KST
from shopmsg.embedded.paths import PROJECT
from tests.factories.accounts import ShopFactory, StaffFactory, UserFactory
from tests.factories.billing import billed, many_subscribed, noon, subscribed
from tests.stack import environment

pytestmark = pytest.mark.django_db
SEP, OCT, NOV = date(2026, 9, 1), date(2026, 10, 1), date(2026, 11, 1)
NOW = noon(date(2026, 11, 2))


def begin(month: date = OCT, *, dry: bool = False, now: datetime = NOW) -> BillingRun:
    return runs.begin(month, dry=dry, by=None, address=None, now=now)


def finished(run: BillingRun, now: datetime = NOW) -> BillingRun:
    while runs.go_on(run.pk, 0.0, now):
        pass
    return BillingRun.objects.get(pk=run.pk)


def refusal(verb: Any, *arguments: Any, **fields: Any) -> str:
    with pytest.raises(RunRefused) as refused:
        verb(*arguments, **fields)
    return refused.value.code


def the_ledger() -> list[tuple[object, ...]]:
    entries = LedgerEntry.objects.order_by("key").values_list("key", "amount_krw", "invoice__number")
    accounts = Account.objects.order_by("shop").values_list("shop", "balance_krw", "billed_through")
    return [*entries, *accounts]


def why(shop: Shop) -> str:
    """What the dry run of November says of it."""
    run = finished(begin(NOV, dry=True, now=noon(date(2026, 12, 2))), noon(date(2026, 12, 2)))
    return RunDifference.objects.get(run=run, shop=shop).why


def test_a_month_that_is_not_over_is_refused_until_its_last_second_has_settled() -> None:
    midnight = datetime(2026, 11, 1, tzinfo=KST)

    assert refusal(begin, now=midnight - timedelta(seconds=1)) == "not_over"
    assert refusal(begin, now=midnight + timedelta(minutes=9)) == "not_over"
    assert begin(date(2026, 10, 17), now=midnight + timedelta(minutes=10)).month == OCT


def test_a_run_invoices_everybody_says_so_and_is_one_at_a_time() -> None:
    shops = [ShopFactory(owner=UserFactory()) for _ in range(3)]
    for each in shops:
        subscribed(each, OCT, product=Product.BASIC)
    run = begin()

    assert run.todo == 3
    assert refusal(begin) == "running"
    done = finished(run)
    assert (done.state, done.done, done.invoices, done.total_krw) == ("done", 3, 3, 49_500)
    assert done.supply_krw + done.vat_krw == 49_500
    notice = Notice.objects.filter(kind=NoticeKind.INVOICE_READY, shop=shops[0]).get()
    assert (notice.fields["month"], notice.fields["amount"]) == ("10월", "16,500원")
    assert notice.fields["due"] == "11월 20일(금)"
    assert Notice.objects.filter(kind=NoticeKind.INVOICE_READY).count() == 3
    assert AuditEntry.objects.filter(action__startswith="billing.run").count() == 2
    assert (begin().todo, refusal(begin)) == (0, "running")


def test_nobody_is_told_of_a_bill_of_nothing() -> None:
    subscribed(ShopFactory(owner=UserFactory()), date(2026, 10, 20))

    assert finished(begin()).invoices == 1
    assert not Notice.objects.filter(kind=NoticeKind.INVOICE_READY).exists()


def test_a_dry_run_shows_what_a_real_one_makes_and_writes_no_money() -> None:
    for day in (1, 12, 31):
        subscribed(ShopFactory(), date(2026, 9, day if day < 31 else 30), term_months=12)
    dry = finished(begin(dry=True))

    assert LedgerEntry.objects.count() == Invoice.objects.count() == 0
    assert set(Account.objects.values_list("billed_through", flat=True)) == {None}
    real = finished(begin())
    for name in ("invoices", "total_krw", "supply_krw", "vat_krw", "before_krw", "done"):
        assert getattr(dry, name) == getattr(real, name)
    told = [
        list(run.differences.order_by("shop").values_list("shop", "before_krw", "after_krw", "why"))
        for run in (dry, real)
    ]
    assert told[0] == told[1] != []


def test_a_stopped_run_keeps_what_it_made_and_a_new_one_does_the_rest() -> None:
    many_subscribed(runs.BATCH + 5, SEP)
    admin = StaffFactory(role=Role.ADMIN)
    run = begin()
    assert runs.go_on(run.pk, 0.0, NOW), "one batch, and more is left"

    runs.stop(run.pk, by=admin, address=None, now=NOW)
    assert not runs.go_on(run.pk, 0.0, NOW)
    assert refusal(runs.stop, run.pk, by=admin, address=None, now=NOW) == "over"
    assert Invoice.objects.filter(month=OCT).count() == runs.BATCH
    again = finished(begin())
    assert (again.todo, again.done) == (5, 5)
    assert Invoice.objects.filter(month=OCT).count() == runs.BATCH + 5


def test_two_workers_never_take_the_same_batch(transactional_db: None) -> None:
    many_subscribed(3, OCT)
    run = begin()
    with transaction.atomic():
        BillingRun.objects.select_for_update(no_key=True).get(pk=run.pk)
        program = f"from time import monotonic; from django.utils import timezone; from billing import runs; print(runs.go_on({run.pk}, monotonic(), timezone.now()))"
        with Worker(program) as other:
            assert other.communicate(timeout=60)[0] == b"False\n"
    assert Invoice.objects.count() == 0
    assert finished(run).invoices == 3


def test_a_worker_killed_in_its_second_batch_is_taken_up_and_nothing_is_made_twice(
    transactional_db: None,
) -> None:
    shops = many_subscribed(runs.BATCH * 2 + 3, SEP, term_months=24, owners=True)
    run = begin()
    program = f"from time import monotonic; from django.utils import timezone; from billing import runs; runs.go_on({run.pk}, monotonic() + 60, timezone.now())"
    with transaction.atomic():
        # The second batch cannot end while this account is ours.
        ledger.locked(shops[runs.BATCH + 50].pk)
        with Worker(program) as other:
            until(lambda: BillingRun.objects.get(pk=run.pk).done == runs.BATCH)
            until(lambda: waiting_for_a_lock() == 1)
            other.kill()
            other.wait(10)
    until(lambda: waiting_for_a_lock() == 0)

    later = NOW + timedelta(days=400)
    assert runs.left_alone(later) == [run.pk]
    tasks.go_on(run.pk)
    done = finished(run)
    assert (done.state, done.done, done.invoices) == ("done", len(shops), 2 * len(shops)), "September, too"
    assert Notice.objects.filter(kind=NoticeKind.INVOICE_READY).count() == len(shops)
    assert set(Account.objects.values_list("balance_krw", "billed_through")) == {(15_400, OCT)}
    killed = the_ledger()

    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE billing_ledgerentry, billing_invoice CASCADE")
    Account.objects.update(balance_krw=0, billed_through=None, unpaid_since=None)
    undisturbed = finished(begin())
    assert undisturbed.invoices == done.invoices
    assert the_ledger() == killed


def test_an_error_of_ours_ends_the_run_and_what_was_made_stays() -> None:
    """A price list that cannot be read is nobody's fault but ours."""
    from billing.models import CatalogueRow

    many_subscribed(runs.BATCH + 1, SEP)
    run = begin()
    assert runs.go_on(run.pk, 0.0, NOW)
    broken = CatalogueRow.objects.create(
        kind="price", code="soho", effective_from=SEP, data={}, source="?", created_at=NOW
    )

    assert finished(run).state == RunState.FAILED
    assert Invoice.objects.filter(month=OCT).count() == runs.BATCH
    broken.delete()
    assert finished(begin()).state == RunState.DONE
    assert Invoice.objects.filter(month=OCT).count() == runs.BATCH + 1


def test_a_shop_with_a_problem_is_named_in_the_run() -> None:
    shop = subscribed(ShopFactory(), OCT, product=Product.BASIC).shop
    usage.report([Reported(shop.pk, "k", "alimtalk", date(2026, 10, 2), 5)], NOW)

    (problem,) = finished(begin()).problems
    assert problem["shop"] == shop.pk
    assert "알림톡 단가를 정하지 않아서" in problem["why"]


class TestWhyABillIsAnother:
    def test_the_free_month_is_over(self) -> None:
        shop = subscribed(ShopFactory(), date(2026, 10, 20)).shop
        billed(shop, OCT)
        assert why(shop).startswith("첫 달 무료가 끝났어요.")

    def test_an_event_plan_began(self) -> None:
        shop = subscribed(ShopFactory(), date(2026, 8, 1), term_months=36).shop
        billed(shop, OCT)
        catalogue = price_list.catalogue()
        subscriptions.change(
            shop,
            lambda contract, on: changes.change_plan(contract, catalogue, EventPlan.PRO, on),
            by=None,
            address=None,
            now=noon(date(2026, 11, 12)),
        )
        assert why(shop) == "이벤트 프로 요금제를 11월 12일에 시작하셔서 31,033원 늘었어요."

    def test_last_month_had_only_some_days(self) -> None:
        shop = subscribed(ShopFactory(), date(2026, 10, 22), product=Product.BASIC).shop
        billed(shop, OCT)
        assert why(shop) == "지난달은 10일만 쓰셨어요."

    def test_it_left_and_pays_back(self) -> None:
        shop = subscribed(ShopFactory(), date(2026, 1, 1), term_months=36).shop
        billed(shop, OCT)
        subscriptions.end(shop, reason="폐업", by=None, address=None, now=noon(date(2026, 11, 12)))
        assert why(shop).startswith("약정을 다 채우지 않고 그만두셨어요: 할인반환금 ")
        assert "11월 12일까지 쓰고 해지하셨어요." in why_again(shop)

    def test_it_left_last_month_and_has_no_bill_any_more(self) -> None:
        shop = subscribed(ShopFactory(), date(2026, 1, 1), product=Product.BASIC).shop
        subscriptions.end(shop, reason="폐업", by=None, address=None, now=noon(date(2026, 10, 31)))
        billed(shop, OCT)
        assert why(shop) == "10월 31일까지 쓰고 해지하셨어요."

    def test_it_paused_it_raised_its_commitment_and_it_used_more(self) -> None:
        shops = [subscribed(ShopFactory(), date(2026, 1, 1)).shop for _ in range(3)]
        for each in shops:
            billed(each, OCT)
        catalogue, now = price_list.catalogue(), noon(date(2026, 11, 11))
        steps: list[Any] = [
            lambda contract, on: changes.pause(contract, on, date(2026, 11, 20)),
            lambda contract, on: changes.commit(contract, catalogue, 36, on),
        ]
        for each, step in zip(shops, steps, strict=False):
            subscriptions.change(each, step, by=None, address=None, now=now)
        usage.report([Reported(shops[2].pk, "tv", "town_tv", NOV, 3)], now)

        assert why(shops[0]) == "이번 달은 10일 일시정지하셨어요."
        assert why_again(shops[1]) == (
            "한 달 요금이 19,800원에서 13,200원으로 바뀌었어요(소상공인형 3년 약정, 11월 11일부터)."
        )
        assert why_again(shops[2]) == "사용료가 30,000원 늘었어요(우리동네TV)."


def why_again(shop: Shop) -> str:
    return RunDifference.objects.get(shop=shop).why


class Worker:
    """Another process of ours on this test's database; killed at the end."""

    def __init__(self, program: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", f"import django; django.setup(); {program}"],
            cwd=PROJECT,
            env=environment(),
            stdout=subprocess.PIPE,
        )

    def __enter__(self) -> "subprocess.Popen[bytes]":
        return self._process

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate(timeout=10)


def until(check: Any, seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < deadline, "it never came to that"
        time.sleep(0.05)


def waiting_for_a_lock() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        (count,) = cursor.fetchone()
        return int(count)
