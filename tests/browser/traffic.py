"""An afternoon of one shop over HTTP alone, so that every list of its pages is full: calls of every fate, opt-outs."""

import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import requests

from tests.browser.conftest import Portal, eventually
from tests.telephone import CALLS, call_end, signed_headers

#: Callers by what becomes of them. Numbers of 010-0xxx nobody has.
DELIVERED = tuple(f"0100100{n:04d}" for n in range(1001, 1034))
FAILING = {"01001002001": "3103", "01001002002": "3104", "01001002003": "3107"}
REJECTED = {"01001003001": "1026"}
OPTED_OUT = ("01001001001", "01001001002")
UNCERTAIN = "01001004001"
WITHHELD = None


def fill(portal: Portal, shop: dict[str, Any]) -> list[str]:
    """Makes the calls and waits for their ends; returns the links of the texts that arrived, oldest first."""
    for number, code in {**FAILING, **REJECTED}.items():
        sandbox(portal, "numbers", {"number": number, "code": code})
    ring(portal, shop, [*DELIVERED, *FAILING, *REJECTED])
    links = eventually(lambda: _links(portal, DELIVERED), 40)
    assert links, "the texts arrive"
    for link in links[: len(OPTED_OUT)]:
        requests.post(f"{link}/stop", timeout=10).raise_for_status()
    # Once more: who had one already, who opted out, who hid the number, a land line, nobody answered, too short.
    ring(portal, shop, [*OPTED_OUT, *DELIVERED[2:5], WITHHELD, "0212345678"])
    ring(portal, shop, DELIVERED[5:7], answered=False)
    ring(portal, shop, DELIVERED[7:9], seconds=4)
    sandbox(portal, "faults", {"on": "send", "kind": "reset_after_accept", "count": 1})
    ring(portal, shop, [UNCERTAIN])
    assert eventually(lambda: not sandbox(portal, "faults")["faults"], 20), "the fault struck"
    return links


def ring(portal: Portal, shop: dict[str, Any], callers: Iterable[str | None], **item: Any) -> None:
    """One signed request with a finished call of each caller."""
    now = datetime.now(UTC)
    calls = [call_end(shop["line"], caller, caller_carrier="KT", notice_played=True, ended_at=now, **item) for caller in callers]
    for call in calls:
        call["call_id"] = f"{call['call_id']}-{now.timestamp()}"
    body = json.dumps({"calls": calls}).encode()
    headers = {"Content-Type": "application/json", **signed_headers(body, portal.demo["webhook_secret"])}
    answer = requests.post(f"{portal.url}{CALLS}", data=body, headers=headers, timeout=20)
    assert answer.status_code == 202, answer.text
    assert answer.json()["rejected"] == []


def sandbox(portal: Portal, what: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """The sandbox's control API."""
    url = f"{portal.demo['sandbox']['url']}/sandbox/{what}"
    answer = requests.get(url, timeout=10) if body is None else requests.post(url, json=body, timeout=10)
    answer.raise_for_status()
    found: dict[str, Any] = answer.json()
    return found


def texts(portal: Portal, number: str) -> list[str]:
    """What a phone of the sandbox received, oldest first."""
    return [message["text"] for message in sandbox(portal, f"phones/{number}")["messages"]]


def _links(portal: Portal, numbers: Iterable[str]) -> list[str]:
    """The link in each number's text; nothing while one is still missing."""
    found = []
    for number in numbers:
        link = re.search(r"https?://\S+/m/\w+", "\n".join(texts(portal, number)))
        if link is None:
            return []
        found.append(link.group())
    return found
