"""Application (청약): one signup from the first word to activation."""

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from billing.enums import Bundle
from eligibility.enums import (
    ApplicantKind,
    ApplicationState,
    ContentState,
    LineOwner,
    RegistryState,
    RevenueProof,
    Source,
)
from shopmsg.accounts.enums import Product, Role

if TYPE_CHECKING:
    from shopmsg.accounts.models import User


class ApplicationQuerySet(models.QuerySet["Application"]):
    def visible_to(self, user: "User") -> "ApplicationQuerySet":
        """What a member of staff may look at: agents and admins everything, producers what has been received, a
        dealer what came in through its own dealership."""
        if user.role in (Role.AGENT, Role.ADMIN):
            return self.all()
        if user.role == Role.PRODUCER:
            return self.filter(received_at__isnull=False)
        if user.role == Role.DEALER and user.dealership_id is not None:
            return self.filter(dealership_id=user.dealership_id)
        return self.none()


class Application(models.Model):
    """청약. `form` holds every field as it was typed, readable or not, so that nothing typed is ever lost; the columns
    hold the same as far as it could be read (eligibility.form), and are null or empty where it could not. `revision`
    counts changes of the form, so that two agents notice each other. `reasons` are the codes and sentences of the last
    decision. `shop` is made when the application is received, and is PENDING until activation; `owner` is the
    account the owner got by confirming. The moments are each the first time the step was reached; for the funnel.
    """

    source = models.CharField("유입 경로", max_length=10, choices=Source.choices)
    dealership = models.ForeignKey(
        "accounts.Dealership", models.PROTECT, null=True, blank=True, verbose_name="대리점"
    )
    state = models.CharField(
        "상태", max_length=10, choices=ApplicationState.choices, default=ApplicationState.FORM
    )
    content = models.CharField(
        "시안", max_length=10, choices=ContentState.choices, default=ContentState.WAITING
    )
    form = models.JSONField(default=dict)
    revision = models.PositiveIntegerField(default=0)
    reasons = models.JSONField(default=list)

    kind = models.CharField(
        "신청인", max_length=12, choices=ApplicantKind.choices, default=ApplicantKind.MERCHANT
    )
    business_number = models.CharField("사업자등록번호", max_length=10, blank=True)
    registry = models.CharField(
        "사업자 상태", max_length=12, choices=RegistryState.choices, default=RegistryState.UNCHECKED
    )
    registry_checked_at = models.DateTimeField(null=True)
    registry_tries = models.PositiveSmallIntegerField(default=0)
    business_name = models.CharField("상호", max_length=60, blank=True)
    owner_name = models.CharField("대표자", max_length=40, blank=True)
    owner_mobile = models.CharField("사장님 휴대폰", max_length=11, blank=True)
    shop_name = models.CharField("가게 이름", max_length=40, blank=True)
    address = models.CharField("주소", max_length=120, blank=True)
    hours = models.CharField("영업시간", max_length=80, blank=True)
    ksic = models.CharField("업종", max_length=5, blank=True)
    annual_revenue = models.BigIntegerField("연 매출", null=True)
    revenue_proof = models.CharField("매출 증빙", max_length=10, choices=RevenueProof.choices, blank=True)
    line_number = models.CharField("매장 전화", max_length=12, blank=True)
    line_owner = models.CharField("회선 명의", max_length=5, choices=LineOwner.choices, blank=True)
    line_owner_name = models.CharField("명의자", max_length=40, blank=True)
    product = models.CharField("상품", max_length=10, choices=Product.choices, default=Product.SOHO)
    term_months = models.PositiveSmallIntegerField("약정", default=0)
    bundle = models.CharField("결합", max_length=14, choices=Bundle.choices, default=Bundle.NONE)
    specials = models.CharField("우리 가게 자랑", max_length=500, blank=True)

    callback_wanted = models.BooleanField("전화 요청", default=False)
    #: The form of the public site it was sent with, so that a form sent twice is one application.
    submission = models.CharField(max_length=32, null=True, unique=True)
    shop = models.ForeignKey("accounts.Shop", models.PROTECT, null=True, related_name="applications")
    owner = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="applications")
    #: The draft as it was last made from the form; a draft that differs was written by hand and stays.
    draft_made = models.JSONField(default=dict)
    created_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField("시작")
    updated_at = models.DateTimeField()
    received_at = models.DateTimeField("접수", null=True)
    eligible_at = models.DateTimeField("가입 가능", null=True)
    drafted_at = models.DateTimeField("시안 보냄", null=True)
    confirmed_at = models.DateTimeField("확정", null=True)
    active_at = models.DateTimeField("개통", null=True)
    ended_at = models.DateTimeField("가입 불가 또는 취소", null=True)
    #: By when the draft is promised.
    content_due_at = models.DateTimeField("시안 약속", null=True)

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "신청"
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=ApplicationState.values), name="application_state_known"
            ),
            models.CheckConstraint(
                condition=Q(content__in=ContentState.values), name="application_content_known"
            ),
            models.CheckConstraint(condition=Q(source__in=Source.values), name="application_source_known"),
            models.CheckConstraint(
                condition=Q(source=Source.DEALER, dealership__isnull=False)
                | (~Q(source=Source.DEALER) & Q(dealership__isnull=True)),
                name="application_dealer_has_dealership",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[ApplicationState.ACTIVATING, ApplicationState.ACTIVE])
                | Q(shop__isnull=False),
                name="application_active_has_shop",
            ),
        ]
        indexes = [
            # desk and dealer lists, newest first
            models.Index(fields=["-id"], condition=Q(state="form"), name="application_forms"),
            models.Index(fields=["dealership", "-id"], name="application_of_a_dealer"),
            # production.queue: what is to be made or comes back, by promise
            models.Index(
                fields=["content_due_at"],
                condition=~Q(content="confirmed") & Q(received_at__isnull=False) & Q(ended_at__isnull=True),
                name="application_to_make",
            ),
            # registry_checks.recheck
            models.Index(
                fields=["registry_checked_at"],
                condition=Q(state__in=["form", "received", "eligible"]) & ~Q(business_number=""),
                name="application_to_recheck",
            ),
            # form_checks: is this number a customer already, has somebody begun
            models.Index(fields=["business_number"], name="application_of_a_business"),
            models.Index(fields=["received_at"], name="application_received"),
            # activation.ready
            models.Index(
                fields=["id"],
                condition=Q(state="activating") | Q(state="eligible", content="confirmed"),
                name="application_to_activate",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.shop_name or self.business_name or '이름 없음'} ({self.pk})"


class ApplicationChange(models.Model):
    """One change of one field of an application's form: who, when, from where. `aside`: it met somebody else's change
    and was not taken over; what was typed is here, until somebody has chosen between the two (`settled`)."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="changes")
    revision = models.PositiveIntegerField()
    field = models.CharField(max_length=30)
    before = models.TextField(blank=True)
    after = models.TextField(blank=True)
    visit = models.CharField(max_length=32)
    aside = models.BooleanField(default=False)
    settled = models.BooleanField(default=False)
    by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    address = models.GenericIPAddressField(null=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [
            # applications.save: what happened to a field since a revision
            models.Index(fields=["application", "-revision"], name="application_change_newest"),
            # conflicts.open_conflicts
            models.Index(
                fields=["application"],
                condition=Q(aside=True, settled=False),
                name="application_change_to_choose",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application_id} r{self.revision} {self.field}"
