"""The payment company as the settings name it."""

import os
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.core.signals import setting_changed

from billing.cards import CardGateway
from billing.cards.toss import Toss


def gateway() -> CardGateway:
    """This process's connection to the payment company."""
    return _gateway(os.getpid())


@lru_cache(maxsize=1)
def _gateway(_pid: int) -> CardGateway:
    """One a process: a forked worker must not share the connections of its parent."""
    return Toss(settings.CARDS["base_url"], settings.CARDS["secret_key"])


def _forget(*, setting: str, **_: Any) -> None:
    if setting == "CARDS":
        _gateway.cache_clear()


setting_changed.connect(_forget)
