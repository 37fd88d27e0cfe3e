"""전자세금계산서 for Hometax (부가가치세법 32조, 34조): a month's go into files, what a note changes becomes a corrected one (수정
세금계산서), and the numbers Hometax gives are typed in. Which bills need one: billing.tax_state.

작성일자 is the month's last day, of a correction for another amount (02) the day of the note, of a rescission (04) its day, of a
mistake (01, 06) the original's. A note that names no bill corrects the shop's newest tax invoice of before it.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import Case, Exists, F, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from billing import dates, party, tax_line, tax_state
from billing.enums import InvoiceKind
from billing.models import Account, Invoice, TaxInvoice, TaxReason
from shopmsg.accounts import audit
from shopmsg.accounts.models import User
from shopmsg.core.clock import add_months, format_day, kst_day, month_start
from shopmsg.core.errors import ShopmsgError

#: Lines of one file: Hometax takes no more.
LINES: Final = 100
#: Bills taken up at one press, so that nobody waits for minutes.
MOST: Final = 5_000
#: Reasons a person chooses; a changed amount comes of notes alone.
CHOSEN: Final = (TaxReason.ERROR, TaxReason.RESCINDED, TaxReason.TWICE)
_CHUNK: Final = 1_000
#: Any constant will do: whoever holds it is the only one listing corrections.
_LISTING: Final = 5_348_415_573
#: Notes are looked for so far back: 수정 발급 of what is older is a matter for the tax accountant.
_MONTHS_BACK: Final = 24
_SUPPLIER_NAMES: Final = {
    "number": "사업자등록번호",
    "name": "상호",
    "representative": "대표자",
    "address": "주소",
}


class TaxRefused(ShopmsgError):
    """What cannot be done. Codes: "supplier", "nothing", "again" (somebody else just did), "not_sent", "no_reason",
    "corrected", "day", "no_number"."""


def supplier_lacks() -> tuple[str, ...]:
    """What the settings do not say of us, without which there is no tax invoice."""
    return tuple(
        name for field, name in _SUPPLIER_NAMES.items() if not settings.SUPPLIER.get(field, "").strip()
    )


def export(month: date, *, by: User, address: str | None, now: datetime) -> list[str]:
    """Put what is ready of that month into new files, at most MOST bills; returns their names. What went into a file before
    stays there. Raises TaxRefused."""
    if lacks := supplier_lacks():
        raise TaxRefused("supplier", f"공급자 정보가 비어 있음: {', '.join(lacks)}")
    ready = tax_state.ready(month, kst_day(now), MOST)
    if not ready:
        raise TaxRefused("nothing", "새로 발급할 세금계산서 없음")
    try:
        with transaction.atomic():
            begun = TaxInvoice.objects.filter(invoice__month=month, reason=TaxReason.ORIGINAL)
            before = begun.values("file").distinct().count()
            invoices = _read(list(ready))
            accounts = _accounts(invoices)
            rows = [
                TaxInvoice(
                    invoice=invoice,
                    written_on=dates.tax_written_on(month),
                    supply_krw=invoice.supply_krw,
                    vat_krw=invoice.vat_krw,
                    file=f"{month:%Y-%m}-{before + place // LINES + 1:03d}",
                    exported_at=now,
                    exported_by=by,
                    said=_said(invoice, accounts[invoice.shop_id], paid=ready[invoice.pk]),
                )
                for place, invoice in enumerate(invoices)
            ]
            TaxInvoice.objects.bulk_create(rows, batch_size=_CHUNK)
            files = sorted({row.file for row in rows})
            audit.record(
                "tax.exported",
                actor=by,
                subject=f"tax:{month:%Y-%m}",
                detail={
                    "files": files,
                    "bills": len(rows),
                    "supply_krw": sum(row.supply_krw for row in rows),
                },
                address=address,
            )
    except IntegrityError:
        raise TaxRefused("again", "다른 사람이 방금 만듦: 아래에서 받기") from None
    return files


def lines(file: str) -> QuerySet[TaxInvoice, TaxInvoice]:
    """The tax invoices of a file, in its order."""
    found = TaxInvoice.objects.filter(file=file, exported_at__isnull=False)
    return found.select_related("invoice__shop", "corrects").order_by("pk")


def notes_to_correct(now: datetime) -> QuerySet[Invoice, dict[str, Any]]:
    """Notes that change what a tax invoice said and have no corrected one yet, oldest first, as {"pk", "number", "shop",
    "on", "supply", "vat", "corrects" (the original's id), "approval"}."""
    originals = TaxInvoice.objects.filter(reason=TaxReason.ORIGINAL, exported_at__isnull=False)
    taken_back = TaxInvoice.objects.filter(
        corrects=OuterRef("of"), reason__in=[TaxReason.RESCINDED, TaxReason.TWICE]
    )
    newest = originals.filter(invoice__shop=OuterRef("shop"), written_on__lte=OuterRef("issued_on")).order_by(
        "-written_on", "-pk"
    )
    notes = Invoice.objects.filter(
        kind=InvoiceKind.NOTE,
        month__gte=add_months(month_start(kst_day(now)), -_MONTHS_BACK),
        tax_invoices__isnull=True,
    ).exclude(supply_krw=0)
    found = notes.annotate(
        of=Case(
            When(
                original__isnull=False,
                then=Subquery(originals.filter(invoice=OuterRef("original")).values("pk")[:1]),
            ),
            default=Subquery(newest.values("pk")[:1]),
        )
    ).filter(~Exists(taken_back), of__isnull=False)
    approval = TaxInvoice.objects.filter(pk=OuterRef("of")).values("approval_number")
    return (
        found.annotate(approval=Coalesce(Subquery(approval[:1]), Value("")))
        .order_by("issued_on", "pk")
        .values(
            "pk", "number", "approval",
            shop_name=F("shop__name"), on=F("issued_on"), supply=F("supply_krw"), vat=F("vat_krw"), corrects=F("of"),
        )
    )  # fmt: skip


def waiting_corrections() -> QuerySet[TaxInvoice, TaxInvoice]:
    """Corrections a person chose that are in no list yet."""
    rows = TaxInvoice.objects.filter(exported_at__isnull=True).exclude(reason=TaxReason.ORIGINAL)
    return rows.select_related("invoice__shop", "corrects").order_by("pk")


def correct(
    tax_id: int, reason: str, on: date | None, *, by: User, address: str | None, now: datetime
) -> list[TaxInvoice]:
    """수정세금계산서 of a whole tax invoice: 04 and 06 take it back, 01 takes it back and says it again with what the account
    says of the buyer now. `on`: the day of the rescission, for 04. Raises TaxRefused; TaxInvoice.DoesNotExist."""
    with transaction.atomic():
        row = TaxInvoice.objects.select_related("invoice").select_for_update(of=("self",)).get(pk=tax_id)
        if row.exported_at is None or row.reason != TaxReason.ORIGINAL:
            raise TaxRefused("not_sent", "발급한 세금계산서만 수정할 수 있음")
        if reason not in CHOSEN:
            raise TaxRefused("no_reason", "수정하는 까닭을 고르기")
        if row.corrections.filter(reason__in=CHOSEN).exists():
            raise TaxRefused("corrected", "이미 수정한 세금계산서")
        written_on = _correction_day(row, reason, on, kst_day(now))
        said = [tax_line.minus(row.said)]
        if reason == TaxReason.ERROR:
            account = _accounts([row.invoice])[row.invoice.shop_id]
            said.append({**row.said, "buyer": tax_line.party(_buyer(row.invoice, account))})
        made = TaxInvoice.objects.bulk_create(
            TaxInvoice(
                invoice=row.invoice,
                reason=reason,
                part=part,
                written_on=written_on,
                supply_krw=row.supply_krw * (-1 if part == 1 else 1),
                vat_krw=row.vat_krw * (-1 if part == 1 else 1),
                corrects=row,
                said=each,
            )
            for part, each in enumerate(said, 1)
        )
        audit.record(
            "tax.corrected",
            actor=by,
            subject=f"tax_invoice:{row.pk}",
            detail={"reason": reason, "number": row.invoice.number},
            address=address,
        )
    return made


def export_corrections(*, by: User, address: str | None, now: datetime) -> str:
    """Put the corrections whose original has its approval number into a new list; returns its name. Raises TaxRefused."""
    try:
        with transaction.atomic():
            # One at a time, so that a list that was made and downloaded stays as it was.
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LISTING])
            ready = [row for row in notes_to_correct(now) if row["approval"]]
            notes = {note.pk: note for note in _read([row["pk"] for row in ready])}
            originals = TaxInvoice.objects.in_bulk([row["corrects"] for row in ready])
            TaxInvoice.objects.bulk_create(
                TaxInvoice(
                    invoice_id=row["pk"],
                    reason=TaxReason.CHANGED,
                    written_on=row["on"],
                    supply_krw=row["supply"],
                    vat_krw=row["vat"],
                    corrects=originals[row["corrects"]],
                    said=_correction(notes[row["pk"]], originals[row["corrects"]]),
                )
                for row in ready
            )
            waiting = TaxInvoice.objects.filter(exported_at__isnull=True).exclude(reason=TaxReason.ORIGINAL)
            ids = list(waiting.exclude(corrects__approval_number="").values_list("pk", flat=True))
            if not ids:
                raise TaxRefused("no_number", "당초 승인번호가 있는 정정 없음")
            day = f"fix-{kst_day(now):%Y-%m-%d}"
            before = TaxInvoice.objects.filter(file__startswith=day).values("file").distinct().count()
            name = f"{day}-{before + 1:02d}"
            TaxInvoice.objects.filter(pk__in=ids).update(file=name, exported_at=now, exported_by=by)
            audit.record(
                "tax.corrections_exported",
                actor=by,
                subject=f"tax:{name}",
                detail={"rows": len(ids)},
                address=address,
            )
    except IntegrityError:
        raise TaxRefused("again", "다른 사람이 방금 만듦: 아래에서 받기") from None
    return name


