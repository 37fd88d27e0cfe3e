"""Account (청구 계정): what billing knows of a shop beside its contract, and the steps of an unpaid bill."""

from django.db import models
from django.db.models import Q

from billing.enums import PayMethod


class Account(models.Model):
    """청구 계정, one a shop, made with its first subscription. Its row lock is what puts everything that moves a shop's money
    in order. `balance_krw` is Σ invoices − Σ payments, kept by billing.ledger alone: positive is owed, negative is ours to
    give back. `unpaid_since` is the due day of the oldest invoice that is not settled. `billed_through` is the month (its
    first day) invoiced last. `deposit_code` is what a transfer's sender writes behind the shop's name. `dunning_step` is the
    day of the last step taken (0, 3, 7, 14, 30), `stopped_at` when sending was stopped for not paying, `hold_until` the last
    day through which an admin put the stop off (정지 미루기).

    The `tax_` fields are what a tax invoice says of the buyer beside the merchant's name and number.
    """

    shop = models.OneToOneField("accounts.Shop", models.PROTECT, related_name="account")
    method = models.CharField(max_length=10, choices=PayMethod.choices, default=PayMethod.NONE)
    balance_krw = models.BigIntegerField(default=0)
    unpaid_since = models.DateField(null=True)
    billed_through = models.DateField(null=True)
    deposit_code = models.CharField(max_length=6, unique=True)
    referral_code = models.CharField(max_length=8, unique=True)
    dunning_step = models.PositiveSmallIntegerField(default=0)
    stopped_at = models.DateTimeField(null=True)
    hold_until = models.DateField(null=True)
    phone_bill_line = models.CharField(max_length=11, blank=True)
    tax_name = models.CharField(max_length=60, blank=True)
    tax_representative = models.CharField(max_length=30, blank=True)
    tax_address = models.CharField(max_length=150, blank=True)
    tax_business_type = models.CharField(max_length=40, blank=True)
    tax_business_item = models.CharField(max_length=40, blank=True)
    tax_email = models.EmailField(max_length=40, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [
            # billing.dunning.due and the unpaid list
            models.Index(
                fields=["unpaid_since", "id"],
                condition=Q(unpaid_since__isnull=False),
                name="account_unpaid",
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(method__in=PayMethod.values), name="account_method_known"),
            # Who owes nothing is not late.
            models.CheckConstraint(
                condition=Q(unpaid_since__isnull=True) | Q(balance_krw__gt=0), name="account_late_owes"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.shop_id} {self.balance_krw}"


class DunningStep(models.Model):
    """미납 안내: one step taken for one unpaid invoice; the key makes taking it twice harmless."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="dunning_steps")
    unpaid_since = models.DateField()
    step = models.PositiveSmallIntegerField()
    owed_krw = models.BigIntegerField()
    taken_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint("account", "unpaid_since", "step", name="dunning_step_once"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.unpaid_since} {self.step}"


class ReferralState(models.TextChoices):
    """What became of a referral."""

    WAITING = "waiting", "첫 납부를 기다림"
    REWARDED = "rewarded", "한 달 무료를 드림"
    REFUSED = "refused", "드릴 수 없음"


class Referral(models.Model):
    """추천 (rules.md §3): `shop` was brought by `referrer`. Both get a month free when the new shop pays its first bill."""

    shop = models.OneToOneField("accounts.Shop", models.PROTECT, related_name="referral")
    referrer = models.ForeignKey("accounts.Shop", models.PROTECT, related_name="referrals")
    state = models.CharField(max_length=8, choices=ReferralState.choices, default=ReferralState.WAITING)
    refused_for = models.CharField(max_length=120, blank=True)
    created_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(shop=models.F("referrer")), name="referral_of_another"),
        ]

    def __str__(self) -> str:
        return f"{self.referrer_id} {self.shop_id}"
