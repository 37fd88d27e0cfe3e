"""Money that comes in by other ways than cards: bank statements and the carrier's phone bill."""

from django.db import models
from django.db.models import Q


class BankImport(models.Model):
    """통장 내역 올리기: one file. `problems` are its rows that could not be read: [{"row", "field", "value", "why"}]."""

    name = models.CharField(max_length=120)
    sha256 = models.CharField(max_length=64)
    rows = models.PositiveIntegerField(default=0)
    added = models.PositiveIntegerField(default=0)
    repeated = models.PositiveIntegerField(default=0)
    withdrawals = models.PositiveIntegerField(default=0)
    problems = models.JSONField(default=list)
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class BankLineState(models.TextChoices):
    """What became of a line of the bank's statement."""

    OPEN = "open", "주인을 찾는 중"
    MATCHED = "matched", "가게에 넣음"
    SET_ASIDE = "set_aside", "우리 것이 아님"


class BankLine(models.Model):
    """통장 한 줄 (입금). `key` is made of what the bank says of it, so that the same line in another file is the same line.
    `balance_krw` is what the account held after it, null when the file did not say. `why` says how it was matched, or why not
    yet ("" until it has been looked at); `entry` is the payment it became."""

    imported = models.ForeignKey(BankImport, models.PROTECT, related_name="lines")
    key = models.CharField(max_length=64, unique=True)
    at = models.DateTimeField()
    amount_krw = models.PositiveIntegerField()
    sender = models.CharField(max_length=60, blank=True)
    memo = models.CharField(max_length=100, blank=True)
    balance_krw = models.BigIntegerField(null=True)
    state = models.CharField(max_length=9, choices=BankLineState.choices, default=BankLineState.OPEN)
    why = models.CharField(max_length=120, blank=True)
    shop = models.ForeignKey("accounts.Shop", models.PROTECT, null=True, related_name="+")
    entry = models.OneToOneField("billing.LedgerEntry", models.PROTECT, null=True, related_name="bank_line")
    decided_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["-at"], condition=Q(state="open"), name="bank_line_open"),
            # billing.bank: which lines are known already
            models.Index(fields=["at", "amount_krw"], name="bank_line_known"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(amount_krw__gt=0), name="bank_line_of_something"),
            models.CheckConstraint(
                condition=Q(state="matched", entry__isnull=False)
                | (~Q(state="matched") & Q(entry__isnull=True)),
                name="bank_line_matched_is_paid",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d} {self.amount_krw}"


class PhoneBillState(models.TextChoices):
    """What the carrier said of an amount on the phone bill."""

    EXPORTED = "exported", "KT에 넘김"
    PAID = "paid", "받음"
    FAILED = "failed", "못 받음"


class PhoneBillBatch(models.Model):
    """KT 전화요금 합산: the file of one month that the carrier puts on the phone bills. `problems` are the rows of its newest answer
    that could not be taken: [{"row", "field", "value", "why"}]."""

    month = models.DateField(unique=True)
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    problems = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"


class PhoneBillRow(models.Model):
    """One shop's amount in it. `entry` is the payment it became: billing.phone_bill.settle makes it of every row that is
    PAID and has none."""

    batch = models.ForeignKey(PhoneBillBatch, models.PROTECT, related_name="rows")
    shop = models.ForeignKey("accounts.Shop", models.PROTECT, related_name="+")
    invoice = models.ForeignKey("billing.Invoice", models.PROTECT, related_name="+")
    line = models.CharField(max_length=11)
    amount_krw = models.PositiveIntegerField()
    state = models.CharField(max_length=8, choices=PhoneBillState.choices, default=PhoneBillState.EXPORTED)
    why = models.CharField(max_length=120, blank=True)
    entry = models.OneToOneField(
        "billing.LedgerEntry", models.PROTECT, null=True, related_name="phone_bill_row"
    )

    class Meta:
        indexes = [
            # billing.phone_bill.settle
            models.Index(
                fields=["id"], condition=Q(state="paid", entry__isnull=True), name="phone_bill_row_to_post"
            ),
        ]
        constraints = [
            models.UniqueConstraint("batch", "shop", name="phone_bill_row_one_a_shop"),
            models.CheckConstraint(condition=Q(amount_krw__gt=0), name="phone_bill_row_of_something"),
        ]

    def __str__(self) -> str:
        return f"{self.batch_id} {self.shop_id}"
