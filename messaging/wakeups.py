"""Wake-ups: telling a worker that PostgreSQL holds work. Losing one costs a second, never work.

A burst of webhooks asks once: a key in Redis says a wake-up is on its way, and the task removes it before it looks.
When Redis is away, nobody waits for it: the call is stored already and the periodic task finds it.
"""

import logging
import threading
import time
from functools import lru_cache
from typing import TYPE_CHECKING

import redis
from django.conf import settings

if TYPE_CHECKING:
    from celery import Task

log = logging.getLogger(__name__)

_KEY = "wake:%s"
_KEY_MS = 1_000
_AWAY_SECONDS = 5.0
_away_until = 0.0
_lock = threading.Lock()


@lru_cache(maxsize=1)
def _redis() -> redis.Redis:
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=0.5, socket_connect_timeout=0.5, health_check_interval=30
    )


def wake(task: "Task[[], None]") -> None:
    """Send the task unless one is on its way already. Never raises."""
    global _away_until
    if time.monotonic() < _away_until:
        return
    try:
        if _redis().set(_KEY % task.name, b"1", nx=True, px=_KEY_MS):
            task.apply_async(expires=60, retry=False)
    except Exception as error:  # noqa: BLE001
        # Whatever the broker raises, the work is safe in PostgreSQL and the periodic task will find it.
        with _lock:
            _away_until = time.monotonic() + _AWAY_SECONDS
        log.warning("wake-up lost", extra={"task": task.name, "error": type(error).__name__})


def woken(task_name: str) -> None:
    """Called by the task before it looks for work, so that work arriving from now on wakes it again."""
    try:
        _redis().delete(_KEY % task_name)
    except redis.RedisError:
        log.debug("wake-up key left to expire", extra={"task": task_name})
