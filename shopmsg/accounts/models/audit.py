"""AuditEntry: who did what, when, from where and in whose name; append-only and hash-chained (design.md §7)."""

from django.db import models


class AuditEntry(models.Model):
    """One act. `hash` covers the entry and the hash before it, so a changed or missing entry shows.

    PostgreSQL refuses updates, and deletes of anything younger than the two years it is kept.
    """

    at = models.DateTimeField("때")
    actor = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="+", verbose_name="한 사람"
    )
    on_behalf_of = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="+", verbose_name="누구 이름으로"
    )
    shop = models.ForeignKey(
        "accounts.Shop", models.PROTECT, null=True, related_name="+", verbose_name="가게"
    )
    action = models.CharField("한 일", max_length=60)
    subject = models.CharField("대상", max_length=120, blank=True)
    reason = models.CharField("이유", max_length=200, blank=True)
    detail = models.JSONField("내용", default=dict)
    address = models.GenericIPAddressField("접속 주소", null=True)
    previous_hash = models.BinaryField(max_length=32)
    hash = models.BinaryField(max_length=32)

    class Meta:
        verbose_name = verbose_name_plural = "감사 기록"
        indexes = [
            models.Index(fields=["shop", "-at"], name="audit_of_a_shop"),
            models.Index(fields=["actor", "-at"], name="audit_of_an_actor"),
            models.Index(
                fields=["subject", "-at"], condition=~models.Q(subject=""), name="audit_of_a_subject"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.action}"
