"""Cards (자동 결제 카드) and what was asked of them. A charge is a row before it is a request."""

from django.db import models
from django.db.models import Q


class CardState(models.TextChoices):
    """Whether a card may be charged."""

    ACTIVE = "active", "쓰는 중"
    BROKEN = "broken", "쓸 수 없음"
    REMOVED = "removed", "지움"


class Card(models.Model):
    """카드 of a shop. `billing_key_sealed` is the payment company's key: no address reads it back from them, so it is stored
    before anything else, and empty once they have forgotten it; `key_index` is its blind index, for what they say of it.
    `fingerprint` is a blind index of the masked number, to see the same card at two shops. A `broken_for` of an active card is
    what was said of it and is not proven: 확인 필요, its next charge decides."""

    shop = models.ForeignKey("accounts.Shop", models.PROTECT, related_name="cards")
    state = models.CharField(max_length=7, choices=CardState.choices, default=CardState.ACTIVE)
    customer_key = models.CharField(max_length=50)
    billing_key_sealed = models.BinaryField()
    key_index = models.BinaryField(max_length=32)
    number = models.CharField(max_length=24)
    issuer = models.CharField(max_length=30, blank=True)
    fingerprint = models.BinaryField(max_length=32)
    broken_for = models.CharField(max_length=120, blank=True)
    by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["fingerprint"], name="card_same"),
            # billing.card_hints
            models.Index(fields=["key_index"], name="card_by_key"),
        ]
        constraints = [
            models.UniqueConstraint("shop", condition=Q(state="active"), name="card_one_a_shop"),
            models.CheckConstraint(condition=Q(state__in=CardState.values), name="card_state_known"),
        ]

    def __str__(self) -> str:
        return self.number


class ChargeState(models.TextChoices):
    """How far a charge is. SUBMITTING and UNCERTAIN may have moved money: they are looked up, never repeated."""

    PREPARED = "prepared", "보낼 예정"
    SUBMITTING = "submitting", "결제 중"
    UNCERTAIN = "uncertain", "확인 중"
    PAID = "paid", "결제됨"
    DECLINED = "declined", "거절됨"
    ABANDONED = "abandoned", "그만둠"


class CardCharge(models.Model):
    """카드 결제 한 번. `order_id` is made with the row and never again, `idempotency_key`
    anew only where the company answered under it that nothing was charged: such answers are replayed. `next_at` is when it is to be
    submitted or looked up. `entry` is the payment it became."""

    shop = models.ForeignKey("accounts.Shop", models.PROTECT, related_name="charges")
    card = models.ForeignKey(Card, models.PROTECT, related_name="charges")
    invoice = models.ForeignKey("billing.Invoice", models.PROTECT, null=True, related_name="charges")
    state = models.CharField(max_length=10, choices=ChargeState.choices, default=ChargeState.PREPARED)
    amount_krw = models.PositiveIntegerField()
    order_id = models.CharField(max_length=64, unique=True)
    idempotency_key = models.CharField(max_length=64, unique=True)
    tries = models.PositiveSmallIntegerField(default=0)
    code = models.CharField(max_length=60, blank=True)
    why = models.CharField(max_length=200, blank=True)
    payment_key = models.CharField(max_length=200, blank=True)
    receipt_url = models.CharField(max_length=500, blank=True)
    raw = models.JSONField(default=dict)
    by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    next_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    entry = models.OneToOneField("billing.LedgerEntry", models.PROTECT, null=True, related_name="charge")

    class Meta:
        indexes = [
            # billing.charges.submit_due and look_up_due
            models.Index(
                fields=["next_at"],
                condition=Q(state__in=["prepared", "submitting", "uncertain"]),
                name="charge_to_do",
            ),
        ]
        constraints = [
            # While one may have moved money, another would be a second payment.
            models.UniqueConstraint(
                "shop",
                condition=Q(state__in=["prepared", "submitting", "uncertain"]),
                name="charge_one_open_a_shop",
            ),
            models.CheckConstraint(condition=Q(state__in=ChargeState.values), name="charge_state_known"),
            models.CheckConstraint(condition=Q(amount_krw__gt=0), name="charge_of_something"),
        ]

    def __str__(self) -> str:
        return self.order_id


class CardCancel(models.Model):
    """카드 결제 취소, whole or in part: prepared, then asked of the payment company. `entry` is the money given back."""

    charge = models.ForeignKey(CardCharge, models.PROTECT, related_name="cancels")
    state = models.CharField(max_length=10, choices=ChargeState.choices, default=ChargeState.PREPARED)
    amount_krw = models.PositiveIntegerField()
    reason = models.CharField(max_length=200)
    idempotency_key = models.CharField(max_length=64, unique=True)
    #: What the payment had left before, so that an unknown result can be read off it.
    left_before_krw = models.PositiveIntegerField()
    tries = models.PositiveSmallIntegerField(default=0)
    code = models.CharField(max_length=60, blank=True)
    by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    next_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    entry = models.OneToOneField("billing.LedgerEntry", models.PROTECT, null=True, related_name="cancel")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "charge",
                condition=Q(state__in=["prepared", "submitting", "uncertain"]),
                name="cancel_one_open_a_charge",
            ),
            models.CheckConstraint(condition=Q(amount_krw__gt=0), name="cancel_of_something"),
        ]

    def __str__(self) -> str:
        return f"{self.charge_id} {self.amount_krw}"


class CardHint(models.Model):
    """What the payment company's webhook said: a hint, unsigned, never believed. `transmission_id` makes it one. `known`: it
    names a charge or a card of ours; `looked_at` is when the company was asked about it."""

    transmission_id = models.CharField(max_length=100, unique=True)
    event = models.CharField(max_length=60)
    order_id = models.CharField(max_length=64, blank=True)
    known = models.BooleanField(default=False)
    received_at = models.DateTimeField()
    looked_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            # billing.card_hints.follow
            models.Index(
                fields=["id"], condition=Q(known=True, looked_at__isnull=True), name="hint_to_follow"
            ),
        ]

    def __str__(self) -> str:
        return self.transmission_id
