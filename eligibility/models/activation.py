"""Activation (개통), step by step."""

from django.db import models
from django.db.models import Q

from eligibility.enums import StepName, StepState
from shopmsg.accounts.enums import NoticeState


class ActivationStep(models.Model):
    """One step of one activation. A failed step keeps its `problem`, a sentence for staff, and can be repeated alone."""

    application = models.ForeignKey("eligibility.Application", models.CASCADE, related_name="steps")
    name = models.CharField(max_length=12, choices=StepName.choices)
    state = models.CharField(max_length=7, choices=StepState.choices, default=StepState.WAITING)
    problem = models.CharField(max_length=200, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    tried_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("application", "name", name="activation_step_once"),
            models.CheckConstraint(
                condition=Q(state__in=StepState.values), name="activation_step_state_known"
            ),
            models.CheckConstraint(condition=Q(name__in=StepName.values), name="activation_step_known"),
        ]

    def __str__(self) -> str:
        return f"{self.application_id} {self.name} {self.state}"


class NoticeOrder(models.Model):
    """링고 신청: one order of a line's ringback notice at the carrier. `reference` is ours: asking with it again never
    orders twice. A line has at most one order that is not over."""

    line = models.ForeignKey("accounts.Line", models.CASCADE, related_name="notice_orders")
    reference = models.CharField(max_length=40, unique=True)
    state = models.CharField(max_length=10, choices=NoticeState.choices, default=NoticeState.REQUESTED)
    problem = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    next_look_at = models.DateTimeField()
    looks = models.PositiveSmallIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("line", condition=Q(ended_at__isnull=True), name="notice_order_one_open"),
            models.CheckConstraint(
                condition=Q(state__in=NoticeState.values), name="notice_order_state_known"
            ),
        ]
        indexes = [
            # notice_orders.follow
            models.Index(
                fields=["next_look_at"], condition=Q(ended_at__isnull=True), name="notice_order_due"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.state}"
