"""The carrier as the settings name it."""

import os
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.core.signals import setting_changed

from eligibility.provisioning.base import Provisioner
from eligibility.provisioning.manual import Manual
from eligibility.provisioning.over_http import OverHttp


def provisioner() -> Provisioner:
    """This process's driver. One a process: a forked worker must not share its parent's connections."""
    return _provisioner(os.getpid())


@lru_cache(maxsize=1)
def _provisioner(_pid: int) -> Provisioner:
    chosen = settings.PROVISIONING
    if chosen["driver"] == "http":
        return OverHttp(chosen["base_url"], chosen["key"])
    return Manual()


def _forget(*, setting: str, **_: Any) -> None:
    if setting == "PROVISIONING":
        _provisioner.cache_clear()


setting_changed.connect(_forget)
