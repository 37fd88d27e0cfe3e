"""Tax invoices (세금계산서) as they are handed to the tax office."""

from django.db import models
from django.db.models import Q


class TaxReason(models.TextChoices):
    """Why a tax invoice is corrected (수정세금계산서, reference/payments.md §3.4); "" is an original."""

    ORIGINAL = "", "새로 발급"
    ERROR = "01", "기재사항 착오·정정"
    CHANGED = "02", "공급가액 변동"
    RESCINDED = "04", "계약의 해제"
    TWICE = "06", "착오에 의한 이중발급"


class TaxInvoice(models.Model):
    """세금계산서 of one invoice or note. `written_on` is 작성일자. `exported_at`: when it went into the `file` for
    Hometax; `said` is what its line there says (billing.tax_line), so that the same file can be had again;
    `approval_number`: what Hometax answered, typed in by a person."""

    invoice = models.ForeignKey("billing.Invoice", models.PROTECT, related_name="tax_invoices")
    reason = models.CharField(max_length=2, choices=TaxReason.choices, blank=True)
    part = models.PositiveSmallIntegerField(default=1)
    written_on = models.DateField()
    supply_krw = models.BigIntegerField()
    vat_krw = models.BigIntegerField()
    corrects = models.ForeignKey("self", models.PROTECT, null=True, related_name="corrections")
    file = models.CharField(max_length=60, blank=True)
    exported_at = models.DateTimeField(null=True)
    exported_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    approval_number = models.CharField(max_length=24, blank=True)
    said = models.JSONField(default=dict)

    class Meta:
        indexes = [
            # billing.tax: the lines of a file
            models.Index(
                fields=["file", "id"], condition=Q(exported_at__isnull=False), name="tax_invoice_file"
            ),
        ]
        constraints = [
            models.UniqueConstraint("invoice", "reason", "part", name="tax_invoice_once"),
            models.CheckConstraint(condition=Q(reason__in=TaxReason.values), name="tax_reason_known"),
        ]

    def __str__(self) -> str:
        return f"{self.invoice_id} {self.reason or 'original'}"
