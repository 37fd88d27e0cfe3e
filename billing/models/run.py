"""Billing runs (청구 작업): making a month's invoices, or showing what they would be."""

from django.db import models
from django.db.models import Q


class RunState(models.TextChoices):
    """How far a run is."""

    QUEUED = "queued", "기다리는 중"
    RUNNING = "running", "계산 중"
    DONE = "done", "끝남"
    STOPPED = "stopped", "멈춤"
    FAILED = "failed", "실패"


class BillingRun(models.Model):
    """청구 작업. `month` is the billing month's first day. A dry run (미리 보기) writes nothing but its findings. Killed half-way
    it goes on where it was: `cursor` is the last shop done, `beat_at` when it last moved. `problems` are shops that could
    not be invoiced, with why."""

    month = models.DateField()
    dry = models.BooleanField()
    state = models.CharField(max_length=7, choices=RunState.choices, default=RunState.QUEUED)
    cursor = models.BigIntegerField(default=0)
    todo = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    invoices = models.PositiveIntegerField(default=0)
    total_krw = models.BigIntegerField(default=0)
    supply_krw = models.BigIntegerField(default=0)
    vat_krw = models.BigIntegerField(default=0)
    before_krw = models.BigIntegerField(default=0)
    problems = models.JSONField(default=list)
    started_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    beat_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            # One at a time for a month; a dry run may stand beside another month's.
            models.UniqueConstraint(
                "month", "dry", condition=Q(state__in=["queued", "running"]), name="billing_run_one_at_a_time"
            ),
            models.CheckConstraint(condition=Q(state__in=RunState.values), name="billing_run_state_known"),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {'dry ' if self.dry else ''}{self.state}"


class RunDifference(models.Model):
    """지난달과 다른 점: a shop whose bill is another than last month's, and why in one sentence."""

    run = models.ForeignKey(BillingRun, models.CASCADE, related_name="differences")
    shop = models.ForeignKey("accounts.Shop", models.CASCADE, related_name="+")
    before_krw = models.BigIntegerField()
    after_krw = models.BigIntegerField()
    why = models.CharField(max_length=300)

    class Meta:
        constraints = [models.UniqueConstraint("run", "shop", name="run_difference_one_a_shop")]

    def __str__(self) -> str:
        return f"{self.run_id} {self.shop_id}"
