"""The funnel of signing up (rules.md §10): what was received in a span of KST days, and how far it has come since.

One statement counts, one names the refusals, one each finds what is late. Every number is a count of rows: a stage has
been reached when the application carries its moment, in whatever order the moments came.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any, Final

from django.db import connection
from django.db.models import F, Q, QuerySet

from eligibility.enums import (
    ApplicationState,
    ContentState,
    DocumentKind,
    DocumentState,
    RegistryState,
    Source,
)
from eligibility.models import Application, Document
from eligibility.queries import production
from shopmsg.accounts.enums import ShopStatus
from shopmsg.core.clock import day_start

#: The stages in order, with the moment that says an application has reached each.
STAGES: Final[Mapping[str, str]] = {
    "received": "received_at",
    "eligible": "eligible_at",
    "drafted": "drafted_at",
    "confirmed": "confirmed_at",
    "active": "active_at",
}
LABELS: Final[Mapping[str, str]] = {
    "received": "접수",
    "eligible": "가입 가능",
    "drafted": "시안 보냄",
    "confirmed": "확정",
    "active": "개통",
}
#: Longer than this is late [ours].
REGISTRY_LATE: Final = timedelta(hours=1)
ACTIVATION_LATE: Final = timedelta(hours=1)
CERTIFICATE_LATE: Final = timedelta(days=1)
#: Of what is late so many are named; the rest is counted.
NAMED: Final = 20

_HOURS: Final = (
    "percentile_cont(0.5) WITHIN GROUP (ORDER BY greatest(0, extract(epoch FROM {then} - {before})) / 3600.0)"
    " FILTER (WHERE {then} IS NOT NULL AND {before} IS NOT NULL)"
)
_COLUMNS: Final = tuple(STAGES.values())
_COUNT: Final = """
SELECT source, (received_at AT TIME ZONE 'Asia/Seoul')::date AS day, {counts}, {hours}
FROM eligibility_application
WHERE received_at >= %s AND received_at < %s
GROUP BY GROUPING SETS ((), (source), ((received_at AT TIME ZONE 'Asia/Seoul')::date))
""".format(
    counts=", ".join(f"count({column})" for column in _COLUMNS),
    hours=", ".join(_HOURS.format(then=then, before=before) for before, then in pairwise(_COLUMNS)),
)
_REFUSALS: Final = """
SELECT coalesce(reason ->> 'code', ''), max(reason ->> 'message'), count(*)
FROM eligibility_application, jsonb_array_elements(reasons) AS reason
WHERE state = 'refused' AND received_at >= %s AND received_at < %s
GROUP BY 1 ORDER BY 3 DESC, 1
"""


@dataclass(frozen=True, slots=True)
class Reached:
    """By stage: how many applications have reached it, and the median hours it took from the stage before (never less
    than 0, of those that have both moments; None where nobody has, and for the first stage)."""

    counts: Mapping[str, int]
    hours: Mapping[str, float | None]


NOBODY: Final = Reached(dict.fromkeys(STAGES, 0), dict.fromkeys(STAGES))


@dataclass(frozen=True, slots=True)
class Refusal:
    """One reason for which applications were refused. One application may have several."""

    code: str
    message: str
    count: int


@dataclass(frozen=True, slots=True)
class Funnel:
    """Received from `first` to `last`, both included. `by_source` has every source; `by_day` the days that had any,
    oldest first."""

    first: date
    last: date
    total: Reached
    by_source: Mapping[Source, Reached]
    by_day: Mapping[date, Reached]
    refusals: tuple[Refusal, ...]


@dataclass(frozen=True, slots=True)
class Late:
    """Applications that wait too long for one thing: all counted, those longest waiting named. `since` by id."""

    key: str
    label: str
    count: int
    rows: tuple[tuple[Application, datetime], ...]


def funnel(first: date, last: date) -> Funnel:
    """The funnel of what was received on these KST days. Two statements."""
    span = [day_start(first), day_start(last + timedelta(days=1))]
    by_source, by_day, total = dict.fromkeys(Source, NOBODY), {}, NOBODY
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, span)
        for source, day, *numbers in cursor.fetchall():
            reached = _reached(numbers)
            if source is not None:
                by_source[Source(source)] = reached
            elif day is not None:
                by_day[day] = reached
            else:
                total = reached
        cursor.execute(_REFUSALS, span)
        refusals = tuple(Refusal(*row) for row in cursor.fetchall())
    return Funnel(first, last, total, by_source, dict(sorted(by_day.items())), refusals)


def late(now: datetime) -> tuple[Late, ...]:
    """What waits too long at this moment, whenever it was received."""
    here = Application.objects.filter(ended_at__isnull=True, received_at__isnull=False).exclude(
        shop__status=ShopStatus.CLOSED
    )
    to_draft = production.queue().prefetch_related(None).filter(Q(due__lt=now))
    unanswered = here.filter(
        state=ApplicationState.RECEIVED,
        registry__in=[RegistryState.UNCHECKED, RegistryState.UNREACHABLE],
        received_at__lt=now - REGISTRY_LATE,
    )
    unfinished = here.filter(
        content=ContentState.CONFIRMED, active_at__isnull=True, confirmed_at__lt=now - ACTIVATION_LATE
    )
    return (
        _late("draft", "약속한 시안", to_draft, "due"),
        _late("registry", "국세청의 답", unanswered, "received_at"),
        _late("activation", "확정한 뒤 개통", unfinished, "confirmed_at"),
        _late_certificates(now),
    )


def _reached(numbers: list[Any]) -> Reached:
    hours = (None, *numbers[len(STAGES) :])
    return Reached(
        dict(zip(STAGES, numbers, strict=False)),
        dict(zip(STAGES, hours, strict=True)),
    )


def _late(key: str, label: str, rows: QuerySet[Application], since: str) -> Late:
    oldest = rows.annotate(since=F(since)).select_related("shop").order_by("since", "pk")
    named = tuple((row, row.since) for row in oldest[:NAMED])
    return Late(key, label, len(named) if len(named) < NAMED else rows.count(), named)


def _late_certificates(now: datetime) -> Late:
    waiting = Document.objects.filter(
        kind=DocumentKind.LINE,
        state=DocumentState.KEPT,
        uploaded_at__lt=now - CERTIFICATE_LATE,
        application__ended_at__isnull=True,
    )
    oldest = waiting.select_related("application").order_by("uploaded_at", "pk")
    named = tuple((row.application, row.uploaded_at) for row in oldest[:NAMED])
    return Late("certificate", "증명원 확인", len(named) if len(named) < NAMED else waiting.count(), named)
