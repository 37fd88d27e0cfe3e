"""Tasks of signing up: each looks at what PostgreSQL says is due. A lost one is found again by the next tick of beat."""

import logging

from celery import shared_task
from django.utils import timezone

from eligibility import activation, closing, documents, forgetting, notice_orders, registry_checks
from messaging.wakeups import wake, woken

log = logging.getLogger(__name__)


@shared_task(name="eligibility.recheck_registry")
def recheck_registry() -> None:
    """Ask the tax office about the applications that are due."""
    answered = registry_checks.recheck(timezone.now())
    if answered:
        log.info("registry rechecked", extra={"answered": answered})
        wake(activate_ready)


@shared_task(name="eligibility.follow_notices")
def follow_notices() -> None:
    """Order and follow ringback notices at the carrier."""
    woken(follow_notices.name)
    changed = notice_orders.follow(timezone.now())
    if changed:
        log.info("ringback notices changed", extra={"lines": changed})
        wake(activate_ready)


@shared_task(name="eligibility.activate_ready")
def activate_ready() -> None:
    """Begin the activations that may begin, and go on with those that wait."""
    woken(activate_ready.name)
    if activation.activate_ready(timezone.now()):
        wake(follow_notices)


@shared_task(name="eligibility.daily")
def daily() -> None:
    """Delete the documents whose term is over and forget who applied in vain (rules.md §5), end the ringback notices of
    shops that left."""
    gone = documents.delete_due(timezone.now())
    if gone:
        log.info("documents past their term deleted", extra={"documents": gone})
    forgetting.forget(timezone.now())
    ended = closing.end_notices(timezone.now())
    if ended:
        log.info("ringback notices of closed shops ended", extra={"lines": ended})
