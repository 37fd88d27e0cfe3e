"""What a shop says to its callers."""

from django.db import models
from django.db.models import Q

from messaging.template_kinds import TemplateKind


class Picture(models.Model):
    """A picture fit to be sent: baseline JPEG, sRGB, ≤ 200,000 bytes, longest side ≤ 1,000 px (rules.md §5)."""

    shop = models.ForeignKey("accounts.Shop", models.CASCADE, null=True, related_name="pictures")
    sha256 = models.CharField(max_length=64)
    file = models.FileField(upload_to="pictures/")
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("shop", "sha256", nulls_distinct=False, name="picture_once_a_shop"),
        ]

    def __str__(self) -> str:
        return f"그림 {self.pk}"


class PromoVersion(models.Model):
    """홍보 콘텐츠: one immutable version. PostgreSQL refuses any change but to `live` and `standing`.

    `live` is what callers get now; `standing` is the shop's 공통형, which takes over when a live promo's period is
    over (rules.md §4), so that a shop never falls silent. `details` holds what the kind has of its own
    (messaging.template_kinds.DETAILS), `shows_hours` whether the shop's hours are a line of the message.
    """

    KINDS = [(kind.value, kind.label) for kind in TemplateKind]

    shop = models.ForeignKey("accounts.Shop", models.CASCADE, related_name="promos")
    number = models.PositiveIntegerField()
    kind = models.CharField("종류", max_length=10, choices=KINDS)
    headline = models.CharField("제목", max_length=60)
    body = models.TextField("내용")
    starts_on = models.DateField("시작", null=True)
    ends_on = models.DateField("끝", null=True)
    details = models.JSONField(default=dict)
    shows_hours = models.BooleanField("영업시간 넣기", default=False)
    picture = models.ForeignKey(Picture, models.PROTECT, null=True)
    created_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    live = models.BooleanField(default=False)
    standing = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint("shop", "number", name="promo_number_once_a_shop"),
            models.UniqueConstraint("shop", condition=Q(live=True), name="promo_one_live_a_shop"),
            models.UniqueConstraint("shop", condition=Q(standing=True), name="promo_one_standing_a_shop"),
            models.CheckConstraint(
                condition=~Q(standing=True) | Q(ends_on__isnull=True), name="promo_standing_never_ends"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.headline} (v{self.number})"
