"""Notice: an informational text somebody below messaging wants sent (design.md §3)."""

from django.db import models
from django.db.models import Q

from shopmsg.accounts.enums import NoticeKind


class Notice(models.Model):
    """Outbox of informational texts. `key` makes asking twice harmless; messaging sets `taken_at` when it has made a
    message of it, and `fields` are emptied then because they may hold a login code."""

    key = models.CharField(max_length=100, unique=True)
    kind = models.CharField(max_length=30, choices=NoticeKind.choices)
    shop = models.ForeignKey("accounts.Shop", models.CASCADE, null=True, related_name="notices")
    to_sealed = models.BinaryField()
    fields = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            # messaging.notices.take: what is still to be made into a message
            models.Index(fields=["kind", "id"], condition=Q(taken_at__isnull=True), name="notice_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"
