"""Rights over every address of a shop, walked from the URL table: nobody has to remember a new one."""

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from shopmsg.accounts.models import Shop
from tests.messaging.owner_page import Stage, stage

pytestmark = pytest.mark.django_db

_OF_A_SHOP = "shops/<slug:slug>/"
#: What a member who may only look can all the same do with a POST, and why.
VIEWERS_MAY: dict[str, str] = {
    "messaging:calls": "a search, which changes nothing",
    "messaging:calls_export": "a list with masked numbers; test_exports.py holds the numbers back",
    "messaging:coupon_redeem": "whoever stands at the counter takes the coupon",
}
_SAMPLES = {
    "<int:": "1",
    "<str:": "x",
    "<slug:": "x",
    "<uuid:": "00000000-0000-4000-8000-000000000000",
    "<path:": "x",
}


def _addresses(resolver: URLResolver, prefix: str = "", names: str = "") -> Iterator[tuple[str, str]]:
    """(name, route) of every address below a shop."""
    for pattern in resolver.url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _addresses(pattern, route, f"{pattern.namespace}:" if pattern.namespace else names)
        elif isinstance(pattern, URLPattern) and route.startswith(_OF_A_SHOP):
            yield f"{names}{pattern.name}", route


def _path(route: str, at: Stage) -> str:
    return path_at(route, at.shop)


def path_at(route: str, shop: Shop) -> str:
    """The route's path in this shop, rows numbered 1."""
    path = route.replace("<slug:slug>", shop.slug, 1)
    while "<" in path:
        start, end = path.index("<"), path.index(">")
        sample = next(value for kind, value in _SAMPLES.items() if path[start:].startswith(kind))
        path = path[:start] + sample + path[end + 1 :]
    return "/" + path


ADDRESSES = sorted(_addresses(get_resolver()))


@pytest.mark.parametrize(("name", "route"), ADDRESSES)
def test_a_stranger_learns_nothing_and_nobody_is_sent_to_the_login(name: str, route: str) -> None:
    at = stage()
    path = _path(route, at)
    of_stranger = {at.stranger.get(path).status_code, at.stranger.post(path).status_code}
    assert 404 in of_stranger
    assert of_stranger <= {404, 405}
    nobody = [Client().get(path), Client().post(path)]
    assert {answer.status_code for answer in nobody} <= {302, 405}
    assert any(answer.status_code == 302 and answer["Location"].startswith("/login/") for answer in nobody)


@pytest.mark.parametrize(
    ("name", "route"), [(name, route) for name, route in ADDRESSES if name not in VIEWERS_MAY]
)
def test_who_may_only_look_is_told_so_wherever_something_would_change(name: str, route: str) -> None:
    at = stage()
    answer = at.colleague.post(_path(route, at))
    assert answer.status_code in (403, 405)
    if answer.status_code == 403:
        page = answer.content.decode()
        assert "사장님" in page
        assert f'href="/shops/{at.shop.slug}/"' in page


def test_a_part_of_a_page_and_a_script_are_told_in_their_own_form() -> None:
    at = stage()
    part = at.colleague.post(at.url("blocks/"), headers={"HX-Request": "true"})
    assert part.status_code == 403
    assert "<html" not in part.content.decode()
    assert "보기만 할 수 있어요" in part.content.decode()
    script = at.colleague.post(at.url("blocks/"), headers={"Accept": "application/json"})
    assert script.status_code == 403
    assert script.json()["error"]["code"] == "may_only_look"
