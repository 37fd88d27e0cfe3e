"""Telling a deadlock from the other ways a database call fails: it is worth trying again at once."""

from django.db import OperationalError

_DEADLOCK_DETECTED = "40P01"


def is_deadlock(error: OperationalError) -> bool:
    """Whether PostgreSQL ended this transaction so that another could go on."""
    return getattr(error.__cause__, "pgcode", None) == _DEADLOCK_DETECTED
