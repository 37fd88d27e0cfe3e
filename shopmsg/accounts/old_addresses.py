"""Pages of a shop whose address was changed: bookmarks and open tabs go on where they were."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from shopmsg.accounts.models import Shop, User
from shopmsg.accounts.shops import now_at


class OldAddressMiddleware:
    """Turns the 404 of /shops/<old>/… into a redirect, for who may see that shop; to everybody else it stays 404.

    What is not GET is repeated with its body (307), so that nothing typed under the old address is lost.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        match, user = request.resolver_match, getattr(request, "user", None)
        if response.status_code != 404 or match is None or not isinstance(user, User):
            return response
        if not match.route.startswith("shops/<slug:slug>/"):
            return response
        shop = now_at(match.kwargs["slug"])
        if shop is None or not Shop.objects.visible_to(user).filter(pk=shop.pk).exists():
            return response
        path = reverse(match.view_name, args=match.args, kwargs={**match.kwargs, "slug": shop.slug})
        query = request.META.get("QUERY_STRING", "")
        redirect = HttpResponseRedirect(f"{path}?{query}" if query else path)
        redirect.status_code = 302 if request.method in ("GET", "HEAD") else 307
        return redirect