def keep_numbers(numbers: Mapping[int, str], *, by: User, address: str | None) -> int:
    """Store the approval numbers of tax invoices, {id: number, as billing.tax_numbers made it}; returns how many changed."""
    with transaction.atomic():
        rows = TaxInvoice.objects.select_for_update().filter(pk__in=numbers, exported_at__isnull=False)
        changed = [row for row in rows.order_by("pk") if row.approval_number != numbers[row.pk]]
        for row in changed:
            row.approval_number = numbers[row.pk]
        TaxInvoice.objects.bulk_update(changed, ["approval_number"], batch_size=LINES)
        if changed:
            audit.record(
                "tax.approved",
                actor=by,
                subject=f"tax:{changed[0].file}",
                detail={"rows": len(changed)},
                address=address,
            )
    return len(changed)


def taken(numbers: Sequence[str], besides: Sequence[int]) -> set[str]:
    """Of these approval numbers those that other tax invoices have."""
    rows = TaxInvoice.objects.filter(approval_number__in=numbers).exclude(pk__in=besides)
    return set(rows.values_list("approval_number", flat=True))


def _correction_day(row: TaxInvoice, reason: str, on: date | None, today: date) -> date:
    if reason != TaxReason.RESCINDED:
        return row.written_on
    if on is None or not row.written_on <= on <= today:
        raise TaxRefused(
            "day", f"해제일은 작성일자인 {format_day(row.written_on)}부터 오늘까지 가운데 하루여야 함"
        )
    return on


