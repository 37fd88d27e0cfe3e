"""KT 전화요금 합산: once a month the carrier gets what shops owe that pay by phone bill, and says of each whether it came (issue 5).

What is handed over is frozen: the file can be had again and is the same. An answer is stored first; the payments it means are
made of the rows (`settle`), so that a worker that dies half-way loses none.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import IO, Final

from django.db import IntegrityError, transaction
from django.db.models import Count, QuerySet, Sum

from billing import dunning, ledger, notify, phone_bill_file
from billing.enums import PayMethod
from billing.models import (
    Account,
    BillingRun,
    Invoice,
    PhoneBillBatch,
    PhoneBillRow,
    PhoneBillState,
    RunState,
)
from billing.phone_bill_file import Answer, Charge
from shopmsg.accounts import audit
from shopmsg.accounts.enums import NoticeKind
from shopmsg.accounts.models import Shop, User
from shopmsg.core import text
from shopmsg.core.clock import add_months, kst_day, month_start
from shopmsg.core.errors import ShopmsgError
from shopmsg.core.money import format_won

_CHUNK: Final = 500
_S: Final = PhoneBillState


class PhoneBillRefused(ShopmsgError):
    """What cannot be done. Codes: "made", "no_invoices", "running", "nothing"."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a shop would be asked for by phone bill."""

    account: Account
    invoice: Invoice
    amount_krw: int


@dataclass(frozen=True, slots=True)
class ToAsk:
    """Who would be asked, and who pays by phone bill but has named no line."""

    asked: tuple[Asked, ...]
    without_line: tuple[Shop, ...]

    @property
    def total_krw(self) -> int:
        """What all of them would be asked for."""
        return sum(each.amount_krw for each in self.asked)


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of an answer: rows that were paid, that failed, and that said what was known before."""

    paid: int
    failed: int
    repeated: int


def month_of(now: datetime) -> date:
    """The billing month whose bills are handed over now: the one before today's."""
    return add_months(month_start(kst_day(now)), -1)


def to_ask() -> ToAsk:
    """Everything owed by who pays by phone bill, less what the carrier has not answered for yet. Three queries."""
    accounts = list(
        Account.objects.filter(method=PayMethod.PHONE_BILL, balance_krw__gt=0)
        .select_related("shop__merchant")
        .order_by("shop__name", "pk")
    )
    shops = [account.shop_id for account in accounts]
    unanswered: dict[int, int] = dict(
        PhoneBillRow.objects.filter(shop__in=shops, entry__isnull=True)
        .exclude(state=_S.FAILED)
        .values_list("shop")
        .annotate(won=Sum("amount_krw"))
    )
    newest = {
        invoice.shop_id: invoice
        for invoice in Invoice.objects.filter(shop__in=shops, total_krw__gt=0)
        .order_by("shop", "-due_on", "-pk")
        .distinct("shop")
    }
    asked = []
    for account in accounts:
        amount = account.balance_krw - unanswered.get(account.shop_id, 0)
        if account.phone_bill_line and amount > 0 and account.shop_id in newest:
            asked.append(Asked(account, newest[account.shop_id], amount))
    return ToAsk(tuple(asked), tuple(each.shop for each in accounts if not each.phone_bill_line))


def why_not(month: date) -> str:
    """Why that month's file cannot be made, in a sentence; "" when it can."""
    try:
        _check(month)
    except PhoneBillRefused as refused:
        return refused.message
    return ""


def make(month: date, *, by: User, address: str | None, now: datetime) -> PhoneBillBatch:
    """Freeze what is asked for in that billing month. Raises PhoneBillRefused."""
    _check(month)
    wanted = to_ask()
    if not wanted.asked:
        raise PhoneBillRefused("nothing", "전화요금으로 낼 금액이 있는 가게 없음")
    try:
        with transaction.atomic():
            batch = PhoneBillBatch.objects.create(month=month, by=by, created_at=now)
            PhoneBillRow.objects.bulk_create(
                (
                    PhoneBillRow(
                        batch=batch,
                        shop_id=each.account.shop_id,
                        invoice=each.invoice,
                        line=each.account.phone_bill_line,
                        amount_krw=each.amount_krw,
                    )
                    for each in wanted.asked
                ),
                batch_size=1_000,
            )
            audit.record(
                "phone_bill.made",
                actor=by,
                subject=f"phone_bill:{batch.pk}",
                detail={"month": month.isoformat(), "rows": len(wanted.asked), "won": wanted.total_krw},
                address=address,
            )
    except IntegrityError:
        raise PhoneBillRefused("made", "이미 만든 달. 아래에서 다시 받을 수 있음") from None
    return batch


def charges(batch: PhoneBillBatch) -> Iterable[Charge]:
    """The lines of the file, as they were frozen."""
    rows = batch.rows.select_related("invoice", "shop__merchant").order_by("pk")
    for row in rows.iterator(chunk_size=2_000):
        merchant = row.shop.merchant
        yield Charge(row.invoice.number, row.line, merchant.business_number, row.shop.name, row.amount_krw)


