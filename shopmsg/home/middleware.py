"""One log line a request: method, path, status, milliseconds. No query strings, no bodies, no addresses."""

import time
from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse

log = structlog.get_logger(__name__)


class RequestLogMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.monotonic()
        response = self.get_response(request)
        match = request.resolver_match
        log.info(
            "request",
            method=request.method,
            # The route, not the path: a path may hold a message's token.
            route=match.route if match else "",
            status=response.status_code,
            ms=round((time.monotonic() - started) * 1000),
        )
        return response
