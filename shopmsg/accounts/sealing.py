"""The keyring of this installation, built once from the settings."""

from functools import lru_cache

from django.conf import settings
from django.core.signals import setting_changed

from shopmsg.core.crypto import Keyring, parse_keys


@lru_cache(maxsize=1)
def keyring() -> Keyring:
    """Seals, opens and indexes phone numbers with the keys of the environment."""
    return Keyring(parse_keys(settings.SEAL_KEYS), parse_keys(settings.INDEX_KEYS))


def _forget_on_change(*, setting: str, **_: object) -> None:
    if setting in {"SEAL_KEYS", "INDEX_KEYS"}:
        keyring.cache_clear()


setting_changed.connect(_forget_on_change)
