"""Rows behind logging in: the six-digit codes sent, and how often somebody may try."""

from django.db import models
from django.db.models import Q


class LoginCode(models.Model):
    """A six-digit code sent to a mobile number. Only its hash is kept; three minutes, five tries, one use."""

    user = models.ForeignKey("accounts.User", models.CASCADE, related_name="login_codes")
    code_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    tries_left = models.PositiveSmallIntegerField(default=5)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["user", "-created_at"], condition=Q(used_at__isnull=True), name="login_code_open"
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"


class LoginLink(models.Model):
    """로그인 링크: lets one person in once, without a code. Only the hash of its token is kept; opening it asks, and
    only the button uses it up, so that link previews let nobody in."""

    token_hash = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey("accounts.User", models.CASCADE, related_name="login_links")
    shop = models.ForeignKey("accounts.Shop", models.CASCADE, null=True, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"#{self.pk}"


class Throttle(models.Model):
    """A token bucket in PostgreSQL: `key` is an action and a hash of whom it counts, never a number or address."""

    key = models.CharField(max_length=80, primary_key=True)
    tokens = models.FloatField()
    updated_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.key
