"""The ledger and the invoices that stand on it. Rows of both are never changed or deleted: triggers see to it."""

from datetime import date

from django.db import models
from django.db.models import F, Q

from billing.enums import EntryKind, InvoiceKind, PayMethod, UsageKind


class Invoice(models.Model):
    """청구서, or a note that corrects one (정정 청구서: `original`). `month` is the billing month's first day, of a note the
    month it was made in. `number` is derived from shop and month, so that a run repeated makes the same. `carried_krw` is
    what the shop owed before it (negative: had to its credit). `party` is what it says of seller and buyer, as it was then:
    see billing.invoicing. Totals are the sums of its entries."""

    shop = models.ForeignKey("accounts.Shop", models.PROTECT, related_name="invoices")
    kind = models.CharField(max_length=7, choices=InvoiceKind.choices, default=InvoiceKind.INVOICE)
    number = models.CharField(max_length=24, unique=True)
    month = models.DateField()
    issued_on = models.DateField()
    due_on = models.DateField()
    tax_due_on = models.DateField()
    total_krw = models.BigIntegerField()
    supply_krw = models.BigIntegerField()
    vat_krw = models.BigIntegerField()
    carried_krw = models.BigIntegerField()
    original = models.ForeignKey("self", models.PROTECT, null=True, related_name="notes")
    party = models.JSONField(default=dict)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [
            # the owner's list and billing.ledger.open_invoices
            models.Index(fields=["shop", "-due_on", "-id"], name="invoice_of_shop"),
            # reports, exports and the run
            models.Index(fields=["month", "id"], name="invoice_of_month"),
        ]
        constraints = [
            models.UniqueConstraint("shop", "month", condition=Q(kind="invoice"), name="invoice_one_a_month"),
            models.CheckConstraint(
                condition=Q(total_krw=F("supply_krw") + F("vat_krw")), name="invoice_parts_add_up"
            ),
            models.CheckConstraint(condition=Q(kind__in=InvoiceKind.values), name="invoice_kind_known"),
        ]

    def __str__(self) -> str:
        return self.number


class LedgerEntry(models.Model):
    """원장 한 줄: `amount_krw` is positive when the shop owes it, negative when it is in the shop's favour. Everything but
    payments stands on an invoice at `position`. `first`–`last` are the days it is for, `sentence` says why it is so much,
    `discount_krw` what the agreement took off (given under the commitment that began on `anchor`). `key` is derived from
    what happened, so that posting twice is refused by the database. `detail` are figures behind the sentence."""

    shop = models.ForeignKey("accounts.Shop", models.PROTECT, related_name="ledger")
    kind = models.CharField(max_length=12, choices=EntryKind.choices)
    key = models.CharField(max_length=120, unique=True)
    amount_krw = models.BigIntegerField()
    supply_krw = models.BigIntegerField()
    vat_krw = models.BigIntegerField()
    discount_krw = models.BigIntegerField(default=0)
    anchor = models.DateField(null=True)
    first = models.DateField()
    last = models.DateField()
    label = models.CharField(max_length=80)
    sentence = models.CharField(max_length=500)
    detail = models.JSONField(default=dict)
    invoice = models.ForeignKey(Invoice, models.PROTECT, null=True, related_name="entries")
    position = models.PositiveSmallIntegerField(default=0)
    subscription = models.ForeignKey("billing.Subscription", models.PROTECT, null=True, related_name="ledger")
    method = models.CharField(max_length=10, choices=PayMethod.choices, blank=True)
    by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    posted_at = models.DateTimeField()

    class Meta:
        indexes = [
            # payments of a shop, newest first; the owner's statement
            models.Index(fields=["shop", "-posted_at", "-id"], name="ledger_of_shop"),
            # billing.leaving asks for the discounts of one contract
            models.Index(
                fields=["subscription", "first"],
                condition=Q(subscription__isnull=False),
                name="ledger_of_contract",
            ),
            # billing.reports
            models.Index(
                fields=["posted_at"], condition=Q(invoice__isnull=True), name="ledger_payments_by_day"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_krw=F("supply_krw") + F("vat_krw")), name="ledger_parts_add_up"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=[EntryKind.PAYMENT, EntryKind.PAYMENT_BACK], invoice__isnull=True)
                | (Q(invoice__isnull=False) & ~Q(kind__in=[EntryKind.PAYMENT, EntryKind.PAYMENT_BACK])),
                name="ledger_charges_stand_on_an_invoice",
            ),
            models.CheckConstraint(condition=Q(kind__in=EntryKind.values), name="ledger_kind_known"),
            models.CheckConstraint(condition=Q(last__gte=F("first")), name="ledger_days_in_order"),
        ]

    def __str__(self) -> str:
        return self.key


class Usage(models.Model):
    """사용량: so many pieces on a day, as another app reported them; `key` is theirs and makes reporting twice harmless. For a
    prize commission `quantity` is the prize's value in won. `entry` is the line of the ledger that charged for it."""

    shop = models.ForeignKey("accounts.Shop", models.PROTECT, related_name="usage")
    key = models.CharField(max_length=100, unique=True)
    kind = models.CharField(max_length=16, choices=UsageKind.choices)
    used_on = models.DateField()
    quantity = models.PositiveBigIntegerField()
    reference = models.CharField(max_length=100, blank=True)
    reported_at = models.DateTimeField()
    entry = models.ForeignKey(LedgerEntry, models.PROTECT, null=True, related_name="usage")

    class Meta:
        indexes = [
            # billing.invoicing: what is still to be charged
            models.Index(fields=["shop", "used_on"], condition=Q(entry__isnull=True), name="usage_to_charge"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=UsageKind.values), name="usage_kind_known"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="usage_of_something"),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def month(self) -> date:
        """The first day of the month it was used in."""
        return self.used_on.replace(day=1)


class AdjustmentKind(models.TextChoices):
    """Why an amount is changed by hand."""

    CREDIT = "credit", "돌려드림"
    CORRECTION = "correction", "바로잡음"


class AdjustmentState(models.TextChoices):
    """Whether it has been done."""

    REQUESTED = "requested", "승인 대기"
    POSTED = "posted", "반영함"
    REJECTED = "rejected", "반려함"


class Adjustment(models.Model):
    """조정: a credit or a correction somebody asks for; posted as a note (정정 청구서) at once, above a limit only after a second
    person's yes. Negative is in the shop's favour. `original` is the invoice it corrects, null for goodwill."""

    shop = models.ForeignKey("accounts.Shop", models.PROTECT, related_name="adjustments")
    kind = models.CharField(max_length=10, choices=AdjustmentKind.choices)
    state = models.CharField(max_length=9, choices=AdjustmentState.choices, default=AdjustmentState.REQUESTED)
    amount_krw = models.IntegerField()
    reason = models.CharField(max_length=200)
    original = models.ForeignKey(Invoice, models.PROTECT, null=True, related_name="adjustments")
    note = models.OneToOneField(Invoice, models.PROTECT, null=True, related_name="adjustment")
    requested_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    decided_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decision_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(amount_krw=0), name="adjustment_of_something"),
            models.CheckConstraint(
                condition=Q(state="posted", note__isnull=False) | (~Q(state="posted") & Q(note__isnull=True)),
                name="adjustment_posted_as_note",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.shop_id} {self.amount_krw}"
