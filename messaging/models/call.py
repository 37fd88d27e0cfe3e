"""Finished calls as the telephone network tells them."""

from django.db import models

from messaging.enums import CallState, Verdict


class CallKey(models.Model):
    """What makes a call come in once: (source, call_id) is unique for good, whatever month the call is stored in."""

    pk = models.CompositePrimaryKey("source", "call_id")
    source = models.CharField(max_length=20)
    call_id = models.CharField(max_length=64)
    digest = models.BinaryField(max_length=16)
    received_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.source}/{self.call_id}"


class CallEnd(models.Model):
    """통화 종료: one finished call and its one verdict.

    `reason` is a SkipReason when the verdict is skip; `reason_at` is the moment that reason speaks of (the last
    message, for "3일 전에 이미 보냈어요"). The caller is sealed; `caller_last4` serves the owner's search.
    """

    id = models.BigAutoField(primary_key=True)
    received_at = models.DateTimeField()
    source = models.CharField(max_length=20)
    call_id = models.CharField(max_length=64)
    shop = models.ForeignKey(
        "accounts.Shop", models.DO_NOTHING, null=True, db_constraint=False, related_name="+"
    )
    line_number = models.CharField(max_length=16)
    caller_sealed = models.BinaryField(null=True)
    caller_index = models.BinaryField(null=True)
    caller_last4 = models.CharField(max_length=4, blank=True)
    caller_carrier = models.CharField(max_length=10)
    answered = models.BooleanField()
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    notice_played = models.BooleanField(null=True)
    state = models.CharField(max_length=10, choices=CallState.choices, default=CallState.WAITING)
    verdict = models.CharField(max_length=4, choices=Verdict.choices, null=True)
    reason = models.CharField(max_length=24, blank=True)
    reason_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    message_id = models.BigIntegerField(null=True)

    class Meta:
        managed = False
        db_table = "messaging_call"

    def __str__(self) -> str:
        return f"통화 {self.pk}"

    @property
    def seconds(self) -> int:
        """Length of the call in whole seconds."""
        return int((self.ended_at - self.started_at).total_seconds())
