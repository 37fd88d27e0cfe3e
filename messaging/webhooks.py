"""Webhooks: authenticate over raw bytes, store, answer after the commit (design.md §3 habit 8).

4xx means not yours, 2xx means stored, 5xx means please come again.
"""

import logging
from collections.abc import Callable
from datetime import datetime
from functools import wraps

import msgspec
from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from messaging import call_items, gateway_account, intake, items, optout_intake, reports
from messaging.gateways.base import ReportRefused
from messaging.tasks import decide_calls, dispatch_messages, fold_reports
from messaging.wakeups import wake
from shopmsg.core.signatures import signing_source

log = logging.getLogger(__name__)

MAX_BYTES = 2 * 1024 * 1024
RETRY_AFTER_SECONDS = 5
_SIGNATURE = {
    "webhook-id": "HTTP_WEBHOOK_ID",
    "webhook-timestamp": "HTTP_WEBHOOK_TIMESTAMP",
    "webhook-signature": "HTTP_WEBHOOK_SIGNATURE",
}


def _answer(status: int, **body: object) -> HttpResponse:
    return HttpResponse(msgspec.json.encode(body), status=status, content_type="application/json")


def _error(status: int, code: str, message: str) -> HttpResponse:
    return _answer(status, error={"code": code, "message": message})


def _fits(request: HttpRequest) -> bool:
    """Whether the body may be read at all: nobody has shown who they are yet."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    return length.isascii() and length.isdigit() and int(length) <= MAX_BYTES


def _come_again() -> HttpResponse:
    response = _error(503, "unavailable", "지금은 저장할 수 없어요. 잠시 뒤에 다시 보내 주세요.")
    response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def _signed(view: Callable[[str, bytes, datetime], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """A POST endpoint for configured sources: size, signature, and a database that is away."""

    @csrf_exempt
    @require_POST
    @wraps(view)
    def endpoint(request: HttpRequest) -> HttpResponse:
        if not _fits(request):
            return _error(413, "too_large", "본문은 2MiB까지예요.")
        body = request.body
        now = timezone.now()
        headers = {name: request.META.get(key, "") for name, key in _SIGNATURE.items()}
        source = signing_source(settings.HOOK_SOURCES, headers, body, now)
        if source is None:
            return _error(401, "bad_signature", "서명이 없거나 맞지 않거나 오래되었어요.")
        try:
            return view(source, body, now)
        except items.TooManyItems as error:
            return _error(413, error.code, error.message)
        except items.UnreadableBody as error:
            return _error(422, error.code, error.message)
        except intake.Overloaded:
            return _come_again()
        except (OperationalError, InterfaceError) as error:
            log.error("webhook not stored", extra={"error": type(error).__name__})
            return _come_again()

    return endpoint


@_signed
def calls(source: str, body: bytes, now: datetime) -> HttpResponse:
    """POST /hooks/calls: 202 {"accepted", "duplicates", "rejected"} once the calls are committed."""
    parsed = call_items.parse_calls(body, now)
    accepted = intake.committer.store(source, parsed.calls, lambda: wake(decide_calls))
    return _answer(202, accepted=accepted, duplicates=len(parsed.calls) - accepted, rejected=parsed.rejected)


@_signed
def optouts(source: str, body: bytes, now: datetime) -> HttpResponse:
    """POST /hooks/optouts: opt-out calls on the 080 line, in force when answered."""
    taken = optout_intake.take(source, body, now)
    if taken.accepted:
        wake(dispatch_messages)
    return _answer(202, accepted=taken.accepted, duplicates=taken.duplicates, rejected=taken.rejected)


@csrf_exempt
@require_POST
def delivery_reports(request: HttpRequest, vendor: str) -> HttpResponse:
    """POST /hooks/<vendor>/reports: a gateway's delivery reports, in the vendor's own form."""
    if vendor != settings.GATEWAY["driver"]:
        return _error(404, "unknown_vendor", "이 주소로는 받지 않아요.")
    if not _fits(request):
        return _error(413, "too_large", "본문은 2MiB까지예요.")
    headers = {name.lower(): value for name, value in request.headers.items()}
    try:
        parsed = gateway_account.gateway().parse_reports(headers, request.body)
    except ReportRefused as error:
        return _error(401 if error.code == "forged" else 422, error.code, error.message)
    try:
        stored = reports.store(parsed, gateway_account.account_name(), timezone.now())
    except (OperationalError, InterfaceError) as error:
        log.error("reports not stored", extra={"error": type(error).__name__})
        return _come_again()
    if stored:
        wake(fold_reports)
    return _answer(200, stored=stored)
