"""Offers (변경 제안): a change an agent prepared and the owner confirms by link."""

from django.db import models
from django.db.models import Q

from billing.enums import ChangeKind


class OfferState(models.TextChoices):
    """What became of an offer."""

    SENT = "sent", "보냄"
    CONFIRMED = "confirmed", "확인함"
    DECLINED = "declined", "원하지 않음"
    WITHDRAWN = "withdrawn", "거둠"


class ChangeOffer(models.Model):
    """변경 제안. `fields` are the arguments of the change (billing.plan_change.Wanted), `promised` what the owner was shown in
    won; a confirmation counts only while the same would be shown. The link's token is kept as a hash alone."""

    shop = models.ForeignKey("accounts.Shop", models.PROTECT, related_name="change_offers")
    state = models.CharField(max_length=9, choices=OfferState.choices, default=OfferState.SENT)
    kind = models.CharField(max_length=18, choices=ChangeKind.choices)
    fields = models.JSONField(default=dict)
    promised = models.JSONField(default=dict)
    token_hash = models.BinaryField(max_length=32, unique=True)
    made_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    address = models.GenericIPAddressField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("shop", condition=Q(state="sent"), name="change_offer_one_open"),
            models.CheckConstraint(condition=Q(state__in=OfferState.values), name="change_offer_state_known"),
        ]

    def __str__(self) -> str:
        return f"{self.shop_id} {self.kind}"