def take_answers(
    batch: PhoneBillBatch, file: IO[bytes], size: int, *, by: User, address: str | None, now: datetime
) -> Taken:
    """Store what the carrier says of each line; `settle` makes the payments. What cannot be taken stands in the batch's
    `problems`. Raises bank_read.FileRefused."""
    answers, problems = phone_bill_file.read(file, size)
    paid = failed = repeated = 0
    with transaction.atomic():
        batch = PhoneBillBatch.objects.select_for_update().get(pk=batch.pk)
        rows = {row.invoice.number: row for row in batch.rows.select_related("invoice", "shop")}
        for answer in answers:
            row = rows.get(answer.number)
            if row is None:
                problems.append(
                    phone_bill_file.problem(answer.row, "number", answer.number, "이달 파일에 없는 번호")
                )
            elif answer.amount_krw != row.amount_krw:
                why = f"보낸 금액 {format_won(row.amount_krw)}과 다름"
                problems.append(
                    phone_bill_file.problem(answer.row, "amount", format_won(answer.amount_krw), why)
                )
            elif row.state == (_S.PAID if answer.paid else _S.FAILED):
                repeated += 1
            elif row.state == _S.PAID:
                problems.append(
                    phone_bill_file.problem(answer.row, "result", "실패", "이미 받음으로 처리한 번호")
                )
            else:
                _answered(row, answer, now)
                paid += answer.paid
                failed += not answer.paid
        problems.sort(key=lambda each: each.row)
        batch.problems = [asdict(each) for each in problems]
        batch.answered_at, batch.answered_by = now, by
        batch.save(update_fields=["problems", "answered_at", "answered_by"])
        audit.record(
            "phone_bill.answered",
            actor=by,
            subject=f"phone_bill:{batch.pk}",
            detail={"paid": paid, "failed": failed, "unreadable": len(problems)},
            address=address,
        )
    return Taken(paid, failed, repeated)


def settle(now: datetime, most: int | None = None) -> int:
    """Make the payments of rows the carrier was paid for, at most so many; returns how many are left. Harmless when repeated,
    and by two at once."""
    done = 0
    while most is None or done < most:
        size = _CHUNK if most is None else min(_CHUNK, most - done)
        ids = list(_to_post().order_by("pk").values_list("pk", flat=True)[:size])
        if not ids:
            break
        for pk in ids:
            _post(pk, now)
        done += len(ids)
    return _to_post().count()


def counts(batches: Sequence[PhoneBillBatch]) -> dict[int, dict[str, tuple[int, int]]]:
    """{batch: {state: (rows, won)}}."""
    found: dict[int, dict[str, tuple[int, int]]] = {batch.pk: {} for batch in batches}
    summed = (
        PhoneBillRow.objects.filter(batch__in=batches)
        .values_list("batch", "state")
        .annotate(rows=Count("pk"), won=Sum("amount_krw"))
    )
    for batch_id, state, rows, won in summed:
        found[batch_id][state] = (rows, won)
    return found


def _check(month: date) -> None:
    if PhoneBillBatch.objects.filter(month=month).exists():
        raise PhoneBillRefused("made", "이미 만든 달. 아래에서 다시 받을 수 있음")
    runs = BillingRun.objects.filter(month=month, dry=False, state__in=[RunState.QUEUED, RunState.RUNNING])
    if runs.exists():
        raise PhoneBillRefused("running", "청구서를 만드는 중: 끝난 뒤에 만들기")
    if not Invoice.objects.filter(month=month).exists():
        raise PhoneBillRefused("no_invoices", f"{month.month}월 청구서가 없음: 청구를 먼저 하기")


def _answered(row: PhoneBillRow, answer: Answer, now: datetime) -> None:
    row.state = _S.PAID if answer.paid else _S.FAILED
    row.why = "" if answer.paid else answer.reason
    row.save(update_fields=["state", "why"])
    if answer.paid:
        return
    said = text.replaced(answer.reason)
    notify.tell(
        row.shop,
        NoticeKind.PAYMENT_FAILED,
        key=f"phone_bill_failed:{row.pk}",
        fields={
            "amount": format_won(row.amount_krw),
            "reason": f"KT 전화요금에 합산하지 못했어요{f' ({said})' if said else ''}.",
        },
        page="pay",
        now=now,
    )


def _to_post() -> QuerySet[PhoneBillRow]:
    return PhoneBillRow.objects.filter(state=_S.PAID, entry__isnull=True)


def _post(pk: int, now: datetime) -> None:
    with transaction.atomic():
        row = (
            PhoneBillRow.objects.select_for_update(no_key=True, of=("self",))
            .select_related("batch__answered_by")
            .get(pk=pk)
        )
        if row.entry_id is not None:
            return
        account = ledger.locked(row.shop_id)
        row.entry = ledger.pay(
            account,
            row.amount_krw,
            key=f"phone_bill:{row.pk}",
            method=PayMethod.PHONE_BILL,
            paid_on=kst_day(row.batch.answered_at or now),
            label="KT 전화요금",
            sentence=f"{row.batch.month.month}월분을 KT 전화요금에 합산해서 {format_won(row.amount_krw)} 받았어요.",
            by=row.batch.answered_by,
            now=now,
            detail={"phone_bill_row": row.pk},
        )
        row.save(update_fields=["entry"])
        dunning.after_payment(account, now)
