"""The short way in for webhooks: thousands a second, and nothing about them needs a session, a user or a page."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from messaging import webhooks

_HOOKS: dict[str, Callable[[HttpRequest], HttpResponse]] = {
    "/hooks/calls": webhooks.calls,
    "/hooks/optouts": webhooks.optouts,
}


class HookMiddleware:
    """Answers `/hooks/calls` and `/hooks/optouts` before any middleware that is for people.

    Only what was refused is logged, by Django itself: a line for each of millions of calls would say nothing that
    their rows do not.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        hook = _HOOKS.get(request.path_info)
        if hook is None:
            return self.get_response(request)
        response = hook(request)
        response["Content-Length"] = str(len(response.content))
        return response
