"""Activation (개통): one verb, nine steps, each a transaction of its own.

Whoever is killed leaves every step either done or not begun, and the next run goes on from there. A step that waits for
somebody outside is tried again by itself; one that failed waits for a person (`repeat`). With the last step the
application is active. Lock order: the application, then its shop, the audit log last.
"""

import logging
from datetime import datetime, timedelta
from typing import Final

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from eligibility import applications, document_terms, production, reviews, trail
from eligibility.activation_steps import STEPS, Outcome, Turn, failed, waits
from eligibility.enums import ApplicationState, ContentState, StepName, StepState
from eligibility.errors import ApplicationRefused
from eligibility.models import ActivationStep, Application
from shopmsg.accounts.enums import NoticeState
from shopmsg.accounts.models import Line, User
from shopmsg.core.errors import ShopmsgError

log = logging.getLogger(__name__)

#: 먼저 개통: so often the owner must have been tried in vain (rules.md §2).
TRIES_BEFORE_FIRST: Final = 3
#: A step that waits is tried again after this long even if nothing seems to have changed.
LOOK_AGAIN: Final = timedelta(minutes=2)
_MOST_A_RUN: Final = 200
_MOST_TRIES: Final = 30_000
_WELCOME_WAITS: Final = "다른 단계가 모두 끝나면 보냅니다."
_BROKEN: Final = "처리하지 못했습니다. 다시 해 보고, 또 실패하면 관리자에게 알려 주세요."


def activate(application_id: int, *, by: User | None, address: str | None, now: datetime) -> Application:
    """Begin the activation and run its steps. Again for one that has begun: what waits is tried.

    Raises ApplicationRefused("not_ready") for an application that is not eligible, or not confirmed by its owner.
    """
    with transaction.atomic():
        application = applications.locked(application_id)
        if application.state not in _BEGUN and application.content != ContentState.CONFIRMED:
            raise ApplicationRefused("not_ready", "사장님이 아직 시안을 확정하지 않았습니다.")
        if application.state not in _BEGUN and reviews.contract_changed(application, now):
            raise ApplicationRefused(
                "not_ready",
                "사장님이 확정한 뒤 계약 내용이 바뀌었습니다. 시안을 다시 보내 확정을 받아 주세요.",
            )
        _begin(application, by=by, address=address, unconfirmed=False)
    return run(application_id, now, by=by, address=address)


def activate_first(
    application_id: int, *, by: User | None, address: str | None, now: datetime
) -> Application:
    """먼저 개통: the owner cannot be reached, so the month's greeting goes out and the promo stays 확인 대기 (rules.md §2).

    Raises ApplicationRefused("not_ready") before the third try in vain, or for one that is not eligible.
    """
    with transaction.atomic():
        application = applications.locked(application_id)
        if application.state not in _BEGUN:
            if application.content == ContentState.CONFIRMED:
                raise ApplicationRefused("not_ready", "사장님이 확정했습니다. ‘개통하기’를 눌러 주세요.")
            missing = tries_missing(application)
            if missing:
                raise ApplicationRefused(
                    "not_ready", f"사장님께 {missing}번 더 연락해 보고 답이 없을 때 먼저 개통할 수 있습니다."
                )
        _begin(application, by=by, address=address, unconfirmed=True)
    return run(application_id, now, by=by, address=address)


def tries_missing(application: Application) -> int:
    """How many tries in vain are still to be made before 먼저 개통, 0 when there were enough."""
    return max(0, TRIES_BEFORE_FIRST - len(production.unanswered(application)))


def run(
    application_id: int, now: datetime, *, by: User | None = None, address: str | None = None
) -> Application:
    """Try every step that waits, in order. Returns the application as it is afterwards."""
    waiting = ActivationStep.objects.filter(application_id=application_id, state=StepState.WAITING)
    names = set(waiting.values_list("name", flat=True))
    for name in StepName:
        if name in names:
            _try(application_id, name, by=by, address=address, now=now)
    return Application.objects.select_related("shop").get(pk=application_id)


def repeat(
    application_id: int, step: StepName, *, by: User | None, address: str | None, now: datetime
) -> Application:
    """다시 하기: try this step, also one that failed; then whatever waited for it. One that is done stays done."""
    _try(application_id, step, by=by, address=address, now=now, again=True)
    return run(application_id, now, by=by, address=address)


