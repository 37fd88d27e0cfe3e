"""Subscription (구독): what a shop pays for, from when on, and everything that was ever changed in it."""

from django.db import models
from django.db.models import F, Q

from billing.enums import Bundle, ChangeKind, EventPlan
from shopmsg.accounts.enums import Product


class SubscriptionState(models.TextChoices):
    """Whether a subscription runs."""

    RUNNING = "running", "이용 중"
    ENDED = "ended", "해지"


class Subscription(models.Model):
    """구독. Dates are KST days. `starts_on` is the day of activation and the anchor every other date is derived from;
    `free_until` the last day of the free first month (rules.md §3), null for products without one. `product`,
    `term_months` (약정, 0 for none), `bundle` and `plan` are what was agreed last; what holds on a day, with a commitment
    that has run out, is asked of billing.subscriptions.contract_of. `last_day` is the booked last day of use (해지 예약),
    `ended_on` the same once it is over."""

    shop = models.ForeignKey("accounts.Shop", models.PROTECT, related_name="subscriptions")
    state = models.CharField(
        max_length=8, choices=SubscriptionState.choices, default=SubscriptionState.RUNNING
    )
    product = models.CharField(max_length=10, choices=Product.choices)
    term_months = models.PositiveSmallIntegerField(default=0)
    bundle = models.CharField(max_length=14, choices=Bundle.choices, default=Bundle.NONE)
    pack_internet = models.CharField(max_length=20, blank=True)
    pack_parts = models.JSONField(default=list)
    plan = models.CharField(max_length=10, choices=EventPlan.choices, default=EventPlan.NONE)
    starts_on = models.DateField()
    free_until = models.DateField(null=True)
    last_day = models.DateField(null=True)
    ended_on = models.DateField(null=True)
    created_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        indexes = [
            # billing.subscriptions.end_due
            models.Index(
                fields=["last_day"],
                condition=Q(state="running", last_day__isnull=False),
                name="subscription_to_end",
            ),
        ]
        constraints = [
            models.UniqueConstraint("shop", condition=Q(state="running"), name="subscription_one_a_shop"),
            models.CheckConstraint(
                condition=Q(state__in=SubscriptionState.values), name="subscription_state_known"
            ),
            models.CheckConstraint(condition=Q(bundle__in=Bundle.values), name="subscription_bundle_known"),
            models.CheckConstraint(condition=Q(plan__in=EventPlan.values), name="subscription_plan_known"),
            models.CheckConstraint(
                condition=Q(term_months__in=[0, 12, 24, 36]), name="subscription_term_known"
            ),
            models.CheckConstraint(
                condition=Q(term_months=0) | Q(bundle=Bundle.NONE), name="subscription_one_benefit"
            ),
            models.CheckConstraint(
                condition=Q(state="running", ended_on__isnull=True)
                | Q(state="ended", ended_on__isnull=False, last_day__isnull=False),
                name="subscription_end_known",
            ),
            models.CheckConstraint(
                condition=Q(last_day__isnull=True) | Q(last_day__gte=F("starts_on")),
                name="subscription_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.shop_id} {self.product} {self.term_months}"


class SubscriptionChange(models.Model):
    """One row of a contract's history, never changed or deleted (a trigger sees to it): what billing.contract.Change is in
    memory. `number` counts from 1, which is the start."""

    subscription = models.ForeignKey(Subscription, models.PROTECT, related_name="changes")
    number = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=18, choices=ChangeKind.choices)
    on = models.DateField()
    product = models.CharField(max_length=10, choices=Product.choices, default=Product.SOHO)
    term_months = models.PositiveSmallIntegerField(default=0)
    bundle = models.CharField(max_length=14, choices=Bundle.choices, default=Bundle.NONE)
    pack_internet = models.CharField(max_length=20, blank=True)
    pack_parts = models.JSONField(default=list)
    plan = models.CharField(max_length=10, choices=EventPlan.choices, default=EventPlan.NONE)
    until = models.DateField(null=True)
    reason = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint("subscription", "number", name="subscription_change_numbered"),
            models.CheckConstraint(
                condition=Q(kind__in=ChangeKind.values), name="subscription_change_kind_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subscription_id} {self.number} {self.kind}"
