"""Delegation: a member of staff works on a shop in its owner's place; scoped, timed, and visible to the owner."""

from django.db import models
from django.db.models import F, Q

from shopmsg.accounts.enums import DelegationScope


class Delegation(models.Model):
    """대행: what `scope` names may be done in this shop until `ends_at`, or until somebody ends it (`ended_at`).

    `return_to` is the path of ours the member of staff came from. One whose time is over counts as ended although
    nobody has written it down yet.
    """

    staff = models.ForeignKey(
        "accounts.User", models.PROTECT, related_name="delegations", verbose_name="직원"
    )
    shop = models.ForeignKey("accounts.Shop", models.PROTECT, related_name="delegations", verbose_name="가게")
    scope = models.CharField("범위", max_length=10, choices=DelegationScope.choices)
    reason = models.CharField("이유", max_length=200)
    return_to = models.CharField("돌아갈 곳", max_length=200)
    began_at = models.DateTimeField("시작")
    ends_at = models.DateTimeField("끝나는 때")
    ended_at = models.DateTimeField("마친 때", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "대행"
        constraints = [
            models.UniqueConstraint(
                "staff", "shop", condition=Q(ended_at__isnull=True), name="delegation_one_open"
            ),
            models.CheckConstraint(
                condition=Q(scope__in=DelegationScope.values), name="delegation_scope_known"
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("began_at")), name="delegation_ends_after_it_began"
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"
