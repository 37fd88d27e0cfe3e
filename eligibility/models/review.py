"""What was shown to an owner, and what they said."""

from django.db import models
from django.db.models import Q

from eligibility.enums import ReviewAnswer, TryKind


class DraftReview(models.Model):
    """시안 확인: a link texted to an owner, on which they see what callers will get and say yes or what to change.

    Only the hash of the token is kept. The link shows the draft as it is at that moment; `seal` of an answer is
    eligibility.reviews.seal_of() of what was on the screen when it was given. The first device that opens the link is
    the only one that may answer: `device` is the hash of its cookie. `marks` are the places to change, names of
    eligibility.reviews.MARKS, `note` what the owner wrote. `version` is what the owner confirmed, frozen at that moment,
    and `agreed` the contract they confirmed with it (eligibility.review_screen.Terms.to_json()).
    """

    application = models.ForeignKey("eligibility.Application", models.CASCADE, related_name="reviews")
    token_hash = models.CharField(max_length=64, unique=True)
    mobile = models.CharField(max_length=11)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True)
    device = models.CharField(max_length=64, blank=True)
    answer = models.CharField(max_length=10, choices=ReviewAnswer.choices, default=ReviewAnswer.NONE)
    answered_at = models.DateTimeField(null=True)
    seal = models.CharField(max_length=64, blank=True)
    marks = models.JSONField(default=list)
    note = models.CharField(max_length=500, blank=True)
    version = models.ForeignKey("messaging.PromoVersion", models.PROTECT, null=True, related_name="+")
    agreed = models.JSONField(default=dict)
    sent_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(answer__in=ReviewAnswer.values), name="review_answer_known"),
            models.UniqueConstraint(
                "application", condition=Q(answer=ReviewAnswer.NONE), name="review_one_open_an_application"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application_id} {self.answer}"


class ContactTry(models.Model):
    """연락 시도: the owner was texted a draft or called. Three unanswered ones allow 먼저 개통 (rules.md §2)."""

    application = models.ForeignKey("eligibility.Application", models.CASCADE, related_name="tries")
    kind = models.CharField(max_length=5, choices=TryKind.choices)
    at = models.DateTimeField()
    answered = models.BooleanField(default=False)
    note = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["application", "-at"], name="contact_try_newest")]

    def __str__(self) -> str:
        return f"{self.application_id} {self.kind} {self.at:%Y-%m-%d %H:%M}"
