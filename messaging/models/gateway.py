"""What we know of gateways and of our own workers, shared by all processes."""

from django.db import models

from messaging.enums import BreakerState


class GatewayAccount(models.Model):
    """One account at one gateway: circuit breaker, client-side rate limit, balance as last read."""

    name = models.CharField(max_length=20, primary_key=True)
    breaker = models.CharField(max_length=10, choices=BreakerState.choices, default=BreakerState.CLOSED)
    failures = models.PositiveIntegerField(default=0)
    retry_at = models.DateTimeField(null=True)
    stop_reason = models.CharField(max_length=120, blank=True)
    next_request_at = models.DateTimeField()
    next_release_at = models.DateTimeField()
    balance = models.BigIntegerField(null=True)
    balance_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class GatewayPicture(models.Model):
    """A picture as a gateway account knows it, so that it is uploaded once."""

    account = models.CharField(max_length=20)
    picture = models.ForeignKey("messaging.Picture", models.CASCADE, related_name="uploads")
    file_id = models.CharField(max_length=80)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint("account", "picture", name="gateway_picture_once")]

    def __str__(self) -> str:
        return self.file_id


class WorkerSeen(models.Model):
    """When each worker process last ran its heartbeat task."""

    name = models.CharField(max_length=120, primary_key=True)
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
