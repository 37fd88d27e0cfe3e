"""Merchant, Shop, Line, Membership. `Shop` carries all that messaging needs at call time (design.md §3)."""

from typing import TYPE_CHECKING

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from shopmsg.accounts.enums import MemberRole, NightPolicy, NoticeState, Product, ShopStatus

if TYPE_CHECKING:
    from shopmsg.accounts.models.user import User


class Merchant(models.Model):
    """A business, 사업자. `business_number` is its ten digits, check digit included (rules.md §1)."""

    name = models.CharField("상호", max_length=60)
    business_number = models.CharField("사업자등록번호", max_length=10, unique=True)
    created_at = models.DateTimeField("등록", auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "사업자"

    def __str__(self) -> str:
        return self.name


class ShopQuerySet(models.QuerySet["Shop"]):
    def visible_to(self, user: "User") -> "ShopQuerySet":
        """The shops a person may look at: those they are a member of. Staff see shops on staff pages only."""
        return self.filter(memberships__user_id=user.pk)

    def editable_by(self, user: "User") -> "ShopQuerySet":
        """The shops a person may change."""
        return self.filter(
            memberships__user_id=user.pk, memberships__role__in=[MemberRole.OWNER, MemberRole.EDITOR]
        )


class Shop(models.Model):
    """A shop, 가게: what its callers read and what it may send.

    `week` are the opening hours (shopmsg.core.opening.Week.to_json()) and `hours` the same in one line, written
    together; a shop whose signup knew only a line has no `week`. A shop whose sending is off starts again by itself at
    `off_until`. `release_hour` is the KST hour at which a night's promos leave.
    """

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="shops", verbose_name="사업자")
    name = models.CharField("가게 이름", max_length=40)
    slug = models.SlugField("주소 이름", max_length=40, unique=True)
    ksic = models.CharField("업종", max_length=5)
    product = models.CharField("상품", max_length=10, choices=Product.choices, default=Product.SOHO)
    address = models.CharField("주소", max_length=120, blank=True)
    hours = models.CharField("영업시간", max_length=80, blank=True)
    week = models.JSONField("요일별 영업시간", default=dict, blank=True)
    status = models.CharField("상태", max_length=10, choices=ShopStatus.choices, default=ShopStatus.PENDING)
    status_reason = models.CharField("상태 이유", max_length=120, blank=True)
    sending_on = models.BooleanField("발송", default=True)
    off_until = models.DateTimeField("쉬는 때까지", null=True, blank=True)
    daily_cap = models.PositiveIntegerField("하루 한도", default=500)
    min_call_seconds = models.PositiveSmallIntegerField(
        "최소 통화 시간(초)", default=10, validators=[MinValueValidator(0), MaxValueValidator(600)]
    )
    night_policy = models.CharField(
        "밤에 온 전화", max_length=4, choices=NightPolicy.choices, default=NightPolicy.HOLD
    )
    release_hour = models.PositiveSmallIntegerField(
        "아침에 보내는 시", default=8, validators=[MinValueValidator(8), MaxValueValidator(20)]
    )
    optout_080 = models.CharField("무료수신거부 번호", max_length=11)
    optout_code = models.CharField("수신거부 가게 번호", max_length=8, blank=True)
    created_at = models.DateTimeField("등록", auto_now_add=True)

    objects = ShopQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "가게"
        constraints = [
            models.CheckConstraint(condition=Q(product__in=Product.values), name="shop_product_known"),
            models.CheckConstraint(condition=Q(status__in=ShopStatus.values), name="shop_status_known"),
            models.UniqueConstraint(
                "optout_080", "optout_code", condition=~Q(optout_code=""), name="shop_optout_code_unique"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def first_owner(self) -> "User | None":
        """In whose name staff act here; None in a shop that has nobody yet."""
        owners = self.memberships.filter(role=MemberRole.OWNER).select_related("user")
        owner = owners.order_by("created_at", "pk").first()
        return owner.user if owner else None


class OldSlug(models.Model):
    """An address a shop's homepage had before: links that went out keep working, and no other shop may take it."""

    slug = models.SlugField(max_length=40, primary_key=True)
    shop = models.ForeignKey(Shop, models.CASCADE, related_name="old_slugs")
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.slug


class Line(models.Model):
    """A shop's phone number, 매장 전화, with the state of its ringback notice. It is also what promos are sent
    from, once its certificate is accepted (발신번호 사전등록, rules.md §8)."""

    shop = models.ForeignKey(Shop, models.PROTECT, related_name="lines", verbose_name="가게")
    number = models.CharField("전화번호", max_length=12, unique=True)
    notice_state = models.CharField(
        "통화연결음 안내", max_length=10, choices=NoticeState.choices, default=NoticeState.NONE
    )
    notice_active_since = models.DateTimeField("안내 시작", null=True, blank=True)
    sender_accepted_at = models.DateTimeField("발신번호 승인", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "매장 전화"
        constraints = [
            models.CheckConstraint(
                condition=~Q(notice_state=NoticeState.ACTIVE) | Q(notice_active_since__isnull=False),
                name="line_active_notice_has_start",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class Membership(models.Model):
    """A person's place in a shop. A shop has at least one owner. `muted` are the NoticeKinds this person does not want
    of this shop."""

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="memberships", verbose_name="가게")
    user = models.ForeignKey("accounts.User", models.CASCADE, related_name="memberships", verbose_name="사람")
    role = models.CharField("권한", max_length=10, choices=MemberRole.choices, default=MemberRole.OWNER)
    muted = models.JSONField("받지 않는 알림", default=list, blank=True)
    created_at = models.DateTimeField("등록", auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "가게 사람"
        ordering = [F("created_at").asc()]
        constraints = [models.UniqueConstraint("shop", "user", name="membership_once_a_shop")]

    def __str__(self) -> str:
        return f"{self.shop} · {self.user}"
