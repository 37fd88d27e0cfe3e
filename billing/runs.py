"""청구 작업: a month's invoices for every shop, batch by batch, each committed with the run's own row. A worker that is killed
loses at most the batch it was at; whoever goes on begins behind the last one that was committed.
"""

import logging
import time
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final

from django.db import IntegrityError, InterfaceError, OperationalError, connection, transaction
from django.db.models import Q

from billing import differences, invoice_notices, invoicing
from billing.differences import Said
from billing.drafting import Draft
from billing.enums import InvoiceKind
from billing.invoicing import Made
from billing.models import BillingRun, Invoice, LedgerEntry, RunDifference, RunState
from billing.proration import month_end
from shopmsg.accounts import audit
from shopmsg.accounts.models import User
from shopmsg.core.clock import add_months, day_start, month_start
from shopmsg.core.errors import ShopmsgError

log = logging.getLogger(__name__)

BATCH: Final = 200
#: A change made in a month's last second may still be on its way to the database.
SETTLES: Final = timedelta(minutes=10)
#: Who has not moved for so long is gone.
_GONE: Final = timedelta(seconds=10)
_OPEN: Final = (RunState.QUEUED, RunState.RUNNING)
_MOST_PROBLEMS: Final = 1_000
#: Shops that are not invoiced up to `month` and have something to be invoiced for, or had a bill the month before.
_SHOPS: Final = """
FROM billing_account AS account
WHERE account.shop_id > %(cursor)s
  AND (account.billed_through IS NULL OR account.billed_through < %(month)s)
  AND (
    EXISTS (
        SELECT FROM billing_subscription AS held
        WHERE held.shop_id = account.shop_id AND held.starts_on <= %(end)s
          AND (held.last_day IS NULL OR account.billed_through IS NULL
               OR held.last_day >= account.billed_through + interval '1 month')
    )
    OR EXISTS (
        SELECT FROM billing_usage AS used
        WHERE used.shop_id = account.shop_id AND used.entry_id IS NULL AND used.used_on <= %(end)s
    )
    OR EXISTS (
        SELECT FROM billing_invoice AS bill
        WHERE bill.shop_id = account.shop_id AND bill.month = %(before)s AND bill.kind = 'invoice'
    )
  )
"""


class RunRefused(ShopmsgError):
    """A run that cannot begin or be stopped. Codes: "not_over", "running", "over"."""


def begin(month: date, *, dry: bool, by: User | None, address: str | None, now: datetime) -> BillingRun:
    """A run for the month that `month` lies in, queued; wake billing.tasks.go_on once it is committed. `dry` (미리 보기): only
    shows. Raises RunRefused: a month that is not over ("not_over"), or another run of its kind under way ("running")."""
    month = month_start(month)
    if now < day_start(add_months(month, 1)) + SETTLES:
        raise RunRefused("not_over", f"{month.year}년 {month.month}월은 아직 끝나지 않은 달입니다.")
    running = RunRefused("running", "이미 하고 있는 작업이 있습니다. 끝나거나 멈춘 뒤에 다시 시작해 주세요.")
    with transaction.atomic():
        if BillingRun.objects.filter(dry=dry, state__in=_OPEN).exists():
            raise running
        try:
            with transaction.atomic():
                run = BillingRun.objects.create(
                    month=month, dry=dry, todo=_count(month), started_by=by, created_at=now
                )
        except IntegrityError:
            raise running from None
        _record("billing.run_started", run, by, address)
    return run


def go_on(run_id: int, deadline: float, now: datetime) -> bool:
    """Work at a run until time.monotonic() passes `deadline`, at least one batch; whether more is left to do. False too when
    somebody else is at it, or it was stopped. An error of ours ends it as FAILED; what was committed stays, and a run begun
    anew goes on from there."""
    while True:
        try:
            with transaction.atomic():
                run = BillingRun.objects.select_for_update(skip_locked=True, no_key=True)
                found = run.filter(pk=run_id, state__in=_OPEN).first()
                if found is None or not _batch(found, now):
                    return False
        except (OperationalError, InterfaceError):
            # The database was away: nothing is wrong with the run.
            raise
        except Exception:
            log.exception("billing run failed", extra={"run": run_id})
            BillingRun.objects.filter(pk=run_id, state__in=_OPEN).update(
                state=RunState.FAILED, finished_at=now
            )
            return False
        if time.monotonic() >= deadline:
            return True


def waiting(month: date) -> int:
    """How many shops a run for the month that starts on `month` would look at."""
    return _count(month)


def left_alone(now: datetime) -> list[int]:
    """Runs nobody works at: not begun, or their worker is gone."""
    waiting = BillingRun.objects.filter(Q(beat_at__isnull=True) | Q(beat_at__lt=now - _GONE), state__in=_OPEN)
    return list(waiting.order_by("pk").values_list("pk", flat=True))


