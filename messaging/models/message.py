"""Messages and what gateways report of them."""

from django.db import models

from messaging.enums import Channel, MessageKind, MessageState, Outcome, Priority


class Message(models.Model):
    """홍보문자 or an informational text: one message to one phone, sent at most once.

    `day` is the KST day its numbers are shown under, `quota_day` the day whose cap it holds (null: holds none).
    `text` is byte for byte what is sent. `permit` says why it may be: {"rules", "promo", "basis", "notice_since"}.
    """

    id = models.BigAutoField(primary_key=True)
    created_at = models.DateTimeField()
    shop = models.ForeignKey(
        "accounts.Shop", models.DO_NOTHING, null=True, db_constraint=False, related_name="+"
    )
    call_id = models.BigIntegerField(null=True)
    kind = models.CharField(max_length=5, choices=MessageKind.choices)
    notice_kind = models.CharField(max_length=30, blank=True)
    priority = models.PositiveSmallIntegerField(choices=Priority.choices)
    channel = models.CharField(max_length=3, choices=Channel.choices)
    state = models.CharField(max_length=10, choices=MessageState.choices)
    reason = models.CharField(max_length=24, blank=True)
    day = models.DateField()
    quota_day = models.DateField(null=True)
    sender = models.CharField(max_length=12)
    recipient_sealed = models.BinaryField(null=True)
    recipient_index = models.BinaryField()
    subject = models.CharField(max_length=40, blank=True)
    text = models.TextField()
    picture = models.ForeignKey("messaging.Picture", models.DO_NOTHING, null=True, db_constraint=False)
    promo = models.ForeignKey("messaging.PromoVersion", models.DO_NOTHING, null=True, db_constraint=False)
    token = models.CharField(max_length=10)
    permit = models.JSONField(default=dict)
    release_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    optout_checked_at = models.DateTimeField(null=True)
    submitted_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    attempt = models.PositiveSmallIntegerField(default=0)
    account = models.CharField(max_length=20, blank=True)
    gateway_id = models.CharField(max_length=40, blank=True)
    gateway_code = models.CharField(max_length=40, blank=True)
    lookup_at = models.DateTimeField(null=True)
    lookups = models.PositiveSmallIntegerField(default=0)

    class Meta:
        managed = False
        db_table = "messaging_message"

    def __str__(self) -> str:
        return f"문자 {self.pk}"


class DeliveryReport(models.Model):
    """One thing a gateway said of one message. Kept as it came (numbers taken out), folded into the message later."""

    id = models.BigAutoField(primary_key=True)
    received_at = models.DateTimeField()
    account = models.CharField(max_length=20)
    message_id = models.BigIntegerField()
    token = models.CharField(max_length=10)
    gateway_id = models.CharField(max_length=40)
    outcome = models.CharField(max_length=12, choices=Outcome.choices)
    code = models.CharField(max_length=40)
    reported_at = models.DateTimeField()
    folded = models.BooleanField(default=False)
    payload = models.JSONField(default=dict)

    class Meta:
        managed = False
        db_table = "messaging_report"

    def __str__(self) -> str:
        return f"문자 {self.message_id} {self.code}"