def _read(ids: Sequence[int]) -> list[Invoice]:
    return list(Invoice.objects.filter(pk__in=ids).prefetch_related("entries").order_by("number"))


def _accounts(invoices: Sequence[Invoice]) -> dict[int, Account]:
    rows = Account.objects.filter(shop__in={invoice.shop_id for invoice in invoices})
    return {account.shop_id: account for account in rows.select_related("shop__merchant")}


def _said(invoice: Invoice, account: Account, *, paid: bool) -> dict[str, Any]:
    buyer = _buyer(invoice, account)
    return tax_line.said(settings.SUPPLIER, buyer, _items(invoice), paid=paid, number=invoice.number)


def _correction(note: Invoice, original: TaxInvoice) -> dict[str, Any]:
    """A changed amount: of the same parties, named as they were."""
    return tax_line.said(
        original.said["seller"], original.said["buyer"], _items(note), paid=False, number=note.number
    )


def _items(invoice: Invoice) -> list[list[Any]]:
    return tax_line.items_of((entry.kind, entry.supply_krw, entry.vat_krw) for entry in invoice.entries.all())


def _buyer(invoice: Invoice, account: Account) -> Mapping[str, Any]:
    """What the account says now, for what was missing may have been filled in; what the bill said when the shop has gone over
    to another merchant since."""
    said = invoice.party.get("buyer", {})
    now = party.snapshot(account)["buyer"]
    return said if said.get("number") not in (None, "", now["number"]) else now
