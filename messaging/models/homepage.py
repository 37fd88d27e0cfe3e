"""The mobile homepage (모바일 홈페이지): what a shop shows beside its promo, and its coupons."""

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q


class Homepage(models.Model):
    """What only the homepage says of a shop; name, hours, address and the promo itself are the shop's and the promo's.

    `intro` is a few lines of the owner's, `way` how to find the shop ("2번 출구 앞 2층")."""

    shop = models.OneToOneField("accounts.Shop", models.CASCADE, primary_key=True, related_name="homepage")
    intro = models.CharField("가게 소개", max_length=300, blank=True)
    way = models.CharField("찾아오는 길", max_length=120, blank=True)

    def __str__(self) -> str:
        return f"{self.shop_id}"


class MenuItem(models.Model):
    """메뉴: one thing the shop sells. `price` in won, VAT included; null: shown without one."""

    shop = models.ForeignKey("accounts.Shop", models.CASCADE, related_name="menu")
    name = models.CharField("이름", max_length=40)
    price = models.PositiveIntegerField(
        "값", null=True, blank=True, validators=[MaxValueValidator(99_999_999)]
    )
    note = models.CharField("설명", max_length=60, blank=True)
    sold_out = models.BooleanField("품절", default=False)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.name


class ShopPhoto(models.Model):
    """가게 사진: one of the shop's own pictures on its homepage."""

    shop = models.ForeignKey("accounts.Shop", models.CASCADE, related_name="photos")
    picture = models.ForeignKey("messaging.Picture", models.PROTECT, related_name="+")
    caption = models.CharField("설명", max_length=60, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint("shop", "picture", name="photo_once_a_shop")]

    def __str__(self) -> str:
        return f"사진 {self.pk}"


class Announcement(models.Model):
    """공지: a few lines, shown from `starts_on` through `ends_on` (null: until taken down)."""

    shop = models.ForeignKey("accounts.Shop", models.CASCADE, related_name="announcements")
    text = models.CharField("내용", max_length=200)
    starts_on = models.DateField("시작")
    ends_on = models.DateField("끝", null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-starts_on", "-id"]

    def __str__(self) -> str:
        return self.text[:20]


class CouponCode(models.Model):
    """쿠폰 번호: one phone's copy of one coupon, used at the counter once.

    `coupon_key` names the coupon (benefit and period: messaging.homepage.coupons.coupon_key), whatever versions its
    promo goes through; `holder` the phone: the recipient's blind index, or a random id kept in its cookie. `message_id`
    is the message it came by, null for somebody who found the homepage.
    """

    shop = models.ForeignKey("accounts.Shop", models.CASCADE, related_name="coupon_codes")
    promo = models.ForeignKey("messaging.PromoVersion", models.CASCADE, related_name="+")
    coupon_key = models.CharField(max_length=32)
    holder = models.BinaryField(max_length=16)
    code = models.CharField(max_length=6)
    message_id = models.BigIntegerField(null=True)
    issued_at = models.DateTimeField()
    redeemed_at = models.DateTimeField(null=True)
    redeemed_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = [
            # queries.coupons: a shop's used coupons, newest first
            models.Index(
                fields=["shop", "-redeemed_at"], condition=Q(redeemed_at__isnull=False), name="coupon_used"
            ),
        ]
        constraints = [
            models.UniqueConstraint("shop", "coupon_key", "holder", name="coupon_once_a_phone"),
            models.UniqueConstraint("shop", "code", name="coupon_code_once_a_shop"),
            models.CheckConstraint(
                condition=Q(redeemed_at__isnull=False) | Q(redeemed_by__isnull=True),
                name="coupon_redeemed_by_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.shop_id} {self.pk}"


class LinkOpen(models.Model):
    """The first time a person opened a message's link; link previews and robots are not people."""

    message_id = models.BigIntegerField(primary_key=True)
    shop_id = models.BigIntegerField()
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"문자 {self.message_id}"