def stop(run_id: int, *, by: User, address: str | None, now: datetime) -> BillingRun:
    """멈추기 after the batch under way; what is invoiced stays invoiced. Raises RunRefused("over")."""
    with transaction.atomic():
        run = BillingRun.objects.select_for_update(no_key=True).get(pk=run_id)
        if run.state not in _OPEN:
            raise RunRefused("over", "이미 끝난 작업입니다.")
        run.state, run.finished_at = RunState.STOPPED, now
        run.save(update_fields=["state", "finished_at"])
        _record("billing.run_stopped", run, by, address)
    return run


def _batch(run: BillingRun, now: datetime) -> bool:
    """The next shops of a run whose row is locked; False when none were left and the run is done."""
    shops = _next(run)
    run.beat_at, run.state = now, RunState.RUNNING
    if shops:
        _work(run, shops, now)
        run.cursor = shops[-1]
        run.done += len(shops)
    else:
        run.state, run.finished_at = RunState.DONE, now
    run.save()
    if not shops:
        _record("billing.run_finished", run, run.started_by, None)
    return bool(shops)


def _work(run: BillingRun, shops: Sequence[int], now: datetime) -> None:
    if run.dry:
        found = invoicing.reckon(shops, run.month)
    else:
        found = invoicing.make(shops, run.month, now)
    for each in found.drafts:
        run.invoices += 1
        run.total_krw += each.parts.total_krw
        run.supply_krw += each.parts.supply_krw
        run.vat_krw += each.parts.vat_krw
    room = _MOST_PROBLEMS - len(run.problems)
    run.problems += [{"shop": one.shop_id, "why": one.sentence} for one in found.problems[:room]]
    troubled = {one.shop_id for one in found.problems}
    drafted = {each.shop_id for each in found.drafts}
    _compare(run, [shop for shop in shops if shop in drafted or shop not in troubled], found.drafts)
    if isinstance(found, Made):
        invoice_notices.tell(found.invoices, now)


def _compare(run: BillingRun, shops: Sequence[int], drafts: Sequence[Draft]) -> None:
    """Keep every shop whose bill is another than the month before's."""
    earlier = add_months(run.month, -1)
    after = {each.shop_id: each for each in drafts if each.month == run.month}
    just_made = {each.shop_id: each for each in drafts if each.month == earlier}
    stored = Invoice.objects.filter(shop__in=shops, month=earlier, kind=InvoiceKind.INVOICE)
    before = dict(stored.values_list("shop", "total_krw"))
    before |= {shop: each.parts.total_krw for shop, each in just_made.items()}
    run.before_krw += sum(before.values())
    amounts = {
        shop: (before.get(shop, 0), after[shop].parts.total_krw if shop in after else 0) for shop in shops
    }
    changed = [shop for shop, (was, now) in amounts.items() if was != now]
    lines = _lines_of([shop for shop in changed if shop not in just_made], earlier)
    lines |= {shop: _lines(each) for shop, each in just_made.items()}
    RunDifference.objects.bulk_create(
        RunDifference(
            run=run,
            shop_id=shop,
            before_krw=amounts[shop][0],
            after_krw=amounts[shop][1],
            why=differences.why(lines.get(shop, []), _lines(after[shop]) if shop in after else [], run.month),
        )
        for shop in changed
    )


def _lines(draft: Draft) -> list[Said]:
    return [differences.said(posting, posting.parts.total_krw) for posting in draft.postings]


def _lines_of(shops: Sequence[int], month: date) -> dict[int, list[Said]]:
    rows = LedgerEntry.objects.filter(
        invoice__shop__in=shops, invoice__month=month, invoice__kind=InvoiceKind.INVOICE
    )
    found: dict[int, list[Said]] = {}
    for row in rows.order_by("pk"):
        found.setdefault(row.shop_id, []).append(differences.said(row, row.amount_krw))
    return found


def _asked(month: date, cursor: int) -> dict[str, int | date]:
    return {"cursor": cursor, "month": month, "end": month_end(month), "before": add_months(month, -1)}


def _next(run: BillingRun) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT account.shop_id {_SHOPS} ORDER BY account.shop_id LIMIT {BATCH}",
            _asked(run.month, run.cursor),
        )
        return [shop for (shop,) in cursor.fetchall()]


def _count(month: date) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) {_SHOPS}", _asked(month, 0))
        (count,) = cursor.fetchone()
        return int(count)


def _record(action: str, run: BillingRun, by: User | None, address: str | None) -> None:
    audit.record(
        action,
        actor=by,
        subject=f"billing-run:{run.pk}",
        detail={
            "month": f"{run.month:%Y-%m}",
            "dry": run.dry,
            "invoices": run.invoices,
            "total_krw": run.total_krw,
        },
        address=address,
    )
