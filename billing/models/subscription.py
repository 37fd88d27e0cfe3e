"""Subscription (구독): what a shop pays for, from when on and under which commitment."""

from django.db import models
from django.db.models import Q

from billing.enums import Bundle
from shopmsg.accounts.enums import Product


class SubscriptionState(models.TextChoices):
    """Whether a subscription runs."""

    RUNNING = "running", "이용 중"
    ENDED = "ended", "해지"


class Subscription(models.Model):
    """구독. Dates are KST days. `starts_on` is the day of activation and the anchor every other date is derived from;
    `free_until` the last day of the free first month (rules.md §3), null for products without one. `term_months` is the
    commitment (약정), 0 for none."""

    shop = models.ForeignKey("accounts.Shop", models.PROTECT, related_name="subscriptions")
    state = models.CharField(
        max_length=8, choices=SubscriptionState.choices, default=SubscriptionState.RUNNING
    )
    product = models.CharField(max_length=10, choices=Product.choices)
    term_months = models.PositiveSmallIntegerField(default=0)
    bundle = models.CharField(max_length=14, choices=Bundle.choices, default=Bundle.NONE)
    pack_internet = models.CharField(max_length=20, blank=True)
    pack_parts = models.JSONField(default=list)
    starts_on = models.DateField()
    free_until = models.DateField(null=True)
    ended_on = models.DateField(null=True)
    created_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint("shop", condition=Q(state="running"), name="subscription_one_a_shop"),
            models.CheckConstraint(
                condition=Q(state__in=SubscriptionState.values), name="subscription_state_known"
            ),
            models.CheckConstraint(condition=Q(bundle__in=Bundle.values), name="subscription_bundle_known"),
            models.CheckConstraint(
                condition=Q(term_months__in=[0, 12, 24, 36]), name="subscription_term_known"
            ),
            models.CheckConstraint(
                condition=Q(term_months=0) | Q(bundle=Bundle.NONE), name="subscription_one_benefit"
            ),
            models.CheckConstraint(
                condition=Q(state="running", ended_on__isnull=True)
                | Q(state="ended", ended_on__isnull=False),
                name="subscription_end_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.shop_id} {self.product} {self.term_months}"