def when_ready(application_id: int, now: datetime) -> bool:
    """Activate an application that is confirmed and eligible; go on with one that has begun. Whether it began by this."""
    found = Application.objects.only("state", "content").get(pk=application_id)
    if found.state == ApplicationState.ACTIVATING:
        run(application_id, now)
        return False
    if (found.state, found.content) != (ApplicationState.ELIGIBLE, ContentState.CONFIRMED):
        return False
    try:
        activate(application_id, by=None, address=None, now=now)
    except ApplicationRefused:
        return False  # changed between the look and the lock
    return True


def steps_of(application: Application) -> list[ActivationStep]:
    """The steps in their order; none before the activation has begun."""
    order = {name.value: place for place, name in enumerate(StepName)}
    return sorted(application.steps.all(), key=lambda step: order[step.name])


def ready(now: datetime) -> QuerySet[Application]:
    """What may begin, and what has begun and may go on: a step never tried, one whose outside has moved, or one
    nobody has looked at for a while."""
    lines = Line.objects.filter(shop_id=OuterRef("application__shop_id"))
    played = lines.filter(notice_state__in=[NoticeState.ACTIVE, NoticeState.FAILED])
    accepted = lines.filter(sender_accepted_at__isnull=False)
    waiting = ActivationStep.objects.filter(application_id=OuterRef("pk"), state=StepState.WAITING).filter(
        Q(tried_at__isnull=True)
        | Q(tried_at__lte=now - LOOK_AGAIN)
        | Q(Exists(played), name=StepName.NOTICE)
        | Q(Exists(accepted), name=StepName.SENDER)
    )
    begins = Q(state=ApplicationState.ELIGIBLE, content=ContentState.CONFIRMED)
    goes_on = Q(state=ApplicationState.ACTIVATING)
    # The first condition is the partial index's own, word for word, so that PostgreSQL may use it.
    return Application.objects.filter(goes_on | begins).filter(begins | Exists(waiting)).order_by("pk")


def activate_ready(now: datetime) -> int:
    """Begin and go on with all that is ready; returns how many were dealt with. Call it outside transactions."""
    dealt = 0
    for pk in list(ready(now).values_list("pk", flat=True)[:_MOST_A_RUN]):
        try:
            when_ready(pk, now)
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:  # noqa: BLE001
            # One that cannot be dealt with must not keep the others waiting. The type alone: a database's words
            # may hold a phone number.
            log.error("activation not run", extra={"application": pk, "error": type(error).__name__})
        dealt += 1
    return dealt


_BEGUN: Final = frozenset({ApplicationState.ACTIVATING, ApplicationState.ACTIVE})


def _begin(application: Application, *, by: User | None, address: str | None, unconfirmed: bool) -> None:
    """Under the application's lock. Nothing for one that has begun."""
    if application.state in _BEGUN:
        return
    applications.begin_activation(application)
    # Those of an activation that was called off count no more.
    application.steps.all().delete()
    ActivationStep.objects.bulk_create(
        ActivationStep(application=application, name=name) for name in StepName
    )
    trail.record(application, "application.activating", by=by, address=address, unconfirmed=unconfirmed)


def _try(
    application_id: int,
    name: StepName,
    *,
    by: User | None,
    address: str | None,
    now: datetime,
    again: bool = False,
) -> None:
    with transaction.atomic():
        application = applications.locked(application_id)
        steps = {step.name: step for step in application.steps.all()}
        step = steps.get(name)
        if application.state != ApplicationState.ACTIVATING or application.shop is None or step is None:
            return
        if step.state == StepState.DONE or (step.state == StepState.FAILED and not again):
            return
        others = [other for other in steps.values() if other.pk != step.pk]
        if name == StepName.WELCOME and any(other.state != StepState.DONE for other in others):
            outcome = waits(_WELCOME_WAITS)
        else:
            outcome = _outcome(Turn(application, application.shop, step, by, address, now))
            step.tries = min(step.tries + 1, _MOST_TRIES)
        step.state, step.problem, step.tried_at = outcome.state, outcome.problem, now
        step.done_at = now if outcome.state == StepState.DONE else None
        step.save(update_fields=["state", "problem", "tries", "tried_at", "done_at"])
        if all(each.state == StepState.DONE for each in steps.values()):
            applications.finish_activation(application, now)
            document_terms.set_terms(application, now)
            trail.record(application, "application.activated", by=by, address=address)


def _outcome(turn: Turn) -> Outcome:
    try:
        with transaction.atomic():
            return STEPS[StepName(turn.step.name)](turn)
    except ShopmsgError as refused:
        return failed(refused.message)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:  # noqa: BLE001
        # The type alone: a database's words may hold a phone number.
        extra = {
            "application": turn.application.pk,
            "step": turn.step.name,
            "error": type(error).__name__,
        }
        log.error("activation step broke", extra=extra)
        return failed(_BROKEN)
