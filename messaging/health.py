"""How the pipeline is doing: what the operator's page and /readyz ask. Nothing here names a phone number."""

import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import redis
from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import DatabaseError

from messaging import partitions
from messaging.enums import CallState, MessageState
from messaging.models import CallEnd, DeliveryReport, GatewayAccount, Message, WorkerSeen

#: /readyz wants a worker seen within this (issue 2).
WORKER_FRESH: Final = timedelta(seconds=30)
#: Unsent and undecided rows are younger than this: bounds the partitions looked into.
_HORIZON: Final = timedelta(days=4)
#: Counting stops here; the page says "1,000건 이상".
MOST_COUNTED: Final = 1_000
PAGE: Final = 30


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits. Moments are of the oldest; None when nothing waits. Counts stop at MOST_COUNTED."""

    oldest_call: datetime | None
    oldest_message: datetime | None
    held: int
    next_release: datetime | None
    uncertain: int
    reports: int


@dataclass(frozen=True, slots=True)
class Room:
    """Bytes on the disk of DATA_DIR, of the database; months of partitions made ahead, rows outside them."""

    disk_free: int
    disk_total: int
    database: int
    months_ready: int
    strays: int


@dataclass(frozen=True, slots=True)
class OpenFate:
    """A message whose fate is uncertain, or was never found out. No number, no text."""

    id: int
    reference: str
    state: str
    state_label: str
    code: str
    account: str
    submitted_at: datetime | None
    next_lookup: datetime | None
    lookups: int


@dataclass(frozen=True, slots=True)
class OpenFates:
    """`older` is the key of the next page, None on the last."""

    rows: tuple[OpenFate, ...]
    older: int | None


def queue(now: datetime) -> Queue:
    """What waits in the pipeline, from the partial indexes its own claims use."""
    messages = Message.objects.filter(created_at__gt=now - _HORIZON)
    held = messages.filter(state=MessageState.HELD)
    return Queue(
        oldest_call=CallEnd.objects.filter(state=CallState.WAITING)
        .order_by("pk")
        .values_list("received_at", flat=True)
        .first(),
        oldest_message=messages.filter(state=MessageState.QUEUED, release_at__lte=now)
        .order_by("release_at")
        .values_list("release_at", flat=True)
        .first(),
        held=held[:MOST_COUNTED].count(),
        next_release=held.order_by("release_at").values_list("release_at", flat=True).first(),
        uncertain=messages.filter(state=MessageState.UNCERTAIN)[:MOST_COUNTED].count(),
        reports=DeliveryReport.objects.filter(folded=False)[:MOST_COUNTED].count(),
    )


def open_fates(before: int | None = None) -> OpenFates:
    """Uncertain and unknown messages, newest first."""
    found = Message.objects.filter(state__in=[MessageState.UNCERTAIN, MessageState.UNKNOWN]).order_by("-pk")
    if before is not None:
        found = found.filter(pk__lt=before)
    rows = [
        OpenFate(
            id=message.pk,
            # As dispatch gives it to the gateway.
            reference=f"{message.pk}-{message.token}",
            state=message.state,
            state_label=message.get_state_display(),
            code=message.gateway_code,
            account=message.account,
            submitted_at=message.submitted_at,
            next_lookup=message.lookup_at if message.state == MessageState.UNCERTAIN else None,
            lookups=message.lookups,
        )
        for message in found.defer("text", "recipient_sealed", "permit")[: PAGE + 1]
    ]
    return OpenFates(tuple(rows[:PAGE]), rows[PAGE - 1].id if len(rows) > PAGE else None)


def accounts() -> list[GatewayAccount]:
    """Gateway accounts with breaker and balance."""
    return list(GatewayAccount.objects.order_by("name"))


def workers(now: datetime) -> list[WorkerSeen]:
    """Workers seen within a day, freshest first."""
    return list(WorkerSeen.objects.filter(seen_at__gt=now - timedelta(days=1)).order_by("-seen_at")[:50])


def room(now: datetime) -> Room:
    """How much room is left, on disk and in partitions."""
    data_dir = Path(settings.DATA_DIR)
    disk = shutil.disk_usage(data_dir if data_dir.exists() else data_dir.parent)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        (size,) = cursor.fetchone()
    return Room(
        disk_free=disk.free,
        disk_total=disk.total,
        database=size,
        months_ready=partitions.months_ready(now),
        strays=partitions.strays(),
    )


def redis_answers() -> bool:
    """Whether Redis answers a ping within half a second."""
    client = redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=0.5, socket_connect_timeout=0.5, single_connection_client=False
    )
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()


def readiness(now: datetime) -> dict[str, str]:
    """{"database", "redis", "migrations", "worker"}: each "ok", or the word for what is wrong."""
    state = {"redis": "ok" if redis_answers() else "down"}
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        state["database"] = "ok"
        state["migrations"] = "ok" if _migrated() else "pending"
        state["worker"] = "ok" if state["migrations"] == "ok" and _worker_fresh(now) else "missing"
    except DatabaseError:
        state = {"database": "down", "migrations": "unknown", "worker": "unknown", **state}
    return {name: state[name] for name in ("database", "redis", "migrations", "worker")}


_migrations_done = False


def _migrated() -> bool:
    """Whether nothing is left to migrate. Once true it stays true for this process, whose code does not change."""
    global _migrations_done
    if not _migrations_done:
        executor = MigrationExecutor(connection)
        _migrations_done = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return _migrations_done


def _worker_fresh(now: datetime) -> bool:
    return WorkerSeen.objects.filter(seen_at__gte=now - WORKER_FRESH).exists()
