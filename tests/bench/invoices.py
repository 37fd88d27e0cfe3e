"""Invoices of a month for many shops: a whole billing run, texts to the owners included, in one process."""

import time
from datetime import date, datetime, timedelta

import psutil
from django.db import connection

from billing import runs
from billing.models import Account, Invoice, Usage
from billing.runs import BATCH
from shopmsg.core.clock import day_start
from tests.bench.figures import Figure
from tests.factories.billing import many_subscribed

_BEFORE, _MONTH, _NEXT = date(2026, 9, 1), date(2026, 10, 1), date(2026, 11, 1)
#: Which commitments they have, by turns.
_TERMS = (0, 12, 24, 36)
_CHUNK = 5_000
_MEGABYTE = 1_048_576


def figures(count: int) -> list[Figure]:
    """Invoices a second of one run over that many shops, one in ten of which used something, and by how much the process
    grew between the first and the last batches."""
    _seed(count)
    now = day_start(_NEXT) + timedelta(hours=9)
    run = runs.begin(_MONTH, dry=False, by=None, address=None, now=now)
    process = psutil.Process()
    sizes: list[float] = []
    used = time.process_time()
    began = time.monotonic()
    more = True
    while more:
        more = runs.go_on(run.pk, 0.0, now)
        sizes.append(process.memory_info().rss / _MEGABYTE)
    seconds, used = time.monotonic() - began, time.process_time() - used
    made = Invoice.objects.count()
    if made != count:
        raise RuntimeError(f"{made} invoices of {count}")
    # The first tenth fills the caches.
    warm = sizes[len(sizes) // 10]
    return [
        Figure(f"(h) invoices of {count:,} shops", "/s", [made / seconds], 500),
        Figure("    memory grown meanwhile", "MB", [max(sizes[-1] - warm, 0.0)], 20, at_most=True),
        Figure(f"    a batch of {BATCH}", "ms", [seconds * 1000 / len(sizes)]),
        Figure("    app CPU a 1,000 invoices", "ms", [used * 1_000_000 / made]),
    ]


def _seed(count: int) -> None:
    for index in range(0, count, _CHUNK):
        size = min(_CHUNK, count - index)
        term = _TERMS[index // _CHUNK % len(_TERMS)]
        shops = many_subscribed(size, _BEFORE, term_months=term, owners=True)
        Usage.objects.bulk_create(
            [
                Usage(
                    shop=shop,
                    key=f"bench:{shop.pk}:{piece}",
                    kind="town_tv",
                    used_on=date(2026, 10, 1 + piece),
                    quantity=1,
                    reported_at=_moment(),
                )
                for shop in shops[::10]
                for piece in range(5)
            ]
        )
    # September was free, and is invoiced.
    Account.objects.update(billed_through=_BEFORE)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _moment() -> datetime:
    return day_start(_NEXT)
