"""An afternoon of one shop, made over HTTP alone, so that every list of its pages is full."""

import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import requests

from tests.browser.portal import Portal, eventually
from tests.telephone import CALLS, call_end, signed_headers

#: Callers by what becomes of them; nobody has a number of 010-0xxx.
DELIVERED = tuple(f"0100100{n:04d}" for n in range(1001, 1034))
FAILING = {"01001002001": "3043", "01001002002": "3054", "01001002003": "3047"}
REJECTED = {"01001003001": "1060"}
OPTED_OUT = DELIVERED[:2]
UNCERTAIN = "01001004001"
LAND_LINE = "0212345678"


def fill(portal: Portal, shop: dict[str, Any]) -> list[str]:
    """Calls of every fate, two opt-outs; returns the links of the texts that arrived, in the order of DELIVERED."""
    for number, code in {**FAILING, **REJECTED}.items():
        sandbox(portal, "numbers", {"number": number, "code": code})
    ring(portal, shop, [*DELIVERED, *FAILING, *REJECTED])
    links = eventually(lambda: _links(portal, DELIVERED), 40)
    assert links, "the texts arrive"
    for link in links[: len(OPTED_OUT)]:
        requests.post(f"{link}/stop", timeout=10).raise_for_status()
    ring(portal, shop, [*OPTED_OUT, *DELIVERED[2:5], None, LAND_LINE])
    ring(portal, shop, DELIVERED[5:7], answered=False)
    ring(portal, shop, DELIVERED[7:9], seconds=4)
    sandbox(portal, "faults", {"on": "send", "kind": "reset_after_accept", "count": 1})
    ring(portal, shop, [UNCERTAIN])
    assert eventually(lambda: not sandbox(portal, "faults")["faults"], 20), "the fault struck"
    found: list[str] = links
    return found


def ring(portal: Portal, shop: dict[str, Any], callers: Iterable[str | None], **item: Any) -> None:
    """One signed request with a finished call of each caller."""
    now = datetime.now(UTC)
    calls = [
        call_end(shop["line"], caller, caller_carrier="KT", notice_played=True, ended_at=now, **item)
        for caller in callers
    ]
    for call in calls:
        call["call_id"] += f"-{now.timestamp()}"
    body = json.dumps({"calls": calls}).encode()
    headers = {"Content-Type": "application/json", **signed_headers(body, portal.demo["webhook_secret"])}
    answer = requests.post(f"{portal.url}{CALLS}", data=body, headers=headers, timeout=20)
    assert answer.status_code == 202, answer.text
    assert answer.json()["rejected"] == []


def sandbox(portal: Portal, what: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """The sandbox's control API: a POST when there is a body."""
    url = f"{portal.demo['sandbox']['url']}/sandbox/{what}"
    answer = requests.get(url, timeout=10) if body is None else requests.post(url, json=body, timeout=10)
    answer.raise_for_status()
    found: dict[str, Any] = answer.json()
    return found


def texts(portal: Portal, number: str) -> list[str]:
    """What a phone of the sandbox received."""
    return [message["text"] for message in sandbox(portal, f"phones/{number}")["messages"]]


def link_in(text: str) -> str:
    """The address of the caller's page in a text, "" without one."""
    found = re.search(r"https?://\S+/m/\w+", text)
    return found.group() if found else ""


def _links(portal: Portal, numbers: Iterable[str]) -> list[str]:
    """The link in each number's text; nothing while one is still missing."""
    found = [link_in("\n".join(texts(portal, number))) for number in numbers]
    return found if all(found) else []


class Visitor:
    """Somebody's browser without a browser: keeps cookies, sends forms with their CSRF token."""

    def __init__(self, portal: Portal) -> None:
        self._url = portal.url
        self._session = requests.Session()

    def send(self, page: str, *, to: str = "", **fields: str) -> str:
        """Opens `page`, POSTs its form there or `to`, and returns the path it ends at."""
        opened = self._session.get(f"{self._url}{page}", timeout=20)
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', opened.text)
        assert token is not None, f"a form on {page}"
        data = {"csrfmiddlewaretoken": token.group(1), **fields}
        answer = self._session.post(f"{self._url}{to or page}", data=data, timeout=20)
        assert answer.ok, (page, answer.status_code)
        return answer.url.removeprefix(self._url)

    def get(self, page: str) -> str:
        """The page's HTML."""
        answer = self._session.get(f"{self._url}{page}", timeout=20)
        answer.raise_for_status()
        return answer.text

    @property
    def cookies(self) -> list[dict[str, str]]:
        """For a real browser that goes on as this person."""
        return [
            {"name": str(cookie.name), "value": str(cookie.value), "url": self._url}
            for cookie in self._session.cookies
        ]
