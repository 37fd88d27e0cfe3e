"""Who does not want a shop's messages: opt-outs by the person, blocks by the owner."""

from django.db import models
from django.db.models import Q

from messaging.enums import OptOutSource


class OptOut(models.Model):
    """수신거부: one person refuses one shop, at once and until they ask for messages again themselves.

    Kept for good as a blind index. `notified_at` is when the result notice was asked for (within 14 days, law §50⑦).
    """

    shop = models.ForeignKey("accounts.Shop", models.PROTECT, related_name="optouts")
    recipient_index = models.BinaryField(max_length=16)
    last4 = models.CharField(max_length=4, blank=True)
    source = models.CharField(max_length=10, choices=OptOutSource.choices)
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    notified_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "shop", "recipient_index", condition=Q(ended_at__isnull=True), name="optout_once_in_force"
            ),
        ]
        indexes = [models.Index(fields=["shop", "-at"], name="optout_of_a_shop")]

    def __str__(self) -> str:
        return f"수신거부 {self.pk}"


class OptOutEvent(models.Model):
    """An opt-out call on the 080 line as the network told it; (source, event_id) comes in once."""

    pk = models.CompositePrimaryKey("source", "event_id")
    source = models.CharField(max_length=20)
    event_id = models.CharField(max_length=64)
    digest = models.BinaryField(max_length=16)
    received_at = models.DateTimeField(db_index=True)
    shops = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.source}/{self.event_id}"


class Block(models.Model):
    """A number the owner never wants to send to: a supplier, family."""

    shop = models.ForeignKey("accounts.Shop", models.CASCADE, related_name="blocks")
    recipient_index = models.BinaryField(max_length=16)
    recipient_sealed = models.BinaryField()
    label = models.CharField("메모", max_length=30, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint("shop", "recipient_index", name="block_once_a_shop")]

    def __str__(self) -> str:
        return self.label or f"차단 {self.pk}"
