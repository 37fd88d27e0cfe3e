"""The producers' queue: what is to be made or comes back, by promise and age."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import (
    Case,
    Count,
    DateTimeField,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Greatest

from eligibility.applications import CONTENT_PROMISE
from eligibility.enums import ApplicationState, ContentState, ReviewAnswer, TryKind
from eligibility.models import Application, ContactTry, DraftReview
from eligibility.production import MAKING
from shopmsg.accounts.enums import ShopStatus
from shopmsg.accounts.models import Delegation

_RUNNING: Final = Q(state__in=[ApplicationState.ACTIVATING, ApplicationState.ACTIVE])
#: The page of one application leads to its neighbours among so many.
_MOST_NEIGHBOURS: Final = 1_000


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the queue. `which`: the applications in it; those of all parts but the first are apart."""

    key: str
    label: str
    which: Q
    empty: str
    explained: str


PARTS: Final = (
    Part("all", "모두", Q(), "할 일 없음", "접수한 신청의 시안이 확정될 때까지 여기에 표시."),
    Part("make", "만들 것", Q(content=ContentState.WAITING) & ~_RUNNING, "만들 시안 없음", "접수하고 시안을 아직 보내지 않은 신청이 여기에 표시."),
    Part("changes", "수정 요청", Q(content=ContentState.CHANGES), "수정 요청 없음", "사장님이 고칠 곳을 표시한 신청이 여기에 표시."),
    Part("asked", "답 기다림", Q(content=ContentState.SENT) & ~_RUNNING, "답을 기다리는 시안 없음", "시안을 보내고 사장님의 답을 기다리는 신청이 여기에 표시."),
    Part("active", "확인 대기", Q(content__in=[ContentState.WAITING, ContentState.SENT]) & _RUNNING, "확인 대기 없음", "먼저 개통하고 확정은 아직인 신청이 여기에 표시."),
)  # fmt: skip


def waiting() -> QuerySet[Application]:
    """Everything whose promo is not confirmed. A shop that has closed needs none any more."""
    # The first three conditions are the partial index's own, so that PostgreSQL may use it.
    return Application.objects.filter(
        ~Q(content=ContentState.CONFIRMED), received_at__isnull=False, ended_at__isnull=True, state__in=MAKING
    ).exclude(shop__status=ShopStatus.CLOSED)


def queue(part: Part = PARTS[0]) -> QuerySet[Application]:
    """The queue's part in order: what is promised, the most urgent first (what is late before all); then what waits for an
    answer, longest untried first. Each with `due` (or None) and `tried_at` (or None).

    A first draft is promised by `content_due_at`, a changed one within a day of the request [ours].
    """
    return in_order(waiting().filter(part.which))


def in_order(found: QuerySet[Application]) -> QuerySet[Application]:
    """These applications as `queue` orders them, with `due` and `tried_at`."""
    asked = DraftReview.objects.filter(application=OuterRef("pk"), answer=ReviewAnswer.CHANGES)
    tries = ContactTry.objects.filter(application=OuterRef("pk"))
    told = tries.filter(kind=TryKind.CALL, answered=True)
    asked_at = Greatest(_newest(asked, "answered_at"), _newest(told, "at"))
    moment: DateTimeField[datetime, datetime] = DateTimeField()
    due = Case(
        When(content=ContentState.CHANGES, then=ExpressionWrapper(asked_at + Value(CONTENT_PROMISE), moment)),
        When(content=ContentState.WAITING, drafted_at__isnull=True, then=F("content_due_at")),
        default=None,
        output_field=moment,
    )
    return (
        found.annotate(due=due, tried_at=_newest(tries, "at"))
        .select_related("shop", "dealership")
        .prefetch_related("tries", "reviews")
        .order_by(F("due").asc(nulls_last=True), F("tried_at").asc(nulls_first=True), "pk")
    )


def counts() -> Mapping[str, int]:
    """How many each part holds."""
    return waiting().aggregate(**{part.key: Count("pk", filter=part.which) for part in PARTS})


def neighbours(pk: int) -> tuple[int | None, int | None]:
    """(the application before this one in the queue, the one after it); for one that is not in it, (None, the first)."""
    keys = list(queue().prefetch_related(None).values_list("pk", flat=True)[:_MOST_NEIGHBOURS])
    if pk not in keys:
        return None, keys[0] if keys else None
    at = keys.index(pk)
    return keys[at - 1] if at else None, keys[at + 1] if at + 1 < len(keys) else None


def working(rows: Iterable[Application], now: datetime) -> Mapping[int, Delegation]:
    """Who of us writes in these applications' drafts at this moment, by shop; the newest of several."""
    running = Delegation.objects.filter(
        shop__in=[row.shop_id for row in rows], ended_at__isnull=True, ends_at__gt=now
    )
    return {each.shop_id: each for each in running.select_related("staff").order_by("began_at", "pk")}


def _newest(rows: QuerySet[DraftReview] | QuerySet[ContactTry], moment: str) -> Subquery:
    return Subquery(rows.order_by(f"-{moment}").values(moment)[:1])
