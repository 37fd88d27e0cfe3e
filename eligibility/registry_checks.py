"""Asking the tax office about applications, and asking again (rules.md §1).

The call is made outside any transaction; what came of it is written by applications.registry_answered. A registry that is
down stops nobody: the application waits as 확인 필요 and is asked about again.
"""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from django.db.models import F, Q, QuerySet

from eligibility import applications
from eligibility.applications import ANSWER_GOOD_FOR
from eligibility.enums import ApplicationState, RegistryState
from eligibility.models import Application
from eligibility.registry import connect
from eligibility.registry.answers import RegistryAnswer, RegistryDown
from eligibility.registry.nts import MOST_NUMBERS, Registry

log = logging.getLogger(__name__)

#: After the first, second, … unanswered try; from the last on always that long.
PAUSES: Final = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 4, 8, 10))
#: What one run takes on; the rest is due still at the next.
MOST_A_RUN: Final = 10 * MOST_NUMBERS
_BEFORE_ACTIVATION: Final = (ApplicationState.RECEIVED, ApplicationState.ELIGIBLE)
_NOT_CHECKED: Final = RegistryAnswer(RegistryState.UNREACHABLE)


def check_now(application: Application, now: datetime) -> Application:
    """Ask while somebody waits: at most `connect.DESK_DEADLINE` seconds. Returns the application as it is afterwards; a
    registry that does not answer is the state UNREACHABLE (확인 필요), not an error. Call it outside transactions."""
    number = application.business_number
    if not number:
        return application
    answer = _ask(connect.at_desk(), [number]).get(number, _NOT_CHECKED)
    written = applications.registry_answered(application.pk, number, answer.state, now)
    return written or Application.objects.get(pk=application.pk)


def recheck(now: datetime) -> int:
    """Ask about every application that is due: never asked, not answered, or answered longer ago than a day and not yet
    activated. A call for each hundred numbers; the first that brings nothing ends the run. Returns the applications
    that got an answer. Call it outside transactions."""
    due = list(due_for_check(now).values_list("pk", "business_number")[:MOST_A_RUN])
    numbers = list(dict.fromkeys(number for _, number in due))
    answered = 0
    for start in range(0, len(numbers), MOST_NUMBERS):
        asked = numbers[start : start + MOST_NUMBERS]
        answers = _ask(connect.in_batches(), asked)
        for pk, number in due:
            if number in asked:
                answered += _write(pk, number, answers.get(number, _NOT_CHECKED), now)
        if not answers:
            break
    return answered


def due_for_check(now: datetime) -> QuerySet[Application]:
    """The applications to ask about, those that have waited longest first."""
    again = Q(registry_tries__gte=len(PAUSES), registry_checked_at__lte=now - PAUSES[-1])
    for tries, pause in enumerate(PAUSES[:-1], 1):
        again |= Q(registry_tries=tries, registry_checked_at__lte=now - pause)
    old = Q(state__in=_BEFORE_ACTIVATION, registry_tries=0, registry_checked_at__lte=now - ANSWER_GOOD_FOR)
    open_ones = Application.objects.filter(state__in=applications.OPEN_STATES).exclude(business_number="")
    return open_ones.filter(Q(registry_checked_at__isnull=True) | again | old).order_by(
        F("registry_checked_at").asc(nulls_first=True), "pk"
    )


def _ask(registry: Registry, numbers: Sequence[str]) -> Mapping[str, RegistryAnswer]:
    try:
        return registry.status(numbers)
    except RegistryDown:  # the driver has logged it
        return {}


def _write(pk: int, number: str, answer: RegistryAnswer, now: datetime) -> bool:
    """Whether the application got an answer. One that cannot be written must not keep the others from theirs."""
    try:
        written = applications.registry_answered(pk, number, answer.state, now)
    except Exception as error:  # noqa: BLE001
        # The type alone: a database's words may hold a phone number.
        log.error("registry answer not written", extra={"application": pk, "error": type(error).__name__})
        return False
    return written is not None and answer.state != RegistryState.UNREACHABLE
