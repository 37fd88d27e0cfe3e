"""POST /hooks/toss/payments: the payment company's events. Unsigned, so they are stored and looked up, never believed."""

import json
import logging

from django.db import InterfaceError, OperationalError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from billing import card_hints
from billing.cards import WebhookMalformed
from billing.cards.connect import gateway
from billing.cards.toss_webhooks import LONGEST_BODY, TRANSMISSION_ID
from billing.tasks import look_up_charges

log = logging.getLogger(__name__)


@csrf_exempt
@require_POST
def cards(request: HttpRequest) -> HttpResponse:
    """200 once it is stored, for what concerns nobody too: anything else is sent again for days. 400 for what cannot be an
    event, 413 for a body too large, 503 while nothing can be stored."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not (length.isascii() and length.isdigit() and int(length) <= LONGEST_BODY):
        return _error(413, "too_large", "알림이 너무 큽니다.")
    body = request.body
    try:
        hint = gateway().read_webhook(body)
    except WebhookMalformed as malformed:
        return _error(400, malformed.code, malformed.message)
    try:
        asked = card_hints.store(hint, request.headers.get(TRANSMISSION_ID, ""), body, timezone.now())
    except (OperationalError, InterfaceError) as error:
        log.error("card hint not stored", extra={"error": type(error).__name__})
        return _error(503, "unavailable", "지금은 저장할 수 없습니다.")
    if asked:
        transaction.on_commit(_wake, robust=True)
    return _answer(200, {"stored": True})


def _wake() -> None:
    look_up_charges.apply_async(queue="upkeep", retry=False)


def _answer(status: int, body: object) -> HttpResponse:
    return HttpResponse(
        json.dumps(body, ensure_ascii=False), status=status, content_type="application/json; charset=utf-8"
    )


def _error(status: int, code: str, message: str) -> HttpResponse:
    return _answer(status, {"error": {"code": code, "message": message}})
