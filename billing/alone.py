"""One at a time across all workers: what calls the payment company must not take every worker's place when that is slow."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def alone(key: int) -> Iterator[bool]:
    """Whether nobody else is inside under this key. Not inside a transaction; a worker that dies gives its place back with
    its connection."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [key])
        entered: bool = cursor.fetchone()[0]
    try:
        yield entered
    finally:
        if entered:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [key])
