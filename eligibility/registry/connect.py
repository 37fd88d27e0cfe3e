"""The registry as the settings name it."""

import os
from functools import lru_cache
from typing import Any, Final

from django.conf import settings
from django.core.signals import setting_changed

from eligibility.registry.nts import Registry

#: Seconds: at the desk the state shows within two; a task has time.
DESK_DEADLINE: Final = 1.8
BATCH_DEADLINE: Final = 10.0


def at_desk() -> Registry:
    """For a question somebody waits for."""
    return _registry(os.getpid(), DESK_DEADLINE)


def in_batches() -> Registry:
    """For the task that checks again."""
    return _registry(os.getpid(), BATCH_DEADLINE)


@lru_cache(maxsize=2)
def _registry(_pid: int, deadline: float) -> Registry:
    """One a process: a forked worker must not share its parent's connections."""
    return Registry(settings.NTS["base_url"], settings.NTS["key"], deadline)


def _forget(*, setting: str, **_: Any) -> None:
    if setting == "NTS":
        _registry.cache_clear()


setting_changed.connect(_forget)
