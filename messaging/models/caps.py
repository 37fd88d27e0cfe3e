"""The caps, race-free in SQL (design.md §4), and the owner's daily numbers."""

from django.db import models
from django.db.models import F, Q


class QuotaDay(models.Model):
    """How much of a shop's daily cap is taken on one KST day. The row is also the shop's lock while deciding."""

    pk = models.CompositePrimaryKey("shop_id", "day")
    shop_id = models.BigIntegerField()
    day = models.DateField()
    used = models.PositiveIntegerField(default=0)
    cap = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(used__gte=0), name="quota_not_negative"),
            models.CheckConstraint(condition=Q(used__lte=F("cap")), name="quota_within_cap"),
        ]

    def __str__(self) -> str:
        return f"{self.shop_id} {self.day}"


class RecipientGuard(models.Model):
    """When a recipient last got something from a shop, and which message holds that place.

    `previous_sent_at` is what `last_sent_at` goes back to when the gateway definitely did not take the message.
    """

    pk = models.CompositePrimaryKey("shop_id", "recipient_index")
    shop_id = models.BigIntegerField()
    recipient_index = models.BinaryField(max_length=16)
    last_sent_at = models.DateTimeField()
    previous_sent_at = models.DateTimeField(null=True)
    message_id = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.shop_id}"


class ShopNumbers(models.Model):
    """A shop's day in numbers, kept by the pipeline as it goes and never counted from messages.

    Every call of the day is in exactly one of sent, held, not_sent or still under way (the rest). `visited` are messages
    whose link a person opened, `redeemed` coupons used at the counter, each on the day it happened.
    """

    pk = models.CompositePrimaryKey("shop_id", "day")
    shop_id = models.BigIntegerField()
    day = models.DateField()
    calls = models.IntegerField(default=0)
    sent = models.IntegerField(default=0)
    held = models.IntegerField(default=0)
    not_sent = models.IntegerField(default=0)
    delivered = models.IntegerField(default=0)
    failed = models.IntegerField(default=0)
    visited = models.IntegerField(db_default=0, default=0)
    redeemed = models.IntegerField(db_default=0, default=0)

    def __str__(self) -> str:
        return f"{self.shop_id} {self.day}"

    @property
    def under_way(self) -> int:
        """Calls decided to be sent whose message the gateway has not answered for yet."""
        return self.calls - self.sent - self.held - self.not_sent
