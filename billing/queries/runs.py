"""청구 작업 as admins see them: the month that is next, how far a run is, and what differs from the month before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Abs

from billing.models import (
    Adjustment,
    AgreedFee,
    BillingRun,
    CatalogueRow,
    RunDifference,
    RunState,
    SubscriptionChange,
    Usage,
)
from billing.runs import SETTLES, left_alone
from shopmsg.accounts.models import Shop
from shopmsg.core.clock import add_months, day_start, kst_day, month_start

PAGE: Final = 20
OPEN: Final = (RunState.QUEUED, RunState.RUNNING)
#: `?way=` of the list of differences and what it is called.
WAYS: Final = (
    ("", "모두"),
    ("up", "늘어남"),
    ("down", "줄어듦"),
    ("new", "새로 청구"),
    ("gone", "청구 없음"),
)


@dataclass(frozen=True, slots=True)
class Next:
    """The billing month that is next: the one before this. `ready`: it is over and has settled. `dry` and `real` are its
    newest runs, `stale` whether something changed after the dry one, `undone` whether shops wait for their invoice."""

    month: date
    ready: bool
    dry: BillingRun | None
    real: BillingRun | None
    stale: bool
    undone: int


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is. `left_seconds` is None before there is a speed; `waits`: nobody works at it right now."""

    percent: int
    per_second: float
    left_seconds: int | None
    waits: bool


@dataclass(frozen=True, slots=True)
class Problem:
    """A shop that could not be invoiced, or not for everything."""

    name: str
    slug: str
    why: str


def next_month(now: datetime, undone: int) -> Next:
    """What an admin is to do next; `undone` from billing.runs.waiting."""
    month = add_months(month_start(kst_day(now)), -1)
    runs = BillingRun.objects.filter(month=month).order_by("-pk")
    dry, real = runs.filter(dry=True).first(), runs.filter(dry=False).first()
    ready = now >= day_start(add_months(month, 1)) + SETTLES
    return Next(month, ready, dry, real, dry is not None and is_stale(dry), undone)


def is_stale(run: BillingRun) -> bool:
    """Whether a contract, a price, what was used or a credit changed after the run had been through."""
    since = run.created_at
    return (
        SubscriptionChange.objects.filter(created_at__gt=since).exists()
        or CatalogueRow.objects.filter(Q(created_at__gt=since) | Q(withdrawn_at__gt=since)).exists()
        or Usage.objects.filter(reported_at__gt=since).exists()
        or AgreedFee.objects.filter(created_at__gt=since).exists()
        or Adjustment.objects.filter(decided_at__gt=since).exists()
    )


def progress(run: BillingRun, now: datetime) -> Progress:
    """How far an open run is."""
    percent = min(100, run.done * 100 // run.todo) if run.todo else 0
    worked = ((run.beat_at or now) - run.created_at).total_seconds()
    speed = run.done / worked if run.done and worked > 0 else 0.0
    left = round((run.todo - run.done) / speed) if speed else None
    return Progress(percent, speed, left, run.state in OPEN and run.pk in left_alone(now))


def differences(run: BillingRun, words: str, way: str) -> QuerySet[RunDifference]:
    """Shops whose bill is another than the month before's, the greatest change first."""
    found = RunDifference.objects.filter(run=run).select_related("shop")
    ways = {
        "up": Q(after_krw__gt=F("before_krw"), before_krw__gt=0),
        "down": Q(after_krw__lt=F("before_krw"), after_krw__gt=0),
        "new": Q(before_krw=0),
        "gone": Q(after_krw=0),
    }
    if way in ways:
        found = found.filter(ways[way])
    if words:
        found = found.filter(Q(shop__name__icontains=words) | Q(why__icontains=words))
    return found.annotate(step=Abs(F("after_krw") - F("before_krw"))).order_by("-step", "pk")


def problems(run: BillingRun) -> Sequence[Problem]:
    """The shops named in the run's problems; one query."""
    named = Shop.objects.in_bulk([each["shop"] for each in run.problems])
    return [
        Problem(named[each["shop"]].name, named[each["shop"]].slug, each["why"])
        for each in run.problems
        if each["shop"] in named
    ]


def past() -> QuerySet[BillingRun]:
    """Every run, the newest first."""
    return BillingRun.objects.select_related("started_by").order_by("-pk")


def time_words(seconds: int) -> str:
    """ "약 40초", "약 3분"."""
    left = timedelta(seconds=seconds)
    if left < timedelta(minutes=1):
        return f"약 {max(1, seconds)}초"
    return f"약 {round(seconds / 60)}분"
