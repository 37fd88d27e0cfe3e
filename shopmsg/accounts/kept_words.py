"""What somebody searches for stays in the session, the address carries a word for it.

Addresses end up in histories, screenshots and logs of proxies; people's names and numbers must not.
"""

import secrets
from typing import Final

from django.http import HttpRequest

#: Searches kept for each person: several tabs go on paging, and what is older is asked again.
_KEPT: Final = 5


def keep(request: HttpRequest, drawer: str, words: str) -> str:
    """Remember what was searched for; returns what the address carries for it. `drawer` names the kind of search."""
    known = dict(request.session.get(drawer, {}))
    key = next((key for key, value in known.items() if value == words), "")
    if key:
        return key
    key = secrets.token_urlsafe(6)
    request.session[drawer] = dict([*known.items(), (key, words)][-_KEPT:])
    return key


def kept(request: HttpRequest, drawer: str, key: str) -> str:
    """What is behind it; "" when this session knows none, whoever made up the address."""
    return str(request.session.get(drawer, {}).get(key, "")) if key else ""
