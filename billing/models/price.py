"""What admins announced beside the rules' own prices, and what was agreed with one merchant alone."""

from django.db import models
from django.db.models import Q

from billing.enums import UsageKind


class CatalogueKind(models.TextChoices):
    """What a row of the catalogue is about."""

    PRICE = "price", "이용료"
    PLAN = "plan", "이벤트 요금제"
    USAGE = "usage", "사용료"
    BANDS = "bands", "할인반환율"


class CatalogueRow(models.Model):
    """요금표 한 줄: from `effective_from` on, until the next row of the same `code` (a Product, EventPlan or UsageKind; "" for
    bands). `data` is read and written by billing.price_list. Announced ahead of its day; withdrawn only before it."""

    kind = models.CharField(max_length=6, choices=CatalogueKind.choices)
    code = models.CharField(max_length=16, blank=True)
    effective_from = models.DateField()
    data = models.JSONField()
    source = models.CharField(max_length=200)
    created_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    withdrawn_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "kind",
                "code",
                "effective_from",
                condition=Q(withdrawn_at__isnull=True),
                name="catalogue_row_one_a_day",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=CatalogueKind.values), name="catalogue_row_kind_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.code} {self.effective_from}"


class AgreedFee(models.Model):
    """협의 단가: what a Kakao message costs this merchant, won each without VAT (rules.md §3), from a day on."""

    merchant = models.ForeignKey("accounts.Merchant", models.PROTECT, related_name="agreed_fees")
    kind = models.CharField(max_length=16, choices=UsageKind.choices)
    effective_from = models.DateField()
    won = models.PositiveIntegerField()
    created_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint("merchant", "kind", "effective_from", name="agreed_fee_one_a_day"),
            models.CheckConstraint(condition=Q(kind__in=UsageKind.values), name="agreed_fee_kind_known"),
        ]

    def __str__(self) -> str:
        return f"{self.merchant_id} {self.kind} {self.won}"
